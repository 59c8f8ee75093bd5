"""Is it well? The database, who performs jobs, how long jobs wait, the disk, the writer's queue."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.db.tables import AlarmRow
from gatherum.jobs.tables import Executor, Job
from gatherum.library.tables import FileRow
from gatherum.ports import Fs
from gatherum.settings import RetentionSettings, free_space_reserve

EXECUTOR_S = 30.0  # a heartbeat older than that is none
LAG_S = 900.0
WAIT_S = 10.0
STILL_S = 10.0  # shorter ones are in the log, and no reason to call somebody


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `detail` is a sentence without paths."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is measured. Times in seconds, sizes in bytes."""

    executors: int
    queue_lag: float  # how long the oldest job that is due has been waiting
    disk_free: int
    disk_total: int
    database_size: int
    damaged: int
    lock_wait: float  # the longest since the last look
    answer: float  # how long the database took to answer
    sound: bool  # whether its file is whole
    stood_still: float  # how long the event loop did, if it was within the last half minute


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person, since when."""

    name: str
    since: float
    message: str


class Health:
    """Looks at the installation. Every look is cheap: no count goes over a whole table."""

    def __init__(
        self,
        database: Database,
        fs: Fs,
        now: Callable[[], float],
        *,
        reserve: Callable[[], int | None],
        limits: Callable[[], RetentionSettings],
        stood_still: Callable[[], float],
    ) -> None:
        self._db = database
        self._fs = fs
        self._now = now
        self._reserve = reserve
        self._limits = limits
        self._stood_still = stood_still

    async def measure(self) -> Numbers:
        """Return the numbers of this moment."""
        now, begun = self._now(), time.monotonic()
        executors, oldest, size, damaged = await self._db.read(lambda tx: _look(tx, now))
        answer = time.monotonic() - begun
        free, total = self._fs.free()
        return Numbers(
            executors=executors,
            queue_lag=0.0 if oldest is None else max(0.0, now - oldest),
            disk_free=free,
            disk_total=total,
            database_size=size,
            damaged=damaged,
            lock_wait=self._db.waits.take_longest(),
            answer=answer,
            sound=await self._db.is_sound(),
            stood_still=self._stood_still(),
        )

    async def checks(self) -> tuple[Check, ...]:
        """Say of each thing whether it is well."""
        return self.judge(await self.measure())

    def judge(self, numbers: Numbers) -> tuple[Check, ...]:
        """Say of each number whether it is well."""
        reserve = free_space_reserve(self._reserve(), numbers.disk_total)
        largest = self._limits().database_alarm
        return (
            Check(
                "database",
                ok=numbers.sound,
                detail=f"It answers in {numbers.answer * 1000:.0f} ms."
                if numbers.sound
                else "The database is damaged. Bring back a copy of it: gatherum restore FILE.",
            ),
            Check(
                "loop",
                ok=numbers.stood_still < STILL_S,
                detail=f"The program stood still for {numbers.stood_still:.0f} s just now: its log "
                "says where."
                if numbers.stood_still >= STILL_S
                else "The program does not stand still.",
            ),
            Check(
                "executor",
                ok=numbers.executors > 0,
                detail=_performing(numbers.executors)
                if numbers.executors
                else "Nobody performs jobs: start gatherum serve or gatherum worker.",
            ),
            Check(
                "queue",
                ok=numbers.queue_lag < LAG_S,
                detail=f"The oldest job that is due waits for {numbers.queue_lag:.0f} s.",
            ),
            Check(
                "disk",
                ok=numbers.disk_free > reserve,
                detail=f"{numbers.disk_free / 1e9:.1f} of {numbers.disk_total / 1e9:.1f} GB are "
                f"free; {reserve / 1e9:.1f} GB must stay free.",
            ),
            Check(
                "locks",
                ok=numbers.lock_wait < WAIT_S,
                detail=f"The longest wait of a write was {numbers.lock_wait * 1000:.0f} ms.",
            ),
            Check(
                "size",
                ok=largest is None or numbers.database_size < largest,
                detail=f"The database has {numbers.database_size / 1e6:.0f} MB.",
            ),
            Check(
                "files",
                ok=numbers.damaged == 0,
                detail=f"{numbers.damaged} files are missing or damaged: gatherum check --repair."
                if numbers.damaged
                else "No file is known to be damaged.",
            ),
        )

    async def watch(self) -> tuple[Alarm, ...]:
        """Raise and clear alarms by what the checks say; return those that stand."""
        checks = await self.checks()
        now = self._now()
        await self._db.write(lambda tx: _set_alarms(tx, checks, now), durable=False)
        return await self.alarms()

    async def raise_alarm(self, name: str, message: str) -> None:
        """Let an alarm stand until `clear_alarm`."""
        now = self._now()
        await self._db.write(
            lambda tx: _set_alarms(tx, (Check(name, ok=False, detail=message),), now)
        )

    async def clear_alarm(self, name: str) -> None:
        """Let an alarm go."""
        now = self._now()
        await self._db.write(lambda tx: _set_alarms(tx, (Check(name, ok=True, detail=""),), now))

    async def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms that stand, the oldest first."""
        query = sa.select(AlarmRow.name, AlarmRow.since, AlarmRow.message)
        rows = await self._db.read(
            lambda tx: tx.execute(query.order_by(AlarmRow.since, AlarmRow.name)).all()
        )
        return tuple(Alarm(*row) for row in rows)


def _look(tx: Tx, now: float) -> tuple[int, float | None, int, int]:
    executors = tx.scalar(
        sa.select(sa.func.count()).select_from(Executor).where(Executor.seen_at > now - EXECUTOR_S)
    )
    oldest: float | None = tx.scalar(
        sa.select(sa.func.min(Job.not_before)).where(
            Job.state == "queued", Job.held.is_(False), Job.not_before <= now
        )
    )
    damaged = tx.scalar(sa.select(sa.func.count()).where(FileRow.damage.is_not(None)))
    return executors or 0, oldest, size_of(tx), damaged or 0


def size_of(tx: Tx) -> int:
    """Return how large the database is, in bytes."""
    if tx.dialect.name == "postgresql":
        return int(tx.exec_driver_sql("select pg_database_size(current_database())").scalar_one())
    pages = tx.exec_driver_sql("pragma page_count").scalar_one()
    return int(pages * tx.exec_driver_sql("pragma page_size").scalar_one())


def _set_alarms(tx: Tx, checks: tuple[Check, ...], now: float) -> None:
    standing = set(tx.scalars(sa.select(AlarmRow.name)))
    for check in checks:
        mine = AlarmRow.name == check.name
        if check.ok:
            tx.execute(sa.delete(AlarmRow).where(mine))
        elif check.name in standing:
            tx.execute(sa.update(AlarmRow).where(mine).values(seen_at=now, message=check.detail))
        else:
            tx.execute(
                sa.insert(AlarmRow).values(
                    name=check.name, since=now, seen_at=now, message=check.detail
                )
            )


def _performing(executors: int) -> str:
    return "1 process performs jobs." if executors == 1 else f"{executors} processes perform jobs."
