"""What was broken off is brought to its end, and nothing else is touched."""

import errno
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library import staging
from gatherum.library.tables import FileRow, LedgerRow, MediaRow
from gatherum.model import MediaKind
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.crash.world import World
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line
from tests.testsites.faulty import FaultySite
from tests.testsites.samples import photo


def media_states(database: Database) -> dict[str, str]:
    with database.engine.connect() as tx:
        rows = tx.execute(sa.select(MediaRow.url, MediaRow.state))
        return {url.rpartition("/")[2]: state for url, state in rows}


def number(database: Database, name: str) -> int:
    with database.engine.connect() as tx:
        query = sa.select(MediaRow.id).where(MediaRow.url.endswith(f"/{name}"))
        return tx.execute(query).scalar_one()


async def test_folders_of_ytdlp_that_nobody_needs_are_swept(
    sqlite_database: Database, tmp_path: Path
) -> None:
    fs = DiskFs(Root(tmp_path))
    async with FaultySite() as site, Line(sqlite_database, fs) as line:
        await line.heal()
        await line.get([site.put("/a.jpg", photo("a", 96))])
        for name in (".staging/1.d/sub", ".staging/77.d", ".staging/odd"):
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / ".staging/1.d/sub/video.f1.mp4.part").write_bytes(b"half")
        with sqlite_database.engine.begin() as tx:
            tx.execute(
                sa.insert(MediaRow).values(
                    {
                        **_row(tx),
                        "id": 9,
                        "remote_id": "x",
                        "state": "wanted",
                        "file_id": None,
                    }
                )
            )
        (tmp_path / ".staging/9.d").mkdir()

        await line.reconciler.reconcile()

    assert [path.name for path in (tmp_path / ".staging").iterdir()] == ["9.d"]


async def test_a_move_that_fails_gives_back_only_what_this_command_took(
    sqlite_database: Database,
) -> None:
    disk = ForgettingDisk()
    async with FaultySite() as site, Line(sqlite_database, disk) as line:
        await line.heal()
        await line.get(World(site).urls, kind=MediaKind.IMAGE)
        first, second = number(line.db, "a.jpg"), number(line.db, "again.jpg")  # the same bytes
        await line.recycle.trash([first])
        disk.arm(1, OSError(errno.EACCES, os.strerror(errno.EACCES)), call="rename_new")

        with pytest.raises(PermissionError):
            await line.recycle.trash([second])

        states = media_states(line.db)
        assert (states["a.jpg"], states["again.jpg"]) == ("trashed", "stored")


async def test_a_file_whose_move_is_not_sure_can_be_restored_at_once(
    sqlite_database: Database,
) -> None:
    disk = ForgettingDisk()
    async with FaultySite() as site, Line(sqlite_database, disk) as line:
        world = World(site)
        await line.heal()
        await line.get(world.urls, kind=MediaKind.IMAGE)
        one = number(line.db, "c.jpg")
        disk.arm(1, OSError(errno.EIO, os.strerror(errno.EIO)), call="fsync_dir")
        with pytest.raises(OSError, match="error"):
            await line.recycle.trash([one])

        assert await line.recycle.restore([one]) == 1

        assert media_states(line.db)["c.jpg"] == "stored"
        assert world.flaws(line.db, disk) == []


async def test_a_job_settles_what_ended_just_before_it_began_to_wait(
    sqlite_database: Database,
) -> None:
    async with FaultySite() as site, Line(sqlite_database, ForgettingDisk()) as line:
        await line.heal()
        await line.get([site.put("/a.jpg", photo("a", 96))])
        await line.catalogue.expect("late", [1])

        await line.get([site.put("/b.jpg", photo("b", 96))], job="late")

        assert (await line.tally("late")).pending == 0


async def test_a_file_that_another_worker_took_further_is_left_alone(
    sqlite_database: Database,
) -> None:
    async with FaultySite() as site, Line(sqlite_database, ForgettingDisk()) as line:
        await line.heal()
        await line.get([site.put("/a.jpg", photo("a", 96))])
        with line.db.engine.begin() as tx:
            tx.execute(sa.update(FileRow).values(state="staged"))
        seen = await line.db.read(lambda tx: tx.execute(sa.select(FileRow.id)).scalar_one())
        old = await line.db.read(lambda tx: _seen(tx, seen))
        with line.db.engine.begin() as tx:
            tx.execute(sa.update(FileRow).values(state="stored"))
        await line.recycle.trash([1])

        await line.db.write(lambda tx: line.files._want_again(tx, old))

        with line.db.engine.connect() as tx:
            assert tx.execute(sa.select(MediaRow.state, MediaRow.file_id)).one() == (
                "trashed",
                seen,
            )
            assert tx.scalar(sa.select(sa.func.count()).select_from(LedgerRow)) == 1


def _row(tx: Tx) -> dict[str, object]:
    return dict(tx.execute(sa.select(MediaRow.__table__)).mappings().first() or {})


def _seen(tx: Tx, file_id: int) -> list[staging.FileSeen]:
    return staging.find_files(tx, [file_id])
