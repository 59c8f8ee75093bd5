"""What the crash tests share: a site, a life of the program, and a database that dies with its disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from gatherum.db import Database, Tx
from gatherum.model import MediaKind
from gatherum.ports import Fs
from tests.suites.forgetting import ForgettingDisk, PowerCut
from tests.suites.line import Line, broken
from tests.testsites.faulty import Fault, FaultySite, Offer
from tests.testsites.samples import photo

R = TypeVar("R")
STRANGER = "library/b.jpg"


class MortalDatabase(Database):
    """A database whose process dies with its disk: nothing is written after the cut."""

    disk: ForgettingDisk | None = None

    def _write(self, fn: Callable[[Tx], R], *, soft: bool, asked: float, patient: bool) -> R:
        if self.disk is not None and self.disk.dead:
            raise PowerCut
        return super()._write(fn, soft=soft, asked=asked, patient=patient)


class World:
    """A site with a few files: two alike, a large one that breaks off once, and a stranger's file."""

    def __init__(self, site: FaultySite) -> None:
        self.site = site
        self.urls = [site.put(f"/{name}.jpg", photo(name, 128)) for name in "abc"]
        self.urls.append(site.put("/again.jpg", photo("a", 128)))
        large = Offer(body=photo("large", 2400), content_type="image/jpeg", fault=Fault.CUT)
        self.urls.append(site.offer("/large.jpg", large))

    @property
    def origin(self) -> dict[str, bytes]:
        return {url: self.site.served("/" + url.rpartition("/")[2]) for url in self.urls}

    def flaws(self, database: Database, disk: Fs) -> list[str]:
        return [
            flaw for flaw in broken(database, disk, self.origin) if flaw != f"orphan: {STRANGER}"
        ]


def fresh_disk(*, capacity: int = 1 << 40) -> ForgettingDisk:
    disk = ForgettingDisk(capacity=capacity)
    disk.put(STRANGER, b"a stranger's file")
    return disk


async def live(database: Database, disk: Fs, world: World) -> None:
    """One life of the program: heal, fetch everything, and use the recycle bin."""
    async with Line(database, disk) as line:
        await line.heal()
        await line.get(world.urls, kind=MediaKind.IMAGE)
        ids = [1, 2, 3]  # the large one, one of the two alike, and another
        await line.recycle.trash(ids)
        await line.recycle.restore(ids[:1])
        await line.recycle.purge(ids[1:])


@contextmanager
def mortal(template: Path, path: Path) -> Iterator[MortalDatabase]:
    path.write_bytes(template.read_bytes())
    database = MortalDatabase(f"sqlite:///{path}")
    yield database
    database.close()
