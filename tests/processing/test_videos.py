"""What is made of videos: facts, scrub sheets and previews, by real children in their sandbox."""

import io
import os
import struct
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from gatherum.errors import NotFound
from gatherum.processing.drawing import poster, videos
from gatherum.processing.drawing.seen import NotSeenError
from gatherum.processing.renditions import Renditions
from gatherum.processing.trouble import NotShown, Trouble
from tests.fetching.samples import FILMS, sample
from tests.processing.films import encode, frames, ramp, second_of, tiles, turned
from tests.processing.world import World
from tests.testsites.media import jpeg

WHOLE = [name for name in FILMS if name != "pieces.mp4"]  # of that one no ffmpeg finds the frames
CODECS = {
    "h264.mp4": ("mp4", "h264", "aac"),
    "front.mp4": ("mp4", "h264", "aac"),
    "quick.mov": ("mov", "h264", "pcm_s16le"),
    "vp8.webm": ("webm", "vp8", "opus"),
    "h264.mkv": ("matroska", "h264", "flac"),
    "mpeg4.avi": ("avi", "mpeg4", "mp3float"),
    "flash.flv": ("flv", "flv", None),
    "media.wmv": ("asf", "wmv2", "wmav1"),
    "theora.ogv": ("ogg", "theora", "vorbis"),
}


# -- facts


@pytest.mark.parametrize("name", WHOLE)
async def test_a_video_tells_what_it_is(world: World, renditions: Renditions, name: str) -> None:
    await renditions.thumbnail(world.put(sample(name), kind="video", learn=True), 320)

    (facts,) = world.facts
    assert (facts.container, facts.video_codec, facts.audio_codec) == CODECS[name]
    assert (facts.width, facts.height) == (64, 48)
    assert facts.duration == pytest.approx(1, abs=0.15)
    assert facts.frame_rate == pytest.approx(10, abs=0.1)


async def test_the_size_of_a_video_is_that_of_what_is_seen(
    world: World, renditions: Renditions
) -> None:
    wide = ramp(1, options="-vf setsar=2")

    await renditions.thumbnail(world.put(wide, "wide", kind="video", learn=True), 320)
    await renditions.thumbnail(world.put(turned(wide, 90), "up", kind="video", learn=True), 320)

    assert [(facts.width, facts.height) for facts in world.facts] == [(320, 90), (90, 320)]


async def test_a_phone_tells_when_and_with_what_a_video_was_taken(
    world: World, renditions: Renditions
) -> None:
    said = "-metadata com.apple.quicktime.creationdate=2020-02-03T04:05:06+0200"
    said += " -metadata com.apple.quicktime.make=Apple -metadata com.apple.quicktime.model=iPhone"
    told = ramp(1, options=f"{said} -movflags use_metadata_tags")
    plain = ramp(1, options="-metadata creation_time=2019-01-02T03:04:05Z")
    old = ramp(1, options="-metadata creation_time=1904-01-01T00:00:00Z")

    for number, data in enumerate((told, plain, old)):
        await renditions.thumbnail(world.put(data, str(number), kind="video", learn=True), 320)

    assert [facts.taken for facts in world.facts] == [
        "2020-02-03T04:05:06+02:00",
        "2019-01-02T03:04:05+00:00",
        None,
    ]
    assert [facts.camera for facts in world.facts] == ["Apple iPhone", None, None]


async def test_odd_words_of_a_phone_cost_no_picture(world: World, renditions: Renditions) -> None:
    said = "-metadata com.apple.quicktime.creationdate=2020-02-03T04:05:06+01:00:30"
    said += f" -metadata com.apple.quicktime.model={chr(0x1F4F7) * 200}"
    video = ramp(1, options=f"{said} -movflags use_metadata_tags")

    assert await renditions.thumbnail(world.put(video, kind="video", learn=True), 320)

    (facts,) = world.facts
    assert (facts.taken, facts.camera) == (None, chr(0x1F4F7) * 50)


# -- scrub sheets


@pytest.mark.parametrize("name", WHOLE)
async def test_every_kind_of_video_has_a_scrub_sheet(
    world: World, renditions: Renditions, name: str
) -> None:
    scrub = await renditions.scrub(world.put(sample(name), kind="video"))

    told = scrub.map
    assert (told.width, told.height, told.columns) == (64, 48, told.count)
    assert told.count * told.interval == pytest.approx(1, abs=0.15)
    assert len(tiles(scrub.sheet, told.width, told.height, told.count, told.columns)) >= 2


