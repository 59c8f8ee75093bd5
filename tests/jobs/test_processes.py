"""Workers that are killed, frozen, restarted, or many; a database server that goes away."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.jobs.attempts import MOST_STARTS, SET_ASIDE
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import JobState
from gatherum.jobs.scheduler import Every, Scheduler
from gatherum.jobs.tables import Schedule
from tests.conftest import Postgres
from tests.jobs.conftest import WAIT_S, job, reached, settled, until
from tests.suites.warm import launch


class Process:
    """A worker process that is ready."""

    def __init__(self, url: str) -> None:
        self._popen = launch([url], module="tests.jobs.worker_process")
        assert self._popen.stdout is not None
        self.executor = self._popen.stdout.readline().removeprefix("ready ").strip()

    def send(self, number: int) -> None:
        os.kill(self._popen.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._popen.communicate()

    def wait(self) -> None:
        """Wait until it is gone by its own doing."""
        self._popen.communicate(timeout=WAIT_S)

    @property
    def is_gone(self) -> bool:
        return self._popen.poll() is not None

    def stop(self) -> tuple[str, str]:
        """End it as a service manager does, and return what it wrote."""
        self.send(signal.SIGTERM)
        return self._popen.communicate(timeout=20)

    def end(self) -> None:
        if not self.is_gone:
            self.send(signal.SIGKILL)
        self._popen.communicate()


Start = Callable[[], Process]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    processes = []

    def start() -> Process:
        processes.append(Process(database_url))
        return processes[-1]

    yield start
    for process in processes:
        process.end()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


async def began(path: Path, name: str = "") -> None:
    async def there() -> bool:
        return f"begin {name} 1" in lines(path)

    await until(there)


async def poisoned(path: Path, count: int) -> None:
    async def there() -> bool:
        return lines(path).count("poison") >= count

    await until(there)


async def ended(worker: Process, queue: DbosQueue, job_id: str | None) -> None:
    """Wait until the worker has gone, or the job has been set aside."""

    async def either() -> bool:
        return worker.is_gone or (await queue.get(job_id or "")).state == JobState.FAILED

    await until(either)


async def test_a_worker_says_nothing_connects_to_nobody_and_ends_cleanly(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    worker = await asyncio.to_thread(start)
    await settled(queue, await queue.enqueue(job(payload={"path": str(tmp_path / "log")})))

    out, err = await asyncio.to_thread(worker.stop)

    dead = "['local']" if queue.database.is_sqlite else "[]"
    assert out.splitlines() == [f"dead {dead}"]
    assert err == ""


async def test_a_job_of_a_killed_worker_is_done_by_the_next(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    worker = await asyncio.to_thread(start)
    job_id = await queue.enqueue(job(payload={"path": str(log), "seconds": 60, "again": 0}))
    await began(log)
    await asyncio.to_thread(worker.kill)

    await asyncio.to_thread(start)

    view = await settled(queue, job_id)
    assert (view.state, view.attempt) == (JobState.DONE, 1)
    assert lines(log) == ["begin  1", "begin  1", "end "]


async def test_a_job_of_a_killed_worker_is_taken_over_by_one_that_lives(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    if queue.database.is_sqlite:
        pytest.skip("on SQLite there is one worker")
    log = tmp_path / "log"
    workers = await asyncio.gather(*(asyncio.to_thread(start) for _ in range(2)))
    job_id = await queue.enqueue(job(payload={"path": str(log), "seconds": 60, "again": 0}))
    await began(log)
    first, second = await _by_role(queue, job_id, workers)

    await asyncio.to_thread(first.kill)

    view = await settled(queue, job_id)
    assert (view.state, view.executor) == (JobState.DONE, second.executor)
    assert lines(log) == ["begin  1", "begin  1", "end "]
    out, _ = await asyncio.to_thread(second.stop)
    assert f"dead ['{first.executor}']" in out


async def test_a_worker_that_was_only_frozen_stops_what_was_taken_from_it(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    if queue.database.is_sqlite:
        pytest.skip("on SQLite there is one worker")
    log = tmp_path / "log"
    workers = await asyncio.gather(*(asyncio.to_thread(start) for _ in range(2)))
    job_id = await queue.enqueue(job(payload={"path": str(log), "seconds": 60, "again": 2}))
    await began(log)
    first, second = await _by_role(queue, job_id, workers)
    first.send(signal.SIGSTOP)

    async def taken() -> bool:
        return (await queue.get(job_id or "")).executor == second.executor

    await until(taken)
    first.send(signal.SIGCONT)

    view = await settled(queue, job_id)
    assert (view.state, view.executor) == (JobState.DONE, second.executor)

    async def stopped() -> bool:
        return "cancelled " in lines(log)

    await until(stopped)
    assert sorted(lines(log)) == ["begin  1", "begin  1", "cancelled ", "end "]


async def test_a_job_is_cancelled_from_another_process(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    await asyncio.to_thread(start)
    job_id = await queue.enqueue(job(payload={"path": str(log), "seconds": 60}))
    await began(log)

    await queue.cancel(job_id or "")

    async def stopped() -> bool:
        return lines(log) == ["begin  1", "cancelled "]

    await until(stopped, within=2)


async def test_many_workers_do_each_job_once(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    if queue.database.is_sqlite:
        pytest.skip("on SQLite there is one worker")
    log = tmp_path / "log"
    await asyncio.gather(*(asyncio.to_thread(start) for _ in range(2)))

    ids = [
        await queue.enqueue(job(partition=f"p{n % 5}", payload={"path": str(log), "name": f"{n}"}))
        for n in range(30)
    ]
    for job_id in ids:
        await settled(queue, job_id)

    assert Counter(lines(log)) == Counter(
        line for n in range(30) for line in (f"begin {n} 1", f"end {n}")
    )


async def test_two_instances_fire_each_schedule_once(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    workers = 1 if queue.database.is_sqlite else 2
    await asyncio.gather(*(asyncio.to_thread(start) for _ in range(workers)))
    scheduler = Scheduler(queue)
    rounds, schedules = 2, 4
    for number in range(schedules):
        new = job(partition=f"p{number}", payload={"path": str(log), "name": f"{number}"})
        await queue.database.write(
            lambda tx, n=number, new=new: scheduler.set_schedule(
                tx, f"s{n}", new, Every(seconds=60)
            )  # type: ignore[misc]  # defaults bind the loop's values
        )

    for count in range(1, rounds + 1):
        await queue.database.write(lambda tx: tx.execute(sa.update(Schedule).values(next_at=1)))

        async def all_done(count: int = count) -> bool:
            return len([line for line in lines(log) if line.startswith("end")]) >= count * schedules

        await until(all_done)
        await asyncio.sleep(1.2)  # another tick of each

    assert Counter(lines(log)) == Counter(
        {line: rounds for n in range(schedules) for line in (f"begin {n} 1", f"end {n}")}
    )


@pytest.mark.parametrize("by", ["memory", "signal", "hang"])
async def test_a_job_that_takes_its_worker_down_three_times_waits_for_a_person(
    queue: DbosQueue, start: Start, tmp_path: Path, by: str
) -> None:
    log = tmp_path / "log"
    poison = await queue.enqueue(job("poison", payload={"path": str(log), "by": by}))
    for count in range(1, MOST_STARTS + 1):
        worker = await asyncio.to_thread(start)
        await poisoned(log, count)
        await asyncio.to_thread(worker.wait)
    beside = await queue.enqueue(job(payload={"path": str(log)}))

    await asyncio.to_thread(start)

    assert (await settled(queue, beside)).state == JobState.DONE
    view = await settled(queue, poison)
    assert (view.state, view.reason, view.detail) == (JobState.FAILED, None, SET_ASIDE)
    assert lines(log).count("poison") == MOST_STARTS

    await queue.run_again(poison or "")
    await poisoned(log, MOST_STARTS + 1)


async def test_what_ran_beside_a_job_that_takes_its_worker_down_is_done(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    beside = {"path": str(log), "seconds": 60, "again": 0}
    innocent = await queue.enqueue(job(payload=beside))
    first = await asyncio.to_thread(start)
    await began(log)
    poison = await queue.enqueue(job("poison", payload={"path": str(log), "by": "signal"}))
    await asyncio.to_thread(first.wait)

    for _ in range(MOST_STARTS):
        worker = await asyncio.to_thread(start)
        await ended(worker, queue, poison)

    assert (await settled(queue, innocent)).state == JobState.DONE
    assert (await settled(queue, poison)).detail == SET_ASIDE


async def test_a_job_that_gets_further_at_each_start_is_not_set_aside(
    queue: DbosQueue, start: Start, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    further = {"path": str(log), "by": "signal", "further": True}
    poison = await queue.enqueue(job("poison", payload=further))

    for count in range(1, MOST_STARTS + 2):
        worker = await asyncio.to_thread(start)
        await poisoned(log, count)
        await asyncio.to_thread(worker.wait)

    assert (await queue.get(poison or "")).state == JobState.RUNNING


async def test_a_database_server_that_restarts_costs_no_job(
    postgres: Postgres, tmp_path: Path
) -> None:
    if not postgres.is_ours:
        pytest.skip("the server of GATHERUM_TEST_DATABASE_URL is not ours to restart")
    log = tmp_path / "log"
    url = postgres.make()
    database = Database(url)
    queue = DbosQueue(database)
    await queue.prepare()
    worker = await asyncio.to_thread(Process, url)
    running = await queue.enqueue(job(payload={"path": str(log), "name": "a", "seconds": 1.5}))
    queued = await queue.enqueue(job(payload={"path": str(log), "name": "b"}, delay_s=2))
    await reached(queue, running, JobState.RUNNING)

    await asyncio.to_thread(postgres.stop)
    await asyncio.sleep(2)
    await asyncio.to_thread(postgres.start)

    for job_id in (running, queued, await queue.enqueue(job(payload={"path": str(log)}))):
        assert (await settled(queue, job_id)).state == JobState.DONE
    assert Counter(lines(log)) == Counter(
        ["begin a 1", "end a", "begin b 1", "end b", "begin  1", "end "]
    )
    await asyncio.to_thread(worker.stop)
    database.close()
    postgres.drop(url)


async def _by_role(
    queue: DbosQueue, job_id: str | None, workers: Sequence[Process]
) -> tuple[Process, Process]:
    """Return the worker that performs the job, and the other one."""
    executor = (await queue.get(job_id or "")).executor
    first, second = sorted(workers, key=lambda worker: worker.executor != executor)
    return first, second
