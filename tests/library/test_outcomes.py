"""What became of media is counted by an index: a look at today is no look at everything."""

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.abandoned import Abandoned
from gatherum.library.items import Show
from gatherum.library.outcomes import Outcomes
from tests.suites.line import SystemClock


async def test_no_question_about_outcomes_reads_the_whole_ledger(database: Database) -> None:
    plans: dict[str, str] = {}

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith("SELECT") and "FROM ledger" in statement:
            if not database.is_sqlite:
                for way in ("seqscan", "bitmapscan"):  # the tables of a test are tiny
                    tx.exec_driver_sql(f"set local enable_{way} = off")
            explain = "explain query plan" if database.is_sqlite else "explain"
            rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)
            plans[statement] = "\n".join(str(row[-1]) for row in rows)

    outcomes = Outcomes(database)
    sa.event.listen(database.engine, "before_cursor_execute", listen)
    await outcomes.count_since(1.0)
    await outcomes.of_job("job", Show(files="", paths=True), after=3)
    await Abandoned(database, SystemClock()).settle(since=1.0)
    sa.event.remove(database.engine, "before_cursor_execute", listen)

    counted, listed, waiting = plans.values()
    assert "ix_ledger_outcome" in counted, counted
    assert "pk_ledger" in listed or "sqlite_autoindex_ledger" in listed, listed
    for plan in plans.values():
        assert "Seq Scan" not in plan, plan
        assert "SCAN ledger" not in plan, plan
        assert "SCAN job" not in plan, plan
    assert "ledger" in waiting, waiting
