"""Whatever became of the engine's rows: no live job is forgotten, and old runs do not pile up."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.jobs import housekeeping
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import Done, JobContext, JobState, Lane
from gatherum.jobs.tables import Executor, PausedLane
from gatherum.jobs.worker import Worker
from tests.jobs.conftest import fast, job, run_table, settled, until

TTL_S = 3.0


async def done(_context: JobContext) -> Done:
    return Done()


def worker_of(queue: DbosQueue) -> Worker:
    worker = Worker(queue, lanes=fast())
    worker.register("note", done)
    return worker


async def test_a_job_whose_run_was_lost_is_queued_again(queue: DbosQueue) -> None:
    job_id = await queue.enqueue(job())
    await queue.database.write(lambda tx: tx.execute(sa.delete(run_table(queue))))

    async with worker_of(queue):
        view = await settled(queue, job_id)

    assert (view.state, view.attempt) == (JobState.DONE, 1)


async def test_a_job_whose_run_broke_inside_the_engine_is_queued_again(queue: DbosQueue) -> None:
    job_id = await queue.enqueue(job())
    await queue.database.write(
        lambda tx: tx.execute(sa.update(run_table(queue)).values(status="ERROR"))
    )

    async with worker_of(queue):
        assert (await settled(queue, job_id)).state == JobState.DONE


async def test_a_held_job_is_found_even_if_its_pause_vanished(queue: DbosQueue) -> None:
    await queue.pause(Lane.SYNC)
    job_id = await queue.enqueue(job())
    async with worker_of(queue):

        async def held() -> bool:
            return (await queue.get(job_id or "")).held

        await until(held)
    await queue.database.write(lambda tx: tx.execute(sa.delete(PausedLane)))

    async with worker_of(queue):
        assert (await settled(queue, job_id)).state == JobState.DONE


async def test_runs_that_ended_are_forgotten_after_a_day(queue: DbosQueue) -> None:
    def statuses(tx: Tx) -> list[str]:
        return list(tx.scalars(sa.select(run_table(queue).c.workflow_uuid)))

    worker = worker_of(queue)
    async with worker:
        ids = [await queue.enqueue(job()) for _ in range(2)]
        for job_id in ids:
            await settled(queue, job_id)

        async def all_recorded() -> bool:
            query = sa.select(sa.func.count()).where(run_table(queue).c.status == "SUCCESS")
            return await queue.database.read(lambda tx: tx.scalar(query)) == 2

        await until(all_recorded)
        later = await queue.enqueue(job(delay_s=3600))
        two_days = int((time.time() - 2 * 86400) * 1000)
        rows = run_table(queue)
        old = rows.c.workflow_uuid.like(f"{ids[0]}%")
        aged = sa.update(rows).where(old).values(completed_at=two_days)
        await queue.database.write(lambda tx: tx.execute(aged))

        await worker._housekeeping._prune()

        kept = await queue.database.read(statuses)
    assert sorted(kept) == sorted([f"{ids[1]}.1", f"{later}.1"])


async def test_who_could_not_say_that_it_lives_does_not_call_others_dead(
    queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    if queue.database.is_sqlite:
        pytest.skip("on SQLite there is one worker")
    said_dead: list[str] = []

    async def dead(executor: str) -> None:
        said_dead.append(executor)

    async def seen(executor: str) -> float:
        query = sa.select(Executor.seen_at).where(Executor.id == executor)
        return await queue.database.read(lambda tx: tx.scalar(query)) or 0.0

    say = housekeeping._seen

    def fail(_tx: Tx, _executor: str) -> None:
        raise OSError("The disk is full.")

    worker = Worker(queue, lanes=fast(), heartbeat_s=0.2, ttl_s=TTL_S)
    worker.on_executor_dead(dead)
    async with worker:
        await queue.database.write(lambda tx: say(tx, "other"))
        silent_since = await seen(worker.id)
        monkeypatch.setattr(housekeeping, "_seen", fail)
        await asyncio.sleep(TTL_S + 1)
        gone = sa.insert(Executor).values(id="gone", seen_at=housekeeping.ENDED, started_at=1.0)
        await queue.database.write(lambda tx: tx.execute(gone))

        async def is_taken_over() -> bool:
            return said_dead == ["gone"]  # it said so itself

        await until(is_taken_over)
        monkeypatch.undo()

        async def speaks() -> bool:
            return await seen(worker.id) > silent_since + TTL_S

        await until(speaks)
        await asyncio.sleep(0.5)
        assert said_dead == ["gone"]

        async def is_said_dead() -> bool:
            return said_dead == ["gone", "other"]

        await until(is_said_dead)
