"""`gatherum extractors` in the real program: by hand, killed in the middle, and after a restart."""

import json
import signal
from pathlib import Path

import pytest

from gatherum.fetching.releases import shipped_version
from tests.e2e.program import Gatherum
from tests.upkeep.wheels import broken_import, index_of, make_wheel

NAME, NEXT = "gallery-dl", "99.1.0"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def updating(program: Gatherum, index: Path) -> Gatherum:
    return program.under(**index_of(index))


def used(program: Gatherum) -> str:
    lines = [json.loads(line) for line in program("extractors", "list", "--json").out.splitlines()]
    (found,) = (line["used"] for line in lines if line["name"] == NAME)
    return str(found)


def test_it_is_used_after_a_restart_and_gone_back_from_by_one_command(
    updating: Gatherum, index: Path
) -> None:
    make_wheel(index, NAME, NEXT)

    ran = updating("extractors", "update", NAME)
    then = used(updating)
    looks = updating("doctor", "--json").out
    back = updating("extractors", "rollback", NAME)

    assert (ran.code, then) == (0, NEXT), ran.err
    assert ran.out.startswith(f"{NAME} {NEXT} is used now")
    assert json.loads(next(line for line in looks.splitlines() if "gallerydl" in line))["ok"]
    assert (back.code, used(updating)) == (0, shipped_version(NAME))


def test_one_that_fails_its_probe_is_told_of_and_not_used(updating: Gatherum, index: Path) -> None:
    make_wheel(index, NAME, NEXT, edits={"__init__.py": broken_import})

    ran = updating("extractors", "update", NAME)

    assert (ran.code, used(updating)) == (1, shipped_version(NAME))
    assert f"{NAME} {NEXT} is not used: It cannot be imported." in ran.err


@pytest.mark.parametrize("word", ["Installing", "Probing"])
def test_killed_in_the_middle_it_leaves_the_old_one_and_the_next_try_works(
    updating: Gatherum, index: Path, word: str
) -> None:
    slow = {"__init__.py": lambda text: f"import time; time.sleep(2)\n{text}"}
    make_wheel(index, NAME, NEXT, edits=slow)
    with updating.start("extractors", "update", NAME) as running:
        assert running.process.stderr is not None
        while not running.process.stderr.readline().startswith(word):
            assert running.process.poll() is None
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()

    after = used(updating)
    make_wheel(index, NAME, NEXT)
    ran = updating("extractors", "update", NAME)

    assert after == shipped_version(NAME)
    assert (ran.code, used(updating)) == (0, NEXT)
    assert list((updating.data / "extractors" / "staging").iterdir()) == []
