"""How the ways to platforms do: each try is counted, and what they add up to can be asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
import structlog

from gatherum.db import Database, Tx, insert_new
from gatherum.errors import StorageError
from gatherum.model import Reason
from gatherum.providers import Needs, Provider, all_providers
from gatherum.providers.chain import Try
from gatherum.upkeep.tables import ProviderHourRow, ProviderRow

log = structlog.get_logger()
HOUR_S = 3600.0
DAY_H, WEEK_H = 24, 168
LONGEST_DETAIL = 300


class State(StrEnum):
    """Whether a provider is used, left alone, or on trial."""

    CLOSED = "closed"  # used
    OPEN = "open"  # left alone
    HALF_OPEN = "half_open"  # one try decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What became of the tries of some time."""

    delivered: int = 0
    failed: int = 0  # by what may be the provider's own fault
    declined: int = 0  # by what says nothing of it: a login is needed, a link is dead
    posts: int = 0

    @property
    def success(self) -> float | None:
        """The share of tries that went well; those that say nothing of the provider do not count."""
        tries = self.delivered + self.failed
        return self.delivered / tries if tries else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    """How a provider does, over all its feeds and hosts. Times are seconds since 1970."""

    name: str
    platform: str
    needs: Needs
    day: Tries  # the last 24 hours, and the one that has begun
    week: Tries
    state: State
    resting_until: float | None  # the earliest end of a rest, if it has one anywhere
    delivered_at: float | None
    failed_at: float | None
    reason: Reason | None  # of the last failure
    detail: str | None

    @property
    def is_known(self) -> bool:
        """Whether it was ever tried."""
        return self.delivered_at is not None or self.failed_at is not None


class Tally:
    """Keeps how tries have ended. One is counted when `note` returns, and not lost after that."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now

    async def note(self, tried: Try) -> None:
        """Count a try. What cannot be written just now is told to the log: no listing ends by it."""
        now = self._now()
        try:
            await self._db.write(lambda tx: _note(tx, tried, now), durable=False)
        except StorageError as error:
            log.warning("try_not_counted", provider=tried.provider.name, error=str(error))

    async def providers(self) -> tuple[ProviderView, ...]:
        """Return how every provider does, by platform and order; those never tried as well."""
        now = self._now()
        hours, states = await self._db.read(lambda tx: _read(tx, int(now // HOUR_S)))
        return tuple(_view(one, hours, states, now) for one in _each_name())


def _note(tx: Tx, tried: Try, now: float) -> None:
    provider, failure = tried.provider, tried.failure
    failed = tried.is_its_own
    counted = {
        "delivered": int(failure is None),
        "failed": int(failed),
        "declined": int(failure is not None and not failed),
        "posts": tried.posts,
    }
    key = {"hour": int(now // HOUR_S), "provider": provider.name, "feed": provider.feed}
    insert_new(tx, ProviderHourRow, [key | dict.fromkeys(counted, 0)])
    table = ProviderHourRow.__table__
    tx.execute(
        sa.update(ProviderHourRow)
        .where(*(table.c[name] == value for name, value in key.items()))
        .values({name: table.c[name] + count for name, count in counted.items()})
    )
    own = {"name": provider.name, "feed": provider.feed, "host": tried.host}
    insert_new(tx, ProviderRow, [own | {"seen_at": now}])
    news: dict[str, object] = {"seen_at": now, "resting_until": tried.resting_until}
    if failure is None:
        news |= {"delivered_at": now}
    else:
        detail = str(failure)[:LONGEST_DETAIL]
        news |= {"failed_at": now, "reason": failure.reason.value, "detail": detail}
    table = ProviderRow.__table__
    mine = (table.c[name] == value for name, value in own.items())
    tx.execute(sa.update(ProviderRow).where(*mine).values(news))


Hours = dict[str, tuple[Tries, Tries]]
States = dict[str, list[sa.Row[tuple[object, ...]]]]


def _read(tx: Tx, hour: int) -> tuple[Hours, States]:
    row = ProviderHourRow
    names = ("delivered", "failed", "declined", "posts")

    def sums(since: int) -> list[sa.Label[int]]:
        counts = sa.case((row.hour >= since, 1), else_=0)
        return [sa.func.sum(getattr(row, name) * counts).label(f"{name}_{since}") for name in names]

    day, week = hour - DAY_H, hour - WEEK_H
    query = sa.select(row.provider, *sums(day), *sums(week)).where(row.hour >= week)
    hours = {
        str(found[0]): (
            Tries(**dict(zip(names, map(int, found[1:5]), strict=True))),
            Tries(**dict(zip(names, map(int, found[5:9]), strict=True))),
        )
        for found in tx.execute(query.group_by(row.provider))
    }
    states: States = defaultdict(list)
    for state in tx.execute(sa.select(ProviderRow.__table__)):
        states[state.name].append(state)
    return hours, states


def _each_name() -> Iterable[Provider]:
    """Yield one provider of each name."""
    first: dict[str, Provider] = {}
    for one in all_providers():
        first.setdefault(one.name, one)
    return sorted(first.values(), key=lambda one: (one.platform, one.order, one.name))


def _view(one: Provider, hours: Hours, states: States, now: float) -> ProviderView:
    day, week = hours.get(one.name, (Tries(), Tries()))
    rows = states.get(one.name, [])
    rests = [row.resting_until for row in rows if row.resting_until is not None]
    failed = max(
        (row for row in rows if row.failed_at), key=lambda row: row.failed_at, default=None
    )
    state = State.CLOSED
    if rests:
        state = State.OPEN if min(rests) > now else State.HALF_OPEN
    return ProviderView(
        name=one.name,
        platform=one.platform,
        needs=one.needs,
        day=day,
        week=week,
        state=state,
        resting_until=min(rests, default=None),
        delivered_at=max((row.delivered_at for row in rows if row.delivered_at), default=None),
        failed_at=failed.failed_at if failed else None,
        reason=Reason(failed.reason) if failed else None,
        detail=failed.detail if failed else None,
    )
