"""Several workers over one library, on PostgreSQL: nothing comes twice, whoever dies."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.jobs.queue import JobState
from gatherum.library.ledger import tally
from gatherum.library.tables import FileRow, MediaRow
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.conftest import Postgres
from tests.crash.crowd import Crowd, crowd
from tests.suites.line import broken
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.samples import photo

FILES = 60
LARGE = 4


def offer_files(site: FaultySite) -> list[str]:
    """Many small files, every tenth like its neighbour, and a few large ones that take a while."""
    urls = []
    for n in range(FILES):
        same = n - 1 if n % 10 == 9 else n
        urls.append(site.put(f"/{n}.jpg", photo(f"crowd {same}", 96)))
    for n in range(LARGE):
        offer = Offer(body=photo(f"large {n}", 1500), drip=0.02)
        urls.append(site.offer(f"/large{n}.jpg", offer))
    return urls


async def served(site: FaultySite, files: int) -> None:
    while site.bodies.total() < files:  # noqa: ASYNC110  # a counter
        await asyncio.sleep(0.01)


async def check(
    crowd: Crowd, site: FaultySite, urls: list[str], jobs: list[str], kills: int
) -> None:
    fs = DiskFs(Root(crowd.folder / "library-root"))
    origin = {url: site.served("/" + url.rpartition("/")[2]) for url in urls}
    assert broken(crowd.database, fs, origin) == []
    with crowd.database.engine.connect() as tx:
        states = Counter(tx.execute(sa.select(MediaRow.state)).scalars())
        files = tx.scalar(sa.select(sa.func.count()).select_from(FileRow))
    assert states == {"stored": len(urls)}
    assert files == len(set(origin.values())) == len(list(fs.list("library")))
    assert {path: n for path, n in site.bodies.items() if n > 1 + kills} == {}
    for job in jobs:
        assert (await crowd.queue.get(job)).state is JobState.DONE
        count = await tally(crowd.database, job)
        assert (count.failed, count.pending, count.skipped) == (0, 0, 0)


@pytest.mark.parametrize("size", [2, 4])
async def test_workers_share_a_library_and_outlive_one_of_them(
    size: int, postgres: Postgres, tmp_path: Path
) -> None:
    rng = random.Random(size)  # noqa: S311
    url = postgres.make()
    async with FaultySite(latency=0.02) as site, crowd(url, tmp_path, size) as all_of_them:
        urls = offer_files(site)
        jobs = [await all_of_them.submit(rng.sample(urls, len(urls))) for _ in range(3)]
        await served(site, rng.randint(5, 25))
        all_of_them.workers[rng.randrange(size)].kill()
        jobs.append(await all_of_them.submit(urls))
        killed_at = time.monotonic()

        await all_of_them.ended(jobs, within=110)

        assert time.monotonic() - killed_at < 100  # nobody waited for a lease of two minutes
        await check(all_of_them, site, urls, jobs, kills=1)
    postgres.drop(url)


async def test_workers_outlive_a_restart_of_the_database(
    postgres: Postgres, tmp_path: Path
) -> None:
    if not postgres.is_ours:
        pytest.skip("This server is not ours to stop.")
    url = postgres.make()
    async with FaultySite(latency=0.02) as site, crowd(url, tmp_path, 2, ttl_s=10) as both:
        urls = offer_files(site)
        jobs = [await both.submit(urls), await both.submit(urls[::-1])]
        await served(site, 20)

        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        await both.ended(jobs, within=90)

        # What was fetched while nobody could write it down may have been fetched again, once.
        await check(both, site, urls, jobs, kills=1)
    postgres.drop(url)
