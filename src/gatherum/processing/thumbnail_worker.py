"""The child that draws thumbnails: `python -m gatherum.processing.thumbnail_worker DESCRIPTOR`.

It is shut in before it starts, reads only the open file that it is handed, and writes to its
standard output alone. Whatever a hostile picture makes of it ends with it.
"""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

import pyvips

from gatherum.processing.frames import READY, Head, Order, Status
from gatherum.processing.thumbhash import encode
from gatherum.safety.handing import Taker

MOST_PIXELS: Final = 250_000_000
MOST_PIXELS_OF_A_FRAME: Final = 50_000_000  # of an animation: its whole canvas is held
HASHED_EDGE: Final = 48  # of waves this low there are no more in a larger copy


def main() -> None:
    """Draw what is handed over until nothing more comes."""
    os.nice(5)  # answers to people come first
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoadSvg", False)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between
    taker = Taker(int(sys.argv[1]))
    _say(out, READY)
    while taken := taker.take():
        word, fd = taken
        try:
            answer = list(_draw(fd, Order.unpack(word)))
        except pyvips.Error:
            answer = [Head(Status.BROKEN).pack()]
        finally:
            os.close(fd)
        _say(out, *answer)


def _say(out: BinaryIO, *parts: bytes) -> None:
    out.writelines(parts)
    out.flush()


def _draw(fd: int, order: Order) -> Iterator[bytes]:
    try:
        seen = pyvips.Image.new_from_source(_source(fd), "", access="sequential", fail_on="none")
    except pyvips.Error:
        yield Head(Status.UNKNOWN).pack()
        return
    fields = seen.get_fields()
    frames = seen.get("n-pages") if "n-pages" in fields else 1
    if seen.width * seen.height > (MOST_PIXELS if frames == 1 else MOST_PIXELS_OF_A_FRAME):
        yield Head(Status.TOO_LARGE).pack()
        return
    width, height = seen.width, seen.height
    if "orientation" in fields and seen.get("orientation") in (5, 6, 7, 8):  # it lies on its side
        width, height = height, width
    del seen
    image = _largest(fd, max(order.sizes))
    thumbnails = [
        _shrunk(image, size).webpsave_buffer(Q=75, effort=2, keep=0) for size in order.sizes
    ]
    thumbhash = _thumbhash(image) if order.facts else b""
    lengths = tuple(len(data) for data in thumbnails)
    yield Head(Status.DRAWN, width, height, len(thumbhash), lengths).pack()
    yield thumbhash
    yield from thumbnails


def _source(fd: int) -> pyvips.Source:
    os.lseek(fd, 0, os.SEEK_SET)
    return pyvips.Source.new_from_descriptor(fd)


def _largest(fd: int, size: int) -> pyvips.Image:
    """Return the picture upright, in sRGB, at most so large, with what can be read of it."""
    image = pyvips.Image.thumbnail_source(
        _source(fd), size, height=size, size="down", output_profile="srgb", fail_on="none"
    )
    return image.copy_memory()


def _shrunk(image: pyvips.Image, size: int) -> pyvips.Image:
    if max(image.width, image.height) <= size:
        return image
    return image.thumbnail_image(size, height=size, size="down")


def _thumbhash(image: pyvips.Image) -> bytes:
    small = _shrunk(image, HASHED_EDGE).colourspace("srgb").cast("uchar")
    if not small.hasalpha():
        small = small.addalpha()
    return encode(small.width, small.height, bytes(small.write_to_memory()))


if __name__ == "__main__":
    main()
