"""The job table, as submitted to, read and steered from any process that opens the database."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gatherum.db import Database, Tx
from gatherum.errors import NotFound
from gatherum.jobs.looking import (
    COLUMNS,
    Crowd,
    Needy,
    count_failures,
    is_live,
    read_crowds,
    read_needy,
    read_page,
    views,
)
from gatherum.jobs.queue import EVERY, JobFilter, JobPage, JobState, JobView, Lane, NewJob, Pause
from gatherum.jobs.steering import cancel, dismiss, retry, run_again, set_priority
from gatherum.jobs.tables import UNSETTLED, Executor, Job, PausedLane
from gatherum.model import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One run of a job, for the engine: it is the only thing that the engine keeps of a job."""

    job_id: str
    run: int
    lane: str
    partition: str
    priority: int
    delay_s: float


Dispatch = Callable[[Tx, Ticket], None]


class JobClient:
    """Implements `JobQueue`. A job and its ticket are written in one transaction, always."""

    def __init__(
        self, database: Database, dispatch: Dispatch, *, now: Callable[[], float] = time.time
    ) -> None:
        self.database = database
        self.dispatch = dispatch
        self.now = now

    def submit(self, tx: Tx, job: NewJob, *, unattended: bool = False) -> str | None:
        """Record and queue a job in the caller's transaction; None if an equal one is live.

        What nobody asked for just now is `unattended`: None, too, if an equal one was set aside
        because it takes the program down, and no person has said what is to become of it.
        """
        if unattended and _is_set_aside(tx, job.dedup_key):
            return None
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        now = self.now()
        new = insert(Job).values(
            id=uuid4().hex,
            kind=job.kind,
            lane=job.lane,
            partition=job.partition,
            title=job.title,
            dedup_key=job.dedup_key,
            payload=dict(job.payload),
            state=JobState.QUEUED,
            attempt=1,
            run=1,
            held=False,
            priority=job.priority,
            not_before=now + job.delay_s,
            created_at=now,
        )
        job_id = tx.scalar(new.on_conflict_do_nothing().returning(Job.id))
        if job_id is not None:
            if job.dedup_key is not None:  # what failed before is tried anew: that settles it
                before = sa.and_(Job.dedup_key == job.dedup_key, sa.text(UNSETTLED))
                tx.execute(sa.update(Job).where(before).values(dismissed_at=now))
            ticket = Ticket(
                job_id=job_id,
                run=1,
                lane=job.lane,
                partition=job.partition,
                priority=job.priority,
                delay_s=job.delay_s,
            )
            self.dispatch(tx, ticket)
        return job_id

    async def enqueue(self, job: NewJob, *, unattended: bool = False) -> str | None:
        """`submit` in a transaction of its own."""
        return await self.database.write(lambda tx: self.submit(tx, job, unattended=unattended))

    async def get(self, job_id: str) -> JobView:
        """Return a job as it stands; raises `NotFound`."""
        query = sa.select(*COLUMNS).where(Job.id == job_id)
        found = await self.database.read(lambda tx: views(tx, query))
        if not found:
            raise NotFound("There is no such job.")
        return found[0]

    async def find_live(self, dedup_key: str) -> JobView | None:
        """Return the live job of this key."""
        query = sa.select(*COLUMNS).where(Job.dedup_key == dedup_key, is_live())
        found = await self.database.read(lambda tx: views(tx, query))
        return found[0] if found else None

    async def list(
        self, which: JobFilter = EVERY, *, limit: int = 100, cursor: str | None = None
    ) -> JobPage:
        """Return jobs, newest first."""
        return await self.database.read(lambda tx: read_page(tx, which, limit=limit, cursor=cursor))

    async def crowds(self) -> tuple[Crowd, ...]:
        """Return how many live jobs there are of each lane and partition."""
        return await self.database.read(read_crowds)

    async def needy(self) -> tuple[Needy, ...]:
        """Return which jobs need a person, by reason and platform."""
        return await self.database.read(read_needy)

    async def dismiss_all(self, job_ids: Sequence[str]) -> tuple[str, ...]:
        """Settle those of some jobs that have failed; return which."""
        return await self.database.write(lambda tx: dismiss(tx, self, job_ids))

    async def cancel(self, job_id: str) -> bool:
        """End a live job; one that runs is stopped within two seconds. False if it had ended."""
        return bool(await self.cancel_all([job_id]))

    async def cancel_all(self, job_ids: Sequence[str]) -> tuple[str, ...]:
        """End those of some jobs that are live; return which."""
        return await self.database.write(lambda tx: cancel(tx, self, Job.id.in_(job_ids)))

    async def retry_all(self, job_ids: Sequence[str]) -> tuple[str, ...]:
        """Let those that wait go on at once, and do once more what has ended; return which."""
        return await self.database.write(lambda tx: retry(tx, self, job_ids))

    async def failures_since(self, since: float) -> dict[Reason | None, int]:
        """Count the jobs that have failed at `since` or later, by reason."""
        return await self.database.read(lambda tx: count_failures(tx, since))

    async def retry_now(self, job_id: str) -> bool:
        """Let a waiting job go on at once; False if it does not wait."""
        waits = sa.and_(Job.id == job_id, Job.state == JobState.WAITING)
        return await self.database.write(lambda tx: bool(self.dispatch_again(tx, waits)))

    async def run_again(self, job_id: str) -> str:
        """Do once more what a job did that has ended; return the id of the job that does it.

        An equal one that is live counts as it. Raises `Conflict` if the job has not ended.
        """
        return await self.database.write(lambda tx: run_again(tx, self, job_id))

    async def set_priority(self, job_id: str, priority: int) -> bool:
        """Let a live job come sooner or later than others; one that runs goes on. False if it ended."""
        return await self.database.write(lambda tx: set_priority(tx, self, job_id, priority))

    async def pause(self, lane: Lane, partition: str = "") -> None:
        """Let nothing of a lane (or of one partition of it) run until `resume`."""
        row = {"lane": lane, "partition": partition, "paused_at": self.now()}

        def fn(tx: Tx) -> None:
            insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
            tx.execute(insert(PausedLane).values(row).on_conflict_do_nothing())

        await self.database.write(fn)

    async def resume(self, lane: Lane, partition: str = "") -> None:
        """Let a paused lane go on."""

        def fn(tx: Tx) -> None:
            tx.execute(
                sa.delete(PausedLane).where(
                    PausedLane.lane == lane, PausedLane.partition == partition
                )
            )
            self.release(tx)

        await self.database.write(fn)

    async def paused(self) -> tuple[Pause, ...]:
        """Return what stands still."""
        query = sa.select(PausedLane.lane, PausedLane.partition, PausedLane.paused_at)
        rows = await self.database.read(lambda tx: tx.execute(query).all())
        return tuple(Pause(lane=Lane(row[0]), partition=row[1], since=row[2]) for row in rows)

    async def executors(self, *, within_s: float = 15) -> tuple[str, ...]:
        """Return the processes that have been seen performing jobs just now."""
        query = sa.select(Executor.id).where(Executor.seen_at > self.now() - within_s)
        return tuple(await self.database.read(lambda tx: tx.scalars(query).all()))

    def release(self, tx: Tx) -> None:
        """Queue what is held although its lane is not paused (any more)."""
        self.dispatch_again(tx, sa.and_(Job.held.is_(True), ~is_paused(Job.lane, Job.partition)))

    def dispatch_again(
        self, tx: Tx, which: sa.ColumnElement[bool], *, delay_s: float = 0.0
    ) -> tuple[str, ...]:
        """Queue live jobs for a new run and return which; of older runs nothing is heard."""
        values = {
            "state": JobState.QUEUED,
            "held": False,
            "executor": None,
            "not_before": self.now() + delay_s,
        }
        return self._dispatch_anew(tx, which, values)

    def dispatch_later(self, tx: Tx, which: sa.ColumnElement[bool]) -> tuple[str, ...]:
        """As `dispatch_again`, each when it is due."""
        return self._dispatch_anew(tx, which, {})

    def _dispatch_anew(
        self, tx: Tx, which: sa.ColumnElement[bool], values: dict[str, object]
    ) -> tuple[str, ...]:
        again = sa.update(Job).where(which, is_live()).values(run=Job.run + 1, **values)
        told = (Job.created_at, Job.id, Job.run, Job.lane, Job.partition, Job.priority)
        oldest_first = sorted(tx.execute(again.returning(*told, Job.not_before)).all())
        now = self.now()
        for _, job_id, run, lane, partition, priority, at in oldest_first:
            ticket = Ticket(
                job_id=job_id,
                run=run,
                lane=lane,
                partition=partition,
                priority=priority,
                delay_s=max(0.0, at - now),
            )
            self.dispatch(tx, ticket)
        return tuple(row[1] for row in oldest_first)


def _is_set_aside(tx: Tx, dedup_key: str | None) -> bool:
    if dedup_key is None:  # nothing equals it
        return False
    which = sa.and_(Job.dedup_key == dedup_key, sa.text(UNSETTLED), Job.starts > 0)
    return tx.execute(sa.select(Job.id).where(which).limit(1)).first() is not None


def is_paused(
    lane: sa.SQLColumnExpression[str], partition: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """Return the condition that a lane, or this partition of it, is paused."""
    return sa.exists().where(
        PausedLane.lane == lane,
        sa.or_(PausedLane.partition == "", PausedLane.partition == partition),
    )
