"""How jobs are read: pages of them, and how many there are of what."""

from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import InvalidInput
from gatherum.jobs.queue import LIVE, JobFilter, JobPage, JobState, JobView, Lane
from gatherum.jobs.tables import UNSETTLED, Job
from gatherum.model import Reason

COLUMNS = tuple(column for column in Job.__table__.columns if column.name not in ("run", "starts"))


# What a job waits for that only a person can give.
ASKING = (Reason.LOGIN_REQUIRED, Reason.CHALLENGE, Reason.DISK_FULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needy:
    """The jobs that need a person for one reason on one platform; the newest of them by name."""

    reason: Reason | None
    partition: str
    count: int
    since: float
    title: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The live jobs of a partition of a lane."""

    lane: Lane
    partition: str
    running: int
    queued: int
    waiting: int
    held: int  # of the queued: those that wait for their paused lane
    next_at: float | None  # when the next of those that wait goes on


def read_page(tx: Tx, which: JobFilter, *, limit: int, cursor: str | None) -> JobPage:
    """Return a page of jobs, newest first."""
    order = (Job.created_at.desc(), Job.id.desc())
    query = sa.select(*COLUMNS).order_by(*order).limit(limit + 1)
    query = query.where(*conditions(which))
    if cursor is not None:
        query = query.where(sa.tuple_(Job.created_at, Job.id) < sa.tuple_(*_parse(cursor)))
    # One walk of the index for each state: together they could not be had in order.
    parts = (
        [query] if which.states is None else [query.where(Job.state == one) for one in which.states]
    )
    found = [view for part in parts for view in views(tx, part)]
    found.sort(key=lambda view: (view.created_at, view.id), reverse=True)
    last = found[limit - 1] if len(found) > limit else None
    return JobPage(
        jobs=tuple(found[:limit]),
        cursor=f"{last.created_at!r}:{last.id}" if last is not None else None,
    )


def views(tx: Tx, query: sa.Select[tuple[object, ...]]) -> tuple[JobView, ...]:
    """Return jobs as they stand."""
    return tuple(
        JobView(
            **{
                **row,
                "lane": Lane(row["lane"]),
                "state": JobState(row["state"]),
                "reason": Reason(row["reason"]) if row["reason"] is not None else None,
            }
        )
        for row in tx.execute(query).mappings()
    )


def read_crowds(tx: Tx) -> tuple[Crowd, ...]:
    """Return how many live jobs there are of each lane and partition."""
    query = (
        sa.select(
            Job.lane,
            Job.partition,
            *(sa.func.sum(sa.case((Job.state == state, 1), else_=0)) for state in LIVE),
            sa.func.sum(sa.case((Job.held, 1), else_=0)),
            sa.func.min(sa.case((Job.state == JobState.WAITING, Job.not_before))),
        )
        .where(is_live())
        .group_by(Job.lane, Job.partition)
        .order_by(Job.lane, Job.partition)
    )
    return tuple(
        Crowd(
            lane=Lane(lane),
            partition=partition,
            queued=queued,
            running=running,
            waiting=waiting,
            held=held,
            next_at=next_at,
        )
        for lane, partition, queued, running, waiting, held, next_at in tx.execute(query)
    )


def read_needy(tx: Tx) -> tuple[Needy, ...]:
    """Return which jobs need a person, by reason and platform, the most first."""
    count = sa.func.count()
    query = (
        sa.select(
            Job.reason, Job.partition, count, sa.func.min(Job.created_at), sa.func.max(Job.id)
        )
        .where(needs_person())
        .group_by(Job.reason, Job.partition)
        .order_by(count.desc(), Job.reason, Job.partition)
    )
    rows = tx.execute(query).all()
    told = sa.select(Job.id, Job.title, Job.detail).where(Job.id.in_([row[4] for row in rows]))
    words = {job_id: (title, detail) for job_id, title, detail in tx.execute(told)}
    return tuple(
        Needy(
            reason=None if reason is None else Reason(reason),
            partition=partition,
            count=number,
            since=since,
            title=words[one][0],
            detail=words[one][1],
        )
        for reason, partition, number, since, one in rows
    )


def needs_person() -> sa.ColumnElement[bool]:
    """Return the condition that a job needs a person: it failed and nobody settled that, or it asks.

    Those of subscriptions are left out: their subscription says the same.
    """
    asks = sa.and_(Job.state == JobState.WAITING, Job.reason.in_(ASKING))
    return sa.and_(sa.or_(sa.text(UNSETTLED), asks), Job.lane != Lane.SYNC)


def count_failures(tx: Tx, since: float) -> dict[Reason | None, int]:
    """Return how many jobs have failed at `since` or later, by reason."""
    query = (
        sa.select(Job.reason, sa.func.count())
        .where(Job.finished_at >= since, Job.state == JobState.FAILED)
        .group_by(Job.reason)
    )
    return {None if reason is None else Reason(reason): n for reason, n in tx.execute(query)}


def conditions(which: JobFilter) -> list[sa.ColumnElement[bool]]:
    """Return what a filter asks of a row, but for the state."""
    asked: list[sa.ColumnElement[bool]] = []
    if which.ids is not None:
        asked.append(Job.id.in_(which.ids))
    if which.kind is not None:
        asked.append(Job.kind == which.kind)
    if which.lane is not None:
        asked.append(Job.lane == which.lane)
    if which.partition is not None:
        asked.append(Job.partition == which.partition)
    if which.reasons is not None:
        told = Job.reason.in_([reason for reason in which.reasons if reason is not None])
        asked.append(sa.or_(told, Job.reason.is_(None)) if None in which.reasons else told)
    if which.needs:
        asked.append(needs_person())
    if which.ended_since is not None:
        asked.append(Job.finished_at >= which.ended_since)
    return asked


def is_live() -> sa.ColumnElement[bool]:
    """Return the condition that a job is live, in the words of the partial indexes."""
    return Job.state.in_([sa.literal_column(f"'{state}'") for state in LIVE])


def _parse(cursor: str) -> tuple[float, str]:
    created_at, _, job_id = cursor.partition(":")
    try:
        return float(created_at), job_id
    except ValueError as error:
        raise InvalidInput("This cursor did not come from here.") from error
