"""A disk that fails, at every call of each kind: nothing wrong is stored, and it goes on afterwards."""

import asyncio
import errno
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from gatherum.errors import Conflict
from gatherum.fetching.fetcher import SPACE_FRESH_S
from gatherum.model import MediaKind, Reason
from tests.crash.world import World, fresh_disk, live, mortal
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line
from tests.testsites.faulty import FaultySite

FAULTS = [
    ("write", errno.ENOSPC),
    ("fsync", errno.EIO),
    ("fsync_dir", errno.EIO),
    ("rename_new", errno.EACCES),
    ("rename_new", errno.ENOSPC),
    ("unlink", errno.EIO),
    ("truncate", errno.ENOSPC),
    ("make_dirs", errno.ENOSPC),
    ("open_part", errno.EMFILE),
    ("read_at", errno.EIO),
]


@pytest.fixture(scope="module")
async def calls(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How often each call of the disk is made in one life of the program."""
    disk = fresh_disk()
    async with FaultySite() as site:
        with mortal(sqlite_template, tmp_path_factory.mktemp("count") / "c.db") as database:
            await live(database, disk, World(site))
    return Counter(disk.log)


@pytest.mark.parametrize(
    ("call", "number"), FAULTS, ids=[f"{c}-{errno.errorcode[n]}" for c, n in FAULTS]
)
async def test_a_fault_of_the_disk_stops_downloads_and_costs_nothing(
    call: str, number: int, calls: Counter[str], sqlite_template: Path, tmp_path: Path
) -> None:
    failures, struck = [], 0
    for at in range(1, calls[call] + 1):
        disk = fresh_disk()
        async with FaultySite() as site:
            with mortal(sqlite_template, tmp_path / f"{at}.db") as database:
                world = World(site)
                async with Line(database, disk) as line:
                    fault = OSError(number, os.strerror(number))
                    flaws = await _fail_once(line, disk, world, fault, call=call, at=at)
                failures += [(at, flaw) for flaw in flaws]
                struck += not disk.armed

    assert struck >= max(1, calls[call] // 2)  # the rest fell to the start, or to another order
    assert failures == []


async def test_a_disk_that_is_too_small_is_waited_for(
    sqlite_template: Path, tmp_path: Path
) -> None:
    disk = fresh_disk(capacity=1 << 20)
    async with FaultySite() as site:
        with mortal(sqlite_template, tmp_path / "small.db") as database:
            world = World(site)
            async with Line(database, disk) as line:
                await line.heal()

                ending = await line.get(world.urls, kind=MediaKind.IMAGE)

                assert (ending.reason, ending.later) == (Reason.DISK_FULL, 30.0)
                assert [flaw for flaw in world.flaws(database, disk) if _is_harm(flaw)] == []
                asked = len(site.log)
                assert (await line.get(world.urls, kind=MediaKind.IMAGE)).reason is Reason.DISK_FULL
                assert len(site.log) <= asked + len(world.urls)  # it does not hammer the source

                disk.capacity = 1 << 40
                await asyncio.sleep(SPACE_FRESH_S)
                assert (await line.get(world.urls, kind=MediaKind.IMAGE)).reason is None
                assert (await line.tally()).stored == len(world.urls)
                assert world.flaws(database, disk) == []


async def _fail_once(
    line: Line, disk: ForgettingDisk, world: World, fault: OSError, *, call: str, at: int
) -> list[str]:
    """Live with one fault, then without: return what was not as it should be."""
    flaws = []
    with suppress(OSError):
        await line.heal()
    disk.arm(at, fault, call=call)
    ending = await line.get(world.urls, kind=MediaKind.IMAGE)
    if ending.reason is not None and (ending.reason, ending.later) != (Reason.DISK_FULL, 30.0):
        flaws.append(f"ended as {ending}")
    if ending.reason is None and (await line.tally()).stored != len(world.urls):
        flaws.append("says that all is well, but it is not")
    for step, ids in (
        (line.recycle.trash, [1, 2]),
        (line.recycle.restore, [1]),
        (line.recycle.purge, [2]),
    ):
        with suppress(OSError, Conflict):
            await step(ids)
    flaws += [f"while broken: {flaw}" for flaw in world.flaws(line.db, disk) if _is_harm(flaw)]

    with suppress(OSError):  # the fault may have waited until now
        await line.reconciler.reconcile()
    await line.reconciler.reconcile()
    ending = await line.get(world.urls, kind=MediaKind.IMAGE)
    if ending.reason is not None:
        ending = await line.get(world.urls, kind=MediaKind.IMAGE)

    tally = await line.tally()
    if ending.reason is not None or tally.pending or tally.failed:
        flaws.append(f"in the end: {ending} {tally}")
    return flaws + [f"in the end: {flaw}" for flaw in world.flaws(line.db, disk)]


def _is_harm(flaw: str) -> bool:
    """Return whether this may never be, not even while the disk has a fault."""
    return not flaw.startswith(("open ", "orphan part"))
