"""How jobs are steered: sooner or later, once more, or not at all."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.looking import is_live
from gatherum.jobs.queue import LIVE, JobState, Lane, NewJob
from gatherum.jobs.tables import Job
from gatherum.model import Reason
from gatherum.ports import Json

if TYPE_CHECKING:
    from gatherum.jobs.client import JobClient

LOWEST_PRIORITY = 1000  # the number is high, what is meant comes last


def run_again(tx: Tx, client: "JobClient", job_id: str) -> str:
    """Submit what a job was that has ended; an equal one that is live counts as it."""
    query = sa.select(Job.__table__, is_live().label("is_live")).where(Job.id == job_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such job.")
    if row.is_live:
        raise Conflict("This job has not come to its end.")
    job = NewJob(
        kind=row.kind,
        lane=Lane(row.lane),
        partition=row.partition,
        title=row.title,
        payload=cast(Mapping[str, Json], row.payload),  # it was written from one
        dedup_key=row.dedup_key,
        priority=row.priority,
    )
    dismiss(tx, client, [job_id])
    again = client.submit(tx, job) or tx.scalar(
        sa.select(Job.id).where(Job.dedup_key == row.dedup_key, is_live())
    )
    if again is None:
        raise Conflict("An equal job has ended just now: try again.")
    return again


def cancel(tx: Tx, client: "JobClient", which: sa.ColumnElement[bool]) -> tuple[str, ...]:
    """End live jobs; return which."""
    ended = sa.update(Job).where(which, is_live())
    values = {
        "state": JobState.CANCELLED,
        "reason": Reason.CANCELLED,
        "held": False,
        "finished_at": client.now(),
    }
    return tuple(tx.scalars(ended.values(values).returning(Job.id)).all())


def retry(tx: Tx, client: "JobClient", job_ids: Sequence[str]) -> tuple[str, ...]:
    """Let jobs that wait go on at once, and do once more what has ended; return which those were."""
    query = sa.select(Job.id, Job.state).where(Job.id.in_(job_ids)).order_by(Job.created_at, Job.id)
    waits = sa.and_(Job.id.in_(job_ids), Job.state == JobState.WAITING)
    changed = list(client.dispatch_again(tx, waits))
    for job_id, state in tx.execute(query).all():
        if state not in LIVE:
            run_again(tx, client, job_id)
            changed.append(job_id)
    return tuple(changed)


def dismiss(tx: Tx, client: "JobClient", job_ids: Sequence[str]) -> tuple[str, ...]:
    """Settle jobs that have failed, so that they need nobody any longer; return which."""
    which = sa.and_(Job.id.in_(job_ids), Job.state == JobState.FAILED, Job.dismissed_at.is_(None))
    settled = sa.update(Job).where(which).values(dismissed_at=client.now()).returning(Job.id)
    return tuple(tx.scalars(settled).all())


def set_priority(tx: Tx, client: "JobClient", job_id: str, priority: int) -> bool:
    """Give a live job another priority; what waits or is queued gets a new run with it."""
    if not 1 <= priority <= LOWEST_PRIORITY:
        raise InvalidInput(f"A priority is a number from 1, which is first, to {LOWEST_PRIORITY}.")
    which = sa.and_(Job.id == job_id, is_live())
    changed = sa.update(Job).where(which).values(priority=priority)
    row = tx.execute(changed.returning(Job.state, Job.held)).one_or_none()
    if row is None:
        return False
    if row.state != JobState.RUNNING and not row.held:
        client.dispatch_later(tx, which)
    return True
