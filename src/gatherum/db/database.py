"""One database, two ways in: `read` in reader threads, `write` through one writer (SQLite) or a pool."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

R = TypeVar("R")
Tx = sa.Connection
READERS = 4
PG_WRITERS = 8
CONFLICT_TRIES = 8


class _DbapiConnection(Protocol):
    isolation_level: str | None

    def execute(self, statement: str) -> object: ...


def make_engine(url: str, *, durable: bool, pool_size: int = 10) -> sa.Engine:
    """Make an engine on SQLite (WAL, writes begin IMMEDIATE) or PostgreSQL.

    `durable`: on SQLite, whether a commit is on the disk when it returns (synchronous=FULL).
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=pool_size, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=pool_size, connect_args={"timeout": 30})

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


class Database:
    """Runs plain synchronous functions of a transaction, each once, off the event loop.

    Commit happens here and only here: when `fn` returns. When it raises, nothing of it remains.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        writers = 1 if self.is_sqlite else PG_WRITERS
        self.engine = make_engine(url, durable=True, pool_size=READERS + writers)
        self._reading = self.engine.execution_options(reading=True)
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
        run = self.write_now if durable else self._write_soft
        return await asyncio.get_running_loop().run_in_executor(self._writers, run, fn)

    def read_now(self, fn: Callable[[Tx], R]) -> R:
        """`read` for a thread that may block."""
        with self._reading.begin() as tx:
            return fn(tx)

    def write_now(self, fn: Callable[[Tx], R]) -> R:
        """`write` for a thread that may block."""
        return self._write(fn, soft=False)

    def _write_soft(self, fn: Callable[[Tx], R]) -> R:
        return self._write(fn, soft=True)

    def _write(self, fn: Callable[[Tx], R], *, soft: bool) -> R:
        for attempt in range(CONFLICT_TRIES):
            try:
                with self.engine.connect() as connection:
                    if self.is_sqlite:
                        level = "normal" if soft else "full"
                        cursor = connection.connection.cursor()
                        cursor.execute(f"pragma synchronous={level}")
                        cursor.close()
                    with connection.begin():
                        if soft and not self.is_sqlite:
                            connection.exec_driver_sql("set local synchronous_commit = off")
                        return fn(connection)
            except DBAPIError as error:
                if attempt + 1 == CONFLICT_TRIES or not _is_conflict(error):
                    raise
        raise AssertionError  # the loop returns or raises

    def close(self) -> None:
        """Let go of all threads and connections."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _is_conflict(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01") or error.connection_invalidated
