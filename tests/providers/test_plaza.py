"""The demonstration platform is listed in full, through the real client."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatherum.db import Database
from gatherum.demo import running
from gatherum.demo.api import SLOW_PEOPLE
from gatherum.demo.content import posts_of, tagged
from gatherum.errors import Gone, LoginRequired, RateLimited
from gatherum.fetching.budget import Budget
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar
from gatherum.fetching.http import Http, Meter
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Post
from gatherum.providers import get_chain
from gatherum.providers.recognise import recognise
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy


class SystemClock:
    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture(scope="module")
async def plaza() -> AsyncIterator[str]:
    async with running() as address:
        yield address


@pytest.fixture
async def client(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[JobClient]:
    clock = SystemClock()
    http = Http(
        policy=Policy.from_names(("127.0.0.1",)),
        budget=Budget(sqlite_database, clock, lambda: 0.0),
        clock=clock,
        proxy="",
        ca_bundle=None,
        connections=8,
        per_host=4,
        stall_s=5.0,
    )
    engines = EnginePool(tmp_path, egress=Egress(Policy()))
    yield JobClient(http, engines, platform="plaza", login="", jar=Jar(), meter=Meter())
    await http.close()


async def listed(url: str, client: JobClient) -> list[Post]:
    target = await recognise(url, client)
    (provider, target), *others = get_chain(target)
    assert (provider.name, target.url, others) == ("plaza.native", url, [])
    return [post async for page in provider.listing(target, client, None) for post in page.posts]


@pytest.mark.parametrize("person", ["ada", "dune", "chiyo", "mishap"])
async def test_a_person_is_listed_to_the_end_in_order(
    plaza: str, client: JobClient, person: str
) -> None:
    posts = await listed(f"{plaza}/@{person}", client)

    found = [(p.id, p.caption, p.posted_at, p.pinned, [m.id for m in p.media]) for p in posts]
    assert found == [
        (e.id, e.caption, e.at, e.pinned, [i.id for i in e.items]) for e in posts_of(person)
    ]
    assert {post.host for post in posts} == {plaza.removeprefix("http://")}


async def test_the_size_told_is_the_size_of_the_file(plaza: str, client: JobClient) -> None:
    posts = await listed(f"{plaza}/@bruno", client)

    told = [media.size for post in posts for media in post.media]
    assert told == [len(item.body()) for entry in posts_of("bruno") for item in entry.items]


async def test_stories_tags_and_single_posts_are_listed(plaza: str, client: JobClient) -> None:
    stories = await listed(f"{plaza}/@ada/stories", client)
    sea = await listed(f"{plaza}/tag/%E6%B5%B7", client)
    single = await listed(f"{plaza}/p/{sea[0].id}", client)

    assert len(stories) == 4
    assert [post.id for post in sea] == [entry.id for entry in tagged("海")]
    assert single == sea[:1]


@pytest.mark.parametrize(
    ("path", "error"), [("/@echo", Gone), ("/@nobody", Gone), ("/@vault", LoginRequired)]
)
async def test_what_cannot_be_listed_says_why(
    plaza: str, client: JobClient, path: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await listed(plaza + path, client)


async def test_a_platform_that_asks_for_patience_is_heard(
    client: JobClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SLOW_PEOPLE, "rush", (1, 600.0))  # so long no second request is under way
    async with running() as plaza:
        await listed(f"{plaza}/@rush", client)

        with pytest.raises(RateLimited) as caught:
            await listed(f"{plaza}/@rush", client)

    assert caught.value.retry_after is not None
    assert 300 < caught.value.retry_after <= 600


async def test_its_other_pages_are_pages_like_any(plaza: str, client: JobClient) -> None:
    platforms = [
        (await recognise(plaza + path, client)).platform for path in ("/broken/", "/gallery/")
    ]
    feed = await recognise(f"{plaza}/@ada/feed.xml", client)

    assert platforms == ["web", "web"]
    assert feed.platform == "feed"
