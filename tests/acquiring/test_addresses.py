"""Addresses that expire: nothing is called gone before its newest address has been tried."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

from gatherum.acquiring import lister, outcome, pipeline
from gatherum.acquiring.acquisition import Acquisition
from gatherum.acquiring.links import keep_all
from gatherum.acquiring.pipeline import Pipeline
from gatherum.db import Database
from gatherum.errors import Expired, SourceError, TooLarge, Unavailable
from gatherum.library.tables import MediaRow
from gatherum.model import Media, Page, Part, Post, Target, Wanted
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line, SystemClock

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")


@dataclass
class Source:
    """Shows `count` media at addresses with a token, of which only `good` ones work."""

    count: int = 1
    token: str = "a"
    good: str = "b"
    slow: int = -1  # this media takes a while
    works: bool = True
    shaky: int = 0  # so many first tries fail
    listed: int = 0
    troubles: dict[int, SourceError] = field(default_factory=dict)  # at which listing, and how
    tries: Counter[str] = field(default_factory=Counter)

    async def pages(self, _cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        self.listed += 1
        if error := self.troubles.get(self.listed):
            raise error
        media = [
            Media(id=str(n), url=f"https://x.example/{n}?{self.token}") for n in range(self.count)
        ]
        post = Post(platform="plaza", id="1", url="https://plaza.example/1", media=tuple(media))
        yield "plaza.native", Page(posts=(post,), cursor=None)
        self.token = self.good  # from now on

    async def fetch(self, wanted: Wanted) -> Part:
        self.tries[wanted.media.id] += 1
        if int(wanted.media.id) == self.slow:
            await asyncio.sleep(2.5)
            raise TooLarge("That is how these tests say that it was there.")
        if self.tries[wanted.media.id] <= self.shaky:
            raise Unavailable("Not now.")
        if self.works and wanted.media.url.endswith(f"?{self.good}"):
            raise TooLarge("That is how these tests say that it was there.")
        raise Expired("It does not work.", status=404)


async def bring(database: Database, source: Source, *, tries: int = 6) -> list[tuple[str, str]]:
    async with Line(database, ForgettingDisk()) as line:
        line.pipeline = Pipeline(
            line.catalogue, line.files, SystemClock(), lambda: 0.0, tries=tries
        )
        await line.pipeline.run(
            Acquisition(
                job_id="job",
                target=TARGET,
                pages=source.pages,
                select=keep_all,
                fetch=source.fetch,
                path=lambda *_: "library/x",
            )
        )
    query = sa.select(MediaRow.state, MediaRow.reason).order_by(MediaRow.id)
    return [
        (row.state, row.reason) for row in await database.read(lambda tx: tx.execute(query).all())
    ]


THERE, GONE = ("skipped", "too_large"), ("failed", "gone")


async def test_an_expired_address_is_renewed_while_others_still_download(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RENEWAL_S", 0.4)
    monkeypatch.setattr(pipeline, "RENEW_S", 0.1)
    monkeypatch.setattr(pipeline, "LOOK_AGAIN_S", 0.2)
    source = Source(count=4, slow=0)

    assert await bring(sqlite_database, source, tries=3) == [THERE] * 4


async def test_an_address_that_expires_after_other_failures_is_renewed_too(
    sqlite_database: Database,
) -> None:
    assert await bring(sqlite_database, Source(shaky=2)) == [THERE]


async def test_a_listing_that_fails_meanwhile_makes_nothing_gone(sqlite_database: Database) -> None:
    source = Source(troubles={2: Unavailable("Not now.")})

    assert await bring(sqlite_database, source) == [THERE]


async def test_a_media_whose_newest_address_does_not_work_either_is_gone(
    sqlite_database: Database,
) -> None:
    source = Source(count=3, works=False)

    assert await bring(sqlite_database, source) == [GONE] * 3
    assert source.listed == 2


@dataclass
class Alone(Source):
    """Shows a post a page, to one listing at a time: as a way that has one browser."""

    browser: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async with self.browser:
            async for provider, page in super().pages(cursor):
                for media in page.posts[0].media:
                    post = replace(page.posts[0], id=media.id, media=(media,))
                    yield provider, replace(page, posts=(post,))


async def test_a_listing_that_waits_for_room_does_not_keep_new_addresses_away(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lister, "AHEAD", 2)

    async with asyncio.timeout(60):
        assert await bring(sqlite_database, Alone(count=150)) == [THERE] * 150


async def test_there_are_as_many_tries_as_the_setting_says(sqlite_database: Database) -> None:
    source = Source(shaky=100)

    assert await bring(sqlite_database, source, tries=3) == [("failed", "unavailable")]
    assert source.tries["0"] == 3
