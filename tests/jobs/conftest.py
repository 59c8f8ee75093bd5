"""A queue without a worker, and what the tests of jobs wait with."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.jobs.engine import DbosQueue, LaneLimits
from gatherum.jobs.queue import JobState, JobView, Lane, NewJob

WAIT_S = 30.0  # for what nobody has promised a time, on however busy a machine


@pytest.fixture
async def queue(database: Database) -> DbosQueue:
    queue = DbosQueue(database)
    await queue.prepare()
    return queue


def fast(*, in_partition: int = 3, in_worker: int = 8) -> dict[Lane, LaneLimits]:
    """Return limits under which nobody waits long for a job to start."""
    return {
        lane: LaneLimits(in_partition=in_partition, in_worker=in_worker, poll_s=0.1)
        for lane in Lane
    }


def job(
    kind: str = "note", *, partition: str = "p", lane: Lane = Lane.SYNC, **rest: object
) -> NewJob:
    return NewJob(kind=kind, lane=lane, partition=partition, title=kind, **rest)  # type: ignore[arg-type]  # passed on


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = WAIT_S) -> None:
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def settled(queue: DbosQueue, job_id: str | None, *, within: float = WAIT_S) -> JobView:
    """Wait until a job is no longer live, and return it."""
    return await reached(
        queue, job_id, JobState.DONE, JobState.FAILED, JobState.CANCELLED, within=within
    )


async def reached(
    queue: DbosQueue, job_id: str | None, *states: JobState, within: float = WAIT_S
) -> JobView:
    assert job_id is not None

    async def there() -> bool:
        return (await queue.get(job_id)).state in states

    await until(there, within=within)
    return await queue.get(job_id)


def run_table(queue: DbosQueue) -> sa.TableClause:
    """Return the engine's own table of runs."""
    return sa.table(
        "workflow_status",
        *(sa.column(name) for name in ("workflow_uuid", "status", "completed_at")),
        schema=None if queue.database.is_sqlite else "dbos",
    )
