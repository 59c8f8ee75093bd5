"""A race is named and forgiven three times a run; a fault is never."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RACES = """
import pathlib
import pytest


@pytest.mark.parametrize("number", range({races}))
def test_race(number):
    met = pathlib.Path(__file__).parent / f"met-{{number}}"
    if not met.exists():
        met.touch()
        raise AssertionError("the other was quicker")


def test_good():
    pass
"""
FAULT = """
def test_fault():
    raise AssertionError("always")
"""
BROKEN_FIXTURE = """
import pytest


@pytest.fixture
def broken():
    raise AssertionError("always")


def test_it_needs(broken):
    pass
"""


def run(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    """Run tests as the gate does; the value is how it ended, and what it said."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_these.py").write_text(tests)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-p", "tests.plugins.flaky", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2")])
def test_three_races_are_named_and_forgiven(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, said = run(tmp_path, RACES.format(races=3), "--flaky-allowed", "3", *options)

    assert code == 0, said
    assert said.count("FLAKY test_these.py::test_race[") == 3
    assert "1 passed, 3 flaky" in said.splitlines()[-1]
    assert (tmp_path / "build" / "flaky.txt").read_text().count("the other was quicker") >= 3


def test_a_fourth_race_fails_the_run(tmp_path: Path) -> None:
    code, said = run(tmp_path, RACES.format(races=4), "--flaky-allowed", "3", "-n", "0")

    assert code == 1
    assert "4 flaky tests; 3 are allowed" in said


@pytest.mark.parametrize("tests", [FAULT, BROKEN_FIXTURE])
def test_what_fails_again_is_no_race(tmp_path: Path, tests: str) -> None:
    code, said = run(tmp_path, tests + RACES.format(races=1), "--flaky-allowed", "3", "-n", "0")

    assert code == 1
    assert said.count("FLAKY") == 1
    assert "AssertionError: always" in said


def test_without_the_option_nothing_is_forgiven(tmp_path: Path) -> None:
    code, said = run(tmp_path, RACES.format(races=1), "-n", "0")

    assert (code, "FLAKY" in said) == (1, False)
