"""Folders for what is passing: each process has its own, and the next one clears after the dead."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Offer a new folder below `parent` that is gone when the context ends.

    What a killed process has left there is removed first: a login's cookies may be among it.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in parent.iterdir():
        _remove_dead(folder)
    own, held = _make(parent)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        os.close(held)


def _make(parent: Path) -> tuple[Path, int]:
    """Return a new folder and its lock, which ends with the process, whatever ends that."""
    while True:
        own = Path(tempfile.mkdtemp(dir=parent))
        with suppress(FileNotFoundError):  # before it was locked, another process took it for dead
            held = os.open(own, _FLAGS)
            fcntl.flock(held, fcntl.LOCK_EX)
            if own.exists():
                return own, held
            os.close(held)


def _remove_dead(folder: Path) -> None:
    with suppress(OSError):  # held by a living process, or no folder, or just removed
        held = os.open(folder, _FLAGS)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        finally:
            os.close(held)
