"""What an ended job still waited for is not left as if it were on its way."""

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import JobState, Lane, NewJob
from gatherum.jobs.tables import Job
from gatherum.library.abandoned import Abandoned
from gatherum.library.tables import LedgerRow, MediaRow, PostRow
from tests.suites.line import SystemClock


async def submit(queue: DbosQueue) -> str:
    new = NewJob(kind="MediaFetch", lane=Lane.INTERACTIVE, partition="again", title="again")
    return str(await queue.enqueue(new))


def put(database: Database, states: dict[str, str], waits: dict[str, str]) -> None:
    """Record media in these states, and which jobs wait for which of them."""

    def tx(tx: Tx) -> None:
        post = {"platform": "p", "host": "", "remote_id": "1", "url": "", "author": "a"}
        rest = {"caption": "", "links": [], "seen_at": 0.0, "versions": 1}
        post_id = tx.scalar(sa.insert(PostRow).values({**post, **rest}).returning(PostRow.id))
        for position, (name, state) in enumerate(states.items(), 1):
            row = {"post_id": post_id, "platform": "p", "host": "", "remote_id": name}
            row |= {"position": position, "kind": "image", "state": state, "url": ""}
            row |= {"transport": "http", "recipe": {}, "attempt": 0, "not_before": 0.0}
            row |= {"part_ok": 7, "created_at": 0.0, "owner": "me"}
            number = tx.scalar(sa.insert(MediaRow).values(row).returning(MediaRow.id))
            for job_id, names in waits.items():
                if name in names:
                    ledger = {"job_id": job_id, "media_id": number, "outcome": "pending"}
                    tx.execute(sa.insert(LedgerRow).values(ledger))

    database.write_now(tx)


def found(database: Database) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return the states of media, and of each job and media the outcome, with the reasons."""

    def tx(tx: Tx) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
        media = sa.select(MediaRow.remote_id, MediaRow.state, MediaRow.reason)
        ledger = sa.select(
            LedgerRow.job_id, MediaRow.remote_id, LedgerRow.outcome, LedgerRow.reason
        ).join(MediaRow, MediaRow.id == LedgerRow.media_id)
        return (
            {name: f"{state} {reason}" for name, state, reason in tx.execute(media)},
            {(job, name): f"{what} {why}" for job, name, what, why in tx.execute(ledger)},
        )

    return database.read_now(tx)


async def test_media_of_a_cancelled_job_fail_unless_somebody_else_is_at_them(
    database: Database,
) -> None:
    queue = DbosQueue(database)
    await queue.prepare()
    stopped, other = await submit(queue), await submit(queue)
    put(
        database,
        {"a": "wanted", "b": "wanted", "c": "fetching", "d": "wanted", "e": "skipped"},
        {stopped: "abce", other: "bd"},
    )
    abandoned = Abandoned(database, SystemClock())
    assert await abandoned.settle() == 0

    await queue.cancel(stopped)
    assert await abandoned.settle() == 3
    assert await abandoned.settle() == 0

    states, ledger = found(database)
    assert states == {
        "a": "failed cancelled",
        "b": "wanted None",
        "c": "fetching None",
        "d": "wanted None",
        "e": "skipped None",
    }
    assert ledger == {
        (stopped, "a"): "failed cancelled",
        (stopped, "b"): "failed cancelled",
        (stopped, "c"): "pending None",
        (stopped, "e"): "failed cancelled",
        (other, "b"): "pending None",
        (other, "d"): "pending None",
    }


async def test_what_is_let_go_later_is_settled_then_and_many_at_once(database: Database) -> None:
    queue = DbosQueue(database)
    await queue.prepare()
    job_id = await submit(queue)
    names = [chr(0x4E00 + number) for number in range(700)]
    put(database, dict.fromkeys(names, "fetching"), {job_id: "".join(names)})
    await queue.cancel(job_id)
    abandoned = Abandoned(database, SystemClock())
    assert await abandoned.settle() == 0

    let_go = sa.update(MediaRow).values(state="wanted", owner=None)
    database.write_now(lambda tx: tx.execute(let_go) and None)
    assert await abandoned.settle(since=SystemClock().now() + 60) == 0
    assert await abandoned.settle() == 700

    states, ledger = found(database)
    assert set(states.values()) == set(ledger.values()) == {"failed cancelled"}


@pytest.mark.parametrize("reason", [None, "site_changed"])
async def test_media_of_a_job_that_was_set_aside_do_not_look_as_if_they_came(
    database: Database, reason: str | None
) -> None:
    queue = DbosQueue(database)
    await queue.prepare()
    dead, other = await submit(queue), await submit(queue)
    put(
        database,
        {"a": "wanted", "b": "wanted", "c": "fetching", "d": "skipped"},
        {dead: "abc", other: "b"},
    )
    failed = {"state": JobState.FAILED, "finished_at": 5.0, "reason": reason, "detail": "It died."}
    database.write_now(
        lambda tx: tx.execute(sa.update(Job).where(Job.id == dead).values(failed)) and None
    )

    assert await Abandoned(database, SystemClock()).settle() == 2

    states, ledger = found(database)
    assert states == {
        "a": f"wanted {reason}",
        "b": "wanted None",
        "c": "fetching None",
        "d": "skipped None",
    }
    assert ledger == {
        (dead, "a"): f"failed {reason}",
        (dead, "b"): f"failed {reason}",
        (dead, "c"): "pending None",
        (other, "b"): "pending None",
    }
