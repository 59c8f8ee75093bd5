"""One database, two ways in: `read` in reader threads, `write` through one writer (SQLite) or a pool."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError

from gatherum.db.postgres import is_lost, make_postgres_engine, make_postgres_guest
from gatherum.db.presence import AWAY, Presence
from gatherum.db.probe import Probe
from gatherum.db.soundness import Soundness, is_damage
from gatherum.db.write_lock import BUSY_MS, begin_write, is_patient
from gatherum.errors import DatabaseAway

R = TypeVar("R")
Tx = sa.Connection
READERS = 4
PG_WRITERS = 8
CONFLICT_TRIES = 8


class _DbapiConnection(Protocol):
    isolation_level: str | None

    def execute(self, statement: str) -> object: ...


class _Compiler(SQLiteCompiler):
    """Writes the hints of queries, such as `indexed by`, where SQLite wants them."""

    def get_from_hint_text(self, _table: sa.FromClause, text: str | None) -> str | None:
        """Return what is written behind a table's name."""
        return text or None


def make_engine(
    url: str, *, durable: bool, pool_size: int = 10, presence: Presence | None = None
) -> sa.Engine:
    """Make an engine on SQLite (WAL, writes begin IMMEDIATE) or PostgreSQL.

    `durable`: on SQLite, whether a commit is on the disk when it returns (synchronous=FULL).
    `presence` says when a PostgreSQL is away, and cuts the connections to it.
    """
    if not url.startswith("sqlite"):
        return make_postgres_engine(url, pool_size=pool_size, presence=presence)
    engine = sa.create_engine(url, pool_size=pool_size, connect_args={"timeout": 30})
    engine.dialect.statement_compiler = _Compiler

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: _DbapiConnection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in (
            "journal_mode=wal",
            f"busy_timeout={BUSY_MS}",
            "foreign_keys=on",
            f"synchronous={'full' if durable else 'normal'}",
            "cache_size=-32000",
            "temp_store=memory",
        ):
            connection.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("begin" if reading else "begin immediate")

    return engine


def make_sqlite_guest(url: str) -> sa.Engine:
    """Make an engine on SQLite for a library that keeps its own tables in our database.

    Its reads take no lock: only what it writes begins a transaction, IMMEDIATE.
    """
    engine = sa.create_engine(url, pool_size=10, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: _DbapiConnection, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            "journal_mode=wal",
            "busy_timeout=30000",
            "foreign_keys=on",
            "synchronous=normal",
        ):
            connection.execute(f"pragma {pragma}")

    return engine


