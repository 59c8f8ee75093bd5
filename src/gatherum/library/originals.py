"""The bytes of a media as they were fetched: where they are, to be shown and sent."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from gatherum.db import Database
from gatherum.errors import NotFound
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import MediaKind

_QUERY: Final = (  # made once: a gallery asks it for every picture
    sa.select(
        MediaRow.state.label("media_state"),
        FileRow.sha256,
        FileRow.size,
        FileRow.mime,
        FileRow.kind,
        FileRow.path,
        FileRow.trash,
        FileRow.state,
        FileRow.damage,
        FileRow.thumbhash.is_not(None).label("pictured"),
    )
    .join(FileRow, FileRow.id == MediaRow.file_id)
    .where(MediaRow.id == sa.bindparam("media"), MediaRow.state.in_(("stored", "trashed")))
)
HIDDEN = ("staged", "purging")  # states of files that are not there yet, or not for long


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The file of a media. `paths`: where it is, relative to the root; two while it is moved."""

    sha256: str
    size: int
    mime: str
    kind: MediaKind
    name: str  # for people who save it
    paths: tuple[str, ...]
    trashed: bool
    pictured: bool  # what it looks like has been learned


class Originals:
    """The repository of what is sent to people."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, media_id: int) -> Original:
        """Return the file of a media.

        Raises `NotFound` if there is no such media, it has no file (yet, or any more), or the last
        check found its file missing or damaged.
        """
        row = await self._db.read(lambda tx: tx.execute(_QUERY, {"media": media_id}).one_or_none())
        if row is None or row.state in HIDDEN:
            raise NotFound("There is no file of this media.")
        if row.damage is not None:
            raise NotFound(f"The last check has found that the file of this media is {row.damage}.")
        return Original(
            sha256=row.sha256,
            size=row.size,
            mime=row.mime,
            kind=MediaKind(row.kind),
            name=row.path.rpartition("/")[2],
            paths=places(row.state, row.path, row.trash),
            trashed=row.media_state == "trashed",
            pictured=row.pictured,
        )


def places(state: str, path: str, trash: str | None) -> tuple[str, ...]:
    """Return where to look for a file, the likelier place first."""
    places: tuple[str | None, ...]
    match state:
        case "trashing":
            places = (path, trash)
        case "restoring":
            places = (trash, path)
        case "trashed":
            places = (trash,)
        case _:
            places = (path,)
    return tuple(place for place in places if place is not None)
