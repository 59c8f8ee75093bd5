"""What became of each try is counted once, for good, and adds up to how a way does."""

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable, UnexpectedResponse
from gatherum.model import Reason
from gatherum.providers import Provider, all_providers
from gatherum.providers.chain import Try
from gatherum.upkeep.tables import ProviderHourRow
from gatherum.upkeep.tally import ProviderView, State, Tally, Tries

NAME = "reddit.native"
HOUR = 3600.0


class Time:
    at = 480_000 * HOUR + 60

    def now(self) -> float:
        return self.at


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tally(database: Database, time: Time) -> Tally:
    return Tally(database, time.now)


def provider(name: str = NAME, feed: str = "user") -> Provider:
    return next(one for one in all_providers() if (one.name, one.feed) == (name, feed))


def tried(
    failure: SourceError | None = None,
    *,
    posts: int = 0,
    feed: str = "user",
    host: str = "",
    resting_until: float | None = None,
) -> Try:
    return Try(
        provider=provider(feed=feed),
        host=host,
        posts=posts,
        failure=failure,
        resting_until=resting_until,
    )


async def view(tally: Tally, name: str = NAME) -> ProviderView:
    (found,) = (one for one in await tally.providers() if one.name == name)
    return found


async def test_what_is_the_ways_own_fault_is_told_from_what_says_nothing_of_it(
    tally: Tally, time: Time
) -> None:
    for _ in range(3):
        await tally.note(tried(posts=25))
    await tally.note(tried(LoginRequired("members only")))
    await tally.note(tried(Gone("deleted")))
    time.at += 30
    await tally.note(tried(UnexpectedResponse("another form"), posts=5))

    found = await view(tally)

    assert found.day == found.week == Tries(delivered=3, failed=1, declined=2, posts=80)
    assert found.day.success == 0.75
    assert (found.delivered_at, found.failed_at) == (time.at - 30, time.at)
    assert (found.reason, found.detail) == (Reason.SITE_CHANGED, "another form")


async def test_feeds_and_hosts_of_one_way_add_up(tally: Tally) -> None:
    await tally.note(tried(posts=1))
    await tally.note(tried(posts=2, feed="subreddit"))
    await tally.note(tried(posts=4, host="mirror.example"))

    assert (await view(tally)).day == Tries(delivered=3, posts=7)


async def test_a_try_leaves_the_day_after_a_day_and_the_week_after_a_week(
    tally: Tally, time: Time
) -> None:
    await tally.note(tried(posts=1))
    begun = time.at

    time.at = begun + 24 * HOUR
    assert ((await view(tally)).day.delivered, (await view(tally)).week.delivered) == (1, 1)
    time.at = begun + 25 * HOUR
    assert ((await view(tally)).day.delivered, (await view(tally)).week.delivered) == (0, 1)
    time.at = begun + 169 * HOUR
    found = await view(tally)

    assert (found.week.delivered, found.week.success) == (0, None)
    assert found.delivered_at == begun  # which is remembered longer


async def test_a_circuit_is_seen_by_other_processes(tally: Tally, time: Time) -> None:
    await tally.note(tried(Unavailable("down"), resting_until=time.at + 300))

    resting = await view(tally)
    time.at += 301
    trial = await view(tally)
    await tally.note(tried(posts=1))
    well = await view(tally)

    assert (resting.state, resting.resting_until) == (State.OPEN, time.at - 1)
    assert trial.state is State.HALF_OPEN
    assert (well.state, well.resting_until) == (State.CLOSED, None)


async def test_what_was_never_tried_has_no_rate(tally: Tally) -> None:
    found = await view(tally)

    assert (found.is_known, found.day.success, found.state) == (False, None, State.CLOSED)


async def test_all_providers_are_there_once(tally: Tally) -> None:
    names = [one.name for one in await tally.providers()]

    assert sorted(names) == sorted({one.name for one in all_providers()})


async def test_a_listing_goes_on_where_its_try_cannot_be_counted(database: Database) -> None:
    tally = Tally(database, Time().now)
    with pytest.MonkeyPatch.context() as patch:

        async def full(*_: object, **__: object) -> None:
            from gatherum.errors import DiskFull  # noqa: PLC0415

            raise DiskFull("full")

        patch.setattr(database, "write", full)
        await tally.note(tried(posts=1))

    assert not (await view(tally)).is_known


async def test_hours_are_added_to_and_not_replaced(database: Database, tally: Tally) -> None:
    await tally.note(tried(posts=1))
    await tally.note(tried(posts=1))

    rows = await database.read(lambda tx: tx.execute(sa.select(ProviderHourRow.__table__)).all())

    assert [(row.hour, row.provider, row.feed, row.delivered) for row in rows] == [
        (480_000, NAME, "user", 2)
    ]
