"""WebM and Matroska: the elements of the segment to its end."""

import struct

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

SEGMENT, CLUSTER, INFO, TRACKS, VOID, CRC = (
    0x18538067,
    0x1F43B675,
    0x1549A966,
    0x1654AE6B,
    0xEC,
    0xBF,
)
TOP = frozenset(
    {CLUSTER, INFO, TRACKS, VOID, CRC, 0x114D9B74, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367}
)
IN_CLUSTER = frozenset({0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854, 0xAF, VOID, CRC})
HEADER = 0x1A45DFA3


def check(source: Source) -> Verified:
    """Walk the segment. One of unknown size (a live recording) tells its end only by whole elements."""
    source.name = "WebM or Matroska file"
    matroska = b"matroska" in source.chunk(0, 64)
    _, start, end = _element(source, 0)
    position = end if end is not None else start
    code, position, end = _element(source, position)
    while code == VOID and end is not None:
        code, position, end = _element(source, end)
    if code != SEGMENT:
        raise source.damaged()
    told = end is not None
    stop = source.size if end is None else end
    if stop > source.size:
        raise source.cut_short()
    facts = _Facts()
    for _ in range(MAX_PIECES):
        if position == stop:
            break
        code, inner, end = _element(source, position)
        if code == HEADER and not told:  # another file follows
            break
        if code not in TOP and not (code in IN_CLUSTER and facts.clusters):
            raise source.damaged()
        if end is not None and end > stop:
            raise source.cut_short()
        position = _enter(source, code, inner, end, facts)
    else:
        raise source.damaged()
    if not facts.tracks:
        raise source.damaged()
    return _verified(facts, matroska=matroska, told=told)


class _Facts:
    clusters = 0
    tracks = 0
    video = False
    width: int | None = None
    height: int | None = None
    duration: float | None = None


def _enter(source: Source, code: int, start: int, end: int | None, facts: _Facts) -> int:
    if code == CLUSTER:
        facts.clusters += 1
    if end is None:
        if code != CLUSTER:
            raise source.damaged()
        return start  # its children are walked as if they stood in the segment
    if code == TRACKS:
        _read_tracks(source, start, end, facts)
    elif code == INFO:
        _read_info(source, start, end, facts)
    return end


def _element(source: Source, position: int) -> tuple[int, int, int | None]:
    """Return (id, where its content begins, where it ends or None if untold)."""
    first = source.number(position, 1)
    if first < 0x10:
        raise source.damaged()
    length = 9 - first.bit_length()
    code = source.number(position, length)
    position += length
    first = source.number(position, 1)
    if first == 0:
        raise source.damaged()
    length = 9 - first.bit_length()
    mask = (1 << 7 * length) - 1
    size = source.number(position, length) & mask
    position += length
    return code, position, None if size == mask else position + size


def _children(source: Source, start: int, stop: int) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    while start < stop and len(found) < 10_000:
        code, inner, end = _element(source, start)
        if end is None or end > stop:
            raise source.damaged()
        found.append((code, inner, end))
        start = end
    return found


def _read_tracks(source: Source, start: int, end: int, facts: _Facts) -> None:
    for code, inner, stop in _children(source, start, end):
        if code != 0xAE:
            continue
        facts.tracks += 1
        for part, at, part_end in _children(source, inner, stop):
            if part == 0x83 and source.number(at, part_end - at) == 1:
                facts.video = True
            if part == 0xE0:
                for size, where, size_end in _children(source, at, part_end):
                    if size == 0xB0:
                        facts.width = source.number(where, size_end - where)
                    if size == 0xBA:
                        facts.height = source.number(where, size_end - where)


def _read_info(source: Source, start: int, end: int, facts: _Facts) -> None:
    scale, length = 1_000_000, 0.0
    for code, at, stop in _children(source, start, end):
        if code == 0x2AD7B1:
            scale = source.number(at, stop - at)
        if code == 0x4489 and stop - at in (4, 8):
            (length,) = struct.unpack(">f" if stop - at == 4 else ">d", source.at(at, stop - at))
    if length > 0:
        facts.duration = length * scale / 1e9


def _verified(facts: _Facts, *, matroska: bool, told: bool) -> Verified:
    kind = MediaKind.VIDEO if facts.video else MediaKind.AUDIO
    if matroska:
        mime, extension = (
            ("video/x-matroska", "mkv") if facts.video else ("audio/x-matroska", "mka")
        )
    else:
        mime, extension = ("video/webm" if facts.video else "audio/webm"), "webm"
    return Verified(
        mime=mime,
        extension=extension,
        kind=kind,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        structure_checked=told,
    )
