"""One process works on a data folder: a lock that the kernel lets go of when its holder dies."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "gatherum.lock"


class DataDirLock:
    """The lock of a data folder, held from `acquire` to `release` or to the process's end."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._fd: int | None = None

    def acquire(self) -> bool:
        """Take the lock; False at once if another holds it."""
        if self._fd is not None:
            return True
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            os.close(fd)
            return False
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return True

    def holder(self) -> int | None:
        """Return the process that took the lock last, for messages only."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text(encoding="ascii"))
        return None

    def release(self) -> None:
        """Let go of the lock. The file stays: to remove it would let two processes in."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None
