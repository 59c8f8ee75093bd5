"""Makes the renditions of one file, in a child that can do no harm, and keeps them on the shelf."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Protocol

import structlog

from gatherum.errors import NotFound, OutsideLibrary, StorageError
from gatherum.model import MediaKind
from gatherum.ports import Fs
from gatherum.processing.child import ChildBrokenError, Drawn, NoChildError, NotDrawnError
from gatherum.processing.children import Children
from gatherum.processing.converting import NoConverterError, NotConvertedError, convert
from gatherum.processing.facts import Facts
from gatherum.processing.frames import SIZES, Matter, Order, Status, Task
from gatherum.processing.scrubbing import SCRUB, Scrub
from gatherum.processing.shelf import PREVIEW, Shelf
from gatherum.processing.trouble import NotShown, Trouble, trouble_of

log = structlog.get_logger()
GONE = "The file is not in the library."
MATTERS = {
    MediaKind.IMAGE: Matter.IMAGE,
    MediaKind.VIDEO: Matter.VIDEO,
    MediaKind.AUDIO: Matter.AUDIO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A stored file. `learn`: what it is like is not known yet."""

    sha256: str
    paths: tuple[str, ...]  # where it is, relative to the library root; the first that is there
    kind: MediaKind
    learn: bool = False


class Learned(Protocol):
    """Who keeps what is learned of files."""

    async def learn(self, sha256: str, facts: Facts) -> None:
        """Keep what a file is like."""
        ...

    async def refuse(self, sha256: str, trouble: Trouble, facts: Facts) -> None:
        """Keep why a file cannot be shown, and what it is like nevertheless."""
        ...

    async def miss(self, sha256: str) -> None:
        """Keep that a file is not there; what is known of it stays, and it is not looked into."""
        ...

    async def keep_previewed(self, sha256: str) -> None:
        """Keep that the scrub sheet and the preview of a video were made, or cannot be."""
        ...

    async def holds(self, sha256: str) -> bool:
        """Return whether the library has a file of this content, and not only until it is purged."""
        ...


class Studio:
    """Makes renditions, and has kept what was learned when it returns one.

    All methods raise `NotShown` if the file cannot be shown, `NotFound` if it is not there,
    `StorageError` if nothing can be made or read just now. Of a file that is purged meanwhile
    nothing is left.
    """

    def __init__(self, fs: Fs, shelf: Shelf, children: Children, learned: Learned) -> None:
        self._fs = fs
        self._shelf = shelf
        self._children = children
        self._learned = learned

    async def thumbnails(self, subject: Subject, sizes: Sequence[int]) -> dict[int, bytes]:
        """Return thumbnails in these sizes, and maybe others that cost little; of a sound, none."""
        order = Order(tuple(sizes), facts=subject.learn, matter=MATTERS[subject.kind])
        try:
            order, drawn = await self._draw(subject, order)
        except NotShown as error:
            if subject.learn:
                await self._learned.refuse(subject.sha256, error.trouble, _facts_of(error))
            raise
        made = dict(zip(order.sizes, drawn.pieces, strict=True))
        for size, data in made.items():
            await self._keep(subject.sha256, str(size), data)
        if subject.learn:  # the last step: with it the file counts as looked into
            await self._learned.learn(subject.sha256, drawn.facts)
        return made

    async def scrub(self, subject: Subject) -> bytes:
        """Return the scrub sheet of a video with its map, packed."""
        _, drawn = await self._draw(subject, Order(task=Task.SCRUB, matter=Matter.VIDEO))
        assert drawn.scrub is not None  # noqa: S101  # the child's answer was read as one
        data = Scrub(drawn.scrub, drawn.pieces[0]).pack()
        await self._keep(subject.sha256, SCRUB, data)
        return data

    async def preview(self, subject: Subject) -> bytes:
        """Return the preview of a video."""
        _, drawn = await self._draw(subject, Order(task=Task.PREVIEW, matter=Matter.VIDEO))
        await self._keep(subject.sha256, PREVIEW, drawn.pieces[0])
        return drawn.pieces[0]

    async def close(self) -> None:
        """End the children."""
        await self._children.close()

    async def _draw(self, subject: Subject, order: Order) -> tuple[Order, Drawn]:
        fd = await asyncio.to_thread(self._open, subject.paths)
        try:
            return await self._picture(fd, order)
        except (NotDrawnError, NotConvertedError, ChildBrokenError) as error:
            log.info("not_pictured", sha256=subject.sha256, cause=repr(error))
            raise NotShown(trouble_of(error)) from error
        except (NoChildError, NoConverterError, OSError) as error:
            log.warning("nothing_can_be_made", cause=repr(error.__cause__ or error))
            raise StorageError("Nothing can be made of files just now.") from error
        finally:
            self._fs.close(fd)

    async def _picture(self, fd: int, order: Order) -> tuple[Order, Drawn]:
        """Return what was drawn, and the order that it answers."""
        if order.task is Task.THUMBNAILS and order.matter is Matter.VIDEO and order.sizes:
            order = replace(order, sizes=SIZES)  # to find the frame is the dear part
        try:
            return order, await self._children.draw(fd, order)
        except NotDrawnError as error:  # ffmpeg reads some formats of pictures more
            if order.matter is not Matter.IMAGE or error.status is not Status.UNKNOWN:
                raise
        with await asyncio.to_thread(_spool, await convert(fd)) as picture:
            drawn = await self._children.draw(picture.fileno(), order)
        # The copy of it may be smaller than it is, and is of another format.
        plain = drawn.facts.model_copy(update={"width": None, "height": None, "container": None})
        return order, replace(drawn, facts=plain)

    async def _keep(self, sha256: str, name: str, data: bytes) -> None:
        try:
            await asyncio.to_thread(self._shelf.keep, sha256, name, data)
            if await self._learned.holds(sha256):
                return
            await asyncio.to_thread(self._shelf.forget, sha256)  # who purged it was here before
        except (OSError, StorageError) as error:
            log.warning("rendition_not_kept", error=str(error))
            return
        raise NotFound(GONE)

    def _open(self, paths: tuple[str, ...]) -> int:
        for path in paths:
            try:
                return self._fs.open_read(path)
            except (FileNotFoundError, NotADirectoryError, OutsideLibrary):
                continue
            except OSError as error:
                raise StorageError("The file cannot be read just now.") from error
        raise NotFound(GONE)


def _facts_of(error: NotShown) -> Facts:
    cause = error.__cause__
    return cause.facts if isinstance(cause, NotDrawnError) else Facts()


def _spool(data: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    try:
        file.write(data)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file
