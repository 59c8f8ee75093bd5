"""Jobs are steered while they live: sooner or later than others, once more, or many at once."""

import asyncio

import pytest
import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.db.events import Events, Position
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.looking import Crowd
from gatherum.jobs.queue import Done, JobContext, JobFilter, JobState, Lane, Later
from gatherum.jobs.tables import Job
from gatherum.jobs.worker import Worker
from tests.jobs.conftest import fast, job, reached, settled


async def test_what_is_queued_is_done_in_the_order_of_its_new_priorities(queue: DbosQueue) -> None:
    order: list[str] = []
    begin = asyncio.Event()

    async def handler(context: JobContext) -> Done:
        await begin.wait()
        order.append(str(context.payload["name"]))
        return Done()

    ids = {
        name: await queue.enqueue(job(payload={"name": name}, priority=priority))
        for name, priority in (("first", 1), ("a", 100), ("b", 100), ("c", 100), ("d", 100))
    }
    worker = Worker(queue, lanes=fast(in_partition=1, in_worker=1))
    worker.register("note", handler)
    async with worker:
        await reached(queue, ids["first"], JobState.RUNNING)
        assert await queue.set_priority(ids["c"] or "", 5)
        assert await queue.set_priority(ids["b"] or "", 200)
        assert await queue.set_priority(ids["first"] or "", 900)  # it runs, and is left to it
        begin.set()
        for job_id in ids.values():
            assert (await settled(queue, job_id)).attempt == 1

    assert order == ["first", "c", "a", "d", "b"]


async def test_what_is_queued_at_one_time_is_done_in_the_order_it_came(queue: DbosQueue) -> None:
    order: list[object] = []

    async def handler(context: JobContext) -> Done:
        order.append(context.payload["number"])
        return Done()

    def submit(tx: Tx) -> list[str]:
        return [queue.submit(tx, job(payload={"number": number})) or "" for number in range(6)]

    await queue.prepare()
    ids = await queue.database.write(submit)
    worker = Worker(queue, lanes=fast(in_partition=1, in_worker=1))
    worker.register("note", handler)
    async with worker:
        for job_id in ids:
            await settled(queue, job_id)

    assert order == list(range(6))


async def test_what_was_held_is_done_in_the_order_it_came(queue: DbosQueue) -> None:
    order: list[object] = []

    async def handler(context: JobContext) -> Done:
        order.append(context.payload["number"])
        return Done()

    ids = [await queue.enqueue(job(payload={"number": number})) or "" for number in range(5)]
    hold = sa.update(Job).values(held=True)
    await queue.database.write(lambda tx: tx.execute(hold))
    await queue.resume(Lane.SYNC)
    worker = Worker(queue, lanes=fast(in_partition=1, in_worker=1))
    worker.register("note", handler)
    async with worker:
        for job_id in ids:
            await settled(queue, job_id)

    assert order == list(range(5))


async def test_what_waits_keeps_its_time_and_gets_its_priority(queue: DbosQueue) -> None:
    async def handler(_: JobContext) -> Later:
        return Later(delay_s=3600)

    job_id = await queue.enqueue(job()) or ""
    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        before = await reached(queue, job_id, JobState.WAITING)
        assert await queue.set_priority(job_id, 3)
        await asyncio.sleep(0.5)
        after = await queue.get(job_id)

    assert (after.state, after.not_before, after.priority) == (
        JobState.WAITING,
        before.not_before,
        3,
    )


async def test_a_priority_has_bounds_and_an_ended_job_has_none(queue: DbosQueue) -> None:
    job_id = await queue.enqueue(job()) or ""

    for priority in (0, 1001):
        with pytest.raises(InvalidInput):
            await queue.set_priority(job_id, priority)
    await queue.cancel(job_id)

    assert not await queue.set_priority(job_id, 1)
    assert (await queue.get(job_id)).priority == 100


async def test_what_has_ended_is_done_once_more_and_an_equal_live_one_counts(
    queue: DbosQueue,
) -> None:
    old = await queue.enqueue(job(dedup_key="k", payload={"n": 1}, priority=7)) or ""
    with pytest.raises(Conflict):
        await queue.run_again(old)
    with pytest.raises(NotFound):
        await queue.run_again("nobody")
    await queue.cancel(old)

    new = await queue.run_again(old)

    view = await queue.get(new)
    assert (view.state, view.payload, view.priority) == (JobState.QUEUED, {"n": 1}, 7)
    assert await queue.run_again(old) == new != old


