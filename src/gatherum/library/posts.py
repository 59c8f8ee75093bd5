"""Posts as people and programs see them: with their media in order, and how they read before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import NotFound
from gatherum.library.items import MediaItem, Show, read_items
from gatherum.library.tables import MediaRow, PostRow, PostVersion
from gatherum.moments import Moment, iso, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PostItem:
    """A post. Times are ISO 8601, UTC."""

    id: str
    platform: str
    host: str
    post: str  # the platform's id
    url: str
    author: str
    caption: str
    links: tuple[str, ...]
    posted_at: Moment | None
    seen_at: Moment
    gone_since: Moment | None  # its source removed it; what is here stays
    versions: int
    media: tuple[str, ...]  # the platform's ids, in order
    media_ids: tuple[str, ...]  # our own numbers, in the same order


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPost(PostItem):
    """A post as lists show it: with the first of its media that are stored."""

    covers: tuple[MediaItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """How a post read before its source changed it."""

    number: int
    caption: str
    media: tuple[str, ...]  # the platform's ids, in the order of then
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePost(PostItem):
    """A post with all its media, and how it read before."""

    items: tuple[MediaItem, ...]
    earlier: tuple[Earlier, ...]


COVERS = 4


class Posts:
    """The readers of posts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def page(
        self, show: Show, *, platform: str | None, limit: int, before: int | None
    ) -> tuple[list[ListedPost], int | None]:
        """Return posts, newest in the library first, and where the next page begins."""
        query = sa.select(PostRow.__table__).order_by(PostRow.id.desc()).limit(limit + 1)
        query = query.where(PostRow.id < (2**62 if before is None else before))
        if platform is not None:
            query = query.where(PostRow.platform == platform)

        def tx(tx: Tx) -> tuple[list[ListedPost], int | None]:
            rows = tx.execute(query).all()
            shown = rows[:limit]
            ids = [row.id for row in shown]
            media, covers = _media_of(tx, ids), _covers(tx, ids, show)
            items = [
                ListedPost(**_values(row, media.get(row.id, ())), covers=covers.get(row.id, ()))
                for row in shown
            ]
            return items, shown[-1].id if len(rows) > limit else None

        return await self._db.read(tx)

    async def get(self, post_id: int, show: Show) -> WholePost:
        """Return a post; `NotFound` if there is none."""
        return await self._db.read(lambda tx: read_post(tx, post_id, show))


def read_post(tx: Tx, post_id: int, show: Show) -> WholePost:
    """Return a post; `NotFound` if there is none."""
    row = tx.execute(sa.select(PostRow.__table__).where(PostRow.id == post_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such post.")
    media = _media_of(tx, [post_id]).get(post_id, ())
    earlier = tx.execute(
        sa.select(PostVersion.__table__)
        .where(PostVersion.post_id == post_id)
        .order_by(PostVersion.number)
    )
    return WholePost(
        **_values(row, media),
        items=read_items(tx, [number for number, _ in media], show),
        earlier=tuple(
            Earlier(
                number=one.number,
                caption=one.caption,
                media=tuple(one.media),
                until=moment(one.until),
            )
            for one in earlier
        ),
    )


def _media_of(tx: Tx, post_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    rows = tx.execute(
        sa.select(MediaRow.post_id, MediaRow.id, MediaRow.remote_id)
        .where(MediaRow.post_id.in_(post_ids))
        .order_by(MediaRow.post_id, MediaRow.position, MediaRow.id)
    )
    for post_id, media_id, remote_id in rows:
        found.setdefault(post_id, []).append((media_id, remote_id))
    return found


def _covers(tx: Tx, post_ids: Sequence[int], show: Show) -> dict[int, tuple[MediaItem, ...]]:
    """Return the first stored media of each post."""
    place = sa.func.row_number().over(
        partition_by=MediaRow.post_id, order_by=(MediaRow.position, MediaRow.id)
    )
    stored = (
        sa.select(MediaRow.id, place.label("place"))
        .where(MediaRow.post_id.in_(post_ids), MediaRow.state == "stored")
        .subquery()
    )
    first = tx.scalars(sa.select(stored.c.id).where(stored.c.place <= COVERS))
    found: dict[int, tuple[MediaItem, ...]] = {}
    for item in sorted(read_items(tx, list(first), show), key=lambda one: one.position):
        found[int(item.post_id)] = (*found.get(int(item.post_id), ()), item)
    return found


def _values(row: sa.Row[tuple[object, ...]], media: Sequence[tuple[int, str]]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "platform": row.platform,
        "host": row.host,
        "post": row.remote_id,
        "url": row.url,
        "author": row.author,
        "caption": row.caption,
        "links": tuple(row.links),
        "posted_at": iso(row.posted_at),
        "seen_at": moment(row.seen_at),
        "gone_since": iso(row.gone_since),
        "versions": row.versions,
        "media": tuple(remote_id for _, remote_id in media),
        "media_ids": tuple(str(number) for number, _ in media),
    }
