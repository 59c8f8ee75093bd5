"""What a queue and its worker promise, on both databases."""

import asyncio
import os
import signal
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.db.tables import SettingRow
from gatherum.errors import DataDirBusy, Gone, InvalidInput, NotFound
from gatherum.jobs.attempts import backoff
from gatherum.jobs.engine import DbosQueue, Engine
from gatherum.jobs.queue import Done, JobContext, JobFilter, JobState, Lane, Later
from gatherum.jobs.worker import Worker
from gatherum.model import Reason
from tests.jobs.conftest import WAIT_S, fast, job, reached, run_table, settled, until


async def test_a_job_is_performed_and_its_story_can_be_read(queue: DbosQueue) -> None:
    async def handler(context: JobContext) -> Done:
        for number in range(100):
            context.report({"files": number})
        return Done(detail=f"{context.payload['url']} {context.attempt}")

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job(payload={"url": "https://example.com/a"}))
        view = await settled(queue, job_id)

    assert (view.state, view.detail) == (JobState.DONE, "https://example.com/a 1")
    assert view.progress == {"files": 99}
    assert view.started_at is not None
    assert view.finished_at is not None
    assert view.created_at <= view.started_at <= view.finished_at


async def test_progress_is_seen_while_the_job_runs(queue: DbosQueue) -> None:
    async def handler(context: JobContext) -> Done:
        context.report({"files": 1})
        await asyncio.sleep(60)
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job())
        assert job_id is not None

        async def reported() -> bool:
            return (await queue.get(job_id)).progress == {"files": 1}

        await until(reported)


async def test_handlers_run_on_the_loop_of_the_program(queue: DbosQueue) -> None:
    loops = []

    async def handler(_context: JobContext) -> Done:
        loops.append(asyncio.get_running_loop())
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        await settled(queue, await queue.enqueue(job()))

    assert loops == [asyncio.get_running_loop()]
    assert await asyncio.to_thread(lambda: 1) == 1  # its thread pool is still its own


async def test_an_equal_job_is_not_queued_while_one_is_live(queue: DbosQueue) -> None:
    first = await queue.enqueue(job(dedup_key="a"))
    assert first is not None

    both = await asyncio.gather(*(queue.enqueue(job(dedup_key="a")) for _ in range(4)))

    assert both == [None] * 4
    live = await queue.find_live("a")
    assert live is not None
    assert live.id == first
    await queue.cancel(first)
    assert await queue.enqueue(job(dedup_key="a")) is not None


async def test_a_record_and_its_job_are_there_together_or_not_at_all(queue: DbosQueue) -> None:
    performed: list[str] = []

    async def handler(context: JobContext) -> Done:
        performed.append(str(context.payload["name"]))
        return Done()

    def write(name: str, *, fail: bool) -> None:
        def fn(tx: Tx) -> None:
            tx.execute(sa.insert(SettingRow).values(section=name, values={}, version=1))
            queue.submit(tx, job(payload={"name": name}))
            if fail:
                raise ZeroDivisionError

        queue.database.write_now(fn)

    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(write, "lost", fail=True)
    runs = sa.select(sa.func.count()).select_from(run_table(queue))
    assert await queue.database.read(lambda tx: tx.scalar(runs)) == 0
    await asyncio.to_thread(write, "kept", fail=False)

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        (view,) = (await queue.list()).jobs
        await settled(queue, view.id)
    assert performed == ["kept"]
    names = await queue.database.read(lambda tx: tx.scalars(sa.select(SettingRow.section)).all())
    assert names == ["kept"]


async def test_more_urgent_jobs_go_first(queue: DbosQueue) -> None:
    order = []

    async def handler(context: JobContext) -> Done:
        order.append(context.payload["priority"])
        return Done()

    ids = [
        await queue.enqueue(job(priority=priority, payload={"priority": priority}))
        for priority in (50, 10, 100, 1)
    ]
    worker = Worker(queue, lanes=fast(in_partition=1, in_worker=8))
    worker.register("note", handler)
    async with worker:
        for job_id in ids:
            await settled(queue, job_id)

    assert order == [1, 10, 50, 100]


