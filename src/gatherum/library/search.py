"""Searches over the library: pages by keyset, counts, and the numbers of all that is found."""

import base64
import binascii
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput, NotFound
from gatherum.library.conditions import (
    Condition,
    conditions,
    conditions_beside_words,
    in_state,
    in_states,
    is_narrow,
    rows_of,
    shown_within,
    words_of,
)
from gatherum.library.items import MediaItem, Show, iso, read_items
from gatherum.library.posts import WholePost, read_post
from gatherum.library.tables import MediaRow, PostRow
from gatherum.library.text import (
    FTS,
    FTS_MEDIA_ID,
    FTS_ROW,
    FTS_SECOND,
    SPAN,
    sqlite_match,
    sqlite_row,
)
from gatherum.query.clauses import Words
from gatherum.query.search import STORED, Query

_ID = sa.type_coerce(MediaRow.id, sa.BigInteger)
COUNTED = 200_000  # a search that finds more is not counted to its end
PROVENANCES = 500
Span = tuple[float, float]  # from this second on, until before that one
ALWAYS: Span = (-math.inf, math.inf)


class Order(StrEnum):
    """How what is found is put in order."""

    NEWEST = "newest"  # by its place in the gallery
    OLDEST = "oldest"
    ADDED = "added"  # what came last first
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what a search finds; `next` continues behind it, None is the end."""

    items: tuple[MediaItem, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """One of the places that the bytes of a media came from."""

    id: str  # of the media
    platform: str
    host: str
    post_id: str
    post: str
    media: str
    author: str
    state: str
    gone_since: str | None


@dataclass(frozen=True, slots=True)
class WholeMedia(MediaItem):
    """A media with its post, and with every media that has the same bytes (itself included)."""

    provenances: tuple[Provenance, ...]
    whole_post: WholePost


@dataclass(frozen=True, slots=True)
class Count:
    """How many media a search finds, and how many bytes they have. `exact`: it was counted to the end."""

    count: int
    bytes: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this media."""

    key: float
    id: int


