"""Several workers over one library, each a process of its own, on PostgreSQL."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from gatherum.acquiring.jobs import new_files_job
from gatherum.db import Database
from gatherum.db.preferences import Preferences
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import NewJob

ROOT = Path(__file__).parents[2]
FAST = MappingProxyType({"network.pace": "0", "library.free_space_reserve": "0"})
LOOPBACK = MappingProxyType({"GATHERUM_NETWORK_ALLOW": "127.0.0.1"})


@dataclass(frozen=True, slots=True)
class Crowd:
    """Workers over one library, and what they share."""

    folder: Path
    database: Database
    queue: DbosQueue
    workers: list[asyncio.subprocess.Process]

    async def submit(self, urls: Sequence[str]) -> str:
        return await self.enqueue(new_files_job(list(urls), limit=None, login=None))

    async def enqueue(self, job: NewJob) -> str:
        job_id = await self.queue.enqueue(job)
        assert job_id is not None
        return job_id

    async def ended(self, job_ids: Sequence[str], *, within: float) -> None:
        deadline = time.monotonic() + within
        while any([(await self.queue.get(job_id)).is_live for job_id in job_ids]):
            assert time.monotonic() < deadline, [await self.queue.get(job) for job in job_ids]
            await asyncio.sleep(0.1)


@asynccontextmanager
async def crowd(
    url: str,
    folder: Path,
    size: int,
    *,
    ttl_s: float = 5,
    settings: Mapping[str, str] = FAST,
    env: Mapping[str, str] = LOOPBACK,
) -> AsyncIterator[Crowd]:
    """Start `size` workers, with these settings and this in their environment."""
    database = Database(url)
    preferences, queue = Preferences(database), DbosQueue(database)
    for name, value in settings.items():
        await preferences.set(name, value)
    await queue.prepare()
    environment = {
        **os.environ,
        "GATHERUM_DATABASE_URL": url,
        "GATHERUM_LIBRARY_DIR": str(folder / "library-root"),
        **env,
    }
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.crowd_worker",
            str(ttl_s),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**environment, "GATHERUM_DATA_DIR": str(folder / f"data{n}")},
        )
        for n in range(size)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert (await worker.stdout.readline()).startswith(b"ready ")
        yield Crowd(folder, database, queue, workers)
    finally:
        for worker in workers:
            if worker.returncode is None:
                worker.kill()
            await worker.communicate()
        database.close()
