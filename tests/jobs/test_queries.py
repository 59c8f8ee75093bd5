"""No question that is asked again and again reads a whole table."""

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import JobFilter, JobState
from gatherum.jobs.scheduler import Every, Scheduler
from tests.jobs.conftest import job


async def test_each_hot_query_has_its_index(queue: DbosQueue) -> None:
    plans: dict[str, str] = {}

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith("SELECT") and (
            "FROM job" in statement or "FROM sched" in statement
        ):
            plans[statement] = _plan(tx, statement, parameters)

    scheduler = Scheduler(queue)
    await queue.database.write(lambda tx: scheduler.set_schedule(tx, "a", job(), Every(seconds=60)))
    sa.event.listen(queue.database.engine, "before_cursor_execute", listen)
    first = await queue.enqueue(job(dedup_key="a"))
    await queue.find_live("a")
    await queue.get(first or "")
    await queue.list(limit=1)
    await queue.list(limit=1, cursor=f"0:{first}")
    await queue.list(JobFilter(states=(JobState.RUNNING, JobState.DONE)), limit=1)
    await scheduler.tick()
    sa.event.remove(queue.database.engine, "before_cursor_execute", listen)

    assert len(plans) == 6
    for statement, plan in plans.items():
        assert "INDEX" in plan.upper(), (statement, plan)
        assert "Seq Scan" not in plan, (statement, plan)
        assert "TEMP B-TREE" not in plan, (statement, plan)


async def test_failures_and_live_jobs_are_counted_by_an_index(queue: DbosQueue) -> None:
    plans: list[str] = []

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith("SELECT") and "FROM job" in statement:
            plans.append(_plan(tx, statement, parameters))

    sa.event.listen(queue.database.engine, "before_cursor_execute", listen)
    await queue.failures_since(1.0)
    await queue.crowds()
    sa.event.remove(queue.database.engine, "before_cursor_execute", listen)

    failures, crowds = plans
    assert "ix_job_state_finished_at" in failures, failures
    assert "_job_" in crowds, crowds  # one of those that hold live jobs alone, or the states
    assert "Seq Scan" not in crowds


def _plan(tx: Tx, statement: str, parameters: tuple[object, ...]) -> str:
    explain = "explain query plan" if tx.dialect.name == "sqlite" else "explain"
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("set local enable_seqscan = off")  # the tables of a test are tiny
        tx.exec_driver_sql("set local enable_sort = off")
    rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)
