"""A disk that is full, a folder that is read-only, a database of another time: exit code 4, no loss."""

import shutil
import sqlite3
import subprocess

import pytest

from tests.e2e.contract import MediaLine
from tests.e2e.program import Gatherum, Ran, digests
from tests.testsites.faulty import FaultySite
from tests.testsites.media import jpeg
from tests.testsites.samples import photo

READ_ONLY = 'mount --bind "$A" "$A"; mount -o remount,ro,bind "$A"; exec "$@"'
TWICE = """
mount -t tmpfs -o size=3m none "$A"
"$@" && code=0 || code=$?
echo "{\\"code\\":$code}"
mount -o remount,size=200m "$A"
exec "$@"
"""


def can_mount() -> bool:
    done = subprocess.run(  # noqa: S603
        [shutil.which("unshare") or "unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


needs_mounts = pytest.mark.skipif(
    not shutil.which("unshare") or not can_mount(), reason="mounts need root and unshare"
)


def test_no_room_beyond_the_reserve_ends_with_4_and_room_lets_it_go_on(
    program: Gatherum, site: FaultySite
) -> None:
    bodies = {site.put(f"/{n}.jpg", jpeg(f"room {n}")): jpeg(f"room {n}") for n in range(3)}
    assert program("config", "set", "library.free_space_reserve", "900TB").code == 0

    full = program.get(*bodies)
    waiting = program("queue", "list")
    assert program("config", "set", "library.free_space_reserve").code == 0
    again = program.get(*bodies)

    assert (full.code, full.counts) == (4, (0, 0, 0, 3))
    assert {line.reason for line in full.media} == {"disk_full"}
    assert "disk_full" in waiting.out
    assert (again.code, again.counts) == (0, (3, 0, 0, 0))
    assert sorted(program.held().values()) == digests(list(bodies.values()))


@needs_mounts
def test_a_disk_that_fills_up_stops_all_and_room_completes_it(
    program: Gatherum, site: FaultySite
) -> None:
    bodies = {site.put(f"/{n}.jpg", photo(f"full {n}")): photo(f"full {n}") for n in range(20)}
    disk = program.data.parent / "disk"
    disk.mkdir()

    both = program.under(GATHERUM_LIBRARY_DIR=str(disk)).within(TWICE, str(disk)).get(*bodies)

    full, code, again = split(both)
    assert code == 4
    assert (full.summary.stored, full.summary.failed) == (
        20 - full.summary.failed,
        full.summary.failed,
    )
    assert 0 < full.summary.stored < 20
    assert {line.reason for line in full.media if line.state == "failed"} == {"disk_full"}
    assert both.code == 0
    assert again.summary.stored + again.summary.known == 20
    assert again.summary.known >= full.summary.stored
    told = sorted(line.sha256 or "" for line in again.media)
    assert told == digests(list(bodies.values()))


@needs_mounts
def test_a_read_only_data_folder_is_told_in_a_sentence(program: Gatherum, site: FaultySite) -> None:
    url = site.put("/a.jpg", jpeg("a"))
    locked = program.within(READ_ONLY, str(program.data))

    for ran in (locked.get(url), locked("serve"), locked("doctor")):
        assert ran.code == (1 if "data folder" in ran.out else 4), ran
        assert "cannot be written to" in ran.out + ran.err

    assert program.get(url).counts == (1, 0, 0, 0)


@needs_mounts
def test_a_read_only_library_ends_with_4_and_is_gone_on_with_later(
    program: Gatherum, site: FaultySite
) -> None:
    url = site.put("/a.jpg", jpeg("a"))

    ran = program.within(READ_ONLY, str(program.root)).get(url)

    assert ran.code == 4, ran
    assert program.held() == {}
    assert program.get(url).counts == (1, 0, 0, 0)


def test_a_database_of_a_newer_program_is_left_alone(program: Gatherum, site: FaultySite) -> None:
    url = site.put("/a.jpg", jpeg("a"))
    assert program.get(url).code == 0
    with sqlite3.connect(program.data / "gatherum.db") as tx:
        (mine,) = tx.execute("select version_num from alembic_version").fetchone()
        tx.execute("update alembic_version set version_num = '9999_from_the_future'")
    tx.close()

    ran = program.get(url)

    assert ran.code == 4
    assert "newer" in ran.err
    assert ran.out == ""
    with sqlite3.connect(program.data / "gatherum.db") as tx:
        tx.execute("update alembic_version set version_num = ?", (mine,))
    tx.close()
    assert program.get(url).counts == (0, 1, 0, 0)


def test_what_is_no_database_is_not_overwritten(program: Gatherum) -> None:
    for name in ("gatherum.db", "gatherum.db-wal", "gatherum.db-shm"):
        (program.data / name).unlink(missing_ok=True)
    (program.data / "gatherum.db").write_bytes(b"my diary, page one " * 300)

    ran = program("media", "--json")

    assert ran.code == 4
    assert "database" in ran.err
    assert (program.data / "gatherum.db").read_bytes() == b"my diary, page one " * 300


def split(both: Ran) -> tuple[Ran, int, Ran]:
    """Part what two runs in a row have written."""
    lines = both.out.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith('{"code":'))
    first = Ran(code=0, out="\n".join(lines[:place]), err="", seconds=0)
    second = Ran(code=0, out="\n".join(lines[place + 1 :]), err="", seconds=0)
    assert all(isinstance(line, MediaLine) for line in first.media)
    return first, int(lines[place].removeprefix('{"code":').rstrip("}")), second
