"""The lock beside a SQLite database: one holder, and none that outlives its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from gatherum.db.locks import release_lock, take_lock
from gatherum.errors import DataDirBusy, ReadOnly

HOLDER = """
import sys, time
from gatherum.db.locks import take_lock
take_lock(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    held = take_lock(path)
    with pytest.raises(DataDirBusy):
        take_lock(path)

    release_lock(held)

    release_lock(take_lock(path))


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    command = [sys.executable, "-c", HOLDER, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:  # noqa: S603 (our own)
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DataDirBusy):
            take_lock(path)

        other.kill()
        other.wait()

    release_lock(take_lock(path))


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly):
        take_lock(str(tmp_path / "nowhere" / "lock"))
