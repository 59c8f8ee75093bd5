"""What is learned of files by looking into them, and which have not been looked into yet."""

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.originals import places
from gatherum.library.tables import FactsRow, FileRow, MediaRow
from gatherum.model import MediaKind

MOST_TRIES = 3  # of a file that may do better another time
STEP = 500  # rows a transaction


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

    `version`: of how files are looked into; what an older one has done is done again.
    Invariant: a file counts as processed in the transaction that keeps what was learned of it.
    """

    def __init__(self, database: Database, *, version: int) -> None:
        self._db = database
        self._version = version
        self._stored = (
            FileRow.state == "stored",
            FileRow.processed < version,
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

    async def next(self, *, after: tuple[int, int], limit: int) -> list[Unprocessed]:
        """Return files that are to be looked into, behind a place; (-1, 0) is before all."""
        query = (
            sa.select(FileRow.sha256, FileRow.kind, FileRow.path, FileRow.processed, FileRow.id)
            .where(
                *self._stored,
                sa.tuple_(FileRow.processed, FileRow.id) > sa.tuple_(*map(sa.literal, after)),
            )
            .order_by(FileRow.processed, FileRow.id)
            .limit(limit)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return [
            Unprocessed(
                sha256=row.sha256,
                kind=MediaKind(row.kind),
                paths=places("stored", row.path, None),
                place=(row.processed, row.id),
            )
            for row in rows
        ]

    async def count(self) -> int:
        """Return how many files are to be looked into."""
        query = sa.select(sa.func.count()).select_from(FileRow).where(*self._stored)
        return await self._db.read(lambda tx: tx.scalar(query)) or 0

    async def newest(self, *, above: int) -> int | None:
        """Return the number of the newest file that is to be looked into, if it is above one."""
        query = sa.select(sa.func.max(FileRow.id)).where(*self._stored, FileRow.id > above)
        return await self._db.read(lambda tx: tx.scalar(query))

    async def try_again(self) -> int:
        """Let files that could not be shown be looked into again; return how many."""
        total, count = 0, STEP
        while count >= STEP:
            count = await self._db.write(_forget_troubles)
            total += count
        return total

    def _settle(self, tx: Tx, sha256: str, thumbhash: bytes | None) -> int | None:
        values: dict[str, object] = {"processed": self._version}
        if thumbhash is not None:
            values["thumbhash"] = thumbhash
        return tx.scalar(
            sa.update(FileRow).where(FileRow.sha256 == sha256).values(values).returning(FileRow.id)
        )


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
    tx.execute(sa.update(FileRow).where(FileRow.id.in_(some)).values(processed=0))
    tx.execute(sa.delete(FactsRow).where(FactsRow.file_id.in_(some)))
    return len(some)
