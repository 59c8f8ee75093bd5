"""Schedules: what is due is submitted once, on time by the clock on the wall, and caught up once."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput, NotFound
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import JobState
from gatherum.jobs.scheduler import Cron, Every, Scheduler, Timing, next_runs
from tests.jobs.conftest import job

HOUR = 3600.0


class Clock:
    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(queue: DbosQueue) -> Clock:
    clock = Clock()
    queue.now = clock
    return clock


async def put(queue: DbosQueue, schedule_id: str, timing: Timing, *, title: str = "note") -> None:
    scheduler = Scheduler(queue)
    await queue.database.write(
        lambda tx: scheduler.set_schedule(tx, schedule_id, job(title), timing)
    )


async def finish(queue: DbosQueue) -> None:
    for view in (await queue.list()).jobs:
        await queue.cancel(view.id)


def wall(zone: str, times: list[float]) -> list[str]:
    return [datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%d %H:%M %z") for at in times]


async def test_a_schedule_fires_when_it_is_due_and_not_before(
    queue: DbosQueue, clock: Clock
) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))

    assert await scheduler.tick() == 0
    clock.time += HOUR
    assert await scheduler.tick() == 1
    assert await scheduler.tick() == 0

    (view,) = (await queue.list()).jobs
    assert (view.kind, view.state, view.dedup_key) == ("note", JobState.QUEUED, "schedule:a")
    assert (await scheduler.get("a")).next_at == clock.time + HOUR


async def test_missed_runs_are_caught_up_once(queue: DbosQueue, clock: Clock) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))

    clock.time += 100 * HOUR

    assert await scheduler.tick() == 1
    assert (await scheduler.get("a")).next_at == clock.time + HOUR


async def test_a_run_that_still_goes_on_counts_as_the_next(queue: DbosQueue, clock: Clock) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))
    clock.time += HOUR
    await scheduler.tick()

    clock.time += HOUR

    assert await scheduler.tick() == 0
    assert (await scheduler.get("a")).next_at == clock.time + HOUR
    assert len((await queue.list()).jobs) == 1


async def test_two_instances_that_saw_the_same_due_time_fire_it_once(
    queue: DbosQueue, clock: Clock
) -> None:
    await put(queue, "a", Every(seconds=HOUR))
    due = await Scheduler(queue).get("a")
    other = DbosQueue(Database(queue.database.url))
    clock.time += HOUR

    first = await queue.database.write(lambda tx: Scheduler(queue)._fire(tx, due, clock.time))
    await finish(queue)  # so that only the compare-and-set can keep the second one out
    second = await other.database.write(lambda tx: Scheduler(other)._fire(tx, due, clock.time))

    assert (first, second) == (1, 0)
    other.database.close()


async def test_a_schedule_that_cannot_submit_stays_due(
    queue: DbosQueue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))
    clock.time += HOUR
    with monkeypatch.context() as patch:
        patch.setattr(queue, "dispatch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await scheduler.tick()

    assert await scheduler.tick() == 1


async def test_jitter_spreads_but_never_comes_early(queue: DbosQueue, clock: Clock) -> None:
    scheduler = Scheduler(queue)
    times = set()
    for number in range(20):
        await put(queue, f"s{number}", Every(seconds=HOUR, jitter_s=600))
        times.add((await scheduler.get(f"s{number}")).next_at - clock.time)

    assert len(times) == 20
    assert HOUR <= min(times) < max(times) <= HOUR + 600


async def test_a_schedule_can_rest_be_changed_and_be_forgotten(
    queue: DbosQueue, clock: Clock
) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))
    due = (await scheduler.get("a")).next_at
    clock.time += HOUR / 2

    await put(queue, "a", Every(seconds=HOUR), title="renamed")
    assert (await scheduler.get("a")).next_at == due  # the same timing: the same turn
    await put(queue, "a", Every(seconds=2 * HOUR))
    assert (await scheduler.get("a")).next_at == clock.time + 2 * HOUR

    clock.time += 3 * HOUR
    await queue.database.write(lambda tx: scheduler.enable(tx, "a", enabled=False))
    assert await scheduler.tick() == 0
    await queue.database.write(lambda tx: scheduler.enable(tx, "a", enabled=True))
    assert await scheduler.tick() == 1

    await queue.database.write(lambda tx: scheduler.remove(tx, "a"))
    assert await scheduler.list() == ()
    with pytest.raises(NotFound):
        await scheduler.run_now("a")


async def test_run_now_keeps_the_turn_and_runs_nothing_twice(
    queue: DbosQueue, clock: Clock
) -> None:
    scheduler = Scheduler(queue)
    await put(queue, "a", Every(seconds=HOUR))
    due = (await scheduler.get("a")).next_at

    first = await scheduler.run_now("a")

    assert first is not None
    assert await scheduler.run_now("a") is None
    assert (await scheduler.get("a")).next_at == due
    assert clock.time < due


async def test_a_cron_schedule_comes_back_from_its_row(queue: DbosQueue, clock: Clock) -> None:
    timing = Cron(expression="30 6 * * *", zone="Europe/Berlin", jitter_s=60)
    await put(queue, "a", timing)

    view = await Scheduler(queue).get("a")

    assert view.timing == timing
    assert 0 <= view.next_at - timing.after(clock.time) <= 60


def test_the_clock_on_the_wall_is_kept_when_summer_time_begins_and_ends() -> None:
    zone = ZoneInfo("Europe/Berlin")
    timing = Cron(expression="30 2 * * *", zone="Europe/Berlin")
    spring = next_runs(timing, 3, now=datetime(2026, 3, 27, 12, tzinfo=zone).timestamp())
    autumn = next_runs(timing, 3, now=datetime(2026, 10, 24, 12, tzinfo=zone).timestamp())

    # 2:30 does not exist on the 29th: it is made up for at 3:00; on the 25th it comes twice.
    assert wall("Europe/Berlin", spring) == ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"]
    assert wall("Europe/Berlin", autumn) == ["25 02:30 +0200", "26 02:30 +0100", "27 02:30 +0100"]


def test_the_next_runs_of_an_interval_are_told() -> None:
    assert next_runs(Every(seconds=90), 3, now=10) == [100, 190, 280]


@pytest.mark.parametrize("seconds", [0, -1, 59, 1e12, float("nan")])
def test_an_interval_that_makes_no_sense_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidInput, match="one minute to a year"):
        Every(seconds=seconds)


def test_a_jitter_longer_than_its_interval_is_refused() -> None:
    with pytest.raises(InvalidInput, match="jitter"):
        Every(seconds=60, jitter_s=61)
    with pytest.raises(InvalidInput, match="jitter"):
        Cron(expression="0 0 * * *", jitter_s=-1)


@pytest.mark.parametrize("expression", ["", "x", "* * * *", "61 * * * *", "0 0 30 2 *", "@daily"])
def test_a_cron_expression_that_no_clock_shows_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match="is not a cron expression"):
        Cron(expression=expression)


@pytest.mark.parametrize("zone", ["", "Nowhere/Else", "../../etc/passwd", "Europe"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="is not a time zone"):
        Cron(expression="0 0 * * *", zone=zone)


async def test_processes_that_make_the_same_schedule_at_once_make_one(database: Database) -> None:
    scheduler = Scheduler(DbosQueue(database))
    minutely = Every(seconds=60, jitter_s=0)

    def make(tx: Tx) -> None:
        scheduler.set_schedule(tx, "library:purge", job(), minutely)

    with database.engine.begin() as first:
        make(first)
        second = asyncio.create_task(database.write(make))
        await asyncio.sleep(0.3)  # it has looked, found none, and waits for the first to commit
    await second

    assert [one.id for one in await scheduler.list()] == ["library:purge"]
