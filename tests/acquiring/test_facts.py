"""What is learned of a file when it is here stands in its row, beside what the platform told."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.library.tables import MediaRow
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.suites.line import Line
from tests.testsites.faulty import FaultySite
from tests.testsites.samples import clip


async def test_a_film_tells_its_own_length_and_size_of_picture(
    sqlite_database: Database, tmp_path: Path
) -> None:
    async with FaultySite() as site, Line(sqlite_database, DiskFs(Root(tmp_path))) as line:
        await line.heal()

        await line.get([site.put("/film.mp4", clip("film"), content_type="video/mp4")])

    facts = sa.select(MediaRow.kind, MediaRow.width, MediaRow.height, MediaRow.duration)
    row = (await sqlite_database.read(lambda tx: tx.execute(facts).all()))[0]
    assert (row.kind, row.width, row.height) == ("video", 180, 320)
    assert row.duration == pytest.approx(1.0, abs=0.5)
