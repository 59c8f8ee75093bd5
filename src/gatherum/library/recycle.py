"""The recycle bin: trash, restore, purge, allow again.

A trashed media is a tombstone: it hides this provenance and stops a re-download. The file moves to
the bin when its last live media is trashed; restoring any of them brings it back. Each move is:
commit the intent, rename, fsync both folders, commit the outcome; if the rename fails the row goes
back, so file and record never diverge. The intents are functions of a transaction, so that a decision
can be recorded together with them.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.files import Files
from gatherum.library.intents import (
    Moving,
    allow,
    begin_purge,
    begin_restore,
    begin_trash,
    forget,
    lost,
    set_state,
    undo_trash,
)
from gatherum.library.tables import FileRow, MediaRow
from gatherum.ports import Clock, Fs

Purged = Callable[[str], Awaitable[None]]


async def _have_nothing_else(_sha256: str) -> None:
    """Nothing was made of the file."""


class Recycle:
    """Moves files between `library/` and `.trash/`.

    `purged` is told the content of each file that goes for ever, so that what was made of it goes
    with it; until it has returned the file counts as not purged.
    """

    def __init__(
        self,
        database: Database,
        fs: Fs,
        files: Files,
        clock: Clock,
        *,
        purged: Purged = _have_nothing_else,
    ) -> None:
        self._db = database
        self._fs = fs
        self._files = files
        self._clock = clock
        self._purged = purged

    async def trash(self, media_ids: Sequence[int]) -> int:
        """Put stored media into the bin; return how many. Others are left as they are."""
        now = self._clock.now()

        def tx(tx: Tx) -> tuple[int, Moving]:
            moving = begin_trash(tx, media_ids, now)
            theirs = sa.and_(MediaRow.id.in_(media_ids), MediaRow.state == "trashed")
            return tx.scalar(sa.select(sa.func.count()).where(theirs)) or 0, moving

        count, moving = await self._db.write(tx)
        _, failed = await self.finish_trash(moving)
        if failed is not None:
            raise failed
        return count

    async def finish_trash(self, moving: Moving) -> tuple[set[int], OSError | None]:
        """Move files to the bin; return the media whose file would not go, and why it did not.

        Those are stored again, if their file surely still is at its place.
        """
        failed: OSError | None = None
        for file_id in moving.files:
            try:
                await self._finish_trash(file_id)
            except OSError as error:
                failed = error
                await self._undo_trash(file_id, moving.media)
        if failed is None:
            return set(), None
        back = sa.select(MediaRow.id).where(
            MediaRow.id.in_(moving.media), MediaRow.state == "stored"
        )
        return set(await self._db.read(lambda tx: tx.scalars(back).all())), failed

    async def restore(self, media_ids: Sequence[int]) -> int:
        """Bring trashed media back to where they were; return how many.

        A purged one has nothing to bring back: `Conflict` (allow it again instead).
        """
        await self.roll_forward(media_ids)
        moving = await self._db.write(lambda tx: begin_restore(tx, media_ids))
        await self.finish_restore(moving)
        return len(moving.media)

    async def finish_restore(self, moving: Moving) -> set[int]:
        """Move files back to their places; return the media whose bytes were lost: they are wanted."""
        await self._files.publish(moving.files)
        lost = sa.select(MediaRow.id).where(
            MediaRow.id.in_(moving.media), MediaRow.state == "wanted"
        )
        return set(await self._db.read(lambda tx: tx.scalars(lost).all()))

    async def purge(self, media_ids: Sequence[int]) -> int:
        """Remove the bytes of trashed media for ever; the tombstones stay. Return how many files."""
        moving = await self._db.write(lambda tx: begin_purge(tx, media_ids))
        await self.finish_purge(moving)
        return len(moving.files)

    async def finish_purge(self, moving: Moving) -> None:
        """Remove files that are in the bin for ever."""
        for file_id in moving.files:
            await self._finish_purge(file_id)

    async def allow_again(self, media_ids: Sequence[int]) -> list[int]:
        """Lift the tombstones of media whose bytes are gone: they are wanted. Return their ids."""
        return await self._db.write(lambda tx: allow(tx, media_ids))

    async def due_for_purge(self, before: float) -> list[int]:
        """Return the media whose file has been in the bin since `before` or longer."""

        def tx(tx: Tx) -> list[int]:
            return list(
                tx.scalars(
                    sa.select(MediaRow.id)
                    .join(FileRow, FileRow.id == MediaRow.file_id)
                    .where(FileRow.state == "trashed", FileRow.trashed_at < before)
                )
            )

        return await self._db.read(tx)

    async def roll_forward(self, media_ids: Sequence[int] | None = None) -> None:
        """Finish the moves that a crash, or a fault of the disk, interrupted: all, or of these."""
        query = sa.select(FileRow.id, FileRow.state).where(
            FileRow.state.in_(("trashing", "purging"))
        )
        if media_ids is not None:
            theirs = sa.select(MediaRow.file_id).where(MediaRow.id.in_(media_ids))
            query = query.where(FileRow.id.in_(theirs))
        failed: OSError | None = None
        for file_id, state in await self._db.read(lambda tx: tx.execute(query).all()):
            try:
                await (self._finish_trash if state == "trashing" else self._finish_purge)(file_id)
            except OSError as error:
                failed = error  # it stays as it is, and the others have their turn
        if failed is not None:
            raise failed

    async def _finish_trash(self, file_id: int) -> None:
        paths = await self._paths(file_id, "trashing")
        if paths is None:
            return
        path, trash = paths
        if await asyncio.to_thread(self._move, path, trash):
            await self._db.write(lambda tx: set_state(tx, file_id, "trashing", "trashed"))
        else:
            await self._db.write(lambda tx: lost(tx, file_id))

    async def _undo_trash(self, file_id: int, media_ids: Sequence[int]) -> None:
        """Let a file that could not be moved be stored again, if it surely still is at its place."""
        paths = await self._paths(file_id, "trashing")
        if paths is not None and await asyncio.to_thread(self._is_unmoved, *paths):
            await self._db.write(lambda tx: undo_trash(tx, file_id, media_ids))

    async def _finish_purge(self, file_id: int) -> None:
        paths = await self._paths(file_id, "purging")
        if paths is not None:
            await asyncio.to_thread(self._remove, paths[1])
            content = sa.select(FileRow.sha256).where(FileRow.id == file_id)
            sha256 = await self._db.read(lambda tx: tx.scalar(content))
            if sha256 is not None:
                await self._purged(sha256)
            await self._db.write(lambda tx: forget(tx, file_id))

    def _is_unmoved(self, path: str, trash: str) -> bool:
        return self._fs.size(trash) is None and self._fs.size(path) is not None

    def _move(self, source: str, target: str) -> bool:
        """Move a file, durably; True if it is at `target` now, whoever moved it there."""
        with contextlib.suppress(FileNotFoundError):  # moved before a crash, or by another worker
            self._fs.rename_new(source, target)
        # The new name first: no moment may come in which neither is sure.
        for folder in dict.fromkeys(str(PurePosixPath(p).parent) for p in (target, source)):
            self._fs.fsync_dir(folder)
        return self._fs.size(target) is not None

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # a crash came before the commit
            self._fs.unlink(path)
        self._fs.fsync_dir(str(PurePosixPath(path).parent))

    async def _paths(self, file_id: int, state: str) -> tuple[str, str] | None:
        """Return a file's two places; None if somebody else has brought it out of `state`."""

        def tx(tx: Tx) -> tuple[str, str] | None:
            row = tx.execute(
                sa.select(FileRow.path, FileRow.trash).where(
                    FileRow.id == file_id, FileRow.state == state
                )
            ).one_or_none()
            return None if row is None else (row.path, row.trash)

        return await self._db.read(tx)
