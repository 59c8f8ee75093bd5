"""The pool of child workers: real engines for what they do, wicked children for what they might."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from gatherum.errors import (
    InvalidInput,
    RateLimited,
    Refused,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.cookies import Cookie
from gatherum.fetching.workers.child import Permit
from gatherum.fetching.workers.engine import EnginePool, permit_all
from gatherum.ports import EnginePost, EngineRequest
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from tests.suites.children import children, count_from_here
from tests.suites.waiting import until
from tests.testsites.engines import EngineClient, engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.mastodon import mastodon
from tests.testsites.media import mp4
from tests.testsites.videos import pieces, videos
from tests.testsites.world import Fault, World

HOST = "social.example"
ALICE = EngineRequest(engine="gallerydl", url=f"mastodon:https://{HOST}/@alice")


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("alice", 45)
    world.mount(HOST, mastodon(world, HOST))
    world.mount("video.example", videos())
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
async def pool(gateway: Gateway, tmp_path: Path) -> AsyncIterator[EnginePool]:
    async with engine_pool(gateway, tmp_path / "scratch") as pool:
        yield pool


@pytest.fixture(autouse=True)
def counted() -> None:
    count_from_here()


async def count(
    pool: EnginePool, request: EngineRequest = ALICE, *, permit: Permit = permit_all
) -> int:
    lines = pool.extract(request, permit=permit)
    return sum([isinstance(line, EnginePost) async for line in lines])


def wicked(code: str) -> dict[str, Sequence[str]]:
    """Return an engine that says it is ready, reads its order, and then runs `code`."""
    start = 'import sys, time\nprint(\'{"ev":"ready"}\', flush=True)\nsys.stdin.readline()\n'
    return {"gallerydl": (sys.executable, "-I", "-S", "-c", start + code)}


async def test_a_warm_child_serves_one_job_after_another(pool: EnginePool) -> None:
    assert await count(pool) == 45
    first = children()

    assert await count(pool) == 45

    assert children() == first
    assert len(first) == 1


async def test_a_child_is_replaced_when_it_has_done_its_share(
    gateway: Gateway, tmp_path: Path
) -> None:
    async with engine_pool(gateway, tmp_path, max_jobs=1) as pool:
        assert await count(pool) == 45
        assert children() == set()
        assert await count(pool) == 45


async def test_an_idle_child_is_sent_home(gateway: Gateway, tmp_path: Path) -> None:
    async with engine_pool(gateway, tmp_path, idle=0.05) as pool:
        assert await count(pool) == 45

        await until(lambda: not children() and not list(tmp_path.iterdir()))


async def test_a_child_that_died_idle_is_replaced_unnoticed(pool: EnginePool) -> None:
    assert await count(pool) == 45
    for pid in children():
        os.kill(pid, signal.SIGKILL)

    assert await count(pool) == 45


async def test_a_child_that_dies_at_work_fails_its_job_and_no_other(pool: EnginePool) -> None:
    async def kill(_: str) -> None:
        for pid in children():
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(Unavailable):
        await count(pool, ALICE, permit=kill)

    assert await count(pool) == 45


async def test_nothing_is_left_when_the_pool_is_closed(gateway: Gateway, tmp_path: Path) -> None:
    async with engine_pool(gateway, tmp_path) as pool:
        await count(pool)

    assert children() == set()
    assert list(tmp_path.iterdir()) == []


async def test_cancelling_kills_the_child_within_two_seconds(
    gateway: Gateway, pool: EnginePool
) -> None:
    gateway.world.plant(HOST, Fault(delay=30, path="/statuses$"))
    job = asyncio.create_task(count(pool))
    await until(lambda: gateway.world.log)

    job.cancel()
    async with asyncio.timeout(2):
        with pytest.raises(asyncio.CancelledError):
            await job

    assert children() == set()
    assert await count(pool) == 45


async def test_closing_the_iterator_stops_the_requests_and_keeps_the_child(
    gateway: Gateway, pool: EnginePool
) -> None:
    lines = pool.extract(ALICE)
    async for line in lines:
        assert isinstance(line, EnginePost)
        break
    first = children()
    await lines.aclose()

    assert gateway.world.count(HOST, "/statuses$") == 1
    assert await count(pool) == 45
    assert children() == first


async def test_a_budget_that_says_no_ends_the_job_with_its_own_error(
    gateway: Gateway, pool: EnginePool
) -> None:
    async def never(host: str) -> None:
        raise RateLimited(f"{host} rests.", retry_after=9)

    with pytest.raises(RateLimited) as caught:
        await count(pool, permit=never)

    assert caught.value.retry_after == 9
    assert gateway.world.log == []


async def test_waiting_for_a_permit_is_no_silence(gateway: Gateway, tmp_path: Path) -> None:
    slept: list[float] = []

    async def slow(_: str) -> None:
        if not slept:
            slept.append(3.5)
            await asyncio.sleep(3.5)

    async with engine_pool(gateway, tmp_path, patience=20.0) as pool:
        assert await count(pool) == 45  # warm: a start on a busy machine takes its time
        pool._patience = 3.0

        found = [line async for line in pool.extract(ALICE, permit=slow)]

    assert found
    assert slept


async def test_a_child_that_is_silent_for_too_long_is_killed(
    gateway: Gateway, tmp_path: Path
) -> None:
    commands = wicked("time.sleep(60)")
    async with engine_pool(gateway, tmp_path, commands=commands, patience=1.0) as pool:
        with pytest.raises(Unavailable):
            await count(pool)

        assert children() == set()


@pytest.mark.parametrize(
    "code",
    [
        "print('this is no JSON', flush=True); time.sleep(60)",
        'print(\'{"ev":"post"}\', flush=True); time.sleep(60)',
        'print(\'{"ev":"post","meta":[1]}\', flush=True); time.sleep(60)',
        "sys.stdout.buffer.write(bytes(range(128, 256)) + b'\\n'); sys.stdout.flush(); time.sleep(60)",
        "print('[' * 100_000, flush=True); time.sleep(60)",
        "sys.stdout.write('x' * 100_000_000 + '\\n'); sys.stdout.flush(); time.sleep(60)",
    ],
    ids=["words", "half a line", "another shape", "bytes", "depth", "a hundred megabytes"],
)
async def test_a_child_that_talks_nonsense_hurts_nobody(
    gateway: Gateway, tmp_path: Path, code: str
) -> None:
    async with engine_pool(gateway, tmp_path, commands=wicked(code)) as pool:
        with pytest.raises(UnexpectedResponse):
            await count(pool)

        assert children() == set()


async def test_a_child_that_ends_at_once_is_unavailable(gateway: Gateway, tmp_path: Path) -> None:
    async with engine_pool(gateway, tmp_path, commands=wicked("sys.exit(1)")) as pool:
        with pytest.raises(Unavailable):
            await count(pool)


async def test_a_child_reads_and_writes_nothing_outside_its_folder(
    gateway: Gateway, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("keep out")
    code = f"""
