"""Old records go, what is needed stays, and no step is long."""

from collections.abc import Mapping, Sequence

import pytest
import sqlalchemy as sa

from gatherum.accounts.tables import AuditRow, ThrottleRow
from gatherum.curating.tables import DecisionItemRow, DecisionRow
from gatherum.db import Base, Database
from gatherum.db.events import Events
from gatherum.jobs.tables import Job
from gatherum.library.tables import LedgerRow, ListingRow, MediaRow, PostRow
from gatherum.settings import RetentionSettings, SecuritySettings
from gatherum.upkeep import retention as module
from gatherum.upkeep.retention import DAY_S, Retention

NOW = 2_000_000_000.0


def job(name: str, *, state: str = "done", days: float) -> dict[str, object]:
    return {
        "id": name, "kind": "LinkGet", "lane": "interactive", "partition": "web", "title": "t",
        "payload": {}, "state": state, "attempt": 1, "run": 1, "held": False, "priority": 100,
        "not_before": 0.0, "created_at": 0.0,
        "finished_at": None if state == "queued" else NOW - days * DAY_S,
    }  # fmt: skip


async def fill(database: Database, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    await database.write(lambda tx: tx.execute(sa.insert(table), list(rows)))


async def ids(database: Database, column: sa.orm.InstrumentedAttribute[str]) -> list[str]:
    return await database.read(lambda tx: sorted(tx.scalars(sa.select(column))))


@pytest.fixture
def retention(database: Database) -> Retention:
    return Retention(
        database,
        Events(database),
        lambda: NOW,
        retention=lambda: RetentionSettings(jobs_days=90, decisions_days=10, audit_days=30),
        security=SecuritySettings,
    )


async def test_jobs_go_with_their_ledger_unless_a_listing_needs_them(
    database: Database, retention: Retention
) -> None:
    await fill(
        database,
        Job,
        [
            job("old", days=91),
            job("young", days=89),
            job("live", state="queued", days=0),
            job("needed", days=400),
        ],
    )
    listing = {
        "platform": "p", "host": "", "feed": "f", "key": "k", "filter": "", "listed": 0,
        "job_id": "needed",
    }  # fmt: skip
    await fill(database, ListingRow, [listing])
    post = {
        "id": 1, "platform": "p", "host": "", "remote_id": "1", "url": "u", "author": "a",
        "caption": "", "links": [], "seen_at": 0.0, "versions": 1,
    }  # fmt: skip
    await fill(database, PostRow, [post])
    media = {
        "id": 1, "post_id": 1, "platform": "p", "host": "", "remote_id": "1", "position": 1,
        "kind": "image", "state": "wanted", "url": "u", "transport": "http", "recipe": {},
        "attempt": 0, "not_before": 0.0, "part_ok": 0, "created_at": 0.0,
    }  # fmt: skip
    await fill(database, MediaRow, [media])
    ledger = [{"job_id": name, "media_id": 1, "outcome": "stored"} for name in ("old", "needed")]
    await fill(database, LedgerRow, ledger)

    removed = await retention.run()

    assert await ids(database, Job.id) == ["live", "needed", "young"]
    assert await ids(database, LedgerRow.job_id) == ["needed"]
    assert (removed["job"], removed["ledger"]) == (1, 1)


async def test_thousands_of_rows_go_in_small_steps(
    database: Database, retention: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 100)
    rows = [
        {
            "at": NOW - days * DAY_S,
            "name": "",
            "event": "e",
            "address": "",
            "session": "",
            "detail": {},
        }
        for days in range(1000)
    ]
    await fill(database, AuditRow, rows)
    writes = database.waits.count

    removed = await retention.run()

    assert removed["audit"] == 969  # those of day 31 and before
    assert database.waits.count - writes >= 10
    assert await retention.run() == {}


async def test_what_expired_goes_and_decisions_take_their_items_along(
    database: Database, retention: Retention
) -> None:
    decision = {
        "kind": "media.edit",
        "title": "t",
        "action": {},
        "total": 1,
        "done": 1,
        "left": 0,
        "same": 0,
    }
    await fill(
        database,
        DecisionRow,
        [{"id": 1, "at": NOW - 11 * DAY_S, **decision}, {"id": 2, "at": NOW, **decision}],
    )
    items: list[dict[str, object]] = [
        {"decision_id": n, "subject": 5, "state": "done", "before": {}, "after": {}} for n in (1, 2)
    ]
    await fill(database, DecisionItemRow, items)
    throttles = [
        {"key": "old", "failures": 1, "first_at": NOW - 2 * DAY_S},
        {"key": "new", "failures": 1, "first_at": NOW},
    ]
    await fill(database, ThrottleRow, throttles)

    await retention.run()

    left = await database.read(lambda tx: list(tx.scalars(sa.select(DecisionItemRow.decision_id))))
    assert left == [2]
    assert await ids(database, ThrottleRow.key) == ["new"]
