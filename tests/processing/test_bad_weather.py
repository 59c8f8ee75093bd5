"""Renditions in bad weather: hostile files, dying children, impatient askers, a vanishing cache."""

import asyncio
import os
import resource
import shutil
import signal
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from gatherum.errors import NotFound, StorageError, TooManyRequests
from gatherum.processing import renditions as module
from gatherum.processing.children import Children
from gatherum.processing.frames import READY, Head, Status
from gatherum.processing.hot import Hot
from gatherum.processing.renditions import Renditions
from gatherum.processing.studio import Subject
from gatherum.processing.trouble import NotShown, Trouble
from gatherum.safety.sandbox import sandbox_status
from tests.processing.world import World
from tests.suites.children import children, count_from_here
from tests.suites.waiting import until
from tests.testsites.media import jpeg

confined = pytest.mark.skipif(not sandbox_status().ok, reason=sandbox_status().detail)


@pytest.fixture(autouse=True)
def counted() -> None:
    count_from_here()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def wicked(code: str, **options: float) -> Children:
    """Return children that say they are ready, take one file, and then run `code`."""
    start = f"""
import os, socket, sys, time
def say(data): os.write(1, data)
say({READY!r})
taken = socket.recv_fds(socket.socket(fileno=int(sys.argv[1])), 99, 1)
"""
    return Children(command=(sys.executable, "-I", "-c", start + code), **options)  # type: ignore[arg-type]


def slow_until(gate: Path) -> Children:
    """Return children that draw once somebody has made a file."""
    drawn = Head(Status.DRAWN, lengths=(20,)).pack() + webp()
    return wicked(
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\nsay({drawn!r})",
    )


