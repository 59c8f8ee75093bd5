"""Media with files, put into a library as a download leaves them."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import sqlalchemy as sa

from gatherum.app import App
from gatherum.db import Tx
from gatherum.library.tables import FileRow, MediaRow, PostRow

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A media, with the path of its file below the library root."""

    id: int
    file: int
    path: str
    sha256: str

    @property
    def revision(self) -> str:
        return self.sha256[:16]


async def store(
    app: App,
    data: bytes,
    *,
    mime: str = "image/jpeg",
    kind: str = "image",
    name: str = "picture.jpg",
    post: Mapping[str, object] | None = None,
    media: Mapping[str, object] | None = None,
    file: Mapping[str, object] | None = None,
) -> Stored:
    """Put a file and its rows into the library; `post`, `media` and `file` change columns of the rows."""
    number = next(_numbers)
    path, sha256, now = f"library/{number}/{name}", hashlib.sha256(data).hexdigest(), time.time()
    place = app.settings.library_root / path
    place.parent.mkdir(parents=True)
    place.write_bytes(data)

    def tx(tx: Tx) -> Stored:
        post_id = tx.scalar(
            sa.insert(PostRow)
            .values(
                {
                    "platform": "plaza",
                    "host": "",
                    "remote_id": f"post {number}",
                    "url": "https://plaza.example/1",
                    "author": "ada",
                    "caption": "",
                    "links": [],
                    "seen_at": now,
                    "versions": 1,
                    **(post or {}),
                }
            )
            .returning(PostRow.id)
        )
        file_id = tx.scalar(
            sa.insert(FileRow)
            .values(
                {
                    "state": "stored",
                    "sha256": sha256,
                    "size": len(data),
                    "mime": mime,
                    "kind": kind,
                    "part": f".staging/{number}.part",
                    "path": path,
                    "stored_at": now,
                    **(file or {}),
                }
            )
            .returning(FileRow.id)
        )
        media_id = tx.scalar(
            sa.insert(MediaRow)
            .values(
                {
                    "post_id": post_id,
                    "platform": "plaza",
                    "host": "",
                    "remote_id": f"media {number}",
                    "position": 1,
                    "kind": kind,
                    "state": "stored",
                    "url": "https://plaza.example/1.jpg",
                    "transport": "http",
                    "recipe": {},
                    "attempt": 0,
                    "not_before": 0.0,
                    "part_ok": 0,
                    "file_id": file_id,
                    "created_at": now,
                    "stored_at": now,
                    **(media or {}),
                }
            )
            .returning(MediaRow.id)
        )
        assert isinstance(media_id, int)
        assert isinstance(file_id, int)
        return Stored(media_id, file_id, path, sha256)

    return await app.database.write(tx)
