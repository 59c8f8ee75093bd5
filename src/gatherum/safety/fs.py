"""The library's disk: every operation starts from a descriptor that `Root` has opened.

No folder descriptor is kept between calls: to resolve a path anew costs a few microseconds, and a
kept one would go on writing into a folder that somebody has moved away.
"""

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from gatherum.errors import OutsideLibrary
from gatherum.safety.root import Root, split

_libc = ctypes.CDLL(None, use_errno=True)
_RENAME_NOREPLACE: Final = 1
_RENAME_EXCL: Final = 4  # the same promise on macOS
_F_FULLFSYNC: Final = 51  # macOS: fsync alone leaves the bytes in the drive's cache
_MISSING: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
_KNOWN_FOLDERS: Final = 10_000


class DiskFs:
    """`ports.Fs` over a real folder."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._durable: set[str] = set()  # folders whose names are surely on the disk

    def open_part(self, path: str) -> int:
        """Open a part file for writing, made if missing, and hold its lock until it is closed."""
        while True:
            fd = self._root.open(path, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Between open and lock another process may have moved or removed the file.
                if self._is_at(fd, path):
                    return fd
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    def open_read(self, path: str) -> int:
        """Open a plain file for reading."""
        return self._root.open(path)

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset`; shorter only at the end of the file."""
        data = os.pread(fd, size, offset)
        while 0 < len(data) < size:
            more = os.pread(fd, size - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data` at the descriptor's position."""
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[os.write(fd, rest) :]

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to `size` bytes and stand at its end."""
        os.ftruncate(fd, size)
        os.lseek(fd, size, os.SEEK_SET)

    def set_mtime(self, fd: int, mtime: float) -> None:
        """Set the file's modification time; `OSError` if the file system will not."""
        try:
            os.utime(fd, (mtime, mtime))
        except (OverflowError, ValueError) as error:  # a year that no file system knows
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from error

    def fsync(self, fd: int) -> None:
        """Make the file's bytes durable."""
        if sys.platform == "darwin":
            fcntl.fcntl(fd, _F_FULLFSYNC)
        else:
            os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close the descriptor (and let go of its lock)."""
        os.close(fd)

    def fsync_dir(self, path: str) -> None:
        """Make the names in a folder durable."""
        folder = self._root.open_dir(path)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def rename_new(self, source: str, target: str) -> None:
        """Move a file; never replaces one: `FileExistsError` if `target` is taken.

        A move that was cut off half-way (both names on one file) is finished.
        """
        with self._parent(source) as (old, old_name), self._parent(target) as (new, new_name):
            seen = os.stat(old_name, dir_fd=old, follow_symlinks=False)
            if not stat.S_ISREG(seen.st_mode):
                raise OutsideLibrary("There is no plain file at this path of the library.")
            try:
                _rename_noreplace(old, old_name, new, new_name)
            except FileExistsError:
                there = os.stat(new_name, dir_fd=new, follow_symlinks=False)
                if source == target or not os.path.samestat(seen, there):
                    raise
                os.unlink(old_name, dir_fd=old)

    def unlink(self, path: str) -> None:
        """Remove a file."""
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def size(self, path: str) -> int | None:
        """Return a plain file's size, None if nothing is there, -1 if it is no plain file."""
        split(path)
        try:
            with self._parent(path) as (folder, name):
                seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OutsideLibrary:  # a link stands in its way
            return -1
        return seen.st_size if stat.S_ISREG(seen.st_mode) else -1

    def list(self, path: str) -> Iterator[str]:
        """Yield the paths of all plain files beneath a folder, at any depth.

        Links and other mounts are not entered; a folder that vanishes meanwhile is passed over.
        """
        files, waiting = _scan(self._root, path)
        yield from files
        while waiting:
            try:
                files, folders = _scan(self._root, waiting.pop())
            except (FileNotFoundError, NotADirectoryError, OutsideLibrary):
                continue
            yield from files
            waiting += folders

    def make_dirs(self, path: str) -> None:
        """Make a folder and its parents, and make their names durable."""
        parts = split(path)
        if path in self._durable:
            with suppress(FileNotFoundError):  # somebody removed it meanwhile
                os.close(self._root.open_dir(path))
                return
        folder = os.dup(self._root.fd)
        try:
            for depth in range(1, len(parts) + 1):
                inner = self._make_dir(folder, "/".join(parts[:depth]))
                os.close(folder)
                folder = inner
        finally:
            os.close(folder)

    def folders(self, path: str) -> Iterator[str]:
        """Yield the paths of the folders right in a folder."""
        yield from _scan(self._root, path)[1]

    def remove_folder(self, path: str) -> None:
        """Remove a folder with all that is in it; nothing happens if it is not there."""
        with suppress(FileNotFoundError), self._parent(path) as (parent, name):
            shutil.rmtree(name, dir_fd=parent)  # follows no link
        self._durable = {known for known in self._durable if not f"{known}/".startswith(f"{path}/")}

    def free(self) -> tuple[int, int]:
        """Return (free, total) bytes of the file system under the root."""
        seen = os.fstatvfs(self._root.fd)
        return seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize

    def _make_dir(self, parent: int, path: str) -> int:
        """Make one folder in its open parent, and return its descriptor."""
        made = False
        with suppress(FileExistsError):
            os.mkdir(path.rpartition("/")[2], 0o750, dir_fd=parent)
            made = True
        # One that was there may have been made by a process that died before its own sync.
        if made or path not in self._durable:
            os.fsync(parent)
            if len(self._durable) >= _KNOWN_FOLDERS:
                self._durable.clear()
            self._durable.add(path)
        return self._root.open_dir(path)

    def _is_at(self, fd: int, path: str) -> bool:
        try:
            with self._parent(path) as (folder, name):
                there = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(fd), there)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        folder, name = self._root.open_parent(path)
        try:
            yield folder, name
        finally:
            os.close(folder)


def _rename_noreplace(old: int, old_name: str, new: int, new_name: str) -> None:
    if sys.platform == "darwin":
        call, flag = getattr(_libc, "renameatx_np", None), _RENAME_EXCL
    else:
        call, flag = getattr(_libc, "renameat2", None), _RENAME_NOREPLACE
    if call is not None:
        if call(old, os.fsencode(old_name), new, os.fsencode(new_name), flag) == 0:
            return
        number = ctypes.get_errno()
        if number not in _MISSING:
            raise OSError(number, os.strerror(number))
    # An old kernel, or a file system without the flag (NFS): a hard link never replaces either.
    os.link(old_name, new_name, src_dir_fd=old, dst_dir_fd=new, follow_symlinks=False)
    os.unlink(old_name, dir_fd=old)


def _scan(root: Root, path: str) -> tuple[list[str], list[str]]:
    """Return the plain files and the folders that are right in a folder."""
    folder = root.open_dir(path)
    try:
        with os.scandir(folder) as entries:
            seen = list(entries)
            return (
                [f"{path}/{entry.name}" for entry in seen if entry.is_file(follow_symlinks=False)],
                [f"{path}/{entry.name}" for entry in seen if entry.is_dir(follow_symlinks=False)],
            )
    finally:
        os.close(folder)