def webp(size: int = 20) -> bytes:
    return b"RIFF" + struct.pack("<I", size - 8) + b"WEBP" + bytes(size - 12)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of some kilobytes that says it is huge."""
    packer = zlib.compressobj()
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", rows)]
    out = b"\x89PNG\r\n\x1a\n"
    for name, data in (*parts, (b"IEND", b"")):
        out += (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )
    return out


def gif(width: int, height: int) -> bytes:
    """Return an animation of two large frames with almost nothing in them."""
    place = b"\x2c\0\0\0\0" + struct.pack("<HH", width, height)
    frame = b"\x21\xf9\x04\0\0\0\0\0" + place + b"\0\x02\x02\x44\x01\0"
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff"
    return head + frame + frame + b"\x3b"


async def test_a_picture_of_too_many_pixels_is_refused_and_the_child_goes_on(
    world: World, renditions: Renditions
) -> None:
    await renditions.thumbnail(world.put(jpeg("good")), 320)
    before = children()

    for data in (bomb(30_000, 30_000), gif(8_000, 8_000)):
        with pytest.raises(NotFound, match="cannot be shown"):
            await renditions.thumbnail(world.put(data), 320)

    assert await renditions.thumbnail(world.put(jpeg("other")), 320)
    assert children() == before


async def test_a_large_picture_within_the_limits_is_drawn(
    world: World, renditions: Renditions
) -> None:
    assert await renditions.thumbnail(world.put(bomb(15_000, 15_000)), 320)
    assert await renditions.thumbnail(world.put(gif(5_000, 5_000)), 320)


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\xff\xd8\xff" + bytes(999), b"no picture at all" * 99, jpeg("x")[:100]],
    ids=["empty", "gif head", "zeros", "text", "jpeg head"],
)
async def test_a_file_without_a_picture_is_not_tried_again_for_an_hour(
    world: World, renditions: Renditions, data: bytes
) -> None:
    original = world.put(data)
    with pytest.raises(NotFound, match="cannot be shown"):
        await renditions.thumbnail(original, 320)

    (world.library / "file").write_bytes(jpeg("mended"))
    with pytest.raises(NotFound, match="cannot be shown"):
        await renditions.thumbnail(original, 640)
    world.clock.time += 3601

    assert await renditions.thumbnail(original, 320)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99">%b</svg>'
LAUGHS = b"".join(b'<!ENTITY %c "%b">' % (n + 1, b"&%c;" % n * 8) for n in range(97, 110))
HOSTILE = {
    "vast svg": SVG.replace(b"99", b"1000000") % b"",
    "many laughs": b'<!DOCTYPE x [<!ENTITY a "haha">' + LAUGHS + b"]>" + SVG % b"<text>&n;</text>",
    "entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    + SVG % b"<text>&a;</text>",
    "gif script": b"GIF89a/*\x01\0\0\0\0*/=1;alert(1)//",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(x) (w) file quit",
    "mvg": b"push graphic-context\nviewbox 0 0 9 9\nfill 'url(https://127.0.0.1/x)'",
    "pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(sh)>>>>endobj\n%%EOF\n",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_hostile_is_refused_with_the_reason_and_the_child_goes_on(
    world: World, renditions: Renditions, name: str
) -> None:
    await renditions.thumbnail(world.put(jpeg("good")), 320)
    before = children()

    with pytest.raises(NotShown) as told:
        await renditions.thumbnail(world.put(HOSTILE[name], learn=True), 320)

    trouble = Trouble.TOO_LARGE if name == "vast svg" else Trouble.UNKNOWN
    assert (told.value.trouble, [each for each, _ in world.troubles]) == (trouble, [trouble])
    assert str(told.value) == f"This file cannot be shown as a picture. {trouble.told}"
    assert await renditions.thumbnail(world.put(jpeg("other")), 320)
    assert children() == before


async def test_a_drawing_runs_nothing_and_asks_for_nothing(
    world: World, renditions: Renditions
) -> None:
    asked = []
    server = await asyncio.start_server(lambda *_: asked.append(1), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    inner = f'<script>while(1);</script><image href="http://127.0.0.1:{port}/x" width="9"/>'

    drawn = await renditions.thumbnail(world.put(SVG % inner.encode()), 320)
    server.close()

    assert (asked, b"script" in drawn) == ([], False)


async def test_what_hangs_on_behind_a_picture_goes_nowhere(
    world: World, renditions: Renditions
) -> None:
    both = jpeg("x") + b"PK\x03\x04<script>alert(1)</script>"

    drawn = await renditions.thumbnail(world.put(both), 320)

    assert drawn == await renditions.thumbnail(world.put(jpeg("x"), "plain"), 320)


async def test_a_picture_that_wants_all_memory_takes_nobody_with_it(world: World) -> None:
    hungry = "import mmap; hold = [bytes(64 << 20) for _ in range(99)]"
    async with world.renditions(wicked(hungry, patience=20)) as renditions:
        with pytest.raises(NotShown) as told:
            await renditions.thumbnail(world.put(jpeg("a")), 320)

    assert told.value.trouble is Trouble.CRASHED
    assert children() == set()


async def test_a_missing_file_is_asked_for_again_when_it_is_back(
    world: World, renditions: Renditions
) -> None:
    original = world.put(jpeg("a"))
    (world.library / "file").unlink()
    with pytest.raises(NotFound, match="not in the library"):
        await renditions.thumbnail(original, 320)

    world.put(jpeg("a"))

    assert await renditions.thumbnail(original, 320)


async def test_a_link_out_of_the_library_is_not_followed(
    world: World, renditions: Renditions, tmp_path: Path
) -> None:
    (tmp_path / "secret.jpg").write_bytes(jpeg("secret"))
    (world.library / "link").symlink_to(tmp_path / "secret.jpg")
    original = Subject(sha256="0" * 64, paths=("library/link",), kind=world.put(b"").kind)

    with pytest.raises(NotFound, match="not in the library"):
        await renditions.thumbnail(original, 320)


@confined
async def test_the_child_is_shut_in(world: World, renditions: Renditions) -> None:
    await renditions.thumbnail(world.put(jpeg("a")), 320)

    (pid,) = children()
    status = Path(f"/proc/{pid}/status").read_text()
    limits = Path(f"/proc/{pid}/limits").read_text()
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert "\nSeccomp:\t2" in status
    assert "\nNoNewPrivs:\t1" in status
    assert f"Max address space         {1536 << 20}" in limits
    assert "Max file size             0 " in limits
    assert b"GATHERUM" not in environment


async def test_twenty_who_ask_at_once_get_the_work_of_one(
    world: World, renditions: Renditions
) -> None:
    original = world.put(jpeg("a"), learn=True)

    answers = await asyncio.gather(*(renditions.thumbnail(original, 320) for _ in range(20)))

    assert len(set(answers)) == 1
    assert len(world.facts) == 1


async def test_at_most_two_are_drawn_at_once(world: World) -> None:
    slow = wicked("time.sleep(60)", patience=3.0)
    async with world.renditions(slow) as renditions:
        asked = [
            asyncio.create_task(renditions.thumbnail(world.put(jpeg(str(n)), str(n)), 320))
            for n in range(5)
        ]
        await until(lambda: len(children()) == 2)
        await asyncio.sleep(0.2)  # a third one would come now

        assert len(children()) == 2

        done = await asyncio.gather(*asked, return_exceptions=True)
    assert [each.trouble for each in done if isinstance(each, NotShown)] == [Trouble.TOO_LONG] * 5
    assert children() == set()


async def test_who_has_gone_before_it_began_costs_nothing(world: World, tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    async with world.renditions(slow_until(go_on)) as renditions:
        busy = [
            asyncio.create_task(
                renditions.thumbnail(world.put(jpeg(str(n)), str(n), learn=True), 320)
            )
            for n in range(2)
        ]
        await until(lambda: len(children()) == 2)
        gone = world.put(jpeg("gone"), "gone", learn=True)
        waiting = [asyncio.create_task(renditions.thumbnail(gone, 320)) for _ in range(2)]
        await asyncio.sleep(0.1)

        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        go_on.touch()
        await asyncio.wait(busy)
        await asyncio.sleep(1.0)

        assert len(world.facts) == 2  # the third was not drawn
        assert await renditions.thumbnail(gone, 320) == webp()


async def test_one_who_goes_does_not_take_it_from_another(
    world: World, renditions: Renditions
) -> None:
    original = world.put(jpeg("a"))
    first = asyncio.create_task(renditions.thumbnail(original, 320))
    second = asyncio.create_task(renditions.thumbnail(original, 320))
    await asyncio.sleep(0)

    first.cancel()

    assert await second
    assert first.cancelled()


async def test_when_too_many_wait_one_is_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    async with world.renditions(wicked("time.sleep(60)", patience=3.0)) as renditions:
        asked = [
            asyncio.create_task(renditions.thumbnail(world.put(jpeg(str(n)), str(n)), 320))
            for n in range(5)
        ]

        done = await asyncio.gather(*asked, return_exceptions=True)

    assert (
        sorted(type(each).__name__ for each in done) == ["NotShown"] * 3 + ["TooManyRequests"] * 2
    )
    assert [each.retry_after for each in done if isinstance(each, TooManyRequests)] == [2, 2]


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(0)",
        "os.kill(os.getpid(), 11)",
        "time.sleep(60)",
        "say(b'x' * 200); time.sleep(60)",
        "say(b'\\0'); sys.exit(0)",
        f"say({Head(77).pack()!r})",
        f"say({Head(Status.DRAWN, lengths=(5 << 20,)).pack()!r} + bytes(5 << 20))",
        f"say({Head(Status.DRAWN, 1001, (20,)).pack()!r} + b' ' * 999 + b'{{}}' + {webp()!r})",
        f"say({Head(Status.DRAWN, 2, (20,)).pack()!r} + b'[]' + {webp()!r})",
        f"say({Head(Status.DRAWN, 11, (20,)).pack()!r} + b'{{\"width\":0}}' + {webp()!r})",
        f'say({Head(Status.BROKEN, 9).pack()!r} + b\'{{"x":"y"}}\')',
        f"say({Head(Status.DRAWN, lengths=(20,)).pack()!r} + b'<script>' + bytes(12))",
        f"say({Head(Status.DRAWN, lengths=(21,)).pack()!r} + {webp()!r} + b'x')",
        f"say({Head(Status.DRAWN, lengths=(20,)).pack()!r} + {webp()[:15]!r}); time.sleep(60)",
    ],
    ids=[
        *("leaves", "crashes", "hangs", "babbles", "breaks off", "odd status", "too large"),
        *(
            "long facts",
            "no facts",
            "wrong facts",
            "odd facts",
            "no webp",
            "longer than it says",
            "half a webp",
        ),
    ],
)
async def test_a_child_that_misbehaves_is_ended_and_believed_in_nothing(
    world: World, code: str
) -> None:
    async with world.renditions(wicked(code, patience=0.5)) as renditions:
        with pytest.raises(NotFound, match="cannot be shown"):
            await renditions.thumbnail(world.put(jpeg("a")), 320)

        assert children() == set()
    assert list(world.cache.rglob("*.webp")) == []


async def test_what_a_child_draws_is_believed_when_it_is_what_was_asked_for(world: World) -> None:
    code = f"say({Head(Status.DRAWN, lengths=(20,)).pack()!r} + {webp()!r}); time.sleep(60)"
    async with world.renditions(wicked(code)) as renditions:
        assert await renditions.thumbnail(world.put(jpeg("a")), 320) == webp()


async def test_without_a_child_nothing_is_held_against_the_file(world: World) -> None:
    async with world.renditions(Children(command=("/bin/false",))) as renditions:
        for _ in range(2):
            with pytest.raises(StorageError, match="just now"):
                await renditions.thumbnail(world.put(jpeg("a")), 320)


async def test_a_child_that_died_idle_is_replaced_unnoticed(
    world: World, renditions: Renditions
) -> None:
    await renditions.thumbnail(world.put(jpeg("a")), 320)
    for pid in children():
        os.kill(pid, signal.SIGKILL)

    assert await renditions.thumbnail(world.put(jpeg("b")), 320)


async def test_a_file_does_not_suffer_for_the_one_before_it(world: World) -> None:
    drawn = Head(Status.DRAWN, lengths=(20,)).pack() + webp()
    async with world.renditions(wicked(f"say({drawn!r}); time.sleep(60)")) as renditions:
        for name in ("one", "two"):  # each child takes one and is deaf afterwards
            assert await renditions.thumbnail(world.put(jpeg(name)), 320) == webp()


async def test_a_child_is_replaced_when_it_has_done_its_share_or_idles(world: World) -> None:
    async with world.renditions(Children(files=2)) as renditions:
        await renditions.thumbnail(world.put(jpeg("a")), 320)
        assert len(children()) == 1
        await renditions.thumbnail(world.put(jpeg("b")), 320)
        assert children() == set()
    async with world.renditions(Children(idle=0.05)) as renditions:
        await renditions.thumbnail(world.put(jpeg("c")), 320)
        await until(lambda: not children())


async def test_closing_ends_what_is_under_way(world: World) -> None:
    async with world.renditions(wicked("time.sleep(60)")) as renditions:
        asked = asyncio.create_task(renditions.thumbnail(world.put(jpeg("a")), 320))
        await until(lambda: len(children()) == 1)

    assert children() == set()
    with suppress(asyncio.CancelledError):
        await asked


async def test_what_was_made_is_found_again_without_the_original(world: World) -> None:
    original = world.put(jpeg("a"))
    async with world.renditions() as renditions:
        made = await renditions.thumbnail(original, 320)
    (world.library / "file").unlink()

    async with world.renditions() as renditions:
        assert renditions.find(original.sha256, 320) is None
        assert await renditions.thumbnail(original, 320) == made
        assert renditions.find(original.sha256, 320) == made
        assert children() == set()
    kept = [path.relative_to(world.cache) for path in world.cache.rglob("*.*")]
    assert kept == [Path(original.sha256[:2]) / f"{original.sha256}-320-1.webp"]


@pytest.mark.parametrize("depth", ["*", "*/*", "itself"])
async def test_the_cache_may_vanish_at_any_time(
    world: World, renditions: Renditions, depth: str
) -> None:
    original = world.put(jpeg("a"))
    made = await renditions.thumbnail(original, 320)
    for path in [world.cache] if depth == "itself" else world.cache.glob(depth):
        path.unlink() if path.is_file() else shutil.rmtree(path)

    assert await renditions.thumbnail(original, 320) == made
    assert await renditions.thumbnail(original, 640)

    assert len(list(world.cache.rglob("*.webp"))) == 1


@pytest.mark.parametrize("left", [b"", b"RIFF\x99\0\0\0WEBP", b"<html>"])
async def test_a_torn_thumbnail_is_made_anew(world: World, left: bytes) -> None:
    original = world.put(jpeg("a"))
    async with world.renditions() as renditions:
        made = await renditions.thumbnail(original, 320)
    (path,) = world.cache.rglob("*.webp")
    path.write_bytes(left)

    async with world.renditions() as renditions:
        assert await renditions.thumbnail(original, 320) == made
    assert path.read_bytes() == made


async def test_a_link_in_the_cache_is_not_followed(world: World, tmp_path: Path) -> None:
    original = world.put(jpeg("a"))
    async with world.renditions() as renditions:
        made = await renditions.thumbnail(original, 320)
    (path,) = world.cache.rglob("*.webp")
    (tmp_path / "other.webp").write_bytes(webp())
    path.unlink()
    path.symlink_to(tmp_path / "other.webp")

    async with world.renditions() as renditions:
        assert await renditions.thumbnail(original, 320) == made
    assert (tmp_path / "other.webp").read_bytes() == webp()


async def test_a_disk_that_takes_nothing_keeps_nobody_from_looking(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = world.put(jpeg("a"))
    async with world.renditions() as renditions:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        monkeypatch.setattr(signal, "SIGXFSZ", signal.SIGXFSZ)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # Python ignores the signal
        try:
            assert await renditions.thumbnail(original, 320)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path for path in world.cache.rglob("*") if path.is_file()] == []


async def test_what_is_forgotten_leaves_nothing(world: World, renditions: Renditions) -> None:
    original = world.put(jpeg("a"))
    for size in (320, 640):
        await renditions.thumbnail(original, size)
    kept = await renditions.thumbnail(world.put(jpeg("b")), 320)

    await renditions.forget(original.sha256)

    assert renditions.find(original.sha256, 320) is None
    assert [path.read_bytes() for path in world.cache.rglob("*.webp")] == [kept]


async def test_what_is_purged_while_it_is_drawn_leaves_nothing(
    world: World, renditions: Renditions
) -> None:
    subject = world.put(jpeg("a"))
    world.purged.add(subject.sha256)

    with pytest.raises(NotFound, match="not in the library"):
        await renditions.thumbnail(subject, 320)

    assert renditions.find(subject.sha256, 320) is None
    assert list(world.cache.rglob("*.webp")) == []


async def test_what_is_forgotten_in_the_making_is_given_up(world: World, tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    async with world.renditions(slow_until(go_on)) as renditions:
        subjects = [world.put(jpeg(str(n)), str(n)) for n in range(3)]  # the third one waits
        asked = [asyncio.create_task(renditions.thumbnail(each, 320)) for each in subjects]
        await until(lambda: len(children()) == 2)

        for subject in subjects[1:]:
            await renditions.forget(subject.sha256)
        go_on.touch()
        done = await asyncio.gather(*asked, return_exceptions=True)

        assert [type(each) for each in done] == [bytes, NotFound, NotFound]
        assert [renditions.find(each.sha256, 320) for each in subjects] == [webp(), None, None]
        assert await renditions.thumbnail(subjects[2], 320) == webp()  # as when it is fetched anew


async def test_what_takes_long_keeps_nobody_from_looking_at_the_gallery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LONG_WAITING", 3)
    drawn = Head(Status.DRAWN, lengths=(20,)).pack() + webp()
    code = f"say({drawn!r}) if taken[0][0] >> 4 == 1 else time.sleep(60)"
    async with world.renditions(wicked(code)) as renditions:
        videos = [world.put(b"%d" % n, str(n), kind="video") for n in range(4)]
        asked = [asyncio.create_task(renditions.preview(each)) for each in videos[:2]]
        scrubbing = asyncio.create_task(renditions.scrub(videos[2]))
        await asyncio.sleep(0.3)

        async with asyncio.timeout(5):
            assert await renditions.thumbnail(world.put(jpeg("a")), 320) == webp()
            with pytest.raises(TooManyRequests):
                await renditions.preview(videos[3])
    done = await asyncio.gather(*asked, scrubbing, return_exceptions=True)
    assert [type(each) for each in done] == [asyncio.CancelledError] * 3


async def test_no_descriptor_is_left_by_any_way_out(world: World) -> None:
    before = descriptors()
    async with world.renditions() as renditions:
        for number in range(10):
            await renditions.thumbnail(world.put(jpeg(str(number))), 320)
            with pytest.raises(NotFound):
                await renditions.thumbnail(world.put(b"nothing %d" % number), 320)
    async with world.renditions(wicked("sys.exit(1)")) as renditions:
        for number in range(10):
            with pytest.raises(NotFound):
                await renditions.thumbnail(world.put(jpeg(f"crash {number}")), 320)

    assert descriptors() == before


def test_memory_holds_what_was_asked_for_last() -> None:
    hot: Hot[str] = Hot(100)
    for name in "abcdefghijk":  # ten have room
        hot.keep(name, bytes(10))
        hot.find("a")

    assert [name for name in "abcdefghijk" if hot.find(name) is None] == ["b"]
    assert hot.held == 100


def test_memory_is_not_filled_by_one_thing() -> None:
    hot: Hot[str] = Hot(100)
    hot.keep("a", bytes(10))

    hot.keep("a", bytes(11))

    assert hot.find("a") is None
    assert hot.held == 0
