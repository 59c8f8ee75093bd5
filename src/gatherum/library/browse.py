"""Read the library: media and posts as people and scripts see them, by keyset pages."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.conditions import conditions
from gatherum.library.tables import FileRow, LedgerRow, MediaRow, PostRow
from gatherum.model import Outcome
from gatherum.query.clauses import Clause
from gatherum.query.search import Query

PAGE = 500
HIGHEST = 2**62  # no media has a number above


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A media with what is known of its post and file. Times are seconds since 1970, UTC."""

    id: int
    platform: str
    host: str
    post: str
    media: str
    url: str
    author: str
    caption: str
    state: str
    reason: str | None
    detail: str | None
    path: str | None  # relative to the library root
    sha256: str | None
    size: int | None
    posted_at: float | None
    settled_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post and the ids of its media, in order."""

    id: int
    platform: str
    host: str
    post: str
    url: str
    author: str
    caption: str
    posted_at: float | None
    media: tuple[str, ...]
    versions: int
    gone_since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaQuery:
    """Which media; what is None or empty is not asked for."""

    states: tuple[str, ...] = ("stored",)  # of rows
    clause: Clause | None = None  # what a search asks
    ids: tuple[int, ...] = ()


V = TypeVar("V", MediaView, PostView)


class Browse:
    """The readers of the library."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def media(
        self, query: MediaQuery, *, limit: int | None = None
    ) -> AsyncIterator[MediaView]:
        """Yield media, newest in the library first."""
        async for view in self._paged(partial(_media_page, query), limit):
            yield view

    async def posts(
        self, *, platform: str | None = None, limit: int | None = None
    ) -> AsyncIterator[PostView]:
        """Yield posts, newest in the library first."""
        async for view in self._paged(partial(_post_page, platform), limit):
            yield view

    async def _paged(
        self, read: Callable[[int | None, int], Callable[[Tx], list[V]]], limit: int | None
    ) -> AsyncIterator[V]:
        """Yield `limit` rows at most, page by page: each begins below the last one's number."""
        before: int | None = None
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            page = await self._db.read(read(before, size))
            for view in page:
                yield view
            if len(page) < size:
                return
            before = page[-1].id
            left = None if left is None else left - len(page)

    async def settled(self, job_id: str, since: float) -> list[MediaView]:
        """Return what came to its outcome in a job at `since` or later; `state` is the outcome."""

        def tx(tx: Tx) -> list[MediaView]:
            query = (
                _select()
                .add_columns(
                    LedgerRow.outcome.label("outcome"),
                    LedgerRow.reason.label("why"),
                    LedgerRow.settled_at,
                )
                .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
                .where(LedgerRow.job_id == job_id, LedgerRow.settled_at >= since)
                .order_by(LedgerRow.settled_at, MediaRow.id)
            )
            return [
                _view(row, outcome=row.outcome, reason=row.why, at=row.settled_at)
                for row in tx.execute(query)
            ]

        return await self._db.read(tx)

    async def pending(self, job_id: str) -> list[MediaView]:
        """Return what a job still waits for."""

        def tx(tx: Tx) -> list[MediaView]:
            query = (
                _select()
                .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
                .where(LedgerRow.job_id == job_id, LedgerRow.outcome == Outcome.PENDING)
                .order_by(MediaRow.id)
            )
            return [_view(row) for row in tx.execute(query)]

        return await self._db.read(tx)


def _select() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            MediaRow.__table__,
            PostRow.remote_id.label("post_remote_id"),
            PostRow.author,
            PostRow.caption,
            FileRow.path,
            FileRow.sha256,
            FileRow.size,
        )
        .join(PostRow, PostRow.id == MediaRow.post_id)
        .outerjoin(FileRow, FileRow.id == MediaRow.file_id)
    )


def _media_page(
    query: MediaQuery, before: int | None, size: int
) -> Callable[[Tx], list[MediaView]]:
    def tx(tx: Tx) -> list[MediaView]:
        # By number: the whole library is read that way, and no order of an index suits a page.
        wanted = _select().order_by(MediaRow.id.desc()).limit(size)
        wanted = wanted.with_hint(MediaRow, "not indexed", "sqlite")
        wanted = wanted.where(MediaRow.id < (HIGHEST if before is None else before))
        wanted = wanted.where(*conditions(Query(query.clause), tx.dialect.name))
        if query.ids:
            wanted = wanted.where(MediaRow.id.in_(query.ids))
        if query.states:
            wanted = wanted.where(MediaRow.state.in_(query.states))
        return [_view(row) for row in tx.execute(wanted)]

    return tx


def _post_page(
    platform: str | None, before: int | None, size: int
) -> Callable[[Tx], list[PostView]]:
    def tx(tx: Tx) -> list[PostView]:
        wanted = sa.select(PostRow.__table__).order_by(PostRow.id.desc()).limit(size)
        if platform is not None:
            wanted = wanted.where(PostRow.platform == platform)
        if before is not None:
            wanted = wanted.where(PostRow.id < before)
        rows = tx.execute(wanted).all()
        media = _media_of(tx, [row.id for row in rows])
        return [
            PostView(
                id=row.id,
                platform=row.platform,
                host=row.host,
                post=row.remote_id,
                url=row.url,
                author=row.author,
                caption=row.caption,
                posted_at=row.posted_at,
                media=tuple(media.get(row.id, ())),
                versions=row.versions,
                gone_since=row.gone_since,
            )
            for row in rows
        ]

    return tx


def _media_of(tx: Tx, post_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = tx.execute(
        sa.select(MediaRow.post_id, MediaRow.remote_id)
        .where(MediaRow.post_id.in_(post_ids))
        .order_by(MediaRow.post_id, MediaRow.position, MediaRow.id)
    )
    for post_id, remote_id in rows:
        found.setdefault(post_id, []).append(remote_id)
    return found


def _view(
    row: sa.Row[tuple[object, ...]],
    *,
    outcome: str | None = None,
    reason: str | None = None,
    at: float | None = None,
) -> MediaView:
    return MediaView(
        id=row.id,
        platform=row.platform,
        host=row.host,
        post=row.post_remote_id,
        media=row.remote_id,
        url=row.url,
        author=row.author,
        caption=row.caption,
        state=outcome or row.state,
        reason=reason if outcome else row.reason,
        detail=row.detail,
        path=row.path if row.state in ("stored", "trashed") else None,
        sha256=row.sha256,
        size=row.size if row.size is not None else row.expected_size,
        posted_at=row.posted_at,
        settled_at=at,
    )