async def test_a_partition_has_its_own_limit_and_stops_nobody_else(queue: DbosQueue) -> None:
    now: dict[str, int] = defaultdict(int)
    peak: dict[str, int] = defaultdict(int)
    together = 0
    full = asyncio.Event()

    async def handler(context: JobContext) -> Done:
        nonlocal together
        partition = str(context.payload["partition"])
        now[partition] += 1
        peak[partition] = max(peak[partition], now[partition])
        together = max(together, sum(now.values()))
        if together == 3:
            full.set()
        await asyncio.wait_for(full.wait(), WAIT_S)
        await asyncio.sleep(0.5)  # time for one too many
        now[partition] -= 1
        return Done()

    ids = [
        await queue.enqueue(job(partition=partition, payload={"partition": partition}))
        for partition in "aaaab"
    ]
    worker = Worker(queue, lanes=fast(in_partition=2, in_worker=8))
    worker.register("note", handler)
    async with worker:
        for job_id in ids:
            await settled(queue, job_id)

    assert peak == {"a": 2, "b": 1}
    assert together == 3


async def test_a_job_that_asks_for_later_waits_and_says_why(queue: DbosQueue) -> None:
    times = []

    async def handler(context: JobContext) -> Done | Later:
        times.append((context.attempt, time.time()))
        if context.attempt == 1:
            return Later(delay_s=3600, reason=Reason.RATE_LIMITED, detail="Asked to wait.")
        return Later(delay_s=1.0) if context.attempt == 2 else Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job(dedup_key="a"))
        waiting = await reached(queue, job_id, JobState.WAITING)
        assert (waiting.reason, waiting.detail) == (Reason.RATE_LIMITED, "Asked to wait.")
        assert waiting.not_before is not None
        assert times[0][1] + 3600 <= waiting.not_before <= time.time() + 3600
        assert await queue.enqueue(job(dedup_key="a")) is None
        assert await queue.retry_now(job_id or "")
        view = await settled(queue, job_id)

    assert (view.state, view.attempt, view.reason) == (JobState.DONE, 3, None)
    assert [attempt for attempt, _ in times] == [1, 2, 3]
    assert times[2][1] - times[1][1] >= 1.0


async def test_a_delayed_job_does_not_start_early(queue: DbosQueue) -> None:
    async def handler(_context: JobContext) -> Done:
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        view = await settled(queue, await queue.enqueue(job(delay_s=1.2)))

    assert view.started_at is not None
    assert view.started_at - view.created_at >= 1.2


def test_the_wait_doubles_is_capped_and_never_the_same() -> None:
    waits = {attempt: [backoff(attempt) for _ in range(200)] for attempt in (1, 2, 3, 50)}

    for attempt, longest in ((1, 30), (2, 60), (3, 120), (50, 3600)):
        assert longest / 2 <= min(waits[attempt]) < max(waits[attempt]) <= longest
    assert len(set(waits[1])) > 100


async def test_a_waiting_job_can_be_told_to_go_on_at_once(queue: DbosQueue) -> None:
    async def handler(context: JobContext) -> Done | Later:
        return Later(delay_s=3600) if context.attempt == 1 else Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job())
        await reached(queue, job_id, JobState.WAITING)

        assert await queue.retry_now(job_id or "")

        view = await settled(queue, job_id)
    assert (view.state, view.attempt) == (JobState.DONE, 2)
    assert not await queue.retry_now(job_id or "")


async def test_a_cancel_kills_the_child_process_within_two_seconds(queue: DbosQueue) -> None:
    pids: list[int] = []
    gone = asyncio.Event()

    async def handler(_context: JobContext) -> Done:
        child = await asyncio.create_subprocess_exec("sleep", "60")
        pids.append(child.pid)
        try:
            await child.wait()
        finally:
            child.send_signal(signal.SIGKILL)
            await child.wait()
            gone.set()
        return Done()

    other = DbosQueue(Database(queue.database.url))  # as any other process would
    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job())
        assert job_id is not None

        async def started() -> bool:
            return bool(pids)

        await until(started)
        began = time.monotonic()

        assert await other.cancel(job_id)
        await asyncio.wait_for(gone.wait(), 2)

        assert time.monotonic() - began < 2
        with pytest.raises(ProcessLookupError):
            os.kill(pids[0], 0)
        view = await settled(queue, job_id)
        assert (view.state, view.reason) == (JobState.CANCELLED, Reason.CANCELLED)
        assert not await other.cancel(job_id)
    other.database.close()


async def test_a_cancelled_job_that_did_not_run_yet_never_does(queue: DbosQueue) -> None:
    performed = []

    async def handler(context: JobContext) -> Done:
        performed.append(context.payload["name"])
        return Done()

    queued = await queue.enqueue(job(payload={"name": "queued"}))
    delayed = await queue.enqueue(job(payload={"name": "delayed"}, delay_s=0.5))
    other = await queue.enqueue(job(payload={"name": "other"}, delay_s=1))
    assert await queue.cancel(queued or "")
    assert await queue.cancel(delayed or "")

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        await settled(queue, other)

    assert performed == ["other"]
    assert (await queue.get(queued or "")).state == JobState.CANCELLED


