"""A library folder with files in it, thumbnails over it, and a clock that can be turned."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gatherum.model import MediaKind
from gatherum.processing.children import Children
from gatherum.processing.thumbnails import Facts, Subject, Thumbnails
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
    """What a test works with. `facts` is what was learned."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "root"
        self.cache = folder / "cache"
        self.library.mkdir()
        self.clock = Clock()
        self.facts: list[Facts] = []

    def put(
        self, data: bytes, name: str = "file", *, kind: str = "image", learn: bool = False
    ) -> Subject:
        (self.library / name).write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        return Subject(sha256=sha256, paths=(name,), kind=MediaKind(kind), learn=learn)

    @asynccontextmanager
    async def thumbnails(self, children: Children | None = None) -> AsyncGenerator[Thumbnails]:
        root = Root(self.library)
        thumbnails = Thumbnails(
            DiskFs(root), self.cache, self.clock, learned=self._learn, children=children
        )
        try:
            yield thumbnails
        finally:
            await thumbnails.close()
            root.close()

    async def _learn(self, facts: Facts) -> None:
        self.facts.append(facts)
