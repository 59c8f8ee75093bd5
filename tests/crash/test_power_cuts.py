"""Die at every call inside `Fs`, by kill or by power cut, and start again: nothing lost, nothing wrong."""

from contextlib import suppress
from pathlib import Path

import pytest

from gatherum.model import MediaKind
from tests.crash.world import World, fresh_disk, live, mortal
from tests.suites.forgetting import PowerCut
from tests.suites.line import Line
from tests.testsites.faulty import FaultySite

FEWEST_CALLS = 100  # of one life


@pytest.mark.parametrize("death", ["kill", "power cut", "power cut, other luck"])
async def test_death_at_any_file_system_call_loses_nothing(
    death: str, sqlite_template: Path, tmp_path: Path
) -> None:
    failures, at, outlived = [], 0, 0

    while outlived < 2:  # one life has a call or two more than another
        at += 1
        async with FaultySite() as site:
            world, disk = World(site), fresh_disk()
            disk.arm(at, PowerCut())
            with mortal(sqlite_template, tmp_path / f"{at}.db") as database:
                database.disk = disk
                with suppress(PowerCut):
                    await live(database, disk, world)
                outlived = 0 if disk.dead else outlived + 1
                after = disk.kill() if death == "kill" else disk.power_cut(at + 1000 * len(death))
                database.disk = after
                async with Line(database, after) as line:
                    await line.heal()
                    ending = await line.get(world.urls, job="after", kind=MediaKind.IMAGE)
                    tally = await line.tally("after")
                wrong = world.flaws(database, after)
            if wrong or ending.reason or tally.failed or tally.pending:
                failures.append((at, wrong, ending, tally))

    assert failures == []
    assert at > FEWEST_CALLS
