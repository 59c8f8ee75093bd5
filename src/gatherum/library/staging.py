"""The rows of files on their way in: what is staged, under which path, for which media."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import Part, Wanted

PATH_TRIES = 5
_COLUMNS = (
    FileRow.id,
    FileRow.state,
    FileRow.sha256,
    FileRow.size,
    FileRow.part,
    FileRow.path,
    FileRow.trash,
    FileRow.damage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A verified part, the media it was fetched for, and the path it should have."""

    wanted: Wanted
    part: Part
    path: str


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file row, as it was seen."""

    id: int
    state: str
    sha256: str
    size: int
    part: str
    path: str
    trash: str | None
    damage: str | None


def stage(
    tx: Tx, group: Sequence[Adoption], *, owner: str, now: float
) -> list[tuple[int | None, bool]]:
    """Link each media that is still ours to its file row, made if the bytes are new.

    Returns (file id, whether this part becomes the file) for each; None where nothing is linked.
    """
    held = set(
        tx.scalars(
            sa.select(MediaRow.id).where(
                MediaRow.id.in_([adoption.wanted.id for adoption in group]),
                MediaRow.state == "fetching",
                MediaRow.owner == owner,
            )
        )
    )
    mine = [adoption for adoption in group if adoption.wanted.id in held]
    known = _find_by_hash(tx, [adoption.part.sha256 for adoption in mine])
    files = _insert_files(tx, mine, known)
    result: list[tuple[int | None, bool]] = []
    links: list[dict[str, object]] = []
    for adoption in group:
        file = files.get(adoption.part.sha256)
        if adoption.wanted.id not in held or file is None:
            result.append((None, False))
        elif file.state in ("trashing", "purging"):  # on its way out: come back when it is gone
            _hand_back(tx, adoption, now)
            result.append((None, False))
        else:
            if file.state == "trashed":
                _set_state(tx, file, "restoring")
            links.append(_link(adoption, file))
            is_new = file.state == "staged" and file.part == adoption.part.path
            result.append((file.id, is_new))
    if links:
        tx.execute(_LINK, links)
    return result


def beside(path: str, sha256: str, n: int = 0) -> str:
    """Return the path to take when `path` is taken: the same name with the start of the hash."""
    plain = PurePosixPath(path)
    mark = sha256[:12] if n == 0 else f"{sha256[:12]}-{n}"
    return str(plain.with_name(f"{plain.stem[:180]}.{mark}{plain.suffix}"))


def find_open(tx: Tx) -> list[int]:
    """Return files on their way in, and those that a staged media still waits for."""
    opened = sa.select(FileRow.id).where(FileRow.state.in_(("staged", "restoring")))
    waited_for = sa.select(MediaRow.file_id).where(
        MediaRow.state == "staged", MediaRow.file_id.is_not(None)
    )
    return sorted(set(tx.scalars(opened)) | set(tx.scalars(waited_for)))


def find_files(tx: Tx, file_ids: Sequence[int]) -> list[FileSeen]:
    """Return files as they stand."""
    rows = tx.execute(sa.select(*_COLUMNS).where(FileRow.id.in_(file_ids)))
    return [FileSeen(*row) for row in rows]


def is_as_seen(tx: Tx, file: FileSeen) -> bool:
    """Return whether a file is still where it was seen, and lock its row if so."""
    query = sa.select(FileRow.id).where(
        FileRow.id == file.id, FileRow.state == file.state, FileRow.path == file.path
    )
    return tx.scalar(query.with_for_update()) is not None


def _find_by_hash(tx: Tx, hashes: Sequence[str]) -> dict[str, FileSeen]:
    # Locked, so that none can be trashed between this look and the commit of what is linked to it.
    query = sa.select(*_COLUMNS).where(FileRow.sha256.in_(hashes)).order_by(FileRow.id)
    rows = tx.execute(query.with_for_update())
    return {row.sha256: FileSeen(*row) for row in rows}


def find_taken(tx: Tx, paths: Sequence[str]) -> set[str]:
    """Return those of the paths that a file has, or has reserved."""
    return set(tx.scalars(sa.select(FileRow.path).where(FileRow.path.in_(paths))))


def _hand_back(tx: Tx, adoption: Adoption, now: float) -> None:
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.id == adoption.wanted.id)
        .values(
            state="wanted",
            owner=None,
            lease_until=None,
            part_ok=0,
            not_before=now + 1,
        )
    )


def _insert_files(
    tx: Tx, group: Sequence[Adoption], known: Mapping[str, FileSeen]
) -> dict[str, FileSeen]:
    """Make the missing file rows, each with a path of its own; return all by hash."""
    files = dict(known)
    for n in range(PATH_TRIES):
        fresh = {a.part.sha256: a for a in reversed(group) if a.part.sha256 not in files}
        if not fresh:
            break
        taken = find_taken(tx, [adoption.path for adoption in fresh.values()])
        rows = []
        for sha256, adoption in sorted(fresh.items()):
            path = adoption.path
            if n or path in taken:
                path = beside(path, sha256, n)
            taken.add(path)
            rows.append(_new_file(adoption, path))
        insert_new(tx, FileRow, rows)
        files |= _find_by_hash(tx, list(fresh))
    return files


def _set_state(tx: Tx, file: FileSeen, state: str) -> None:
    tx.execute(
        sa.update(FileRow)
        .where(FileRow.id == file.id, FileRow.state == file.state)
        .values(state=state)
    )


def _new_file(adoption: Adoption, path: str) -> dict[str, object]:
    part = adoption.part
    return {
        "state": "staged",
        "sha256": part.sha256,
        "size": part.size,
        "mime": part.mime,
        "kind": part.kind,
        "part": part.path,
        "path": path,
    }


_LINK = (
    sa.update(MediaRow)
    .where(MediaRow.id == sa.bindparam("media"))
    .values(
        state="staged",
        file_id=sa.bindparam("file"),
        owner=None,
        lease_until=None,
        reason=None,
        detail=None,
        etag=None,
        part_ok=0,
        kind=sa.bindparam("sniffed"),
        mime=sa.bindparam("type"),
        size=sa.bindparam("bytes"),
        width=sa.bindparam("wide"),
        height=sa.bindparam("high"),
        duration=sa.bindparam("long"),
    )
)


def _link(adoption: Adoption, file: FileSeen) -> dict[str, object]:
    part, media = adoption.part, adoption.wanted.media
    return {
        "media": adoption.wanted.id,
        "file": file.id,
        "sniffed": part.kind,
        "type": part.mime,
        "bytes": part.size,
        "wide": part.width or media.width,
        "high": part.height or media.height,
        "long": part.duration or media.duration,
    }