async def test_a_paused_partition_stands_still_and_holds_no_place(queue: DbosQueue) -> None:
    performed = []

    async def handler(context: JobContext) -> Done:
        performed.append(context.payload["name"])
        return Done()

    worker = Worker(queue, lanes=fast(in_partition=1, in_worker=1))
    worker.register("note", handler)
    await queue.pause(Lane.SYNC, "a")
    (pause,) = await queue.paused()
    assert (pause.lane, pause.partition) == (Lane.SYNC, "a")
    async with worker:
        held = [await queue.enqueue(job(partition="a", payload={"name": n})) for n in ("a1", "a2")]
        await settled(queue, await queue.enqueue(job(partition="b", payload={"name": "b"})))

        async def all_held() -> bool:
            return all([(await queue.get(job_id or "")).held for job_id in held])

        await until(all_held)
        assert performed == ["b"]

        await queue.resume(Lane.SYNC, "a")

        for job_id in held:
            await settled(queue, job_id)
    assert performed[0] == "b"
    assert set(performed) == {"b", "a1", "a2"}
    assert await queue.paused() == ()


async def test_pausing_a_lane_interrupts_what_runs_and_resuming_goes_on(queue: DbosQueue) -> None:
    attempts = []

    async def handler(context: JobContext) -> Done:
        attempts.append(context.attempt)
        if len(attempts) == 1:
            await asyncio.sleep(60)
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", handler)
    async with worker:
        job_id = await queue.enqueue(job())
        await reached(queue, job_id, JobState.RUNNING)
        await queue.pause(Lane.SYNC)
        await reached(queue, job_id, JobState.QUEUED)
        await asyncio.sleep(0.5)
        assert attempts == [1]

        await queue.resume(Lane.SYNC)

        view = await settled(queue, job_id)
    assert (view.state, view.attempt, attempts) == (JobState.DONE, 1, [1, 1])


async def test_every_way_to_fail_is_told(queue: DbosQueue) -> None:
    async def gone(_context: JobContext) -> Done:
        raise Gone("The post was deleted.")

    async def crash(_context: JobContext) -> Done:
        raise ZeroDivisionError("secret /path")

    async def failed(_context: JobContext) -> Done:
        return Done(failed=True, reason=Reason.CORRUPT, detail="No whole file.")

    worker = Worker(queue, lanes=fast())
    worker.register("gone", gone)
    worker.register("crash", crash)
    worker.register("failed", failed)
    kinds = ("gone", "crash", "failed", "unknown")
    async with worker:
        views = [await settled(queue, await queue.enqueue(job(kind))) for kind in kinds]

    assert [view.state for view in views] == [JobState.FAILED] * 4
    assert [view.reason for view in views] == [Reason.GONE, None, Reason.CORRUPT, None]
    details = [view.detail or "" for view in views]
    assert details[0] == "The post was deleted."
    assert details[1].startswith("Something went wrong inside Gatherum (error ")
    assert "secret" not in details[1]
    assert details[3] == "This Gatherum does not know jobs of this kind."


async def test_closing_interrupts_at_once_and_the_next_worker_goes_on(queue: DbosQueue) -> None:
    begun = asyncio.Event()
    stopped = []

    async def endless(_context: JobContext) -> Done:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(True)
        return Done()

    async def quick(context: JobContext) -> Done:
        return Done(detail=str(context.attempt))

    first = Worker(queue, lanes=fast())
    first.register("note", endless)
    await first.start()
    job_id = await queue.enqueue(job())
    await asyncio.wait_for(begun.wait(), WAIT_S)
    began = time.monotonic()

    await first.close()

    assert time.monotonic() - began < 3
    assert stopped == [True]
    assert (await queue.get(job_id or "")).state == JobState.QUEUED
    second = Worker(queue, lanes=fast())
    second.register("note", quick)
    async with second:
        view = await settled(queue, job_id)
    assert (view.state, view.detail) == (JobState.DONE, "1")


async def test_a_worker_that_closes_leaves_what_is_queued_to_others(queue: DbosQueue) -> None:
    begun, interrupted = asyncio.Event(), asyncio.Event()

    async def slow_to_stop(_context: JobContext) -> Done:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            interrupted.set()
            await asyncio.sleep(0.5)  # the worker looks for new jobs several times in this
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", slow_to_stop)
    await worker.start()
    first = await queue.enqueue(job(partition="a"))
    await asyncio.wait_for(begun.wait(), WAIT_S)
    closing = asyncio.create_task(worker.close())
    await asyncio.wait_for(interrupted.wait(), WAIT_S)

    second = await queue.enqueue(job(partition="b"))
    await closing

    runs = run_table(queue)
    due = runs.c.workflow_uuid.in_([f"{first}.2", f"{second}.1"])
    states = sa.select(runs.c.status).where(due)
    found = await queue.database.read(lambda tx: tx.scalars(states).all())
    assert found == ["ENQUEUED", "ENQUEUED"]


