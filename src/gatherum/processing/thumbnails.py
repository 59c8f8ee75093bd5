"""Thumbnails of stored files: made when somebody asks, once, in a child that can do no harm."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

import structlog

from gatherum.errors import InvalidInput, NotFound, OutsideLibrary, StorageError, TooManyRequests
from gatherum.model import MediaKind
from gatherum.ports import Clock, Fs
from gatherum.processing.child import ChildBrokenError, Drawn, NoChildError, NotDrawnError
from gatherum.processing.children import Children
from gatherum.processing.frames import SIZES, Order, Status
from gatherum.processing.hot import Hot
from gatherum.processing.posters import NoPosterError, draw_poster
from gatherum.processing.shelf import Shelf

log = structlog.get_logger()

AT_ONCE: Final = 2
MOST_WAITING: Final = 256
ROOM: Final = 24 << 20  # bytes of thumbnails in memory
REFUSED_S: Final = 3600.0  # how long a file without a picture is not tried again
MOST_REFUSED: Final = 10_000
PICTURED: Final = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A stored file. `learn`: what it looks like is not known yet."""

    sha256: str
    paths: tuple[str, ...]  # where it is, relative to the library root; the first that is there
    kind: MediaKind
    learn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file looks like. The size is None for videos: their own check has told it."""

    sha256: str
    thumbhash: bytes
    width: int | None
    height: int | None


class _Work:
    """A thumbnail on its way, with the number of those who wait for it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.waiting = 0
        self.begun = False
        self.task: asyncio.Task[bytes] | None = None


