"""Dear answers are made once, hold for a while, and are forgotten by everybody at once."""

import asyncio

import pytest

from gatherum.db import Database
from gatherum.db import cache as module
from gatherum.db.cache import Cache
from tests.conftest import Postgres


class Time:
    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at


class Maker:
    def __init__(self, seconds: float = 0.01) -> None:
        self.made = 0
        self.seconds = seconds

    async def __call__(self) -> int:
        await asyncio.sleep(self.seconds)
        self.made += 1
        return self.made


async def test_an_answer_holds_until_it_expires(database: Database) -> None:
    time, make = Time(), Maker()
    cache = Cache(database, time.now)

    first = await cache.get_or_make("stats", 300, make)
    time.at += 299
    second = await cache.get_or_make("stats", 300, make)
    time.at += 1
    third = await cache.get_or_make("stats", 300, make)

    assert (first, second, third) == (1, 1, 2)


async def test_a_fresh_answer_holds_only_for_as_long_as_it_was_dear(database: Database) -> None:
    time, cheap, dear = Time(), Maker(), Maker(0.3)
    cache = Cache(database, time.now)

    async def ask() -> tuple[object, object]:
        return (
            await cache.get_or_make("cheap", 10_000, cheap, fresh=True),
            await cache.get_or_make("dear", 20, dear, fresh=True),
        )

    first = await ask()
    time.at += 0.9
    soon = await ask()
    time.at += 19
    later = await ask()
    time.at += 5000
    at_last = await ask()

    assert first == soon == (1, 1)
    assert later[1] == 1  # thirty seconds by what it took, twenty at most
    assert (at_last[0], at_last[1]) == (cheap.made, 2)
    assert cheap.made >= 2


async def test_many_who_ask_at_once_wait_for_one_maker(database: Database) -> None:
    cache, make = Cache(database, Time().now), Maker()

    told = await asyncio.gather(*(cache.get_or_make("stats", 300, make) for _ in range(50)))

    assert told == [1] * 50


async def test_what_is_forgotten_is_made_anew_and_nothing_else_is(database: Database) -> None:
    cache, one, two = Cache(database, Time().now), Maker(), Maker()
    await cache.get_or_make("facets:a", 300, one)
    await cache.get_or_make("facets_b", 300, two)

    await cache.forget("facets:")

    assert await cache.get_or_make("facets:a", 300, one) == 2
    assert await cache.get_or_make("facets_b", 300, two) == 1


async def test_what_one_process_forgets_all_forget_on_postgresql(postgres: Postgres) -> None:
    url = postgres.make()
    database = Database(url)
    here, there = Cache(database, Time().now), Cache(database, Time().now)
    make = Maker()
    await here.get_or_make("stats", 300, make)
    assert await there.get_or_make("stats", 300, make) == 1

    await here.forget("stats")

    assert await there.get_or_make("stats", 300, make) == 2
    database.close()
    postgres.drop(url)


async def test_a_maker_that_fails_keeps_nothing(database: Database) -> None:
    cache, make = Cache(database, Time().now), Maker()

    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cache.get_or_make("stats", 300, fail)

    assert await cache.get_or_make("stats", 300, make) == 1


async def test_memory_stays_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 3)
    cache, make = Cache(database, Time().now), Maker()

    for number in range(10):
        await cache.get_or_make(f"facets:{number}", 300 + number, make)

    assert len(cache._held) <= 3
    await cache.prune()
