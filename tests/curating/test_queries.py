"""Nothing that is asked for each chunk, or each look at the log, reads a whole table."""

import re

import sqlalchemy as sa

from gatherum.curating.actions import EditMedia, TrashMedia
from gatherum.curating.bin import Bin, Place
from gatherum.db import Tx
from gatherum.library.items import Show
from tests.curating.world import World, stock
from tests.library.test_queries import _plan
from tests.suites.line import SystemClock

# `decision` is read in the order of its numbers, from the latest on, as far as a page goes.
READ = re.compile(
    r"SCAN (?!CONSTANT|\(|json_each|anon_|decision$|.*USING (COVERING )?INDEX)|Seq Scan",
    re.MULTILINE,
)


async def test_each_question_has_its_index(world: World) -> None:
    await stock(world, 3, files=True)
    plans: dict[str, str] = {}

    def listen(tx: Tx, _cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not rest[-1]:
            plans[statement] = _plan(tx, statement, parameters)  # type: ignore[arg-type]  # passed on

    sa.event.listen(world.database.engine, "before_cursor_execute", listen)
    edit = EditMedia(kind="edit", tags_add=("a",), description="b")
    made = await world.batches.run(edit, [1, 2], author=1)
    await world.batches.undo(made.id, author=1)
    await world.batches.run(TrashMedia(kind="trash"), [1, 2], author=1)
    await world.log.list(author=1, limit=9, before=9)
    await world.log.list(author=None, limit=9)
    await Bin(world.database, SystemClock()).page(
        Show(files="", paths=False), limit=9, days=1, behind=Place(at=1e12, id=1)
    )
    sa.event.remove(world.database.engine, "before_cursor_execute", listen)

    assert len(plans) >= 20
    for statement, plan in plans.items():
        assert not READ.search(plan), (statement, plan)
