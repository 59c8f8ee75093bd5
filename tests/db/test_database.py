"""Reading and writing: what commits is seen, what raises leaves nothing, and nobody is locked out."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from gatherum.db import Database, Tx
from gatherum.db.presence import patience
from gatherum.db.tables import SettingRow
from gatherum.errors import DatabaseAway
from tests.conftest import Postgres
from tests.suites.waiting import PATIENCE_S


def put(section: str, version: int = 1) -> Callable[[Tx], None]:
    def fn(tx: Tx) -> None:
        tx.execute(sa.insert(SettingRow).values(section=section, values={}, version=version))

    return fn


def sections(tx: Tx) -> set[str]:
    return set(tx.scalars(sa.select(SettingRow.section)))


def add_one(tx: Tx) -> None:
    """Read, then write what was read plus one: wrong unless writers take turns or repeat."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("set transaction isolation level repeatable read"))
    version = tx.scalar(sa.select(SettingRow.version).where(SettingRow.section == "counter"))
    time.sleep(0.003)
    tx.execute(sa.update(SettingRow).values(version=(version or 0) + 1))


async def test_a_read_sees_what_was_committed(database: Database) -> None:
    await database.write(put("network"))

    assert await database.read(sections) == {"network"}


async def test_a_function_that_raises_leaves_nothing(database: Database) -> None:
    def fn(tx: Tx) -> None:
        put("network")(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fn)

    assert await database.read(sections) == set()


async def test_what_breaks_a_rule_of_the_schema_is_told_at_once(database: Database) -> None:
    await database.write(put("network"))

    with pytest.raises(IntegrityError):
        await database.write(put("network"))


async def test_a_soft_commit_is_seen_by_all(database: Database) -> None:
    await database.write(put("soft"), durable=False)
    await database.write(put("hard"))

    assert await database.read(sections) == {"soft", "hard"}


async def test_a_durable_commit_follows_a_soft_one_on_the_same_connection(
    database: Database,
) -> None:
    def durability(tx: Tx) -> object:
        name = "pragma synchronous" if database.is_sqlite else "show synchronous_commit"
        return tx.exec_driver_sql(name).scalar()

    soft = await database.write(durability, durable=False)
    hard = await database.write(durability)

    assert (soft, hard) == ((1, 2) if database.is_sqlite else ("off", "on"))


async def test_a_write_that_conflicts_is_done_again(database: Database) -> None:
    await database.write(put("counter", 0))

    await asyncio.gather(*(database.write(add_one) for _ in range(6)))

    assert await database.read(lambda tx: tx.scalar(sa.select(SettingRow.version))) == 6


async def test_many_writers_and_readers_all_get_through(database: Database) -> None:
    other = Database(database.url)  # as if it were another process
    await database.write(put("counter", 0))

    await asyncio.gather(
        *(db.write(put(f"{i}"), durable=i % 2 == 0) for i, db in enumerate([database, other] * 30)),
        *(db.read(sections) for db in [database, other] * 30),
    )

    assert len(await database.read(sections)) == 61
    other.close()


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    written, seen = threading.Event(), threading.Event()

    def slowly(tx: Tx) -> None:
        put("slow")(tx)
        written.set()
        seen.wait(PATIENCE_S)

    writing = asyncio.ensure_future(database.write(slowly))
    await asyncio.to_thread(written.wait, PATIENCE_S)

    assert await database.read(sections) == set()  # one that waited would see what is written

    assert not writing.done()
    seen.set()
    await writing


async def test_nothing_runs_after_closing(database: Database) -> None:
    await database.write(put("last"))

    database.close()

    with pytest.raises(RuntimeError):
        await database.write(put("late"))


async def test_closing_leaves_one_file_that_holds_everything(database: Database) -> None:
    await database.write(put("network"), durable=False)

    database.close()

    if database.is_sqlite:
        path = database.engine.url.database or ""
        with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as connection:
            assert connection.execute("select section from setting").fetchall() == [("network",)]
        connection.close()


async def test_a_postgresql_that_restarts_is_waited_for(postgres: Postgres) -> None:
    if not postgres.is_ours:
        pytest.skip("the server of GATHERUM_TEST_DATABASE_URL is not ours to restart")
    url = postgres.make()
    database = Database(url)
    await database.write(put("before"))
    postgres.stop()

    writing = asyncio.ensure_future(database.write(put("during")))
    reading = asyncio.ensure_future(database.read(sections))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(postgres.start)
    await asyncio.gather(writing, reading)

    assert await database.read(sections) == {"before", "during"}
    database.close()
    postgres.drop(url)


async def test_a_postgresql_that_stays_away_is_an_error() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(DatabaseAway), patience(0.5):
        await database.read(sections)

    database.close()