async def test_many_are_steered_in_one_transaction(queue: DbosQueue) -> None:
    ids = [await queue.enqueue(job(kind=f"note {n}")) or "" for n in range(4)]
    await queue.cancel(ids[0])
    wait = sa.update(Job).where(Job.id == ids[1]).values(state=JobState.WAITING, not_before=2e9)
    await queue.database.write(lambda tx: tx.execute(wait))

    assert await queue.retry_all([*ids[:3], "nobody"]) == (ids[1], ids[0])  # waits, has ended
    assert sorted(await queue.cancel_all([*ids, "nobody"])) == sorted(ids[1:])

    page = await queue.list()
    assert [(view.kind, view.state) for view in page.jobs] == [
        ("note 0", JobState.QUEUED),
        ("note 3", JobState.CANCELLED),
        ("note 2", JobState.CANCELLED),
        ("note 1", JobState.CANCELLED),
        ("note 0", JobState.CANCELLED),
    ]


async def test_jobs_of_several_states_are_listed_in_one_order(queue: DbosQueue) -> None:
    ids = [await queue.enqueue(job(kind=f"note {n}")) or "" for n in range(6)]
    for number in (0, 2, 4):
        await queue.cancel(ids[number])
    which = JobFilter(states=(JobState.QUEUED, JobState.CANCELLED))
    found: list[str] = []
    cursor: str | None = None
    while not found or cursor is not None:
        page = await queue.list(which, limit=2, cursor=cursor)
        found += [view.id for view in page.jobs]
        cursor = page.cursor

    assert found == ids[::-1]
    assert (await queue.list(JobFilter(ids=(ids[3],)))).jobs[0].id == ids[3]
    assert (await queue.list(JobFilter(ids=()))).jobs == ()


async def test_the_live_jobs_of_lanes_are_counted(queue: DbosQueue) -> None:
    await queue.enqueue(job(partition="a"))
    await queue.enqueue(job(partition="a", lane=Lane.INTERACTIVE))
    held, waiting, ended = [await queue.enqueue(job(partition="b")) or "" for _ in range(3)]

    def change(job_id: str, **values: object) -> sa.Update:
        return sa.update(Job).where(Job.id == job_id).values(**values)

    for each in (
        change(held, held=True),
        change(waiting, state=JobState.WAITING, not_before=7.0),
        change(ended, state=JobState.DONE),
    ):
        await queue.database.write(lambda tx, each=each: tx.execute(each))  # type: ignore[misc]

    assert await queue.crowds() == (
        _crowd(Lane.INTERACTIVE, "a", queued=1),
        _crowd(Lane.SYNC, "a", queued=1),
        _crowd(Lane.SYNC, "b", queued=1, waiting=1, held=1, next_at=7.0),
    )


async def test_a_job_that_reports_without_end_writes_few_events(queue: DbosQueue) -> None:
    async def handler(context: JobContext) -> Done:
        for number in range(5000):
            context.report({"stored": number})
            if number % 500 == 0:
                await asyncio.sleep(0.1)
        return Done()

    begin = await Events(queue.database).newest()
    job_id = await queue.enqueue(job())
    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        view = await settled(queue, job_id)

    assert view.progress == {"stored": 4999}
    told = await Events(queue.database).after(begin)
    assert {(event.kind, event.ref) for event in told} == {("job", job_id)}
    # Submitted, begun, settled, and its progress: at once, and then once a second at most.
    assert 4 <= len(told) <= 3 + 1 + 10


async def test_old_events_are_forgotten_by_whoever_performs_jobs(queue: DbosQueue) -> None:
    worker = Worker(queue)
    await queue.enqueue(job())
    old = sa.text("update event set at = 0")
    await queue.database.write(lambda tx: tx.execute(old))

    await worker._housekeeping._forget()

    (left,) = await Events(queue.database).after(Position())
    assert left.kind == "job"


def _crowd(lane: Lane, partition: str, **counts: object) -> Crowd:
    values: dict[str, object] = {"running": 0, "queued": 0, "waiting": 0, "held": 0}
    values |= {"next_at": None, **counts}
    return Crowd(lane=lane, partition=partition, **values)  # type: ignore[arg-type]  # passed on
