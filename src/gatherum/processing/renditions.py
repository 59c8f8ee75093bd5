"""Renditions of stored files for those who ask: thumbnails, scrub sheets and previews, made once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from gatherum.errors import InvalidInput, NotFound, TooManyRequests
from gatherum.model import MediaKind
from gatherum.ports import Clock, Fs
from gatherum.processing.children import Children
from gatherum.processing.frames import SIZES
from gatherum.processing.hot import Hot
from gatherum.processing.scrubbing import SCRUB, Scrub
from gatherum.processing.shelf import PREVIEW, Shelf
from gatherum.processing.studio import GONE, Learned, Studio, Subject
from gatherum.processing.trouble import NotShown, Trouble

AT_ONCE: Final = 2
MOST_WAITING: Final = 256
LONG_AT_ONCE: Final = 1  # of what takes seconds: it keeps nobody from looking at the gallery
MOST_LONG_WAITING: Final = 16
ROOM: Final = 24 << 20  # bytes of renditions in memory
REFUSED_S: Final = 3600.0  # how long what cannot be made is not tried again
MOST_REFUSED: Final = 10_000
PICTURED: Final = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})
NAMES: Final = (*map(str, SIZES), SCRUB, PREVIEW)
NO_PICTURE: Final = "This file cannot be shown as a picture."
Key = tuple[str, str]
Make = Callable[[], Coroutine[Any, Any, bytes]]


class _Work:
    """A rendition on its way, with the number of those who wait for it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.waiting = 0
        self.begun = False
        self.gone = False  # the file was purged meanwhile
        self.task: asyncio.Task[bytes] | None = None


