"""Copies of a SQLite database, made while it is used, and put in its place: whole or not at all."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gatherum.errors import InvalidInput, StorageError

MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A verified copy: one file, complete, with nothing beside it."""

    path: Path
    size: int
    revision: str  # of the schema
    rows: Mapping[str, int]  # by table


def take_snapshot(database: Path, target: Path) -> Snapshot:
    """Copy what is committed into `target`, durably, and verify it; raises `StorageError`.

    `target` appears whole or not at all; a file of that name is never replaced.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE))
    try:
        with closing(_open(database)) as source, closing(sqlite3.connect(part)) as copy:
            source.execute("begin")  # the copy and the counts are of the same moment
            rows = _count(source)
            source.backup(copy)
            copy.execute("pragma journal_mode=delete")  # one file, without a -wal beside it
        made = verify_snapshot(part)
        if made.rows != rows:
            raise StorageError("The copy of the database has other rows than the database.")
        _sync(part)
        os.link(part, target)
    except (OSError, sqlite3.Error) as error:
        raise StorageError("The copy of the database could not be written.") from error
    finally:
        part.unlink(missing_ok=True)
    _sync(target.parent)
    return Snapshot(path=target, size=made.size, revision=made.revision, rows=made.rows)


def verify_snapshot(path: Path) -> Snapshot:
    """Open a copy and look at all of it; `InvalidInput` says why it is none of ours, or not whole."""
    if not path.is_file():
        raise InvalidInput("There is no such file.")
    try:
        with closing(_open(path, "&immutable=1")) as copy:
            faults = copy.execute("pragma integrity_check(1)").fetchone()[0]
            strays = copy.execute("pragma foreign_key_check").fetchone()
            if faults != "ok" or strays is not None:
                raise InvalidInput("This copy is damaged: take another one.")
            revision = copy.execute("select version_num from alembic_version").fetchone()[0]
            return Snapshot(
                path=path, size=path.stat().st_size, revision=revision, rows=_count(copy)
            )
    except (sqlite3.Error, TypeError) as error:
        raise InvalidInput("This is no whole copy of a Gatherum database.") from error


def put_in_place(copy: Path, database: Path, aside: Path) -> None:
    """Let `copy` be the database; the present one becomes `aside`. Nobody may have it open.

    Whenever this is broken off, the present database or the copy stands in the place, whole.
    """
    _sync(copy)
    if database.exists():
        with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as present:
            # What lies in its log goes into the file, and the log goes away: it would be taken
            # for the copy's.
            present.execute("pragma journal_mode=delete")
        aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for beside in ("-wal", "-shm"):
            left = database.with_name(database.name + beside)
            if left.exists():  # it could not be opened
                left.rename(aside.with_name(aside.name + beside))
        os.link(database, aside)
        _sync(aside.parent)
    copy.replace(database)
    _sync(database.parent)


def _open(path: Path, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro{options}", uri=True)


def _count(connection: sqlite3.Connection) -> dict[str, int]:
    names = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
            " and sql not like 'create virtual%' order by name"
        )
    ]
    return {
        name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
