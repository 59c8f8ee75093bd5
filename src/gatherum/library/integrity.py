"""Check the library: every row has its file, every file its row, and the bytes are what they were."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.files import hash_file
from gatherum.library.tables import FileRow, MediaRow
from gatherum.ports import Clock, Fs

PAGE = 200


class Flaw(StrEnum):
    """What can be wrong."""

    DAMAGED = "damaged"  # the bytes are not those that were stored
    MISSING = "missing"  # a row without its file
    STRANGER = "stranger"  # a file without a row; never touched
    MISCOUNTED = "miscounted"  # a kept table of days or counts does not say what the rows say


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong; `media` are the platform's ids that had these bytes."""

    flaw: Flaw
    path: str  # relative to the library root; of a miscount what is counted
    file_id: int | None = None
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    id: int
    path: str
    size: int
    sha256: str


class Integrity:
    """Compares rows and files."""

    def __init__(self, database: Database, fs: Fs, clock: Clock) -> None:
        self._db = database
        self._fs = fs
        self._clock = clock

    async def check(self, *, quick: bool) -> AsyncIterator[Finding]:
        """Yield what is wrong; `quick` compares presence and size only, else every byte is read."""
        look = self._differs_in_size if quick else self._differs
        last = 0
        while page := await self._db.read(lambda tx, last=last: _held(tx, last)):  # type: ignore[misc]
            flaws = await asyncio.to_thread(lambda page=page: [look(held) for held in page])  # type: ignore[misc]
            await self._db.write(lambda tx, p=page, f=flaws: self._note(tx, p, f), durable=False)  # type: ignore[misc]
            for held, flaw in zip(page, flaws, strict=True):
                if flaw is not None:
                    media = await self._db.read(lambda tx, held=held: _media(tx, held.id))  # type: ignore[misc]
                    yield Finding(flaw=flaw, path=held.path, file_id=held.id, media=media)
            last = page[-1].id
        for path in await asyncio.to_thread(self._files_on_disk):
            if not await self._db.read(lambda tx, path=path: _is_known(tx, path)):  # type: ignore[misc]
                yield Finding(flaw=Flaw.STRANGER, path=path)

    async def damaged(self) -> list[int]:
        """Return the files that the last check found missing or damaged, of what is stored."""
        query = sa.select(FileRow.id).where(FileRow.damage.is_not(None), FileRow.state == "stored")
        return await self._db.read(lambda tx: list(tx.scalars(query)))

    async def want_again(self, file_ids: list[int]) -> list[int]:
        """Let the media of damaged or missing files be fetched anew; return the media's ids."""

        def tx(tx: Tx) -> list[int]:
            return list(
                tx.scalars(
                    sa.update(MediaRow)
                    .where(MediaRow.file_id.in_(file_ids), MediaRow.state == "stored")
                    .values(state="wanted", attempt=0, not_before=0.0, part_ok=0, etag=None)
                    .returning(MediaRow.id)
                )
            )

        return await self._db.write(tx)

    def _differs_in_size(self, held: _Held) -> Flaw | None:
        size = self._fs.size(held.path)
        if size is None:
            return Flaw.MISSING
        return None if size == held.size else Flaw.DAMAGED

    def _differs(self, held: _Held) -> Flaw | None:
        flaw = self._differs_in_size(held)
        if flaw is not None:
            return flaw
        try:
            same = hash_file(self._fs, held.path) == held.sha256
        except OSError:
            return Flaw.DAMAGED  # the disk cannot read it
        return None if same else Flaw.DAMAGED

    def _note(self, tx: Tx, page: list[_Held], flaws: list[Flaw | None]) -> None:
        for held, flaw in zip(page, flaws, strict=True):
            tx.execute(
                sa.update(FileRow)
                .where(FileRow.id == held.id)
                .values(damage=flaw, checked_at=self._clock.now())
            )

    def _files_on_disk(self) -> list[str]:
        return [path for folder in ("library", ".trash") for path in self._fs.list(folder)]


def _held(tx: Tx, last: int) -> list[_Held]:
    path = sa.case((FileRow.state == "trashed", FileRow.trash), else_=FileRow.path)
    rows = tx.execute(
        sa.select(FileRow.id, path, FileRow.size, FileRow.sha256)
        .where(FileRow.id > last, FileRow.state.in_(("stored", "trashed")))
        .order_by(FileRow.id)
        .limit(PAGE)
    )
    return [_Held(*row) for row in rows]


def _media(tx: Tx, file_id: int) -> tuple[str, ...]:
    return tuple(tx.scalars(sa.select(MediaRow.remote_id).where(MediaRow.file_id == file_id)))


def _is_known(tx: Tx, path: str) -> bool:
    known = sa.or_(FileRow.path == path, FileRow.trash == path)
    return tx.scalar(sa.select(FileRow.id).where(known).limit(1)) is not None
