"""What the recycle bin is about to do, as rows: each intent is a function of a transaction.

So whoever decides can record that together with the intent; `Recycle` moves the files afterwards, and
after a crash the rows alone say what is to be finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import Conflict
from gatherum.library.tables import FileRow, MediaRow

LIVE = ("staged", "stored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """An intent that is in the rows: the media that it changed, the files that are on their way."""

    media: tuple[int, ...]
    files: tuple[int, ...]


def begin_trash(tx: Tx, media_ids: Sequence[int], now: float) -> Moving:
    """Hide stored media; a file that has no other live media is on its way to the bin."""
    rows = tx.execute(
        sa.update(MediaRow)
        # Not while the file is on its way: nobody would move it to the bin afterwards.
        .where(
            MediaRow.id.in_(media_ids),
            MediaRow.state == "stored",
            MediaRow.file_id.in_(sa.select(FileRow.id).where(FileRow.state == "stored")),
        )
        .values(state="trashed", trashed_at=now)
        .returning(MediaRow.id, MediaRow.file_id)
    ).all()
    moving = []
    for file_id in sorted({row.file_id for row in rows}):
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
                trashed_at=now,
            )
        )
        if changed.rowcount == 1:
            moving.append(file_id)
    return Moving(media=tuple(sorted(row.id for row in rows)), files=tuple(moving))


def find_restorable(tx: Tx, media_ids: Sequence[int]) -> list[int]:
    """Return those of the media that `begin_restore` can bring back, and keep their files still."""
    query = sa.select(MediaRow.id).join(FileRow, FileRow.id == MediaRow.file_id)
    query = query.where(
        MediaRow.id.in_(media_ids),
        MediaRow.state == "trashed",
        FileRow.state.in_(("stored", "trashed", "restoring")),
    )
    return list(tx.scalars(query.order_by(FileRow.id, MediaRow.id).with_for_update(of=FileRow)))


def begin_restore(tx: Tx, media_ids: Sequence[int]) -> Moving:
    """Let trashed media be stored again; their files are on their way back. Raises `Conflict`."""
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
        sa.update(MediaRow)
        .where(MediaRow.id.in_([row.id for row in rows]))
        .values(state="stored", trashed_at=None)
    )
    return Moving(media=tuple(sorted(row.id for row in rows)), files=tuple(moving))


def begin_purge(tx: Tx, media_ids: Sequence[int]) -> Moving:
    """Let go of the files of trashed media for ever.

    A media whose file others still have loses its link to it, and nothing is removed.
    """
    of_others = sa.select(FileRow.id).where(FileRow.state == "stored")
    parted = list(
        tx.scalars(
            sa.update(MediaRow)
            .where(
                MediaRow.id.in_(media_ids),
                MediaRow.state == "trashed",
                MediaRow.file_id.in_(of_others),
            )
            .values(reason="deleted", file_id=None)
            .returning(MediaRow.id)
        )
    )
    theirs = sa.select(MediaRow.id, MediaRow.file_id).where(
        MediaRow.id.in_(media_ids), MediaRow.state == "trashed", MediaRow.file_id.is_not(None)
    )
    rows = tx.execute(theirs).all()
    moving = set(
        tx.scalars(
            sa.update(FileRow)
            # One that is `purging` already was broken off: by a fault of the disk, or a crash.
            .where(
                FileRow.id.in_({row.file_id for row in rows}),
                FileRow.state.in_(("trashed", "purging")),
            )
            .values(state="purging")
            .returning(FileRow.id)
        )
    )
    return Moving(
        media=tuple(sorted([*parted, *(row.id for row in rows if row.file_id in moving)])),
        files=tuple(sorted(moving)),
    )


def allow(tx: Tx, media_ids: Sequence[int]) -> list[int]:
    """`Recycle.allow_again` in the caller's transaction."""
    lifted = (
        sa.update(MediaRow)
        .where(
            MediaRow.id.in_(media_ids),
            MediaRow.state == "trashed",
            MediaRow.file_id.is_(None),
        )
        .values(
            state="wanted", reason=None, detail=None, attempt=0, not_before=0.0, trashed_at=None
        )
    )
    return list(tx.scalars(lifted.returning(MediaRow.id)))


def forget(tx: Tx, file_id: int) -> None:
    """Drop a purged file's row; every media that had it stays as a tombstone."""
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.file_id == file_id, MediaRow.state == "trashed")
        .values(reason="deleted", file_id=None)
    )
    tx.execute(sa.update(MediaRow).where(MediaRow.file_id == file_id).values(file_id=None))
    tx.execute(sa.delete(FileRow).where(FileRow.id == file_id, FileRow.state == "purging"))


def undo_trash(tx: Tx, file_id: int, media_ids: Sequence[int]) -> None:
    """Take back the intent to trash a file, for these of its media."""
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
            .values(state="stored", trashed_at=None)
        )


def lost(tx: Tx, file_id: int) -> None:
    """Nothing was left to move: the deletion stands, with no bytes."""
    set_state(tx, file_id, "trashing", "purging")
    forget(tx, file_id)


def set_state(tx: Tx, file_id: int, seen: str, state: str) -> None:
    """Bring a file from the state that was seen into another."""
    tx.execute(
        sa.update(FileRow).where(FileRow.id == file_id, FileRow.state == seen).values(state=state)
    )
