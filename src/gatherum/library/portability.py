"""Posts and media as lines that another installation can read, and the way in for such lines.

What is brought in tells what somebody has, or does not want, elsewhere. A media whose bytes are not
here is `skipped` with the reason `known`: it is shown as what it is, and never fetched again by itself.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gatherum.db import Database, Tx, insert_new
from gatherum.library.items import read_tags
from gatherum.library.tables import FileRow, MediaRow, PostRow
from gatherum.library.tags import change_tags, check_tag
from gatherum.library.text import index_text
from gatherum.model import MediaKind, Reason
from gatherum.moments import iso
from gatherum.query.clauses import author_key

PAGE = 1000
OPEN = ("wanted", "fetching", "staged")
IMPORTED = "It was brought in from elsewhere, without its bytes."
Name = Annotated[str, Field(min_length=1, max_length=2000)]
Words = Annotated[str, Field(max_length=200_000)]
Key = tuple[str, str, str]  # platform, host, id at the platform
Link = Annotated[str, Field(max_length=8000)]


class Record(BaseModel):
    """A line. Names that we do not know are left out: a newer Gatherum may have written them."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=False)


class PostRecord(Record):
    """A post as a line."""

    type: Literal["post"]
    platform: Annotated[str, Field(min_length=1, max_length=100)]
    host: Annotated[str, Field(max_length=300)] = ""
    post: Name
    url: Link
    author: Words = ""
    caption: Words = ""
    links: tuple[Link, ...] = ()
    posted_at: AwareDatetime | None = None
    gone_since: AwareDatetime | None = None
    versions: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @property
    def key(self) -> Key:
        """What makes it the same post."""
        return self.platform, self.host, self.post


class MediaRecord(Record):
    """A media as a line, with what is needed of its post."""

    type: Literal["media"]
    platform: Annotated[str, Field(min_length=1, max_length=100)]
    host: Annotated[str, Field(max_length=300)] = ""
    post: Name
    media: Name
    url: Link
    post_url: Link = ""
    author: Words = ""
    caption: Words = ""
    position: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    kind: MediaKind = MediaKind.UNKNOWN
    state: Literal["stored", "known", "skipped", "failed", "trashed", "wanted"]
    reason: Reason | None = None
    detail: Words | None = None
    filename: Words | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    width: Annotated[int, Field(ge=0, le=10**9)] | None = None
    height: Annotated[int, Field(ge=0, le=10**9)] | None = None
    duration: Annotated[float, Field(ge=0, le=10**9)] | None = None
    posted_at: AwareDatetime | None = None
    edited_date: AwareDatetime | None = None
    description: Words | None = None
    favourite: bool = False
    tags: tuple[Annotated[str, Field(max_length=100)], ...] = ()

    @property
    def key(self) -> Key:
        """What makes it the same media."""
        return self.platform, self.host, self.media

    @property
    def of_post(self) -> PostRecord:
        """Its post, as far as this line tells of it."""
        return PostRecord(
            type="post",
            platform=self.platform,
            host=self.host,
            post=self.post,
            url=self.post_url or self.url,
            author=self.author,
            caption=self.caption,
            posted_at=self.posted_at,
        )


async def export_media(database: Database) -> AsyncIterator[list[dict[str, object]]]:
    """Yield all media in pages, the oldest record first. Each page is one short read."""
    last = 0
    while page := await database.read(lambda tx, last=last: _media_page(tx, last)):  # type: ignore[misc]
        yield [line for _, line in page]
        last = page[-1][0]


async def export_posts(database: Database) -> AsyncIterator[list[dict[str, object]]]:
    """Yield all posts in pages, the oldest record first."""
    last = 0
    while page := await database.read(lambda tx, last=last: _post_page(tx, last)):  # type: ignore[misc]
        yield [line for _, line in page]
        last = page[-1][0]


