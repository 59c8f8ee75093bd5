"""What the library holds of what somebody asks about: a listing, a subscription, an author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.tables import MediaRow, PostRow, SourceRow
from gatherum.model import Media, MediaKind, Post
from gatherum.query.clauses import author_key

BITE = 500
Name = tuple[str, str, str]  # platform, host, the platform's media id


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A media that the library knows."""

    id: int
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What a subscription has brought: stored media and their bytes, and why the others are not."""

    posts: int
    oldest: float | None  # when the oldest of the posts was made, as far as it is known
    stored: int
    bytes: int
    open: int  # on their way
    reasons: Mapping[str, int]  # of what is not stored


class Holdings:
    """The readers of what is held."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of_media(self, names: Sequence[Name]) -> dict[Name, Held]:
        """Return what is known of these media."""
        row = MediaRow

        def read(tx: Tx) -> dict[Name, Held]:
            found: dict[Name, Held] = {}
            key = sa.tuple_(row.platform, row.host, row.remote_id)
            for start in range(0, len(names), BITE):
                query = sa.select(
                    row.id, row.platform, row.host, row.remote_id, row.state, row.reason
                ).where(key.in_(names[start : start + BITE]))
                for one in tx.execute(query):
                    held = Held(id=one.id, state=one.state, reason=one.reason)
                    found[one.platform, one.host, one.remote_id] = held
            return found

        return await self._db.read(read)

    async def of_subscription(self, subscription: int) -> Yield:
        """Return what a subscription has brought."""
        met = sa.select(SourceRow.post_id).where(SourceRow.subscription_id == subscription)
        query = (
            sa.select(
                MediaRow.state,
                MediaRow.reason,
                sa.func.count(),
                sa.func.sum(MediaRow.size),
            )
            .where(MediaRow.post_id.in_(met))
            .group_by(MediaRow.state, MediaRow.reason)
        )
        posts = (
            sa.select(sa.func.count(), sa.func.min(PostRow.posted_at))
            .join(SourceRow, SourceRow.post_id == PostRow.id)
            .where(SourceRow.subscription_id == subscription)
        )

        def read(tx: Tx) -> Yield:
            stored = size = waiting = 0
            reasons: dict[str, int] = {}
            for state, reason, count, total in tx.execute(query):
                match state:
                    case "stored":
                        stored, size = stored + count, size + int(total or 0)
                    case "failed" | "skipped" | "trashed":
                        why = reason or ("deleted" if state == "trashed" else "unavailable")
                        reasons[why] = reasons.get(why, 0) + count
                    case _:
                        waiting += count
            count, oldest = tx.execute(posts).one()
            return Yield(
                posts=count,
                oldest=None if oldest is None else float(oldest),
                stored=stored,
                bytes=size,
                open=waiting,
                reasons=reasons,
            )

        return await self._db.read(read)

    async def posted(self, subscription: int, count: int) -> list[float]:
        """Return when the newest posts of a subscription were made, newest first."""
        query = (
            sa.select(PostRow.posted_at)
            .join(SourceRow, SourceRow.post_id == PostRow.id)
            .where(SourceRow.subscription_id == subscription, PostRow.posted_at.is_not(None))
            .order_by(PostRow.posted_at.desc())
            .limit(count)
        )
        return await self._db.read(
            lambda tx: [float(at) for at in tx.scalars(query) if at is not None]
        )

    async def posts_of_subscription(self, subscription: int, count: int) -> list[Post]:
        """Return the posts that a subscription has met, those met last first."""
        met = sa.select(SourceRow.post_id).where(SourceRow.subscription_id == subscription)
        return await self._posts(sa.select(PostRow.id).where(PostRow.id.in_(met)), count)

    async def posts_of_author(self, platform: str, author: str, count: int) -> list[Post]:
        """Return the posts of an author of which something is stored, those met last first."""
        own = sa.select(MediaRow.post_id).where(
            MediaRow.author_key == author_key(author),
            MediaRow.state == "stored",
            MediaRow.platform == platform,
        )
        return await self._posts(sa.select(PostRow.id).where(PostRow.id.in_(own)), count)

    async def posts(self, count: int) -> list[Post]:
        """Return the posts that the library has met last."""
        return await self._posts(sa.select(PostRow.id), count)

    async def _posts(self, which: sa.Select[int], count: int) -> list[Post]:
        with_media = which.where(sa.exists().where(MediaRow.post_id == PostRow.id))
        newest = with_media.order_by(PostRow.id.desc()).limit(count)

        def read(tx: Tx) -> list[Post]:
            ids = list(tx.scalars(newest))
            media: dict[int, list[Media]] = {}
            query = (
                sa.select(MediaRow.__table__)
                .where(MediaRow.post_id.in_(ids))
                .order_by(MediaRow.post_id, MediaRow.position, MediaRow.id)
            )
            for row in tx.execute(query):
                media.setdefault(row.post_id, []).append(_media(row))
            rows = tx.execute(sa.select(PostRow.__table__).where(PostRow.id.in_(ids))).all()
            posts = {row.id: _post(row, media[row.id]) for row in rows}
            return [posts[number] for number in ids]

        return await self._db.read(read)


def _post(row: sa.Row[tuple[object, ...]], media: Sequence[Media]) -> Post:
    posted_at = None if row.posted_at is None else datetime.fromtimestamp(row.posted_at, UTC)
    return Post(
        platform=row.platform,
        host=row.host,
        id=row.remote_id,
        url=row.url,
        author=row.author,
        caption=row.caption,
        posted_at=posted_at,
        links=tuple(row.links),
        media=tuple(media),
    )


def _media(row: sa.Row[tuple[object, ...]]) -> Media:
    return Media(
        id=row.remote_id,
        url=row.url,
        kind=MediaKind(row.kind),
        filename=row.filename,
        size=row.size if row.size is not None else row.expected_size,
        width=row.width,
        height=row.height,
        duration=row.duration,
    )