@pytest.mark.parametrize(
    ("seconds", "keys", "late"),
    [(20, 1000, 0.5), (60, 10, 2.3), (60, 1000, 60)],
    ids=["short with one key frame", "long", "long with one key frame"],
)
async def test_a_frame_of_the_sheet_shows_its_time(
    world: World, renditions: Renditions, seconds: int, keys: int, late: float
) -> None:
    scrub = await renditions.scrub(world.put(ramp(seconds, keys=keys), kind="video"))

    told = scrub.map
    shown = [
        second_of(tile)
        for tile in tiles(scrub.sheet, told.width, told.height, told.count, told.columns)
    ]
    assert (told.width, told.height) == (160, 90)
    assert told.count == min(100, 2 * seconds)
    assert told.count * told.interval == pytest.approx(seconds)
    for number, second in enumerate(shown):
        middle = (number + 0.5) * told.interval
        assert middle - late - 1 <= second + 0.7, (number, shown)
        assert second - 0.7 <= middle, (number, shown)


async def test_a_long_video_is_not_read_from_end_to_end(world: World) -> None:
    data = ramp(60, keys=10) + struct.pack(">I4sQ", 1, b"free", (1 << 30) + 16)
    path = world.library / "long"
    with path.open("wb") as file:
        file.write(data)
        file.truncate(len(data) + (1 << 30))  # a gigabyte that nobody needs
    fd = os.open(path, os.O_RDONLY)
    before = int(Path("/proc/self/io").read_text().split()[1])

    with videos.opened(fd) as video:
        found = list(video.frames_at([number * 0.6 for number in range(100)]))

    os.close(fd)
    assert all(found)
    assert int(Path("/proc/self/io").read_text().split()[1]) - before < 50 << 20


# -- previews


@pytest.mark.parametrize("name", WHOLE)
async def test_every_kind_of_video_has_a_preview(
    world: World, renditions: Renditions, name: str
) -> None:
    data = await renditions.preview(world.put(sample(name), kind="video"))

    with av.open(io.BytesIO(data)) as clip:
        (stream,) = clip.streams  # no sound
        assert (stream.type, stream.codec_context.name) == ("video", "h264")
        assert isinstance(stream, av.VideoStream)
        assert (stream.width, stream.height, stream.pix_fmt) == (64, 48, "yuv420p")
    assert 8 <= len(frames(data)) <= 14


async def test_a_preview_shows_something_of_all_of_it(world: World, renditions: Renditions) -> None:
    data = await renditions.preview(world.put(ramp(60), kind="video"))

    shown = [second_of(frame) for frame in frames(data)]
    assert 20 <= len(shown) <= 60  # there are five frames a second
    assert shown == sorted(shown)
    for start in (6, 18, 30, 42, 54):
        assert any(start - 3.5 <= second <= start + 1.5 for second in shown), (start, shown)


@pytest.mark.parametrize(("seconds", "least"), [(4, 18), (60, 20)])
async def test_a_video_with_one_key_frame_is_shown_from_its_beginning(
    world: World, renditions: Renditions, seconds: int, least: int
) -> None:
    data = await renditions.preview(world.put(ramp(seconds, keys=1000), kind="video"))

    shown = [second_of(frame) for frame in frames(data)]
    assert len(shown) >= least
    assert shown == pytest.approx(sorted(shown), abs=0.5)  # nothing comes twice
    assert shown[0] <= 1


async def test_a_preview_is_small_and_stands_upright(world: World, renditions: Renditions) -> None:
    large = encode("-f lavfi -i testsrc2=s=1920x1080:r=25:d=8 -c:v libx264 -preset ultrafast")

    flat = await renditions.preview(world.put(large, "flat", kind="video"))
    upright = await renditions.preview(world.put(turned(large, 90), "up", kind="video"))

    assert (frames(flat)[0].size, frames(upright)[0].size) == ((320, 180), (180, 320))
    assert len(flat) < 200_000


async def test_what_was_made_is_found_again_without_the_video(world: World) -> None:
    video = world.put(ramp(4), kind="video")
    async with world.renditions() as renditions:
        made = await renditions.scrub(video), await renditions.preview(video)
    (world.library / "file").unlink()

    async with world.renditions() as renditions:
        assert (await renditions.scrub(video), await renditions.preview(video)) == made


