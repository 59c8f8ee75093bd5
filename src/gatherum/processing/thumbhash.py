"""ThumbHash (https://evanw.github.io/thumbhash): a picture in some 25 bytes, to show while it loads."""

import math
import operator
from collections.abc import Iterator, Sequence
from typing import Final

LARGEST: Final = 100  # pixels of an edge
_NOISE: Final = 1e-9  # a flat picture has no waves, only errors of rounding


def encode(width: int, height: int, rgba: bytes) -> bytes:
    """Return the hash of a picture of 8-bit RGBA pixels, not premultiplied, row by row."""
    if not (1 <= width <= LARGEST and 1 <= height <= LARGEST and len(rgba) == width * height * 4):
        raise ValueError("This is no picture of at most 100 x 100 pixels in RGBA.")
    light, yellow, red, alpha = _channels(rgba)
    has_alpha = sum(alpha) < len(alpha)
    longest, most = max(width, height), 5 if has_alpha else 7  # waves of light along the edges
    across = max(1, _round(most * width / longest))
    down = max(1, _round(most * height / longest))

    def waves(channel: list[float], nx: int, ny: int) -> tuple[float, float, list[float]]:
        return _waves(channel, width, height, nx, ny)

    l_dc, l_scale, l_ac = waves(light, max(3, across), max(3, down))
    p_dc, p_scale, p_ac = waves(yellow, 3, 3)
    q_dc, q_scale, q_ac = waves(red, 3, 3)
    landscape = width > height
    head = _round(63 * l_dc) | _round(31.5 + 31.5 * p_dc) << 6 | _round(31.5 + 31.5 * q_dc) << 12
    head |= _round(31 * l_scale) << 18 | has_alpha << 23
    tail = (down if landscape else across) | _round(63 * p_scale) << 3
    tail |= _round(63 * q_scale) << 9 | landscape << 15
    known = head.to_bytes(3, "little") + tail.to_bytes(2, "little")
    values = [*l_ac, *p_ac, *q_ac]
    if has_alpha:
        a_dc, a_scale, a_ac = waves(alpha, 5, 5)
        known += bytes([_round(15 * a_dc) | _round(15 * a_scale) << 4])
        values += a_ac
    return known + bytes(_pairs([_round(15 * value) for value in values]))


def _channels(rgba: bytes) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return light, yellow-blue, red-green and alpha, atop the average colour."""
    alpha = [value / 255 for value in rgba[3::4]]
    colours = [[value / 255 for value in rgba[band::4]] for band in range(3)]
    seen = sum(alpha) or 1.0
    flat = []
    for colour in colours:
        average = sum(c * a for c, a in zip(colour, alpha, strict=True)) / seen
        flat.append([average * (1 - a) + c * a for c, a in zip(colour, alpha, strict=True)])
    pixels = list(zip(*flat, strict=True))
    return (
        [(r + g + b) / 3 for r, g, b in pixels],
        [(r + g) / 2 - b for r, g, b in pixels],
        [r - g for r, g, _ in pixels],
        alpha,
    )


def _waves(
    channel: Sequence[float], width: int, height: int, nx: int, ny: int
) -> tuple[float, float, list[float]]:
    """Return the constant of a channel, its greatest wave, and its low waves as 0..1 of that."""
    rows = [channel[start : start + width] for start in range(0, len(channel), width)]
    # The sums along the rows are the same for all waves down the columns.
    across = [[_dot(row, wave) for row in rows] for wave in _cosines(width, nx)]
    down = list(_cosines(height, ny))
    found = [
        _dot(across[cx], down[cy]) / (width * height)
        for cy in range(ny)
        for cx in range(nx)
        if cx * ny < nx * (ny - cy)
    ]
    constant, *varying = found
    scale = max(map(abs, varying))
    if scale < _NOISE:
        return constant, 0.0, [0.0] * len(varying)
    return constant, scale, [0.5 + 0.5 / scale * value for value in varying]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(operator.mul, one, other))
    return total


def _cosines(length: int, count: int) -> Iterator[list[float]]:
    for wave in range(count):
        yield [math.cos(math.pi / length * wave * (at + 0.5)) for at in range(length)]


def _pairs(values: list[int]) -> Iterator[int]:
    """Yield two values of four bits as one byte, the first one low."""
    if len(values) % 2:
        values.append(0)
    for low, high in zip(values[::2], values[1::2], strict=True):
        yield low | high << 4


def _round(value: float) -> int:
    """Round halves up, as the format's own writer does."""
    return math.floor(value + 0.5)
