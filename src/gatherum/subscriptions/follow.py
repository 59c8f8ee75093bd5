"""What is followed: each subscription and its schedule, always changed in one transaction."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.scheduler import Every, Scheduler, ScheduleView, Timing
from gatherum.model import Reason, Target
from gatherum.ports import Json
from gatherum.query.filter import Filter
from gatherum.subscriptions.looking import COLUMNS, count, newest, soonest
from gatherum.subscriptions.model import (
    EVERYTHING,
    NOTHING,
    Adaptive,
    Subscription,
    SubscriptionQuery,
)
from gatherum.subscriptions.pace import next_check
from gatherum.subscriptions.tables import SubscriptionRow

KIND = "SubscriptionSync"  # the job that a schedule submits; its payload names the subscription
DAILY = Every(seconds=86_400, jitter_s=8640)


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
        _check_limit(limit)
        now = self._now()
        row = {
            "platform": target.platform,
            "host": target.host,
            "feed": target.feed,
            "key": target.key,
            "url": target.url,
            "title": title or title_of(target),
            "filter": str(wanted),
            "limit": limit,
            "options": {"target": dict(target.values), "chosen": dict(options)},
            "created_at": now,
            "backfill_done": False,
            "version": 1,
        }

        def write(tx: Tx) -> int:
            if _find(tx, target) is not None:
                raise Conflict("This is followed already.")
            made = sa.insert(SubscriptionRow).values(**row).returning(SubscriptionRow.id)
            number: int = tx.execute(made).scalar_one()
            job = job_of(number, target.platform, str(row["title"]))
            self._scheduler.set_schedule(tx, schedule_id(number), job, timing, first_at=now)
            return number

        try:
            number = await self._db.write(write)
        except sa.exc.IntegrityError as error:  # another process was first, between look and write
            raise Conflict("This is followed already.") from error
        return await self.get(number)

    async def get(self, number: int) -> Subscription:
        """Return a subscription; raises `NotFound`."""
        return await self._db.read(lambda tx: self._get(tx, number))

    async def find(self, target: Target) -> Subscription | None:
        """Return the subscription that follows a target."""
        number = await self._db.read(lambda tx: _find(tx, target))
        return None if number is None else await self.get(number)

    async def list(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by title."""
        found = await self._db.read(lambda tx: self._select(tx, sa.select(*COLUMNS)))
        return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.id)))

    async def page(
        self, query: SubscriptionQuery, *, limit: int, before: int | None = None
    ) -> tuple[Subscription, ...]:
        """Return up to `limit` subscriptions whose number is lower than `before`, newest first."""
        wanted = newest(query, limit=limit, before=before)
        return await self._db.read(lambda tx: self._select(tx, wanted))

    async def due(
        self, query: SubscriptionQuery, *, limit: int, after: tuple[float, int] | None = None
    ) -> tuple[Subscription, ...]:
        """Return up to `limit` subscriptions behind a time and number, what is due next first."""
        wanted = soonest(query, limit=limit, after=after)
        return await self._db.read(lambda tx: self._select(tx, wanted))

    async def count(self, query: SubscriptionQuery) -> int:
        """Return how many subscriptions a query finds."""
        return await self._db.read(lambda tx: tx.execute(count(query)).scalar_one())

    async def by_login(self) -> dict[int, tuple[Subscription, ...]]:
        """Return the subscriptions that use each login, by title."""
        used: dict[int, tuple[Subscription, ...]] = {}
        for one in await self.list():
            if one.login is not None:
                used[one.login] = (*used.get(one.login, ()), one)
        return used

    async def change(
        self,
        number: int,
        edit: Callable[[Subscription], Subscription],
        *,
        version: int | None = None,
    ) -> Subscription:
        """Change title, filter, limit, options, timing or rest, by a function of how it stands.

        Raises `Stale` if it has another version than the one that the change was meant for. What
        another filter or limit left out before is looked at anew by the next sync; what a rest has
        missed is caught up once.
        """
        await self._db.write(lambda tx: self.change_now(tx, number, edit, version=version))
        return await self.get(number)

    def change_now(
        self,
        tx: Tx,
        number: int,
        edit: Callable[[Subscription], Subscription],
        *,
        version: int | None = None,
    ) -> tuple[Subscription, Subscription]:
        """`change` in the caller's transaction; return how it stood, and how it stands."""
        old = self._get(tx, number, lock=True)
        if version is not None and version != old.version:
            raise Stale("This subscription has been changed meanwhile.")
        new = edit(old)
        if new == old:
            return old, old
        _check_limit(new.limit)
        anew = new.selection != old.selection
        self._update(tx, replace(new, backfill_done=old.backfill_done and not anew))
        job = job_of(number, new.target.platform, new.title)
        self._scheduler.set_schedule(tx, schedule_id(number), job, new.timing)
        self._scheduler.enable(tx, schedule_id(number), enabled=not new.paused)
        return old, new

    async def pause(self, number: int) -> Subscription:
        """Let a subscription rest; its job that runs goes on."""
        return await self.change(number, lambda one: replace(one, paused=True))

    async def resume(self, number: int) -> Subscription:
        """Let a subscription go on; what it missed is caught up once."""
        return await self.change(number, lambda one: replace(one, paused=False))

    async def remove(self, number: int, *, version: int | None = None) -> None:
        """Follow no longer. What it brought stays in the library."""

        def write(tx: Tx) -> None:
            if version not in (None, _row(tx, number)["version"]):
                raise Stale("This subscription has been changed meanwhile.")
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
        now = self._now()
        values: dict[str, object] = {"reason": None, "detail": None}
        if backfill_done:
            values["backfill_done"] = True
        await self._note(number, synced_at=now, checked_at=now, **values)

    async def record_failure(self, number: int, reason: Reason, detail: str | None) -> None:
        """Note why a sync has not ended well."""
        await self._note(number, checked_at=self._now(), reason=reason, detail=detail)

    async def adapt(self, number: int, bounds: Adaptive, posted: Sequence[float]) -> None:
        """Let a subscription be due when its newest posts, by their times, make it likely to pay."""
        at = next_check(posted, bounds, now=self._now())
        await self._db.write(
            lambda tx: self._scheduler.postpone(tx, schedule_id(number), at), durable=False
        )

    async def check_by(self, number: int, at: float) -> None:
        """Let a subscription be due at `at`, unless it is sooner."""

        def tx(tx: Tx) -> None:
            name = schedule_id(number)
            schedule = self._scheduler.look(tx, [name]).get(name)
            if schedule is not None and schedule.next_at > at:
                self._scheduler.postpone(tx, name, at)

        await self._db.write(tx, durable=False)

    async def _note(self, number: int, **values: object) -> None:
        noted = sa.update(SubscriptionRow).where(SubscriptionRow.id == number).values(**values)
        await self._db.write(lambda tx: tx.execute(noted), durable=False)

    def look(self, tx: Tx, numbers: Sequence[int]) -> tuple[Subscription, ...]:
        """Return these subscriptions as they stand; one that is not there is left out."""
        return self._select(tx, sa.select(*COLUMNS).where(SubscriptionRow.id.in_(numbers)))

    def _get(self, tx: Tx, number: int, *, lock: bool = False) -> Subscription:
        row = _row(tx, number, lock=lock)
        schedule = self._scheduler.look(tx, [schedule_id(number)]).get(schedule_id(number))
        if schedule is None:  # it was removed between the two looks
            raise _missing()
        return _subscription(row, schedule)

    def _select(self, tx: Tx, query: sa.Select[tuple[object, ...]]) -> tuple[Subscription, ...]:
        rows = tx.execute(query).mappings().all()
        schedules = self._scheduler.look(tx, [schedule_id(row["id"]) for row in rows])
        pairs = ((row, schedules.get(schedule_id(row["id"]))) for row in rows)
        return tuple(_subscription(row, one) for row, one in pairs if one is not None)

    def _update(self, tx: Tx, one: Subscription) -> None:
        changed = sa.update(SubscriptionRow).where(SubscriptionRow.id == one.id)
        tx.execute(
            changed.values(
                title=one.title,
                filter=str(one.filter),
                limit=one.limit,
                options={"target": dict(one.target.values), "chosen": dict(one.options)},
                backfill_done=one.backfill_done,
                version=SubscriptionRow.version + 1,
            )
        )


