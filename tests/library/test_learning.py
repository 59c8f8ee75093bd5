"""What is learned of files: kept once, told to their media, and never lost to what comes later."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.learning import START, FileFacts, Learning, read_facts
from gatherum.library.originals import Originals
from gatherum.library.tables import FactsRow, FileRow, MediaRow
from gatherum.model import MediaKind
from tests.library.test_originals import put

SHA, NOBODYS = "ab" * 32, "cd" * 32
SIZE = FileFacts(width=800, height=600)


async def add_files(database: Database, count: int, **columns: object) -> None:
    """Put files with the numbers from 10 on into the library."""
    rows = [
        {
            "id": 10 + number,
            "state": "stored",
            "sha256": f"{number:064x}",
            "size": 1,
            "mime": "image/png",
            "kind": "image",
            "part": "",
            "path": f"library/{number}",
            **columns,
        }
        for number in range(count)
    ]
    await database.write(lambda tx: tx.execute(sa.insert(FileRow), rows))


async def media_row(database: Database) -> tuple[object, ...]:
    query = sa.select(MediaRow.width, MediaRow.height, MediaRow.duration)
    return tuple(await database.read(lambda tx: tx.execute(query).one()))


@pytest.mark.parametrize(
    ("told", "kept"),
    [((None, None), (800, 600)), ((8, 6), (8, 6)), ((8, None), (800, 600))],
)
async def test_what_a_file_is_like_is_told_to_its_media_and_what_was_told_stays(
    database: Database, told: tuple[int | None, int | None], kept: tuple[int, int]
) -> None:
    await put(database, media=dict(zip(("width", "height"), told, strict=True)))
    learning = Learning(database, version=1)
    facts = replace(SIZE, duration=4.5, taken="2020-01-02T03:04:05", camera="A camera")

    await learning.learn(SHA, facts, thumbhash=b"hash")
    await learning.learn(NOBODYS, replace(SIZE, width=1))

    assert await media_row(database) == (*kept, 4.5)
    assert (await Originals(database).get(1)).pictured
    assert await database.read(lambda tx: read_facts(tx, 1)) == (facts, None)
    assert await database.read(lambda tx: read_facts(tx, 2)) is None


async def test_what_is_learned_again_takes_the_place_of_what_was_known(database: Database) -> None:
    await put(database)
    learning = Learning(database, version=1)

    await learning.refuse(SHA, "broken", SIZE)
    await learning.learn(SHA, replace(SIZE, container="png"), thumbhash=b"hash")
    await learning.learn(SHA, replace(SIZE, container="gif"))

    assert await database.read(lambda tx: read_facts(tx, 1)) == (
        replace(SIZE, container="gif"),
        None,
    )
    assert (await Originals(database).get(1)).pictured  # what it looks like was not taken back


async def test_every_file_comes_once_until_it_was_looked_into(database: Database) -> None:
    await add_files(database, 25)
    await database.write(lambda tx: tx.execute(sa.update(FileRow).values(kind="video")))
    learning = Learning(database, version=1)

    seen, place = [], (-1, 0)
    while page := await learning.next(after=place, limit=10):
        for file in page:
            seen.append(file.sha256)
            await learning.learn(file.sha256, SIZE)
        place = page[-1].place

    assert seen == [f"{number:064x}" for number in range(25)]
    assert (page, await learning.count()) == ([], 0)


async def test_a_file_tells_where_it_is_and_of_which_kind(database: Database) -> None:
    await put(database)

    (file,) = await Learning(database, version=1).next(after=(-1, 0), limit=10)

    assert (file.sha256, file.kind) == (SHA, MediaKind.IMAGE)
    assert file.paths == ("library/a/picture.jpg",)


@pytest.mark.parametrize("state", ["staged", "trashing", "trashed", "restoring", "purging"])
async def test_a_file_that_is_not_there_is_not_looked_into(database: Database, state: str) -> None:
    await add_files(database, 1, state=state, trash=".trash/x")
    learning = Learning(database, version=1)

    assert (await learning.next(after=(-1, 0), limit=10), await learning.count()) == ([], 0)


async def test_a_newer_version_looks_into_all_files_again(database: Database) -> None:
    await add_files(database, 2)
    old, new = Learning(database, version=1), Learning(database, version=2)
    await old.learn(f"{0:064x}", SIZE)
    await old.learn(f"{1:064x}", SIZE)
    await add_files_behind(database)

    assert await new.count() == 3
    assert [file.place for file in await new.next(after=(-1, 0), limit=9)] == [
        (0, 99),
        (1, 10),
        (1, 11),
    ]
    assert await old.count() == 1


async def add_files_behind(database: Database) -> None:
    row = {"id": 99, "state": "stored", "sha256": "f" * 64, "size": 1, "mime": "", "part": ""}
    insert = sa.insert(FileRow).values(**row, kind="image", path="library/99")
    await database.write(lambda tx: tx.execute(insert))


async def test_what_cannot_be_shown_is_tried_once_and_what_may_pass_three_times(
    database: Database,
) -> None:
    await add_files(database, 2)
    learning = Learning(database, version=1)
    broken, slow = f"{0:064x}", f"{1:064x}"

    await learning.refuse(broken, "broken", SIZE)
    left = []
    for _ in range(3):
        left.append([file.sha256 for file in await learning.next(after=(-1, 0), limit=9)])
        await learning.refuse(slow, "too_long", FileFacts(), may_pass=True)

    assert left == [[slow]] * 3
    assert await learning.count() == 0
    assert await database.read(lambda tx: read_facts(tx, 10)) == (SIZE, "broken")
    assert await database.read(lambda tx: read_facts(tx, 11)) == (FileFacts(), "too_long")


async def test_what_could_not_be_shown_is_tried_again_when_somebody_asks(
    database: Database,
) -> None:
    await add_files(database, 3)
    learning = Learning(database, version=1)
    await learning.refuse(f"{0:064x}", "broken", SIZE)
    await learning.refuse(f"{1:064x}", "too_long", SIZE, may_pass=True)
    await learning.learn(f"{2:064x}", SIZE)

    assert await learning.try_again() == 2

    left = await learning.next(after=(-1, 0), limit=9)
    assert [file.place for file in left] == [(0, 10), (0, 11)]


async def test_a_missing_file_is_looked_for_when_a_job_begins_and_keeps_its_facts(
    database: Database,
) -> None:
    await add_files(database, 2)
    learning = Learning(database, version=2)
    await Learning(database, version=1).learn(f"{0:064x}", SIZE)

    await learning.miss(f"{0:064x}")

    (other,) = await learning.next(after=START, limit=9)
    assert (other.sha256, await learning.count()) == (f"{1:064x}", 1)
    assert await database.read(lambda tx: read_facts(tx, 10)) == (SIZE, "missing")
    await learning.seek_missing()
    assert await learning.count() == 2
    assert await database.read(lambda tx: read_facts(tx, 10)) == (SIZE, None)


async def test_what_has_failed_once_is_not_untried(database: Database) -> None:
    await add_files(database, 2)
    learning = Learning(database, version=1)

    await learning.refuse(f"{0:064x}", "too_long", FileFacts(), may_pass=True)

    (untried,) = await learning.next_untried(after=START, limit=9)
    assert (untried.sha256, await learning.count()) == (f"{1:064x}", 2)


async def test_videos_wait_for_previews_once_they_were_looked_into(database: Database) -> None:
    await add_files(database, 4, kind="video")
    learning = Learning(database, version=1, previews=1)
    await database.write(
        lambda tx: tx.execute(sa.update(FileRow).where(FileRow.id == 13).values(kind="image"))
    )
    for number in (0, 1, 3):  # the third one waits to be looked into
        await learning.learn(f"{number:064x}", SIZE)

    waiting = await learning.next_unpreviewed(after=START, limit=9)
    assert [(file.sha256, file.place) for file in waiting] == [
        (f"{0:064x}", (0, 10)),
        (f"{1:064x}", (0, 11)),
    ]
    assert (await learning.count(), await learning.count(previews=True)) == (1, 3)
    await learning.keep_previewed(f"{0:064x}")
    await learning.refuse(f"{1:064x}", "broken", SIZE)

    assert await learning.next_unpreviewed(after=START, limit=9) == []
    again = await Learning(database, version=1, previews=2).next_unpreviewed(after=START, limit=9)
    assert [file.place for file in again] == [(1, 10)]
    await learning.try_again()
    await learning.learn(f"{1:064x}", SIZE)
    assert [file.place for file in await learning.next_unpreviewed(after=START, limit=9)] == [
        (0, 11)
    ]


@pytest.mark.parametrize(
    ("state", "held"), [("stored", True), ("trashed", True), ("purging", False)]
)
async def test_what_is_on_its_way_out_for_ever_is_not_held(
    database: Database, state: str, *, held: bool
) -> None:
    await add_files(database, 1, state=state, trash=".trash/x")
    learning = Learning(database, version=1)

    assert (await learning.holds(f"{0:064x}"), await learning.holds(NOBODYS)) == (held, False)


async def test_only_what_is_new_starts_a_job(database: Database) -> None:
    await add_files(database, 3)
    learning = Learning(database, version=1)

    assert await learning.newest(above=0) == 12
    assert await learning.newest(above=12) is None
    await learning.learn(f"{2:064x}", SIZE)
    assert await learning.newest(above=0) == 11


async def test_what_was_learned_goes_with_its_file(database: Database) -> None:
    await add_files(database, 1)
    await Learning(database, version=1).learn(f"{0:064x}", SIZE)

    await database.write(lambda tx: tx.execute(sa.delete(FileRow)))

    query = sa.select(sa.func.count()).select_from(FactsRow)
    assert await database.read(lambda tx: tx.scalar(query)) == 0


async def test_nothing_of_it_reads_a_whole_table(database: Database) -> None:
    await put(database)
    await add_files(database, 3)
    statements: list[tuple[str, object]] = []

    def listen(_tx: Tx, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    learning = Learning(database, version=1)
    sa.event.listen(database.engine, "before_cursor_execute", listen)
    await learning.next(after=(0, 10), limit=10)
    await learning.next_untried(after=(0, 10), limit=10)
    await learning.next_unpreviewed(after=(0, 10), limit=10)
    await learning.count(previews=True)
    await learning.newest(above=9)
    await learning.miss(SHA)
    await learning.seek_missing()
    await learning.keep_previewed(SHA)
    await learning.holds(SHA)
    await learning.learn(SHA, replace(SIZE, duration=1.0), thumbhash=b"hash")
    await learning.refuse(f"{1:064x}", "broken", SIZE)
    await learning.try_again()
    sa.event.remove(database.engine, "before_cursor_execute", listen)

    asked = [each for each in statements if each[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    assert len(asked) >= 17
    for statement, parameters in asked:
        plan = await database.read(lambda tx, s=statement, p=parameters: _plan(tx, s, p))  # type: ignore[misc]
        assert not re.search(r"\bSCAN (?!facts USING)|Seq Scan|TEMP B-TREE", plan), (
            statement,
            plan,
        )


def _plan(tx: Tx, statement: str, parameters: object) -> str:
    explain = "explain query plan" if tx.dialect.name == "sqlite" else "explain"
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("set local enable_seqscan = off")  # the table of a test is tiny
    rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)
