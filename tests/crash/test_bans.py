"""A platform that bans for good whoever asks too fast: several workers together are never banned."""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gatherum.acquiring.jobs import new_link_job
from gatherum.fetching.budget import INTERVALS, JITTER
from gatherum.fetching.logins import Logins
from gatherum.jobs.queue import JobState, Lane
from gatherum.library.ledger import tally
from gatherum.library.tables import FileRow, MediaRow, PostRow
from gatherum.model import Target
from gatherum.safety.vault import Vault
from tests.conftest import Postgres
from tests.crash.crowd import Crowd, crowd
from tests.suites.line import SystemClock
from tests.testsites.gateway import Gateway
from tests.testsites.reddit import mount_reddit
from tests.testsites.world import Entry, Item, World

WORKERS = 4
PEOPLE = 6  # half of them are asked for with a login
HOST = "www.reddit.com"
PAGE = 4  # posts
# What a window holds at the shortest pauses there are, and some for requests held up on a machine
# that is busy. Workers that knew nothing of each other would send four times as much.
PATIENCE = 1.25
KEY = b"k" * 32


@dataclass
class Bouncer:
    """Stands before a site, and bans whoever sends more than `most` requests in a window."""

    site: ASGIApp
    most: int
    window_s: float
    seen: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    sent: Counter[str] = field(default_factory=Counter)
    banned: Counter[str] = field(default_factory=Counter)
    busiest: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = next((v.decode() for k, v in scope["headers"] if k == b"cookie"), "nobody")
        now, times = time.monotonic(), self.seen[who]
        times.append(now)
        while times[0] < now - self.window_s:
            times.popleft()
        self.sent[who] += 1
        self.busiest = max(self.busiest, len(times))
        if len(times) > self.most or who in self.banned:
            self.banned[who] += 1
            status = 403 if self.banned[who] % 2 else 429
            await PlainTextResponse("You are banned.", status)(scope, receive, send)
        else:
            await self.site(scope, receive, send)


def publish(world: World, name: str, posts: int) -> Sequence[Entry]:
    """Let somebody publish a picture a page, and words else: nearly all that is asked is pages."""
    entries = world.add_person(name, posts)
    world.people[name] = tuple(
        replace(entry, items=() if number % PAGE else (Item(id=entry.id),))
        for number, entry in enumerate(entries)
    )
    return world.people[name]


def guarded(world: World, pace: float, window_s: float) -> Bouncer:
    """Put a bouncer before Reddit who bans above the rate that is due at a pace."""
    shortest = INTERVALS["reddit"] * JITTER[0] * pace
    made = Bouncer(world.sites[HOST], most=int(PATIENCE * window_s / shortest), window_s=window_s)
    world.sites[HOST] = made
    return made


async def bring_in(all_of_them: Crowd, names: Sequence[str], login: int) -> list[str]:
    """Submit a job for each person, every other one with the login."""
    jobs = []
    chosen = [None, login]
    for number, name in enumerate(names):
        url = f"https://{HOST}/user/{name}"
        target = Target(platform="reddit", feed="user", key=name, url=url)
        job = new_link_job(url, target, limit=None, login=chosen[number % 2])
        lane = Lane.SYNC if number % 3 == 2 else Lane.INTERACTIVE
        jobs.append(await all_of_them.enqueue(replace(job, lane=lane)))
    return jobs


async def keep_login(all_of_them: Crowd) -> int:
    """Keep a login, which is somebody of its own to the bouncer."""
    logins = Logins(all_of_them.database, Vault.from_secret(KEY), SystemClock())
    cookies = ".reddit.com\tTRUE\t/\tTRUE\t0\treddit_session\tann\n"
    return await logins.keep("reddit", "ann", cookies)


async def sync(
    postgres: Postgres, folder: Path, *, posts: int, pace: float, window_s: float
) -> tuple[Bouncer, float]:
    """Bring in everybody's posts with four workers, of whom none is ever banned.

    Return the bouncer, and how long it took.
    """
    url, world = postgres.make(), World()
    names = [f"user{number}" for number in range(PEOPLE)]
    entries = [entry for name in names for entry in publish(world, name, posts)]
    mount_reddit(world, page=PAGE)
    bouncer = guarded(world, pace, window_s)
    async with Gateway(world) as gateway:
        settings = {"network.pace": str(pace), "library.free_space_reserve": "0"}
        env = {
            "GATHERUM_NETWORK_PROXY": gateway.url,
            "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
            "GATHERUM_SECRET_KEY": KEY.hex(),
        }
        async with crowd(url, folder, WORKERS, ttl_s=30, settings=settings, env=env) as all_of_them:
            begun = time.monotonic()
            jobs = await bring_in(all_of_them, names, await keep_login(all_of_them))
            within = 200 + PEOPLE * posts / PAGE * pace * 2
            ending = asyncio.create_task(all_of_them.ended(jobs, within=within))
            while not ending.done():
                assert bouncer.banned == {}, bouncer.sent
                await asyncio.wait([ending], timeout=0.1)
            await ending
            took = time.monotonic() - begun
            await check(all_of_them, jobs, len(entries))
        assert gateway.refused == []
    postgres.drop(url)
    return bouncer, took


async def check(all_of_them: Crowd, jobs: Sequence[str], posts: int) -> None:
    """Everything is there, once."""
    count = sa.func.count()
    with all_of_them.database.engine.connect() as tx:
        assert tx.scalar(sa.select(count).select_from(PostRow)) == posts
        assert Counter(tx.execute(sa.select(MediaRow.state)).scalars()) == {"stored": posts // PAGE}
        assert tx.scalar(sa.select(count).select_from(FileRow)) == posts // PAGE
    for job in jobs:
        assert (await all_of_them.queue.get(job)).state is JobState.DONE
        ledger = await tally(all_of_them.database, job)
        assert (ledger.failed, ledger.pending, ledger.skipped) == (0, 0, 0)


async def test_four_workers_are_never_banned_and_bring_in_everything(
    postgres: Postgres, tmp_path: Path
) -> None:
    bouncer, _ = await sync(postgres, tmp_path, posts=60, pace=0.5, window_s=5)

    assert len(bouncer.sent) == 2  # nobody, and the login
    assert sum(bouncer.sent.values()) >= PEOPLE * 60 / PAGE


async def test_who_asks_as_fast_as_he_can_is_banned() -> None:
    world = World()
    publish(world, "user0", 8)
    mount_reddit(world, page=PAGE)
    bouncer = guarded(world, 0.5, 5.0)

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": "/user/user0/.json", "headers": []}
        await bouncer({**scope, "query_string": b""}, receive, send)

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(_: object) -> None:
        pass

    await asyncio.gather(*(ask() for _ in range(bouncer.most + 1)))

    assert bouncer.banned["nobody"] == 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_ten_minutes_at_the_usual_pace_are_never_too_fast(
    postgres: Postgres, tmp_path: Path
) -> None:
    _, took = await sync(postgres, tmp_path, posts=1000, pace=1.0, window_s=60)

    assert took >= 600
