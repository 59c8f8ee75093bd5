"""A write lock that another program holds: it is told by name, and who only reads goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from gatherum.db import Database, Tx, write_lock
from gatherum.db.migrate import migrate
from gatherum.db.tables import SettingRow
from gatherum.db.write_lock import patiently
from gatherum.errors import DatabaseLocked
from gatherum.jobs.engine import make_tables


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "TRY_S", 0.02)


@pytest.fixture
def other(sqlite_database: Database) -> Iterator[sqlite3.Connection]:
    """A program that holds the write lock."""
    path = str(sqlite_database.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin immediate")
        yield other


def put(tx: Tx) -> None:
    tx.execute(sa.insert(SettingRow).values(section="network", values={}, version=1))


def count(tx: Tx) -> int:
    return tx.scalar(sa.select(sa.func.count()).select_from(SettingRow)) or 0


async def test_a_write_names_the_file_and_a_read_goes_on(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    with pytest.raises(DatabaseLocked, match=r"Another program .*\.db\b"):
        await sqlite_database.write(put)

    assert await sqlite_database.read(count) == 0
    other.rollback()
    await sqlite_database.write(put)
    assert await sqlite_database.read(count) == 1


async def test_writers_who_take_turns_are_waited_for(
    sqlite_database: Database, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    data_version = write_lock._run

    def look(connection: sa.Connection, pragma: str) -> int:
        """After each try in vain: one of the others has written, and the next one has the lock."""
        if pragma == "pragma data_version":
            tries.append(len(tries))
            other.execute("insert into setting values (?, '{}', 1)", (f"turn {len(tries)}",))
            other.commit()
            if len(tries) < 4:
                other.execute("begin immediate")
        return data_version(connection, pragma)

    monkeypatch.setattr(write_lock, "_run", look)

    await sqlite_database.write(put)

    assert await sqlite_database.read(count) == len(tries) + 1 == 5


async def test_a_job_is_patient_and_meets_a_disk_that_does_not_answer(
    sqlite_database: Database, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lock, "LONGEST_S", 0.1)

    with patiently(), pytest.raises(OperationalError, match="locked"):
        await sqlite_database.write(put)

    other.rollback()


def test_a_start_takes_no_lock_where_there_is_nothing_to_migrate(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    other.rollback()
    make_tables(sqlite_database.url)
    other.execute("begin immediate")

    migrate(sqlite_database.url, backup_dir=None)
    make_tables(sqlite_database.url)

    assert other.in_transaction  # it had the lock all the while


def test_a_migration_that_is_due_names_who_is_in_the_way(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    other.execute("update alembic_version set version_num = '0001'")
    other.execute("update dbos_migrations set version = 0")
    other.commit()
    other.execute("begin immediate")

    with pytest.raises(DatabaseLocked, match=r"\.db\b"):
        migrate(sqlite_database.url, backup_dir=None)
    with pytest.raises(DatabaseLocked, match=r"\.db\b"):
        make_tables(sqlite_database.url)
