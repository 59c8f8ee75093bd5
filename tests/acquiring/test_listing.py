"""What is listed: nothing is overlooked, whatever broke off, was cancelled, limited or filtered before."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending, Pages, keep_fetched
from gatherum.acquiring.links import keep_all
from gatherum.db import Database
from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable
from gatherum.library.tables import MediaRow, PostRow, PostVersion
from gatherum.model import Decision, Media, MediaKind, Page, Part, Post, Reason, Target, Wanted
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line, cancel

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
OTHER = Target(platform="plaza", feed="tag", key="fog", url="https://plaza.example/tag/fog")
SIZE = 3
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
Select = Callable[[Sequence[Post]], Sequence[Decision]]


def post(number: int, *, caption: str = "", pinned: bool = False) -> Post:
    return Post(
        platform="plaza",
        id=f"p{number:03}",
        url=f"https://plaza.example/p/{number}",
        posted_at=BEGIN + timedelta(days=number),
        caption=caption,
        pinned=pinned,
        media=(Media(id=f"m{number:03}", url=f"https://plaza.example/{number}.jpg"),),
    )


@dataclass
class Profile:
    """A listing that a test changes: its pages, and where it breaks off."""

    posts: list[Post] = field(default_factory=list)
    asked: int = 0
    breaks: dict[int, SourceError] = field(default_factory=dict)  # at which page, and how

    def publish(self, *numbers: int) -> None:
        self.posts[:0] = [post(number) for number in sorted(numbers, reverse=True)]

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        start = int(cursor or 0)
        while True:
            self.asked += 1
            if error := self.breaks.pop(start // SIZE, None):
                raise error
            end = start + SIZE
            after = str(end) if end < len(self.posts) else None
            yield "plaza.native", Page(posts=tuple(self.posts[start:end]), cursor=after)
            if after is None:
                return
            start = end


async def gone(_: Wanted) -> Part:
    raise Gone("There is nothing.")


@dataclass
class Worker:
    line: Line
    jobs: int = 0

    async def get(
        self,
        pages: Pages,
        *,
        target: Target = TARGET,
        limit: int | None = None,
        select: Select = keep_all,
        chosen: str = "",
        fetch: Callable[[Wanted], object] = gone,
        job: str | None = None,
        back: bool = True,
        posts: int | None = None,
        check: Callable[[Wanted, Part], Decision] = keep_fetched,
    ) -> Ending:
        self.jobs += 1
        return await self.line.pipeline.run(
            Acquisition(
                job_id=job or f"job{self.jobs}",
                target=target,
                pages=pages,
                select=select,
                fetch=fetch,  # type: ignore[arg-type]  # it never brings a part
                path=lambda *_: "library/x",
                check=check,
                chosen=chosen,
                limit=limit,
                back=back,
                posts=posts,
            )
        )

    async def known(self) -> set[int]:
        names = await self.line.db.read(lambda tx: list(tx.scalars(sa.select(PostRow.remote_id))))
        return {int(name[1:]) for name in names}

    async def states(self) -> dict[int, str]:
        rows = await self.line.db.read(
            lambda tx: tx.execute(sa.select(MediaRow.remote_id, MediaRow.state)).all()
        )
        return {int(row[0][1:]): row[1] for row in rows}


@pytest.fixture
async def worker(database: Database) -> AsyncGenerator[Worker]:
    async with Line(database, ForgettingDisk()) as line:
        yield Worker(line)


@pytest.fixture
def profile() -> Profile:
    made = Profile()
    made.publish(*range(1, 13))
    return made


async def test_a_second_listing_stops_at_what_is_known(worker: Worker, profile: Profile) -> None:
    await worker.get(profile.pages)
    profile.publish(13)
    profile.asked = 0

    await worker.get(profile.pages)

    assert 13 in await worker.known()
    assert profile.asked == 2


async def test_a_listing_that_broke_off_among_new_posts_leaves_no_gap(
    worker: Worker, profile: Profile
) -> None:
    await worker.get(profile.pages)
    profile.publish(*range(13, 25))
    profile.breaks[1] = LoginRequired("Who are you?")
    assert (await worker.get(profile.pages)).reason is Reason.LOGIN_REQUIRED
    assert await worker.known() == {*range(1, 13), 22, 23, 24}

    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 25))


async def test_new_posts_that_another_target_brought_first_leave_no_gap(
    worker: Worker, profile: Profile
) -> None:
    await worker.get(profile.pages)
    profile.publish(*range(13, 25))
    tag = Profile()
    tag.publish(22, 23, 24)
    await worker.get(tag.pages, target=OTHER)

    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 25))


@pytest.mark.parametrize("limit", [1, 3, 4, 6, 20])
async def test_a_limit_takes_the_newest_and_later_listings_take_the_rest(
    worker: Worker, profile: Profile, limit: int
) -> None:
    await worker.get(profile.pages, limit=limit)
    assert await worker.known() == set(range(13 - min(limit, 12), 13))

    await worker.get(profile.pages)
    profile.publish(*range(13, 25))
    await worker.get(profile.pages, limit=limit)
    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 25))


async def test_a_limit_is_reached_although_the_listing_stumbled(
    worker: Worker, profile: Profile
) -> None:
    profile.breaks[1] = Unavailable("Not now.")

    await worker.get(profile.pages, limit=5)

    assert await worker.known() == {8, 9, 10, 11, 12}


async def test_what_a_cancelled_job_left_unfetched_is_fetched_by_the_next(
    worker: Worker, profile: Profile
) -> None:
    never = asyncio.Event()
    task = asyncio.create_task(worker.get(profile.pages, fetch=lambda _: never.wait()))
    while await worker.known() != set(range(1, 13)):  # noqa: ASYNC110 - the rows say it
        await asyncio.sleep(0.01)
    await cancel(task)

    await worker.get(profile.pages)

    assert set((await worker.states()).values()) == {"failed"}
    assert (await worker.line.tally("job2")).failed == 12


async def test_what_a_filter_left_out_is_met_again_by_another_filter(
    worker: Worker, profile: Profile
) -> None:
    def only(number: int) -> Select:
        def select(posts: Sequence[Post]) -> Sequence[Decision]:
            refusal = Decision(reason=Reason.FILTERED)
            return [Decision() if one.id == f"p{number:03}" else refusal for one in posts]

        return select

    await worker.get(profile.pages, select=only(2), chosen="text:2")
    await worker.get(profile.pages, select=only(5), chosen="text:5")
    states = await worker.states()
    assert {number for number, state in states.items() if state == "failed"} == {2, 5}

    await worker.get(profile.pages)

    assert set((await worker.states()).values()) == {"failed"}


async def test_what_a_filter_left_out_for_its_file_is_not_fetched_at_every_sync(
    worker: Worker, profile: Profile
) -> None:
    fetched: list[str] = []

    async def fetch(wanted: Wanted) -> Part:
        fetched.append(wanted.media.id)
        return Part(
            path=wanted.part,
            size=1,
            sha256="0" * 64,
            mime="image/png",
            extension="png",
            kind=MediaKind.IMAGE,
        )

    def refuse(*_: object) -> Decision:
        return Decision(reason=Reason.FILTERED, detail="Left out by the filter: size>1KB")

    for _ in range(2):
        await worker.get(profile.pages, fetch=fetch, check=refuse, chosen="size>1KB")
    assert len(fetched) == 12

    await worker.get(profile.pages, fetch=fetch, check=refuse)
    assert len(fetched) == 24


async def test_a_listing_whose_oldest_post_comes_first_is_followed_to_its_end(
    worker: Worker, profile: Profile
) -> None:
    profile.posts.reverse()
    await worker.get(profile.pages)
    profile.posts.append(post(13))

    await worker.get(profile.pages)

    assert 13 in await worker.known()


async def test_pinned_posts_neither_end_a_listing_nor_keep_it_going(
    worker: Worker, profile: Profile
) -> None:
    profile.posts.insert(0, post(1, pinned=True))
    await worker.get(profile.pages)
    profile.posts[1:1] = [post(number) for number in range(20, 14, -1)]

    await worker.get(profile.pages)
    assert {15, 20} <= await worker.known()

    profile.asked = 0
    await worker.get(profile.pages)
    assert profile.asked == 1


async def test_an_edited_post_that_stands_twice_on_a_page_gets_one_version(
    worker: Worker,
) -> None:
    shown = Profile([post(2), post(1)])
    await worker.get(shown.pages)
    shown.posts = [post(1, caption="edited", pinned=True), post(2), post(1, caption="edited")]

    assert await worker.get(shown.pages) == Ending()

    count = sa.select(sa.func.count()).select_from(PostVersion)
    assert await worker.line.db.read(lambda tx: tx.scalar(count)) == 1


async def test_slices_go_on_where_the_last_one_ended(worker: Worker, profile: Profile) -> None:
    for _ in range(2):
        await worker.get(profile.pages, posts=SIZE)

    assert await worker.known() == set(range(7, 13))
