"""Where renditions are kept: a folder that anybody may empty, or remove, at any time."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final

from gatherum.errors import OutsideLibrary
from gatherum.processing.child import LARGEST, is_mp4, is_webp
from gatherum.processing.scrubbing import LONGEST_MAP, SCRUB, is_scrub
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root

VERSION: Final = 1  # of how they are made: another number, and all are made anew
PREVIEW: Final = "preview"
_MOST: Final = LARGEST + LONGEST_MAP
# What a whole one looks like: a power cut may leave a name without its bytes.
_WHOLE: Final[Mapping[str, tuple[str, Callable[[bytes], bool]]]] = MappingProxyType(
    {SCRUB: ("scrub", is_scrub), PREVIEW: ("mp4", is_mp4)}
)


class Shelf:
    """Renditions by content and name. What is found is whole; what cannot be kept is no error.

    A thumbnail's name is its size; the others are `SCRUB` and `PREVIEW`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._roots: list[Root] = []  # the last one is in use, the others may still be
        self._fs: DiskFs | None = None

    def find(self, sha256: str, name: str) -> bytes | None:
        """Return a rendition, None if there is none."""
        path = _path(sha256, name)
        try:
            fs = self._open()
            fd = fs.open_read(path)
        except (OSError, OutsideLibrary):
            return None
        try:
            data = fs.read_at(fd, _MOST, 0)
        except OSError:
            return None
        finally:
            fs.close(fd)
        if _form(name)[1](data):
            return data
        with suppress(OSError, OutsideLibrary):
            fs.unlink(path)
        return None

    def keep(self, sha256: str, name: str, data: bytes) -> None:
        """Keep a rendition; `OSError` if the disk does not take it."""
        path = _path(sha256, name)
        try:
            self._write(path, data)
        except FileNotFoundError:  # the folder was removed
            with self._lock:
                self._fs = None
            self._write(path, data)

    def forget(self, sha256: str) -> None:
        """Remove the renditions of a file that is no more, of whatever name and version."""
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


def _form(name: str) -> tuple[str, Callable[[bytes], bool]]:
    return _WHOLE.get(name, ("webp", is_webp))


def _path(sha256: str, name: str) -> str:
    return f"{sha256[:2]}/{sha256}-{name}-{VERSION}.{_form(name)[0]}"
