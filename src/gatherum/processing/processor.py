"""Looks into stored files before anybody asks: what they are like, and a thumbnail for the gallery."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from gatherum.errors import NotFound
from gatherum.model import MediaKind
from gatherum.ports import Fs
from gatherum.processing.children import Children
from gatherum.processing.facts import Facts
from gatherum.processing.shelf import Shelf
from gatherum.processing.studio import MATTERS, Learned, Studio, Subject
from gatherum.processing.trouble import NotShown, Trouble

GRID: Final = 320  # pixels of a thumbnail in the gallery
NICENESS: Final = 15  # whoever waits for something goes first
PATIENCE_S: Final = 120.0  # since others go first


class Processor:
    """Looks into files, as many at once as it is asked for. Doing it twice does no harm.

    What goes wrong with a file is kept; what goes wrong with everything is raised (`StorageError`).
    """

    def __init__(
        self, fs: Fs, folder: Path, *, learned: Learned, children: Children | None = None
    ) -> None:
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
            if previews and subject.kind is MediaKind.VIDEO:
                await self._make_previews(subject)
            await self._studio.thumbnails(replace(subject, learn=True), sizes)
        except NotShown as error:
            return error.trouble
        except NotFound:
            await self._learned.refuse(subject.sha256, Trouble.MISSING, Facts())
            return Trouble.MISSING
        return None

    async def close(self) -> None:
        """End the children; nothing may be under way."""
        await self._studio.close()
        self._shelf.close()

    async def _make_previews(self, subject: Subject) -> None:
        # Before the thumbnail, with which the file counts as done.
        for make in (self._studio.scrub, self._studio.preview):
            try:
                await make(subject)
            except NotShown:  # it may have a poster nevertheless
                return