async def test_a_handler_hears_of_the_end_although_the_database_keeps_the_engine(
    queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, interrupted = asyncio.Event(), threading.Event()
    heard: list[bool] = []

    async def long(_context: JobContext) -> Done:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            interrupted.set()
        return Done()

    def wait_claimed(_engine: Engine) -> None:
        heard.append(interrupted.wait(5))

    monkeypatch.setattr(Engine, "wait_claimed", wait_claimed)
    worker = Worker(queue, lanes=fast())
    worker.register("note", long)
    await worker.start()
    await queue.enqueue(job())
    await asyncio.wait_for(begun.wait(), WAIT_S)

    await worker.close()

    assert heard == [True]


async def test_the_engine_is_not_closed_under_what_is_looked_up_in_it(
    queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, told = threading.Event(), list[str]()
    close = Engine.close

    def pending_executors(_engine: Engine) -> set[str]:
        looking.set()
        time.sleep(0.5)
        told.append("looked up")
        return set()

    def closed(engine: Engine) -> None:
        told.append("closed")
        close(engine)

    monkeypatch.setattr(Engine, "pending_executors", pending_executors)
    monkeypatch.setattr(Engine, "close", closed)
    worker = Worker(queue, lanes=fast())
    await worker.start()
    await asyncio.to_thread(looking.wait, WAIT_S)

    await worker.close()

    assert told == ["looked up", "closed"]


async def test_a_handler_that_does_not_stop_cannot_keep_the_program_open(
    queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatherum.jobs.worker.GRACE_S", 0.2)
    enough = asyncio.Event()

    async def stubborn(_context: JobContext) -> Done:
        while not enough.is_set():
            try:
                await enough.wait()
            except asyncio.CancelledError:
                continue
        return Done()

    worker = Worker(queue, lanes=fast())
    worker.register("note", stubborn)
    await worker.start()
    job_id = await queue.enqueue(job())
    await reached(queue, job_id, JobState.RUNNING)

    await asyncio.wait_for(worker.close(), 5)

    enough.set()
    again = Worker(queue, lanes=fast(), ttl_s=0.5, heartbeat_s=0.2)

    async def quick(_context: JobContext) -> Done:
        return Done()

    again.register("note", quick)
    async with again:
        assert (await settled(queue, job_id)).state == JobState.DONE


async def test_jobs_are_listed_newest_first_page_by_page(queue: DbosQueue) -> None:
    ids = [await queue.enqueue(job()) for _ in range(5)]
    await queue.cancel(ids[2] or "")

    first = await queue.list(limit=2)
    second = await queue.list(limit=2, cursor=first.cursor)
    third = await queue.list(limit=2, cursor=second.cursor)

    pages = [first, second, third]
    assert [view.id for page in pages for view in page.jobs] == ids[::-1]
    assert [page.cursor is None for page in pages] == [False, False, True]
    cancelled = await queue.list(JobFilter(states=(JobState.CANCELLED,)))
    assert [view.id for view in cancelled.jobs] == [ids[2]]
    with pytest.raises(InvalidInput):
        await queue.list(cursor="nonsense")
    with pytest.raises(NotFound):
        await queue.get("nonsense")


async def test_only_one_worker_starts_on_a_data_folder(queue: DbosQueue) -> None:
    if not queue.database.is_sqlite:
        pytest.skip("PostgreSQL is for many workers")
    async with Worker(queue):
        with pytest.raises(DataDirBusy):
            await Worker(queue).start()


async def test_executors_that_live_are_known(queue: DbosQueue) -> None:
    assert await queue.executors() == ()

    async with Worker(queue) as worker:
        assert await queue.executors() == (worker.id,)

    assert await queue.executors() == ()


async def test_a_start_on_sqlite_tells_that_the_one_before_is_dead(
    queue: DbosQueue, tmp_path: Path
) -> None:
    if not queue.database.is_sqlite:
        pytest.skip("on PostgreSQL heartbeats tell")
    dead = []

    async def callback(executor: str) -> None:
        dead.append(executor)

    worker = Worker(queue, lanes=fast())
    worker.on_executor_dead(callback)
    async with worker:
        assert dead == ["local"]
    assert (tmp_path / "gatherum.db.worker.lock").exists()
