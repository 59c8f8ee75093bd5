"""A known post that a listing should have shown is gone at its source if its own link says so."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending
from gatherum.acquiring.missing import MOST
from gatherum.db import Database
from gatherum.errors import Gone, LoginRequired, SourceError
from gatherum.library.tables import PostRow
from gatherum.model import KEEP, Page, Part, Post, Reason, Target, Wanted
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAGE = 10
ADA = 7  # the subscription


@dataclass
class Profile:
    """Thirty posts, the newest first, and what each link says of its post."""

    posts: list[Post] = field(
        default_factory=lambda: [made(number) for number in reversed(range(30))]
    )
    says: dict[str, SourceError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        for start in range(int(cursor or 0), len(self.posts), PAGE):
            end = start + PAGE
            yield (
                "plaza.native",
                Page(
                    posts=tuple(self.posts[start:end]),
                    cursor=str(end) if end < len(self.posts) else None,
                ),
            )

    async def ask(self, url: str) -> None:
        self.asked.append(url)
        if (error := self.says.get(url)) is not None:
            raise error

    def delete(self, *numbers: int) -> None:
        names = {f"p{number}" for number in numbers}
        self.posts = [post for post in self.posts if post.id not in names]
        self.says |= {link(number): Gone("It was deleted.") for number in numbers}


@dataclass
class Section(Profile):
    """The same posts in three threads, which people write in by turns; each is a page."""

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        threads = [[post for post in self.posts if int(post.id[1:]) % 3 == n] for n in range(3)]
        threads.sort(key=lambda posts: int(posts[0].id[1:]), reverse=True)
        for place in range(int(cursor or 0), len(threads)):
            after = str(place + 1) if place + 1 < len(threads) else None
            page = Page(posts=tuple(threads[place]), cursor=after, by_date=True, overlaps=True)
            yield "plaza.native", page


def link(number: int) -> str:
    return f"https://plaza.example/p{number}"


def made(number: int) -> Post:
    at = NOON + timedelta(hours=number)
    return Post(platform="plaza", id=f"p{number}", url=link(number), media=(), posted_at=at)


async def nothing(_: Wanted) -> Part:
    raise Gone("There is nothing.")


class Library:
    """What was brought of the profile."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.jobs = 0

    async def sync(
        self, profile: Profile, *, subscription: int | None = ADA, target: Target = TARGET
    ) -> Ending:
        self.jobs += 1
        return await self.line.pipeline.run(
            Acquisition(
                job_id=f"job{self.jobs}",
                target=target,
                pages=profile.pages,
                select=lambda posts: [KEEP for post in posts for _ in post.media],
                fetch=nothing,
                path=lambda *_: "library/x",
                ask=profile.ask,
                subscription=subscription,
            )
        )

    async def gone(self) -> set[str]:
        names = sa.select(PostRow.remote_id).where(PostRow.gone_since.is_not(None))
        return set(await self.line.db.read(lambda tx: list(tx.scalars(names))))


@pytest.fixture
async def library(database: Database) -> AsyncGenerator[Library]:
    async with Line(database, ForgettingDisk()) as line:
        yield Library(line)


async def test_a_post_that_was_deleted_is_gone_since_the_next_sync(library: Library) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(27)

    await library.sync(profile)
    await library.sync(profile)

    assert await library.gone() == {"p27"}
    assert profile.asked == [link(27)]


async def test_a_post_that_is_only_not_listed_stays_and_is_asked_for_once_a_day(
    library: Library,
) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.posts = [post for post in profile.posts if post.id != "p27"]

    await library.sync(profile)
    await library.sync(profile)

    assert (await library.gone(), profile.asked) == (set(), [link(27)])


async def test_a_post_that_comes_back_is_gone_no_longer(library: Library) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(27)
    await library.sync(profile)

    await library.sync(Profile())

    assert await library.gone() == set()


