"""A filter on sizes that the platform does not tell is applied when the file is here."""

from functools import partial
from pathlib import Path

from gatherum.db import Database
from gatherum.model import Decision, MediaKind, Part, Wanted
from gatherum.query.filter import Filter
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from gatherum.subscriptions.selection import check_fetched
from tests.suites.line import Line, broken
from tests.testsites.faulty import FaultySite
from tests.testsites.samples import photo


def check(wanted: Wanted, part: Part, *, chosen: Filter) -> Decision:
    return check_fetched(wanted.post, wanted.media, part, chosen)


async def test_a_file_that_turns_out_too_large_for_the_filter_is_skipped_and_leaves_nothing(
    sqlite_database: Database, tmp_path: Path
) -> None:
    fs = DiskFs(Root(tmp_path))
    async with FaultySite() as site:
        small = site.put("/small.jpg", photo("small", 64), content_type="image/jpeg")
        large = site.put("/large.jpg", photo("large", 512), content_type="image/jpeg")
        async with Line(sqlite_database, fs) as line:
            await line.heal()

            await line.get(
                [small, large],
                kind=MediaKind.IMAGE,
                check=partial(check, chosen=Filter.parse("size<100KB")),
            )

            tally = await line.tally()
            origin = {small: site.served("/small.jpg"), large: site.served("/large.jpg")}
            assert (tally.stored, tally.skipped, tally.failed) == (1, 1, 0)
            assert broken(line.db, fs, origin) == []