class _Line:
    """Where those stand for whom something is to be made: few are served at once, and some wait."""

    def __init__(self, *, at_once: int, most: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._most = most
        self._standing = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for one's turn; `TooManyRequests` if too many do so already."""
        if self._standing >= self._most:
            raise TooManyRequests("Too many pictures are being made.", retry_after=2)
        self._standing += 1
        try:
            async with self._slots:
                yield
        finally:
            self._standing -= 1


class Renditions:
    """Returns renditions; those who ask for the same one wait for the same work.

    At most two thumbnails are made at once and, beside them, one scrub sheet or preview. One that
    cannot be made is not tried again for an hour, and takes down nothing but the child that was at
    it. The folder may be removed at any time.
    """

    def __init__(
        self,
        fs: Fs,
        folder: Path,
        clock: Clock,
        *,
        learned: Learned,
        children: Children | None = None,
    ) -> None:
        self._clock = clock
        self._shelf = Shelf(folder)
        self._studio = Studio(fs, self._shelf, children or Children(), learned)
        self._hot: Hot[Key] = Hot(ROOM)
        self._works: dict[Key, _Work] = {}
        self._tasks: set[asyncio.Task[bytes]] = set()
        self._quick = _Line(at_once=AT_ONCE, most=MOST_WAITING)
        self._long = _Line(at_once=LONG_AT_ONCE, most=MOST_LONG_WAITING)
        self._refused: dict[Key, tuple[float, Trouble]] = {}  # until when

    def find(self, sha256: str, size: int) -> bytes | None:
        """Return a thumbnail that is in memory, at once."""
        return self._hot.find((sha256, str(size)))

    async def find_kept(self, sha256: str, size: int) -> bytes | None:
        """Return a thumbnail that was made already; nothing is made."""
        key = (sha256, str(size))
        data = await asyncio.to_thread(self._shelf.find, *key)
        if data is not None:
            self._hot.keep(key, data)
        return data

    async def thumbnail(self, subject: Subject, size: int) -> bytes:
        """Return a thumbnail as WebP, `size` pixels along its longest edge or less.

        Raises `NotFound` if the file is missing or cannot be pictured, `TooManyRequests` if too
        many wait already, and `StorageError` if nothing can be made or read just now; so do the
        others.
        """
        if size not in SIZES:
            raise InvalidInput(f"Thumbnails have one of these sizes: {', '.join(map(str, SIZES))}.")
        if subject.kind not in PICTURED:
            raise NotFound(NO_PICTURE)

        async def make() -> bytes:
            return (await self._studio.thumbnails(subject, (size,)))[size]

        return await self._get(subject.sha256, str(size), make, fresh=subject.learn)

    async def scrub(self, subject: Subject) -> Scrub:
        """Return the scrub sheet of a video."""
        _check_video(subject)
        make = partial(self._studio.scrub, subject)
        return Scrub.unpack(await self._get(subject.sha256, SCRUB, make))

    async def preview(self, subject: Subject) -> bytes:
        """Return some seconds of a video as a small silent MP4."""
        _check_video(subject)
        return await self._get(subject.sha256, PREVIEW, partial(self._studio.preview, subject))

    async def forget(self, sha256: str) -> None:
        """Remove all renditions of a file that is no more; `OSError` if the disk does not let go.

        Those in the making are given up.
        """
        for name in NAMES:
            self._hot.forget((sha256, name))
            if (work := self._works.pop((sha256, name), None)) is not None:
                work.gone = True
        await asyncio.to_thread(self._shelf.forget, sha256)

    async def close(self) -> None:
        """Give up what is under way, and end the children."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._studio.close()
        self._shelf.close()

    async def _get(self, sha256: str, name: str, make: Make, *, fresh: bool = False) -> bytes:
        """Return a rendition, made by `make` if there is none; `fresh`: it is not even looked for."""
        key = (sha256, name)
        if (data := self._hot.find(key)) is not None:
            return data
        self._check(key)
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = _Work(key)
            performing = self._perform(work, make, fresh=fresh)
            work.task = asyncio.get_running_loop().create_task(performing)
            self._tasks.add(work.task)
            work.task.add_done_callback(self._hear)
        return await self._follow(work)

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

    async def _perform(self, work: _Work, make: Make, *, fresh: bool) -> bytes:
        try:
            found = None if fresh else await asyncio.to_thread(self._shelf.find, *work.key)
            data = found or await self._make(work, make)
        finally:
            self._drop(work)
        if work.gone:
            raise NotFound(GONE)
        self._hot.keep(work.key, data)
        return data

    def _hear(self, task: asyncio.Task[bytes]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a failure that nobody waited for is no alarm

    def _drop(self, work: _Work) -> None:
        if self._works.get(work.key) is work:
            del self._works[work.key]

    async def _make(self, work: _Work, make: Make) -> bytes:
        line = self._long if work.key[1] in (SCRUB, PREVIEW) else self._quick
        try:
            async with line.turn():
                if work.gone:
                    raise NotFound(GONE)
                work.begun = True
                self._check(work.key)
                return await make()
        except NotShown as error:
            self._refuse(work.key, error.trouble)
            raise _refusal(work.key, error.trouble) from error

    def _check(self, key: Key) -> None:
        until, trouble = self._refused.get(_group(key), (0.0, Trouble.BROKEN))
        if self._clock.now() < until:
            raise _refusal(key, trouble)

    def _refuse(self, key: Key, trouble: Trouble) -> None:
        self._refused.pop(_group(key), None)
        self._refused[_group(key)] = self._clock.now() + REFUSED_S, trouble
        if len(self._refused) > MOST_REFUSED:
            with suppress(StopIteration):
                del self._refused[next(iter(self._refused))]


def _group(key: Key) -> Key:
    """Return what is refused together: a picture that cannot be drawn has no thumbnail of any size."""
    sha256, name = key
    return (sha256, name if name in (SCRUB, PREVIEW) else "thumbnail")


def _refusal(key: Key, trouble: Trouble) -> NotShown:
    told = {SCRUB: "This video has no scrub sheet.", PREVIEW: "This video has no preview."}
    return NotShown(trouble, told.get(key[1], NO_PICTURE))


def _check_video(subject: Subject) -> None:
    if subject.kind is not MediaKind.VIDEO:
        raise NotFound("This is no video: it has neither a scrub sheet nor a preview.")
