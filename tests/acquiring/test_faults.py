"""The fault matrix: what a lying or failing server does, nothing wrong is ever stored."""

from pathlib import Path

import pytest

from gatherum.db import Database
from gatherum.model import MediaKind
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.suites.line import Line, broken
from tests.testsites.faulty import Fault, FaultySite, Offer
from tests.testsites.samples import photo

FAULTS = list(Fault)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_stores_nothing_wrong_and_ends_well(
    fault: Fault, sqlite_database: Database, tmp_path: Path
) -> None:
    fs = DiskFs(Root(tmp_path))
    body, other = photo("one", 2600), photo("two", 2700)
    async with FaultySite() as site:
        after = other if fault is Fault.RESUME_CHANGED else None
        url = site.offer(
            "/a.jpg", Offer(body=body, content_type="image/jpeg", fault=fault, after=after)
        )
        async with Line(sqlite_database, fs) as line:
            await line.heal()
            await line.get([url], kind=MediaKind.IMAGE)
            assert broken(line.db, fs, {url: site.served("/a.jpg")}) == []

            await line.get([url], job="second", kind=MediaKind.IMAGE)

            assert broken(line.db, fs, {url: site.served("/a.jpg")}) == []
            assert (await line.tally("second")).known == 1
