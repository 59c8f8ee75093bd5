"""A job that takes its worker down is told from one that was only there, and waits for a person."""

import asyncio
import itertools
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gatherum.jobs import worker as module
from gatherum.jobs.attempts import MOST_STARTS, SET_ASIDE
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import Done, JobContext, JobState, Lane
from gatherum.jobs.tables import Job
from gatherum.jobs.worker import Worker
from gatherum.model import Reason
from tests.jobs.conftest import fast, job, reached, settled, until


async def starts_of(queue: DbosQueue, job_id: str | None) -> int:
    query = sa.select(Job.starts).where(Job.id == job_id)
    return await queue.database.read(lambda tx: tx.scalars(query).one())


async def begun_before(queue: DbosQueue, job_id: str | None, times: int) -> None:
    """Record that so many workers ended without a word while they performed the job."""
    starts = sa.update(Job).where(Job.id == job_id).values(starts=times)
    await queue.database.write(lambda tx: tx.execute(starts))


async def well(_: JobContext) -> Done:
    return Done()


async def set_aside(queue: DbosQueue, key: str | None) -> str:
    """Return a job that was started once too often."""
    job_id = await queue.enqueue(job(dedup_key=key)) or ""
    await begun_before(queue, job_id, MOST_STARTS)
    worker = Worker(queue, lanes=fast())
    worker.register("note", well)
    async with worker:
        view = await settled(queue, job_id)
    assert (view.state, view.detail) == (JobState.FAILED, SET_ASIDE)
    return job_id


async def test_what_nobody_asked_for_leaves_alone_what_was_set_aside(queue: DbosQueue) -> None:
    await set_aside(queue, "poison")

    assert await queue.enqueue(job(dedup_key="poison"), unattended=True) is None
    assert await queue.enqueue(job(dedup_key="another"), unattended=True) is not None
    assert await queue.enqueue(job(), unattended=True) is not None
    assert await queue.enqueue(job(dedup_key="poison")) is not None  # a person asks for it


async def test_a_job_without_a_key_equals_none_that_was_set_aside(queue: DbosQueue) -> None:
    await set_aside(queue, None)

    assert await queue.enqueue(job(), unattended=True) is not None


async def test_what_was_set_aside_is_done_by_itself_again_when_a_person_dismissed_it(
    queue: DbosQueue,
) -> None:
    job_id = await set_aside(queue, "poison")

    await queue.dismiss_all([job_id])

    assert await queue.enqueue(job(dedup_key="poison"), unattended=True) is not None


async def test_a_suspect_that_ends_well_is_trusted_again(queue: DbosQueue) -> None:
    suspect = await queue.enqueue(job())
    await begun_before(queue, suspect, MOST_STARTS - 1)
    worker = Worker(queue, lanes=fast())
    worker.register("note", well)
    async with worker:
        assert (await settled(queue, suspect)).state == JobState.DONE

    assert await starts_of(queue, suspect) == 0


async def test_suspects_are_performed_one_by_one(queue: DbosQueue) -> None:
    at_once: list[int] = []
    performed: set[str] = set()

    async def handler(context: JobContext) -> Done:
        performed.add(context.id)
        at_once.append(len(performed))
        await asyncio.sleep(0.5)
        performed.discard(context.id)
        return Done()

    suspects = [await queue.enqueue(job()) for _ in range(3)]
    for suspect in suspects:
        await begun_before(queue, suspect, 1)
    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        for suspect in suspects:
            await settled(queue, suspect)

    assert at_once == [1, 1, 1]


async def test_a_job_that_makes_no_progress_is_ended_and_says_so(queue: DbosQueue) -> None:
    async def still(context: JobContext) -> Done:
        for speed in itertools.count():
            context.report({"files": 1, "speed": speed})
            await asyncio.sleep(0.1)
        return Done()

    async def moving(context: JobContext) -> Done:
        for number in range(40):
            context.report({"files": number})
            await asyncio.sleep(0.1)
        return Done()

    lanes = {**fast(), Lane.SYNC: replace(fast()[Lane.SYNC], still_s=2.0)}
    worker = Worker(queue, lanes=lanes)
    worker.register("still", still)
    worker.register("moving", moving)
    async with worker:
        first, second = await queue.enqueue(job("still")), await queue.enqueue(job("moving"))
        ended = await settled(queue, first)
        assert (await settled(queue, second)).state == JobState.DONE

    assert (ended.state, ended.reason) == (JobState.FAILED, Reason.UNAVAILABLE)
    assert ended.detail is not None
    assert ended.detail.startswith("It made no progress for")


async def test_what_does_not_stop_in_time_is_not_suspected(
    queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.3)
    stop = asyncio.Event()

    async def stubborn(_: JobContext) -> Done:
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", stubborn)
    job_id = await queue.enqueue(job())
    async with worker:
        await reached(queue, job_id, JobState.RUNNING)

        async def counted() -> bool:
            return await starts_of(queue, job_id) == 1

        await until(counted)

    stop.set()
    assert await starts_of(queue, job_id) == 0
