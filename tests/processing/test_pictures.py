"""What thumbnails look like: real pictures and videos, drawn by real children in their sandbox."""

import io

import pytest
import pyvips
from PIL import Image

from gatherum.errors import InvalidInput, NotFound
from gatherum.processing.children import Children
from gatherum.processing.frames import SIZES
from gatherum.processing.renditions import Renditions
from tests.fetching.samples import FILMS, PICTURES, sample
from tests.processing.world import World
from tests.testsites.media import mp4


def encoded(picture: Image.Image, form: str = "png", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "WEBP"
    return picture


def halves(width: int, height: int) -> Image.Image:
    """Return a picture that is red above and blue below."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (0, height // 2, width, height))
    return picture


# pieces.mp4 is whole by its boxes, but no ffmpeg finds its frames.
@pytest.mark.parametrize("name", [*PICTURES, *(name for name in FILMS if name != "pieces.mp4")])
async def test_every_kind_of_picture_and_video_has_a_thumbnail(
    world: World, renditions: Renditions, name: str
) -> None:
    kind = "video" if name in FILMS else "image"
    original = world.put(sample(name), kind=kind)

    picture = seen(await renditions.thumbnail(original, 320))

    assert picture.size == ((64, 48) if kind == "video" else (48, 32))


@pytest.mark.parametrize("size", SIZES)
async def test_a_thumbnail_is_as_large_as_was_asked_for(
    world: World, renditions: Renditions, size: int
) -> None:
    original = world.put(encoded(halves(2000, 1000)))

    assert seen(await renditions.thumbnail(original, size)).size == (size, size // 2)


@pytest.mark.parametrize("size", [0, 100, 321, 4096])
async def test_there_are_no_other_sizes(world: World, renditions: Renditions, size: int) -> None:
    with pytest.raises(InvalidInput):
        await renditions.thumbnail(world.put(encoded(halves(10, 10))), size)


async def test_a_picture_that_lies_on_its_side_stands_up_and_tells_nothing_of_its_camera(
    world: World, renditions: Renditions
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # its top is the right edge
    exif[0x010F] = "A camera"
    lying = encoded(
        halves(400, 800).rotate(90, expand=True),
        "jpeg",
        exif=exif,
        quality=95,
        comment=b"A comment",
        xmp=b"<x:xmpmeta>A place</x:xmpmeta>",
    )
    original = world.put(lying, learn=True)

    data = await renditions.thumbnail(original, 320)

    picture = seen(data).convert("RGB")
    assert picture.size == (160, 320)
    top, bottom = picture.getpixel((80, 40)), picture.getpixel((80, 280))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)
    assert [
        word for word in (b"camera", b"comment", b"place", b"EXIF", b"XMP") if word in data
    ] == []
    assert [(facts.width, facts.height) for facts in world.facts] == [(400, 800)]


async def test_colours_of_a_wide_gamut_look_the_same_in_srgb(
    world: World, renditions: Renditions
) -> None:
    flat = pyvips.Image.black(64, 64, bands=3).linear([1, 1, 1], [200, 100, 60]).cast("uchar")
    wide = flat.copy(interpretation="srgb").icc_transform("p3", input_profile="srgb")
    data = bytes(wide.pngsave_buffer())
    raw = Image.open(io.BytesIO(data)).convert("RGB").getpixel((9, 9))

    picture = seen(await renditions.thumbnail(world.put(data), 320)).convert("RGB")

    assert raw != pytest.approx((200, 100, 60), abs=5)
    assert picture.getpixel((9, 9)) == pytest.approx((200, 100, 60), abs=3)
    assert "icc_profile" not in picture.info


async def test_what_is_transparent_stays_so(world: World, renditions: Renditions) -> None:
    original = world.put(encoded(Image.new("RGBA", (500, 500), (255, 0, 0, 0))))

    picture = seen(await renditions.thumbnail(original, 320))

    assert picture.mode == "RGBA"
    assert picture.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "I;16", "LA"])
async def test_every_kind_of_colour_becomes_srgb(
    world: World, renditions: Renditions, mode: str
) -> None:
    grey = Image.new("L", (40, 40), 128)
    picture = Image.new("I;16", (40, 40), 128 * 257) if mode == "I;16" else grey.convert(mode)
    original = world.put(encoded(picture, "tiff" if mode == "CMYK" else "png"), learn=True)

    drawn = seen(await renditions.thumbnail(original, 320)).convert("RGB").getpixel((20, 20))

    assert drawn == pytest.approx((128, 128, 128), abs=12)
    assert len(world.facts[0].thumbhash or b"") > 5


async def test_a_picture_that_breaks_off_is_shown_as_far_as_it_goes(
    world: World, renditions: Renditions
) -> None:
    whole = encoded(halves(800, 800), "jpeg", quality=95)

    picture = seen(await renditions.thumbnail(world.put(whole[: len(whole) // 2]), 320)).convert(
        "RGB"
    )

    assert picture.size == (320, 320)
    top = picture.getpixel((160, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200


async def test_of_a_video_all_sizes_are_made_of_one_frame(world: World) -> None:
    original = world.put(mp4("a clip", 5.0), kind="video", learn=True)
    async with world.renditions() as renditions:
        assert seen(await renditions.thumbnail(original, 640)).size == (180, 320)
    (world.library / "file").unlink()

    known = world.put(mp4("a clip", 5.0), kind="video")
    (world.library / "file").unlink()
    async with world.renditions(Children(command=("/bin/false",))) as renditions:
        sizes = [seen(await renditions.thumbnail(known, size)).size for size in SIZES]

    assert sizes == [(180, 320)] * 3
    assert len(world.facts) == 1
    assert (world.facts[0].width, world.facts[0].height) == (180, 320)


async def test_what_a_file_looks_like_is_learned_once(world: World, renditions: Renditions) -> None:
    original = world.put(encoded(halves(300, 200)), learn=True)

    for size in (320, 320, 320):
        await renditions.thumbnail(original, size)

    assert len(world.facts) == 1
    facts = world.facts[0]
    assert world.learned == [original.sha256]
    assert (facts.width, facts.height) == (300, 200)
    assert 20 <= len(facts.thumbhash or b"") <= 25


async def test_a_drawing_is_shown_but_not_what_it_refers_to(
    world: World, renditions: Renditions
) -> None:
    (world.library / "secret.png").write_bytes(encoded(Image.new("RGB", (100, 100), "red")))
    secret = world.library / "secret.png"
    drawing = f"""<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
    <rect width="100" height="100" fill="blue"/><image href="file://{secret}" width="100"
    height="100"/></svg>"""

    picture = seen(await renditions.thumbnail(world.put(drawing.encode()), 320)).convert("RGB")

    assert picture.getpixel((50, 50)) == pytest.approx((0, 0, 255), abs=8)


@pytest.mark.parametrize("kind", ["audio", "document", "unknown"])
async def test_what_is_no_picture_by_its_kind_is_not_even_opened(
    world: World, renditions: Renditions, kind: str
) -> None:
    original = world.put(sample("baseline.jpg"), kind=kind)

    with pytest.raises(NotFound, match="cannot be shown"):
        await renditions.thumbnail(original, 320)
