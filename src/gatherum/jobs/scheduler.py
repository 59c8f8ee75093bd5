"""When a job is due again: intervals and cron, kept as rows, each time fired exactly once."""

import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from cronsim import CronSim, CronSimError

from gatherum.db import Tx, insert_new
from gatherum.errors import InvalidInput, NotFound
from gatherum.jobs.client import JobClient
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.tables import Schedule
from gatherum.ports import Json

SHORTEST_S = 60.0
LONGEST_S = 366 * 24 * 3600.0
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Due again so many seconds after it was due, plus up to `jitter_s`."""

    seconds: float
    jitter_s: float = 0

    def __post_init__(self) -> None:
        """Refuse what would never, or always, be due."""
        if not SHORTEST_S <= self.seconds <= LONGEST_S:
            raise InvalidInput("An interval lasts from one minute to a year.")
        if not 0 <= self.jitter_s <= self.seconds:
            raise InvalidInput("The jitter is at most as long as the interval.")

    def after(self, now: float) -> float:
        """Return the next time, without jitter."""
        return now + self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Due when a clock in `zone` shows what the five fields say, plus up to `jitter_s`."""

    expression: str
    zone: str = "UTC"
    jitter_s: float = 0

    def __post_init__(self) -> None:
        """Refuse what no clock ever shows."""
        if not 0 <= self.jitter_s <= 24 * 3600:
            raise InvalidInput("The jitter is at most a day.")
        try:
            zone = ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError) as error:
            raise InvalidInput(
                f"{self.zone!r} is not a time zone, such as 'Europe/Berlin'."
            ) from error
        try:
            CronSim(self.expression, datetime.fromtimestamp(0, zone))
            self.after(0)
        except (CronSimError, StopIteration) as error:
            raise InvalidInput(
                f"{self.expression!r} is not a cron expression, such as '30 6 * * *' for 6:30 every day."
            ) from error

    def after(self, now: float) -> float:
        """Return the next time, without jitter."""
        return next(
            CronSim(self.expression, datetime.fromtimestamp(now, ZoneInfo(self.zone)))
        ).timestamp()


Timing = Every | Cron


def next_runs(timing: Timing, count: int, *, now: float) -> list[float]:
    """Return the next times, without their jitter."""

    def times() -> Iterator[float]:
        at = now
        for _ in range(count):
            yield (at := timing.after(at))

    return list(times())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """A schedule as it stands."""

    id: str
    kind: str
    lane: Lane
    partition: str
    title: str
    payload: Mapping[str, Json]
    timing: Timing
    next_at: float
    enabled: bool

    @property
    def job(self) -> NewJob:
        """The job that it submits; there is one live at a time."""
        return NewJob(
            kind=self.kind,
            lane=self.lane,
            partition=self.partition,
            title=self.title,
            payload=self.payload,
            dedup_key=f"schedule:{self.id}",
        )


