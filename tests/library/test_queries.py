"""No question that is asked again and again reads a whole table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.browse import Browse, MediaQuery
from gatherum.library.catalogue import Catalogue
from gatherum.library.facets import Faceting
from gatherum.library.files import Files
from gatherum.library.items import Show
from gatherum.library.ledger import tally
from gatherum.library.pages import Place, write_cursor
from gatherum.library.posts import Posts
from gatherum.library.recycle import Recycle
from gatherum.library.saved import SavedSearches
from gatherum.library.search import Order, Search
from gatherum.library.timeline import Timeline
from gatherum.model import Reason, Target
from gatherum.query.clauses import OneOf
from gatherum.query.search import Query
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import SystemClock

PLAZA = MediaQuery(states=(), clause=OneOf("platform", ("plaza",)))
TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")


@contextmanager
def listening(database: Database) -> Iterator[dict[str, str]]:
    """Collect the plans of all statements that are asked meanwhile."""
    plans: dict[str, str] = {}

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            plans[statement] = _plan(tx, statement, parameters)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    yield plans
    sa.event.remove(database.engine, "before_cursor_execute", listen)


async def test_each_hot_query_has_its_index(database: Database) -> None:
    clock, disk = SystemClock(), ForgettingDisk()
    catalogue, browse = Catalogue(database, clock, "me"), Browse(database)
    files = Files(database, disk, clock, "me")
    with listening(database) as plans:
        await catalogue.claim("job", 10)
        await catalogue.next_due("job")
        await catalogue.catch_up("job")
        await catalogue.renew([1])
        await catalogue.release("dead")
        await catalogue.give_up_pending("job", Reason.UNAVAILABLE, "")
        await catalogue.begin_listing("job", TARGET, "")
        await files.roll_staged()
        await Recycle(database, disk, files, clock).due_for_purge(0)
        await tally(database, "job")
        await browse.settled("job", 0)
        await browse.pending("job")
        for query in (MediaQuery(), PLAZA, MediaQuery(ids=(1,))):
            assert [view async for view in browse.media(query)] == []
        assert [view async for view in browse.posts(platform="plaza")] == []

    assert len(plans) >= 15
    for statement, plan in plans.items():
        assert not re.search(r"SCAN (?!CONSTANT|\()", plan), (statement, plan)  # of a table
        assert "Seq Scan" not in plan, (statement, plan)


SEARCHES = (
    "",
    "kind:video",
    "author:ada",
    "platform:plaza",
    "type:video/mp4",
    "size>1GB",
    "date:2024",
    "added>=2024",
    "is:favourite",
    "is:gone",
    "is:edited",
    "tag:beach",
    "source:3",
    "sunset kind:video",
    "sunset ",
    "sunset author:ada tag:beach",
    "kind:video size>1MB -is:gone date:2024",
    "state:trashed",
    "state:failed,open",
)


async def test_no_search_reads_a_whole_table(database: Database) -> None:
    show = Show(files="/f", paths=True)
    search, timeline, posts = Search(database), Timeline(database), Posts(database)
    faceting, kept = Faceting(database), SavedSearches(database, lambda: 0.0)

    with listening(database) as plans:
        for text in SEARCHES:
            query = Query.parse(text)
            for order in Order:
                await search.page(query, show, order=order, limit=10)
                cursor = write_cursor(Place(5.0, 5), order)
                await search.page(query, show, order=order, limit=10, cursor=cursor)
            await search.count(query)
            await timeline.buckets(query, newest_day=9, oldest_day=0)
            await timeline.assets(query, newest_day=9, oldest_day=0, limit=10)
            await timeline.assets(query, newest_day=9, oldest_day=0, limit=10, skip=5)
            await faceting.facets(query)
        await posts.page(show, platform=None, limit=10, before=None)
        await posts.page(show, platform="plaza", limit=10, before=9)
        await faceting.tags("be")
        await kept.list(1)

    assert len(plans) >= 150
    for statement, plan in plans.items():
        assert not _whole_tables(plan), (statement, plan)


def _whole_tables(plan: str) -> list[str]:
    """Return the steps that go through a table, or an index that holds all of one, from end to end."""
    small = "day_bucket|media_count|tag|anon|found|json_each|CONSTANT"
    partial = "ix_media_(gallery|favourite|stored_at|size|\\w+_shown_at)|ix_post_(gone|edited)"
    steps = [
        step
        for step in plan.splitlines()
        if re.search(r"\bSCAN\b", step)
        and not re.search(rf"SCAN ({small}|\()|VIRTUAL TABLE INDEX|USING .*INDEX ({partial})", step)
    ]
    return steps + re.findall(r"Seq Scan on (?!day_bucket|media_count|tag)\w+", plan)


def _plan(tx: Tx, statement: str, parameters: tuple[object, ...]) -> str:
    explain = "explain query plan" if tx.dialect.name == "sqlite" else "explain"
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("set local enable_seqscan = off")  # the tables of a test are tiny
    rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)
