"""How an attempt begins and ends in the job table: each step a compare-and-set in one transaction."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import DiskFull, GatherumError, SourceError
from gatherum.jobs.client import JobClient, Ticket
from gatherum.jobs.looking import is_live
from gatherum.jobs.queue import Done, JobState, Later
from gatherum.jobs.tables import Job, PausedLane
from gatherum.model import Reason
from gatherum.ports import Json

FIRST_DELAY_S = 30.0
LONGEST_DELAY_S = 3600.0
MOST_STARTS = 3  # in a row without an orderly end; then it takes a person to try it again
TURN_S = 10.0  # until a suspect asks again whether it is its turn
SET_ASIDE = f"Gatherum stopped {MOST_STARTS} times while it worked on this, so it is not tried again by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that this executor may perform, as long as the row still says so."""

    id: str
    run: int
    executor: str
    kind: str
    lane: str
    partition: str
    payload: Mapping[str, Json]
    attempt: int
    starts: int = 1  # in a row without an orderly end, with this one

    @property
    def is_suspect(self) -> bool:
        """Whether a worker ended without a word while it performed the job."""
        return self.starts > 1

    @property
    def is_ours(self) -> sa.ColumnElement[bool]:
        """The condition that nobody cancelled the job or took it over."""
        return sa.and_(
            Job.id == self.id,
            Job.run == self.run,
            Job.state == JobState.RUNNING,
            Job.executor == self.executor,
        )


@dataclass(frozen=True, slots=True)
class Suspected:
    """A worker ended without a word while it performed this job: one such is tried at a time."""


def begin(
    tx: Tx, client: JobClient, job_id: str, run: int, *, executor: str, alone: bool = False
) -> Begun | Suspected | None:
    """Make the job `running` here; None if there is nothing to do, or its lane is paused.

    A job that already runs is taken over: the engine hands a run out again only when it holds
    its executor for dead, and that one finds out by `Begun.is_ours`. The start is counted now,
    before any work. A suspect begins only `alone`, and what would be started once too often fails.
    """
    query = sa.select(Job.kind, Job.lane, Job.partition, Job.payload, Job.attempt, Job.starts)
    which = sa.and_(Job.id == job_id, Job.run == run, is_live())
    row = tx.execute(query.where(which).with_for_update()).one_or_none()
    if row is None:
        return None
    kind, lane, partition, payload, attempt, starts = row
    if starts >= MOST_STARTS:
        ended = {"state": JobState.FAILED, "detail": SET_ASIDE, "finished_at": client.now()}
        tx.execute(sa.update(Job).where(which).values(reason=None, **ended))
        return None
    # The lock keeps `resume` from looking for held jobs until this one is seen as such.
    paused = sa.select(PausedLane.lane).where(
        PausedLane.lane == lane, PausedLane.partition.in_(["", partition])
    )
    if tx.execute(paused.with_for_update(read=True)).first() is not None:
        tx.execute(
            sa.update(Job).where(which).values(state=JobState.QUEUED, held=True, executor=None)
        )
        return None
    if starts > 0 and not alone:
        return Suspected()
    if starts > 0 and _others_wait(tx, client, lane, partition):
        put_off(tx, client, job_id, run)
        return None
    tx.execute(
        sa.update(Job)
        .where(which)
        .values(
            state=JobState.RUNNING,
            starts=starts + 1,
            executor=executor,
            started_at=sa.func.coalesce(Job.started_at, client.now()),
            held=False,
            reason=None,
            detail=None,
        )
    )
    return Begun(
        id=job_id,
        run=run,
        executor=executor,
        kind=kind,
        lane=lane,
        partition=partition,
        payload=cast(Mapping[str, Json], payload),  # it was written from one
        attempt=attempt,
        starts=starts + 1,
    )


def put_off(tx: Tx, client: JobClient, job_id: str, run: int) -> None:
    """Queue a suspect anew, for when its turn may have come: until then it takes nobody's place."""
    which = sa.and_(Job.id == job_id, Job.run == run)
    client.dispatch_again(tx, which, delay_s=TURN_S)


