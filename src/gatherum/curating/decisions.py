"""The log of decisions: what people did, how far it is, and what was before and after of each thing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from gatherum.accounts.tables import AccountRow
from gatherum.curating.tables import DecisionItemRow, DecisionRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, NotFound
from gatherum.jobs.queue import LIVE
from gatherum.jobs.tables import Job
from gatherum.library.editing import Change
from gatherum.ports import Json

# What each kind of decision is undone by. Nothing undoes `media.purge`.
INVERSE: Final[Mapping[str, str]] = {
    "media.edit": "media.edit",
    "media.trash": "media.restore",
    "media.restore": "media.trash",
    "media.allow": "media.forbid",
    "media.forbid": "media.allow",
    "media.fetch": "media.leave",
    "media.leave": "media.fetch",
    "subscription.edit": "subscription.edit",
    "subscription.pause": "subscription.resume",
    "subscription.resume": "subscription.pause",
    "subscription.unfollow": "subscription.follow",
    "subscription.follow": "subscription.unfollow",
    "setting.edit": "setting.edit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision as it stands. When it has come to its end, `done`, `same` and `left` make `total`."""

    id: int
    at: float  # seconds since 1970, UTC
    kind: str  # media.edit, media.trash, subscription.pause, ...
    title: str
    state: str  # working | done | stopped (cancelled, or failed, before its end)
    total: int
    done: int  # changed
    same: int  # was so already
    left: int  # could not be changed, or was changed by somebody else, or was not come to
    job: str | None
    undo_of: int | None
    undone_by: int | None
    can_undo: bool
    by: str | None  # the name of an account, if it is still there
    author: int | None  # the number of the account


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What is to be recorded of something that somebody does."""

    author: int | None
    kind: str
    title: str
    action: Mapping[str, Json] = field(default_factory=dict)
    undo_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A decision that is being carried out, held by the transaction."""

    id: int
    kind: str
    action: Mapping[str, Json]
    undo_of: int | None
    undone_by: int | None
    title: str
    done: int
    job: str | None
    is_live: bool  # a job is at it


class Decisions:
    """The readers of the log."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(
        self, *, author: int | None, limit: int, before: int | None = None
    ) -> tuple[DecisionView, ...]:
        """Return decisions of an account (None: of all), the latest first, numbered below `before`."""
        query = _select().order_by(DecisionRow.id.desc()).limit(limit)
        if author is not None:
            query = query.where(DecisionRow.account_id == author)
        if before is not None:
            query = query.where(DecisionRow.id < before)
        return await self._db.read(lambda tx: tuple(map(_view, tx.execute(query).all())))

    async def get(self, number: int) -> DecisionView:
        """Return a decision; raises `NotFound`."""
        return await self._db.read(lambda tx: get(tx, number))


def get(tx: Tx, number: int) -> DecisionView:
    """`Decisions.get` in the caller's transaction."""
    row = tx.execute(_select().where(DecisionRow.id == number)).one_or_none()
    if row is None:
        raise NotFound("There is no such decision.")
    return _view(row)


def hold(tx: Tx, number: int) -> Begun:
    """Return a decision, and let nobody else carry it out or undo it in this transaction."""
    query = sa.select(DecisionRow.__table__).where(DecisionRow.id == number).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such decision.")
    return Begun(
        id=row.id,
        kind=row.kind,
        action=row.action,
        undo_of=row.undo_of,
        undone_by=row.undone_by,
        title=row.title,
        done=row.done,
        job=row.job_id,
        is_live=row.job_id is not None and is_live(tx, row.job_id),
    )


def is_live(tx: Tx, job_id: str) -> bool:
    """Return whether anything may still happen to a job."""
    live = sa.select(Job.id).where(Job.id == job_id, Job.state.in_(LIVE))
    return tx.scalar(live) is not None


def check_way_back(old: Begun) -> None:
    """Raise `Conflict` if a decision cannot be undone, or not any more, or not yet."""
    if old.kind not in INVERSE:
        raise Conflict("What is deleted for ever does not come back: this cannot be undone.")
    if old.undone_by is not None:
        raise Conflict("This is undone already.")
    if old.is_live:
        raise Conflict("This is still being done. Cancel its job first.")
    if old.done == 0:
        raise Conflict("This has changed nothing.")


def add(tx: Tx, new: NewDecision, *, now: float) -> int:
    """Record a decision that is about nothing yet; return its number."""
    made = sa.insert(DecisionRow).values(
        account_id=new.author,
        at=now,
        kind=new.kind,
        title=new.title,
        action=dict(new.action),
        total=0,
        done=0,
        same=0,
        left=0,
        undo_of=new.undo_of,
    )
    return tx.execute(made.returning(DecisionRow.id)).scalar_one()


def add_items(tx: Tx, number: int, subjects: Sequence[int]) -> None:
    """Let a decision be about these things, each named once: they wait."""
    if tx.dialect.name == "sqlite":
        several = sa.func.json_each(json.dumps(list(subjects))).table_valued("value")
        value: sa.ColumnElement[int] = several.c.value
    else:
        listed = sa.cast(list(subjects), postgresql.ARRAY(sa.BigInteger))
        value = sa.func.unnest(listed).column_valued("value")
    nothing = sa.literal({}, sa.JSON)
    rows = sa.select(sa.literal(number), value, sa.literal("waiting"), nothing, nothing)
    _insert(tx, number, rows)


