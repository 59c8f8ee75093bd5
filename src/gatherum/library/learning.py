"""What is learned of files by looking into them, and which have not been looked into yet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from gatherum.db import Database, Tx
from gatherum.library.originals import places
from gatherum.library.tables import FactsRow, FileRow, MediaRow
from gatherum.model import MediaKind

MOST_TRIES = 3  # of a file that may do better another time
STEP = 500  # rows a transaction
START = (-1, 0)  # the place before all files
_MISSING = "missing"
_IS_VIDEO = sa.literal_column("file.kind") == sa.literal_column("'video'")  # as the index says it


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file is like. The size is that of what is seen: upright, in square pixels."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None  # seconds
    frames: int | None = None  # of an animation
    frame_rate: float | None = None
    container: str | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    taken: str | None = None  # ISO 8601, without a zone unless the file tells it
    orientation: int | None = None  # as EXIF counts: 1 is upright
    camera: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprocessed:
    """A file that has not been looked into as this version does it."""

    sha256: str
    kind: MediaKind
    paths: tuple[str, ...]
    place: tuple[int, int]  # in the order of `Learning.next`


class Learning:
    """The repository of what is learned.

    `version`: of how files are looked into, and `previews`: of how scrub sheets and previews are
    made; what an older one has done is done again.
    Invariant: a file counts as processed in the transaction that keeps what was learned of it. One
    that is missing never does: it is left out until `seek_missing`.
    """

    def __init__(self, database: Database, *, version: int, previews: int = 1) -> None:
        self._db = database
        self._version = version
        self._previews = previews
        self._waiting = (
            FileRow.state == "stored",
            FileRow.processed < version,
            ~_has_trouble(FactsRow.trouble == _MISSING),
        )
        self._untried = (*self._waiting, ~_has_trouble())
        self._unpreviewed = (
            FileRow.state == "stored",
            _IS_VIDEO,
            FileRow.previewed < previews,
            FileRow.processed >= version,
            ~_has_trouble(),
        )

    async def learn(self, sha256: str, facts: FileFacts, *, thumbhash: bytes | None = None) -> None:
        """Keep what a file is like; what is known already of its media stays."""

        def tx(tx: Tx) -> None:
            file_id = self._settle(tx, sha256, thumbhash)
            if file_id is not None:
                _write(tx, file_id, {**asdict(facts), "trouble": None, "tries": 0})
                _tell_media(tx, file_id, facts)

        await self._db.write(tx, durable=False)

    async def refuse(
        self, sha256: str, trouble: str, facts: FileFacts, *, may_pass: bool = False
    ) -> None:
        """Keep why a file cannot be shown. What `may_pass` is tried again, three times in all."""

        def tx(tx: Tx) -> None:
            query = (
                sa.select(FileRow.id, sa.func.coalesce(FactsRow.tries, 0))
                .outerjoin(FactsRow, FactsRow.file_id == FileRow.id)
                .where(FileRow.sha256 == sha256)
            )
            row = tx.execute(query).one_or_none()
            if row is None:
                return
            file_id, tries = row[0], row[1] + 1
            if not may_pass or tries >= MOST_TRIES:
                self._settle(tx, sha256, None)
            _write(tx, file_id, {**asdict(facts), "trouble": trouble, "tries": tries})
            _tell_media(tx, file_id, facts)

        await self._db.write(tx, durable=False)

    async def miss(self, sha256: str) -> None:
        """Keep that a file is not there; what is known of it stays."""
        query = sa.select(FileRow.id).where(FileRow.sha256 == sha256)

        def tx(tx: Tx) -> None:
            file_id = tx.scalar(query)
            if file_id is not None:
                _write(tx, file_id, {"trouble": _MISSING})

        await self._db.write(tx, durable=False)

    async def seek_missing(self) -> None:
        """Let files that were not there be looked for again."""
        found = sa.update(FactsRow).where(FactsRow.trouble == _MISSING).values(trouble=None)
        await self._db.write(lambda tx: tx.execute(found), durable=False)

    async def keep_previewed(self, sha256: str) -> None:
        """Keep that the scrub sheet and the preview of a video were made, or cannot be."""
        done = sa.update(FileRow).where(FileRow.sha256 == sha256).values(previewed=self._previews)
        await self._db.write(lambda tx: tx.execute(done), durable=False)

    async def holds(self, sha256: str) -> bool:
        """Return whether there is a file of this content that is not on its way out for ever."""
        query = sa.select(FileRow.id).where(FileRow.sha256 == sha256, FileRow.state != "purging")
        return await self._db.read(lambda tx: tx.scalar(query)) is not None

    async def next(self, *, after: tuple[int, int], limit: int) -> list[Unprocessed]:
        """Return files that are to be looked into, behind a place."""
        return await self._next(self._waiting, FileRow.processed, after, limit)

    async def next_untried(self, *, after: tuple[int, int], limit: int) -> list[Unprocessed]:
        """Return those of them that did not fail before."""
        return await self._next(self._untried, FileRow.processed, after, limit)

    async def next_unpreviewed(self, *, after: tuple[int, int], limit: int) -> list[Unprocessed]:
        """Return videos that were looked into, and have neither scrub sheet nor preview."""
        return await self._next(self._unpreviewed, FileRow.previewed, after, limit)

    async def count(self, *, previews: bool = False) -> int:
        """Return how many files are to be looked into, or with `previews` to be previewed."""
        lists = [self._waiting, self._unpreviewed] if previews else [self._waiting]
        counts = [sa.select(sa.func.count()).select_from(FileRow).where(*each) for each in lists]
        return await self._db.read(lambda tx: sum(tx.scalar(each) or 0 for each in counts))

    async def newest(self, *, above: int = 0, until: float | None = None) -> int | None:
        """Return the number of the newest file that is to be looked into, if it is above one.

        With `until`, a time: the newest of those that were stored by then.
        """
        query = sa.select(sa.func.max(FileRow.id)).where(*self._waiting, FileRow.id > above)
        if until is not None:
            query = query.where(FileRow.stored_at <= until)
        return await self._db.read(lambda tx: tx.scalar(query))

    async def try_again(self) -> int:
        """Let files that could not be shown be looked into again; return how many."""
        total, count = 0, STEP
        while count >= STEP:
            count = await self._db.write(_forget_troubles)
            total += count
        return total

    async def _next(
        self,
        which: Sequence[sa.ColumnElement[bool]],
        version: InstrumentedAttribute[int],
        after: tuple[int, int],
        limit: int,
    ) -> list[Unprocessed]:
        query = (
            sa.select(FileRow.sha256, FileRow.kind, FileRow.path, version, FileRow.id)
            .where(*which, sa.tuple_(version, FileRow.id) > sa.tuple_(*map(sa.literal, after)))
            .order_by(version, FileRow.id)
            .limit(limit)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return [
            Unprocessed(
                sha256=sha256,
                kind=MediaKind(kind),
                paths=places("stored", path, None),
                place=(of_version, file_id),
            )
            for sha256, kind, path, of_version, file_id in rows
        ]

    def _settle(self, tx: Tx, sha256: str, thumbhash: bytes | None) -> int | None:
        values: dict[str, object] = {"processed": self._version}
        if thumbhash is not None:
            values["thumbhash"] = thumbhash
        return tx.scalar(
            sa.update(FileRow).where(FileRow.sha256 == sha256).values(values).returning(FileRow.id)
        )


def _has_trouble(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(FactsRow.file_id == FileRow.id, FactsRow.trouble.is_not(None), *which)


def read_facts(tx: Tx, file_id: int) -> tuple[FileFacts, str | None] | None:
    """Return what is known of a file and what is wrong with it; None if it was not looked into."""
    columns = [getattr(FactsRow, name) for name in FileFacts.__slots__]
    query = sa.select(*columns, FactsRow.trouble).where(FactsRow.file_id == file_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    *facts, trouble = row
    return FileFacts(**dict(zip(FileFacts.__slots__, facts, strict=True))), trouble


def _write(tx: Tx, file_id: int, values: dict[str, object]) -> None:
    changed = tx.execute(sa.update(FactsRow).where(FactsRow.file_id == file_id).values(values))
    if changed.rowcount == 0:
        tx.execute(sa.insert(FactsRow).values({"file_id": file_id, **values}))


def _tell_media(tx: Tx, file_id: int, facts: FileFacts) -> None:
    """Let media know their size and length, where nobody has told them."""
    if facts.width and facts.height:
        unknown = sa.or_(MediaRow.width.is_(None), MediaRow.height.is_(None))
        tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.file_id == file_id, unknown)
            .values(width=facts.width, height=facts.height)
        )
    if facts.duration:
        tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.file_id == file_id, MediaRow.duration.is_(None))
            .values(duration=facts.duration)
        )


def _forget_troubles(tx: Tx) -> int:
    some = list(
        tx.scalars(sa.select(FactsRow.file_id).where(FactsRow.trouble.is_not(None)).limit(STEP))
    )
    tx.execute(sa.update(FileRow).where(FileRow.id.in_(some)).values(processed=0, previewed=0))
    tx.execute(sa.delete(FactsRow).where(FactsRow.file_id.in_(some)))
    return len(some)
