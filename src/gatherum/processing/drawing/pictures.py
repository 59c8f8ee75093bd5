"""Pictures, by libvips: thumbnails upright in sRGB, and what the file tells."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import pyvips

from gatherum.processing.drawing.exif import Exif
from gatherum.processing.drawing.seen import Made, NotSeenError, Seen
from gatherum.processing.frames import Status
from gatherum.processing.thumbhash import encode

MOST_PIXELS: Final = 250_000_000
MOST_PIXELS_OF_A_FRAME: Final = 50_000_000  # of an animation: its whole canvas is held
HASHED_EDGE: Final = 48  # of waves this low there are no more in a larger copy
# What files of HEVC pictures say they are: libvips takes them for AVIF, and fails.
_HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF: Final = frozenset({b"avif", b"avis"})


def draw(fd: int, sizes: Sequence[int], *, facts: bool) -> Made:
    """Return the facts and the thumbnails of an open picture."""
    if is_heic(os.pread(fd, 64, 0)):
        return _draw_heic(fd, sizes, facts=facts)
    try:
        image = pyvips.Image.new_from_source(_source(fd), "", access="sequential", fail_on="none")
    except pyvips.Error as error:
        raise NotSeenError(Status.UNKNOWN) from error
    seen = _seen(image)
    if image.width * image.height > (MOST_PIXELS_OF_A_FRAME if seen.frames else MOST_PIXELS):
        raise NotSeenError(Status.TOO_LARGE, seen)
    del image
    try:
        return shown(_largest(fd, max(sizes, default=HASHED_EDGE)), sizes, seen, facts=facts)
    except pyvips.Error as error:
        raise NotSeenError(Status.BROKEN, seen) from error


def shown(image: pyvips.Image, sizes: Sequence[int], seen: Seen, *, facts: bool) -> Made:
    """Return thumbnails of an upright picture, and the facts with its thumbhash if they are wanted."""
    thumbnails = [webp(shrunk(image, size)) for size in sizes]
    return Made(thumbnails, replace(seen, thumbhash=_thumbhash(image).hex()) if facts else None)


def webp(image: pyvips.Image) -> bytes:
    """Return a picture as WebP, without anything but its pixels."""
    return bytes(image.webpsave_buffer(Q=75, effort=2, keep=0))


def is_heic(head: bytes) -> bool:
    """Return whether a file that begins so is HEIC."""
    if head[4:8] != b"ftyp":
        return False
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(head[3], 64), 4))}
    return not brands & _AVIF and bool(brands & _HEIC)


def shrunk(image: pyvips.Image, size: int) -> pyvips.Image:
    """Return a picture whose longest edge has at most so many pixels."""
    if max(image.width, image.height) <= size:
        return image
    return image.thumbnail_image(size, height=size, size="down")


def _source(fd: int) -> pyvips.Source:
    os.lseek(fd, 0, os.SEEK_SET)
    return pyvips.Source.new_from_descriptor(fd)


def _largest(fd: int, size: int) -> pyvips.Image:
    """Return the picture upright, in sRGB, at most so large, with what can be read of it."""
    image = pyvips.Image.thumbnail_source(
        _source(fd), size, height=size, size="down", output_profile="srgb", fail_on="none"
    )
    return image.copy_memory()


def _draw_heic(fd: int, sizes: Sequence[int], *, facts: bool) -> Made:
    # A third of a second that only a library with such pictures pays.
    from gatherum.processing.drawing.heic import open_heic  # noqa: PLC0415

    image, seen = open_heic(fd)
    image = shrunk(image, max(sizes, default=HASHED_EDGE))
    if "icc-profile-data" in image.get_fields():
        with suppress(pyvips.Error):  # a profile that makes no sense
            image = image.icc_transform("srgb").copy_memory()
    return shown(image, sizes, seen, facts=facts)


def _thumbhash(image: pyvips.Image) -> bytes:
    small = shrunk(image, HASHED_EDGE).colourspace("srgb").cast("uchar")
    if not small.hasalpha():
        small = small.addalpha()
    return encode(small.width, small.height, bytes(small.write_to_memory()))


# -- what the head of a file tells


def _seen(image: pyvips.Image) -> Seen:
    """Return what the head tells; nothing of the picture is read."""
    turned = _number(image, "orientation")
    width, height = image.width, image.height
    if turned in (5, 6, 7, 8):  # it lies on its side
        width, height = height, width
    exif = Exif(
        taken=_text(image, "exif-ifd2-DateTimeOriginal"),
        zone=_text(image, "exif-ifd2-OffsetTimeOriginal"),
        maker=_text(image, "exif-ifd0-Make"),
        model=_text(image, "exif-ifd0-Model"),
    )
    loader = str(image.get("vips-loader")).removesuffix("_source").removesuffix("load")
    seen = Seen(
        width=width,
        height=height,
        container={"heif": "avif"}.get(loader, loader),
        orientation=turned if turned in range(1, 9) else None,
        taken=exif.time,
        camera=exif.camera,
    )
    frames = _number(image, "n-pages") or 1
    delays = image.get("delay") if "delay" in image.get_fields() else None
    if frames > 1 and isinstance(delays, list):  # it moves; a document only has pages
        return replace(seen, frames=frames, duration=sum(map(int, delays)) / 1000)
    return replace(seen, frames=frames if frames > 1 else None)


def _number(image: pyvips.Image, name: str) -> int | None:
    value = image.get(name) if name in image.get_fields() else None
    return value if isinstance(value, int) else None


def _text(image: pyvips.Image, name: str) -> str:
    """Return a field as it was written; libvips adds its type in brackets."""
    return str(image.get(name)).rpartition(" (")[0] if name in image.get_fields() else ""