def add_reversed(tx: Tx, number: int, *, of: int) -> None:
    """Let a decision be about what another one has changed, the other way round."""
    old = DecisionItemRow
    rows = sa.select(
        sa.literal(number), old.subject, sa.literal("waiting"), old.after, old.before
    ).where(old.decision_id == of, old.state == "done")
    _insert(tx, number, rows)
    mark_undone(tx, of, by=number)


def mark_undone(tx: Tx, number: int, *, by: int) -> None:
    """Note which decision has undone another one."""
    tx.execute(sa.update(DecisionRow).where(DecisionRow.id == number).values(undone_by=by))


def give_job(tx: Tx, number: int, job_id: str | None) -> None:
    """Note which job carries a decision out."""
    tx.execute(sa.update(DecisionRow).where(DecisionRow.id == number).values(job_id=job_id))


def waiting(tx: Tx, number: int, limit: int) -> dict[int, Change]:
    """Return the things that a decision has not come to; of an undo with the values it expects."""
    row = DecisionItemRow
    query = (
        sa.select(row.subject, row.before, row.after)
        .where(row.decision_id == number, row.state == "waiting")
        .order_by(row.subject)
        .limit(limit)
    )
    return {
        subject: Change(before=_values(before), after=_values(after))
        for subject, before, after in tx.execute(query)
    }


def changes_of(tx: Tx, number: int) -> dict[int, Change]:
    """Return what a decision has changed."""
    row = DecisionItemRow
    query = sa.select(row.subject, row.before, row.after).where(
        row.decision_id == number, row.state == "done"
    )
    return {
        subject: Change(before=_values(before), after=_values(after))
        for subject, before, after in tx.execute(query)
    }


def settle_items(
    tx: Tx, number: int, *, changes: Mapping[int, Change], same: Sequence[int], left: Sequence[int]
) -> None:
    """Note what became of some things of a decision."""
    row = DecisionItemRow
    if changes:
        done = sa.update(row).where(
            row.decision_id == number, row.subject == sa.bindparam("of_subject")
        )
        values = {
            name: sa.bindparam(f"to_{name}", type_=row.__table__.c[name].type)
            for name in ("before", "after")
        }
        tx.execute(
            done.values(state="done", **values),
            [
                {
                    "of_subject": subject,
                    "to_before": dict(change.before),
                    "to_after": dict(change.after),
                }
                for subject, change in changes.items()
            ],
        )
    for state, subjects in (("same", same), ("left", left)):
        if subjects:
            which = sa.and_(row.decision_id == number, row.subject.in_(subjects))
            tx.execute(sa.update(row).where(which).values(state=state))
    _count(tx, number, done=len(changes), same=len(same), left=len(left))


def take_back(tx: Tx, number: int, subjects: Sequence[int]) -> None:
    """Note that things which were to be changed could not be, after all."""
    row = DecisionItemRow
    which = sa.and_(row.decision_id == number, row.subject.in_(subjects), row.state == "done")
    count = tx.execute(sa.update(row).where(which).values(state="left")).rowcount
    _count(tx, number, done=-count, same=0, left=count)


def _count(tx: Tx, number: int, *, done: int, same: int, left: int) -> None:
    tx.execute(
        sa.update(DecisionRow)
        .where(DecisionRow.id == number)
        .values(
            done=DecisionRow.done + done,
            same=DecisionRow.same + same,
            left=DecisionRow.left + left,
        )
    )


def _insert(tx: Tx, number: int, rows: sa.SelectBase) -> None:
    names = ["decision_id", "subject", "state", "before", "after"]
    tx.execute(sa.insert(DecisionItemRow).from_select(names, rows))
    count = sa.select(sa.func.count()).where(DecisionItemRow.decision_id == number)
    total = sa.update(DecisionRow).where(DecisionRow.id == number)
    tx.execute(total.values(total=count.scalar_subquery()))


def _values(told: Mapping[str, object]) -> Mapping[str, Json]:
    return told  # type: ignore[return-value]  # it was written from such


def _select() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(DecisionRow.__table__, AccountRow.name.label("by"), Job.state.label("job_state"))
        .outerjoin(AccountRow, AccountRow.id == DecisionRow.account_id)
        .outerjoin(Job, Job.id == DecisionRow.job_id)
    )


def _view(row: sa.Row[tuple[object, ...]]) -> DecisionView:
    is_live = row.job_state in LIVE
    come_to = row.done + row.same + row.left
    return DecisionView(
        id=row.id,
        at=row.at,
        kind=row.kind,
        title=row.title,
        state="working" if is_live else "done" if come_to == row.total else "stopped",
        total=row.total,
        done=row.done,
        same=row.same,
        left=row.left if is_live else row.total - row.done - row.same,
        job=row.job_id,
        undo_of=row.undo_of,
        undone_by=row.undone_by,
        can_undo=row.kind in INVERSE and row.undone_by is None and row.done > 0 and not is_live,
        by=row.by,
        author=row.account_id,
    )
