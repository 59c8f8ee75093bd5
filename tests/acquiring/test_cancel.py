"""A job that is cancelled lets go of all it had claimed, at whatever moment that happens."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.library.tables import MediaRow
from gatherum.model import Wanted
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.suites.line import Line, cancel
from tests.testsites.faulty import FaultySite


async def test_a_claim_that_is_under_way_when_the_job_is_cancelled_is_let_go(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = asyncio.Event()
    async with FaultySite() as site, Line(sqlite_database, DiskFs(Root(tmp_path))) as line:
        claim = line.catalogue.claim

        async def slow(job_id: str, limit: int) -> list[Wanted]:
            claimed = await claim(job_id, limit)
            if claimed:
                committed.set()
                await asyncio.sleep(0.2)  # the answer is on its way
            return claimed

        monkeypatch.setattr(line.catalogue, "claim", slow)
        await line.heal()
        task = asyncio.create_task(line.get([site.put("/a.bin", b"a" * 100)]))
        await committed.wait()

        await cancel(task)

    states = sqlite_database.read_now(lambda tx: list(tx.scalars(sa.select(MediaRow.state))))
    assert states == ["wanted"]
