"""Searches over the library: pages, counts, and the numbers of all that is found."""

from dataclasses import dataclass, fields

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import NotFound
from gatherum.library.conditions import conditions, in_states, parts_of
from gatherum.library.items import ITEM, MediaItem, Show, make_items, read_items
from gatherum.library.learning import FileFacts, read_facts
from gatherum.library.pages import Columns, Place, find, found, read_cursor, write_cursor
from gatherum.library.posts import WholePost, read_post
from gatherum.library.tables import MediaCountRow, MediaRow, PostRow
from gatherum.library.ways import Order
from gatherum.moments import Moment, iso
from gatherum.query.clauses import OneOf
from gatherum.query.search import Query

__all__ = ["Count", "Found", "Order", "Provenance", "Search", "WholeMedia"]

COUNTED = 100_000  # a search that finds more is not counted to its end
PROVENANCES = 500


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
    gone_since: Moment | None


@dataclass(frozen=True, slots=True)
class WholeMedia(MediaItem):
    """A media with its post, and with every media that has the same bytes (itself included)."""

    provenances: tuple[Provenance, ...]
    whole_post: WholePost
    facts: FileFacts | None  # of its file; None until it has been looked into
    trouble: str | None  # why its file cannot be shown
    scrub: str | None  # the addresses of what is made of videos
    scrub_map: str | None
    preview: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many media a search finds, and how many bytes they have. `exact`: it was counted to the end."""

    count: int
    bytes: int
    exact: bool


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
            rows = find(tx, query, ITEM, order=order, limit=limit + 1, behind=behind)
            items = make_items(tx, rows[:limit], show)
            if len(rows) <= limit:
                return Found(items, None)
            last = rows[limit - 1]
            return Found(items, write_cursor(Place(float(last[0]), last[1]), order))

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
            provenances = _provenances(tx, media_id)
            return WholeMedia(*values, provenances, whole, *_seen(tx, item, show))  # type: ignore[call-arg]  # all of an item

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


def _seen(
    tx: Tx, item: MediaItem, show: Show
) -> tuple[FileFacts | None, str | None, str | None, str | None, str | None]:
    """Return what is known of the file of a media, and where its renditions are."""
    if item.original is None:
        return None, None, None, None, None
    file = sa.select(MediaRow.file_id).where(MediaRow.id == int(item.id))
    facts, trouble = read_facts(tx, tx.scalar(file) or 0) or (None, None)
    if item.kind != "video":
        return facts, trouble, None, None, None
    scrub, scrub_map, preview = (
        f"{show.files}/{item.id}/{name}?v={item.revision}"
        for name in ("scrub", "scrub-map", "preview")
    )
    return facts, trouble, scrub, scrub_map, preview


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
    if (kept := _kept(query)) is not None:
        row = tx.execute(kept).one()
        return Count(int(row[0] or 0), int(row[1] or 0), exact=True)
    size = sa.func.coalesce(MediaRow.size, 0).label("size")
    rows = found(tx, query, Columns((size,)), order=Order.NEWEST, limit=COUNTED + 1).subquery()
    count, total = tx.execute(sa.select(sa.func.count(), sa.func.sum(rows.c.size))).one()
    return Count(min(count, COUNTED), int(total or 0), exact=count <= COUNTED)


def _kept(query: Query) -> sa.Select[int | None, int | None] | None:
    """Return the query to the kept table, None if it does not know what is asked."""
    asked = [MediaCountRow.state.in_(query.states)]
    for part in parts_of(query):
        match part:
            case OneOf("kind", values):
                asked.append(MediaCountRow.kind.in_(values))
            case OneOf("platform", values):
                asked.append(MediaCountRow.platform.in_(values))
            case _:
                return None
    sums = sa.select(sa.func.sum(MediaCountRow.count), sa.func.sum(MediaCountRow.bytes))
    return sums.where(*asked)
