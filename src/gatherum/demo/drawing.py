"""Pictures drawn by arithmetic: landscapes as indexed PNGs, always the same bytes for a name."""

import math
import random
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

Colour = tuple[int, int, int]

SKY = 96  # shades between the top of the sky and the horizon
RIDGES = 4
SUN, STAR = SKY + RIDGES, SKY + RIDGES + 1
PALETTES: Sequence[tuple[Colour, Colour, Colour, Colour]] = (  # top, horizon, far ridge, near ridge
    ((38, 70, 130), (250, 205, 160), (142, 140, 170), (28, 38, 60)),
    ((16, 24, 64), (222, 110, 96), (110, 70, 110), (18, 16, 38)),
    ((110, 176, 220), (238, 246, 250), (150, 188, 200), (34, 78, 82)),
    ((8, 10, 30), (44, 62, 110), (30, 42, 84), (6, 8, 20)),
    ((244, 178, 96), (255, 236, 190), (206, 140, 96), (84, 46, 40)),
    ((92, 58, 128), (255, 170, 150), (150, 90, 140), (44, 26, 62)),
    ((64, 132, 120), (226, 240, 206), (120, 166, 132), (22, 58, 48)),
)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


def draw(name: str, size: Size) -> bytes:
    """Return the landscape called `name` as a PNG."""
    dice = random.Random(name)  # noqa: S311 - a picture, no secret
    top, horizon, far, near = dice.choice(PALETTES)
    shades = [_between(top, horizon, step / (SKY - 1)) for step in range(SKY)]
    shades += [_between(far, near, step / (RIDGES - 1)) for step in range(RIDGES)]
    shades += [_between(horizon, (255, 250, 220), 0.8), (255, 255, 255)]
    columns = b"".join(_columns(dice, size, night=sum(top) < 80))
    # What was drawn column by column is turned around by slices: that is what makes it quick.
    rows = (b"\0" + columns[y :: size.height] for y in range(size.height))
    head = struct.pack(">IIBBBBB", size.width, size.height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(shade) for shade in shades)
    note = b"Title\0" + name.encode("latin-1", "replace")
    chunks = ((b"IHDR", head), (b"tEXt", note), (b"PLTE", colours))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body)
        for kind, body in (*chunks, (b"IDAT", zlib.compress(b"".join(rows), 6)), (b"IEND", b""))
    )


def _columns(dice: random.Random, size: Size, *, night: bool) -> Iterator[bytes]:
    """Yield the picture from left to right, each column from top to bottom."""
    height = size.height
    sky = bytes(min(y * SKY // (height * 2 // 3), SKY - 1) for y in range(height))
    radius = height * dice.uniform(0.05, 0.11)
    sun_x, sun_y = size.width * dice.uniform(0.2, 0.8), height * dice.uniform(0.15, 0.45)
    ridges = [
        _ridge(dice, size.width, base=height * (0.50 + 0.13 * n), swing=height * (0.14 - 0.02 * n))
        for n in range(RIDGES)
    ]
    for x in range(size.width):
        column = bytearray(sky)
        if night and dice.random() < 0.35:
            column[dice.randrange(height // 2)] = STAR
        if abs(x - sun_x) < radius:
            half = math.sqrt(radius**2 - (x - sun_x) ** 2)
            low, high = round(sun_y - half), round(sun_y + half)
            column[low:high] = bytes([SUN]) * (high - low)
        for index, ridge in enumerate(ridges):
            crest = min(max(ridge[x], 0), height)
            column[crest:] = bytes([SKY + index]) * (height - crest)
        yield bytes(column)


def _ridge(dice: random.Random, width: int, *, base: float, swing: float) -> list[int]:
    """Return the height of a mountain range at each column: three waves and a rough edge."""
    waves = [
        (dice.uniform(0, math.tau), dice.uniform(0.6, 1.4) * 2**n / width * math.tau, swing / 2**n)
        for n in range(3)
    ]
    edge = accumulate(dice.choice((-1, 0, 0, 1)) for _ in range(width))
    return [
        round(base + rough * 0.4 + sum(math.sin(at + x * pace) * tall for at, pace, tall in waves))
        for x, rough in enumerate(edge)
    ]


def _between(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
