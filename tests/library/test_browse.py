"""Reading the library: every row once, over any number of pages."""

from datetime import UTC, datetime

import pytest

from gatherum.db import Database
from gatherum.library.browse import PAGE, Browse, MediaQuery
from gatherum.library.catalogue import Catalogue
from gatherum.library.listings import Way
from gatherum.model import KEEP, Media, Page, Post, Target
from gatherum.query.clauses import OneOf
from tests.suites.line import SystemClock

COUNT = PAGE * 2 + 1
TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")


@pytest.fixture
async def browse(sqlite_database: Database) -> Browse:
    posts = tuple(
        Post(
            platform="plaza" if number % 2 else "other",
            id=str(number),
            url="https://plaza.example/",
            posted_at=datetime(2025, 1, 1, tzinfo=UTC),
            media=(Media(id=str(number), url="https://plaza.example/x.jpg"),),
        )
        for number in range(COUNT)
    )
    await Catalogue(sqlite_database, SystemClock(), "me").record(
        "job",
        TARGET,
        Page(posts=posts, cursor=None),
        [KEEP] * COUNT,
        provider="plaza.native",
        way=Way.ASIDE,
    )
    return Browse(sqlite_database)


@pytest.mark.parametrize("limit", [None, 0, 1, PAGE, PAGE + 1, COUNT, COUNT + 1])
async def test_a_limit_ends_a_list_and_nothing_comes_twice(
    browse: Browse, limit: int | None
) -> None:
    query = MediaQuery(states=("wanted",))

    media = [view.id async for view in browse.media(query, limit=limit)]
    posts = [view.id async for view in browse.posts(limit=limit)]

    for ids in (media, posts):
        assert len(ids) == min(COUNT, COUNT if limit is None else limit)
        assert ids == sorted(set(ids), reverse=True)


async def test_a_list_can_be_of_one_platform(browse: Browse) -> None:
    query = MediaQuery(states=(), clause=OneOf("platform", ("plaza",)))

    assert len([view async for view in browse.media(query)]) == COUNT // 2
    assert {view.platform async for view in browse.posts(platform="plaza")} == {"plaza"}
