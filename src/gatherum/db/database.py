"""One database, two ways in: `read` in reader threads, `write` through one writer (SQLite) or a pool."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError, OperationalError

R = TypeVar("R")
Tx = sa.Connection
READERS = 4
PG_WRITERS = 8
CONFLICT_TRIES = 8
PATIENCE_S = 30.0  # how long a PostgreSQL that restarts is waited for


class _DbapiConnection(Protocol):
    isolation_level: str | None

    def execute(self, statement: str) -> object: ...


class _Compiler(SQLiteCompiler):
    """Writes the hints of queries, such as `indexed by`, where SQLite wants them."""

    def get_from_hint_text(self, _table: sa.FromClause, text: str | None) -> str | None:
        """Return what is written behind a table's name."""
        return text or None


def make_engine(url: str, *, durable: bool, pool_size: int = 10) -> sa.Engine:
    """Make an engine on SQLite (WAL, writes begin IMMEDIATE) or PostgreSQL.

    `durable`: on SQLite, whether a commit is on the disk when it returns (synchronous=FULL).
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url,
            pool_size=pool_size,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "gatherum"},
        )
    engine = sa.create_engine(url, pool_size=pool_size, connect_args={"timeout": 30})
    engine.dialect.statement_compiler = _Compiler

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: _DbapiConnection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in (
            "journal_mode=wal",
            "busy_timeout=30000",
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


def make_guest_engine(url: str) -> sa.Engine:
    """Make an engine for a library that keeps its own tables in our database.

    On SQLite its reads take no lock: only what it writes begins a transaction, IMMEDIATE.
    """
    if not url.startswith("sqlite"):
        return make_engine(url, durable=False)
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
    A PostgreSQL that restarts is waited for; a call that is cancelled still runs to its end.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        writers = 1 if self.is_sqlite else PG_WRITERS
        self.engine = make_engine(url, durable=True, pool_size=READERS + writers)
        self._reading = self.engine.execution_options(reading=True)
        self.waits = Waits()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="db-write")

    async def read(self, fn: Callable[[Tx], R]) -> R:
        """Run `fn` in a transaction that only reads."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, fn)

    async def write(self, fn: Callable[[Tx], R], *, durable: bool = True) -> R:
        """Run `fn` in a transaction and commit it.

        A `durable` commit survives a power cut when it returns; another one may be lost (never
        torn), which is right for bookkeeping that a restart makes anew: budgets, progress.
        A conflict with another writer (PostgreSQL) is tried again, so `fn` may run more than once.
        """
        asked = time.monotonic()

        def run() -> R:
            return _patiently(lambda: self._write(fn, soft=not durable, asked=asked))

        return await asyncio.get_running_loop().run_in_executor(self._writers, run)

    def read_now(self, fn: Callable[[Tx], R]) -> R:
        """`read` for a thread that may block."""
        return _patiently(lambda: self._read(fn))

    def write_now(self, fn: Callable[[Tx], R]) -> R:
        """`write` for a thread that may block."""
        asked = time.monotonic()
        return _patiently(lambda: self._write(fn, soft=False, asked=asked))

    def _read(self, fn: Callable[[Tx], R]) -> R:
        with self._reading.begin() as tx:
            return fn(tx)

    def _write(self, fn: Callable[[Tx], R], *, soft: bool, asked: float) -> R:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                level = "normal" if soft else "full"
                cursor = connection.connection.cursor()
                cursor.execute(f"pragma synchronous={level}")
                cursor.close()
            with connection.begin():
                self.waits.note(time.monotonic() - asked)
                if soft and not self.is_sqlite:
                    connection.exec_driver_sql("set local synchronous_commit = off")
                return fn(connection)

    def close(self) -> None:
        """Let go of all threads and connections."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _patiently(run: Callable[[], R]) -> R:
    conflicts, deadline = 0, time.monotonic() + PATIENCE_S
    while True:
        try:
            return run()
        except DBAPIError as error:
            if _is_conflict(error) and conflicts < CONFLICT_TRIES:
                conflicts += 1
                time.sleep(random.uniform(0, 0.02 * conflicts))  # noqa: S311  # spreads the tries
            elif _is_lost(error) and time.monotonic() < deadline:
                time.sleep(random.uniform(0.2, 0.4))  # noqa: S311
            else:
                raise


def _is_conflict(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


def _is_lost(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return False
    state = getattr(error.orig, "sqlstate", None)
    refused = isinstance(error, OperationalError) and state is None  # nobody listens there
    # 57P0x: it shuts down, crashed, or starts up; 08xxx: the connection broke.
    return error.connection_invalidated or refused or str(state)[:4] in ("57P0", "0800")