@pytest.mark.parametrize("torn", [0, 30, -10])
async def test_what_a_power_cut_has_torn_is_made_anew(world: World, torn: int) -> None:
    video = world.put(ramp(4), kind="video")
    async with world.renditions() as renditions:
        made = await renditions.scrub(video), await renditions.preview(video)
    for path in world.cache.rglob("*-1.*"):
        path.write_bytes(path.read_bytes()[:torn])

    async with world.renditions() as renditions:
        assert (await renditions.scrub(video), await renditions.preview(video)) == made


# -- what is none


@pytest.mark.parametrize("kind", ["image", "audio", "document"])
async def test_what_is_no_video_has_neither(
    world: World, renditions: Renditions, kind: str
) -> None:
    subject = world.put(jpeg("a"), kind=kind)

    for ask in (renditions.scrub, renditions.preview):
        with pytest.raises(NotFound, match="no video"):
            await ask(subject)


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", Trouble.UNKNOWN),
        (b"no video at all" * 99, Trouble.UNKNOWN),
        (sample("h264.mp4")[: len(sample("h264.mp4")) // 2], Trouble.UNKNOWN),
        (sample("pieces.mp4"), Trouble.BROKEN),
        (sample("alac.m4a"), Trouble.NOTHING),
    ],
    ids=["empty", "text", "without its end", "without frames", "sound"],
)
async def test_the_reason_is_told_why_a_video_cannot_be_shown(
    world: World, renditions: Renditions, data: bytes, trouble: Trouble
) -> None:
    video = world.put(data, kind="video", learn=True)

    with pytest.raises(NotShown, match=trouble.told.replace(".", r"\.")):
        await renditions.thumbnail(video, 320)
    with pytest.raises(NotShown, match="no scrub sheet"):
        await renditions.scrub(video)
    with pytest.raises(NotShown, match="no preview"):
        await renditions.preview(video)

    assert [each for each, _ in world.troubles] == [trouble]


async def test_a_video_that_breaks_off_is_shown_as_far_as_it_goes(
    world: World, renditions: Renditions
) -> None:
    whole = ramp(60, keys=10, options="-movflags +faststart")
    video = world.put(whole[: len(whole) * 2 // 3], kind="video")

    assert await renditions.thumbnail(video, 320)
    scrub = await renditions.scrub(video)
    assert scrub.map.count == 100
    assert frames(await renditions.preview(video))


async def test_a_playlist_opens_no_other_file(world: World) -> None:
    (world.library / "secret.ts").write_bytes(
        encode("-f lavfi -i testsrc2=s=64x48:d=2 -c:v libx264", "secret.ts")
    )
    secret = world.library / "secret.ts"
    lists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret}\n",
    ]

    for number, text in enumerate(lists):
        path = world.library / str(number)
        path.write_text(text)
        fd = os.open(path, os.O_RDONLY)
        # Without the sandbox, which would not let it either.
        with pytest.raises(NotSeenError), videos.opened(fd) as video:
            poster.draw(video, (320,), facts=True)
        os.close(fd)


@pytest.mark.parametrize(
    "guard", [{"io_open": videos.refuse}, {"options": dict(videos.GUARDS)}], ids=["open", "words"]
)
def test_each_guard_alone_keeps_a_playlist_from_other_files(
    tmp_path: Path, guard: dict[str, Any]
) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(encode("-f lavfi -i testsrc2=s=64x48:d=2 -c:v libx264", "secret.ts"))
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n"

    with av.open(io.BytesIO(text.encode()), "r", format="hls") as unguarded:
        assert next(unguarded.decode(video=0))  # so there is something to be guarded
    with pytest.raises((av.FFmpegError, OSError)):
        av.open(io.BytesIO(text.encode()), "r", format="hls", **guard)


async def test_a_frame_of_too_many_pixels_is_refused_and_the_child_goes_on(
    world: World, renditions: Renditions
) -> None:
    huge = encode("-f lavfi -i color=s=12000x9000:r=1:d=1 -c:v mjpeg -q:v 31", "huge.avi")
    video = world.put(huge, kind="video")

    for ask in (
        lambda: renditions.thumbnail(video, 320),
        lambda: renditions.scrub(video),
        lambda: renditions.preview(video),
    ):
        with pytest.raises(NotShown) as told:
            await ask()
        assert told.value.trouble is Trouble.TOO_LARGE

    assert await renditions.thumbnail(world.put(ramp(4), "other", kind="video"), 320)


def test_pictures_of_a_test_tell_their_time() -> None:
    for second in (0, 7, 41):
        value = round((40 + 3 * second - 16) * 255 / 219)
        assert second_of(Image.new("RGB", (9, 9), (value,) * 3)) == pytest.approx(second, abs=0.2)