class Search:
    """The repository of searches."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def page(
        self, query: Query, show: Show, *, order: Order, limit: int, cursor: str | None = None
    ) -> Found:
        """Return a page of what is found; `InvalidInput` for a cursor that is not of this order."""
        behind = None if cursor is None else read_cursor(cursor, order)

        def tx(tx: Tx) -> Found:
            places = find(tx, query, order=order, limit=limit + 1, behind=behind)
            items = read_items(tx, [place.id for place in places[:limit]], show)
            more = len(places) > limit
            return Found(tuple(items), write_cursor(places[limit - 1], order) if more else None)

        return await self._db.read(tx)

    async def get(self, media_id: int, show: Show) -> WholeMedia:
        """Return a media, whatever its state; `NotFound` if there is none."""

        def tx(tx: Tx) -> WholeMedia:
            found = read_items(tx, [media_id], show)
            if not found:
                raise NotFound("There is no such media.")
            (item,) = found
            values = (getattr(item, field.name) for field in fields(item))
            whole = read_post(tx, int(item.post_id), show)
            return WholeMedia(*values, _provenances(tx, media_id), whole)  # type: ignore[call-arg]  # all of an item

        return await self._db.read(tx)

    async def count(self, query: Query) -> Count:
        """Return how many media a search finds."""
        return await self._db.read(lambda tx: _count(tx, query))

    async def ids(self, query: Query, *, limit: int, after: int = 0) -> list[int]:
        """Return the numbers of media that a search finds, above `after`, in the order of numbers."""

        def tx(tx: Tx) -> list[int]:
            found = (
                sa.select(MediaRow.id)
                .where(MediaRow.id > after, in_states(query), *conditions(query, tx.dialect.name))
                .order_by(MediaRow.id)
                .limit(limit)
            )
            return list(tx.scalars(found))

        return await self._db.read(tx)


def find(
    tx: Tx,
    query: Query,
    *,
    order: Order,
    limit: int,
    behind: Place | None,
    within: Span = ALWAYS,
) -> Sequence[Place]:
    """Return where the media of a page stand, of those that are shown within a span."""
    words = words_of(query)
    along = order in (Order.NEWEST, Order.OLDEST) and not is_narrow(query)
    if words and along and tx.dialect.name == "sqlite":
        page = _along_text(query, words, order, behind, within)
    else:
        page = _along_rows(
            query, tx.dialect.name, order=order, behind=behind, limit=limit, within=within
        )
    return [Place(*row) for row in tx.execute(page.limit(limit))]


def newest(
    query: Query,
    engine: str,
    columns: Sequence[sa.ColumnElement[Any]],
    *,
    limit: int,
    within: Span = ALWAYS,
) -> sa.Select[*tuple[Any, ...]]:
    """Return the query for columns of what stands first in the gallery among all that is found."""
    words = words_of(query)
    if words and engine == "sqlite" and not is_narrow(query):
        found = _by_text(query, words, columns, within).order_by(FTS_ROW.desc())
    else:
        found = sa.select(*columns).where(in_states(query), *conditions(query, engine))
        found = found.where(*_shown(within))
        found = found.order_by(MediaRow.shown_at.desc(), MediaRow.id.desc())
    return found.limit(limit)


def _by_text(
    query: Query, words: Sequence[Words], columns: Sequence[sa.ColumnElement[Any]], within: Span
) -> sa.Select[*tuple[Any, ...]]:
    """Return the query that goes through what FTS5 finds, which is in the order of the gallery."""
    low, high = shown_within(query)
    low, high = max(low, within[0]), min(high, within[1])
    found = (
        sa.select(*columns)
        .select_from(sa.join(FTS, MediaRow, MediaRow.id == FTS_MEDIA_ID))
        .where(sqlite_match(words), in_states(query), *conditions_beside_words(query, "sqlite"))
        .where(*_shown(within))
    )
    if low > -math.inf:
        found = found.where(sqlite_row(low, 0) <= FTS_ROW)
    return found if high == math.inf else found.where(sqlite_row(high, SPAN - 1) >= FTS_ROW)


def _shown(within: Span) -> list[Condition]:
    low, high = within
    held = [MediaRow.shown_at >= low] if low > -math.inf else []
    return [*held, MediaRow.shown_at < high] if high < math.inf else held


def _along_text(
    query: Query, words: Sequence[Words], order: Order, behind: Place | None, within: Span
) -> sa.Select[*tuple[Any, ...]]:
    page = _by_text(query, words, (FTS_SECOND, _ID), within)
    page = page.order_by(FTS_ROW) if order is Order.OLDEST else page.order_by(FTS_ROW.desc())
    if behind is None:
        return page
    row = sqlite_row(behind.key, behind.id)
    return page.where(row < FTS_ROW if order is Order.OLDEST else row > FTS_ROW)


def _along_rows(
    query: Query,
    engine: str,
    *,
    order: Order,
    behind: Place | None,
    limit: int,
    within: Span,
) -> sa.Select[float, int]:
    """Return the query that goes along an index of media. Each state is asked by itself."""
    asked = [*conditions(query, engine), *_shown(within)]
    key = _key(order, stored=query.states == STORED)
    pages = [
        _in_order(
            sa.select(key.label("key"), MediaRow.id).where(in_state(state), *asked), key, order
        )
        for state in rows_of(query.states)
    ]
    if behind is not None:
        pages = [page.where(_follows(key, order, behind)) for page in pages]
    if len(pages) == 1:
        return pages[0]
    parts = (sa.select(page.limit(limit).subquery()) for page in pages)
    both = sa.union_all(*parts).subquery()
    return _in_order(sa.select(both.c.key, both.c.id), both.c.key, order, both.c.id)


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


def _in_order(
    page: sa.Select[float, int],
    key: sa.ColumnElement[float],
    order: Order,
    number: sa.ColumnElement[int] | None = None,
) -> sa.Select[float, int]:
    last = MediaRow.id if number is None else number
    if order is Order.OLDEST:
        return page.order_by(key, last)
    return page.order_by(key.desc(), last.desc())


def _follows(key: sa.ColumnElement[float], order: Order, behind: Place) -> Condition:
    here, there = sa.tuple_(key, MediaRow.id), sa.tuple_(behind.key, behind.id)
    return here > there if order is Order.OLDEST else here < there


def _provenances(tx: Tx, media_id: int) -> tuple[Provenance, ...]:
    file = sa.select(MediaRow.file_id).where(MediaRow.id == media_id).scalar_subquery()
    rows = tx.execute(
        sa.select(
            MediaRow.id,
            MediaRow.platform,
            MediaRow.host,
            MediaRow.post_id,
            PostRow.remote_id,
            MediaRow.remote_id,
            PostRow.author,
            MediaRow.state,
            PostRow.gone_since,
        )
        .join(PostRow, PostRow.id == MediaRow.post_id)
        .where(MediaRow.file_id == file)
        .order_by(MediaRow.id)
        .limit(PROVENANCES)
    )
    return tuple(
        Provenance(str(number), platform, host, str(post_id), *told, iso(gone))  # type: ignore[call-arg]  # as selected
        for number, platform, host, post_id, *told, gone in rows
    )


def _count(tx: Tx, query: Query) -> Count:
    found = (
        sa.select(sa.func.coalesce(MediaRow.size, 0).label("size"))
        .where(in_states(query), *conditions(query, tx.dialect.name))
        .limit(COUNTED + 1)
        .subquery()
    )
    count, size = tx.execute(sa.select(sa.func.count(), sa.func.sum(found.c.size))).one()
    return Count(min(count, COUNTED), int(size or 0), exact=count <= COUNTED)


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
    if name != order or not math.isfinite(place.key) or not 0 <= place.id < 2**63:
        raise InvalidInput("This cursor belongs to a list in another order: begin anew.")
    return place
