"""No question that is asked again and again reads a whole table."""

import re

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.browse import Browse, MediaQuery
from gatherum.library.catalogue import Catalogue
from gatherum.library.files import Files
from gatherum.library.ledger import tally
from gatherum.library.recycle import Recycle
from gatherum.model import Reason, Target
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import SystemClock

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")


async def test_each_hot_query_has_its_index(database: Database) -> None:
    plans: dict[str, str] = {}

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            plans[statement] = _plan(tx, statement, parameters)

    clock, disk = SystemClock(), ForgettingDisk()
    catalogue, browse = Catalogue(database, clock, "me"), Browse(database)
    files = Files(database, disk, clock, "me")
    sa.event.listen(database.engine, "before_cursor_execute", listen)
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
    for query in (MediaQuery(), MediaQuery(states=(), platform="plaza"), MediaQuery(ids=(1,))):
        assert [view async for view in browse.media(query)] == []
    assert [view async for view in browse.posts(platform="plaza")] == []
    sa.event.remove(database.engine, "before_cursor_execute", listen)

    assert len(plans) >= 15
    for statement, plan in plans.items():
        assert not re.search(r"SCAN (?!CONSTANT|\()", plan), (statement, plan)  # of a table
        assert "Seq Scan" not in plan, (statement, plan)


def _plan(tx: Tx, statement: str, parameters: tuple[object, ...]) -> str:
    explain = "explain query plan" if tx.dialect.name == "sqlite" else "explain"
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("set local enable_seqscan = off")  # the tables of a test are tiny
    rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)
