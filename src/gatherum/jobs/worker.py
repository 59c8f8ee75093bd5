"""Performs jobs in this process: one run at a time each, on the event loop of the program."""

import asyncio
import math
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from gatherum.db import Tx
from gatherum.db.locks import release_lock, take_lock
from gatherum.db.presence import patience
from gatherum.db.write_lock import patiently
from gatherum.errors import Conflict, DatabaseAway, GatherumError
from gatherum.jobs.attempts import (
    Begun,
    Suspected,
    begin,
    end_orderly,
    hand_back,
    outcome_of,
    put_off,
    report,
    settle,
)
from gatherum.jobs.client import is_paused
from gatherum.jobs.engine import LANES, DbosQueue, Engine, LaneLimits
from gatherum.jobs.housekeeping import Housekeeping
from gatherum.jobs.queue import Done, Handler, JobContext, Lane, Later
from gatherum.jobs.scheduler import Scheduler
from gatherum.jobs.tables import Job
from gatherum.model import Reason
from gatherum.ports import Json

log = structlog.get_logger()
R = TypeVar("R")

WATCH_S = 0.5  # how soon a cancel is noticed
REPORT_S = 1.0  # progress is written this often at most
AWAY = "The database takes nothing just now. It goes on by itself."
AWAY_S = 30.0  # until a job looks whether the database takes something again
GRACE_S = 5.0  # how long handlers may take to stop when the program closes
ALONE_S = 15.0  # how long a suspect is watched before the next one begins: it acts soon, if at all
RATES = ("speed",)  # what changes in a report although nothing moves


class _Why(Enum):
    """Why a handler was interrupted."""

    LOST = auto()  # cancelled by a person, or taken over by another executor
    PAUSED = auto()
    CLOSING = auto()
    STILL = auto()  # it made no progress for its lane's limit


@dataclass(slots=True, eq=False)
class _Running:
    begun: Begun
    handler: asyncio.Task[Done | Later]
    reporter: "_Reporter"
    why: _Why | None = None

    def interrupt(self, why: _Why) -> None:
        if self.why is None:
            self.why = why
            self.handler.cancel()


