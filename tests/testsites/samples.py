"""Media of a wanted size and shape, always the same bytes: whole ones, and ones meant to do harm."""

import hashlib
import io
import random
import struct
import zlib
from functools import lru_cache

from PIL import Image

from tests.testsites.media import mp4

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


@lru_cache(maxsize=64)
def photo(key: str, side: int = 512) -> bytes:
    """Return a JPEG of noise, so that its size grows with `side`: 512 gives some 250 KB."""
    noise = random.Random(key).randbytes(side * side * 3)  # noqa: S311
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, "JPEG", quality=85)
    return out.getvalue()


@lru_cache(maxsize=64)
def png(key: str, side: int = 300) -> bytes:
    """Return a PNG of noise: some `side * side * 3` bytes."""
    noise = random.Random(key).randbytes(side * side * 3)  # noqa: S311
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, "PNG", compress_level=1)
    return out.getvalue()


@lru_cache(maxsize=16)
def clip(key: str, size: int = 400_000) -> bytes:
    """Return an MP4 that plays, brought to `size` bytes by a `free` box, which players skip."""
    film = mp4(key)
    filling = max(size - len(film) - 8, 0)
    box = struct.pack(">I4s", filling + 8, b"free")
    return film + box + random.Random(key).randbytes(filling)  # noqa: S311


def pixel_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a whole PNG of a few hundred KB that becomes 900 megapixels when it is decoded."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return PNG_HEAD + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def gzip_bomb(size: int = 1_000_000_000) -> bytes:
    """Return a gzip stream of zeros: about a thousandth of the `size` that it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    million = bytes(1_000_000)
    parts = [
        packer.compress(million[: min(1_000_000, size - at)]) for at in range(0, size, 1_000_000)
    ]
    return b"".join(parts) + packer.flush()


def sha256(body: bytes) -> str:
    """Return the digest as the catalogue writes it."""
    return hashlib.sha256(body).hexdigest()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
