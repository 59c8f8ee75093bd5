"""What has changed, in an order in which a reader misses nothing and reads nothing twice."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from gatherum.db.database import Database, Tx
from gatherum.db.tables import EventRow
from gatherum.errors import InvalidInput

KEEP_S = 3600.0
MOST = 100_000
BITE = 5_000  # rows removed in one transaction
LARGEST = 2**63 - 1
# Every transaction below it has ended: nothing can turn up among its events any more.
HORIZON = sa.text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
BEGUN = sa.text("(pg_snapshot_xmax(pg_current_snapshot())::text)::bigint")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of events; as text `<xid>.<id>`."""

    xid: int = 0
    id: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the position that a text means; raises `InvalidInput`."""
        xid, _, number = text.partition(".")
        digits = f"{xid}{number}"
        if not (xid and number and digits.isascii() and digits.isdigit() and len(digits) <= 38):
            raise InvalidInput("This position did not come from here.")
        position = cls(int(xid), int(number))
        if max(position.xid, position.id) > LARGEST:
            raise InvalidInput("This position did not come from here.")
        return position

    def __str__(self) -> str:
        """Return the position as text."""
        return f"{self.xid}.{self.id}"


START = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A thing of this kind, with this id, has changed. How it stands now is read elsewhere."""

    position: Position
    at: float
    kind: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which events are kept. Who stands before `oldest` may have missed some."""

    oldest: Position
    newest: Position


class Events:
    """The reader of events. Triggers write them, in the transaction of each change.

    Invariant: what `after` has once returned never gets a predecessor, and there is always an event
    (the migration writes the first, of the kind `start`). On PostgreSQL an event is
    seen when every transaction that began before its own has ended.
    """

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        self._db = database
        self._now = now

    async def after(self, position: Position, *, limit: int = 1000) -> tuple[Event, ...]:
        """Return what came behind a position, in order."""

        def tx(tx: Tx) -> tuple[Event, ...]:
            query = (
                sa.select(EventRow.xid, EventRow.id, EventRow.at, EventRow.kind, EventRow.ref)
                .where(_key() > _value(position), *_settled(tx))
                .order_by(EventRow.xid, EventRow.id)
                .limit(limit)
            )
            return tuple(
                Event(position=Position(xid, number), at=at, kind=kind, ref=ref)
                for xid, number, at, kind, ref in tx.execute(query)
            )

        return await self._db.read(tx)

    async def newest(self) -> Position:
        """Return the position behind all that may be read now."""
        return await self._db.read(_newest)

    async def oldest(self) -> Position:
        """Return the position of the oldest event that is kept."""
        return await self._db.read(_oldest)

    async def span(self) -> Span:
        """Return both ends, as they are at one moment."""
        return await self._db.read(lambda tx: Span(oldest=_oldest(tx), newest=_newest(tx)))

    async def prune(self, *, keep_s: float = KEEP_S, most: int = MOST) -> int:
        """Forget what is older than `keep_s` or beyond the newest `most`; return how many.

        The one event before them stays: who has read as far as that has missed nothing. So the
        newest of all always stays, and SQLite never gives its number again.
        """
        last = await self._db.read(lambda tx: _last_due(tx, self._now() - keep_s, most))
        removed = await self._db.write(_forget_foreign, durable=False)
        if last is None:
            return removed
        bite = (
            sa.select(EventRow.id)
            .where(_key() < _value(last))
            .order_by(EventRow.xid, EventRow.id)
            .limit(BITE)
        )
        delete = sa.delete(EventRow).where(EventRow.id.in_(bite.scalar_subquery()))
        while count := await self._db.write(lambda tx: tx.execute(delete).rowcount, durable=False):
            removed += count
        return removed


def _key() -> sa.Tuple:
    return sa.tuple_(EventRow.xid, EventRow.id)


def _value(position: Position) -> sa.Tuple:
    return sa.tuple_(sa.literal(position.xid), sa.literal(position.id))


def _settled(tx: Tx) -> tuple[sa.ColumnElement[bool], ...]:
    return () if tx.dialect.name == "sqlite" else (EventRow.xid < HORIZON,)


def _newest(tx: Tx) -> Position:
    query = sa.select(EventRow.xid, EventRow.id).where(*_settled(tx))
    row = tx.execute(query.order_by(EventRow.xid.desc(), EventRow.id.desc()).limit(1)).first()
    return Position(*row) if row is not None else START


def _oldest(tx: Tx) -> Position:
    query = sa.select(EventRow.xid, EventRow.id).order_by(EventRow.xid, EventRow.id).limit(1)
    row = tx.execute(query).first()
    return Position(*row) if row is not None else START


def _last_due(tx: Tx, before: float, most: int) -> Position | None:
    """Return the last event, in order, that need not be kept."""
    order = (EventRow.xid.desc(), EventRow.id.desc())
    kept = sa.select(EventRow.xid, EventRow.id)
    young = tx.execute(
        kept.where(EventRow.at >= before).order_by(EventRow.xid, EventRow.id).limit(1)
    ).first()
    few = tx.execute(kept.order_by(*order).offset(most - 1).limit(1)).first()
    bounds = [Position(*row) for row in (young, few) if row is not None]
    due = kept.order_by(*order).limit(1)
    if young is not None or few is not None:
        due = due.where(_key() < _value(max(bounds)))
    row = tx.execute(due).first()
    return Position(*row) if row is not None else None


def _forget_foreign(tx: Tx) -> int:
    """Remove events of transactions that have not begun: another server's, brought by a restore."""
    if tx.dialect.name == "sqlite":
        return 0
    return tx.execute(sa.delete(EventRow).where(EventRow.xid >= BEGUN)).rowcount