class Scheduler:
    """Submits the jobs that are due. Any number of processes may do this on one database."""

    def __init__(self, client: JobClient) -> None:
        self._client = client
        self._database = client.database

    def set_schedule(
        self,
        tx: Tx,
        schedule_id: str,
        job: NewJob,
        timing: Timing,
        *,
        first_at: float | None = None,
    ) -> None:
        """Make or change a schedule in the caller's transaction; it is enabled then.

        Without `first_at`, a new one (or one with a new timing) is first due when `timing` says.
        """
        old = self.look(tx, [schedule_id]).get(schedule_id)
        next_at = first_at
        if next_at is None and old is not None and old.timing == timing:
            next_at = old.next_at
        if next_at is None:
            next_at = _jittered(timing, self._client.now())
        values = {
            "kind": job.kind,
            "lane": job.lane,
            "partition": job.partition,
            "title": job.title,
            "payload": dict(job.payload),
            "every_s": timing.seconds if isinstance(timing, Every) else None,
            "cron": timing.expression if isinstance(timing, Cron) else None,
            "zone": timing.zone if isinstance(timing, Cron) else "UTC",
            "jitter_s": timing.jitter_s,
            "next_at": next_at,
            "enabled": True,
        }
        if old is None:
            # Two processes that start at once both find none: the first one's stands.
            insert_new(tx, Schedule, [{"id": schedule_id, **values}])
        else:
            tx.execute(sa.update(Schedule).where(Schedule.id == schedule_id).values(values))

    def enable(self, tx: Tx, schedule_id: str, *, enabled: bool) -> None:
        """Let a schedule rest, or go on: what it missed meanwhile is caught up once."""
        tx.execute(sa.update(Schedule).where(Schedule.id == schedule_id).values(enabled=enabled))

    def postpone(self, tx: Tx, schedule_id: str, next_at: float) -> None:
        """Let a schedule be due next at a time of its own; its timing stays."""
        tx.execute(sa.update(Schedule).where(Schedule.id == schedule_id).values(next_at=next_at))

    def look(self, tx: Tx, ids: Collection[str]) -> dict[str, ScheduleView]:
        """Return schedules as they stand, by id; one that is not there is left out."""
        query = sa.select(*Schedule.__table__.columns).where(Schedule.id.in_(list(ids)))
        return {row["id"]: _view(row) for row in tx.execute(query).mappings()}

    def submit(self, tx: Tx, schedule_id: str) -> str | None:
        """`run_now` in the caller's transaction."""
        return self._client.submit(tx, self.look(tx, [schedule_id])[schedule_id].job)

    def remove(self, tx: Tx, schedule_id: str) -> None:
        """Forget a schedule; a job of it that is live goes on."""
        tx.execute(sa.delete(Schedule).where(Schedule.id == schedule_id))

    async def get(self, schedule_id: str) -> ScheduleView:
        """Return a schedule as it stands; raises `NotFound`."""
        query = sa.select(*Schedule.__table__.columns).where(Schedule.id == schedule_id)
        rows = await self._database.read(lambda tx: tx.execute(query).mappings().all())
        if not rows:
            raise NotFound("There is no such schedule.")
        return _view(rows[0])

    async def list(self) -> tuple[ScheduleView, ...]:
        """Return all schedules, the next one due first."""
        query = sa.select(*Schedule.__table__.columns).order_by(Schedule.next_at, Schedule.id)
        rows = await self._database.read(lambda tx: tx.execute(query).mappings().all())
        return tuple(_view(row) for row in rows)

    async def run_now(self, schedule_id: str) -> str | None:
        """Submit a schedule's job out of turn; None if it is live already. Its times stay."""
        job = (await self.get(schedule_id)).job
        return await self._client.enqueue(job)

    async def find_live(self, schedule_id: str) -> str | None:
        """Return the id of a schedule's job that is live."""
        job = (await self.get(schedule_id)).job
        live = await self._client.find_live(job.dedup_key or "")
        return live.id if live is not None else None

    async def tick(self, now: float | None = None) -> int:
        """Submit what is due, and return how many jobs that were.

        However many times were missed, they are one job; one that is still live counts as it.
        """
        now = self._client.now() if now is None else now
        query = (
            sa.select(*Schedule.__table__.columns)
            .where(Schedule.enabled.is_(True), Schedule.next_at <= now)
            .order_by(Schedule.next_at)
            .limit(BATCH)
        )
        rows = await self._database.read(lambda tx: tx.execute(query).mappings().all())
        fired = 0
        for due in map(_view, rows):
            fired += await self._database.write(partial(self._fire, due=due, now=now))
        return fired

    def _fire(self, tx: Tx, due: ScheduleView, now: float) -> int:
        seen = sa.and_(
            Schedule.id == due.id, Schedule.next_at == due.next_at, Schedule.enabled.is_(True)
        )
        moved = sa.update(Schedule).where(seen).values(next_at=_jittered(due.timing, now))
        if tx.execute(moved).rowcount != 1:
            return 0  # another instance was first
        return int(self._client.submit(tx, due.job, unattended=True) is not None)


def _jittered(timing: Timing, now: float) -> float:
    return timing.after(now) + random.uniform(0, timing.jitter_s)  # noqa: S311  # spreads load


def _view(row: sa.RowMapping) -> ScheduleView:
    timing: Timing = (
        Every(seconds=row["every_s"], jitter_s=row["jitter_s"])
        if row["cron"] is None
        else Cron(expression=row["cron"], zone=row["zone"], jitter_s=row["jitter_s"])
    )
    return ScheduleView(
        id=row["id"],
        kind=row["kind"],
        lane=Lane(row["lane"]),
        partition=row["partition"],
        title=row["title"],
        payload=row["payload"],
        timing=timing,
        next_at=row["next_at"],
        enabled=row["enabled"],
    )