class Thumbnails:
    """Returns thumbnails; those who ask for the same one wait for the same work.

    At most two files are drawn at once. A file that cannot be pictured is not tried again for an
    hour, and takes down nothing but the child that was at it. The folder may be removed at any
    time.
    """

    def __init__(
        self,
        fs: Fs,
        folder: Path,
        clock: Clock,
        *,
        learned: Callable[[Facts], Awaitable[None]],
        children: Children | None = None,
    ) -> None:
        self._fs = fs
        self._clock = clock
        self._learned = learned
        self._children = children or Children()
        self._shelf = Shelf(folder)
        self._hot: Hot[Key] = Hot(ROOM)
        self._works: dict[Key, _Work] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._queued = 0
        self._refused: dict[str, float] = {}  # until when

    def find(self, sha256: str, size: int) -> bytes | None:
        """Return a thumbnail that is in memory, at once."""
        return self._hot.find((sha256, size))

    async def find_kept(self, sha256: str, size: int) -> bytes | None:
        """Return a thumbnail that was made already; nothing is made."""
        data = await asyncio.to_thread(self._shelf.find, sha256, size)
        if data is not None:
            self._hot.keep((sha256, size), data)
        return data

    async def get(self, subject: Subject, size: int) -> bytes:
        """Return a thumbnail as WebP, `size` pixels along its longest edge or less.

        Raises `NotFound` if the file is missing or cannot be pictured, `TooManyRequests` if too
        many wait already, and `StorageError` if nothing can be made or read just now.
        """
        if size not in SIZES:
            raise InvalidInput(f"Thumbnails have one of these sizes: {', '.join(map(str, SIZES))}.")
        key = (subject.sha256, size)
        if (data := self._hot.find(key)) is not None:
            return data
        self._check(subject)
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = _Work(key)
            work.task = asyncio.get_running_loop().create_task(self._perform(work, subject, size))
            work.task.add_done_callback(_hear)
        return await self._follow(work)

    async def forget(self, sha256: str) -> None:
        """Remove all thumbnails of a file that is no more; `OSError` if the disk does not let go."""
        for size in SIZES:
            self._hot.forget((sha256, size))
        await asyncio.to_thread(self._shelf.forget, sha256)

    async def close(self) -> None:
        """Give up what is under way, and end the children."""
        tasks = [work.task for work in self._works.values() if work.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._children.close()
        self._shelf.close()

    async def _follow(self, work: _Work) -> bytes:
        assert work.task is not None  # noqa: S101  # it was just made
        work.waiting += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiting -= 1
            # Nobody looks at it any more: somebody has scrolled on.
            if not work.waiting and not work.begun:
                work.task.cancel()
                self._drop(work)

    async def _perform(self, work: _Work, subject: Subject, size: int) -> bytes:
        try:
            data = await self._make(work, subject, size)
        finally:
            self._drop(work)
        self._hot.keep(work.key, data)
        return data

    def _drop(self, work: _Work) -> None:
        if self._works.get(work.key) is work:
            del self._works[work.key]

    async def _make(self, work: _Work, subject: Subject, size: int) -> bytes:
        if not subject.learn:
            found = await self.find_kept(subject.sha256, size)
            if found is not None:
                return found
        if self._queued >= MOST_WAITING:
            raise TooManyRequests("Too many thumbnails are being made.", retry_after=2)
        self._queued += 1
        try:
            async with self._slots:
                work.begun = True
                self._check(subject)
                return await self._draw(subject, size)
        finally:
            self._queued -= 1

    async def _draw(self, subject: Subject, size: int) -> bytes:
        fd = await asyncio.to_thread(self._open, subject.paths)
        try:
            drawn, sizes, measured = await self._picture(fd, subject, size)
        except (NotDrawnError, NoPosterError, ChildBrokenError) as error:
            log.info("not_pictured", sha256=subject.sha256, cause=repr(error))
            self._refuse(subject.sha256)
            raise _no_picture() from error
        except NoChildError as error:
            raise StorageError("No thumbnails can be made just now.") from error
        finally:
            self._fs.close(fd)
        if subject.learn:  # before it is kept, else nobody would ever look again
            await self._learned(
                Facts(
                    sha256=subject.sha256,
                    thumbhash=drawn.thumbhash,
                    width=drawn.width if measured else None,
                    height=drawn.height if measured else None,
                )
            )
        for each, data in zip(sizes, drawn.thumbnails, strict=True):
            try:
                await asyncio.to_thread(self._shelf.keep, subject.sha256, each, data)
            except (OSError, StorageError) as error:
                log.warning("thumbnail_not_kept", error=str(error))
        return drawn.thumbnails[sizes.index(size)]

    async def _picture(
        self, fd: int, subject: Subject, size: int
    ) -> tuple[Drawn, tuple[int, ...], bool]:
        """Return what was drawn, of which sizes, and whether its measures are the file's own."""
        order = Order((size,), facts=subject.learn)
        if subject.kind is not MediaKind.VIDEO:
            try:
                return await self._children.draw(fd, order), order.sizes, True
            except NotDrawnError as error:  # ffmpeg reads some formats more
                if error.status is not Status.UNKNOWN:
                    raise
        # To find the frame is the dear part: all sizes are made of it.
        order = replace(order, sizes=SIZES)
        with await asyncio.to_thread(_spool, await draw_poster(fd)) as frame:
            return await self._children.draw(frame.fileno(), order), order.sizes, False

    def _open(self, paths: tuple[str, ...]) -> int:
        for path in paths:
            try:
                return self._fs.open_read(path)
            except (FileNotFoundError, NotADirectoryError, OutsideLibrary):
                continue
            except OSError as error:
                raise StorageError("The file cannot be read just now.") from error
        raise NotFound("The file is not in the library.")

    def _check(self, subject: Subject) -> None:
        if subject.kind not in PICTURED:
            raise _no_picture()
        until = self._refused.get(subject.sha256)
        if until is not None and self._clock.now() < until:
            raise _no_picture()

    def _refuse(self, sha256: str) -> None:
        self._refused.pop(sha256, None)
        self._refused[sha256] = self._clock.now() + REFUSED_S
        if len(self._refused) > MOST_REFUSED:
            with suppress(StopIteration):
                del self._refused[next(iter(self._refused))]


def _no_picture() -> NotFound:
    return NotFound("This file cannot be shown as a picture.")


def _hear(task: asyncio.Task[bytes]) -> None:
    """Let a failure that nobody waited for be no alarm."""
    if not task.cancelled():
        task.exception()


def _spool(data: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    file.write(data)
    file.flush()
    return file
