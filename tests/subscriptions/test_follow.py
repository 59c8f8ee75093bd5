"""Subscriptions and their schedules stay together, on both databases."""

import asyncio
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.client import JobClient, Ticket
from gatherum.jobs.scheduler import Cron, Every, Scheduler
from gatherum.jobs.tables import Job, Schedule
from gatherum.model import Target
from gatherum.query.filter import Filter
from gatherum.subscriptions.follow import KIND, Subscriptions
from gatherum.subscriptions.tables import SubscriptionRow

TARGET = Target(
    platform="instagram",
    feed="user",
    key="alice",
    url="https://www.instagram.com/alice/",
    values={"user": "alice"},
)
OTHER = Target(platform="reddit", feed="user", key="bob", url="https://www.reddit.com/user/bob")


@dataclass
class Time:
    now: float = 1_000_000.0


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def scheduler(database: Database, moment: Time) -> Scheduler:
    def dispatch(_tx: Tx, _ticket: Ticket) -> None:
        """Jobs are only recorded here: nothing performs them."""

    return Scheduler(JobClient(database, dispatch, now=lambda: moment.now))


@pytest.fixture
def subscriptions(database: Database, scheduler: Scheduler, moment: Time) -> Subscriptions:
    return Subscriptions(database, scheduler, now=lambda: moment.now)


async def count(database: Database, table: type[SubscriptionRow] | type[Schedule]) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return await database.read(lambda tx: tx.execute(query).scalar_one())


async def test_what_is_followed_is_kept_as_it_was_asked_for(subscriptions: Subscriptions) -> None:
    wanted = Filter.parse("kind:image -text:ad")
    timing = Cron(expression="0 6 * * *", zone="Europe/Berlin", jitter_s=60)

    made = await subscriptions.follow(
        TARGET, title="Alice", wanted=wanted, timing=timing, limit=500, options={"stories": True}
    )

    assert made == await subscriptions.get(made.id)
    assert made.target == TARGET
    assert made.target["user"] == "alice"
    assert (made.title, made.filter, made.timing, made.limit) == ("Alice", wanted, timing, 500)
    assert made.options == {"stories": True}
    assert not made.paused
    assert await subscriptions.list() == (made,)
    assert await subscriptions.find(TARGET) == made
    assert await subscriptions.find(OTHER) is None


async def test_it_begins_at_once_and_goes_on_by_its_schedule(
    subscriptions: Subscriptions, scheduler: Scheduler, database: Database, moment: Time
) -> None:
    made = await subscriptions.follow(TARGET, timing=Every(seconds=3600))

    assert await scheduler.tick(moment.now) == 1
    assert await scheduler.tick(moment.now) == 0
    jobs = await database.read(lambda tx: tx.execute(sa.select(Job.kind, Job.payload)).all())
    assert [tuple(job) for job in jobs] == [(KIND, {"subscription": made.id})]
    assert (await subscriptions.get(made.id)).next_at == moment.now + 3600


async def test_a_check_may_come_sooner_than_its_schedule_says_and_never_later(
    subscriptions: Subscriptions, scheduler: Scheduler, moment: Time
) -> None:
    made = await subscriptions.follow(TARGET, timing=Every(seconds=3600))
    await scheduler.tick(moment.now)
    due = (await subscriptions.get(made.id)).next_at

    await subscriptions.check_by(made.id, due + 60)
    later = (await subscriptions.get(made.id)).next_at
    await subscriptions.check_by(made.id, due - 60)

    assert later == due
    assert (await subscriptions.get(made.id)).next_at == due - 60


async def test_the_same_target_is_followed_once(
    subscriptions: Subscriptions, database: Database
) -> None:
    results = await asyncio.gather(
        *(subscriptions.follow(TARGET) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert await count(database, SubscriptionRow) == 1
    assert await count(database, Schedule) == 1


async def test_a_subscription_whose_schedule_cannot_be_written_is_not_made(
    subscriptions: Subscriptions, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scheduler, "set_schedule", lambda *_args, **_rest: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        await subscriptions.follow(TARGET)

    assert await count(database, SubscriptionRow) == 0


async def test_a_paused_one_rests_and_catches_up_once(
    subscriptions: Subscriptions, scheduler: Scheduler, moment: Time
) -> None:
    made = await subscriptions.follow(TARGET, timing=Every(seconds=3600))
    await subscriptions.pause(made.id)
    moment.now += 10 * 3600

    assert (await subscriptions.get(made.id)).paused
    assert await scheduler.tick(moment.now) == 0
    await subscriptions.resume(made.id)
    assert await scheduler.tick(moment.now) == 1
    assert await scheduler.tick(moment.now) == 0


async def test_a_new_timing_leaves_a_paused_one_paused(subscriptions: Subscriptions) -> None:
    made = await subscriptions.follow(TARGET)
    await subscriptions.pause(made.id)

    await subscriptions.change(made.id, lambda one: replace(one, timing=Every(seconds=7200)))

    changed = await subscriptions.get(made.id)
    assert changed.timing == Every(seconds=7200)
    assert changed.paused


async def test_filter_and_limit_can_be_changed(subscriptions: Subscriptions) -> None:
    made = await subscriptions.follow(TARGET, limit=10)
    await subscriptions.record_sync(made.id, backfill_done=True)

    wanted = Filter.parse("size<50MB")
    await subscriptions.change(made.id, lambda one: replace(one, filter=wanted))
    await subscriptions.change(made.id, lambda one: replace(one, limit=None))

    changed = await subscriptions.get(made.id)
    assert str(changed.filter) == "size<50MB"
    assert changed.limit is None
    assert not changed.backfill_done


async def test_a_sync_that_ended_well_is_noted(subscriptions: Subscriptions, moment: Time) -> None:
    made = await subscriptions.follow(TARGET)

    await subscriptions.record_sync(made.id, backfill_done=True)
    await subscriptions.record_sync(made.id, backfill_done=False)

    noted = await subscriptions.get(made.id)
    assert noted.synced_at == moment.now
    assert noted.backfill_done


async def test_what_is_no_longer_followed_leaves_no_schedule(
    subscriptions: Subscriptions, database: Database
) -> None:
    made = await subscriptions.follow(TARGET)
    await subscriptions.follow(OTHER)

    await subscriptions.remove(made.id)
    await subscriptions.record_sync(made.id, backfill_done=True)

    assert [one.target.key for one in await subscriptions.list()] == ["bob"]
    assert await count(database, Schedule) == 1
    assert (await subscriptions.follow(TARGET)).synced_at is None


async def test_it_can_be_run_out_of_turn(subscriptions: Subscriptions) -> None:
    made = await subscriptions.follow(TARGET)

    job = await subscriptions.run_now(made.id)
    assert await subscriptions.run_now(made.id) == job


async def test_what_is_not_there_is_said_to_be_missing(subscriptions: Subscriptions) -> None:
    for call in (
        subscriptions.get,
        subscriptions.pause,
        subscriptions.resume,
        subscriptions.remove,
    ):
        with pytest.raises(NotFound):
            await call(99)
    with pytest.raises(NotFound):
        await subscriptions.change(99, lambda one: one)
    with pytest.raises(NotFound):
        await subscriptions.run_now(99)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_of_nothing_is_refused(subscriptions: Subscriptions, limit: int) -> None:
    with pytest.raises(InvalidInput):
        await subscriptions.follow(TARGET, limit=limit)
