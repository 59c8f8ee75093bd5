"""The crash tests are worth something: each of these slips in a copy of the code is caught by them."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CRASH = tuple(f"tests/crash/test_{name}.py" for name in ("power_cuts", "disk_errors", "histories"))
DISK = ("tests/safety/test_fs.py",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A slip: in `path`, every `old` becomes `new`."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...] = CRASH


MUTANTS = [
    Mutant(
        name="no fsync of a file",
        path="fetching/fetcher.py",
        old="        self._fs.fsync(fd)\n",
        new="",
    ),
    Mutant(
        name="no fsync of a folder",
        path="library/files.py",
        old="            self._fs.fsync_dir(folder)\n",
        new="            pass\n",
    ),
    Mutant(
        name="no fsync of the bin's folders",
        path="library/recycle.py",
        old="            self._fs.fsync_dir(folder)\n",
        new="            pass\n",
    ),
    Mutant(
        name="the file first, the record later",
        path="library/files.py",
        old="        staged = await self._db.write(lambda tx: stage(tx, group, owner=self._owner, now=now))\n",
        new="        for each in group:\n"
        "            self._fs.make_dirs(each.path.rpartition('/')[0])\n"
        "            if self._fs.size(each.path) is None:\n"
        "                self._fs.rename_new(each.part.path, each.path)\n"
        "        staged = await self._db.write(lambda tx: stage(tx, group, owner=self._owner, now=now))\n",
    ),
    Mutant(
        name="resumed at the size of the part",
        path="fetching/fetcher.py",
        old="        if on_disk < wanted.part_ok:\n            return 0\n",
        new="        from dataclasses import replace\n"
        "        wanted = stream.wanted = replace(wanted, part_ok=on_disk)\n",
    ),
    Mutant(
        name="a move undone although it happened",
        path="library/recycle.py",
        old="        return self._fs.size(trash) is None and self._fs.size(path) is not None\n",
        new="        return True\n",
    ),
    Mutant(
        name="a rename that replaces",
        path="safety/fs.py",
        old="    if call is not None:\n        if call(",
        new="    if call is not None:\n"
        "        os.replace(old_name, new_name, src_dir_fd=old, dst_dir_fd=new)\n"
        "        return\n"
        "        if call(",
        tests=DISK,
    ),
    Mutant(
        name="no lock on the part",
        path="safety/fs.py",
        old="                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        new="",
        tests=DISK,
    ),
    Mutant(
        name="a descriptor closed under its thread",
        path="fetching/threads.py",
        old="        while not running.done():\n",
        new="        while False:\n",
        tests=("tests/fetching/test_threads.py",),
    ),
]


def test_every_slip_still_fits_the_code() -> None:
    unfit = [
        mutant.name
        for mutant in MUTANTS
        if mutant.old not in (ROOT / "src" / "gatherum" / mutant.path).read_text()
    ]

    assert unfit == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
async def test_a_slip_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    path = tmp_path / "src" / "gatherum" / mutant.path
    path.write_text(path.read_text().replace(mutant.old, mutant.new))

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *mutant.tests),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()

    assert process.returncode == 1, said.decode()[-2000:]
    assert b"SyntaxError" not in said
    assert b"ImportError" not in said
