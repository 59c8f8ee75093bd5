"""Whether a SQLite database is whole on the disk, also where nobody has read it for long."""

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import Final

import structlog

log = structlog.get_logger()
EVERY_S: Final = 5.0
SHARE: Final = 0.001  # of the time may go into looking: a large database is looked at seldom
FIRST_S: Final = 0.5  # how long the first look is waited for
DAMAGED: Final = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
    }
)


class Soundness:
    """Reads every page of the file when it is asked and that is due, through a connection of its own.

    What our other connections have read before, they still answer from memory.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._sound = True
        self._due_at = 0.0
        self._look: asyncio.Task[None] | None = None

    def doubt(self) -> None:
        """Look at the next chance: somebody has read what cannot be."""
        self._due_at = 0.0

    async def is_sound(self) -> bool:
        """Return what the last look has found; one that is due begins, and is waited for shortly."""
        if self._look is None and time.monotonic() >= self._due_at:
            self._look = asyncio.create_task(self._look_now())
        if self._look is not None:
            await asyncio.wait([self._look], timeout=FIRST_S)
        return self._sound

    async def _look_now(self) -> None:
        begun = time.monotonic()
        try:
            found = await asyncio.to_thread(_fault_of, self._path)
        finally:
            took = time.monotonic() - begun
            self._due_at = time.monotonic() + max(EVERY_S, took / SHARE)
            self._look = None
        if found is not None and self._sound:
            log.error("the database is damaged", found=found)
        if found is None and not self._sound:
            log.warning("the database is whole again")
        self._sound = found is None


def is_damage(error: BaseException | None) -> bool:
    """Return whether an error says that the file is not what it should be."""
    # The lower byte is the kind, what stands above it a detail of it.
    return isinstance(error, sqlite3.Error) and (error.sqlite_errorcode & 0xFF) in DAMAGED


def _fault_of(path: str) -> str | None:
    """Return what is wrong with a database, None if it is whole, or cannot be looked at just now."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("pragma quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error) if is_damage(error) else None
    return None if found == "ok" else str(found)
