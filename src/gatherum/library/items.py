"""A media as lists and programs see it, read in one go with its post, file and tags."""

import json
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.library.pages import Column, Columns, Rows
from gatherum.library.tables import FileRow, MediaRow, PostRow
from gatherum.moments import Moment, iso, moment

WITH_FILE = ("stored", "trashed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What of media is shown to whom: `files` is where files are served, `paths` whether they are told."""

    files: str  # such as /api/v1/files
    paths: bool


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A media with what is known of its post and file."""

    id: str
    platform: str
    host: str
    post_id: str  # our own number of its post
    post: str  # the platform's id
    media: str  # the platform's id
    position: int  # in the post, from 1
    url: str
    state: str
    reason: str | None
    detail: str | None
    path: str | None  # relative to the library root; only for who may change the library
    sha256: str | None
    size: int | None
    posted_at: Moment | None
    caption: str
    author: str
    kind: str
    mime: str | None
    width: int | None
    height: int | None
    duration: float | None
    favourite: bool
    tags: tuple[str, ...]
    description: str | None
    shown_at: Moment
    added_at: Moment | None
    version: int
    revision: str | None  # of the bytes; addresses that hold it may be kept for ever
    original: str | None  # the address of the file, without the host
    thumbnail: str | None
    thumbhash: str | None  # Base64: a blurred picture, to show while the thumbnail loads


_ASKED: tuple[Column, ...] = (
    MediaRow.platform,
    MediaRow.host,
    MediaRow.post_id,
    PostRow.remote_id,
    MediaRow.remote_id,
    MediaRow.position,
    MediaRow.url,
    MediaRow.state,
    MediaRow.reason,
    MediaRow.detail,
    FileRow.path,
    FileRow.sha256,
    sa.func.coalesce(MediaRow.size, MediaRow.expected_size),
    MediaRow.posted_at,
    PostRow.caption,
    PostRow.author,
    MediaRow.kind,
    MediaRow.mime,
    MediaRow.width,
    MediaRow.height,
    MediaRow.duration,
    MediaRow.favourite,
    MediaRow.description,
    MediaRow.shown_at,
    MediaRow.stored_at,
    MediaRow.version,
    FileRow.thumbhash,
)


def _joined(rows: Rows) -> Rows:
    return rows.join(PostRow, PostRow.id == MediaRow.post_id).outerjoin(
        FileRow, FileRow.id == MediaRow.file_id
    )


ITEM = Columns(_ASKED, _joined)


def make_items(
    tx: Tx, rows: Sequence[sa.Row[*tuple[Any, ...]]], show: Show
) -> tuple[MediaItem, ...]:
    """Return the media of rows that hold a key, the number and the columns `ITEM`."""
    tags = read_tags(tx, [row[1] for row in rows]) if rows else {}
    return tuple(_item(row, tags.get(row[1], ()), show) for row in rows)


def read_items(tx: Tx, media_ids: Sequence[int], show: Show) -> tuple[MediaItem, ...]:
    """Return these media, in this order; one that is no longer there is left out."""
    query = _joined(sa.select(sa.literal(0), MediaRow.id, *ITEM.asked).select_from(MediaRow))
    rows = {row[1]: row for row in tx.execute(query.where(MediaRow.id.in_(media_ids)))}
    return make_items(tx, [rows[number] for number in media_ids if number in rows], show)


def read_tags(tx: Tx, media_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the tags of media, by name."""
    query = _TAGS_SQLITE if tx.dialect.name == "sqlite" else _TAGS_POSTGRESQL
    found: dict[int, tuple[str, ...]] = {}
    for media_id, name in tx.execute(query, {"ids": json.dumps(media_ids)}):
        found[media_id] = (*found.get(media_id, ()), name)
    return found


_TAGS = (
    "select media_tag.media_id, tag.name from media_tag join tag on tag.id = media_tag.tag_id"
    " where media_tag.media_id in ({ids}) order by tag.name_key"
)
# The numbers are one value, whatever their count: so the text of the query is always the same.
_TAGS_SQLITE = sa.text(_TAGS.format(ids="select value from json_each(:ids)"))
_TAGS_POSTGRESQL = sa.text(
    _TAGS.format(ids="select value::bigint from json_array_elements_text(cast(:ids as json))")
)


def _item(row: sa.Row[*tuple[Any, ...]], tags: tuple[str, ...], show: Show) -> MediaItem:
    (
        _,
        number,
        platform,
        host,
        post_id,
        post,
        media,
        position,
        url,
        state,
        reason,
        detail,
        path,
        sha256,
        size,
        posted_at,
        caption,
        author,
        kind,
        mime,
        width,
        height,
        duration,
        favourite,
        description,
        shown_at,
        stored_at,
        version,
        thumbhash,
    ) = row
    has_file = sha256 is not None and state in WITH_FILE
    revision = sha256[:16] if has_file else None
    return MediaItem(
        str(number),
        platform,
        host,
        str(post_id),
        post,
        media,
        position,
        url,
        state,
        reason,
        detail,
        path if show.paths and has_file else None,
        sha256,
        size,
        iso(posted_at),
        caption,
        author,
        kind,
        mime,
        width,
        height,
        duration,
        favourite,
        tags,
        description,
        moment(shown_at),
        iso(stored_at),
        version,
        revision,
        f"{show.files}/{number}/original" if has_file else None,
        f"{show.files}/{number}/thumbnail?v={revision}" if has_file else None,
        b2a_base64(thumbhash, newline=False).decode() if has_file and thumbhash else None,
    )
