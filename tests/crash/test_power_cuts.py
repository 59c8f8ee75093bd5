"""Die at every call inside `Fs`, by kill or by power cut, and start again: nothing lost, nothing wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from gatherum.db import Database, Tx
from gatherum.model import MediaKind
from gatherum.ports import Fs
from tests.suites.forgetting import ForgettingDisk, PowerCut
from tests.suites.line import Line, broken
from tests.testsites.faulty import Fault, FaultySite, Offer
from tests.testsites.samples import photo

R = TypeVar("R")


class MortalDatabase(Database):
    """A database whose process dies with its disk: nothing is written after the cut."""

    disk: ForgettingDisk | None = None

    def _write(self, fn: Callable[[Tx], R], *, soft: bool) -> R:
        if self.disk is not None and self.disk.dead:
            raise PowerCut
        return super()._write(fn, soft=soft)


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


def fresh_disk() -> ForgettingDisk:
    disk = ForgettingDisk()
    disk.put("library/b.jpg", b"a stranger's file")
    return disk


async def live(database: Database, disk: Fs, world: World) -> None:
    """One life of the program: heal, fetch everything, and use the recycle bin."""
    async with Line(database, disk) as line:
        await line.heal()
        await line.get(world.urls, kind=MediaKind.IMAGE)
        ids = [1, 2]
        await line.recycle.trash(ids)
        await line.recycle.restore(ids[:1])
        await line.recycle.purge(ids[1:])


@pytest.mark.parametrize("death", ["kill", "power cut", "power cut, other luck"])
async def test_death_at_any_file_system_call_loses_nothing(
    death: str, sqlite_template: Path, tmp_path: Path
) -> None:
    disk = fresh_disk()
    async with FaultySite() as site:
        with mortal(sqlite_template, tmp_path / "count.db") as database:
            await live(database, disk, World(site))
    calls, failures, killed = disk.calls, [], 0

    for at in range(1, calls + 1):
        async with FaultySite() as site:
            world, disk = World(site), fresh_disk()
            disk.arm(at, PowerCut())
            with mortal(sqlite_template, tmp_path / f"{at}.db") as database:
                database.disk = disk
                with suppress(PowerCut):
                    await live(database, disk, world)
                killed += disk.dead
                after = disk.kill() if death == "kill" else disk.power_cut(at + 1000 * len(death))
                database.disk = after
                async with Line(database, after) as line:
                    await line.heal()
                    ending = await line.get(world.urls, job="after", kind=MediaKind.IMAGE)
                    tally = await line.tally("after")
                origin = world.origin
                wrong = [f for f in broken(database, after, origin) if f != "orphan: library/b.jpg"]
            if wrong or ending.reason or tally.failed or tally.pending:
                failures.append((at, wrong, ending, tally))

    assert failures == []
    assert killed >= calls - 5


@contextmanager
def mortal(template: Path, path: Path) -> Iterator[MortalDatabase]:
    path.write_bytes(template.read_bytes())
    database = MortalDatabase(f"sqlite:///{path}")
    yield database
    database.close()
