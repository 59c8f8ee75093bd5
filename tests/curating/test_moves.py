"""The recycle bin through decisions: files and rows agree, and every step but the purge has a way back."""

import pytest
import sqlalchemy as sa

from gatherum.curating import batches as module
from gatherum.curating.actions import (
    AllowMedia,
    FetchMedia,
    PurgeMedia,
    RestoreMedia,
    TrashMedia,
)
from gatherum.curating.bin import Bin, read_place
from gatherum.curating.preview import Cannot
from gatherum.errors import Conflict, NotFound
from gatherum.jobs.tables import Job
from gatherum.library.items import Show
from gatherum.library.tables import LedgerRow, MediaRow
from tests.curating.world import SIZE, World, path_of, places, stock
from tests.suites.line import SystemClock

ME = 7
TRASH = TrashMedia(kind="trash", why="blurred")
RESTORE = RestoreMedia(kind="restore")
PURGE = PurgeMedia(kind="purge")
ALLOW = AllowMedia(kind="allow")
FETCH = FetchMedia(kind="fetch")
SHOW = Show(files="/files", paths=True)


def states(facts: dict[int, tuple[object, ...]]) -> list[object]:
    return [fact[0] for fact in facts.values()]


async def test_trash_restore_and_their_undos_move_the_files(world: World) -> None:
    await stock(world, 4, files=True)
    before = await world.facts()

    trashed = await world.batches.run(TRASH, [1, 2, 3], author=ME)
    assert (trashed.done, trashed.left) == (3, 0)
    assert places(world.fs, "library") == [path_of(4)]
    back = await world.batches.undo(trashed.id, author=ME)
    assert (back.kind, back.done) == ("media.restore", 3)
    assert await world.facts() == before
    assert len(places(world.fs, "library")) == 4

    again = await world.batches.undo(back.id, author=ME)
    assert (again.kind, again.done) == ("media.trash", 3)
    restored = await world.batches.run(RESTORE, [1, 2, 4], author=ME)
    assert (restored.done, restored.same, restored.left) == (2, 1, 0)
    undone = await world.batches.undo(restored.id, author=ME)
    assert (undone.kind, undone.done) == ("media.trash", 2)

    assert places(world.fs, ".trash") == [f".trash/{number}.jpg" for number in (1, 2, 3)]
    assert states(await world.facts()) == ["trashed", "trashed", "trashed", "stored"]


async def test_a_large_trash_is_a_job_whose_crash_between_chunks_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 20)
    monkeypatch.setattr(module, "MOVES", 10)
    await stock(world, 25, files=True)
    made = await world.batches.run(TRASH, range(1, 26), author=ME)
    assert made.job is not None

    half = await world.batches.go_on(made.id, made.job)
    assert half is not None
    assert half.done == 10
    assert len(places(world.fs, ".trash")) == 10
    done = await world.finish(made)

    assert (done.done, done.left) == (25, 0)
    assert len(places(world.fs, ".trash")) == 25
    undo = await world.finish(await world.batches.undo(made.id, author=ME))
    assert (undo.done, undo.left) == (25, 0)
    assert len(places(world.fs, "library")) == 25


