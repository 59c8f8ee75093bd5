"""PNG and APNG: the chunks to the end chunk, with the checksums of those that make the picture."""

import zlib

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SUMMED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"fdAT", b"acTL", b"fcTL"})
CHUNK = 1 << 18


def check(source: Source) -> Verified:
    """Walk the chunks. Wrong sums of optional ones (texts, dates) are common and harm nothing."""
    source.name = "PNG image"
    position, width, height, pixels = len(SIGNATURE), 0, 0, False
    for number in range(MAX_PIECES):
        head = source.at(position, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not (kind.isalpha() and kind.isascii()) or (number == 0) != (kind == b"IHDR"):
            raise source.damaged()
        end = position + 8 + length
        if end + 4 > source.size:
            raise source.cut_short()
        if kind in SUMMED and _sum(source, position + 4, end) != source.number(end, 4):
            raise source.damaged()
        if kind == b"IHDR":
            width, height = source.number(position + 8, 4), source.number(position + 12, 4)
        pixels = pixels or kind == b"IDAT"
        if kind == b"IEND":
            break
        position = end + 4
    else:
        raise source.damaged()
    if not pixels or not width or not height:
        raise source.damaged()
    return Verified(
        mime="image/png", extension="png", kind=MediaKind.IMAGE, width=width, height=height
    )


def _sum(source: Source, start: int, end: int) -> int:
    total = 0
    for offset in range(start, end, CHUNK):
        total = zlib.crc32(source.at(offset, min(CHUNK, end - offset)), total)
    return total
