"""ThumbHash: the same bytes as the reference implementation (thumbhash 0.1.1 of npm) makes."""

from collections.abc import Callable

import pytest

from gatherum.processing.thumbhash import encode

Pixel = Callable[[int, int], tuple[int, int, int, int]]


def picture(width: int, height: int, pixel: Pixel) -> bytes:
    return bytes(value % 256 for y in range(height) for x in range(width) for value in pixel(x, y))


@pytest.mark.parametrize(
    ("width", "height", "pixel", "wanted"),
    [
        (
            40,
            30,
            lambda x, y: (x * 6, y * 8, x * y, 255),
            "5c080e1d986076777087887688688887f1b10ff788",
        ),
        (
            50,
            50,
            lambda x, y: (x * x, y * 7 + x, x * y * y, 255),
            "dbe7091f125354577777787078687897777446950754880f",
        ),
        (
            16,
            48,
            lambda x, y: (x * 16, y * 5, 128, x * y * 3),
            "200886120a16a0a0998998a0a009f97720325377724837",
        ),
    ],
    ids=["landscape", "square", "portrait with alpha"],
)
def test_hashes_are_those_of_the_reference(
    width: int, height: int, pixel: Pixel, wanted: str
) -> None:
    assert encode(width, height, picture(width, height, pixel)).hex() == wanted


def test_a_flat_picture_has_its_colour_and_no_waves() -> None:
    flat = encode(8, 8, picture(8, 8, lambda _x, _y: (100, 100, 100, 255)))

    assert flat[:5].hex() == "1908020700"
    assert set(flat[5:]) == {0}


def test_a_picture_that_cannot_be_seen_has_a_hash() -> None:
    assert encode(8, 8, bytes(8 * 8 * 4))[:6].hex() == "000882050000"


@pytest.mark.parametrize(("width", "height"), [(0, 1), (101, 1), (2, 2)])
def test_what_is_no_such_picture_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="no picture"):
        encode(width, height, bytes(4 * width * height)[: 4 * 101 - 4 if width > 100 else 12])