def import_records(
    tx: Tx, posts: Sequence[PostRecord], media: Sequence[MediaRecord], now: float
) -> int:
    """Write what is not known yet; return how many were new. What is known stays as it is."""
    told: dict[Key, PostRecord] = {}
    for record in (*posts, *(one.of_post for one in media)):
        told.setdefault(record.key, record)  # what a line of its own says counts
    ids, new_posts = _bring_posts(tx, list(told.values()), now)
    asked = {record.key for record in posts}
    return len(new_posts & asked) + _bring_media(tx, media, ids, now)


def _bring_posts(
    tx: Tx, posts: Sequence[PostRecord], now: float
) -> tuple[dict[Key, int], set[Key]]:
    before = _ids(tx, PostRow, [record.key for record in posts])
    fresh = [record for record in posts if record.key not in before]
    insert_new(
        tx,
        PostRow,
        [
            {
                "platform": record.platform,
                "host": record.host,
                "remote_id": record.post,
                "url": record.url,
                "author": record.author,
                "caption": record.caption,
                "links": list(record.links),
                "posted_at": _seconds(record.posted_at),
                "seen_at": now,
                "gone_since": _seconds(record.gone_since),
                "versions": record.versions,
            }
            for record in fresh
        ],
    )
    after = _ids(tx, PostRow, [record.key for record in fresh])
    return before | after, set(after)


def _bring_media(tx: Tx, media: Sequence[MediaRecord], posts: dict[Key, int], now: float) -> int:
    wanted: dict[Key, MediaRecord] = {}
    for record in media:
        wanted.setdefault(record.key, record)
    before = _ids(tx, MediaRow, list(wanted))
    fresh = [record for key, record in wanted.items() if key not in before]
    files = _files(tx, {record.sha256 for record in fresh if record.sha256})
    insert_new(
        tx,
        MediaRow,
        [
            {
                "post_id": posts[record.of_post.key],
                "platform": record.platform,
                "host": record.host,
                "remote_id": record.media,
                "position": record.position,
                "kind": record.kind,
                "url": record.url,
                "transport": "http",
                "recipe": {"headers": {}, "mirrors": []},
                "filename": record.filename,
                "width": record.width,
                "height": record.height,
                "duration": record.duration,
                "attempt": 0,
                "not_before": 0.0,
                "part_ok": 0,
                "posted_at": _seconds(record.posted_at),
                "created_at": now,
                "author_key": author_key(record.author),
                "edited_date": _seconds(record.edited_date),
                "description": record.description,
                "favourite": record.favourite,
                "shown_at": float(int(_seconds(record.edited_date or record.posted_at) or now)),
                **_fate(record, files.get(record.sha256 or ""), now),
            }
            for record in fresh
        ],
    )
    made = _ids(tx, MediaRow, [record.key for record in fresh])
    tags: dict[str, list[int]] = {}
    for record in fresh:
        for tag in record.tags:
            tags.setdefault(check_tag(tag), []).append(made[record.key])
    if tags:
        change_tags(tx, add=tags, remove={})
    index_text(tx, list(made.values()))
    return len(made)


def _fate(
    record: MediaRecord, file: sa.Row[tuple[int, str, int]] | None, now: float
) -> dict[str, object]:
    """Return what a line's state means here."""
    nothing: dict[str, object] = {
        "file_id": None, "mime": None, "size": None, "stored_at": None, "trashed_at": None,
        "reason": None, "detail": record.detail,
    }  # fmt: skip
    match record.state:
        case "trashed":
            return {**nothing, "state": "trashed", "trashed_at": now, "reason": Reason.DELETED}
        case "failed":
            return {**nothing, "state": "failed", "reason": record.reason or Reason.UNAVAILABLE}
        case "skipped":
            return {**nothing, "state": "skipped", "reason": record.reason or Reason.FILTERED}
        case _ if file is not None:
            found = {"file_id": file.id, "mime": file.mime, "size": file.size}
            return {**nothing, **found, "state": "stored", "stored_at": now}
        case _:
            return {**nothing, "state": "skipped", "reason": Reason.KNOWN, "detail": IMPORTED}