class Worker:
    """The executor of this process.

    On SQLite only one process can start one (`DataDirBusy`); on PostgreSQL any number, and a live
    one takes over the jobs of one that was not seen for `ttl_s`.
    """

    def __init__(
        self,
        queue: DbosQueue,
        *,
        scheduler: Scheduler | None = None,
        lanes: Mapping[Lane, LaneLimits] = LANES,
        heartbeat_s: float = 3.0,
        ttl_s: float = 15.0,
    ) -> None:
        self._queue = queue
        self._database = queue.database
        self._lanes = lanes
        unique = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self.id = "local" if self._database.is_sqlite else unique
        self._handlers: dict[str, Handler] = {}
        self._engine = Engine(self._database, executor=self.id, lanes=lanes)
        self._housekeeping = Housekeeping(
            queue,
            self._engine,
            scheduler or Scheduler(queue),
            executor=self.id,
            heartbeat_s=heartbeat_s,
            ttl_s=ttl_s,
        )
        self._running: set[_Running] = set()
        self._performing: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []
        self._lock: int | None = None
        self._closing = False
        self._alone_until = 0.0  # while a suspect is being tried

    def register(self, kind: str, handler: Handler) -> None:
        """Let `handler` perform the jobs of a kind; before `start`."""
        if kind in self._handlers:
            raise Conflict(f"There is already a handler for {kind}.")
        self._handlers[kind] = handler

    def on_executor_dead(self, callback: Callable[[str], Awaitable[None]]) -> None:
        """Call back with the id of a dead executor, before its jobs are taken over."""
        self._housekeeping.on_executor_dead(callback)

    def lock(self) -> None:
        """Claim an SQLite database for this process, or raise `DataDirBusy`; `start` does it, too.

        All executors of one are called the same, so whoever touches what "this" one left open must
        have the lock first.
        """
        if self._database.is_sqlite and self._lock is None:
            self._lock = take_lock(f"{self._database.engine.url.database}.worker.lock")

    def unlock(self) -> None:
        """Let go of the claim; `close` does it, too."""
        if self._lock is not None:
            release_lock(self._lock)
            self._lock = None

    async def start(self) -> None:
        """Start performing jobs, first those that this executor left unfinished."""
        self.lock()
        try:
            await self._queue.prepare()  # takes a while, in which nothing is said of this executor
            await self._housekeeping.begin()
            await self._engine.start(self._perform)
        except BaseException:
            self.unlock()
            raise
        with patiently():
            self._background = [
                asyncio.create_task(self._housekeeping.run()),
                asyncio.create_task(self._watch()),
            ]
        log.info("worker started", executor=self.id)

    async def close(self) -> None:
        """Interrupt what runs, queue it anew for whoever comes, and stop; takes seconds at most."""
        self._closing = True
        self._engine.stop_claiming()
        for running in tuple(self._running):
            running.interrupt(_Why.CLOSING)
        await asyncio.to_thread(self._engine.wait_claimed)
        ending = [task for task in self._performing if not task.done()]
        if ending:
            _, late = await asyncio.wait(ending, timeout=GRACE_S)
            if late:
                await self._end_orderly()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await asyncio.to_thread(self._engine.close)
        await self._housekeeping.end()
        self.unlock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _perform(self, job_id: str, run: int) -> None:
        """Begin, perform, settle. Called by the engine, maybe again for a run that was interrupted."""
        if self._closing:
            # Claimed too late: closing the engine cancels this, and the run stays unfinished.
            await asyncio.Event().wait()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # it is a coroutine that runs
        self._performing.add(task)
        with (
            patience(math.inf),
            patiently(),
        ):  # an outcome must not be lost, nor a job fail for an outage
            await self._perform_run(job_id, run, task)

    async def _perform_run(self, job_id: str, run: int, task: asyncio.Task[object]) -> None:
        try:
            begun = await self._begin(job_id, run)
            if begun is not None:
                with structlog.contextvars.bound_contextvars(job=job_id):
                    await self._handle(begun)
        finally:
            self._performing.discard(task)

    async def _begin(self, job_id: str, run: int) -> Begun | None:
        """Begin a run; a suspect only if no other is being tried, else it is put off."""

        def first(tx: Tx) -> Begun | Suspected | None:
            return begin(tx, self._queue, job_id, run, executor=self.id)

        begun = await self._persist(first)
        if not isinstance(begun, Suspected):
            return begun
        if time.monotonic() < self._alone_until:
            await self._persist(lambda tx: put_off(tx, self._queue, job_id, run))
            return None
        self._alone_until = time.monotonic() + ALONE_S

        def alone(tx: Tx) -> Begun | Suspected | None:
            return begin(tx, self._queue, job_id, run, executor=self.id, alone=True)

        tried = await self._persist(alone)
        if isinstance(tried, Begun):
            log.info("job tried alone", job=job_id, starts=tried.starts)
            return tried
        self._let_next_be_tried()  # it goes after others, or was cancelled
        return None

    def _let_next_be_tried(self) -> None:
        self._alone_until = 0.0

    async def _handle(self, begun: Begun) -> None:
        trusted = self._let_next_be_tried if begun.is_suspect else _nothing
        reporter = _Reporter(self._queue, begun, trusted)
        context = JobContext(
            id=begun.id,
            kind=begun.kind,
            payload=begun.payload,
            attempt=begun.attempt,
            report=reporter.report,
        )
        running = _Running(begun, asyncio.ensure_future(self._call(context)), reporter)
        self._running.add(running)
        since = time.monotonic()
        log.info("job begun", kind=begun.kind, attempt=begun.attempt, _in_detail=True)
        try:
            if self._closing:
                running.interrupt(_Why.CLOSING)
            await asyncio.wait([running.handler])
        finally:
            # Closing cuts short what does not stop in time; the row stays ours, and unfinished.
            running.handler.cancel()
            self._running.discard(running)
            reporter.close()
            trusted()
        if not running.handler.cancelled():
            outcome = running.handler.result()
            await self._persist(lambda tx: settle(tx, self._queue, begun, outcome, reporter.latest))
            log.info(
                "job ended",
                kind=begun.kind,
                how=_how(outcome),
                seconds=round(time.monotonic() - since, 1),
                reason=outcome.reason,
                detail=outcome.detail,
            )
        elif running.why in (_Why.PAUSED, _Why.CLOSING):
            # Of a paused lane it is held when it begins again.
            await self._persist(lambda tx: hand_back(tx, self._queue, begun, reporter.latest))
        elif running.why is not _Why.LOST:
            outcome = self._cut_short(running)
            await self._persist(lambda tx: settle(tx, self._queue, begun, outcome, reporter.latest))

    def _cut_short(self, running: _Running) -> Done:
        """Return how a job ends that was interrupted and goes on nowhere."""
        if running.why is not _Why.STILL:
            return Done(failed=True, detail="The job was interrupted.")
        minutes = round(self._still_s(running) / 60)
        detail = f"It made no progress for {minutes:,} minutes, so it was ended."
        log.warning("job made no progress", job=running.begun.id, minutes=minutes)
        return Done(failed=True, reason=Reason.UNAVAILABLE, detail=detail)

    def _still_s(self, running: _Running) -> float:
        return self._lanes[Lane(running.begun.lane)].still_s

    async def _end_orderly(self) -> None:
        """Let what does not stop in time not count as what takes a worker down."""
        try:
            with patience(GRACE_S):
                await self._database.write(lambda tx: end_orderly(tx, self.id))
        except (DBAPIError, DatabaseAway) as error:
            log.info("starts not cleared", error=str(error))

    async def _call(self, context: JobContext) -> Done | Later:
        handler = self._handlers.get(context.kind)
        if handler is None:
            return Done(failed=True, detail="This Gatherum does not know jobs of this kind.")
        try:
            return await handler(context)
        except GatherumError as error:
            log.info("job failed", kind=context.kind, error=str(error), _in_detail=True)
            return outcome_of(error)
        except OperationalError as error:  # its disk is full
            log.warning("database does not answer", kind=context.kind, error=str(error.orig))
            return Later(delay_s=AWAY_S, reason=Reason.DISK_FULL, detail=AWAY)
        except Exception:  # the last boundary: a fault of ours ends one job, not the worker
            error_id = uuid4().hex[:12]
            log.exception("job crashed", kind=context.kind, error_id=error_id)
            return Done(
                failed=True, detail=f"Something went wrong inside Gatherum (error {error_id})."
            )

    async def _persist(self, fn: Callable[[Tx], R]) -> R:
        """Write, however long the disk of the database is full: an outcome must not be lost."""
        while True:
            try:
                return await self._database.write(fn)
            except DBAPIError as error:
                log.warning("database does not answer", error=str(error.orig))
                await asyncio.sleep(5)

    async def _watch(self) -> None:
        """Interrupt what was cancelled, paused, or taken over, from whatever process."""
        while True:
            await asyncio.sleep(WATCH_S)
            if not self._running:
                continue
            watched = tuple(self._running)
            for running in watched:
                if running.reporter.still_for() > self._still_s(running):
                    running.interrupt(_Why.STILL)
            try:
                ours, paused = await self._database.read(partial(_look, watched=watched))
            except (DBAPIError, DatabaseAway) as error:
                log.info("cancels not looked for", error=str(error))
                continue
            for running in watched:
                if running.begun.id not in ours:
                    running.interrupt(_Why.LOST)
                elif running.begun.id in paused:
                    running.interrupt(_Why.PAUSED)


