"""The versions of yt-dlp and gallery-dl that lie beside the ones that came with us.

Each is a folder of its own that is never changed once it is whole. One small file a package names
those that count, the last of them being used: it is replaced at once or not at all, so whatever
breaks off an update leaves the version from before in use.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from gatherum.errors import Conflict, InvalidInput, NotFound, ReadOnly
from gatherum.safety.scratch import scratch_folder

KEPT: Final = 2  # versions beside: the one in use, and the one to go back to


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An extractor: its name in the index, the engine of ours that it is, what it is imported as."""

    name: str
    engine: str
    module: str


PACKAGES: Final[Mapping[str, Package]] = MappingProxyType(
    {
        "yt-dlp": Package(name="yt-dlp", engine="ytdlp", module="yt_dlp"),
        "gallery-dl": Package(name="gallery-dl", engine="gallerydl", module="gallery_dl"),
    }
)

FIXED: Final = ("instaloader",)  # comes with us alone: our worker uses what is inside it


class _Beside(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: str
    folder: str
    over: str  # what came with us when it was chosen


class _Pointer(BaseModel):
    """What the file of a package says; the last of `beside` is used."""

    model_config = ConfigDict(frozen=True)

    beside: tuple[_Beside, ...] = ()
    refused: tuple[str, ...] = ()  # versions that failed, or were gone back from
    newest: str = ""  # in the index, when it was last asked
    checked_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """How a package stands: what came with us, what is used, what it would go back to."""

    name: str
    shipped: str
    used: str
    previous: str | None  # None: there is nothing to go back to
    refused: tuple[str, ...] = ()
    newest: str = ""
    checked_at: float | None = None

    @property
    def is_beside(self) -> bool:
        """Whether another version is used than the one that came with us."""
        return self.used != self.shipped


class Releases:
    """The folder of the versions beside. Everything in it can be made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder_of(self, engine: str) -> Path | None:
        """Return the folder that children of an engine start from; None: what came with us.

        One that Gatherum itself has overtaken since is not used, nor one whose folder has gone.
        """
        package = next((one for one in PACKAGES.values() if one.engine == engine), None)
        used = self._used(package.name) if package else None
        return self._folder / used.folder if used else None

    def all(self) -> tuple[Release, ...]:
        """Return how each extractor stands, those as well that cannot be changed."""
        fixed = [(name, found) for name in FIXED if (found := shipped_version(name))]
        return (
            *map(self.get, PACKAGES),
            *(Release(name=n, shipped=v, used=v, previous=None) for n, v in fixed),
        )

    def get(self, name: str) -> Release:
        """Return how a package stands; `InvalidInput` if it is none of ours."""
        shipped = shipped_version(package_of(name).name)
        used, pointer = self._used(name), self._read(name)
        before = pointer.beside[-2].version if len(pointer.beside) > 1 else shipped
        return Release(
            name=name,
            shipped=shipped,
            used=used.version if used else shipped,
            previous=before if used else None,
            refused=pointer.refused,
            newest=pointer.newest,
            checked_at=pointer.checked_at,
        )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Be the only one who changes what is here; `Conflict` if somebody is at it."""
        descriptor = os.open(self._made() / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise Conflict("The extractors are being changed by another process.") from error
        finally:
            os.close(descriptor)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Offer a folder to install into; it goes with the context unless it is adopted."""
        with scratch_folder(self._made() / "staging") as folder:
            yield folder

    def adopt(self, name: str, wanted: str, staged: Path) -> None:
        """Use what is staged from now on; the version used so far stays to go back to.

        It waits for the disk until all of it is there: call it in a thread.
        """
        pointer = self._read(name)
        place = Path(mkdtemp(prefix=f"{name}-{wanted}-", dir=self._made()))
        staged.rename(place)  # an empty folder gives way
        _sync_all(place)  # before anything names it
        _sync(self._folder)
        kept = [one for one in pointer.beside if one.version != wanted][1 - KEPT :]
        beside = (*kept, _Beside(version=wanted, folder=place.name, over=shipped_version(name)))
        refused = tuple(one for one in pointer.refused if one != wanted)
        self._write(name, pointer.model_copy(update={"beside": beside, "refused": refused}))
        self._sweep(name, {one.folder for one in (*beside, *pointer.beside[-1:])})

    def roll_back(self, name: str) -> Release:
        """Use the version from before; what was used is not installed by itself again.

        Raises `NotFound` if nothing lies beside.
        """
        pointer = self._read(package_of(name).name)
        if not pointer.beside:
            raise NotFound(
                f"The {name} that came with Gatherum is in use: there is none before it."
            )
        refused = tuple(dict.fromkeys((*pointer.refused, pointer.beside[-1].version)))
        news = {"beside": pointer.beside[:-1], "refused": refused}
        self._write(name, pointer.model_copy(update=news))
        return self.get(name)

    def refuse(self, name: str, failed: str) -> None:
        """Remember that a version has failed, so that it is not installed by itself again."""
        pointer = self._read(name)
        refused = tuple(dict.fromkeys((*pointer.refused, failed)))
        self._write(name, pointer.model_copy(update={"refused": refused}))

    def keep_newest(self, name: str, newest: str, at: float) -> None:
        """Remember what the index has."""
        news = {"newest": newest, "checked_at": at}
        self._write(name, self._read(name).model_copy(update=news))

    def _used(self, name: str) -> _Beside | None:
        beside = self._read(name).beside
        if not beside or not (self._folder / beside[-1].folder).is_dir():
            return None
        last, shipped = beside[-1], shipped_version(name)
        is_current = last.over == shipped or order_of(last.version) >= order_of(shipped)
        return last if is_current else None

    def _read(self, name: str) -> _Pointer:
        try:
            return _Pointer.model_validate_json((self._folder / f"{name}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return _Pointer()

    def _write(self, name: str, pointer: _Pointer) -> None:
        place = self._made() / f"{name}.json"
        new = place.with_suffix(".new")
        try:
            with new.open("wb") as file:
                file.write(pointer.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(place)
            _sync(self._folder)
        except OSError as error:
            raise ReadOnly("The data folder cannot be written to.") from error

    def _made(self) -> Path:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ReadOnly("The data folder cannot be written to.") from error
        return self._folder

    def _sweep(self, name: str, kept: set[str]) -> None:
        """Remove folders that nothing names: of versions long replaced, of updates that broke off."""
        for folder in self._folder.glob(f"{name}-*"):
            if folder.name not in kept and folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)


def shipped_version(name: str) -> str:
    """Return the version of a package that is installed with us, '' if it is not."""
    with suppress(PackageNotFoundError):
        return version(name)
    return ""


def order_of(text: str) -> tuple[int, ...]:
    """Return what versions are ordered by: their numbers."""
    return tuple(int(number) for number in re.findall(r"\d+", text))


def package_of(name: str) -> Package:
    """Return an extractor that can be changed; `InvalidInput` if there is none of this name."""
    if name not in PACKAGES:
        raise InvalidInput(f"{name!r} is no extractor; there are {', '.join(PACKAGES)}.")
    return PACKAGES[name]


def _sync_all(folder: Path) -> None:
    for inside, _, names in os.walk(folder):
        for name in names:
            _sync(Path(inside, name))
        _sync(Path(inside))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