async def test_of_pages_that_overlap_a_post_is_missing_only_if_it_is_newer_than_the_last_one(
    library: Library,
) -> None:
    section = Section()
    await library.sync(section)

    await library.sync(section)
    before = list(section.asked)
    section.delete(29)
    await library.sync(section)

    assert (before, section.asked, await library.gone()) == ([], [link(29)], {"p29"})


async def test_what_stands_behind_the_listing_is_not_missing(library: Library) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(3)

    await library.sync(profile)

    assert (await library.gone(), profile.asked) == (set(), [])


async def test_a_pinned_post_does_not_make_the_window_wider(library: Library) -> None:
    profile = Profile()
    profile.posts.insert(0, replace(profile.posts.pop(), pinned=True))
    await library.sync(profile)
    profile.delete(3, 28)

    await library.sync(profile)

    assert (await library.gone(), profile.asked) == ({"p28"}, [link(28)])


async def test_a_listing_in_another_order_says_nothing(library: Library) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(27)
    profile.posts[2], profile.posts[5] = profile.posts[5], profile.posts[2]

    await library.sync(profile)

    assert (await library.gone(), profile.asked) == (set(), [])


async def test_a_refusal_ends_the_asking_and_makes_nothing_gone(library: Library) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(26, 27)
    profile.says[link(27)] = LoginRequired("Log in.")

    ending = await library.sync(profile)

    assert ending.reason is None
    assert (await library.gone(), profile.asked) == (set(), [link(27)])


async def test_few_are_asked_for_after_one_listing_and_the_others_after_the_next(
    library: Library,
) -> None:
    profile = Profile()
    await library.sync(profile)
    profile.delete(*range(15, 29))

    await library.sync(profile)
    first = await library.gone()
    await library.sync(profile)

    assert first == {f"p{number}" for number in range(28, 28 - MOST, -1)}
    assert await library.gone() == {f"p{number}" for number in range(15, 29)}


async def test_a_link_that_somebody_got_misses_nothing(library: Library) -> None:
    profile = Profile()
    await library.sync(profile, subscription=None)
    profile.delete(27)

    await library.sync(profile, subscription=None)

    assert (await library.gone(), profile.asked) == (set(), [])


class Deleted(Profile):
    """What its source says is there no longer."""

    async def pages(self, _cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        if self.posts:
            raise Gone("It was deleted.")
        yield "plaza.native", Page(posts=(), cursor=None)


STATUS = "https://x.com/i/status/27"
A_POST = Target(platform="x", feed="status", key="27", url=STATUS)


@pytest.mark.parametrize(
    ("target", "link", "is_gone"),
    [
        (A_POST, "https://x.com/ada/status/27", True),
        (A_POST, "https://x.com/ada/status/28", False),  # it is only called so
        (replace(A_POST, feed="list"), "https://x.com/ada/status/27", False),
        (replace(A_POST, host="elsewhere.example"), "https://x.com/ada/status/27", False),
        (replace(A_POST, key="another name", url=link(27)), link(27), False),
    ],
)
async def test_a_known_post_is_gone_when_its_own_link_says_so(
    library: Library, target: Target, link: str, *, is_gone: bool
) -> None:
    known = replace(made(27), platform="x", id="27", url=link)
    await library.sync(Profile([known]), target=replace(TARGET, platform="x"))

    ending = await library.sync(Deleted(), subscription=None, target=target)

    assert ending.reason is Reason.GONE
    assert await library.gone() == ({"27"} if is_gone else set())


async def test_what_holds_several_posts_is_none_of_them(library: Library) -> None:
    post = Target(
        platform="reddit", feed="submission", key="abc", url="https://www.reddit.com/comments/abc/"
    )
    both = [replace(made(n), platform="reddit", url=post.url) for n in (2, 1)]
    await library.sync(Profile(both), target=replace(TARGET, platform="reddit"))

    await library.sync(Deleted(), subscription=None, target=post)

    assert await library.gone() == set()
