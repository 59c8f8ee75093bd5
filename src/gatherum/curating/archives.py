"""Archives: many files of the library as one ZIP, made while it is sent.

A page of media is read at a time, and every call that blocks runs in a thread.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from gatherum.curating.packing import Member, Packing
from gatherum.db import Database, Tx
from gatherum.fetching.threads import in_thread
from gatherum.library.originals import HIDDEN, places
from gatherum.library.tables import FileRow, MediaRow, PostRow
from gatherum.moments import iso
from gatherum.ports import Fs

MOST: Final = 20_000  # media of one archive
PAGE: Final = 500
OLDEST: Final = datetime(1980, 1, 1, tzinfo=UTC).timestamp()  # that a ZIP can tell
LATEST: Final = datetime(2107, 12, 31, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an archive would hold. `left_out`: media that are not stored, damaged, or in the bin."""

    media: int
    files: int
    bytes: int
    left_out: int


class Archives:
    """Packs media. What has the same bytes is packed once, and named for each in the manifest."""

    def __init__(self, database: Database, fs: Fs) -> None:
        self._db = database
        self._fs = fs

    async def weigh(self, media_ids: Sequence[int]) -> Contents:
        """Return what an archive of these media would hold."""
        sizes: dict[int, int] = {}
        media = 0
        async for members in self._pages(media_ids):
            media += len(members)
            sizes.update((one.file, one.size) for one in members)
        return Contents(
            media=media,
            files=len(sizes),
            bytes=sum(sizes.values()),
            left_out=len(media_ids) - media,
        )

    async def write(self, media_ids: Sequence[int]) -> AsyncGenerator[bytes]:
        """Yield the bytes of an archive; close it to let go of its files.

        A file that has gone meanwhile is left out, and the manifest says so.
        """
        packing = Packing(self._fs)
        try:
            async for members in self._pages(media_ids):
                for member in members:
                    blocks = packing.add(member)
                    try:
                        while block := await in_thread(_next, blocks):
                            yield block
                    finally:
                        await in_thread(blocks.close)
            async for members in self._pages(media_ids):
                if lines := await in_thread(packing.note, members):
                    yield lines
            yield await in_thread(packing.end)
        finally:
            await in_thread(packing.close)

    async def _pages(self, media_ids: Sequence[int]) -> AsyncIterator[list[Member]]:
        for start in range(0, len(media_ids), PAGE):
            ids = media_ids[start : start + PAGE]
            yield await self._db.read(partial(_members, ids))


def _next(blocks: Iterator[bytes]) -> bytes:
    return next(blocks, b"")


def _members(media_ids: Sequence[int], tx: Tx) -> list[Member]:
    query = (
        sa.select(
            MediaRow.id,
            MediaRow.platform,
            MediaRow.remote_id,
            MediaRow.url,
            MediaRow.posted_at,
            MediaRow.stored_at,
            PostRow.remote_id.label("post"),
            PostRow.url.label("post_url"),
            PostRow.author,
            PostRow.caption,
            FileRow.id.label("file"),
            FileRow.sha256,
            FileRow.size,
            FileRow.path,
            FileRow.trash,
            FileRow.state,
        )
        .join(PostRow, PostRow.id == MediaRow.post_id)
        .join(FileRow, FileRow.id == MediaRow.file_id)
        .where(
            MediaRow.id.in_(media_ids),
            MediaRow.state == "stored",
            FileRow.state.not_in(HIDDEN),
            FileRow.damage.is_(None),
        )
        .order_by(MediaRow.id)
    )
    return [_member(row) for row in tx.execute(query)]


def _member(row: sa.Row[*tuple[Any, ...]]) -> Member:
    return Member(
        file=row.file,
        size=row.size,
        name=row.path.rpartition("/")[2],
        paths=places(row.state, row.path, row.trash),
        at=min(max(row.posted_at or row.stored_at or 0.0, OLDEST), LATEST),
        line={
            "type": "media",
            "id": str(row.id),
            "platform": row.platform,
            "post": row.post,
            "media": row.remote_id,
            "url": row.url,
            "sha256": row.sha256,
            "size": row.size,
            "posted_at": iso(row.posted_at),
            "caption": row.caption,
            "author": row.author,
            "post_url": row.post_url,
        },
    )
