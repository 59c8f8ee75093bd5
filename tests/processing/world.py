"""A library folder with files in it, renditions of them, and a clock that can be turned."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gatherum.model import MediaKind
from gatherum.processing.children import Children
from gatherum.processing.facts import Facts
from gatherum.processing.processor import Processor
from gatherum.processing.renditions import Renditions
from gatherum.processing.studio import Subject
from gatherum.processing.trouble import Trouble
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root


class Clock:
    """Time stands still until it is told."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class World:
    """What a test works with: `facts` and `troubles` are what was learned, in its order.

    `purged`: what the library does not hold any more, by content.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.library = self.root / "library"
        self.cache = folder / "cache"
        self.library.mkdir(parents=True)
        self.clock = Clock()
        self.facts: list[Facts] = []
        self.learned: list[str] = []
        self.troubles: list[tuple[Trouble, Facts]] = []
        self.missed: list[str] = []
        self.previewed: list[str] = []
        self.purged: set[str] = set()

    def put(
        self, data: bytes, name: str = "file", *, kind: str = "image", learn: bool = False
    ) -> Subject:
        (self.library / name).write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        return Subject(sha256=sha256, paths=(f"library/{name}",), kind=MediaKind(kind), learn=learn)

    @asynccontextmanager
    async def renditions(self, children: Children | None = None) -> AsyncGenerator[Renditions]:
        root = Root(self.root)
        renditions = Renditions(
            DiskFs(root), self.cache, self.clock, learned=self, children=children
        )
        try:
            yield renditions
        finally:
            await renditions.close()
            root.close()

    @asynccontextmanager
    async def processor(self, children: Children | None = None) -> AsyncGenerator[Processor]:
        root = Root(self.root)
        processor = Processor(DiskFs(root), self.cache, learned=self, children=children)
        try:
            yield processor
        finally:
            await processor.close()
            root.close()

    async def learn(self, sha256: str, facts: Facts) -> None:
        self.learned.append(sha256)
        self.facts.append(facts)

    async def refuse(self, _sha256: str, trouble: Trouble, facts: Facts) -> None:
        self.troubles.append((trouble, facts))

    async def miss(self, sha256: str) -> None:
        self.missed.append(sha256)

    async def keep_previewed(self, sha256: str) -> None:
        self.previewed.append(sha256)

    async def holds(self, sha256: str) -> bool:
        return sha256 not in self.purged
