"""With whose cookies a file is fetched, and what is no try of it."""

from dataclasses import dataclass, field

import pytest

from gatherum.acquiring.clients import Clients
from gatherum.acquiring.media_fetch import MediaFetch
from gatherum.acquiring.outcome import Retry, judge
from gatherum.db import Database
from gatherum.errors import Busy, LoginRequired, RateLimited
from gatherum.fetching.http import Meter
from gatherum.model import Media, MediaKind, Part, Post, Target, Wanted
from tests.acquiring.test_turns import House, SteppedClock, cookies_of

TOPIC = Target(platform="phpbb", host="a.example", feed="topic", key="1", url="https://a.example/1")


@dataclass
class MembersOnly:
    """Gives a file only to who is somebody, and notes who asked; both kinds of fetcher at once."""

    asked: list[str] = field(default_factory=list)

    async def fetch(self, _wanted: Wanted, *, login: str, **_: object) -> Part:
        self.asked.append(login)
        if not login:
            raise LoginRequired("Log in.")
        return Part(
            path=".staging/1.part",
            size=1,
            sha256="0" * 64,
            mime="image/jpeg",
            extension="jpg",
            kind=MediaKind.IMAGE,
        )


def wanted(url: str) -> Wanted:
    post = Post(platform="phpbb", host="a.example", id="1", url=TOPIC.url, media=())
    return Wanted(id=1, post=post, media=Media(id="1", url=url), position=1, attempt=0)


@pytest.fixture
def house(database: Database) -> House:
    return House(database, SteppedClock())


def fetching(source: MembersOnly) -> MediaFetch:
    return MediaFetch(
        clients=Clients(http=None, engines=None, browsers=None),  # type: ignore[arg-type]  # not asked
        fetcher=source,  # type: ignore[arg-type]  # its one method
        streams=source,  # type: ignore[arg-type]
    )


async def test_a_visitor_comes_in_for_a_file_of_the_place_itself(house: House) -> None:
    ann = await house.keep("ann", cookies_of("a.example"), platform="phpbb")
    source = MembersOnly()

    async with house.worker().take(None, "phpbb", host="a.example") as turn:
        await fetching(source).by(turn, TOPIC, Meter())(wanted("https://www.a.example/1.jpg"))

    assert source.asked == ["", str(ann)]


async def test_what_another_host_refuses_brings_no_login_in(house: House) -> None:
    await house.keep("ann", cookies_of("a.example"), platform="phpbb")
    source = MembersOnly()

    async with house.worker().take(None, "phpbb", host="a.example") as turn:
        with pytest.raises(LoginRequired):
            await fetching(source).by(turn, TOPIC, Meter())(wanted("https://b.example/1.jpg"))
        assert turn.login.id == ""

    assert source.asked == [""]


@pytest.mark.parametrize(("kind", "counts"), [(Busy, False), (RateLimited, True)])
def test_to_wait_for_a_login_in_use_is_no_try(kind: type[RateLimited], *, counts: bool) -> None:
    verdict = judge(kind("Wait.", retry_after=15.0), wanted("https://a.example/1.jpg"), pace=0.0)

    assert isinstance(verdict, Retry)
    assert verdict.counts is counts
