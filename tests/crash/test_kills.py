"""SIGKILL the real program at the n-th call of its disk, start it again: all is there, once, and right."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.jobs.queue import LIVE
from gatherum.jobs.tables import Job
from gatherum.library.integrity import Integrity
from gatherum.library.tables import FileRow, LedgerRow, MediaRow
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.crash.worker import KILLED, Ended, Life
from tests.suites.line import SystemClock, broken
from tests.testsites.faulty import Fault, FaultySite, Offer
from tests.testsites.samples import clip, photo

SAMPLE = 20
ROOT = Path(__file__).parents[2]


class Lives:
    """The process that lives are forked from."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["Lives"]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.crash.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
            cwd=ROOT,
        )
        yield cls(process)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()

    async def __call__(self, life: Life) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asdict(life))}\n".encode())
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        return Ended(**json.loads(line))


@pytest.fixture(scope="module")
async def lives() -> AsyncIterator[Lives]:
    async with Lives.open() as opened:
        yield opened


def offer_files(site: FaultySite) -> list[str]:
    """Eight files: two alike, one large that breaks off once, one video."""
    large = Offer(body=photo("large", 2400), content_type="image/jpeg", fault=Fault.CUT)
    film = Offer(body=clip("film", 300_000), content_type="video/mp4")
    return [
        site.offer("/large.jpg", large),
        *(site.put(f"/{name}.jpg", photo(name, 128)) for name in "abcd"),
        site.put("/again.jpg", photo("a", 128)),
        site.offer("/film.mp4", film),
        site.put("/e.jpg", photo("e", 200)),
    ]


async def flaws(data: Path, site: FaultySite, urls: list[str], *, kills: int = 1) -> list[str]:
    """Return all that is not as it must be once everything has come to its end."""
    database = Database(f"sqlite:///{data / 'gatherum.db'}")
    fs = DiskFs(Root(data / "library-root"))
    found = broken(database, fs, {url: site.served("/" + url.rpartition("/")[2]) for url in urls})
    found += [
        f"{f.flaw}: {f.path}"
        async for f in Integrity(database, fs, SystemClock()).check(quick=False)
    ]
    with database.engine.connect() as tx:
        states = {url: state for url, state in tx.execute(sa.select(MediaRow.url, MediaRow.state))}  # noqa: C416
        wanted = {url: "trashed" if 1 <= n < 4 else "stored" for n, url in enumerate(urls)}
        found += [f"{url} is {states.get(url)}" for url in urls if states.get(url) != wanted[url]]
        if live := tx.execute(sa.select(Job.title).where(Job.state.in_(LIVE))).scalars().all():
            found.append(f"live jobs: {live}")
        if tx.scalar(sa.select(LedgerRow.job_id).where(LedgerRow.outcome == "pending").limit(1)):
            found.append("pending in a ledger")
        count = tx.scalar(sa.select(sa.func.count()).select_from(FileRow))
        bodies = {site.served(f"/{url.rpartition('/')[2]}") for url in urls}
        if count != len(bodies) - 2:  # two are purged
            found.append(f"{count} file rows")
        if (said := tx.exec_driver_sql("pragma integrity_check").scalar_one()) != "ok":
            found.append(str(said))
    found += [
        f"fetched {count} times: {path}"
        for path, count in site.bodies.items()
        if count > 1 + kills + (path == "/large.jpg")
    ]
    database.close()
    return found


async def sweep(lives: Lives, folder: Path, sample: int | None) -> None:
    """Kill at every call, or at a sample of them that covers every kind."""
    new, first = folder / "new", folder / "first"
    assert (await lives(Life(data=str(new), urls=[]))).status == 0
    shutil.copytree(new, first)
    async with FaultySite() as site:
        ended = await lives(Life(data=str(first), urls=offer_files(site)))
    assert ended.status == 0, ended.error
    failures, killed = [], 0
    for at in points(ended.calls, sample):
        data = folder / str(at)
        shutil.copytree(new, data)
        async with FaultySite() as site:
            urls = offer_files(site)
            dead = await lives(Life(data=str(data), urls=urls, kill_at=at))
            killed += dead.status == KILLED
            again = await lives(Life(data=str(data), urls=urls))
            if again.status != 0 or dead.status not in (0, KILLED):
                failures.append((at, [dead.error, again.error]))
            elif found := await flaws(data, site, urls):
                failures.append((at, found))
        shutil.rmtree(data)

    assert failures == []
    assert killed >= (sample or len(ended.calls)) * 0.8  # calls of threads fall now here, now there


def points(calls: list[str], sample: int | None) -> list[int]:
    """Return at which calls to kill: all, or evenly spread ones and the first of every kind."""
    if sample is None:
        return list(range(1, len(calls) + 1))
    kinds = {calls.index(name) + 1 for name in calls}
    spread = {1 + n * len(calls) // sample for n in range(sample)}
    few = sorted(spread - kinds)[:: max(1, len(spread) // max(1, sample - len(kinds)))]
    return sorted(kinds | set(few))


async def test_a_kill_at_any_kind_of_call_loses_nothing(lives: Lives, tmp_path: Path) -> None:
    await sweep(lives, tmp_path, SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_a_kill_at_every_call_loses_nothing(lives: Lives, tmp_path: Path) -> None:
    await sweep(lives, tmp_path, None)
