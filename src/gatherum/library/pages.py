"""Pages of what a search finds: rows in an order, from a place on, each state along its index."""

import base64
import binascii
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
from gatherum.library.ways import AMONG, Order, Way, way_to
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
    way = way_to(tx, query, order)
    values = _values(query, limit=limit, behind=behind, within=within)
    wish = _Wish(tx.dialect.name, query, columns, order, frozenset(values))
    rows = wish.written(way) if way.hint == AMONG else _remembered(wish, way)
    return tx.execute(rows, values).all()


def found(
    tx: Tx,
    query: Query,
    columns: Columns,
    *,
    order: Order,
    limit: int,
    within: Span = ALWAYS,
) -> Rows:
    """Return the query that `find` asks, to stand within another one."""
    values = _values(query, limit=limit, behind=None, within=within)
    wish = _Wish(tx.dialect.name, query, columns, order, frozenset(values))
    return wish.written(way_to(tx, query, order)).params(values)


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


def _values(
    query: Query, *, limit: int, behind: Place | None, within: Span
) -> dict[str, float | int]:
    """Return the values of a page; which there are decides how its query is written."""
    values: dict[str, float | int] = {"page_limit": limit}
    if behind is not None:
        values |= {
            "page_key": behind.key,
            "page_id": behind.id,
            "page_row": sqlite_row(behind.key, behind.id),
        }
    low, high = shown_within(query)
    low, high = max(low, within[0]), min(high, within[1])
    if low > -math.inf:
        values |= {"low": low, "low_row": sqlite_row(low, 0)}
    if high < math.inf:
        values |= {"high": high, "high_row": sqlite_row(high, SPAN - 1)}
    return values


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is read in which order; `given` are the values that there will be."""

    engine: str
    query: Query
    columns: Columns
    order: Order
    given: frozenset[str]

    def written(self, way: Way) -> Rows:
        """Return the query that goes this way."""
        if way.words:
            return self._along_text(way).limit(_LIMIT)
        key = _key(self.order, stored=self.query.states == STORED)
        asked = [*way.conditions, *_shown(self.given)]
        if "page_key" in self.given:
            asked.append(_follows(key, self.order))
        pages: list[Rows] = []
        for state in rows_of(self.query.states):
            rows = self._from(sa.select(key.label("key"), MediaRow.id.label("id")), MediaRow)
            rows = rows.where(in_state(state), *asked).with_hint(MediaRow, way.hint, "sqlite")
            pages.append(_in_order(rows, key, MediaRow.id, self.order).limit(_LIMIT))
        if len(pages) == 1:
            return pages[0]
        both = sa.union_all(*(sa.select(page.subquery()) for page in pages)).subquery()
        return _in_order(sa.select(both), both.c.key, both.c.id, self.order).limit(_LIMIT)

    def _along_text(self, way: Way) -> Rows:
        """Return the query that goes through what FTS5 finds, which is in the order of the gallery."""
        tables = sa.join(FTS, MediaRow, MediaRow.id == FTS_MEDIA_ID)
        rows = self._from(sa.select(FTS_SECOND.label("key"), MediaRow.id), tables)
        rows = rows.where(sqlite_match(way.words), in_states(self.query), *way.conditions)
        rows = rows.where(*_shown(self.given)).with_hint(MediaRow, "not indexed", "sqlite")
        oldest = self.order is Order.OLDEST
        if "low_row" in self.given:
            rows = rows.where(_whole("low_row") <= FTS_ROW)
        if "high_row" in self.given:
            rows = rows.where(_whole("high_row") >= FTS_ROW)
        if "page_row" in self.given:
            row = _whole("page_row")
            rows = rows.where(row < FTS_ROW if oldest else row > FTS_ROW)
        return rows.order_by(FTS_ROW if oldest else FTS_ROW.desc())

    def _from(self, keys: sa.Select[Any, Any], tables: Any) -> Rows:
        return self.columns.joined(keys.add_columns(*self.columns.asked).select_from(tables))


@lru_cache(maxsize=256)
def _remembered(wish: _Wish, way: Way) -> Rows:
    """Return the query of a wish: to write it anew for each page takes as long as to ask it."""
    return wish.written(way)


def _shown(given: frozenset[str]) -> list[Condition]:
    held = [MediaRow.shown_at >= _number("low")] if "low" in given else []
    return [*held, MediaRow.shown_at < _number("high")] if "high" in given else held


def _number(name: str) -> sa.BindParameter[float]:
    return sa.bindparam(name, type_=sa.Double)


def _whole(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger)


_LIMIT = _whole("page_limit")


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


def _follows(key: sa.ColumnElement[float], order: Order) -> Condition:
    here, there = sa.tuple_(key, MediaRow.id), sa.tuple_(_number("page_key"), _whole("page_id"))
    return here > there if order is Order.OLDEST else here < there
