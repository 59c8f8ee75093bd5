"""SQLite's write lock: waited for while its holders change, and told by name where one keeps it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DatabaseError, OperationalError

from gatherum.errors import DatabaseLocked

log = structlog.get_logger()
TRY_S: Final = 1.25  # for which SQLite itself waits; the second time in vain is told
BUSY_MS: Final = 30_000  # for which anything else waits
LONGEST_S: Final = 30.0  # that others who write by turns, or one who is stuck, are waited for
_patient: ContextVar[bool] = ContextVar("patient", default=False)


@contextmanager
def patiently() -> Iterator[None]:
    """Have what is written in this context wait for a lock that one program keeps, too."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


def is_patient() -> bool:
    """Return whether what is written in this context waits for a lock that one program keeps."""
    return _patient.get()


def begin_write(connection: sa.Connection, *, patient: bool) -> sa.RootTransaction:
    """Begin a transaction that writes.

    While others write by turns, it waits for its own, `LONGEST_S` at most. If one program keeps the
    lock and nobody writes, it is `DatabaseLocked` within 3 seconds; to the `patient` it is an
    `OperationalError` after `LONGEST_S`, as a disk that does not answer is.
    """
    if connection.dialect.name != "sqlite":
        return connection.begin()
    _run(connection, f"pragma busy_timeout={int(TRY_S * 1000)}")
    try:
        return _begin_in_turn(connection, patient=patient)
    finally:
        _run(connection, f"pragma busy_timeout={BUSY_MS}")


def _begin_in_turn(connection: sa.Connection, *, patient: bool) -> sa.RootTransaction:
    end, seen, is_told = time.monotonic() + LONGEST_S, -1, False
    while True:
        try:
            return connection.begin()
        except OperationalError as error:
            if not is_lock(error):
                raise
            present = _run(connection, "pragma data_version")  # changes when another one commits
            is_kept, is_late = present == seen, time.monotonic() > end
            seen = present
            if not patient and (is_kept or is_late):
                raise locked(connection.engine.url) from error
            if is_late:
                raise
            if is_kept and not is_told:
                is_told = True
                log.warning("database locked", why=str(locked(connection.engine.url)))


def is_lock(error: DatabaseError) -> bool:
    """Return whether an error says that another one has the lock."""
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def locked(url: sa.URL) -> DatabaseLocked:
    """Return the error that says who is in the way."""
    return DatabaseLocked(
        f"Another program holds the write lock of {PurePath(url.database or '').name}, the database "
        "in the data folder. Close it there, or let it finish, and try again."
    )


def _run(connection: sa.Connection, pragma: str) -> int:
    cursor = connection.connection.cursor()
    try:
        found = cursor.execute(pragma).fetchone()
        return int(found[0]) if found else 0
    finally:
        cursor.close()
