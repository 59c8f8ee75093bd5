"""What pictures and sounds tell of themselves, and HEIC; what is looked into before anybody asks."""

import errno
import io
import math
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pillow_heif
import pytest
import pyvips
from imageio_ffmpeg._utils import get_ffmpeg_exe
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from gatherum.errors import StorageError
from gatherum.processing import child, converting
from gatherum.processing.children import Children
from gatherum.processing.drawing.exif import Exif
from gatherum.processing.drawing.seen import Seen
from gatherum.processing.drawing.worker import _answer
from gatherum.processing.facts import LONGEST, Facts, ScrubMap
from gatherum.processing.frames import Status
from gatherum.processing.processor import Processor
from gatherum.processing.renditions import Renditions
from gatherum.processing.scrubbing import SCRUB, Scrub, is_scrub
from gatherum.processing.shelf import Shelf
from gatherum.processing.trouble import NotShown, Trouble
from tests.fetching.samples import PICTURES, SOUNDS, sample
from tests.processing.films import encode, ramp
from tests.processing.world import World
from tests.testsites.media import jpeg

pillow_heif.register_heif_opener()
HALVES = Image.new("RGB", (401, 801), "red")
HALVES.paste("blue", (0, 400, 401, 801))
CONTAINERS = {"jpg": "jpeg", "mpo": "jpeg", "bmp": "bmp", "avif": "avif"}


@pytest.fixture
async def processor(world: World) -> AsyncIterator[Processor]:
    async with world.processor() as processor:
        yield processor


def exif(**more: object) -> bytes:
    """Return EXIF as a camera writes it."""
    written = Image.Exif()
    written[0x010F], written[0x0110] = "Canon", "Canon EOS R5"
    written[0x0112] = 6  # it lies on its side
    inner = written.get_ifd(0x8769)
    inner[0x9003], inner[0x829A] = "2021:05:06 07:08:09", IFDRational(1, 60)
    if "zone" in more:
        inner[0x9011] = more["zone"]
    return written.tobytes()


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG", "AVIF"])
async def test_a_picture_tells_when_and_with_what_it_was_taken(
    world: World, renditions: Renditions, form: str
) -> None:
    await renditions.thumbnail(world.put(encoded(HALVES, form, exif=exif()), learn=True), 320)

    (facts,) = world.facts
    assert (facts.taken, facts.camera) == ("2021-05-06T07:08:09", "Canon EOS R5")
    assert facts.orientation == (None if form == "AVIF" else 6)  # its own boxes turn it
    assert (facts.width, facts.height) == (801, 401)


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_tells_its_form(world: World, renditions: Renditions, name: str) -> None:
    await renditions.thumbnail(world.put(sample(name), learn=True), 320)

    (facts,) = world.facts
    ending = name.rpartition(".")[2]
    if ending != "bmp":  # ffmpeg has drawn it, and its frame tells nothing of the file
        assert facts.container == CONTAINERS.get(ending, ending)
        assert (facts.width, facts.height) == (48, 32)
    moves = name in ("moving.gif", "moving.webp")
    assert (facts.frames is not None, facts.duration is not None) == (moves, moves)


@pytest.mark.parametrize(
    ("exif", "time", "camera"),
    [
        (Exif(taken="2021:05:06 07:08:09", zone="+02:00"), "2021-05-06T07:08:09+02:00", None),
        (Exif(taken="2021:05:06 07:08:09\0", zone="nonsense"), "2021-05-06T07:08:09", None),
        (Exif(taken="2021:05:06 07:08:09", zone="+01:00:30"), "2021-05-06T07:08:09", None),
        (Exif(taken="0000:00:00 00:00:00"), None, None),
        (Exif(taken="yesterday"), None, None),
        (Exif(maker="NIKON CORPORATION", model="NIKON D850"), None, "NIKON CORPORATION NIKON D850"),
        (Exif(maker="Canon", model="Canon EOS"), None, "Canon EOS"),
        (Exif(maker=" A\0\0", model="b\r\n<c>\x1b"), None, "A b <c>"),
        (Exif(model="x" * 999), None, "x" * 200),
        (Exif(model="\N{CAMERA}" * 200), None, "\N{CAMERA}" * 50),
        (Exif(model="x" + "\N{CAMERA}" * 200), None, "x" + "\N{CAMERA}" * 49),
    ],
)
def test_what_cameras_write_is_read_as_far_as_it_makes_sense(
    exif: Exif, time: str | None, camera: str | None
) -> None:
    assert (exif.time, exif.camera) == (time, camera)
    assert Facts(taken=exif.time, camera=exif.camera)