import json
said = []
for mode in ("r", "w"):
    try:
        open({str(secret)!r}, mode).close()
    except OSError as error:
        said.append(type(error).__name__)
print(json.dumps({{"ev": "post", "meta": {{"said": said}}}}))
print('{{"ev":"done"}}', flush=True)
"""
    async with engine_pool(gateway, tmp_path / "scratch", commands=wicked(code)) as pool:
        lines = [line async for line in pool.extract(ALICE)]

    assert lines == [EnginePost(meta={"said": ["PermissionError", "PermissionError"]})]
    assert secret.read_text() == "keep out"


async def test_cookies_lie_in_a_private_file_for_the_time_of_the_job(
    gateway: Gateway, tmp_path: Path
) -> None:
    modes = []
    async with engine_pool(gateway, tmp_path) as pool:
        async for _ in pool.extract(ALICE, cookies="# Netscape HTTP Cookie File\n"):
            modes += [oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("*/.cookies.txt")]

        assert set(modes) == {"0o600"}
        assert list(tmp_path.glob("*/.cookies.txt")) == []


async def test_an_address_that_the_policy_forbids_is_refused(tmp_path: Path) -> None:
    async with Egress(Policy()) as egress, EnginePool(tmp_path, egress=egress) as pool:
        for request in (
            EngineRequest(engine="gallerydl", url="mastodon:http://127.0.0.1:9/@alice"),
            EngineRequest(engine="ytdlp", url="http://127.0.0.1:9/watch"),
            EngineRequest(engine="ytdlp", url="https://127.0.0.1:9/watch"),
        ):
            with pytest.raises(Refused):
                await count(pool, request)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "--exec=id", "ytsearch:cats", "https://a b/"]
)
async def test_only_web_addresses_reach_an_engine(pool: EnginePool, url: str) -> None:
    with pytest.raises(InvalidInput):
        await count(pool, EngineRequest(engine="ytdlp", url=url))

    assert children() == set()


async def test_an_engine_that_nobody_knows_is_unsupported(pool: EnginePool) -> None:
    with pytest.raises(Unsupported):
        await count(pool, EngineRequest(engine="curl", url="https://a.example/"))


@pytest.mark.parametrize(
    ("engine", "url", "key"),
    [
        ("gallerydl", "https://imgur.com/a/abc12", "imgur"),
        ("gallerydl", "https://mastodon.art/@somebody", None),
        ("gallerydl", "https://nobody.example/album/1", None),
        ("gallerydl", "https://nobody.example/beach.jpg", None),
        ("ytdlp", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "Youtube"),
        ("ytdlp", "https://nobody.example/watch/1", None),
    ],
)
async def test_an_engine_says_which_links_are_its_own_without_a_request(
    gateway: Gateway, pool: EnginePool, engine: str, url: str, key: str | None
) -> None:
    assert await pool.supports(engine, url) == key
    assert gateway.connects == []


async def test_a_stream_in_pieces_becomes_one_file_in_the_folder_given(
    gateway: Gateway, pool: EnginePool, tmp_path: Path
) -> None:
    folder = tmp_path / "staging"
    folder.mkdir()
    client = EngineClient(pool)
    told: list[tuple[int, int | None]] = []

    path = await pool.download(
        "https://video.example/live/dog",
        folder,
        user_agent="Mine/1",
        permit=client.permit,
        answered=client.answered,
        progress=lambda done, total: told.append((done, total)),
    )

    assert list(folder.iterdir()) == [path]
    assert path.stat().st_size > 0.8 * len(mp4("stream", 3.0))
    assert path.read_bytes()[4:8] == b"ftyp"
    assert {hit.headers["user-agent"] for hit in gateway.world.log} == {"Mine/1"}
    assert gateway.world.count("video.example", r"\.ts$") == len(pieces()) == 3
    assert client.permits == {"video.example": gateway.world.count("video.example")}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert children() == set()


async def test_sound_and_picture_that_come_apart_become_what_browsers_play(
    pool: EnginePool, tmp_path: Path
) -> None:
    path = await pool.download("https://video.example/apart/dog", tmp_path)

    assert path.suffix == ".mp4"
    assert path.read_bytes()[4:8] == b"ftyp"
    assert path.stat().st_size > 0.8 * len(mp4("dog"))


async def test_a_download_that_fails_says_why_and_leaves_no_child(
    gateway: Gateway, pool: EnginePool, tmp_path: Path
) -> None:
    gateway.world.plant(
        "video.example", Fault(status=429, headers={"Retry-After": "5"}, path=r"\.ts$")
    )

    with pytest.raises(RateLimited) as caught:
        await pool.download("https://video.example/live/dog", tmp_path)

    assert caught.value.retry_after == 5
    assert children() == set()


KEPT = f".{HOST}\tTRUE\t/\tFALSE\t0\tsession\told\n"


async def test_an_engine_says_the_browsers_name_and_tells_of_cookies_given_anew(
    gateway: Gateway, pool: EnginePool
) -> None:
    told: list[Sequence[Cookie]] = []
    site = gateway.world.sites[HOST]

    async def renewing(scope: Scope, receive: Receive, send: Send) -> None:
        async def give(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = b"session=new; Domain=" + HOST.encode() + b"; Path=/"
                message["headers"] = [*message["headers"], (b"set-cookie", cookie)]
            await send(message)

        await site(scope, receive, give)

    gateway.world.mount(HOST, renewing)

    lines = pool.extract(ALICE, cookies=KEPT, user_agent="Mine/1", renewed=told.append)
    async for _ in lines:
        pass

    (cookies,) = told
    assert [cookie.value for cookie in cookies if cookie.name == "session"] == ["new"]
    assert {hit.headers["user-agent"] for hit in gateway.world.log} == {"Mine/1"}
    assert gateway.world.log[-1].headers["cookie"] == "session=new"


@pytest.mark.parametrize(
    "left", ["nonsense", "", "a" * (3 << 20), f"{HOST}\tTRUE\t/\tTRUE\tinf\ta\tb"]
)
async def test_what_a_child_leaves_in_place_of_cookies_is_nothing(
    gateway: Gateway, tmp_path: Path, left: str
) -> None:
    told: list[Sequence[Cookie]] = []
    code = (
        'import sys, json\nprint(\'{"ev":"ready"}\', flush=True)\n'
        "order = json.loads(sys.stdin.readline())\n"
        f"open(order['cookies'], 'w').write({left[:1]!r} * {len(left)} if {len(left)} > 99"
        f" else {left[:99]!r})\n"
        'print(\'{"ev":"done"}\', flush=True)\nsys.stdin.read()'
    )
    commands = {"gallerydl": (sys.executable, "-I", "-S", "-c", code)}

    async with engine_pool(gateway, tmp_path, commands=commands) as pool:
        async for _ in pool.extract(ALICE, cookies=KEPT, renewed=told.append):
            pass

    assert told == [()]
