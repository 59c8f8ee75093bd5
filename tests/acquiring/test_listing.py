"""What is listed: nothing is overlooked, whatever broke off, was cancelled, limited or filtered before."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending, Pages, keep_fetched
from gatherum.acquiring.links import keep_all
from gatherum.db import Database
from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable, Withheld
from gatherum.library.tables import ListingRow, MediaRow, PostRow, PostVersion, SourceRow
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
    by_date: bool = False

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
            shown = tuple(self.posts[start:end])
            yield "plaza.native", Page(posts=shown, cursor=after, by_date=self.by_date)
            if after is None:
                return
            start = end


@dataclass
class Thread(Profile):
    """A listing whose pages are filled from its end: only the newest one grows."""

    mute: int = 0  # posts at the end that have no media, so that nobody tells of them

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        place = (len(self.posts) + self.mute - 1) // SIZE if cursor is None else int(cursor)
        while True:
            self.asked += 1
            shown = tuple(reversed(self.posts[place * SIZE : (place + 1) * SIZE]))
            after = str(place - 1) if place else None
            yield "plaza.native", Page(posts=shown, cursor=after, by_date=True)
            place -= 1
            if place < 0:
                return


@dataclass
class Section:
    """A listing of pages that reach over others: no page has a newer post than the one before."""

    sheets: list[list[Post]]
    by_date: bool = True  # its pages overlap then
    breaks: set[int] = field(default_factory=set)  # before which page it does, once

    async def pages(self, cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        for place in range(int(cursor or 0), len(self.sheets)):
            if place in self.breaks:
                self.breaks.remove(place)
                raise LoginRequired("Who are you?")
            after = str(place + 1) if place + 1 < len(self.sheets) else None
            posts = tuple(self.sheets[place])
            page = Page(posts=posts, cursor=after, by_date=self.by_date, overlaps=self.by_date)
            yield "plaza.native", page


def leave_out(posts: Sequence[Post]) -> Sequence[Decision]:
    return [Decision(reason=Reason.FILTERED) for each in posts for _ in each.media]


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
        subscription: int | None = None,
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
                subscription=subscription,
            )
        )

    async def known(self) -> set[int]:
        names = await self.line.db.read(lambda tx: list(tx.scalars(sa.select(PostRow.remote_id))))
        return {int(name[1:]) for name in names}

    async def met(self, subscription: int) -> set[int]:
        mine = sa.select(PostRow.remote_id).join(SourceRow, SourceRow.post_id == PostRow.id)
        mine = mine.where(SourceRow.subscription_id == subscription)
        names = await self.line.db.read(lambda tx: list(tx.scalars(mine)))
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


async def test_pages_that_do_not_move_are_not_all_read_again_for_one_new_post(
    worker: Worker,
) -> None:
    thread = Thread([post(number) for number in range(1, 12)])
    await worker.get(thread.pages)
    thread.posts += [post(12), post(13)]
    thread.asked = 0

    await worker.get(thread.pages)

    assert await worker.known() == set(range(1, 14))
    assert thread.asked == 3  # the two that grew, and the first that did not


async def test_a_last_page_of_words_alone_says_nothing_of_where_a_listing_began(
    worker: Worker,
) -> None:
    thread = Thread([post(number) for number in range(1, 16)], mute=2)
    await worker.get(thread.pages)
    thread.posts += [post(16)]
    thread.mute, thread.asked = 0, 0

    await worker.get(thread.pages)

    assert 16 in await worker.known()
    assert thread.asked == 2  # of six: the very newest one of then ends it


async def test_a_first_page_that_shows_nothing_yet_is_not_where_a_listing_began(
    worker: Worker,
) -> None:
    old = [[post(number)] for number in (3, 2, 1)]
    quiet = Section([[], [post(0, pinned=True)], *old], by_date=False)
    await worker.get(quiet.pages)
    asked: list[int] = []

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async for provider, page in quiet.pages(cursor):
            asked.append(len(page.posts))
            yield provider, page

    await worker.get(pages)

    assert asked == [0, 1, 1]  # of five: the newest post of then ends it


async def test_what_broke_off_in_a_list_that_is_not_by_date_is_gone_through_again(
    worker: Worker,
) -> None:
    saved = Section([[post(20)]], by_date=False)
    await worker.get(saved.pages)
    saved.sheets[:0] = [[post(3)], [post(2)], [post(1)]]  # old posts that somebody has saved now
    saved.breaks.add(1)
    assert (await worker.get(saved.pages)).reason is Reason.LOGIN_REQUIRED

    await worker.get(saved.pages)

    assert await worker.known() == {1, 2, 3, 20}


async def test_what_another_target_brought_of_one_thread_hides_no_news_of_the_next(
    worker: Worker,
) -> None:
    section = Section([[post(6), post(5), post(4)], [post(3), post(2), post(1)]])
    await worker.get(section.pages)
    section.sheets = [
        [post(9), post(3), post(2)],
        [post(8), post(6), post(5)],
        [post(4)],
        [post(1)],
    ]
    await worker.get(Section([[post(9), post(3), post(2)]]).pages, target=OTHER)

    await worker.get(section.pages)

    assert 8 in await worker.known()


async def test_a_new_post_does_not_bring_in_all_that_a_back_fill_has_not_come_to(
    worker: Worker, profile: Profile
) -> None:
    profile.by_date = True
    await worker.get(profile.pages, posts=SIZE)
    profile.publish(13)
    profile.asked = 0

    await worker.get(profile.pages, back=False)

    assert profile.asked == 2
    assert await worker.known() == {13, 12, 11, 10}


async def test_what_a_back_fill_has_not_come_to_is_left_to_it_where_posts_were_deleted(
    worker: Worker, profile: Profile
) -> None:
    profile.by_date = True
    await worker.get(profile.pages, posts=SIZE)
    del profile.posts[:2]
    profile.publish(13)
    profile.asked = 0

    await worker.get(profile.pages, back=False)

    assert profile.asked == 2
    assert await worker.known() == {13, 12, 11, 10, 9}

    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 14))


async def test_what_was_shown_late_among_known_posts_does_not_end_a_listing_of_all(
    worker: Worker, profile: Profile
) -> None:
    profile.by_date = True
    hidden = [profile.posts.pop(3), profile.posts.pop(1)]  # the 9th and the 11th of 12
    await worker.get(profile.pages)
    profile.posts[1:1], profile.posts[3:3] = hidden[1:], hidden[:1]

    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 13))


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


async def test_an_empty_answer_after_one_that_broke_off_leaves_no_gap(
    worker: Worker, profile: Profile
) -> None:
    await worker.get(profile.pages)
    profile.publish(*range(13, 19))
    profile.breaks[1] = LoginRequired("Who are you?")
    await worker.get(profile.pages)
    assert await worker.known() == {*range(1, 13), 16, 17, 18}
    await worker.get(Profile().pages)

    await worker.get(profile.pages)

    assert await worker.known() == set(range(1, 19))


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


async def test_what_another_subscription_brought_long_ago_is_new_to_a_list_of_others_posts(
    worker: Worker, profile: Profile
) -> None:
    liked = Section([[post(20)]], by_date=False)
    await worker.get(profile.pages, subscription=1, select=leave_out)
    await worker.get(liked.pages, target=OTHER, subscription=2)
    liked.sheets[:0] = [[post(9), post(8), post(7)], [post(21)]]  # liked just now
    sync = partial(worker.get, liked.pages, target=OTHER, back=False, subscription=2)

    await sync()

    assert 21 in await worker.known()
    assert (await worker.states())[9] == "failed"  # it was tried, whatever the other leaves out
    liked.sheets = [*liked.sheets[:1], [post(22)]]
    await sync()
    assert 22 not in await worker.known()  # nothing is behind what this one has met


async def test_what_was_got_long_ago_ends_no_list_in_no_order_that_a_subscription_goes_through(
    worker: Worker,
) -> None:
    await worker.get(Section([[post(5)]]).pages, target=OTHER)
    saved = Section([[post(20)]], by_date=False)
    sync = partial(worker.get, saved.pages, subscription=1)
    await sync()
    saved.sheets[:0] = [[post(5)], [post(7)]]  # saved just now

    await sync()

    assert 7 in await worker.known()
    saved.sheets = [[post(5)], [post(8)]]
    await sync()
    assert 8 not in await worker.known()  # nothing is behind what it has met


@pytest.mark.parametrize("breaks", [LoginRequired("Who are you?"), Unavailable("Not now.")])
async def test_what_broke_off_among_posts_that_others_have_met_is_gone_through_again(
    worker: Worker, profile: Profile, breaks: SourceError
) -> None:
    await worker.get(profile.pages, subscription=1)
    liked = Section([[post(20)]], by_date=False)
    await worker.get(liked.pages, target=OTHER, subscription=2)
    liked.sheets[:0] = [[post(9), post(8), post(7)], [post(21)]]  # liked just now
    left = [breaks]

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async for shown in liked.pages(cursor):
            yield shown
            if left:
                raise left.pop()

    await worker.get(pages, target=OTHER, back=False, subscription=2)
    await worker.get(pages, target=OTHER, back=False, subscription=2)

    assert 21 in await worker.known()


@pytest.mark.parametrize("subscription", [None, 1])
async def test_a_way_that_shows_an_older_state_does_not_come_through_for_one_that_broke_off(
    worker: Worker, profile: Profile, subscription: int | None
) -> None:
    for _ in range(2):  # the second look comes through to all of it
        await worker.get(profile.pages, subscription=subscription)
    profile.publish(*range(13, 19))

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async for shown in profile.pages(cursor):
            yield shown
            break
        yield "plaza.mirror", Page(posts=(post(5), post(3)), cursor="behind")

    await worker.get(pages, back=False, subscription=subscription)
    assert await worker.known() == {*range(1, 13), 16, 17, 18}

    await worker.get(profile.pages, back=False, subscription=subscription)

    assert await worker.known() == set(range(1, 19))


async def test_what_a_mirror_shows_before_it_breaks_off_counts_for_nothing(
    worker: Worker, profile: Profile
) -> None:
    await worker.get(profile.pages, subscription=1)
    liked = Section([[post(20)]], by_date=False)
    await worker.get(liked.pages, target=OTHER, subscription=2)
    liked.sheets[:0] = [[post(9)], [post(8)], [post(21)]]  # liked just now

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async for shown in liked.pages(cursor):
            yield shown
            break
        yield "plaza.mirror", Page(posts=(post(9),), cursor="1")
        raise LoginRequired("Who are you?")

    await worker.get(pages, target=OTHER, back=False, subscription=2)
    await worker.get(liked.pages, target=OTHER, back=False, subscription=2)

    assert 21 in await worker.known()


async def test_a_first_way_that_always_breaks_off_keeps_no_check_going(worker: Worker) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 13))
    await worker.get(profile.pages, subscription=1)
    mirrored: list[int] = []

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        async for shown in profile.pages(cursor):
            yield shown
            break
        async for _, page in profile.pages(None):
            mirrored[-1] += 1
            yield "plaza.mirror", page

    for number in range(13, 30):
        profile.publish(number)
        mirrored.append(0)
        await worker.get(pages, back=False, subscription=1)

    assert await worker.known() == set(range(1, 30))
    assert max(mirrored) < 3


@pytest.mark.parametrize("subscription", [None, 1])
async def test_what_comes_while_a_check_goes_on_hides_nothing_from_the_next(
    worker: Worker, subscription: int | None
) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 13))
    await worker.get(profile.pages, subscription=subscription)
    profile.publish(*range(13, 19))
    tag = Profile()
    tag.publish(22, 23, 24)

    async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        asked = 0
        async for shown in profile.pages(cursor):
            yield shown
            asked += 1
            if asked == 2:
                await worker.get(tag.pages, target=OTHER)

    await worker.get(pages, subscription=subscription)
    profile.publish(*range(19, 25))

    await worker.get(profile.pages, subscription=subscription)

    assert await worker.known() == set(range(1, 25))


async def test_a_limit_holds_where_an_older_version_has_begun_the_listing(worker: Worker) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 40))
    sync = partial(worker.get, profile.pages, subscription=1, back=False)
    await sync(posts=3)
    unknown = sa.update(ListingRow).values(bottom_at=None)
    await worker.line.db.write(lambda tx: tx.execute(unknown))
    profile.publish(40)

    await sync()

    assert await worker.known() == {37, 38, 39, 40}


async def test_a_limit_holds_in_a_section_whose_pages_reach_over_each_other(worker: Worker) -> None:
    sheets = [[post(39), post(38), post(2)], [post(37), post(36), post(1)]]
    section = Section([*sheets, [post(35), post(34)], [post(33)]])
    sync = partial(worker.get, section.pages, subscription=1, back=False)
    await sync(posts=3)
    section.sheets[:2] = [[post(40), post(39), post(38)], [post(37), post(36), post(2)]]

    await sync()

    assert 33 not in await worker.known()


async def test_what_is_shown_late_is_not_left_to_a_back_fill_that_has_passed_it(
    worker: Worker,
) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 19))
    late = profile.posts.pop(2)
    sync = partial(worker.get, profile.pages, subscription=1, back=False)
    await sync(posts=9)
    profile.posts.insert(2, late)

    await sync()

    assert 16 in await worker.known()


@pytest.mark.parametrize("by_date", [True, False])
async def test_one_new_post_moves_nothing_into_a_subscription_with_a_limit(
    worker: Worker, *, by_date: bool
) -> None:
    profile = Profile(by_date=by_date)
    profile.publish(*range(1, 40))
    sync = partial(worker.get, profile.pages, subscription=1, back=False)
    await sync(posts=3)
    profile.publish(40)
    profile.asked = 0

    await sync()

    assert (await worker.known(), profile.asked) == ({37, 38, 39, 40}, 2)


async def test_a_limit_holds_beside_a_subscription_that_has_all(worker: Worker) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 13))
    await worker.get(profile.pages, subscription=1, chosen="nothing", select=leave_out)
    sync = partial(worker.get, profile.pages, subscription=2, back=False)
    await sync(posts=3)
    profile.publish(13)

    await sync()

    states = await worker.states()
    assert {number for number, state in states.items() if state != "skipped"} == {10, 11, 12, 13}
    assert await worker.met(2) == {10, 11, 12, 13}


async def test_a_post_that_was_pinned_later_is_not_left_to_the_back_fill(worker: Worker) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(1, 40))
    sync = partial(worker.get, profile.pages, subscription=1, back=False)
    await sync(posts=3)
    profile.posts[2:2] = [post(5, pinned=True)]

    await sync()

    assert await worker.known() == {5, 37, 38, 39}


async def test_pinned_posts_do_not_count_towards_a_limit(worker: Worker) -> None:
    profile = Profile(by_date=True)
    profile.publish(*range(10, 40))
    profile.posts[:0] = [post(number, pinned=True) for number in (3, 2, 1)]
    await worker.get(profile.pages, subscription=1, back=False, posts=3)
    assert await worker.known() == {1, 2, 3, 37, 38, 39}
    profile.asked = 0

    await worker.get(profile.pages, subscription=1, back=False)

    assert (len(await worker.known()), profile.asked) == (6, 2)


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


async def test_what_a_source_withholds_is_not_asked_for_again_at_once(
    worker: Worker, profile: Profile
) -> None:
    profile.breaks[0] = Withheld("Not here.")

    assert (await worker.get(profile.pages)).reason is Reason.UNAVAILABLE
    assert (profile.asked, await worker.known()) == (1, set())

    await worker.get(profile.pages)
    assert await worker.known() == set(range(1, 13))


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


@pytest.mark.parametrize("pinned", [False, True])  # as all are in a list without an order
async def test_what_a_filter_left_out_for_its_file_is_not_fetched_at_every_sync(
    worker: Worker, profile: Profile, *, pinned: bool
) -> None:
    profile.posts = [replace(one, pinned=pinned) for one in profile.posts]
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


async def test_links_that_a_post_gets_later_are_kept_with_its_first_ones(worker: Worker) -> None:
    first, second, third = (f"https://elsewhere.example/{number}" for number in range(3))
    for links in ((first, second), (), (second, third)):
        await worker.get(Profile([replace(post(1), links=links)]).pages)

    found = await worker.line.db.read(lambda tx: tx.scalar(sa.select(PostRow.links)))
    assert found == [first, second, third]


async def test_slices_go_on_where_the_last_one_ended(worker: Worker, profile: Profile) -> None:
    for _ in range(2):
        await worker.get(profile.pages, posts=SIZE)

    assert await worker.known() == set(range(7, 13))
