"""GIF: the blocks to the trailer."""

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

MAX_BLOCKS = 20_000_000  # of up to 255 bytes each
CHUNK = 1 << 17
LARGEST_BLOCK = 256


def check(source: Source) -> Verified:
    """Walk the images and extensions to the trailer."""
    source.name = "GIF image"
    width, height, flags = source.little(6, 2), source.little(8, 2), source.number(10, 1)
    position, images = 13 + _palette(flags), 0
    for _ in range(MAX_PIECES):
        code = source.number(position, 1)
        if code == 0x3B:
            break
        if code == 0x2C:
            images += 1
            position += 10 + _palette(source.number(position + 9, 1)) + 1
        elif code == 0x21:
            position += 2
        elif code == 0:  # some writers pad with empty blocks
            position += 1
            continue
        else:
            raise source.damaged()
        position = _skip_blocks(source, position)
    else:
        raise source.damaged()
    if not images:
        raise source.damaged()
    return Verified(
        mime="image/gif", extension="gif", kind=MediaKind.IMAGE, width=width, height=height
    )


def _palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(source: Source, position: int) -> int:
    data, base = b"", position
    for _ in range(MAX_BLOCKS):
        if position - base >= len(data) - LARGEST_BLOCK:
            base = position
            data = source.chunk(position, CHUNK) if position < source.size else b""
            if not data:
                raise source.cut_short()
        length = data[position - base]
        position += length + 1
        if not length:
            return position
    raise source.damaged()