@pytest.mark.parametrize(
    "odd",
    [
        {"width": 20_000_000},
        {"height": 0},
        {"frames": 0},
        {"duration": math.nan},
        {"duration": 1e12},
        {"frame_rate": math.inf},
    ],
)
def test_what_makes_no_sense_is_not_told_and_all_else_is(odd: dict[str, float]) -> None:
    seen = replace(Seen(orientation=1, container="png"), **odd)  # type: ignore[arg-type]

    assert Facts.model_validate_json(told(seen)) == Facts(orientation=1, container="png")


@pytest.mark.parametrize("letter", ["x", '"', "\N{CAMERA}", "\\"])
def test_the_longest_that_can_be_told_is_believed(letter: str) -> None:
    word = "x" * 40
    seen = Seen(
        thumbhash="ff" * 64,
        width=10_000_000,
        height=10_000_000,
        duration=99_999_999.12345679,
        frames=10_000_000,
        frame_rate=9_999.123456789012,
        container=word,
        video_codec=word,
        audio_codec=word,
        taken=Exif(taken="2021:05:06 07:08:09", zone=".123456+02:00").time,
        orientation=8,
        camera=Exif(model=letter * 999).camera,
    )

    assert Facts.model_validate_json(told(seen)).camera == seen.camera
    assert len(told(seen)) <= LONGEST


def told(seen: Seen) -> bytes:
    """Return what the child says of a file."""
    _, said = _answer(Status.DRAWN, seen, [])
    return said


async def test_a_picture_that_ffmpeg_alone_knows_is_shown(
    world: World, renditions: Renditions
) -> None:
    drawn = "-f lavfi -i color=c=0x2040c0:s=300x200:r=1:d=1 -frames:v 1 -c:v libjxl"

    picture = encode(drawn, "picture.jxl", program=str(get_ffmpeg_exe()))  # type: ignore[no-untyped-call]

    data = await renditions.thumbnail(world.put(picture, learn=True), 320)

    assert seen(data).size == (300, 200)
    assert seen(data).getpixel((9, 9)) == pytest.approx((0x20, 0x40, 0xC0), abs=6)
    assert (world.facts[0].container, world.facts[0].width) == (None, None)


# -- HEIC


@pytest.mark.parametrize("size", [320, 640])
async def test_a_picture_of_a_phone_stands_upright_and_tells_what_others_tell(
    world: World, renditions: Renditions, size: int
) -> None:
    lying = HALVES.rotate(90, expand=True)
    data = encoded(lying, "HEIF", exif=exif(zone="+02:00"), quality=90)

    picture = seen(await renditions.thumbnail(world.put(data, learn=True), size))

    (facts,) = world.facts
    assert (facts.width, facts.height, facts.container) == (401, 801, "heic")
    assert (facts.taken, facts.camera) == ("2021-05-06T07:08:09+02:00", "Canon EOS R5")
    assert max(picture.size) == size
    top, bottom = picture.getpixel((80, 40)), picture.getpixel((80, size - 40))
    assert top == pytest.approx((255, 0, 0), abs=12)
    assert bottom == pytest.approx((0, 0, 255), abs=12)


