"""`gatherum backup` and `restore` as a person uses them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.program import Gatherum
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg


def test_what_was_lost_comes_back_and_what_differs_is_told(
    program: Gatherum, site: FaultySite, tmp_path: Path
) -> None:
    first = site.offer("/first.jpg", Offer(body=jpeg("first")))
    later = site.offer("/later.jpg", Offer(body=jpeg("later")))
    assert program.get(first).code == 0
    copy = tmp_path / "mine.db"

    made = program("backup", "--to", str(copy))
    assert program.get(later).code == 0
    (stored,) = program("media", "--json", "--limit", "1").media  # the later one
    restored = program("restore", "--yes", str(copy))
    listed = program("media", "--json").media

    assert (made.code, made.out) == (0, f"{copy}\n")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "keep secret.key as well" in made.err
    assert restored.code == 0, restored.err
    assert "1 files came after it and have no record; they stay untouched." in restored.out
    assert "set-aside-" in restored.err
    assert [line.url for line in listed] == [first]
    assert (program.root / str(stored.path)).exists()


def test_a_lost_database_is_restored_into_an_empty_folder(
    program: Gatherum, site: FaultySite, tmp_path: Path
) -> None:
    link = site.offer("/one.jpg", Offer(body=jpeg("one")))
    assert program.get(link).code == 0
    copy = tmp_path / "mine.db"
    assert program("backup", "--to", str(copy), "--with-key").code == 0
    (stored,) = program("media", "--json").media
    for path in program.data.glob("gatherum.db*"):
        path.unlink()
    (program.root / str(stored.path)).unlink()

    restored = program("restore", "--yes", str(copy))
    mended = program("check", "--repair")

    assert (tmp_path / "mine.key").read_bytes() == (program.data / "secret.key").read_bytes()
    assert "1 files are not as it says: `gatherum check --repair` fetches them." in restored.out
    assert mended.code == 0, mended.out
    assert (program.root / str(stored.path)).exists()


def test_nothing_is_restored_while_a_server_runs_or_from_what_is_no_backup(
    program: Gatherum, tmp_path: Path
) -> None:
    copy = tmp_path / "mine.db"
    assert program("backup", "--to", str(copy)).code == 0
    with program.under(GATHERUM_PORT="0").start("serve") as running:
        running.line()
        busy = program("restore", "--yes", str(copy))
        running.stop()
    (tmp_path / "text.db").write_text("no database")
    wrong = program("restore", "--yes", str(tmp_path / "text.db"))
    shutil.copyfile(copy, tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "new.db")) as newer:
        newer.execute("update alembic_version set version_num = '9999'")
        newer.commit()
    newer_one = program("restore", "--yes", str(tmp_path / "new.db"))
    taken = program("backup", "--to", str(copy))

    assert (busy.code, "already works on this data folder" in busy.err) == (4, True)
    assert (wrong.code, "no whole copy" in wrong.err) == (2, True)
    assert (newer_one.code, "newer Gatherum" in newer_one.err) == (4, True)
    assert (taken.code, "nothing is replaced" in taken.err) == (2, True)