def _how(outcome: Done | Later) -> str:
    if isinstance(outcome, Later):
        return "later"
    return "failed" if outcome.failed else "done"


def _look(tx: Tx, watched: tuple[_Running, ...]) -> tuple[set[str], set[str]]:
    """Return the ids of those that still are ours to perform, and of those whose lane is paused."""
    ours = sa.select(Job.id, is_paused(Job.lane, Job.partition)).where(
        sa.or_(*(running.begun.is_ours for running in watched))
    )
    rows = tx.execute(ours).all()
    return {row[0] for row in rows}, {row[0] for row in rows if row[1]}


class _Reporter:
    """Writes the latest progress, now and then; the last of it is written when the job settles."""

    def __init__(self, queue: DbosQueue, begun: Begun, trusted: Callable[[], None]) -> None:
        self._queue = queue
        self._begun = begun
        self._trusted = trusted
        self._task: asyncio.Task[None] | None = None
        self._moved_at = time.monotonic()
        self._is_further = False
        self.latest: Mapping[str, Json] | None = None

    def report(self, progress: Mapping[str, Json], *, is_further: bool = False) -> None:
        if self.latest is None or _without_rates(progress) != _without_rates(self.latest):
            self._moved_at = time.monotonic()
        if is_further and not self._is_further:
            self._is_further = True
            self._trusted()
        self.latest = progress
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._write())

    def still_for(self) -> float:
        """Return for how many seconds no report has moved."""
        return time.monotonic() - self._moved_at

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _write(self) -> None:
        written = None
        while self.latest is not None and self.latest is not written:
            written = self.latest
            try:
                await self._queue.database.write(self._store, durable=False)
            except (DBAPIError, DatabaseAway) as error:
                log.info("progress not written", error=str(error))
            await asyncio.sleep(REPORT_S)

    def _store(self, tx: Tx) -> None:
        if self.latest is not None:
            further = self._is_further
            report(tx, self._queue, self._begun, self.latest, is_further=further)


def _without_rates(progress: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in progress.items() if name not in RATES}


def _nothing() -> None:
    pass
