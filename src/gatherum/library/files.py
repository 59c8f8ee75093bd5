"""Adopt verified parts into the library, in groups: one durable commit for many files.

Order of steps, each safe to lose power after: the part's bytes are durable (fetching) -> commit
`staged` with hash and reserved path -> rename, never replacing -> fsync the folders -> commit
`stored`. Every step can be run twice and by anybody: a second worker helps, it never harms.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import sqlalchemy as sa
import structlog

from gatherum.db import Database, Tx
from gatherum.library.ledger import settle
from gatherum.library.staging import (
    Adoption,
    FileSeen,
    beside,
    find_files,
    find_open,
    find_taken,
    is_as_seen,
    stage,
)
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import Outcome, Part, Wanted
from gatherum.ports import Clock, Fs

log = structlog.get_logger()
GROUP = 256
STAGING = ".staging"
BLOCK = 1 << 20


_Waiting = tuple[Adoption, asyncio.Future[bool]]


class Files:
    """The file store under the library root.

    Invariant: a file under `library/` is complete and verified, and has its row.
    """

    def __init__(self, database: Database, fs: Fs, clock: Clock, owner: str) -> None:
        self._db = database
        self._fs = fs
        self._clock = clock
        self._owner = owner
        self._waiting: list[_Waiting] = []
        self._worker: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Make the three folders of the root."""
        for folder in ("library", STAGING, ".trash"):
            self._fs.make_dirs(folder)

    async def adopt(self, adoption: Adoption) -> bool:
        """Bring a part into the library; True once it is durably `stored`.

        False: the claim was lost, or the file must be fetched again. Parts that arrive while a
        group is being committed form the next group.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((adoption, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._commit_groups())
        return await future

    async def _commit_groups(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            try:
                stored = await self.adopt_group([adoption for adoption, _ in group])
            except Exception as error:  # noqa: BLE001 - handed to each of those who wait
                _fail(group, error)
            except BaseException as error:
                _fail([*group, *self._waiting], error)
                self._waiting = []
                raise
            else:
                for (_, future), done in zip(group, stored, strict=True):
                    if not future.done():
                        future.set_result(done)

    async def adopt_group(self, group: Sequence[Adoption]) -> list[bool]:
        """Adopt several parts with two durable commits in all."""
        now = self._clock.now()
        staged = await self._db.write(lambda tx: stage(tx, group, owner=self._owner, now=now))
        found = sorted({file_id for file_id, _ in staged if file_id is not None})
        stored = await self.publish(found, {a.part.sha256: a.part for a in group})
        spare = [
            adoption.part.path
            for adoption, (file_id, is_new) in zip(group, staged, strict=True)
            if file_id in stored and not is_new
        ]
        if spare:
            await asyncio.to_thread(self._discard, spare)
        return [file_id in stored for file_id, _ in staged]

    async def roll_staged(self) -> int:
        """Roll forward whatever a crash, a dead worker or a full disk left open; return how many."""
        file_ids = await self._db.read(find_open)
        for start in range(0, len(file_ids), GROUP):
            await self.publish(file_ids[start : start + GROUP])
        return len(file_ids)

    # -- published

    async def publish(
        self, file_ids: Sequence[int], parts: Mapping[str, Part] = MappingProxyType({})
    ) -> set[int]:
        """Roll files forward to `stored`, with every media that is staged for them.

        Returns the ids of the files that are stored now. The others have lost their bytes: their
        media are `wanted` again, unless one of `parts` (by hash) can stand in.
        """
        files = await self._db.read(lambda tx: find_files(tx, file_ids))
        moved = await asyncio.to_thread(self._move_all, files)
        clashed = [file for file in files if moved[file.id] == "clash"]
        lost = [file for file in files if moved[file.id] == "lost"]
        if clashed:
            await self._db.write(lambda tx: self._rename_rows(tx, clashed))
        if lost and parts:
            again = await self._db.write(lambda tx: self._replace_parts(tx, lost, parts))
            lost = [file for file in lost if file.id not in again]
            clashed += [file for file in files if file.id in again]
        if lost:
            await self._db.write(lambda tx: self._want_again(tx, lost))
        good = [file.id for file in files if moved[file.id] == "there"]
        if good:
            await self._db.write(lambda tx: self._settle(tx, good))
        done = set(good)
        if clashed:
            done |= await self.publish([file.id for file in clashed])
        return done

    def _move_all(self, files: Sequence[FileSeen]) -> dict[int, str]:
        result: dict[int, str] = {}
        folders = {STAGING}
        for file in files:
            folder = file.path.rpartition("/")[0]
            if folder not in folders:
                self._fs.make_dirs(folder)
            result[file.id] = self._move(file)
            folders.add(folder)
            if file.trash is not None:
                folders.add(".trash")
        for folder in [*sorted(folders - {STAGING}), STAGING]:
            self._fs.fsync_dir(folder)
        return result

    def _move(self, file: FileSeen) -> str:
        """Put one file at its path: there, clash (a stranger has the path) or lost."""
        if file.state == "restoring" and file.trash is not None:
            source = file.trash
        elif file.state == "staged":
            source = file.part
        else:
            size = self._fs.size(file.path)
            return "there" if size == file.size and file.damage is None else "lost"
        try:
            self._fs.rename_new(source, file.path)
        except FileNotFoundError:
            return "there" if self.holds(file.path, file.size, file.sha256) else "lost"
        except FileExistsError:
            if self.holds(file.path, file.size, file.sha256):
                return "there"  # moved before a crash, and a link() fallback left both names
            return "clash"
        return "there"

    def holds(self, path: str, size: int, sha256: str) -> bool:
        """Return whether exactly these bytes are at `path`; reads the whole file."""
        return self._fs.size(path) == size and hash_file(self._fs, path) == sha256

    def _rename_rows(self, tx: Tx, clashed: Sequence[FileSeen]) -> None:
        for file in clashed:
            path, n = file.path, 0
            while path == file.path or find_taken(tx, [path]) or self._fs.size(path) is not None:
                path, n = beside(file.path, file.sha256, n), n + 1
            tx.execute(
                sa.update(FileRow)
                .where(FileRow.id == file.id, FileRow.path == file.path)
                .values(path=path)
            )
            log.info("path_taken_by_a_stranger", file=file.id)

    def _replace_parts(
        self, tx: Tx, lost: Sequence[FileSeen], parts: Mapping[str, Part]
    ) -> set[int]:
        """Let a part that was just fetched stand in for a file that is no longer there, or damaged."""
        replaced = set()
        for file in lost:
            part = parts.get(file.sha256)
            if part is None or (part.path == file.part and file.state == "staged"):
                continue
            if file.damage is not None and self._fs.size(file.path) is not None:
                self._fs.unlink(file.path)
            changed = tx.execute(
                sa.update(FileRow)
                .where(FileRow.id == file.id, FileRow.state == file.state)
                .values(state="staged", part=part.path, damage=None, trash=None)
            )
            if changed.rowcount == 1:
                replaced.add(file.id)
        return replaced

    def _want_again(self, tx: Tx, lost: Sequence[FileSeen]) -> None:
        for file in lost:
            if not is_as_seen(tx, file):
                continue  # another worker has brought it to its end meanwhile
            opened = file.state in ("staged", "restoring")
            tx.execute(
                sa.update(MediaRow)
                .where(
                    MediaRow.file_id == file.id,
                    MediaRow.state.in_(("staged", "stored") if opened else ("staged",)),
                )
                .values(state="wanted", file_id=None, not_before=0.0)
            )
            if opened:
                tx.execute(
                    sa.update(MediaRow)
                    .where(MediaRow.file_id == file.id, MediaRow.state == "trashed")
                    .values(file_id=None)
                )
                tx.execute(
                    sa.delete(FileRow).where(
                        FileRow.id == file.id,
                        ~sa.exists().where(MediaRow.file_id == file.id),
                    )
                )
            log.warning("staged_file_lost", file=file.id)

    # -- stored

    def _settle(self, tx: Tx, file_ids: Sequence[int]) -> None:
        now = self._clock.now()
        tx.execute(
            sa.update(FileRow)
            .where(FileRow.id.in_(file_ids), FileRow.state.in_(("staged", "restoring")))
            .values(
                state="stored",
                stored_at=sa.func.coalesce(FileRow.stored_at, now),
                trash=None,
                trashed_at=None,
            )
        )
        media = list(
            tx.scalars(
                sa.update(MediaRow)
                .where(MediaRow.file_id.in_(file_ids), MediaRow.state == "staged")
                .values(state="stored", stored_at=now)
                .returning(MediaRow.id)
            )
        )
        settle(tx, media, Outcome.STORED, None, now)

    async def drop_part(self, wanted: Wanted) -> None:
        """Remove the part of a media that is given up; what remains is swept at the next start."""
        try:
            await asyncio.to_thread(self._discard, [wanted.part])
        except OSError as error:
            log.warning("part_not_removed", media=wanted.id, error=error.strerror)

    def _discard(self, parts: Sequence[str]) -> None:
        """Remove parts whose bytes the library already had."""
        for path in parts:
            try:
                self._fs.unlink(path)
            except FileNotFoundError:
                continue  # it was this one that moved into the library


def _fail(group: Sequence[_Waiting], error: BaseException) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)


def hash_file(fs: Fs, path: str) -> str:
    """Return the SHA-256 of a file of the library, in lower-case hex."""
    digest = hashlib.sha256()
    fd = fs.open_read(path)
    try:
        offset = 0
        while block := fs.read_at(fd, BLOCK, offset):
            digest.update(block)
            offset += len(block)
    finally:
        fs.close(fd)
    return digest.hexdigest()