async def test_colours_of_a_phone_look_the_same_in_srgb(
    world: World, renditions: Renditions
) -> None:
    flat = pyvips.Image.black(400, 400, bands=3).linear([1, 1, 1], [200, 100, 60]).cast("uchar")
    wide = flat.copy(interpretation="srgb").icc_transform("p3", input_profile="srgb")
    raw = Image.frombytes("RGB", (400, 400), bytes(wide.write_to_memory()))
    data = encoded(raw, "HEIF", icc_profile=wide.get("icc-profile-data"), quality=95)

    drawn = await renditions.thumbnail(world.put(data), 320)

    assert raw.getpixel((9, 9)) != pytest.approx((200, 100, 60), abs=6)
    assert seen(drawn).getpixel((9, 9)) == pytest.approx((200, 100, 60), abs=6)
    assert "icc_profile" not in Image.open(io.BytesIO(drawn)).info


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (255, 0, 0, 90)), ("L", 128)])
async def test_pictures_of_phones_may_be_transparent_or_grey(
    world: World, renditions: Renditions, mode: str, colour: object
) -> None:
    data = encoded(Image.new(mode, (300, 200), colour), "HEIF", quality=95)  # type: ignore[arg-type]

    drawn = Image.open(io.BytesIO(await renditions.thumbnail(world.put(data), 320)))

    assert (drawn.size, drawn.mode) == ((300, 200), "RGBA" if mode == "RGBA" else "RGB")
    if mode == "RGBA":
        assert drawn.getchannel("A").getextrema() == pytest.approx((90, 90), abs=3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_a_broken_picture_of_a_phone_is_told_as_such(
    world: World, renditions: Renditions, share: float
) -> None:
    whole = encoded(HALVES, "HEIF", quality=95)

    with pytest.raises(NotShown, match="damaged"):
        await renditions.thumbnail(world.put(whole[: int(len(whole) * share)], learn=True), 320)

    assert [trouble for trouble, _ in world.troubles] == [Trouble.BROKEN]


# -- before anybody asks


async def test_a_file_that_was_looked_into_has_its_facts_and_its_thumbnail(
    world: World, processor: Processor
) -> None:
    pictures = [world.put(jpeg("a"), "a"), world.put(ramp(4), "b", kind="video")]

    for subject in pictures:
        assert await processor.process(subject, previews=False) is None

    assert world.learned == [subject.sha256 for subject in pictures]
    assert [facts.container for facts in world.facts] == ["jpeg", "mp4"]
    async with world.renditions(Children(command=("/bin/false",))) as renditions:
        for subject in pictures:
            assert await renditions.thumbnail(subject, 320)
        with pytest.raises(StorageError):  # nothing was made of it beforehand
            await renditions.preview(pictures[1])


async def test_previews_are_made_beforehand_if_that_is_wanted(
    world: World, processor: Processor
) -> None:
    video = world.put(ramp(4), kind="video")

    await processor.process(video, previews=True)

    assert world.previewed == [video.sha256]
    async with world.renditions(Children(command=("/bin/false",))) as renditions:
        assert await renditions.preview(video)
        assert (await renditions.scrub(video)).map.count == 8


@pytest.mark.parametrize("name", SOUNDS)
async def test_a_sound_tells_what_it_is(world: World, processor: Processor, name: str) -> None:
    assert await processor.process(world.put(sample(name), kind="audio"), previews=True) is None

    (facts,) = world.facts
    assert facts.duration == pytest.approx(0.4, abs=0.15)
    assert facts.audio_codec
    assert (facts.video_codec, facts.width, facts.thumbhash) == (None, None, None)


async def test_a_document_counts_as_looked_into(world: World, processor: Processor) -> None:
    document = world.put(sample("page.pdf"), kind="document")

    assert await processor.process(document, previews=True) is None

    assert world.learned == [document.sha256]
    assert world.facts == [Facts()]


async def test_what_is_wrong_with_a_file_is_kept(world: World, processor: Processor) -> None:
    missing = world.put(jpeg("a"), "missing")
    (world.library / "missing").unlink()

    for subject, trouble in (
        (missing, Trouble.MISSING),
        (world.put(b"", "empty"), Trouble.UNKNOWN),
        (world.put(sample("pieces.mp4"), "pieces", kind="video"), Trouble.BROKEN),
    ):
        assert await processor.process(subject, previews=True) is trouble

    assert [trouble for trouble, _ in world.troubles] == ["unknown", "broken"]
    assert world.troubles[1][1].video_codec == "h264"  # what could be learned is
    assert (world.missed, world.learned) == ([missing.sha256], [])


async def test_what_is_wrong_with_everything_is_held_against_no_file(world: World) -> None:
    async with world.processor(Children(command=("/bin/false",))) as processor:
        with pytest.raises(StorageError):
            await processor.process(world.put(jpeg("a")), previews=False)

    assert (world.learned, world.troubles) == ([], [])


@pytest.mark.parametrize("way", ["empty", "folder"])
async def test_a_library_that_is_away_is_held_against_no_file(
    world: World, processor: Processor, way: str
) -> None:
    picture, video = world.put(jpeg("a"), "a"), world.put(ramp(1), "b", kind="video")
    away = world.library.rename(world.root / "away")
    if way == "empty":  # as a folder is that something was mounted at
        world.library.mkdir()

    with pytest.raises(StorageError, match="not there just now"):
        await processor.process(picture, previews=True)
    with pytest.raises(StorageError, match="not there just now"):
        await processor.preview(video)

    assert (world.learned, world.troubles, world.missed, world.previewed) == ([], [], [], [])
    if way == "empty":
        world.library.rmdir()
    away.rename(world.library)
    assert await processor.process(picture, previews=False) is None


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _without(*_: object, **__: object) -> None:
    raise RuntimeError("No program for this machine.")


async def _busy(*_: object, **__: object) -> None:
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (converting, "get_ffmpeg_exe", _without),
        (converting, "get_ffmpeg_exe", lambda: "/nowhere/ffmpeg"),
        (converting, "run_tool", _busy),
        (tempfile, "TemporaryFile", _full),
        (child, "Hand", _full),
    ],
    ids=["no ffmpeg", "ffmpeg gone", "no process", "disk full", "no sockets"],
)
async def test_what_the_machine_lacks_is_held_against_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch, module: object, name: str, fault: object
) -> None:
    picture = world.put(sample("plain.bmp"))  # libvips does not know it
    async with world.processor() as processor:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fault)
            with pytest.raises(StorageError, match="just now"):
                await processor.process(picture, previews=False)

        assert (world.learned, world.troubles) == ([], [])
        assert await processor.process(picture, previews=False) is None


def test_the_largest_scrub_sheet_is_found_again(tmp_path: Path) -> None:
    sheet = b"RIFF" + (child.LARGEST - 8).to_bytes(4, "little") + b"WEBP"
    told = ScrubMap(width=1000, height=1000, columns=100, count=1000, interval=99_999.12345678901)
    data = Scrub(told, sheet.ljust(child.LARGEST, b"\0")).pack()
    shelf = Shelf(tmp_path / "cache")

    shelf.keep("ab" * 32, SCRUB, data)

    assert shelf.find("ab" * 32, SCRUB) == data
    shelf.close()


def test_a_scrub_sheet_and_its_map_are_one() -> None:
    sheet = b"RIFF\x0c\0\0\0WEBP" + bytes(8)
    scrub = Scrub(ScrubMap(width=1, height=1, columns=1, count=1, interval=0.5), sheet)

    assert Scrub.unpack(scrub.pack()) == scrub
    assert [is_scrub(data) for data in (scrub.pack(), scrub.pack()[:-1], sheet, b"")] == [
        True,
        False,
        False,
        False,
    ]
