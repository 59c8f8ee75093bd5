"""Events come in an order in which a reader misses nothing and reads nothing twice."""

import pytest
import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.db.events import START, Events, Position, Span
from gatherum.db.tables import AlarmRow, EventRow
from gatherum.errors import InvalidInput


def alarm(name: str) -> sa.Insert:
    return sa.insert(AlarmRow).values(name=name, since=0, seen_at=0, message="")


def put(database: Database, *names: str) -> None:
    """Change something in one transaction."""
    database.write_now(lambda tx: [tx.execute(alarm(name)) for name in names] and None)


async def refs(events: Events, position: Position = START) -> list[str]:
    """Return what was told behind a position, without the very first event."""
    return [event.ref for event in await events.after(position) if event.kind != "start"]


def set_times(database: Database, *times: float) -> None:
    def tx(tx: Tx) -> None:
        ids = tx.scalars(sa.select(EventRow.id).order_by(EventRow.xid, EventRow.id)).all()
        for number, at in zip(ids, (0.0, *times), strict=True):
            tx.execute(sa.update(EventRow).where(EventRow.id == number).values(at=at))

    database.write_now(tx)


async def test_events_are_read_in_order_page_by_page(database: Database) -> None:
    events = Events(database)
    begin = Position(0, 1)
    assert (await events.newest(), await events.oldest()) == (begin, begin)

    put(database, "a", "b")
    put(database, "c")

    first = await events.after(START, limit=3)
    told = [(event.kind, event.ref) for event in first]
    assert told == [("start", ""), ("alarm", "a"), ("alarm", "b")]
    assert await refs(events, first[-1].position) == ["c"]
    assert await events.span() == Span(oldest=begin, newest=await events.newest())
    assert await events.after(await events.newest()) == ()


async def test_a_change_that_is_rolled_back_leaves_no_event(database: Database) -> None:
    def fail(tx: Tx) -> None:
        tx.execute(alarm("a"))
        raise InvalidInput("No.")

    with pytest.raises(InvalidInput):
        database.write_now(fail)

    assert await refs(Events(database)) == []


async def test_what_is_committed_late_is_not_lost(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("one writer: nothing is committed late")
    events = Events(database)
    with database.engine.connect() as late, late.begin():
        late.execute(alarm("late"))  # its numbers are handed out now
        put(database, "early")

        assert await refs(events) == []  # "early" waits: behind it, nobody would look for "late"
        assert await events.newest() == Position(0, 1)

    assert await refs(events) == ["late", "early"]


async def test_a_reader_in_steps_gets_what_is_committed_out_of_order_exactly_once(
    database: Database,
) -> None:
    if database.is_sqlite:
        pytest.skip("one writer: nothing is committed out of order")
    events, seen, position = Events(database), [], Position(0, 1)

    async def step() -> None:
        nonlocal position
        for event in await events.after(position):
            seen.append(event.ref)
            position = event.position

    first, second = database.engine.connect(), database.engine.connect()
    one = first.begin()
    first.execute(alarm("1a"))
    two = second.begin()
    second.execute(alarm("2a"))
    first.execute(alarm("1b"))
    await step()
    two.commit()
    await step()
    put(database, "3a")
    await step()
    assert seen == []
    one.commit()
    await step()
    await step()
    first.close()
    second.close()

    assert seen == ["1a", "1b", "2a", "3a"]


async def test_old_events_are_forgotten_but_for_the_one_before_them(database: Database) -> None:
    put(database, "a", "b", "c", "d")
    set_times(database, 10, 20, 30, 40)
    events = Events(database, now=lambda: 130)
    _, _, second, *_ = await events.after(START)

    assert (
        await events.prune(keep_s=100) == 2
    )  # of the first, "a" and "b", which are due, "b" stays

    assert await refs(events) == ["b", "c", "d"]
    assert await events.oldest() == second.position
    assert await events.prune(keep_s=100) == 0


async def test_more_events_than_are_kept_are_forgotten(database: Database) -> None:
    put(database, *"abcdef")

    assert await Events(database).prune(most=2) == 4

    assert await refs(Events(database)) == ["d", "e", "f"]


async def test_the_newest_event_stays_so_that_its_number_is_not_given_again(
    database: Database,
) -> None:
    put(database, "a", "b")
    events = Events(database, now=lambda: 2e10)
    newest = await events.newest()

    await events.prune()
    put(database, "c")

    assert await refs(events) == ["b", "c"]
    assert await refs(events, newest) == ["c"]


async def test_events_of_another_server_are_forgotten(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("its numbers come along with it")
    put(database, "ours")
    foreign = {"xid": 2**40, "at": 0, "kind": "alarm", "ref": "foreign"}
    database.write_now(lambda tx: tx.execute(sa.insert(EventRow).values(foreign)) and None)
    events = Events(database)
    assert await refs(events) == ["ours"]

    assert await events.prune() == 1

    count = sa.select(sa.func.count()).select_from(EventRow)
    assert database.read_now(lambda tx: tx.scalar(count)) == 2


@pytest.mark.parametrize("text", ["0.0", "12.7", f"{2**63 - 1}.1"])
def test_a_position_is_a_text_and_back(text: str) -> None:
    assert str(Position.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", ".", "1", "1.", ".1", "-1.2", "1.2.3", "a.b", "1.x", "²·1", f"{2**63}.1", "1 .2"]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Position.parse(text)


async def test_reading_events_takes_an_index(database: Database) -> None:
    plans: list[str] = []

    def listen(
        tx: Tx, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith("SELECT"):
            if not database.is_sqlite:
                for way in ("seqscan", "bitmapscan", "sort"):  # the tables of a test are tiny
                    tx.exec_driver_sql(f"set local enable_{way} = off")
            explain = "explain query plan" if database.is_sqlite else "explain"
            rows = tx.exec_driver_sql(f"{explain} {statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))

    put(database, "a")
    events = Events(database)
    sa.event.listen(database.engine, "before_cursor_execute", listen)
    await events.after(START)
    await events.span()
    sa.event.remove(database.engine, "before_cursor_execute", listen)

    assert len(plans) == 3
    assert all("ix_event_xid_id" in plan for plan in plans), plans
    assert not any("Sort" in plan or "TEMP B-TREE" in plan for plan in plans), plans
