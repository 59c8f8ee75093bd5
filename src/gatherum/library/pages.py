"""Pages of what a search finds: rows in an order, from a place on, each state along its index."""

import base64
import binascii
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from gatherum.db import Tx
from gatherum.errors import InvalidInput
from gatherum.library.conditions import Condition, in_state, in_states, rows_of, shown_within
from gatherum.library.tables import MediaRow
from gatherum.library.text import (
    FTS,
    FTS_MEDIA_ID,
    FTS_ROW,
    FTS_SECOND,
    SPAN,
    sqlite_match,
    sqlite_row,
)
from gatherum.library.ways import Order, Way, way_to
from gatherum.query.search import STORED, Query

Rows = sa.Select[*tuple[Any, ...]]
Column = sa.ColumnElement[Any] | InstrumentedAttribute[Any]
Span = tuple[float, float]  # from this second on, until before that one
ALWAYS: Span = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this media."""

    key: float
    id: int


@dataclass(frozen=True, slots=True)
class Columns:
    """What is read of each media that is found. `joined` adds the tables that it stands in."""

    asked: tuple[Column, ...]
    joined: Callable[[Rows], Rows] = lambda rows: rows


def find(
    tx: Tx,
    query: Query,
    columns: Columns,
    *,
    order: Order,
    limit: int,
    behind: Place | None = None,
    within: Span = ALWAYS,
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return (key of the order, number of the media, *columns) of what is shown within a span."""
    return tx.execute(
        found(tx, query, columns, order=order, limit=limit, behind=behind, within=within)
    ).all()


def found(
    tx: Tx,
    query: Query,
    columns: Columns,
    *,
    order: Order,
    limit: int,
    behind: Place | None = None,
    within: Span = ALWAYS,
) -> Rows:
    """Return the query that `find` asks."""
    way = way_to(tx, query, order)
    if way.words:
        return _along_text(query, way, columns, order=order, behind=behind, within=within).limit(
            limit
        )
    key = _key(order, stored=query.states == STORED)
    asked = [*way.conditions, *_shown(within)]
    if behind is not None:
        asked.append(_follows(key, order, behind))
    pages = []
    for state in rows_of(query.states):
        rows = columns.joined(
            sa.select(key.label("key"), MediaRow.id.label("id"), *columns.asked).select_from(
                MediaRow
            )
        )
        rows = rows.where(in_state(state), *asked).with_hint(MediaRow, way.hint, "sqlite")
        pages.append(_in_order(rows, key, MediaRow.id, order).limit(limit))
    if len(pages) == 1:
        return pages[0]
    both = sa.union_all(*(sa.select(page.subquery()) for page in pages)).subquery()
    return _in_order(sa.select(both), both.c.key, both.c.id, order).limit(limit)


def write_cursor(place: Place, order: Order) -> str:
    """Return the cursor that leads on behind a media."""
    text = f"{order}:{place.key!r}:{place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, order: Order) -> Place:
    """Return where a page begins; `InvalidInput` for a cursor that is not of this order."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
        name, key, number = text.split(":")
        place = Place(float(key), int(number))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(
            "This cursor is none of ours: take `next` of the page before."
        ) from error
    if name != order or not math.isfinite(place.key) or not 0 <= place.id < 2**62:
        raise InvalidInput("This cursor belongs to a list in another order: begin anew.")
    return place


def _along_text(
    query: Query,
    way: Way,
    columns: Columns,
    *,
    order: Order,
    behind: Place | None,
    within: Span,
) -> Rows:
    """Return the query that goes through what FTS5 finds, which is in the order of the gallery."""
    low, high = shown_within(query)
    low, high = max(low, within[0]), min(high, within[1])
    rows = sa.select(FTS_SECOND.label("key"), MediaRow.id, *columns.asked)
    rows = columns.joined(rows.select_from(sa.join(FTS, MediaRow, MediaRow.id == FTS_MEDIA_ID)))
    rows = rows.where(sqlite_match(way.words), in_states(query), *way.conditions, *_shown(within))
    rows = rows.with_hint(MediaRow, "not indexed", "sqlite")
    oldest = order is Order.OLDEST
    if low > -math.inf:
        rows = rows.where(sqlite_row(low, 0) <= FTS_ROW)
    if high < math.inf:
        rows = rows.where(sqlite_row(high, SPAN - 1) >= FTS_ROW)
    if behind is not None:
        row = sqlite_row(behind.key, behind.id)
        rows = rows.where(row < FTS_ROW if oldest else row > FTS_ROW)
    return rows.order_by(FTS_ROW if oldest else FTS_ROW.desc())


def _shown(within: Span) -> list[Condition]:
    low, high = within
    held = [MediaRow.shown_at >= low] if low > -math.inf else []
    return [*held, MediaRow.shown_at < high] if high < math.inf else held


def _key(order: Order, *, stored: bool) -> sa.ColumnElement[float]:
    match order:
        case Order.ADDED:
            return sa.type_coerce(MediaRow.stored_at if stored else MediaRow.created_at, sa.Double)
        case Order.LARGEST if stored:
            return sa.type_coerce(MediaRow.size, sa.Double)
        case Order.LARGEST:
            told = sa.func.coalesce(MediaRow.size, MediaRow.expected_size, 0)
            return sa.type_coerce(told, sa.Double)
        case _:
            return sa.type_coerce(MediaRow.shown_at, sa.Double)


def _in_order(rows: Rows, key: sa.ColumnElement[Any], number: Any, order: Order) -> Rows:
    if order is Order.OLDEST:
        return rows.order_by(key, number)
    return rows.order_by(key.desc(), number.desc())


def _follows(key: sa.ColumnElement[float], order: Order, behind: Place) -> Condition:
    here, there = sa.tuple_(key, MediaRow.id), sa.tuple_(behind.key, behind.id)
    return here > there if order is Order.OLDEST else here < there
