"""Brings a database to the schema of this program, with a backup first."""

import sqlite3
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from gatherum.db.database import make_engine
from gatherum.db.locks import waiting_lock
from gatherum.db.snapshots import take_snapshot
from gatherum.db.write_lock import begin_write, is_lock, locked
from gatherum.errors import DatabaseTooNew, DiskFull, ReadOnly, StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0011"  # the newest revision in migrations/versions
ADVISORY_LOCK = 0x6761746865  # any number that no other program would use


def migrate(url: str, *, backup_dir: Path | None) -> None:
    """Make the tables, or bring older ones to this program's schema; all of it or nothing.

    Where that has been done already, it only reads: a lock that another program holds is no matter.
    An older SQLite database is copied into `backup_dir` before it is touched. Two processes may
    do this at once: the second one waits and then finds nothing to do. Raises `DatabaseTooNew`
    for a database that a newer program has migrated.
    """
    engine = make_engine(url, durable=True, pool_size=1)
    try:
        if _is_done(engine):
            return
        with (
            _one_at_a_time(engine),
            engine.connect() as connection,
            begin_write(connection, patient=False),
        ):
            _migrate(connection, backup_dir)
    except DatabaseError as error:
        if is_lock(error):
            raise locked(engine.url) from error
        if (told := _for_people(error)) is None:
            raise
        raise told from error
    finally:
        engine.dispose()


def is_known(revision: str) -> bool:
    """Return whether this program can bring a database of this schema to its own."""
    return revision in {path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _is_done(engine: sa.Engine) -> bool:
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        return False
    with engine.execution_options(reading=True).begin() as tx:
        return _revision(tx) == HEAD


def _migrate(tx: sa.Connection, backup_dir: Path | None) -> None:
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"select pg_advisory_xact_lock({ADVISORY_LOCK})")
    if _revision(tx) == HEAD:
        return
    # A third of a second that only a change of the schema need cost.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(tx).get_current_revision()
    if present not in {None, *(script.revision for script in scripts.walk_revisions())}:
        raise DatabaseTooNew(
            f"The database has the schema {present!r}, which this Gatherum does not know: "
            "a newer one has used it. Install that version, or restore a backup from before."
        )
    if present is not None and backup_dir is not None and tx.dialect.name == "sqlite":
        _back_up(Path(str(tx.engine.url.database)), backup_dir, present)
    command.upgrade(config, "head")


def _revision(tx: sa.Connection) -> str | None:
    """Return the revision that a database was brought to, None if it has no tables yet."""
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.scalar(sa.text("select version_num from alembic_version"))
    return found


def _back_up(database: Path, backup_dir: Path, revision: str) -> None:
    """Copy what is committed; the transaction that waits to migrate does not hinder a reader."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    take_snapshot(database, backup_dir / f"{database.stem}-{revision}-{time}.db")


def _one_at_a_time(engine: sa.Engine) -> AbstractContextManager[None]:
    """Let one process at a time open a fresh SQLite file: changing it to WAL cannot wait."""
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return waiting_lock(f"{engine.url.database}.migrate.lock")


def _for_people(error: DatabaseError) -> StorageError | None:
    """Name what a person can do something about; the rest is a fault of ours and stays as it is."""
    match getattr(error.orig, "sqlite_errorcode", None):
        case None if isinstance(error, OperationalError):
            return StorageError("The database server does not answer, or does not let us in.")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
            return ReadOnly("The database, or its folder, cannot be written to.")
        case sqlite3.SQLITE_FULL:
            return DiskFull("There is no room on the disk of the database.")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StorageError("What lies in the place of the database is not a whole database.")
        case sqlite3.SQLITE_IOERR:
            return StorageError("The disk of the database does not answer.")
        case _:
            return None
