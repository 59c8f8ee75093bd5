"""Edits in the caller's transaction: together with what else it writes, and beside others who edit."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput
from gatherum.library.editing import Change, Edit, edit, give_back, plan_edit
from gatherum.library.tables import MediaRow, MediaTagRow, TagRow
from gatherum.library.tags import check_tag
from tests.curating.world import DAY, stock_rows


@pytest.fixture
async def stocked(database: Database) -> Database:
    await database.write(lambda tx: stock_rows(tx, 6))
    return database


async def test_an_edit_tells_only_what_became_different(stocked: Database) -> None:
    wanted = Edit(favourite=True, description="fog", add=("Sea",))
    await stocked.write(lambda tx: edit(tx, [1], Edit(favourite=True)))

    planned = await stocked.read(lambda tx: plan_edit(tx, [1, 2, 99], wanted))
    changes = await stocked.write(lambda tx: edit(tx, [1, 2, 99], wanted))
    again = await stocked.write(lambda tx: edit(tx, [1], wanted))

    assert planned == changes
    assert changes == {
        1: Change(
            before={"description": None, "tag:Sea": False},
            after={"description": "fog", "tag:Sea": True},
        ),
        2: Change(
            before={"favourite": False, "description": None, "tag:Sea": False},
            after={"favourite": True, "description": "fog", "tag:Sea": True},
        ),
    }
    assert not again[1]
    query = sa.select(MediaRow.version).where(MediaRow.id.in_([1, 2, 3])).order_by(MediaRow.id)
    assert list(await stocked.read(lambda tx: tx.scalars(query).all())) == [3, 2, 1]


async def test_what_is_given_back_goes_where_the_date_of_the_platform_is(stocked: Database) -> None:
    changes = await stocked.write(lambda tx: edit(tx, [2, 3], Edit(date=5.0)))
    await stocked.write(lambda tx: edit(tx, [3], Edit(date=6.0)))

    given = await stocked.write(lambda tx: give_back(tx, changes))

    assert given == {2: Change(before={"edited_date": 5.0}, after={"edited_date": None})}
    query = sa.select(MediaRow.shown_at).where(MediaRow.id.in_([2, 3])).order_by(MediaRow.id)
    assert list(await stocked.read(lambda tx: tx.scalars(query).all())) == [2 * DAY, 6.0]


async def test_nothing_of_an_edit_stays_if_the_transaction_fails(stocked: Database) -> None:
    def fail(tx: Tx) -> None:
        edit(tx, [1], Edit(favourite=True, add=("sea",)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stocked.write(fail)

    assert await _tags(stocked) == []
    favourites = sa.select(sa.func.count()).where(MediaRow.favourite)
    assert await stocked.read(lambda tx: tx.scalar(favourites)) == 0


async def test_a_tag_that_goes_while_another_puts_it_on_is_there_afterwards(
    stocked: Database,
) -> None:
    on, off = Edit(add=("sea",)), Edit(remove=("sea",))

    for _ in range(15):
        await stocked.write(lambda tx: edit(tx, [1], on))
        await asyncio.gather(
            stocked.write(_editing(1, off)),
            stocked.write(_editing(2, on)),
            stocked.write(_editing(3, on)),
            stocked.write(_editing(3, off)),
        )
        tagged = await stocked.read(lambda tx: set(tx.scalars(sa.select(MediaTagRow.media_id))))
        assert 1 not in tagged
        assert 2 in tagged
        await stocked.write(lambda tx: edit(tx, [2, 3], off))
        assert await _tags(stocked) == []


async def test_two_who_edit_the_same_media_at_once_both_count(stocked: Database) -> None:
    await asyncio.gather(
        *(stocked.write(_editing([1, 2, 3], Edit(add=(f"t{n}",)))) for n in range(4)),
        *(stocked.write(_editing([3, 2, 1], Edit(shift=DAY))) for _ in range(4)),
    )

    assert await _tags(stocked) == ["t0", "t1", "t2", "t3"]
    query = sa.select(MediaRow.shown_at, MediaRow.version).where(MediaRow.id <= 3)
    rows = await stocked.read(lambda tx: tx.execute(query.order_by(MediaRow.id)).all())
    assert [tuple(row) for row in rows] == [(5 * DAY, 9), (6 * DAY, 9), (7 * DAY, 9)]


@pytest.mark.parametrize("name", ["", " \t", "x" * 101, "a\x00b", "a\u202eb"])
def test_what_is_no_tag_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 100 printable"):
        check_tag(name)


def test_blanks_in_a_tag_are_single() -> None:
    assert check_tag("  by \n the   sea ") == "by the sea"


@pytest.mark.parametrize("date", [1e12, -1e12])
def test_a_date_beyond_the_calendar_is_refused(date: float) -> None:
    with pytest.raises(InvalidInput, match="years 1 to 9999"):
        Edit(date=date)


def _editing(media: int | list[int], wanted: Edit) -> Callable[[Tx], object]:
    ids = [media] if isinstance(media, int) else media
    return lambda tx: edit(tx, ids, wanted)


async def _tags(database: Database) -> list[str]:
    names = sa.select(TagRow.name).order_by(TagRow.name)
    return list(await database.read(lambda tx: tx.scalars(names).all()))
