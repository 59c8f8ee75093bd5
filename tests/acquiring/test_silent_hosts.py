"""A host that says nothing costs a followed source one try: the rest comes, and so does it, later."""

from collections import Counter
from collections.abc import AsyncGenerator

import pytest
import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending
from gatherum.db import Database
from gatherum.errors import Silent, Unavailable
from gatherum.library.ledger import Unfetched, find_unfetched
from gatherum.library.tables import MediaRow
from gatherum.model import KEEP, Media, Page, Part, Post, Target, Wanted
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line
from tests.testsites.faulty import FaultySite
from tests.testsites.samples import photo

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
ADA = 7  # the subscription
DEAD = 40  # pictures on a host that does not connect: more than are asked for at once


class Followed:
    """A source with pictures on several hosts; `asked` counts the tries by host."""

    def __init__(self, line: Line, urls: list[str]) -> None:
        self.line = line
        self.urls = urls
        self.jobs = 0
        self.asked: list[str] = []
        self.breaks: dict[str, Unavailable] = {}

    async def pages(self, _cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        posts = (
            Post(platform="plaza", id=url, url=url, media=(Media(id=url, url=url),))
            for url in self.urls
        )
        yield "plaza.native", Page(posts=tuple(posts), cursor=None)

    async def fetch(self, wanted: Wanted) -> Part:
        self.asked.append(wanted.media.url)
        if (error := self.breaks.get(wanted.media.url)) is not None:
            raise error
        return await self.line._fetch(wanted)

    async def sync(self) -> Ending:
        self.jobs += 1
        return await self.line.pipeline.run(
            Acquisition(
                job_id=f"job{self.jobs}",
                target=TARGET,
                pages=self.pages,
                select=lambda posts: [KEEP for post in posts for _ in post.media],
                fetch=self.fetch,
                path=lambda wanted, _: f"library/{wanted.id}.jpg",
                subscription=ADA,
            )
        )

    async def unfetched(self) -> Unfetched | None:
        return await find_unfetched(self.line.db, f"job{self.jobs}")

    async def states(self) -> dict[str, str]:
        query = sa.select(MediaRow.url, MediaRow.state)
        return await self.line.db.read(lambda tx: {row.url: row.state for row in tx.execute(query)})


@pytest.fixture
async def line(database: Database) -> AsyncGenerator[Line]:
    async with Line(database, ForgettingDisk()) as line:
        await line.heal()
        yield line


async def test_a_dead_host_is_one_verdict_and_its_pictures_are_tried_again_by_the_next_sync(
    line: Line,
) -> None:
    async with FaultySite() as site:
        dead = site.put("/later.jpg", photo("later", 900))
        host = dead.removesuffix("/later.jpg").removeprefix("http://")
    async with FaultySite() as site:
        good = [site.put(f"/{name}.jpg", photo(name, 900)) for name in ("one", "two")]
        source = Followed(line, [good[0], dead, good[1]])

        first = await source.sync()
        left = await source.unfetched()

        assert first == Ending()
        assert left is not None
        assert left.told(2) == f"2 new, 1 could not be fetched from {host.partition(':')[0]}."
        assert source.asked.count(dead) == 1
        assert await source.states() == {good[0]: "stored", good[1]: "stored", dead: "failed"}

        source.urls.remove(dead)  # it may stand further down than the next listing goes
        assert await source.sync() == Ending()
        assert source.asked.count(dead) == 2
        assert await source.unfetched() is not None


async def test_nothing_more_is_asked_of_a_host_once_it_has_said_nothing(line: Line) -> None:
    urls = [f"http://dead.example/{number}.jpg" for number in range(3 * DEAD)]
    source = Followed(line, urls)
    source.breaks = {url: Silent("It says nothing.", host="dead.example") for url in urls}

    assert await source.sync() == Ending()

    left = await source.unfetched()
    assert left is not None
    assert left.hosts == {"dead.example": 3 * DEAD}
    assert len(source.asked) < 2 * DEAD  # those that were under way already


async def test_a_host_that_is_left_alone_for_a_while_keeps_no_sync_waiting(line: Line) -> None:
    url = "http://failing.example/1.jpg"
    source = Followed(line, [url])
    source.breaks = {url: Unavailable("It is left alone for a while.", retry_after=900.0)}

    assert await source.sync() == Ending()

    assert (await source.states())[url] == "failed"


def test_many_hosts_are_counted_and_the_worst_three_named() -> None:
    one = Unfetched(hosts=Counter(a=9, b=2, c=1, d=1, e=1), since=0.0)

    assert one.told(0) == ("0 new, 14 could not be fetched from a, b, c and 2 other hosts.")
