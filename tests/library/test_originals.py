"""Where the bytes of a media are, in every state that its file can be in."""

import re
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import NotFound
from gatherum.library.originals import Originals
from gatherum.library.tables import FileRow, MediaRow, PostRow

PATH, TRASH = "library/a/picture.jpg", ".trash/1.jpg"


async def put(
    database: Database, *, file: Mapping[str, object] = {}, media: Mapping[str, object] = {}
) -> None:
    """Put one media with the number 1 into the library; `file` and `media` change its rows."""
    texts = dict.fromkeys(("platform", "host", "remote_id", "url", "author", "caption"), "")
    rows = {
        PostRow: {**texts, "id": 1, "links": [], "seen_at": 0, "versions": 1},
        FileRow: {
            "id": 1,
            "state": "stored",
            "sha256": "ab" * 32,
            "size": 5,
            "mime": "image/jpeg",
            "kind": "image",
            "part": "p",
            "path": PATH,
            **file,
        },
        MediaRow: {
            "id": 1,
            "post_id": 1,
            "platform": "",
            "host": "",
            "remote_id": "",
            "position": 1,
            "kind": "image",
            "state": "stored",
            "url": "",
            "transport": "http",
            "recipe": {},
            "attempt": 0,
            "not_before": 0,
            "part_ok": 0,
            "file_id": 1,
            "created_at": 0,
            **media,
        },
    }

    def tx(tx: Tx) -> None:
        for table, values in rows.items():
            tx.execute(sa.insert(table).values(values))

    await database.write(tx)


@pytest.mark.parametrize(
    ("file", "media", "paths"),
    [
        ("stored", "stored", (PATH,)),
        ("stored", "trashed", (PATH,)),  # another provenance keeps it
        ("trashing", "trashed", (PATH, TRASH)),
        ("trashed", "trashed", (TRASH,)),
        ("restoring", "stored", (TRASH, PATH)),
    ],
)
async def test_a_file_is_found_while_it_is_moved_as_well(
    database: Database, file: str, media: str, paths: tuple[str, ...]
) -> None:
    trash = None if file == "stored" else TRASH
    await put(database, file={"state": file, "trash": trash}, media={"state": media})

    original = await Originals(database).get(1)

    assert (original.paths, original.trashed) == (paths, media == "trashed")
    assert (original.sha256, original.size, original.name) == ("ab" * 32, 5, "picture.jpg")
    assert not original.pictured


@pytest.mark.parametrize(
    ("file", "media"),
    [
        *(({"state": "staged"}, {}), ({"state": "purging", "trash": TRASH}, {"state": "trashed"})),
        *(({"damage": "missing"}, {}), ({"damage": "damaged"}, {})),
        *(({}, {"state": "wanted"}), ({}, {"state": "failed"})),
    ],
)
async def test_what_is_not_there_is_not_found(
    database: Database, file: Mapping[str, object], media: Mapping[str, object]
) -> None:
    await put(database, file=file, media=media)

    with pytest.raises(NotFound):
        await Originals(database).get(1)


async def test_nothing_of_it_reads_a_whole_table(database: Database) -> None:
    await put(database)
    statements: list[tuple[str, object]] = []

    def listen(_tx: Tx, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    originals = Originals(database)
    await originals.get(1)
    sa.event.remove(database.engine, "before_cursor_execute", listen)

    asked = [each for each in statements if each[0].startswith(("SELECT", "UPDATE"))]
    assert len(asked) == 1
    for statement, parameters in asked:
        plan = await database.read(lambda tx, s=statement, p=parameters: _plan(tx, s, p))  # type: ignore[misc]
        assert not re.search(r"\bSCAN\b|Seq Scan", plan), (statement, plan)


def _plan(tx: Tx, statement: str, parameters: object) -> str:
    explain = "explain query plan" if tx.dialect.name == "sqlite" else "explain"
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("set local enable_seqscan = off")  # the table of a test is tiny
    rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)
