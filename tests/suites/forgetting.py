"""A disk that forgets what was not synced, and that fails when it is told to."""

import errno
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gatherum.errors import OutsideLibrary
from gatherum.safety.root import split

NOT_PLAIN = "There is no plain file at this path of the library."


class PowerCut(BaseException):
    """The machine, or the process, is dead: no code of it runs any further."""


@dataclass(slots=True, eq=False)
class Inode:
    """A file's bytes as the process sees them, and as they are surely on the disk."""

    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    mtime: float = 0.0
    synced_mtime: float = 0.0


@dataclass(slots=True, eq=False)
class Change:
    """A change of names that is not sure yet: it is once all of `unsynced` are synced."""

    removed: str | None
    added: str | None
    inode: Inode | None  # None: `added` is a folder
    unsynced: set[str]

    @property
    def names(self) -> set[str]:
        return {name for name in (self.removed, self.added) if name is not None}


@dataclass(slots=True, eq=False)
class Handle:
    path: str
    inode: Inode
    writable: bool
    position: int = 0


class ForgettingDisk:
    """`ports.Fs` in memory.

    `power_cut` and `kill` give the disk that the next process finds; this one is dead from then on.
    A name is sure once its folder (both folders of a move) has been synced; until then changes of
    names are on the disk in their order up to some point. Bytes are sure once they are synced.
    """

    def __init__(self, *, capacity: int = 1 << 40) -> None:
        self.capacity = capacity
        self.calls = 0
        self.log: list[str] = []  # the names of the calls
        self._armed: list[tuple[int, str | None, BaseException]] = []
        self._dead = False
        self._lock = threading.RLock()
        self._files: dict[str, Inode] = {}
        self._folders = {""}
        self._sure_files: dict[str, Inode] = {}
        self._sure_folders = {""}
        self._pending: list[Change] = []
        self._handles: dict[int, Handle] = {}
        self._next_fd = 1000

    # -- what a test does to it

    def arm(self, at: int, error: BaseException, *, call: str | None = None) -> None:
        """Raise `error` at the `at`-th call from now, of this name only if one is given."""
        self._armed.append((at, call, error))

    def disarm(self) -> None:
        """Forget the errors that wait for their call."""
        self._armed = []

    @property
    def armed(self) -> bool:
        """Whether an error still waits for its call."""
        return bool(self._armed)

    def put(self, path: str, data: bytes) -> None:
        """Let a file be there, surely."""
        parents = split(path)[:-1]
        for depth in range(1, len(parents) + 1):
            self._folders.add("/".join(parents[:depth]))
            self._sure_folders.add("/".join(parents[:depth]))
        self._files[path] = Inode(bytearray(data), data)
        self._sure_files[path] = self._files[path]

    def read(self, path: str) -> bytes:
        return bytes(self._files[path].data)

    def paths(self) -> set[str]:
        return set(self._files)

    def open_count(self) -> int:
        return len(self._handles)

    @property
    def dead(self) -> bool:
        """Whether the process on this disk has died."""
        return self._dead

    def kill(self) -> "ForgettingDisk":
        """Return the disk after a kill -9: nothing is forgotten but the locks."""
        with self._lock:
            self._dead = True
            after = ForgettingDisk(capacity=self.capacity)
            after._files, after._folders = self._files, self._folders
            after._sure_files, after._sure_folders = self._sure_files, self._sure_folders
            after._pending = self._pending
            return after

    def power_cut(self, seed: int) -> "ForgettingDisk":
        """Return the disk after a power cut; the seed decides about all that was not sure."""
        rng = random.Random(seed)  # noqa: S311 (to be repeatable)
        with self._lock:
            self._dead = True
            for change in self._pending:
                if rng.random() < 0.3:
                    break
                self._settle(change)
            after = ForgettingDisk(capacity=self.capacity)
            after._folders = {path for path in self._sure_folders if self._is_rooted(path)}
            for path, inode in self._sure_files.items():
                if _parent(path) in after._folders:
                    data = _remembered(rng, bytes(inode.data), inode.synced)
                    mtime = rng.choice([inode.mtime, inode.synced_mtime])
                    after._files[path] = Inode(bytearray(data), data, mtime, mtime)
            after._sure_files = dict(after._files)
            after._sure_folders = set(after._folders)
            return after

    # -- ports.Fs

    def open_part(self, path: str) -> int:
        with self._call("open_part"):
            self._check(path)
            if path in self._folders:
                raise OutsideLibrary(NOT_PLAIN)
            if path not in self._files:
                self._files[path] = Inode()
                self._change(added=path, inode=self._files[path])
            inode = self._files[path]
            if any(h.writable and h.inode is inode for h in self._handles.values()):
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            return self._handle(path, inode, writable=True)

    def open_read(self, path: str) -> int:
        with self._call("open_read"):
            return self._handle(path, self._find(path), writable=False)

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        with self._call("read_at"):
            return bytes(self._handles[fd].inode.data[offset : offset + size])

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> None:
        with self._call("write"):
            handle = self._writable(fd)
            used = sum(len(inode.data) for inode in self._files.values())
            room = max(0, self.capacity - used + len(handle.inode.data) - handle.position)
            fits = bytes(data)[:room]
            hole = handle.position - len(handle.inode.data)
            if hole > 0:
                handle.inode.data += bytes(hole)
            handle.inode.data[handle.position : handle.position + len(fits)] = fits
            handle.position += len(fits)
            if len(fits) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def truncate(self, fd: int, size: int) -> None:
        with self._call("truncate"):
            handle = self._writable(fd)
            del handle.inode.data[size:]
            handle.inode.data += bytes(size - len(handle.inode.data))
            handle.position = size

    def set_mtime(self, fd: int, mtime: float) -> None:
        with self._call("set_mtime"):
            self._handles[fd].inode.mtime = mtime

    def fsync(self, fd: int) -> None:
        with self._call("fsync"):
            inode = self._handles[fd].inode
            inode.synced, inode.synced_mtime = bytes(inode.data), inode.mtime

    def close(self, fd: int) -> None:
        # Never counted and never failing: it is how a crash test's own clean-up gets out.
        with self._lock:
            if self._handles.pop(fd, None) is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def fsync_dir(self, path: str) -> None:
        with self._call("fsync_dir"):
            self._check_folder(path)
            self._sync_names(path)

    def rename_new(self, source: str, target: str) -> None:
        with self._call("rename_new"):
            inode = self._find(source)
            self._check(target)
            if target in self._files or target in self._folders:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            self._files[target] = self._files.pop(source)
            self._change(removed=source, added=target, inode=inode)

    def unlink(self, path: str) -> None:
        with self._call("unlink"):
            self._check(path)
            if path in self._folders:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if path not in self._files:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            del self._files[path]
            self._change(removed=path)

    def size(self, path: str) -> int | None:
        with self._call("size"):
            split(path)
            if path in self._folders:
                return -1
            return len(self._files[path].data) if path in self._files else None

    def list(self, path: str) -> Iterator[str]:
        with self._call("list"):
            self._check_folder(path)
            found = sorted(name for name in self._files if name.startswith(f"{path}/"))
        yield from found

    def make_dirs(self, path: str) -> None:
        parts = split(path)
        for depth in range(1, len(parts) + 1):
            with self._call("make_dirs"):
                folder = "/".join(parts[:depth])
                if folder in self._files:
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                if folder not in self._folders:
                    self._folders.add(folder)
                    self._change(added=folder)
            with self._call("make_dirs"):
                self._sync_names(_parent(folder))

    def folders(self, path: str) -> Iterator[str]:
        with self._call("folders"):
            self._check_folder(path)
            found = sorted(name for name in self._folders if _parent(name) == path)
        yield from found

    def remove_folder(self, path: str) -> None:
        for name in sorted(self._files):
            if name.startswith(f"{path}/"):
                self.unlink(name)
        with self._call("remove_folder"):
            gone = {name for name in self._folders if f"{name}/".startswith(f"{path}/")}
            self._folders -= gone
            self._sure_folders -= gone
            self._pending = [change for change in self._pending if not change.names & gone]

    def free(self) -> tuple[int, int]:
        with self._call("free"):
            used = sum(len(inode.data) for inode in self._files.values())
            return max(0, self.capacity - used), self.capacity

    # -- how

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        with self._lock:
            if self._dead:
                raise PowerCut
            self.calls += 1
            self.log.append(name)
            due = None
            left = []
            for at, call, error in self._armed:
                at -= call in (None, name)  # noqa: PLW2901 (one call nearer)
                if at <= 0 and due is None:
                    due = error
                else:
                    left.append((at, call, error))
            self._armed = left
            if due is not None:
                self._dead = isinstance(due, PowerCut)
                raise due
            yield

    def _change(
        self, *, removed: str | None = None, added: str | None = None, inode: Inode | None = None
    ) -> None:
        change = Change(removed, added, inode, set())
        change.unsynced = {_parent(name) for name in change.names}
        self._pending.append(change)

    def _sync_names(self, folder: str) -> None:
        for change in self._pending:
            change.unsynced.discard(folder)
        # What came before on the same names must have happened, too.
        needed: set[str] = set()
        settled = []
        for change in reversed(self._pending):
            if not change.unsynced or change.names & needed:
                needed |= change.names
                settled.append(change)
        for change in reversed(settled):
            self._settle(change)
        self._pending = [change for change in self._pending if change not in settled]

    def _settle(self, change: Change) -> None:
        if change.removed is not None:
            self._sure_files.pop(change.removed, None)
        if change.added is not None and change.inode is None:
            self._sure_folders.add(change.added)
        elif change.added is not None and change.inode is not None:
            self._sure_files[change.added] = change.inode

    def _handle(self, path: str, inode: Inode, *, writable: bool) -> int:
        self._next_fd += 1
        self._handles[self._next_fd] = Handle(path, inode, writable)
        return self._next_fd

    def _writable(self, fd: int) -> Handle:
        if fd not in self._handles or not self._handles[fd].writable:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._handles[fd]

    def _find(self, path: str) -> Inode:
        self._check(path)
        if path in self._folders:
            raise OutsideLibrary(NOT_PLAIN)
        if path not in self._files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self._files[path]

    def _check(self, path: str) -> None:
        split(path)
        if parent := _parent(path):
            self._check_folder(parent)

    def _check_folder(self, path: str) -> None:
        parts = split(path)
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder in self._files:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            if folder not in self._folders:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _is_rooted(self, folder: str) -> bool:
        """Return whether all folders above are sure as well."""
        while folder:
            folder = _parent(folder)
            if folder not in self._sure_folders:
                return False
        return True


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _remembered(rng: random.Random, full: bytes, safe: bytes) -> bytes:
    """Return what a file holds after a power cut."""
    match rng.choice(["safe", "full", "zeros", "part"]):
        case "full":
            return full
        case "zeros" if len(full) > len(safe):  # the length came through, the bytes did not
            return safe + bytes(len(full) - len(safe))
        case "part" if len(full) > len(safe):
            return full[: rng.randint(len(safe), len(full))]
        case _:
            return safe
