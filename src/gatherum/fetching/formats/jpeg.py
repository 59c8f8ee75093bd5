"""JPEG: the markers from the start of the image through every scan to its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

EOI, SOS, DNL, APP2 = 0xD9, 0xDA, 0xDC, 0xE2
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
RESTARTS = range(0xD0, 0xD8)
# What may stand between scans; coded data holds FF only before 00 or a restart marker.
SEGMENTS = FRAMES | {0xC4, 0xCC, SOS, 0xDB, DNL, 0xDD, 0xFE, *range(0xE0, 0xF0)}
STUFFING = (0x00, 0xFF)  # behind an FF that is no marker
CHUNK = 1 << 18


@dataclass(slots=True)
class _Image:
    width: int = 0
    height: int = 0
    index: tuple[int, int] | None = None  # where the list of further pictures lies
    scanned: bool = False
    end: int = 0


def check(source: Source) -> Verified:
    """Walk the image to its end marker. What follows is checked if the image has an index of it.

    MPO and Ultra HDR files list the pictures behind the first one; other trailing bytes are let be.
    """
    source.name = "JPEG image"
    image = _walk(source, 0)
    for start in _further(source, image):
        if source.at(start, 2) != b"\xff\xd8":
            raise source.damaged()
        _walk(source, start)
    return Verified(
        mime="image/jpeg",
        extension="jpg",
        kind=MediaKind.IMAGE,
        width=image.width,
        height=image.height or None,
    )


def _walk(source: Source, start: int) -> _Image:
    image, position = _Image(), start + 2
    for _ in range(MAX_PIECES):
        code, position = _marker(source, position)
        if code == EOI:
            break
        length = source.number(position, 2)
        if code not in SEGMENTS or length < 2:
            raise source.damaged()
        if code in FRAMES:
            image.height = source.number(position + 3, 2)
            image.width = source.number(position + 5, 2)
        elif code == DNL:
            image.height = source.number(position + 2, 2)
        elif code == APP2 and source.at(position + 2, min(4, length)) == b"MPF\0":
            image.index = (position + 6, length - 6)
        position += length
        if code == SOS:
            image.scanned = True
            position = _skip_scan(source, position)
    if not image.scanned or not image.width:
        raise source.damaged()
    image.end = position
    return image


def _marker(source: Source, position: int) -> tuple[int, int]:
    if source.at(position, 1) != b"\xff":
        raise source.damaged()
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
        find, stop = data.find, len(data) - 1
        at = find(b"\xff")
        while 0 <= at < stop:
            code = data[at + 1]
            if code in RESTARTS:
                if restart is not None and code & 7 != restart + 1 & 7:
                    raise source.damaged()
                restart = code & 7
            elif code not in STUFFING:
                return position + at
            at = find(b"\xff", at + 1 + (code != 0xFF))
        if at < 0:
            at = len(data)
        elif position + at + 1 == source.size:
            break
        position += at  # a marker may straddle the border: its FF is looked at again
    raise source.cut_short()


def _further(source: Source, image: _Image) -> Iterator[int]:
    """Yield where the other pictures of a multi-picture index begin.

    An index that does not fit the first picture is a relic of a tool that rewrote only that one.
    The sizes of the others are often told wrong.
    """
    if image.index is None:
        return
    start, length = image.index
    data = source.at(start, length)
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"

    def number(at: int, count: int) -> int:
        return int.from_bytes(data[at : at + count], order)

    directory = number(4, 4)
    for entry in range(directory + 2, directory + 2 + 12 * min(number(directory, 2), 16), 12):
        if number(entry, 2) == 0xB002:
            count, table = number(entry + 4, 4) // 16, number(entry + 8, 4)
            break
    else:
        return
    # Some writers give the number of pictures instead of the bytes of the list.
    rows = range(table + 16, min(table + 16 * (count or number(entry + 4, 4)), len(data) - 15), 16)
    if number(table + 4, 4) == image.end:
        yield from (start + number(row + 8, 4) for row in rows)