def settle(
    tx: Tx,
    client: JobClient,
    begun: Begun,
    outcome: Done | Later,
    progress: Mapping[str, Json] | None,
) -> None:
    """Record how the attempt ended and, if the job goes on, queue the next one."""
    values: dict[str, object] = {"reason": outcome.reason, "detail": outcome.detail, "starts": 0}
    if progress is not None:
        values["progress"] = dict(progress)
    match outcome:
        case Done():
            state = JobState.FAILED if outcome.failed else JobState.DONE
            values |= {"state": state, "finished_at": client.now()}
            tx.execute(sa.update(Job).where(begun.is_ours).values(values))
        case Later():
            delay_s = outcome.delay_s if outcome.delay_s is not None else backoff(begun.attempt)
            values |= {
                "state": JobState.WAITING,
                "attempt": begun.attempt + 1,
                "run": begun.run + 1,
                "executor": None,
                "not_before": client.now() + delay_s,
            }
            goes_on = sa.update(Job).where(begun.is_ours).values(values).returning(Job.priority)
            priority = tx.scalar(goes_on)
            if priority is not None:
                client.dispatch(tx, _next_ticket(begun, delay_s, priority))
    if begun.is_suspect:
        release_suspects(tx, client)


def hand_back(tx: Tx, client: JobClient, begun: Begun, progress: Mapping[str, Json] | None) -> None:
    """Queue what was interrupted anew, for whoever is there: the same attempt, not a failed one."""
    values: dict[str, object] = {"starts": 0}
    if progress is not None:
        values["progress"] = dict(progress)
    tx.execute(sa.update(Job).where(begun.is_ours).values(values))
    client.dispatch_again(tx, begun.is_ours)


def report(
    tx: Tx, client: JobClient, begun: Begun, progress: Mapping[str, Json], *, is_further: bool
) -> None:
    """Show how far the attempt is.

    `is_further`: some of the work is done for good, so an end of the program is no sign against it.
    """
    values: dict[str, object] = {"progress": dict(progress)}
    if is_further:
        values["starts"] = 0
    tx.execute(sa.update(Job).where(begun.is_ours).values(values))
    if is_further and begun.is_suspect:
        release_suspects(tx, client)


def release_suspects(tx: Tx, client: JobClient) -> None:
    """Let the suspects that wait ask for their turn at once."""
    waits = sa.and_(Job.state == JobState.QUEUED, Job.starts > 0, Job.held.is_(False))
    client.dispatch_again(tx, waits)


def end_orderly(tx: Tx, executor: str) -> None:
    """Count no start of what an executor still performs when it closes: it was told to."""
    mine = sa.and_(Job.executor == executor, Job.state == JobState.RUNNING)
    tx.execute(sa.update(Job).where(mine).values(starts=0))


def backoff(attempt: int) -> float:
    """Return how long to wait after an attempt: doubling, capped, and spread by half."""
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(attempt - 1, 20))
    return longest * random.uniform(0.5, 1)  # noqa: S311  # spreads load, hides nothing


def outcome_of(error: GatherumError) -> Done | Later:
    """Return what becomes of a job whose handler let one of our errors through."""
    if isinstance(error, DiskFull):  # it goes on alone when there is room again
        return Later(delay_s=FIRST_DELAY_S, reason=Reason.DISK_FULL, detail=str(error))
    reason = error.reason if isinstance(error, SourceError) else None
    return Done(failed=True, reason=reason, detail=str(error))


def _others_wait(tx: Tx, client: JobClient, lane: str, partition: str) -> bool:
    """Return whether there is other work of the same place, which goes first."""
    fresh = sa.select(Job.id).where(
        Job.state == JobState.QUEUED,
        Job.lane == lane,
        Job.partition == partition,
        Job.starts == 0,
        Job.held.is_(False),
        Job.not_before <= client.now(),
    )
    return tx.execute(fresh.limit(1)).first() is not None


def _next_ticket(begun: Begun, delay_s: float, priority: int) -> Ticket:
    return Ticket(
        job_id=begun.id,
        run=begun.run + 1,
        lane=begun.lane,
        partition=begun.partition,
        priority=priority,  # it may have changed meanwhile
        delay_s=delay_s,
    )
