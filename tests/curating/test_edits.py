"""Edits of thousands: previewed, done in chunks that survive a crash, undone exactly, and redone."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gatherum.curating import batches as module
from gatherum.curating import decisions
from gatherum.curating.actions import EditMedia
from gatherum.curating.decisions import DecisionView
from gatherum.curating.handlers import Handlers
from gatherum.curating.preview import Cannot, Example
from gatherum.db.tables import EventRow
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.jobs.queue import JobState
from gatherum.jobs.worker import Worker
from gatherum.library.tables import DayBucketRow
from tests.curating.world import DAY, SIZE, World, stock
from tests.jobs.conftest import fast, settled

ME = 7


def edit(**values: object) -> EditMedia:
    return EditMedia.model_validate({"kind": "edit", **values})


async def test_five_thousand_found_by_a_search_are_edited_undone_and_done_again(
    world: World,
) -> None:
    await stock(world, 5000)
    await world.set(3, favourite=True)
    action = edit(favourite=True, tags_add=["Beach"], shift_date=-DAY)
    before = await world.facts()

    ids = await world.batches.find("author:ada")
    preview = await world.previews.preview(edit(favourite=True), ids)
    made = await world.batches.run(action, ids, author=ME)
    done = await world.finish(made)
    after = await world.facts()

    assert len(ids) == 2500
    assert (preview.total, preview.change, preview.same, preview.cannot, preview.bytes) == (
        2500,
        2499,
        1,
        (),
        2499 * SIZE,
    )
    assert preview.examples[0] == Example(
        id=1, before={"favourite": False}, after={"favourite": True}
    )
    assert len(preview.examples) == 10
    assert made.state == "working"
    assert made.title == "2,500 media moved in time and made favourites and tagged Beach"
    assert (done.state, done.total, done.done, done.same, done.left) == ("done", 2500, 2500, 0, 0)
    assert after[1] == ("stored", 0.0, 0.0, None, True, "stored", "Beach")
    assert after[2] == before[2]
    assert sum("Beach" in facts for facts in after.values()) == 2500

    undo = await world.finish(await world.batches.undo(made.id, author=ME))
    assert (undo.title, undo.done, undo.left) == (f"Undo: {made.title}", 2500, 0)
    assert await world.facts() == before
    assert await world.tags() == []

    redo = await world.finish(await world.batches.undo(undo.id, author=ME))
    assert (redo.title, redo.done, redo.left) == (f"Redo: {made.title}", 2500, 0)
    assert await world.facts() == after


async def test_a_crash_in_any_chunk_leads_to_the_same_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(world, 1200)
    made = await world.batches.run(edit(tags_add=["fog"]), range(1, 1201), author=ME)
    assert made.job is not None
    settle = decisions.settle_items
    chunks = 0

    def crash(*args: object, **values: object) -> None:
        settle(*args, **values)  # type: ignore[arg-type]  # passed on
        raise ZeroDivisionError

    while True:
        seen = await world.log.get(made.id)
        with monkeypatch.context() as patch:
            patch.setattr(decisions, "settle_items", crash)
            with pytest.raises(ZeroDivisionError):
                await world.batches.go_on(made.id, made.job)
        assert await world.log.get(made.id) == seen
        assert sum("fog" in facts for facts in (await world.facts()).values()) == seen.done
        await world.batches.go_on(made.id, made.job)
        chunks += 1
        if (await world.log.get(made.id)).done == 1200:
            break

    assert chunks == 3
    assert await world.batches.go_on(made.id, made.job) is None
    versions = sa.text("select distinct version from media")
    assert await world.database.read(lambda tx: list(tx.scalars(versions))) == [2]


async def test_what_is_cancelled_half_way_is_undone_as_far_as_it_came(world: World) -> None:
    await stock(world, 1200)
    before = await world.facts()
    made = await world.batches.run(edit(description="mine"), range(1, 1201), author=ME)
    assert made.job is not None
    first = await world.batches.go_on(made.id, made.job)
    assert first is not None
    assert (first.done, first.left, first.can_undo) == (500, 0, False)

    with pytest.raises(Conflict, match="still being done"):
        await world.batches.undo(made.id, author=ME)
    await world.queue.cancel(made.job)
    more = await world.batches.go_on(made.id, made.job)
    stopped = await world.log.get(made.id)

    assert more is None
    assert (stopped.state, stopped.done, stopped.left) == ("stopped", 500, 700)
    undo = await world.finish(await world.batches.undo(made.id, author=ME))
    assert (undo.total, undo.done) == (500, 500)
    assert await world.facts() == before
    assert await world.batches.go_on(made.id, made.job) is None
    assert await world.facts() == before


async def test_what_was_cancelled_half_way_goes_on_when_its_job_is_run_again(
    world: World,
) -> None:
    await stock(world, 1200)
    made = await world.batches.run(edit(favourite=True), range(1, 1201), author=ME)
    assert made.job is not None
    await world.batches.go_on(made.id, made.job)
    await world.queue.cancel(made.job)

    again = await world.queue.run_again(made.job)
    assert await world.batches.go_on(made.id, made.job) is None
    while await world.batches.go_on(made.id, again) is not None:
        pass
    await world.end(again)

    done = await world.log.get(made.id)
    assert (done.state, done.done, done.job) == ("done", 1200, again)
    undo = await world.finish(await world.batches.undo(made.id, author=ME))
    assert undo.done == 1200
    third = await world.queue.run_again(again)
    assert await world.batches.go_on(made.id, third) is None


async def test_an_undo_leaves_what_somebody_else_has_changed_since(world: World) -> None:
    await stock(world, 4)
    one = edit(description="mine", tags_add=["a"])
    made = await world.batches.run(one, [1, 2, 3, 4], author=ME)
    await world.batches.run(edit(description="theirs"), [1], author=8)
    await world.batches.run(edit(tags=["b"]), [2], author=8)
    await world.batches.run(edit(description="theirs", tags=["b"]), [3], author=8)
    await world.batches.run(edit(tags_add=["c"]), [4], author=8)

    undo = await world.batches.undo(made.id, author=ME)

    texts = {number: (facts[3], facts[6:]) for number, facts in (await world.facts()).items()}
    assert texts == {
        1: ("theirs", ()),
        2: (None, ("b",)),
        3: ("theirs", ("b",)),
        4: (None, ("c",)),
    }
    assert (undo.total, undo.done, undo.left) == (4, 3, 1)
    redo = await world.batches.undo(undo.id, author=ME)
    assert (redo.total, redo.done) == (3, 3)
    assert await world.fact(1) == ("stored", None, DAY, "theirs", False, "stored", "a")
    assert await world.fact(3) == ("stored", None, 3 * DAY, "theirs", False, "stored", "b")


async def test_a_decision_is_undone_once(world: World) -> None:
    await stock(world, 1)
    made = await world.batches.run(edit(favourite=True), [1], author=ME)

    undo = await world.batches.undo(made.id, author=ME)

    seen = await world.log.get(made.id)
    assert (made.can_undo, seen.undone_by, seen.can_undo) == (True, undo.id, False)
    assert undo.undo_of == made.id
    with pytest.raises(Conflict, match="undone already"):
        await world.batches.undo(made.id, author=ME)
    with pytest.raises(NotFound):
        await world.batches.undo(999, author=ME)
    again = await world.batches.run(edit(favourite=False), [1], author=ME)
    assert (again.done, again.same, again.can_undo) == (0, 1, False)
    with pytest.raises(Conflict, match="changed nothing"):
        await world.batches.undo(again.id, author=ME)


async def test_two_undos_at_once_do_it_once(world: World) -> None:
    await stock(world, 300)
    made = await world.batches.run(edit(favourite=True), range(1, 301), author=ME)
    await world.finish(made)

    both = await asyncio.gather(
        *(world.batches.undo(made.id, author=ME) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(one, DecisionView) for one in both) == 1
    assert sum(isinstance(one, Conflict) for one in both) == 3


async def test_dates_go_to_their_day_and_back_to_the_platforms(world: World) -> None:
    await stock(world, 2)
    await world.set(2, posted_at=None, created_at=9 * DAY, shown_at=9 * DAY)
    day = datetime(2024, 5, 1, tzinfo=UTC)

    set_ = await world.batches.run(edit(date=day.isoformat()), [1, 2], author=ME)
    shown = [facts[1:3] for facts in (await world.facts()).values()]
    buckets = await world.database.read(
        lambda tx: tx.execute(
            sa.select(DayBucketRow.day, DayBucketRow.count).where(DayBucketRow.count > 0)
        ).all()
    )
    await world.batches.run(edit(date=None), [1, 2], author=ME)

    assert shown == [(day.timestamp(), day.timestamp())] * 2
    assert [tuple(row) for row in buckets] == [(19844, 2)]
    assert [facts[1:3] for facts in (await world.facts()).values()] == [
        (None, DAY),
        (None, 9 * DAY),
    ]
    undo = await world.batches.undo(set_.id, author=ME)
    assert (undo.done, undo.left) == (0, 2)  # somebody has given the platform's back meanwhile


async def test_a_date_that_cannot_be_is_left_and_said_so(world: World) -> None:
    await stock(world, 2)
    await world.set(2, shown_at=253_402_300_000.0)
    action = edit(shift_date=DAY)

    preview = await world.previews.preview(action, [1, 2, 99])
    made = await world.batches.run(action, [1, 2, 99], author=ME)

    assert (preview.change, preview.cannot) == (
        1,
        (
            Cannot(reason="It has no date that could be moved there.", count=1),
            Cannot(reason="It does not exist.", count=1),
        ),
    )
    assert (made.done, made.left, made.state) == (1, 2, "done")


async def test_a_tag_is_the_same_in_any_case_and_goes_when_nothing_has_it(world: World) -> None:
    await stock(world, 3)
    await world.batches.run(edit(tags_add=["Straße", "sea"]), [1, 2], author=ME)

    same = await world.batches.run(edit(tags_add=["STRASSE"]), [1], author=ME)
    await world.batches.run(edit(tags_add=["SEA"]), [3], author=ME)
    assert await world.tags() == ["sea", "Straße"]
    off = await world.batches.run(edit(tags_remove=["strasse"]), [1, 2, 3], author=ME)

    assert (same.done, same.same) == (0, 1)
    assert (off.done, off.same) == (2, 1)
    assert await world.tags() == ["sea"]
    await world.batches.undo(off.id, author=ME)
    assert await world.tags() == ["sea", "Straße"]
    assert [facts[6:] for facts in (await world.facts()).values()] == [
        ("sea", "Straße"),
        ("sea", "Straße"),
        ("sea",),
    ]


async def test_what_is_edited_is_found_by_its_new_words(world: World) -> None:
    await stock(world, 3)

    made = await world.batches.run(edit(description="a lighthouse", tags=["Sylt"]), [2], author=ME)

    assert await world.batches.find("lighthouse") == [2]
    assert await world.batches.find("tag:sylt") == [2]
    assert await world.batches.find("sylt") == [2]
    await world.batches.undo(made.id, author=ME)
    assert await world.batches.find("lighthouse") == []
    assert await world.batches.find("sylt") == []


async def test_one_media_is_edited_only_as_it_was_seen(world: World) -> None:
    await stock(world, 2)
    action = edit(description="mine")

    view, version = await world.batches.run_one(action, 1, author=ME, version=1)

    assert (view.done, version) == (1, 2)
    with pytest.raises(Stale):
        await world.batches.run_one(edit(description="older"), 1, author=8, version=1)
    assert (await world.fact(1))[3] == "mine"
    assert [one.id for one in await world.log.list(author=None, limit=9)] == [view.id]
    with pytest.raises(NotFound):
        await world.batches.run_one(action, 3, author=ME)


async def test_an_edit_is_seen_as_a_change_of_the_media_and_of_the_log(world: World) -> None:
    await stock(world, 2)
    await world.batches.run(edit(favourite=True), [1, 2], author=ME)

    seen = sa.select(EventRow.kind, EventRow.ref).order_by(EventRow.id)
    events = {tuple(row) for row in await world.database.read(lambda tx: tx.execute(seen).all())}

    assert {("media", "1"), ("media", "2"), ("decision", "1")} <= events


async def test_nothing_and_too_much_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(world, 5)
    monkeypatch.setattr(module, "MOST", 4)
    monkeypatch.setattr(module, "PAGE", 2)

    with pytest.raises(NotFound):
        await world.batches.run(edit(favourite=True), [], author=ME)
    with pytest.raises(InvalidInput, match="narrow it"):
        await world.batches.find("kind:image")
    assert await world.batches.find("date:1970-01-02..1970-01-04") == [1, 2, 3]
    with pytest.raises(InvalidInput, match="tag has 1 to"):
        await world.batches.run(edit(tags_add=["\t"]), [1], author=ME)
    with pytest.raises(InvalidInput, match="At most 100,000"):
        await world.batches.run(edit(favourite=True), range(1, 100_002), author=ME)
    assert await world.log.list(author=None, limit=9) == ()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"shift_date": 0},
        {"tags": ["a"], "tags_add": ["b"]},
        {"tags_add": ["a"], "tags_remove": ["A"]},
        {"date": "2024-01-01T00:00:00Z", "shift_date": 1},
        {"date": "2024-01-01T00:00:00"},
        {"state": "stored"},
        {"description": "x" * 10_001},
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="EditMedia"):
        edit(**values)


async def test_a_worker_carries_a_large_decision_out(world: World) -> None:
    await stock(world, 1100)
    worker = Worker(world.queue, lanes=fast())
    for kind, handler in Handlers(world.batches, world.log).all().items():
        worker.register(kind, handler)

    async with worker:
        made = await world.batches.run(edit(favourite=True), range(1, 1101), author=ME)
        job = await settled(world.queue, made.job)

    assert job.state == JobState.DONE
    assert job.progress == {"total": 1100, "done": 1100, "same": 0, "left": 0}
    assert job.detail == "1,100 changed, 0 were so, 0 left."
    done = await world.log.get(made.id)
    assert (done.state, done.done, done.can_undo) == ("done", 1100, True)
