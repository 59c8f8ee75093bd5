"""Looks into stored files before anybody asks: what they are like, and a thumbnail for the gallery."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

from gatherum.errors import NotFound, StorageError
from gatherum.model import MediaKind
from gatherum.ports import Fs
from gatherum.processing.children import Children
from gatherum.processing.facts import Facts
from gatherum.processing.scrubbing import SCRUB
from gatherum.processing.shelf import PREVIEW, Shelf
from gatherum.processing.studio import MATTERS, Learned, Studio, Subject
from gatherum.processing.trouble import NotShown, Trouble

LIBRARY: Final = "library"
GRID: Final = 320  # pixels of a thumbnail in the gallery
NICENESS: Final = 15  # whoever waits for something goes first
# So nice, it gets a 29th of a core that others want: what costs 4 s, as 8K does, takes two minutes.
PATIENCE_S: Final = 120.0


class Processor:
    """Looks into files, as many at once as it is asked for. Doing it twice does no harm.

    What goes wrong with a file is kept; what goes wrong with everything is raised (`StorageError`).
    """

    def __init__(
        self, fs: Fs, folder: Path, *, learned: Learned, children: Children | None = None
    ) -> None:
        self._fs = fs
        self._shelf = Shelf(folder)
        children = children or Children(niceness=NICENESS, patience=PATIENCE_S, idle=30.0)
        self._studio = Studio(fs, self._shelf, children, learned)
        self._learned = learned

    async def process(self, subject: Subject, *, previews: bool) -> Trouble | None:
        """Look into a file; return what is wrong with it. `previews`: make those of a video, too."""
        if subject.kind not in MATTERS:
            await self._learned.learn(subject.sha256, Facts())
            return None
        sizes = () if subject.kind is MediaKind.AUDIO else (GRID,)
        try:
            await self._studio.thumbnails(replace(subject, learn=True), sizes)
        except NotShown as error:
            return error.trouble
        except NotFound:
            return await self._miss(subject)
        if previews and subject.kind is MediaKind.VIDEO:
            await self.preview(subject)
        return None

    async def preview(self, subject: Subject) -> None:
        """Make the scrub sheet and the preview of a video, as far as they can be made."""
        for name, make in ((SCRUB, self._studio.scrub), (PREVIEW, self._studio.preview)):
            if await asyncio.to_thread(self._shelf.find, subject.sha256, name) is not None:
                continue  # somebody has asked for it before
            try:
                await make(subject)
            except NotShown:  # there is a thumbnail nevertheless
                break
            except NotFound:
                await self._miss(subject)
                return
        await self._learned.keep_previewed(subject.sha256)

    async def close(self) -> None:
        """End the children; nothing may be under way."""
        await self._studio.close()
        self._shelf.close()

    async def _miss(self, subject: Subject) -> Trouble | None:
        """Keep that a file is not there, unless none is: then the library itself is away."""
        if not await self._learned.holds(subject.sha256):
            return None  # it was purged meanwhile
        if not await asyncio.to_thread(self._is_there):
            raise StorageError("The library is not there just now.")
        await self._learned.miss(subject.sha256)
        return Trouble.MISSING

    def _is_there(self) -> bool:
        """Return whether the library has anything in it: the folder of a missing mount is empty."""
        with suppress(OSError, StorageError):
            return any(map(bool, chain(self._fs.folders(LIBRARY), self._fs.list(LIBRARY))))
        return False
