import os
import subprocess
import sys
from pathlib import Path

from gatherum.safety.lock import DataDirLock

HOLDER = """
import sys, time
from pathlib import Path
from gatherum.safety.lock import DataDirLock
print(DataDirLock.acquire(lock := DataDirLock(Path(sys.argv[1]))), flush=True)
time.sleep(60)
"""


def test_a_data_folder_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    first, second = DataDirLock(tmp_path), DataDirLock(tmp_path)

    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == os.getpid()

    first.release()
    assert second.holder() is None
    assert second.acquire()
    second.release()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    lock = DataDirLock(tmp_path)
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:  # noqa: S603 (our own)
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"

        assert not lock.acquire()
        assert lock.holder() == other.pid

        other.kill()
        other.wait()

    assert lock.acquire()
    assert lock.holder() == os.getpid()
    lock.release()