def _ids(tx: Tx, table: type[PostRow] | type[MediaRow], keys: Iterable[Key]) -> dict[Key, int]:
    groups: dict[tuple[str, str], list[str]] = {}
    for platform, host, remote_id in keys:
        groups.setdefault((platform, host), []).append(remote_id)
    return {
        (platform, host, remote_id): number
        for (platform, host), remote_ids in groups.items()
        for remote_id, number in tx.execute(
            sa.select(table.remote_id, table.id).where(
                table.platform == platform, table.host == host, table.remote_id.in_(remote_ids)
            )
        )
    }


def _files(tx: Tx, hashes: set[str]) -> dict[str, sa.Row[tuple[int, str, int]]]:
    query = sa.select(FileRow.sha256, FileRow.id, FileRow.mime, FileRow.size).where(
        FileRow.sha256.in_(sorted(hashes)), FileRow.state == "stored"
    )
    return {row.sha256: row for row in tx.execute(query)} if hashes else {}  # type: ignore[misc]


def _media_page(tx: Tx, after: int) -> list[tuple[int, dict[str, object]]]:
    rows = tx.execute(
        sa.select(
            MediaRow.__table__,
            PostRow.remote_id.label("post_remote_id"),
            PostRow.url.label("post_url"),
            PostRow.author,
            PostRow.caption,
            FileRow.path,
            FileRow.sha256,
        )
        .join(PostRow, PostRow.id == MediaRow.post_id)
        .outerjoin(FileRow, FileRow.id == MediaRow.file_id)
        .where(MediaRow.id > after)
        .order_by(MediaRow.id)
        .limit(PAGE)
    ).all()
    tags = read_tags(tx, [row.id for row in rows])
    return [(row.id, _media_line(row, tags.get(row.id, ()))) for row in rows]


def _media_line(row: sa.Row[tuple[object, ...]], tags: tuple[str, ...]) -> dict[str, object]:
    return {
        "type": "media",
        "id": str(row.id),
        "platform": row.platform,
        "host": row.host,
        "post": row.post_remote_id,
        "media": row.remote_id,
        "url": row.url,
        "state": "wanted" if row.state in OPEN else row.state,
        "reason": row.reason,
        "detail": row.detail,
        "path": row.path,
        "sha256": row.sha256,
        "size": row.size,
        "posted_at": iso(row.posted_at),
        "caption": row.caption,
        "author": row.author,
        "post_url": row.post_url,
        "position": row.position,
        "kind": row.kind,
        "mime": row.mime,
        "filename": row.filename,
        "width": row.width,
        "height": row.height,
        "duration": row.duration,
        "stored_at": iso(row.stored_at),
        "edited_date": iso(row.edited_date),
        "description": row.description,
        "favourite": bool(row.favourite),
        "tags": list(tags),
    }


def _post_page(tx: Tx, after: int) -> list[tuple[int, dict[str, object]]]:
    rows = tx.execute(
        sa.select(PostRow.__table__).where(PostRow.id > after).order_by(PostRow.id).limit(PAGE)
    ).all()
    media: dict[int, list[str]] = {}
    if rows:
        offered = (
            sa.select(MediaRow.post_id, MediaRow.remote_id)
            .where(MediaRow.post_id.in_([row.id for row in rows]))
            .order_by(MediaRow.post_id, MediaRow.position, MediaRow.id)
        )
        for post_id, remote_id in tx.execute(offered):
            media.setdefault(post_id, []).append(remote_id)
    return [(row.id, _post_line(row, media.get(row.id, []))) for row in rows]


def _post_line(row: sa.Row[tuple[object, ...]], media: list[str]) -> dict[str, object]:
    return {
        "type": "post",
        "platform": row.platform,
        "host": row.host,
        "post": row.remote_id,
        "url": row.url,
        "author": row.author,
        "caption": row.caption,
        "posted_at": iso(row.posted_at),
        "media": media,
        "versions": row.versions,
        "gone_since": iso(row.gone_since),
        "links": list(row.links),
    }


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
