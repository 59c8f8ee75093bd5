"""The two commands work from a fresh clone, anywhere, and say nothing that is not the program's."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SCRIPTS = ("run", "test", "scripts/setup.sh", "scripts/check", ".ci/run")
PROGRAM = """
import os
import sys


def main() -> None:
    print([*sys.argv[1:], os.getcwd(), sys.stdin.read()])
    sys.exit(3)
"""


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_plain_sh(script: str) -> None:
    subprocess.run(["sh", "-n", PROJECT / script], check=True)  # noqa: S603, S607


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    subprocess.run(["shellcheck", "-x", *SCRIPTS], cwd=PROJECT, check=True)  # noqa: S603, S607


@pytest.mark.parametrize("script", ["run", "test", "scripts/check", ".ci/run"])
def test_a_script_can_be_started(script: str) -> None:
    assert os.access(PROJECT / script, os.X_OK)


def test_a_warm_start_costs_no_time(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "warm")
    _pretend_ready(clone)
    _run(clone / "run", cwd=tmp_path)

    calls = _trace(clone, "x")

    # A few small programs read, sum and compare; nothing is built, asked or installed.
    assert calls <= 12


def test_a_program_is_called_from_the_callers_folder_without_a_word_of_ours(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "a folder")
    _pretend_ready(clone)
    (tmp_path / "link").symlink_to(clone / "run")

    for command in (clone / "run", tmp_path / "link"):
        done = _run(command, "a b", cwd=tmp_path, given="words")
        assert done.stdout == f"{['a b', str(tmp_path), 'words']}\n"
        assert done.stderr == ""
        assert done.returncode == 3


def test_without_arguments_it_serves(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "clone")
    _pretend_ready(clone)

    assert _run(clone / "run", cwd=tmp_path).stdout == f"{['serve', str(tmp_path), '']}\n"


def test_what_has_changed_is_compiled_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    clone = _clone(tmp_path / "clone")
    _pretend_ready(clone)
    source, made = clone / "src" / "one.py", clone / "src" / "__pycache__"

    _run(clone / "run", cwd=tmp_path)
    first = {path: path.read_bytes() for path in made.iterdir()}
    source.write_text("ONE, TWO = 1, 2\n")
    os.utime(source, (time.time() + 5, time.time() + 5))
    _run(clone / "run", cwd=tmp_path)

    assert len(first) == 1
    assert {path: path.read_bytes() for path in made.iterdir()} != first


def test_two_fresh_starts_at_once_set_up_once_and_both_run(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "a fresh clone", whole=True)
    (clone / "src" / "gatherum" / "cli" / "__init__.py").write_text(PROGRAM)

    both = [
        subprocess.Popen(  # noqa: S603
            [clone / "run", name],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    told = [process.communicate(timeout=300) for process in both]

    assert [out for out, _ in told] == [f"{[n, str(tmp_path), '']}\n" for n in ("one", "two")]
    assert sum("Setting up" in err for _, err in told) == 1

    moved = clone.rename(tmp_path / "moved")
    assert _run(moved / "run", "again", cwd=tmp_path).stdout == f"{['again', str(tmp_path), '']}\n"


def _clone(folder: Path, *, whole: bool = False) -> Path:
    """Copy what a clone would hold; of the sources one alone, if the clone is not to be set up."""
    if whole:
        unmade = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / "src", folder / "src", ignore=unmade)
        shutil.copytree(
            PROJECT / "ui", folder / "ui", ignore=shutil.ignore_patterns("node_modules")
        )
    else:
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "one.py").write_text("ONE = 1\n")
        (folder / "ui").mkdir()
        (folder / "ui" / "main.ts").write_text("export {}\n")
    (folder / "scripts").mkdir()
    copied = (*SCRIPTS[:3], "pyproject.toml", "hatch_build.py", "uv.lock", "README.md", "LICENSE")
    for name in copied:
        shutil.copy(PROJECT / name, folder / name)
    return folder


def _pretend_ready(clone: Path) -> None:
    """Give a clone an environment that is as it should be, with a program that tells how it was called."""
    binaries = clone / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    program = binaries / "gatherum"
    program.write_text(f"#!/usr/bin/env python3\n{PROGRAM}\nmain()\n")
    program.chmod(0o755)
    told = subprocess.run(
        ["sh", "-ec", ". scripts/setup.sh; state"],  # noqa: S607
        cwd=clone,
        env={**os.environ, "here": str(clone)},
        check=True,
        capture_output=True,
        text=True,
    )
    (clone / ".venv" / "ready-for-run").write_text(told.stdout)


def _run(command: Path, *args: str, cwd: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [command, *args], cwd=cwd, input=given, capture_output=True, text=True, check=False
    )


def _trace(clone: Path, *args: str) -> int:
    """Return how many programs a start calls, the program itself included, as `sh -x` shows them."""
    done = subprocess.run(  # noqa: S603
        ["sh", "-x", clone / "run", *args],  # noqa: S607
        cwd=clone,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Setting up" not in done.stderr
    programs = ("readlink", "dirname", "cat", "find", "sort", "cksum", "python", "exec", "uv")
    lines = [line.lstrip("+ ") for line in done.stderr.splitlines()]
    return sum(line.split(" ", 1)[0].endswith(programs) for line in lines)
