"""Backups: verified copies of the database, on a schedule and by hand, and the way back."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from gatherum.db.locks import release_lock, take_lock
from gatherum.db.migrate import is_known, migrate
from gatherum.db.snapshots import Snapshot, put_in_place, take_snapshot, verify_snapshot
from gatherum.errors import Conflict, DatabaseTooNew, InvalidInput
from gatherum.safety.tools import run_tool
from gatherum.settings import BootSettings

log = structlog.get_logger()
DUMP_S = 6 * 3600.0


class Backups:
    """The copies in the folder `backups` of the data folder."""

    def __init__(self, settings: BootSettings) -> None:
        self._settings = settings
        self.folder = settings.data_dir / "backups"

    async def make(self, target: Path | None = None) -> Path:
        """Make a copy, verified, and return its place; raises the `StorageError` that says why not."""
        return await asyncio.to_thread(self._make, target)

    def _make(self, target: Path | None) -> Path:
        sqlite = self._settings.url.startswith("sqlite")
        place = target or self.folder / f"gatherum-{_now()}.{'db' if sqlite else 'dump'}"
        if place.exists():
            raise Conflict("There is a file of this name already: nothing is replaced.")
        if sqlite:
            take_snapshot(database_of(self._settings), place)
        else:
            self._dump(place)
        log.info("backup_made", bytes=place.stat().st_size)
        return place

    def list(self) -> list[Path]:
        """Return the scheduled copies, the newest first."""
        found = [*self.folder.glob("gatherum-2*Z.db"), *self.folder.glob("gatherum-2*Z.dump")]
        return sorted(found, reverse=True)

    def prune(self, keep: int) -> int:
        """Remove all but the newest copies; return how many."""
        old = self.list()[keep:]
        for path in old:
            path.unlink()
        return len(old)

    def _dump(self, place: Path) -> None:
        """Let PostgreSQL's own tools copy it, and read the copy's list of contents."""
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = place.with_name(f"{place.name}.part")
        try:
            run_tool(
                "pg_dump",
                ["--format=custom", f"--file={part}", "--no-owner"],
                environment=_connection(self._settings.url),
                timeout_s=DUMP_S,
                advice="Install PostgreSQL's client programs, at least as new as the server.",
            )
            run_tool("pg_restore", ["--list", str(part)], environment={}, timeout_s=600, advice="")
            part.chmod(0o600)
            part.rename(place)
        finally:
            part.unlink(missing_ok=True)


def restore(settings: BootSettings, copy: Path) -> Path:
    """Let a copy be the database; return where the present one was set aside.

    Raises `DataDirBusy` while a server works, and what is wrong with the copy: nothing is lost then.
    """
    if not settings.url.startswith("sqlite"):
        raise InvalidInput(
            "This database is PostgreSQL's: restore the copy by pg_restore --clean --if-exists."
        )
    database = database_of(settings)
    found = check(copy)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = take_lock(f"{database}.worker.lock")
    try:
        draft = database.with_name(f"{database.name}.restoring")
        draft.unlink(missing_ok=True)
        shutil.copyfile(found.path, draft)
        draft.chmod(0o600)
        migrate(f"sqlite:///{draft}", backup_dir=None)
        _skip_events(draft)
        verify_snapshot(draft)
        aside = settings.data_dir / "backups" / f"set-aside-{_now()}.db"
        put_in_place(draft, database, aside)
    finally:
        release_lock(lock)
    log.info("backup_restored", revision=found.revision, rows=sum(found.rows.values()))
    return aside


def _skip_events(draft: Path) -> None:
    """Number events from far behind those of the copy, so that none has a number that was told."""
    with closing(sqlite3.connect(draft)) as connection, connection:
        connection.execute(
            "insert into event (id, xid, at, kind, ref)"
            " select coalesce(max(id), 0) + 1000000000, 0, unixepoch(), 'start', '' from event"
        )


def check(copy: Path) -> Snapshot:
    """Return what a copy holds; `InvalidInput` or `DatabaseTooNew` if it cannot be restored here."""
    found = verify_snapshot(copy)
    if not is_known(found.revision):
        raise DatabaseTooNew(
            "This copy was made by a newer Gatherum than this one: install that version first."
        )
    return found


def database_of(settings: BootSettings) -> Path:
    """Return the file of a SQLite database."""
    return Path(settings.url.removeprefix("sqlite:///"))


def _connection(url: str) -> dict[str, str]:
    """Return where the database is, as variables: no argument, so nobody else sees the password."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    told = {
        "PGHOST": query.get("host", [parts.hostname or ""])[0],
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode", [""])[0],
    }
    return {name: value for name, value in told.items() if value}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
