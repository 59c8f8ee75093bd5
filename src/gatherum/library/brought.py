"""What subscriptions have brought lately: how much, week by week, and the newest pictures."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.tables import FileRow, MediaRow, PostRow, SourceRow

WEEKS: Final = 12
PICTURES: Final = 3
WEEK_S: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored media that can be shown."""

    id: int
    revision: str  # of its bytes
    thumbhash: str | None  # Base64
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a subscription has brought: the posts it has met, the media it has stored since a time."""

    subscription: int
    posts: int
    fresh: int
    weeks: tuple[int, ...]  # media stored, the oldest week first; the last one ends now
    pictures: tuple[Picture, ...]  # the newest first


class Bringing:
    """The repository of what subscriptions have brought."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def read(
        self, subscriptions: Sequence[int], *, since: float, now: float
    ) -> tuple[Brought, ...]:
        """Return what each of these has brought, in their order; `fresh` counts what came since."""
        numbers = tuple(dict.fromkeys(subscriptions))
        return await self._db.read(partial(_read, numbers=numbers, since=since, now=now))

    async def newest(self) -> dict[int, float]:
        """Return when the newest post of each subscription was published, else first seen.

        It reads the posts of all of them.
        """
        source = SourceRow.subscription_id
        at = sa.func.max(sa.func.coalesce(PostRow.posted_at, PostRow.seen_at))
        joined = sa.select(source, at).join(PostRow, PostRow.id == SourceRow.post_id)
        query = joined.group_by(source).order_by(source)
        return await self._db.read(lambda tx: {row[0]: row[1] for row in tx.execute(query)})


def _read(tx: Tx, *, numbers: Sequence[int], since: float, now: float) -> tuple[Brought, ...]:
    source = SourceRow.subscription_id
    met = sa.select(source, sa.func.count()).where(source.in_(numbers)).group_by(source)
    posts = {row[0]: row[1] for row in tx.execute(met)}
    weeks = {number: [0] * WEEKS for number in numbers}
    fresh = dict.fromkeys(numbers, 0)
    begin = now - WEEKS * WEEK_S
    week = sa.cast(sa.func.floor((MediaRow.stored_at - begin) / WEEK_S), sa.Integer)
    new = sa.func.count().filter(MediaRow.stored_at >= since)
    stored = (
        sa.select(source, week, sa.func.count(), new)
        .join(MediaRow, MediaRow.post_id == SourceRow.post_id)
        .where(
            source.in_(numbers),
            MediaRow.state == "stored",
            MediaRow.stored_at >= min(begin, since),
        )
        .group_by(source, week)
    )
    for number, which, count, came in tx.execute(stored):
        fresh[number] += came
        if which >= 0:
            weeks[number][min(WEEKS - 1, which)] += count
    return tuple(
        Brought(
            subscription=number,
            posts=posts.get(number, 0),
            fresh=fresh[number],
            weeks=tuple(weeks[number]),
            pictures=_pictures(tx, number),
        )
        for number in numbers
    )


def _pictures(tx: Tx, number: int) -> tuple[Picture, ...]:
    query = (
        sa.select(MediaRow.id, FileRow.sha256, FileRow.thumbhash, PostRow.caption)
        .join(SourceRow, SourceRow.post_id == MediaRow.post_id)
        .join(FileRow, FileRow.id == MediaRow.file_id)
        .join(PostRow, PostRow.id == MediaRow.post_id)
        .where(
            SourceRow.subscription_id == number,
            MediaRow.state == "stored",
            MediaRow.kind.in_(("image", "video")),
        )
        .order_by(MediaRow.shown_at.desc(), MediaRow.id.desc())
        .limit(PICTURES)
    )
    return tuple(
        Picture(
            id=media,
            revision=sha256[:16],
            thumbhash=None if thumbhash is None else base64.b64encode(thumbhash).decode(),
            caption=caption,
        )
        for media, sha256, thumbhash, caption in tx.execute(query)
    )
