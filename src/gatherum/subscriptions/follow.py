"""What is followed: each subscription and its schedule, always changed in one transaction."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.scheduler import Every, Scheduler, ScheduleView, Timing
from gatherum.model import Target
from gatherum.ports import Json
from gatherum.query.filter import Filter
from gatherum.subscriptions.tables import SubscriptionRow

KIND = "SubscriptionSync"  # the job that a schedule submits; its payload names the subscription
DAILY = Every(seconds=86_400, jitter_s=8640)
EVERYTHING = Filter()
NOTHING: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it stands."""

    id: int
    target: Target
    title: str
    filter: Filter
    limit: int | None  # posts a back-fill goes back at most
    options: Mapping[str, Json]
    timing: Timing
    paused: bool
    next_at: float
    created_at: float
    synced_at: float | None
    backfill_done: bool

    @property
    def selection(self) -> str:
        """What is taken, as text: a listing for another one looks at everything anew."""
        return str(self.filter) if self.limit is None else f"{self.filter} limit:{self.limit}"


class Subscriptions:
    """The repository of subscriptions. Every one has its schedule; a target is followed once."""

    def __init__(
        self, database: Database, scheduler: Scheduler, *, now: Callable[[], float] = time.time
    ) -> None:
        self._db = database
        self._scheduler = scheduler
        self._now = now

    async def follow(
        self,
        target: Target,
        *,
        title: str = "",
        wanted: Filter = EVERYTHING,
        timing: Timing = DAILY,
        limit: int | None = None,
        options: Mapping[str, Json] = NOTHING,
    ) -> Subscription:
        """Follow a target, beginning now; raises `Conflict` if it is followed already."""
        if limit is not None and limit < 1:
            raise InvalidInput("A limit is at least one post.")
        now = self._now()
        row = {
            "platform": target.platform,
            "host": target.host,
            "feed": target.feed,
            "key": target.key,
            "url": target.url,
            "title": title or f"{target.platform} {target.feed} {target.key}",
            "filter": str(wanted),
            "limit": limit,
            "options": {"target": dict(target.values), "chosen": dict(options)},
            "created_at": now,
            "synced_at": None,
            "backfill_done": False,
        }

        def write(tx: Tx) -> int:
            if _find(tx, target) is not None:
                raise Conflict("This is followed already.")
            made = sa.insert(SubscriptionRow).values(**row).returning(SubscriptionRow.id)
            number: int = tx.execute(made).scalar_one()
            job = _job(number, target.platform, str(row["title"]))
            self._scheduler.set_schedule(tx, schedule_id(number), job, timing, first_at=now)
            return number

        try:
            number = await self._db.write(write)
        except sa.exc.IntegrityError as error:  # another process was first, between look and write
            raise Conflict("This is followed already.") from error
        return await self.get(number)

    async def get(self, number: int) -> Subscription:
        """Return a subscription; raises `NotFound`."""
        row = await self._db.read(lambda tx: _row(tx, number))
        return _subscription(row, await self._scheduler.get(schedule_id(number)))

    async def find(self, target: Target) -> Subscription | None:
        """Return the subscription that follows a target."""
        number = await self._db.read(lambda tx: _find(tx, target))
        return None if number is None else await self.get(number)

    async def list(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by title."""
        query = sa.select(*SubscriptionRow.__table__.columns)
        rows = await self._db.read(lambda tx: tx.execute(query).mappings().all())
        schedules = {schedule.id: schedule for schedule in await self._scheduler.list()}
        found = [
            _subscription(row, schedules[schedule_id(row["id"])])
            for row in rows
            if schedule_id(row["id"]) in schedules  # else it was removed between the two looks
        ]
        return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.id)))

    async def pause(self, number: int) -> None:
        """Let a subscription rest; its job that runs goes on."""
        await self._db.write(lambda tx: self._enable(tx, number, enabled=False))

    async def resume(self, number: int) -> None:
        """Let a subscription go on; what it missed is caught up once."""
        await self._db.write(lambda tx: self._enable(tx, number, enabled=True))

    async def set_filter(self, number: int, wanted: Filter) -> None:
        """Change what is wanted; what a filter left out before is looked at anew by the next sync."""
        await self._db.write(
            lambda tx: _update(tx, number, filter=str(wanted), backfill_done=False)
        )

    async def set_limit(self, number: int, limit: int | None) -> None:
        """Change how far a back-fill goes; a longer one goes on."""
        if limit is not None and limit < 1:
            raise InvalidInput("A limit is at least one post.")
        await self._db.write(lambda tx: _update(tx, number, limit=limit, backfill_done=False))

    async def set_timing(self, number: int, timing: Timing) -> None:
        """Change when it is due; a paused one stays paused."""
        paused = not (await self._scheduler.get(schedule_id(number))).enabled

        def write(tx: Tx) -> None:
            row = _row(tx, number)
            job = _job(number, row["platform"], row["title"])
            self._scheduler.set_schedule(tx, schedule_id(number), job, timing)
            self._scheduler.enable(tx, schedule_id(number), enabled=not paused)

        await self._db.write(write)

    async def remove(self, number: int) -> None:
        """Follow no longer. What it brought stays in the library."""

        def write(tx: Tx) -> None:
            _row(tx, number)
            self._scheduler.remove(tx, schedule_id(number))
            tx.execute(sa.delete(SubscriptionRow).where(SubscriptionRow.id == number))

        await self._db.write(write)

    async def run_now(self, number: int) -> str:
        """Submit its job out of turn, and return its id; one that is live already counts as it."""
        await self.get(number)
        while True:  # the live one may end just now
            submitted = await self._scheduler.run_now(schedule_id(number))
            live = submitted or await self._scheduler.find_live(schedule_id(number))
            if live is not None:
                return live

    async def record_sync(self, number: int, *, backfill_done: bool) -> None:
        """Note that a sync has ended well; a subscription that was removed meanwhile stays removed."""
        values: dict[str, object] = {"synced_at": self._now()}
        if backfill_done:
            values["backfill_done"] = True
        update = sa.update(SubscriptionRow).where(SubscriptionRow.id == number).values(**values)
        await self._db.write(lambda tx: tx.execute(update), durable=False)

    def _enable(self, tx: Tx, number: int, *, enabled: bool) -> None:
        _row(tx, number)
        self._scheduler.enable(tx, schedule_id(number), enabled=enabled)


def schedule_id(number: int) -> str:
    """Return the id of a subscription's schedule."""
    return f"subscription:{number}"


def _job(number: int, platform: str, title: str) -> NewJob:
    payload: dict[str, Json] = {"subscription": number}
    return NewJob(kind=KIND, lane=Lane.SYNC, partition=platform, title=title, payload=payload)


def _find(tx: Tx, target: Target) -> int | None:
    return tx.scalar(
        sa.select(SubscriptionRow.id).where(
            SubscriptionRow.platform == target.platform,
            SubscriptionRow.host == target.host,
            SubscriptionRow.feed == target.feed,
            SubscriptionRow.key == target.key,
        )
    )


def _row(tx: Tx, number: int) -> sa.RowMapping:
    query = sa.select(*SubscriptionRow.__table__.columns).where(SubscriptionRow.id == number)
    row = tx.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such subscription.")
    return row


def _update(tx: Tx, number: int, **values: object) -> None:
    _row(tx, number)
    tx.execute(sa.update(SubscriptionRow).where(SubscriptionRow.id == number).values(**values))


def _subscription(row: sa.RowMapping, schedule: ScheduleView) -> Subscription:
    return Subscription(
        id=row["id"],
        target=Target(
            platform=row["platform"],
            host=row["host"],
            feed=row["feed"],
            key=row["key"],
            url=row["url"],
            values=row["options"]["target"],
        ),
        title=row["title"],
        filter=Filter.parse(row["filter"]),
        limit=row["limit"],
        options=row["options"]["chosen"],
        timing=schedule.timing,
        paused=not schedule.enabled,
        next_at=schedule.next_at,
        created_at=row["created_at"],
        synced_at=row["synced_at"],
        backfill_done=row["backfill_done"],
    )
