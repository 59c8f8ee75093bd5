"""JPEG: the markers from the start of the image through every scan to its end."""

import re

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

SOI, EOI, SOS, DNL = 0xD8, 0xD9, 0xDA, 0xDC
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
RESTARTS = range(0xD0, 0xD8)
# What may stand between scans; coded data holds FF only before 00 or a restart marker.
SEGMENTS = FRAMES | {0xC4, 0xCC, SOS, 0xDB, DNL, 0xDD, 0xFE, *range(0xE0, 0xF0)}
CHUNK = 1 << 18
MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)


def check(source: Source) -> Verified:
    """Walk the image to its end marker. What follows is checked if the image has an index of it.

    MPO and Ultra HDR files list the pictures behind the first one; other trailing bytes are let be.
    """
    source.name = "JPEG image"
    position, width, height, index = 2, 0, 0, None
    scanned = False
    for _ in range(MAX_PIECES):
        code, position = _marker(source, position)
        if code == EOI:
            break
        if code not in SEGMENTS:
            source.damaged()
        length = source.number(position, 2)
        if length < 2:
            source.damaged()
        if code in FRAMES:
            height, width = source.number(position + 3, 2), source.number(position + 5, 2)
        elif code == DNL:
            height = source.number(position + 2, 2)
        elif code == 0xE2 and length > 6 and source.at(position + 2, 4) == b"MPF\0":
            index = (position + 6, length - 6)
        position += length
        if code == SOS:
            scanned = True
            position = _skip_scan(source, position)
    else:
        source.damaged()
    if not scanned or not width:
        source.damaged()
    if index is not None:
        _check_index(source, *index, first_size=position)
    return Verified(
        mime="image/jpeg", extension="jpg", kind=MediaKind.IMAGE, width=width, height=height or None
    )


def _marker(source: Source, position: int) -> tuple[int, int]:
    if source.at(position, 1) != b"\xff":
        source.damaged()
    code = 0xFF
    while code == 0xFF:  # fill bytes
        position += 1
        code = source.at(position, 1)[0]
    return code, position + 1


def _skip_scan(source: Source, position: int) -> int:
    """Return where the marker behind the coded data begins; restart markers must count 0 to 7."""
    restart = None
    while position < source.size:
        data = source.chunk(position, CHUNK)
        done = 0
        for match in MARKER.finditer(data):
            code = match[1][0]
            if code not in RESTARTS:
                return position + match.start()
            if restart is not None and code - 0xD0 != (restart + 1) % 8:
                source.damaged()
            restart = code - 0xD0
            done = match.end()
        if position + len(data) == source.size:
            break
        # A marker may straddle the border: the last FF is looked at again.
        position += max(done, len(data.rstrip(b"\xff")))
    source.cut_short()


def _check_index(source: Source, start: int, length: int, *, first_size: int) -> None:
    """Check that the pictures of a multi-picture index are there.

    An index that does not fit the first picture is a relic of a tool that rewrote only that one.
    """
    data = source.at(start, length)
    order = "little" if data[:2] == b"II" else "big"

    def number(at: int, count: int) -> int:
        return int.from_bytes(data[at : at + count], order)  # type: ignore[arg-type]  # a literal

    directory = number(4, 4)
    for entry in range(directory + 2, directory + 2 + 12 * min(number(directory, 2), 16), 12):
        if number(entry, 2) == 0xB002:
            count, table = number(entry + 4, 4) // 16, number(entry + 8, 4)
            break
    else:
        return
    if number(table + 4, 4) != first_size:
        return
    for row in range(table + 16, min(table + 16 * count, len(data) - 15), 16):
        size, offset = number(row + 4, 4), number(row + 8, 4)
        if start + offset + size > source.size:
            source.cut_short()
