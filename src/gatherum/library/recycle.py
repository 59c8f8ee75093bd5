"""The recycle bin: trash, restore, purge, allow again.

A trashed media is a tombstone: it hides this provenance and stops a re-download. The file moves to
the bin when its last live media is trashed; restoring any of them brings it back. Each move is:
commit the intent, rename, fsync both folders, commit the outcome; if the rename fails the row goes
back, so file and record never diverge.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict
from gatherum.library.files import Files
from gatherum.library.tables import FileRow, MediaRow
from gatherum.ports import Clock, Fs

LIVE = ("staged", "stored")


class Recycle:
    """Moves files between `library/` and `.trash/`."""

    def __init__(self, database: Database, fs: Fs, files: Files, clock: Clock) -> None:
        self._db = database
        self._fs = fs
        self._files = files
        self._clock = clock

    async def trash(self, media_ids: Sequence[int]) -> int:
        """Put stored media into the bin; return how many. Others are left as they are."""
        count, moving = await self._db.write(lambda tx: self._begin_trash(tx, media_ids))
        failed: OSError | None = None
        for file_id in moving:
            try:
                await self._finish_trash(file_id)
            except OSError as error:
                failed = error
                await self._undo_trash(file_id, media_ids)
        if failed is not None:
            raise failed
        return count

    async def restore(self, media_ids: Sequence[int]) -> int:
        """Bring trashed media back to where they were; return how many.

        A purged one has nothing to bring back: `Conflict` (allow it again instead).
        """
        await self.roll_forward(media_ids)
        count, moving = await self._db.write(lambda tx: _begin_restore(tx, media_ids))
        await self._files.publish(moving)
        return count

    async def purge(self, media_ids: Sequence[int]) -> int:
        """Remove the bytes of trashed media for ever; the tombstones stay. Return how many files."""
        moving = await self._db.write(lambda tx: _begin_purge(tx, media_ids))
        for file_id in moving:
            await self._finish_purge(file_id)
        return len(moving)

    async def allow_again(self, media_ids: Sequence[int]) -> list[int]:
        """Lift the tombstones of media whose bytes are gone: they are wanted. Return their ids."""

        def tx(tx: Tx) -> list[int]:
            return list(
                tx.scalars(
                    sa.update(MediaRow)
                    .where(
                        MediaRow.id.in_(media_ids),
                        MediaRow.state == "trashed",
                        MediaRow.file_id.is_(None),
                    )
                    .values(state="wanted", reason=None, detail=None, attempt=0, not_before=0.0)
                    .returning(MediaRow.id)
                )
            )

        return await self._db.write(tx)

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

    def _begin_trash(self, tx: Tx, media_ids: Sequence[int]) -> tuple[int, list[int]]:
        file_ids = set(
            tx.scalars(
                sa.update(MediaRow)
                # Not while the file is on its way: nobody would move it to the bin afterwards.
                .where(
                    MediaRow.id.in_(media_ids),
                    MediaRow.state == "stored",
                    MediaRow.file_id.in_(sa.select(FileRow.id).where(FileRow.state == "stored")),
                )
                .values(state="trashed")
                .returning(MediaRow.file_id)
            )
        )
        count = tx.scalar(
            sa.select(sa.func.count()).where(
                MediaRow.id.in_(media_ids), MediaRow.state == "trashed"
            )
        )
        moving = []
        for file_id in sorted(i for i in file_ids if i is not None):
            # Locked before the look at who else has it: a media that is just being linked to it
            # is seen then, or finds it gone.
            tx.execute(sa.select(FileRow.id).where(FileRow.id == file_id).with_for_update())
            others = sa.exists().where(MediaRow.file_id == file_id, MediaRow.state.in_(LIVE))
            path = tx.scalar(sa.select(FileRow.path).where(FileRow.id == file_id))
            changed = tx.execute(
                sa.update(FileRow)
                .where(FileRow.id == file_id, FileRow.state == "stored", ~others)
                .values(
                    state="trashing",
                    trash=f".trash/{file_id}{PurePosixPath(path or '').suffix}",
                    trashed_at=self._clock.now(),
                )
            )
            if changed.rowcount == 1:
                moving.append(file_id)
        return count or 0, moving

    async def _finish_trash(self, file_id: int) -> None:
        paths = await self._paths(file_id, "trashing")
        if paths is None:
            return
        path, trash = paths
        if await asyncio.to_thread(self._move, path, trash):
            await self._db.write(lambda tx: _set_state(tx, file_id, "trashing", "trashed"))
        else:
            await self._db.write(lambda tx: _lost(tx, file_id))

    async def _undo_trash(self, file_id: int, media_ids: Sequence[int]) -> None:
        """Let a file that could not be moved be stored again, if it surely still is at its place."""
        paths = await self._paths(file_id, "trashing")
        if paths is not None and await asyncio.to_thread(self._is_unmoved, *paths):
            await self._db.write(lambda tx: _undo_trash(tx, file_id, media_ids))

    async def _finish_purge(self, file_id: int) -> None:
        paths = await self._paths(file_id, "purging")
        if paths is not None:
            await asyncio.to_thread(self._remove, paths[1])
            await self._db.write(lambda tx: _forget(tx, file_id))

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


def _begin_restore(tx: Tx, media_ids: Sequence[int]) -> tuple[int, list[int]]:
    rows = tx.execute(
        sa.select(MediaRow.id, MediaRow.file_id).where(
            MediaRow.id.in_(media_ids), MediaRow.state == "trashed"
        )
    ).all()
    if any(row.file_id is None for row in rows):
        raise Conflict(
            "This was purged, so there is nothing to restore. Allow it again to fetch it anew."
        )
    file_ids = sorted({row.file_id for row in rows})
    busy = tx.scalar(
        sa.select(sa.func.count()).where(
            FileRow.id.in_(file_ids), FileRow.state.in_(("purging", "trashing"))
        )
    )
    if busy:
        raise Conflict("This file is just being moved or purged. Try again in a moment.")
    tx.execute(
        sa.update(FileRow)
        .where(FileRow.id.in_(file_ids), FileRow.state == "trashed")
        .values(state="restoring")
    )
    # With those that an earlier try did not bring all the way back.
    theirs = sa.select(MediaRow.file_id).where(MediaRow.id.in_(media_ids))
    moving = list(
        tx.scalars(
            sa.select(FileRow.id).where(FileRow.id.in_(theirs), FileRow.state == "restoring")
        )
    )
    tx.execute(
        sa.update(MediaRow).where(MediaRow.id.in_([row.id for row in rows])).values(state="stored")
    )
    return len(rows), moving


def _begin_purge(tx: Tx, media_ids: Sequence[int]) -> list[int]:
    file_ids = sa.select(MediaRow.file_id).where(
        MediaRow.id.in_(media_ids), MediaRow.state == "trashed"
    )
    return list(
        tx.scalars(
            sa.update(FileRow)
            # One that is `purging` already was broken off: by a fault of the disk, or a crash.
            .where(FileRow.id.in_(file_ids), FileRow.state.in_(("trashed", "purging")))
            .values(state="purging")
            .returning(FileRow.id)
        )
    )


def _forget(tx: Tx, file_id: int) -> None:
    """Drop a purged file's row; every media that had it stays as a tombstone."""
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.file_id == file_id, MediaRow.state == "trashed")
        .values(reason="deleted", file_id=None)
    )
    tx.execute(sa.update(MediaRow).where(MediaRow.file_id == file_id).values(file_id=None))
    tx.execute(sa.delete(FileRow).where(FileRow.id == file_id, FileRow.state == "purging"))


def _undo_trash(tx: Tx, file_id: int, media_ids: Sequence[int]) -> None:
    changed = tx.execute(
        sa.update(FileRow)
        .where(FileRow.id == file_id, FileRow.state == "trashing")
        .values(state="stored", trash=None, trashed_at=None)
    )
    if changed.rowcount == 1:
        tx.execute(
            sa.update(MediaRow)
            .where(
                MediaRow.id.in_(media_ids),
                MediaRow.file_id == file_id,
                MediaRow.state == "trashed",
            )
            .values(state="stored")
        )


def _lost(tx: Tx, file_id: int) -> None:
    """Nothing was left to move: the deletion stands, with no bytes."""
    _set_state(tx, file_id, "trashing", "purging")
    _forget(tx, file_id)


def _set_state(tx: Tx, file_id: int, seen: str, state: str) -> None:
    tx.execute(
        sa.update(FileRow).where(FileRow.id == file_id, FileRow.state == seen).values(state=state)
    )
