"""The gallery as columns: how much each day holds, and what the tiles of some days show."""

from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.pages import (
    Columns,
    Place,
    Span,
    find,
    found,
    read_cursor,
    write_cursor,
)
from gatherum.library.tables import DayBucketRow, FileRow, MediaRow, PostRow
from gatherum.library.ways import Order
from gatherum.query.search import Query

DAY_S = 86_400.0
FIRST, LAST = -720_000, 3_000_000  # days before and behind all that a calendar has
LOOKED_AT = 100_000  # media, for the days of a search
NAME = 80  # letters of a caption: enough to name a tile
DAY: sa.ColumnElement[int] = sa.cast(sa.func.floor(MediaRow.shown_at / DAY_S), sa.Integer)
RATIO = 1.0 * MediaRow.width / sa.func.nullif(MediaRow.height, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """The days of the gallery that hold anything, newest first, as columns.

    `exact`: all that a search finds was looked at; else the newest `LOOKED_AT` media of it.
    """

    day: tuple[int, ...]  # days since 1970, UTC
    count: tuple[int, ...]
    width: tuple[
        float, ...
    ]  # the sum of width to height: how long the day is in one row of height 1
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Tiles of the gallery, newest first, as columns of the same length; `next` continues behind them."""

    id: tuple[str, ...]
    shown_at: tuple[int, ...]  # seconds since 1970, UTC
    ratio: tuple[float, ...]  # 1 where it is not known
    kind: tuple[str, ...]
    favourite: tuple[bool, ...]
    thumbhash: tuple[str | None, ...]  # base64
    duration: tuple[float | None, ...]
    revision: tuple[str | None, ...]  # of the bytes, for the address of the thumbnail
    post: tuple[str, ...]  # our own number
    size: tuple[int | None, ...]  # bytes
    author: tuple[str, ...]
    caption: tuple[str, ...]  # its beginning
    next: str | None


class Timeline:
    """The readers of the gallery. Days are counted since 1970, in UTC; spans include both ends."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def buckets(
        self, query: Query, *, newest_day: int = LAST, oldest_day: int = FIRST
    ) -> Buckets:
        """Return the days that hold what a search finds; for all that is stored from a kept table."""

        def tx(tx: Tx) -> Buckets:
            if query.is_plain:
                return _kept(tx, newest_day, oldest_day)
            return _worked_out(tx, query, _span(newest_day, oldest_day))

        return await self._db.read(tx)

    async def assets(
        self,
        query: Query,
        *,
        newest_day: int,
        oldest_day: int,
        limit: int,
        cursor: str | None = None,
        skip: int = 0,
    ) -> Assets:
        """Return tiles of some days, from a cursor on or behind the first `skip`.

        Raises `InvalidInput` for a cursor that is none.
        """
        behind = None if cursor is None else read_cursor(cursor, Order.NEWEST)
        within = _span(newest_day, oldest_day)

        def tx(tx: Tx) -> Assets:
            place = _place(tx, query, skip, within) if behind is None and skip else behind
            rows = find(
                tx,
                query,
                TILE,
                order=Order.NEWEST,
                limit=limit + 1,
                behind=place,
                within=within,
            )
            return _assets(rows, limit=limit)

        return await self._db.read(tx)


def _span(newest_day: int, oldest_day: int) -> Span:
    return oldest_day * DAY_S, (newest_day + 1) * DAY_S


def _place(tx: Tx, query: Query, skip: int, within: Span) -> Place | None:
    """Return where the first `skip` tiles end; only keys are gone through on the way there."""
    rows = found(tx, query, Columns(()), order=Order.NEWEST, limit=skip, within=within).subquery()
    last = tx.execute(sa.select(rows.c.key, rows.c.id).order_by(rows.c.key, rows.c.id).limit(1))
    row = last.one_or_none()
    return None if row is None else Place(float(row.key), row.id)


def _kept(tx: Tx, newest_day: int, oldest_day: int) -> Buckets:
    query = (
        sa.select(DayBucketRow.day, DayBucketRow.count, DayBucketRow.width)
        .where(DayBucketRow.count > 0, DayBucketRow.day.between(oldest_day, newest_day))
        .order_by(DayBucketRow.day.desc())
    )
    return _columns(tx, query, exact=True)


def _worked_out(tx: Tx, query: Query, within: Span) -> Buckets:
    width = sa.func.coalesce(RATIO, 1.0).label("width")
    columns = Columns((DAY.label("day"), width))
    rows = found(
        tx, query, columns, order=Order.NEWEST, limit=LOOKED_AT + 1, within=within
    ).subquery()
    counted = sa.select(rows.c.day, sa.func.count(), sa.func.sum(rows.c.width))
    return _columns(tx, counted.group_by(rows.c.day).order_by(rows.c.day.desc()), exact=False)


def _columns(tx: Tx, query: sa.Select[int, int, float], *, exact: bool) -> Buckets:
    rows = tx.execute(query).all()
    day, count, width = zip(*rows, strict=True) if rows else ((), (), ())
    return Buckets(
        day=day,
        count=count,
        width=tuple(round(one, 3) for one in width),
        exact=exact or sum(count) <= LOOKED_AT,
    )


def _assets(rows: Sequence[sa.Row[*tuple[Any, ...]]], *, limit: int) -> Assets:
    shown = rows[:limit]
    columns = zip(*shown, strict=True) if shown else ((),) * (len(TILE.asked) + 2)
    keys, ids, shown_at, ratio, kind, favourite, thumbhash, duration, revision, post, *told = (
        columns
    )
    size, author, caption = told
    more = len(rows) > limit
    return Assets(
        id=tuple(map(str, ids)),
        shown_at=tuple(map(int, shown_at)),
        ratio=tuple(1.0 if one is None else round(one, 4) for one in ratio),
        kind=kind,
        favourite=favourite,
        thumbhash=tuple(None if one is None else _base64(one) for one in thumbhash),
        duration=duration,
        revision=revision,
        post=tuple(map(str, post)),
        size=size,
        author=author,
        caption=caption,
        next=write_cursor(Place(float(keys[-1]), ids[-1]), Order.NEWEST) if more else None,
    )


TILE = Columns(
    (
        MediaRow.shown_at,
        RATIO,
        MediaRow.kind,
        MediaRow.favourite,
        FileRow.thumbhash,
        MediaRow.duration,
        sa.func.substr(FileRow.sha256, 1, 16),
        MediaRow.post_id,
        MediaRow.size,
        PostRow.author,
        sa.func.substr(PostRow.caption, 1, NAME),
    ),
    lambda rows: rows.join(PostRow, PostRow.id == MediaRow.post_id).outerjoin(
        FileRow, FileRow.id == MediaRow.file_id
    ),
)


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()
