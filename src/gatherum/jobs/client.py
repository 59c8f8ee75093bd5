"""The job table, as submitted to, read and steered from any process that opens the database."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput, NotFound
from gatherum.jobs.queue import LIVE, JobPage, JobState, JobView, Lane, NewJob, Pause
from gatherum.jobs.tables import Executor, Job, PausedLane
from gatherum.model import Reason

COLUMNS = tuple(column for column in Job.__table__.columns if column.name != "run")


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

    def submit(self, tx: Tx, job: NewJob) -> str | None:
        """Record and queue a job in the caller's transaction; None if an equal one is live."""
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

    async def enqueue(self, job: NewJob) -> str | None:
        """`submit` in a transaction of its own."""
        return await self.database.write(lambda tx: self.submit(tx, job))

    async def get(self, job_id: str) -> JobView:
        """Return a job as it stands; raises `NotFound`."""
        found = await self.database.read(
            lambda tx: _views(tx, sa.select(*COLUMNS).where(Job.id == job_id))
        )
        if not found:
            raise NotFound("There is no such job.")
        return found[0]

    async def find_live(self, dedup_key: str) -> JobView | None:
        """Return the live job of this key."""
        query = sa.select(*COLUMNS).where(Job.dedup_key == dedup_key, is_live())
        found = await self.database.read(lambda tx: _views(tx, query))
        return found[0] if found else None

    async def list(
        self, *, states: Collection[JobState] = (), limit: int = 100, cursor: str | None = None
    ) -> JobPage:
        """Return jobs, newest first; no states are all states."""
        query = sa.select(*COLUMNS).order_by(Job.created_at.desc(), Job.id.desc()).limit(limit + 1)
        if states:
            query = query.where(Job.state.in_(list(states)))
        if cursor is not None:
            query = query.where(sa.tuple_(Job.created_at, Job.id) < sa.tuple_(*_parse(cursor)))
        found = await self.database.read(lambda tx: _views(tx, query))
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return JobPage(
            jobs=found[:limit],
            cursor=f"{last.created_at!r}:{last.id}" if last is not None else None,
        )

    async def cancel(self, job_id: str) -> bool:
        """End a live job; one that runs is stopped within two seconds. False if it had ended."""
        ended = sa.update(Job).where(Job.id == job_id, is_live())
        ended = ended.values(
            state=JobState.CANCELLED, reason=Reason.CANCELLED, held=False, finished_at=self.now()
        )
        return await self.database.write(lambda tx: tx.execute(ended).rowcount == 1)

    async def retry_now(self, job_id: str) -> bool:
        """Let a waiting job go on at once; False if it does not wait."""
        waits = sa.and_(Job.id == job_id, Job.state == JobState.WAITING)
        return await self.database.write(lambda tx: bool(self.dispatch_again(tx, waits)))

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

    def release(self, tx: Tx) -> int:
        """Queue what is held although its lane is not paused (any more)."""
        return self.dispatch_again(
            tx, sa.and_(Job.held.is_(True), ~is_paused(Job.lane, Job.partition))
        )

    def dispatch_again(self, tx: Tx, which: sa.ColumnElement[bool]) -> int:
        """Queue live jobs for a new run, at once; nothing is heard of their older runs."""
        values = {
            "state": JobState.QUEUED,
            "run": Job.run + 1,
            "held": False,
            "executor": None,
            "not_before": self.now(),
        }
        again = sa.update(Job).where(which, is_live()).values(values)
        rows = tx.execute(
            again.returning(Job.created_at, Job.id, Job.run, Job.lane, Job.partition, Job.priority)
        ).all()
        for _, job_id, run, lane, partition, priority in sorted(rows):  # oldest first, as before
            ticket = Ticket(
                job_id=job_id, run=run, lane=lane, partition=partition, priority=priority, delay_s=0
            )
            self.dispatch(tx, ticket)
        return len(rows)


def is_live() -> sa.ColumnElement[bool]:
    """Return the condition that a job is live, in the words of the partial indexes."""
    return Job.state.in_([sa.literal_column(f"'{state}'") for state in LIVE])


def is_paused(
    lane: sa.SQLColumnExpression[str], partition: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """Return the condition that a lane, or this partition of it, is paused."""
    return sa.exists().where(
        PausedLane.lane == lane,
        sa.or_(PausedLane.partition == "", PausedLane.partition == partition),
    )


def _views(tx: Tx, query: sa.Select[tuple[object, ...]]) -> tuple[JobView, ...]:
    return tuple(
        JobView(
            **{
                **row,
                "lane": Lane(row["lane"]),
                "state": JobState(row["state"]),
                "reason": Reason(row["reason"]) if row["reason"] is not None else None,
            }
        )
        for row in tx.execute(query).mappings()
    )


def _parse(cursor: str) -> tuple[float, str]:
    created_at, _, job_id = cursor.partition(":")
    try:
        return float(created_at), job_id
    except ValueError as error:
        raise InvalidInput("This cursor did not come from here.") from error
