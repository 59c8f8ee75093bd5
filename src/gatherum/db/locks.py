"""Locks between processes on one machine, beside a SQLite database; they end with their process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from gatherum.errors import DataDirBusy, ReadOnly


@contextmanager
def waiting_lock(path: str) -> Iterator[None]:
    """Hold the lock at `path`, after whoever holds it now."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take_lock(path: str) -> int:
    """Take the lock at `path` until the descriptor is closed; `DataDirBusy` if it is held."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DataDirBusy("Another Gatherum already works on this data folder.") from error
    return descriptor


def release_lock(descriptor: int) -> None:
    """Let go of what `take_lock` took."""
    os.close(descriptor)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ReadOnly("The folder of the database cannot be written to.") from error
