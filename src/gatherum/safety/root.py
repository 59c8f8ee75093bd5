"""Open files strictly beneath one folder: the kernel walks the path, so there is nothing to race.

Linux resolves the whole path in one call (`openat2`). Elsewhere, and where that call is missing,
each part is opened in turn from its parent's descriptor, never following a link.
"""

import ctypes
import errno
import functools
import os
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from gatherum.errors import OutsideLibrary

log = structlog.get_logger()

_SYS_OPENAT2: Final = 437  # the same number on every Linux architecture
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_RESOLVE: Final = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY
_LEAVES: Final = "The path leaves the library."
_NOT_PLAIN: Final = "There is no plain file at this path of the library."
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether a guard of the kernel is at work here, in words for `gatherum doctor`."""

    name: str
    ok: bool
    detail: str


class Root:
    """A folder that files are opened beneath.

    It holds the folder itself: to rename it, or to put another in its place, changes nothing.
    Every descriptor handed out is a plain file or a folder, on the folder's own mount, reached
    through no link. Anything else raises `OutsideLibrary`; failures of the disk stay `OSError`.
    """

    def __init__(self, path: str | os.PathLike[str], *, kernel: bool | None = None) -> None:
        self.fd = os.open(path, _FOLDER | os.O_CLOEXEC)
        self._device = os.fstat(self.fd).st_dev
        self._kernel = openat2_status().ok if kernel is None else kernel
        if not self._kernel and kernel is None:
            _warn_once()

    def open(self, rel: str, flags: int = os.O_RDONLY, mode: int = 0o640) -> int:
        """Open a plain file beneath the root; the caller closes the descriptor."""
        # Without O_NONBLOCK a FIFO that somebody planted would hang us.
        fd = self._open(split(rel), flags | os.O_NONBLOCK, mode)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OutsideLibrary(_NOT_PLAIN)
        return fd

    def open_dir(self, rel: str) -> int:
        """Open a folder beneath the root; the caller closes the descriptor."""
        return self._open(split(rel), _FOLDER, 0)

    def open_parent(self, rel: str) -> tuple[int, str]:
        """Open the folder that holds `rel`; return its descriptor and the last name."""
        *folders, name = split(rel)
        return self._open(tuple(folders), _FOLDER, 0) if folders else os.dup(self.fd), name

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self.fd)

    def _open(self, parts: tuple[str, ...], flags: int, mode: int) -> int:
        try:
            return self._resolve(parts, flags, mode)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EXDEV):
                raise OutsideLibrary(_LEAVES) from error
            # ENXIO: a socket, or a FIFO that nobody reads. EISDIR: a folder opened for writing.
            if error.errno in (errno.ENXIO, errno.EISDIR):
                raise OutsideLibrary(_NOT_PLAIN) from error
            raise

    def _resolve(self, parts: tuple[str, ...], flags: int, mode: int) -> int:
        if self._kernel:
            path = os.fsencode("/".join(parts))
            for _ in range(64):
                # EAGAIN: a rename raced the kernel, and it cannot vouch for the result.
                with suppress(BlockingIOError, InterruptedError):
                    return _openat2(self.fd, path, flags, mode, _RESOLVE)
        return self._walk(parts, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def _walk(self, parts: tuple[str, ...], flags: int, mode: int) -> int:
        folder = os.dup(self.fd)
        try:
            for part in parts[:-1]:
                inner = _step(folder, part, _FOLDER | os.O_NOFOLLOW | os.O_CLOEXEC, 0)
                os.close(folder)
                folder = inner
                self._check_mount(folder)
            fd = _step(folder, parts[-1], flags, mode)
        finally:
            os.close(folder)
        if flags & os.O_DIRECTORY:
            try:
                self._check_mount(fd)
            except OSError:
                os.close(fd)
                raise
        return fd

    def _check_mount(self, folder: int) -> None:
        # Only folders are compared: files of an overlay report the device of their layer.
        if os.fstat(folder).st_dev != self._device:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def split(rel: str) -> tuple[str, ...]:
    """Return the parts of a path; `OutsideLibrary` if it is not a plain relative one."""
    parts = tuple(rel.split("/"))
    if "\0" in rel or any(part in ("", ".", "..") for part in parts):
        raise OutsideLibrary(_LEAVES)
    return parts


def openat2_status() -> Guard:
    """Return whether the kernel itself confines paths here."""
    if os.environ.get("GATHERUM_TEST_NO_OPENAT2") == "1":
        return Guard("openat2", ok=False, detail="switched off by GATHERUM_TEST_NO_OPENAT2")
    if not _have_openat2():
        return Guard("openat2", ok=False, detail="missing: paths are walked folder by folder")
    return Guard("openat2", ok=True, detail="the kernel confines paths to the library")


@functools.cache
def _have_openat2() -> bool:
    if not Path("/proc/sys/kernel/osrelease").exists():  # the number means another call elsewhere
        return False
    root = os.open("/", _FOLDER | os.O_CLOEXEC)
    try:
        os.close(_openat2(root, b".", _FOLDER, 0, _BENEATH))
    except OSError:  # ENOSYS: an old kernel. EPERM: an old container engine forbids it.
        return False
    finally:
        os.close(root)
    return True


@functools.cache
def _warn_once() -> None:
    log.warning("paths are confined without openat2", detail=openat2_status().detail)


def _openat2(folder: int, path: bytes, flags: int, mode: int, resolve: int) -> int:
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, mode if flags & os.O_CREAT else 0, resolve)
    fd: int = _libc.syscall(_SYS_OPENAT2, folder, path, how, len(how))
    if fd < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return fd


def _step(folder: int, name: str, flags: int, mode: int) -> int:
    try:
        return os.open(name, flags, mode, dir_fd=folder)
    except NotADirectoryError:
        # Linux says ENOTDIR for a link where a folder is asked for, openat2 says ELOOP. A folder
        # that is seen now has taken the place of a link in between.
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(seen) or stat.S_ISDIR(seen):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
        raise
