"""Whatever people do one after another: undone in the reverse order, all is as it was at first."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatherum.curating.actions import (
    AllowMedia,
    EditMedia,
    FetchMedia,
    MediaAction,
    RestoreMedia,
    TrashMedia,
)
from gatherum.db import Database
from gatherum.jobs.engine import make_tables
from tests.curating.world import World, make_world, places, stock
from tests.suites.forgetting import ForgettingDisk

COUNT = 6
NAMES = st.lists(st.sampled_from(["sea", "SEA", "Fog", "dune", "Straße", "STRASSE"]), max_size=3)


def _edit(values: dict[str, Any]) -> EditMedia:
    keys = {name.casefold() for name in values.get("tags_add", ())}
    if removed := values.pop("tags_remove", None):
        values["tags_remove"] = [name for name in removed if name.casefold() not in keys]
    return EditMedia.model_validate({"kind": "edit", "favourite": True, **values})


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "date": st.sampled_from([None, "2020-02-29T00:00:00Z", "1999-12-31T23:59:59Z"]),
        "description": st.sampled_from([None, "one", "two"]),
        "favourite": st.booleans(),
        "tags_add": NAMES,
        "tags_remove": NAMES,
    },
).map(_edit)
SETS = NAMES.map(lambda names: EditMedia(kind="edit", tags=tuple(names)))
SHIFTS = st.sampled_from([-86_400.0, 0.5]).map(lambda s: EditMedia(kind="edit", shift_date=s))
MOVES = st.sampled_from(
    [
        TrashMedia(kind="trash"),
        RestoreMedia(kind="restore"),
        AllowMedia(kind="allow"),
        FetchMedia(kind="fetch"),
    ]
)
ACTIONS = st.one_of(EDITS, SETS, SHIFTS, MOVES)
WHICH = st.sets(st.integers(1, COUNT), min_size=1)
# A step, and whether it is undone and redone at once.
STEPS = st.lists(st.tuples(ACTIONS, WHICH, st.booleans()), min_size=1, max_size=8)


def test_all_undone_in_the_reverse_order_is_as_if_nothing_was_done(
    sqlite_template: Path, tmp_path: Path
) -> None:
    _check(sqlite_template, tmp_path, examples=20)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_all_undone_is_as_if_nothing_was_done_however_long_one_tries(
    sqlite_template: Path, tmp_path: Path
) -> None:
    _check(sqlite_template, tmp_path, examples=500)


def _check(sqlite_template: Path, tmp_path: Path, *, examples: int) -> None:
    template = tmp_path / "gatherum.db"
    shutil.copyfile(sqlite_template, template)
    make_tables(f"sqlite:///{template}")

    @settings(max_examples=examples, deadline=None)
    @given(STEPS)
    def check(steps: list[tuple[MediaAction, set[int], bool]]) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "gatherum.db"
            shutil.copyfile(template, path)
            database = Database(f"sqlite:///{path}")
            try:
                asyncio.run(_play(database, steps))
            finally:
                database.close()

    check()


async def _play(database: Database, steps: list[tuple[MediaAction, set[int], bool]]) -> None:
    world = await make_world(database, Path(), fs=ForgettingDisk())
    await _begin(world)
    first, files = await world.facts(), places(world.fs, "library")
    made = []
    for action, which, twice in steps:
        view = await world.batches.run(action, sorted(which), author=1)
        if view.can_undo and twice:
            undone = await world.batches.undo(view.id, author=1)
            view = await world.batches.undo(undone.id, author=1)
            assert view.done == undone.done
        made.append(view)

    for view in reversed(made):
        if view.can_undo:
            undo = await world.batches.undo(view.id, author=1)
            assert (undo.done, undo.left) == (view.done, 0)

    assert await world.facts() == first
    assert places(world.fs, "library") == files
    assert await world.tags() == ["Fog"]


async def _begin(world: World) -> None:
    """Begin with media in several states: two share a file, one failed, one was deleted for ever."""
    await stock(world, COUNT, files=True)
    await world.set(2, file_id=1)
    await world.batches.run(EditMedia(kind="edit", tags_add=("Fog",)), [1, 6], author=1)
    await world.set(4, state="failed", reason="gone", file_id=None)
    await world.set(5, state="trashed", reason="deleted", file_id=None, trashed_at=1.0)
