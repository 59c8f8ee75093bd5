"""Finish or undo what a crash left open. Runs at start, and whenever a worker has died.

Everything here is safe beside living workers: each step is compare-and-set, or idempotent.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePosixPath

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.files import STAGING, Files
from gatherum.library.recycle import Recycle
from gatherum.library.tables import MediaRow
from gatherum.ports import Fs

CHUNK = 500


class Reconciler:
    """Brings rows and files together again."""

    def __init__(self, database: Database, fs: Fs, files: Files, recycle: Recycle) -> None:
        self._db = database
        self._fs = fs
        self._files = files
        self._recycle = recycle

    async def reconcile(self) -> None:
        """Roll every open file forward, give every open media its state, remove spare parts."""
        await self._files.roll_staged()
        await self._recycle.roll_forward()
        await asyncio.to_thread(self._sweep_staging)

    def _sweep_staging(self) -> None:
        """Delete parts, and folders of yt-dlp, whose media needs none any more."""
        folders = list(self._fs.folders(STAGING))
        names = [name for name in self._fs.list(STAGING) if not _is_within(name, folders)]
        parts = {name: _media_id(name) for name in [*folders, *names]}
        live = self._db.read_now(
            lambda tx: _needing_parts(tx, [i for i in parts.values() if i is not None])
        )
        for name in names:
            if parts[name] is None or parts[name] not in live:
                with suppress(FileNotFoundError):  # another worker sweeps as well
                    self._fs.unlink(name)
        for name in folders:
            if parts[name] is None or parts[name] not in live:
                self._fs.remove_folder(name)


def _needing_parts(tx: Tx, media_ids: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(media_ids), CHUNK):
        found |= set(
            tx.scalars(
                sa.select(MediaRow.id).where(
                    MediaRow.id.in_(media_ids[start : start + CHUNK]),
                    MediaRow.state.in_(("wanted", "fetching", "staged")),
                )
            )
        )
    return found


def _is_within(name: str, folders: Sequence[str]) -> bool:
    return any(name.startswith(f"{folder}/") for folder in folders)


def _media_id(name: str) -> int | None:
    stem = PurePosixPath(name).relative_to(STAGING).parts[0].partition(".")[0]
    return int(stem) if stem.isdecimal() else None
