"""Where made thumbnails are kept: a folder that anybody may empty, or remove, at any time."""

import secrets
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from gatherum.errors import OutsideLibrary
from gatherum.processing.child import LARGEST, is_webp
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root

VERSION: Final = 1  # of how they are made: another number, and all are made anew


class Shelf:
    """Thumbnails by content and size. What is found is whole; what cannot be kept is no error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._roots: list[Root] = []  # the last one is in use, the others may still be
        self._fs: DiskFs | None = None

    def find(self, sha256: str, size: int) -> bytes | None:
        """Return a thumbnail, None if there is none."""
        path = _path(sha256, size)
        fs = self._open()
        try:
            fd = fs.open_read(path)
        except (OSError, OutsideLibrary):
            return None
        try:
            data = fs.read_at(fd, LARGEST, 0)
        except OSError:
            return None
        finally:
            fs.close(fd)
        if is_webp(data):
            return data
        with suppress(OSError, OutsideLibrary):  # a power cut has left the name without its bytes
            fs.unlink(path)
        return None

    def keep(self, sha256: str, size: int, data: bytes) -> None:
        """Keep a thumbnail; `OSError` if the disk does not take it."""
        path = _path(sha256, size)
        try:
            self._write(path, data)
        except FileNotFoundError:  # the folder was removed
            with self._lock:
                self._fs = None
            self._write(path, data)

    def forget(self, sha256: str) -> None:
        """Remove the thumbnails of a file that is no more, of whatever size and version."""
        fs, folder = self._open(), sha256[:2]
        with suppress(FileNotFoundError, OutsideLibrary):  # nothing was made, or all is gone
            for path in list(fs.list(folder)):
                if path.startswith(f"{folder}/{sha256}-"):
                    with suppress(FileNotFoundError):
                        fs.unlink(path)

    def close(self) -> None:
        """Let go of the folder; nothing may be under way."""
        while self._roots:
            self._roots.pop().close()
        self._fs = None

    def _open(self) -> DiskFs:
        with self._lock:
            if self._fs is None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._roots.append(Root(self._folder))
                self._fs = DiskFs(self._roots[-1])
            return self._fs

    def _write(self, path: str, data: bytes) -> None:
        fs = self._open()
        folder = path.partition("/")[0]
        fs.make_dirs(folder)
        part = f"{folder}/{secrets.token_hex(8)}.part"
        fd = fs.open_part(part)
        try:
            fs.write(fd, data)
            with suppress(FileExistsError):  # another process was quicker, and made the same
                fs.rename_new(part, path)
                return
            fs.unlink(part)
        except BaseException:
            with suppress(OSError):
                fs.unlink(part)
            raise
        finally:
            fs.close(fd)


def _path(sha256: str, size: int) -> str:
    return f"{sha256[:2]}/{sha256}-{size}-{VERSION}.webp"