@dataclass(slots=True)
class Waits:
    """How long writes have waited for their turn: behind other writes, or for the database."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0  # since `take_longest` was called last

    def note(self, seconds: float) -> None:
        """Count one wait."""
        self.count += 1
        self.total_s += seconds
        self.longest_s = max(self.longest_s, seconds)

    def take_longest(self) -> float:
        """Return the longest wait since the last call."""
        longest, self.longest_s = self.longest_s, 0.0
        return longest


class Database:
    """Runs plain synchronous functions of a transaction, off the event loop.

    Commit happens here and only here: when `fn` returns. When it raises, nothing of it remains.
    A PostgreSQL that is away is waited for, as long as `presence.patience` says; then it is
    `DatabaseAway`. A call that has reached the database still runs to its end when it is cancelled.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.presence = Presence()
        writers = 1 if self.is_sqlite else PG_WRITERS
        self.engine = make_engine(
            url, durable=True, pool_size=READERS + writers, presence=self.presence
        )
        self._soundness = Soundness(self.engine.url.database or "") if self.is_sqlite else None
        self._reading = self.engine.execution_options(reading=True)
        self.waits = Waits()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="db-write")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Have it noticed within seconds, while the context lasts, that a PostgreSQL is away."""
        if self.is_sqlite:
            yield
            return
        probe = Probe(self.engine.url, self.presence)
        probe.start()
        try:
            yield
        finally:
            probe.close()

    async def is_sound(self) -> bool:
        """Return whether its file is whole, as last seen; a PostgreSQL answers for itself."""
        return self._soundness is None or await self._soundness.is_sound()

    def make_guest_engine(self, closing: threading.Event) -> sa.Engine:
        """Make an engine for a library that keeps its own tables in our database.

        It waits for a database that is away until `closing` is set.
        """
        if self.is_sqlite:
            return make_sqlite_guest(self.url)
        return make_postgres_guest(self.url, presence=self.presence, closing=closing)

    async def read(self, fn: Callable[[Tx], R]) -> R:
        """Run `fn` in a transaction that only reads."""
        return await self._patiently(self._readers, lambda: self._read(fn))

    async def write(self, fn: Callable[[Tx], R], *, durable: bool = True) -> R:
        """Run `fn` in a transaction and commit it.

        A `durable` commit survives a power cut when it returns; another one may be lost (never
        torn), which is right for bookkeeping that a restart makes anew: budgets, progress.
        A conflict with another writer (PostgreSQL) is tried again, so `fn` may run more than once.
        """
        asked, patient = time.monotonic(), is_patient()
        return await self._patiently(
            self._writers,
            lambda: self._write(fn, soft=not durable, asked=asked, patient=patient),
        )

    def read_now(self, fn: Callable[[Tx], R]) -> R:
        """`read` for a thread that may block."""
        return self._patiently_now(lambda: self._read(fn))

    def write_now(self, fn: Callable[[Tx], R]) -> R:
        """`write` for a thread that may block."""
        asked, patient = time.monotonic(), is_patient()
        return self._patiently_now(
            lambda: self._write(fn, soft=False, asked=asked, patient=patient)
        )

    async def _patiently(self, threads: ThreadPoolExecutor, run: Callable[[], R]) -> R:
        """Run in a thread. Who waits for a database that is away takes no thread from others."""
        loop, waiting = asyncio.get_running_loop(), self.presence.waiting()
        while True:
            try:
                self.presence.check()
                return await loop.run_in_executor(threads, self._attempt, run)
            except DatabaseAway as error:
                pause = waiting.pause(error)
            await asyncio.sleep(pause)

    def _patiently_now(self, run: Callable[[], R]) -> R:
        waiting = self.presence.waiting()
        while True:
            try:
                return self._attempt(run)
            except DatabaseAway as error:
                time.sleep(waiting.pause(error))

    def _attempt(self, run: Callable[[], R]) -> R:
        """Run, again after a conflict; `DatabaseAway` if there is nobody to run it."""
        conflicts = 0
        while True:
            self.presence.check()
            try:
                return run()
            except DBAPIError as error:
                if _is_conflict(error) and conflicts < CONFLICT_TRIES:
                    conflicts += 1
                    time.sleep(random.uniform(0, 0.02 * conflicts))  # noqa: S311  # spreads the tries
                elif not self.is_sqlite and is_lost(error):
                    self.presence.doubt()
                    raise DatabaseAway(AWAY) from error
                else:
                    if self._soundness is not None and is_damage(error.orig):
                        self._soundness.doubt()
                    raise

    def _read(self, fn: Callable[[Tx], R]) -> R:
        with self._reading.begin() as tx:
            return fn(tx)

    def _write(self, fn: Callable[[Tx], R], *, soft: bool, asked: float, patient: bool) -> R:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                level = "normal" if soft else "full"
                cursor = connection.connection.cursor()
                cursor.execute(f"pragma synchronous={level}")
                cursor.close()
            with begin_write(connection, patient=patient):
                # That nobody could write while the database was away says nothing of its locks.
                self.waits.note(time.monotonic() - max(asked, self.presence.back_at))
                if soft and not self.is_sqlite:
                    connection.exec_driver_sql("set local synchronous_commit = off")
                return fn(connection)

    def close(self) -> None:
        """Let go of all threads and connections."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _is_conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")