def schedule_id(number: int) -> str:
    """Return the id of a subscription's schedule."""
    return f"subscription:{number}"


def title_of(target: Target) -> str:
    """Return what a target is called until somebody finds a better name."""
    return f"{target.platform} {target.feed} {target.key}"


def job_of(number: int, platform: str, title: str) -> NewJob:
    """Return the job that brings in what is new of a subscription."""
    payload: dict[str, Json] = {"subscription": number}
    return NewJob(kind=KIND, lane=Lane.SYNC, partition=platform, title=title, payload=payload)


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise InvalidInput("A limit is at least one post.")


def _find(tx: Tx, target: Target) -> int | None:
    return tx.scalar(
        sa.select(SubscriptionRow.id).where(
            SubscriptionRow.platform == target.platform,
            SubscriptionRow.host == target.host,
            SubscriptionRow.feed == target.feed,
            SubscriptionRow.key == target.key,
        )
    )


def _row(tx: Tx, number: int, *, lock: bool = False) -> sa.RowMapping:
    query = sa.select(*COLUMNS).where(SubscriptionRow.id == number)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise _missing()
    return row


def _missing() -> NotFound:
    return NotFound("There is no such subscription.")


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
        checked_at=row["checked_at"],
        reason=Reason(row["reason"]) if row["reason"] is not None else None,
        detail=row["detail"],
        backfill_done=row["backfill_done"],
        version=row["version"],
    )
