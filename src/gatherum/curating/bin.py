"""The recycle bin as people see it: who put what there, when and why, and how long it stays."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.accounts.tables import AccountRow
from gatherum.curating.tables import DecisionItemRow, DecisionRow
from gatherum.db import Database, Tx
from gatherum.library.items import MediaItem, Show, read_items
from gatherum.library.tables import FileRow, MediaRow
from gatherum.moments import Moment, iso
from gatherum.ports import Clock

DAY_S = 86_400.0
CURSOR = re.compile(r"([0-9]{1,12}\.[0-9]{1,12}):([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinItem:
    """A media in the bin."""

    media: MediaItem
    trashed_at: Moment | None
    by: str | None  # the name of an account; None: nobody is known
    why: str | None
    decision: int | None  # what can be undone
    bytes: int  # 0 while others have the same file
    days_left: int | None  # None: it stays until somebody purges it


@dataclass(frozen=True, slots=True, kw_only=True)
class BinPage:
    """Some of what is in the bin, the latest first, and what is in it in all."""

    items: tuple[BinItem, ...]
    next: str | None
    count: int
    bytes: int
    days: int  # that files stay; 0 is for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: behind this media."""

    at: float
    id: int


class Bin:
    """The readers of the recycle bin."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def page(
        self, show: Show, *, limit: int, days: int, behind: Place | None, purged: bool = False
    ) -> BinPage:
        """Return what is in the bin, or with `purged` what was purged from it and may be allowed."""

        def tx(tx: Tx) -> BinPage:
            rows = tx.execute(_rows(limit + 1, behind, purged=purged)).all()
            more, rows = len(rows) > limit, rows[:limit]
            ids = [row.id for row in rows]
            items = {int(item.id): item for item in read_items(tx, ids, show)}
            decided = _decided(tx, ids)
            count, size = tx.execute(_totals()).one()
            return BinPage(
                items=tuple(
                    self._item(row, items[row.id], decided.get(row.id), days) for row in rows
                ),
                next=f"{rows[-1].trashed_at!r}:{rows[-1].id}" if more else None,
                count=count,
                bytes=int(size or 0),
                days=days,
            )

        return await self._db.read(tx)

    async def ids(self) -> list[int]:
        """Return the numbers of all media that are in the bin."""
        query = sa.select(MediaRow.id).where(_in_bin(purged=False)).order_by(MediaRow.id)
        return await self._db.read(lambda tx: list(tx.scalars(query)))

    def _item(
        self,
        row: sa.Row[int, float | None, int, float | None],
        media: MediaItem,
        decided: sa.Row[tuple[object, ...]] | None,
        days: int,
    ) -> BinItem:
        left = None
        if days and row.file_trashed_at is not None:
            seconds = row.file_trashed_at + days * DAY_S - self._clock.now()
            left = max(0, math.ceil(seconds / DAY_S))
        why = decided.action.get("why") if decided is not None else None
        return BinItem(
            media=media,
            trashed_at=iso(row.trashed_at),
            by=decided.name if decided is not None else None,
            why=why or None,
            decision=decided.id if decided is not None else None,
            bytes=row.size if row.file_trashed_at is not None else 0,
            days_left=left,
        )


def read_place(cursor: str) -> Place | None:
    """Return where a cursor of a page points to, None if it is none of ours."""
    match = CURSOR.fullmatch(cursor)
    return None if match is None else Place(at=float(match[1]), id=int(match[2]))


def _in_bin(*, purged: bool) -> sa.ColumnElement[bool]:
    has_file = MediaRow.file_id.is_(None) if purged else MediaRow.file_id.is_not(None)
    return sa.and_(MediaRow.state == "trashed", has_file)


def _rows(
    limit: int, behind: Place | None, *, purged: bool
) -> sa.Select[int, float | None, int, float | None]:
    query = (
        sa.select(
            MediaRow.id,
            MediaRow.trashed_at,
            FileRow.size,
            FileRow.trashed_at.label("file_trashed_at"),
        )
        .outerjoin(FileRow, FileRow.id == MediaRow.file_id)
        .where(_in_bin(purged=purged))
        .order_by(MediaRow.trashed_at.desc(), MediaRow.id.desc())
        .limit(limit)
    )
    if behind is None:
        return query
    place = sa.tuple_(sa.literal(behind.at), sa.literal(behind.id))
    return query.where(sa.tuple_(MediaRow.trashed_at, MediaRow.id) < place)


def _totals() -> sa.Select[int, int | None]:
    """Return the query for how many media are in the bin, and for the bytes that lie there."""
    count = sa.select(sa.func.count()).where(_in_bin(purged=False))
    size = sa.select(sa.func.sum(FileRow.size)).where(FileRow.state.in_(("trashing", "trashed")))
    return sa.select(count.scalar_subquery(), size.scalar_subquery())


def _decided(tx: Tx, media_ids: Sequence[int]) -> dict[int, sa.Row[tuple[object, ...]]]:
    """Return the latest decision that put each media into the bin."""
    latest = (
        sa.select(DecisionItemRow.subject, sa.func.max(DecisionItemRow.decision_id).label("number"))
        .join(DecisionRow, DecisionRow.id == DecisionItemRow.decision_id)
        .where(
            DecisionItemRow.subject.in_(media_ids),
            DecisionItemRow.state == "done",
            DecisionRow.kind == "media.trash",
        )
        .group_by(DecisionItemRow.subject)
        .subquery()
    )
    query = (
        sa.select(latest.c.subject, DecisionRow.id, DecisionRow.action, AccountRow.name)
        .join(DecisionRow, DecisionRow.id == latest.c.number)
        .outerjoin(AccountRow, AccountRow.id == DecisionRow.account_id)
    )
    return {row.subject: row for row in tx.execute(query)}