async def test_a_kill_between_the_rows_and_the_files_is_mended_before_an_undo(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 20)
    monkeypatch.setattr(module, "MOVES", 10)
    await stock(world, 25, files=True)
    made = await world.batches.run(TRASH, range(1, 26), author=ME)
    assert made.job is not None
    with monkeypatch.context() as patch:
        patch.setattr(type(world.recycle), "finish_trash", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await world.batches.go_on(made.id, made.job)
    assert len(places(world.fs, ".trash")) == 0

    done = await world.finish(made)
    undo = await world.finish(await world.batches.undo(made.id, author=ME))

    assert (done.done, undo.done, undo.left) == (25, 25, 0)
    assert len(places(world.fs, "library")) == 25


async def test_a_file_that_cannot_be_moved_is_counted_as_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(world, 3, files=True)
    rename = world.fs.rename_new

    def fail(source: str, target: str) -> None:
        if source == path_of(2):
            raise PermissionError(13, "not allowed")
        rename(source, target)

    monkeypatch.setattr(world.fs, "rename_new", fail)
    made = await world.batches.run(TRASH, [1, 2, 3], author=ME)

    assert (made.done, made.left) == (2, 1)
    assert states(await world.facts()) == ["trashed", "stored", "trashed"]
    monkeypatch.undo()
    undo = await world.batches.undo(made.id, author=ME)
    assert (undo.total, undo.done) == (2, 2)


async def test_the_same_bytes_stay_until_the_last_who_has_them(world: World) -> None:
    await stock(world, 2, files=True)
    await world.set(2, file_id=1)

    await world.batches.run(TRASH, [1], author=ME)
    assert places(world.fs, ".trash") == []
    purged = await world.batches.run(PURGE, [1], author=ME)

    assert purged.done == 1
    assert path_of(1) in places(world.fs, "library")
    assert states(await world.facts()) == ["trashed", "stored"]
    preview = await world.previews.preview(RESTORE, [1])
    assert preview.cannot == (Cannot(reason="It was deleted for ever: allow it again.", count=1),)


async def test_a_purge_has_no_way_back_and_says_so(world: World) -> None:
    await stock(world, 3, files=True)
    trashed = await world.batches.run(TRASH, [1, 2], author=ME)

    purged = await world.batches.run(PURGE, [1, 3], author=ME)

    assert (purged.done, purged.left, purged.can_undo) == (1, 1, False)
    assert places(world.fs, ".trash") == [".trash/2.jpg"]
    with pytest.raises(Conflict, match="does not come back"):
        await world.batches.undo(purged.id, author=ME)
    undo = await world.batches.undo(trashed.id, author=ME)
    assert (undo.total, undo.done, undo.left) == (2, 1, 1)
    assert states(await world.facts()) == ["trashed", "stored", "stored"]


async def test_what_is_allowed_again_is_fetched_or_deleted_again_by_an_undo(world: World) -> None:
    await stock(world, 3, files=True)
    await world.batches.run(TRASH, [1, 2, 3], author=ME)
    await world.batches.run(PURGE, [1, 2], author=ME)

    made = await world.batches.run(ALLOW, [1, 2, 3], author=ME)

    assert (made.done, made.left) == (2, 1)
    assert states(await world.facts()) == ["wanted", "wanted", "trashed"]
    payload = sa.select(Job.payload).where(Job.kind == "MediaFetch")
    assert await world.database.read(lambda tx: tx.scalar(payload)) == {
        "media": [1, 2],
        "login": None,
    } or await world.database.read(lambda tx: tx.scalar(payload)) == {"media": [1, 2]}
    pending = {"job_id": "j", "media_id": 1, "outcome": "pending"}
    await world.database.write(lambda tx: tx.execute(sa.insert(LedgerRow), [pending]))
    await world.set(2, state="stored", file_id=3)  # it came meanwhile

    undo = await world.batches.undo(made.id, author=ME)

    assert (undo.kind, undo.done, undo.left) == ("media.forbid", 1, 1)
    assert states(await world.facts()) == ["trashed", "stored", "trashed"]
    outcome = sa.select(LedgerRow.outcome, LedgerRow.reason)
    assert await world.database.read(lambda tx: tuple(tx.execute(outcome).one())) == (
        "skipped",
        "deleted",
    )
    redo = await world.batches.undo(undo.id, author=ME)
    assert (redo.kind, redo.done) == ("media.allow", 1)
    assert states(await world.facts())[0] == "wanted"


async def test_what_failed_is_fetched_again_and_given_up_again_by_an_undo(world: World) -> None:
    await stock(world, 3)
    await world.set(1, state="failed", reason="gone", detail="It is gone.", file_id=None)
    await world.set(2, state="skipped", reason="filtered", detail=None, file_id=None)

    preview = await world.previews.preview(FETCH, [1, 2, 3])
    made = await world.batches.run(FETCH, [1, 2, 3], author=ME)

    assert (preview.change, preview.same) == (2, 1)
    assert (made.done, made.same) == (2, 1)
    assert states(await world.facts()) == ["wanted", "wanted", "stored"]
    undo = await world.batches.undo(made.id, author=ME)
    assert undo.done == 2
    told = sa.select(MediaRow.state, MediaRow.reason, MediaRow.detail).order_by(MediaRow.id)
    rows = await world.database.read(lambda tx: [tuple(row) for row in tx.execute(told)])
    assert rows[:2] == [("failed", "gone", "It is gone."), ("skipped", "filtered", None)]


async def test_one_media_that_cannot_be_is_told_why(world: World) -> None:
    await stock(world, 2, files=True)
    await world.batches.run(TRASH, [1], author=ME)
    await world.batches.run(PURGE, [1], author=ME)

    with pytest.raises(Conflict, match="allow it again"):
        await world.batches.run_one(RESTORE, 1, author=ME)
    with pytest.raises(NotFound):
        await world.batches.run_one(TRASH, 9, author=ME)
    view, _ = await world.batches.run_one(TRASH, 2, author=ME)
    assert view.done == 1


async def test_the_bin_says_who_when_why_and_how_long(world: World) -> None:
    await stock(world, 5, files=True)
    bin_ = Bin(world.database, SystemClock())
    for number in (2, 1, 3, 5):
        await world.batches.run(TRASH, [number], author=ME)
    await world.recycle.trash([4])  # by the command line
    await world.batches.run(PURGE, [5], author=ME)

    first = await bin_.page(SHOW, limit=3, days=30, behind=None)
    rest = await bin_.page(SHOW, limit=3, days=30, behind=read_place(first.next or ""))
    gone = await bin_.page(SHOW, limit=3, days=0, behind=None, purged=True)

    assert [item.media.id for item in first.items] == ["4", "3", "1"]
    assert [item.media.id for item in rest.items] == ["2"]
    assert rest.next is None
    assert (first.count, first.bytes, first.days) == (4, 4 * SIZE, 30)
    assert (first.items[0].why, first.items[0].decision) == (None, None)
    assert (first.items[1].why, first.items[1].decision) == ("blurred", 3)
    assert {(item.days_left, item.bytes) for item in first.items} == {(30, SIZE)}
    assert [(item.media.id, item.days_left, item.bytes) for item in gone.items] == [("5", None, 0)]
    assert await bin_.ids() == [1, 2, 3, 4]
