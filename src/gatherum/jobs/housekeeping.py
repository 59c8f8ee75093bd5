"""What keeps the queue whole while time passes: heartbeats, schedules, take-overs, pruning."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from gatherum.db import Tx
from gatherum.db.events import Events
from gatherum.db.presence import patience
from gatherum.errors import DatabaseAway
from gatherum.jobs.client import JobClient
from gatherum.jobs.engine import ENDING_S, Engine, workflow_id
from gatherum.jobs.looking import is_live
from gatherum.jobs.scheduler import Scheduler
from gatherum.jobs.tables import Executor, Job

log = structlog.get_logger()
P = ParamSpec("P")
R = TypeVar("R")
TICK_S = 1.0
RESCUE_S = 60.0
PRUNE_S = 24 * 3600.0
FORGET_S = 3600.0
ENDED = 0.0  # when those were last seen that have said themselves that they are gone


class Housekeeping:
    """Runs beside the worker of a process, and for all of them: each step does no harm twice."""

    def __init__(
        self,
        client: JobClient,
        engine: Engine,
        scheduler: Scheduler,
        *,
        executor: str,
        heartbeat_s: float,
        ttl_s: float,
    ) -> None:
        self._client = client
        self._database = client.database
        self._engine = engine
        self._scheduler = scheduler
        self._executor = executor
        self._heartbeat_s = heartbeat_s
        self._ttl_s = ttl_s
        self._callbacks: list[Callable[[str], Awaitable[None]]] = []
        self._seen_at: float | None = None  # by the database's time, as all that follows
        self._reaps_from = 0.0

    def on_executor_dead(self, callback: Callable[[str], Awaitable[None]]) -> None:
        """Call back with the id of a dead executor, before its jobs are taken over."""
        self._callbacks.append(callback)

    async def begin(self) -> None:
        """Say that this executor lives. On SQLite, whoever had its name before is dead."""
        if self._database.is_sqlite:
            for callback in self._callbacks:
                await callback(self._executor)
        await self._beat()

    async def end(self) -> None:
        """Say that this executor is gone: what it may have left is for others at once."""
        gone = sa.update(Executor).where(Executor.id == self._executor).values(seen_at=ENDED)
        try:
            with patience(ENDING_S):
                await self._database.write(lambda tx: tx.execute(gone), durable=False)
        except DatabaseAway:
            log.info("nobody told of the end", executor=self._executor)  # they see it by the time

    async def run(self) -> None:
        """Do what is due, until cancelled. What fails is tried again when it is due again."""
        due = {
            self._tick: (TICK_S, 0.0),
            self._beat: (self._heartbeat_s, 0.0),
            self._reap: (self._heartbeat_s, 0.0),
            self._rescue: (RESCUE_S, 0.0),
            self._prune: (PRUNE_S, time.monotonic() + RESCUE_S),
            self._forget: (FORGET_S, time.monotonic() + RESCUE_S),
        }
        while True:
            for step, (every_s, at) in due.items():
                if time.monotonic() >= at:
                    due[step] = (every_s, time.monotonic() + every_s)
                    try:
                        await step()
                    except DatabaseAway:
                        due[step] = (every_s, 0.0)  # as soon as it is back
                        log.debug("housekeeping put off", step=step.__name__)
                    except Exception:  # what fails today may go well tomorrow
                        log.exception("housekeeping failed", step=step.__name__)
            await asyncio.sleep(min(TICK_S, self._heartbeat_s))

    async def _tick(self) -> None:
        await self._scheduler.tick()

    async def _beat(self) -> None:
        now = await self._database.write(lambda tx: _seen(tx, self._executor), durable=False)
        if self._seen_at is not None and now - self._seen_at > self._ttl_s - 2 * self._heartbeat_s:
            # What kept us, such as a database that was away or a machine that slept, may have kept
            # the others as well, and of these one that beats less often than we.
            self._reaps_from = now + self._ttl_s
        self._seen_at = now

    async def _reap(self) -> None:
        if self._database.is_sqlite:
            return  # the lock on the file lets no other executor be
        dead = await self._database.read(self._dead)
        for executor, seen_at in dead.items():
            log.warning("executor is dead", executor=executor)
            for callback in self._callbacks:
                await callback(executor)
            await _finished(self._engine.recover, [executor])
            forget = sa.delete(Executor).where(Executor.id == executor, Executor.seen_at == seen_at)
            await self._database.write(partial(_execute, statement=forget))

    def _dead(self, tx: Tx) -> dict[str, float]:
        """Return the others that are dead, and when they were last seen."""
        unseen = _unseen(tx, self._ttl_s)
        unseen.pop(self._executor, None)
        if self._reaps_from <= _now(tx) <= (self._seen_at or 0.0) + self._ttl_s:
            return unseen
        return {executor: seen_at for executor, seen_at in unseen.items() if seen_at == ENDED}

    async def _rescue(self) -> None:
        """Queue anew what is live in our table but that nothing will perform, whatever the cause."""
        holders = await _finished(self._engine.pending_executors)
        known = await self._database.read(lambda tx: set(tx.scalars(sa.select(Executor.id))))
        if holders - known:
            await _finished(self._engine.recover, sorted(holders - known))
        # Rows first, runs later: a job that ends in between is not live any more when it is written.
        query = sa.select(Job.id, Job.run).where(is_live(), Job.held.is_(False))
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        jobs = {workflow_id(job_id, run): (job_id, run) for job_id, run in rows}
        lost = await _finished(self._engine.without_run, list(jobs))
        if lost:
            log.warning("jobs without a run", lost=len(lost))
        again = [jobs[name] for name in sorted(lost)]
        await self._database.write(lambda tx: self._repair(tx, again))

    def _repair(self, tx: Tx, again: list[tuple[str, int]]) -> None:
        self._client.release(tx)
        for job_id, run in again:
            self._client.dispatch_again(tx, sa.and_(Job.id == job_id, Job.run == run))

    async def _forget(self) -> None:
        await Events(self._database).prune()

    async def _prune(self) -> None:
        before = datetime.fromtimestamp(self._client.now() - PRUNE_S, UTC)
        await _finished(self._engine.prune, before.isoformat())


async def _finished(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call in a thread; whoever is cancelled lets the thread end, else the engine closes under it."""
    work = asyncio.ensure_future(asyncio.to_thread(call, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work], timeout=ENDING_S)
        raise


def _execute(tx: Tx, *, statement: sa.Delete) -> None:
    tx.execute(statement)


def _seen(tx: Tx, executor: str) -> float:
    now = _now(tx)
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(Executor).values(id=executor, seen_at=now, started_at=now)
    tx.execute(row.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))
    return now


def _unseen(tx: Tx, ttl_s: float) -> dict[str, float]:
    query = sa.select(Executor.id, Executor.seen_at).where(Executor.seen_at < _now(tx) - ttl_s)
    return {row[0]: row[1] for row in tx.execute(query)}


def _now(tx: Tx) -> float:
    """Return the database's time, which is one for all machines."""
    if tx.dialect.name == "sqlite":
        return time.time()
    return float(tx.exec_driver_sql("select extract(epoch from clock_timestamp())").scalar_one())
