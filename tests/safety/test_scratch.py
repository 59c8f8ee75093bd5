"""Scratch folders: one each, and nothing of a killed process stays."""

import subprocess
import sys
from pathlib import Path

from gatherum.safety.scratch import scratch_folder

HOLDER = """
import sys, time
from pathlib import Path
from gatherum.safety.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "child").mkdir()
    (folder / "child" / ".cookies.txt").write_text("secret")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_living_process_keeps_its_folder_and_a_dead_one_leaves_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:  # noqa: S603 (our own)
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        with scratch_folder(tmp_path) as own:
            assert len(list(tmp_path.rglob(".cookies.txt"))) == 1
            assert list(own.iterdir()) == []
        other.kill()
        other.wait()
    assert len(list(tmp_path.rglob(".cookies.txt"))) == 1

    with scratch_folder(tmp_path) as own:
        assert list(tmp_path.iterdir()) == [own]

    assert list(tmp_path.iterdir()) == []
