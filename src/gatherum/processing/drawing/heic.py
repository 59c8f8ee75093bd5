"""HEIC, by libheif: the pictures of phones, which the libvips of the wheels cannot decode."""

import os
import struct
from contextlib import suppress
from typing import Final

import pillow_heif
import pyvips
from PIL import Image

from gatherum.processing.drawing.exif import Exif
from gatherum.processing.drawing.seen import NotSeenError, Seen
from gatherum.processing.frames import Status

MOST_PIXELS: Final = 80_000_000  # it is held whole
FAULTS: Final = (ValueError, OSError, EOFError, RuntimeError, SyntaxError, struct.error)
_INNER: Final = 0x8769


def open_heic(fd: int) -> tuple[pyvips.Image, Seen]:
    """Return the picture upright with its profile, and what the file tells."""
    pillow_heif.options.DECODE_THREADS = 1
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        with os.fdopen(os.dup(fd), "rb") as file:
            held = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
            width, height = held.size
            exif = _exif(held.info.get("exif"))
            seen = Seen(
                width=width,
                height=height,
                container="heic",
                taken=exif.time,
                camera=exif.camera,
            )
            if width * height > MOST_PIXELS:
                raise NotSeenError(Status.TOO_LARGE, seen)
            bands = len(held.mode)  # of L, LA, RGB, RGBA
            rows = pyvips.Image.new_from_memory(bytes(held.data), held.stride, height, 1, "uchar")
            profile = held.info.get("icc_profile")
    except FAULTS as error:
        raise NotSeenError(Status.BROKEN) from error
    image = rows.crop(0, 0, width * bands, height).bandfold(factor=bands)
    image = image.copy(interpretation="srgb" if bands > 2 else "b-w")
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image, seen


def _exif(data: bytes | None) -> Exif:
    exif = Image.Exif()
    inner: dict[int, object] = {}
    with suppress(*FAULTS):
        exif.load(data or b"")
        inner = exif.get_ifd(_INNER)
    return Exif(
        taken=str(inner.get(0x9003, "")),
        zone=str(inner.get(0x9011, "")),
        maker=str(exif.get(0x010F, "")),
        model=str(exif.get(0x0110, "")),
    )
