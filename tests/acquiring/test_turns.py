"""Logins take turns: one job at a time, the next login where one is turned away, so many requests a day."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from gatherum.acquiring.handover import list_in_turn
from gatherum.acquiring.turns import BUSY_S, PATIENCE_S, Login, Turn, Turns
from gatherum.db import Database
from gatherum.errors import (
    Busy,
    Challenge,
    LoginRequired,
    RateLimited,
    SourceError,
    Spent,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.http import Scope
from gatherum.fetching.logins import Logins
from gatherum.fetching.standings import DAILY, DAY_S, TURN_S, Standings
from gatherum.model import Page, Post, Reason, Target
from gatherum.providers.chain import Position
from gatherum.safety.vault import Vault

TARGET = Target(platform="instagram", feed="user", key="ada", url="https://www.instagram.com/ada/")
OTHER = Target(platform="instagram", feed="user", key="bob", url="https://www.instagram.com/bob/")
HOST = "www.instagram.com"
NOON = 20_000.5 * DAY_S
TOMORROW = 20_001.0 * DAY_S
COOKIES = ".instagram.com\tTRUE\t/\tTRUE\t0\tsessionid\tsecret\n"
ENDED = COOKIES.replace("\t0\t", f"\t{int(NOON) - 1}\t")


class SteppedClock:
    """Stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


class Platform:
    """A profile of six pages, and what each login meets there: at which page, and what."""

    def __init__(self) -> None:
        self.trouble: dict[tuple[str, int], SourceError] = {}
        self.asked: list[tuple[str, int]] = []
        self.cursors = True

    async def steps(
        self, login: Login, start: Position | None, _spare: object
    ) -> AsyncGenerator[tuple[str, Page]]:
        for number in range(int(start.cursor) if start else 0, 6):
            self.asked.append((login.id, number))
            if (error := self.trouble.get((login.id, number))) is not None:
                raise error
            post = Post(
                platform="instagram", id=f"p{number}", url=f"{TARGET.url}{number}", media=()
            )
            cursor = str(number + 1) if self.cursors and number < 5 else None
            yield "instagram.native", Page(posts=(post,), cursor=cursor)


class House:
    """Logins, and the workers that use them."""

    def __init__(self, database: Database, clock: SteppedClock) -> None:
        self.clock = clock
        self.database = database
        self.limit: int | None = None
        self.logins = Logins(database, Vault({1: b"k" * 32}), clock)
        self.standings = Standings(database, clock, lambda: self.limit)

    def worker(self, owner: str = "worker") -> Turns:
        return Turns(self.logins, self.standings, self.clock, owner)

    async def keep(self, name: str, cookies: str = COOKIES, *, platform: str = "instagram") -> int:
        return await self.logins.keep(platform, name, cookies)

    async def list(self, chosen: int, platform: Platform, target: Target = TARGET) -> list[str]:
        async with self.worker().take(chosen, "instagram") as turn:
            return await shown(turn, platform, target)


async def shown(turn: Turn, platform: Platform, target: Target = TARGET) -> list[str]:
    steps = list_in_turn(turn, target, platform.steps, None)
    return [post.id async for _, page in steps for post in page.posts]


def at(login: int, *, turn: str = "") -> Scope:
    return Scope(
        platform="instagram", login=str(login), turn=turn, sites=frozenset({"instagram.com"})
    )


@pytest.fixture
def house(database: Database) -> House:
    return House(database, SteppedClock())


ALL = [f"p{number}" for number in range(6)]
TROUBLE = [
    (RateLimited("Slow down.", retry_after=600), Reason.RATE_LIMITED, NOON + 600),
    (Challenge("Who are you?"), Reason.CHALLENGE, None),
    (LoginRequired("Log in."), Reason.LOGIN_REQUIRED, None),
]


@pytest.mark.parametrize(("error", "reason", "until"), TROUBLE)
async def test_the_next_login_goes_on_at_the_same_cursor_and_the_other_says_why_it_rests(
    house: House, error: SourceError, reason: Reason, until: float | None
) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    await house.keep("elsewhere", platform="x")
    platform = Platform()
    platform.trouble[str(ann), 3] = error

    posts = await house.list(ann, platform)

    assert posts == ALL
    assert platform.asked == [(str(ann), n) for n in range(4)] + [(str(bob), n) for n in (3, 4, 5)]
    standing = await house.standings.all()
    parked = standing[ann].parked
    assert parked is not None
    assert (parked.reason, parked.detail, parked.until) == (reason, str(error), until)
    assert parked.since == NOON
    assert [one.parked for number, one in standing.items() if number != ann] == [None, None]
    assert not any(one.in_use for one in standing.values())


async def test_a_listing_without_cursors_begins_anew_and_shows_nothing_twice(house: House) -> None:
    ann = await house.keep("ann")
    await house.keep("bob")
    platform = Platform()
    platform.cursors = False
    platform.trouble[str(ann), 3] = Challenge("Who are you?")

    assert await house.list(ann, platform) == ALL


async def test_the_next_job_begins_with_a_login_that_does_not_rest(house: House) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    platform = Platform()
    platform.trouble[str(ann), 0] = RateLimited("Slow down.", retry_after=600)
    await house.list(ann, platform)
    platform.asked.clear()

    await house.list(ann, platform, OTHER)
    served_by = {login for login, _ in platform.asked}
    house.clock.time += 601
    platform.trouble.clear()
    await house.list(ann, platform)

    assert served_by == {str(bob)}
    assert platform.asked[-1][0] == str(ann)


async def test_when_all_rest_the_job_is_told_the_soonest_end(house: House) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    platform = Platform()
    platform.trouble[str(ann), 1] = RateLimited("Slow down.", retry_after=900)
    platform.trouble[str(bob), 1] = RateLimited("Slow down.", retry_after=600)

    with pytest.raises(RateLimited):
        await house.list(ann, platform)
    with pytest.raises(RateLimited, match="“bob” rests until") as caught:
        await house.list(ann, platform)

    assert caught.value.retry_after == pytest.approx(600)
    assert len(platform.asked) == 3  # the second job asked nothing


async def test_a_login_alone_that_met_a_challenge_waits_for_its_person(house: House) -> None:
    ann = await house.keep("ann")
    platform = Platform()
    platform.trouble[str(ann), 0] = Challenge("Who are you?")

    with pytest.raises(Challenge, match=r"^Who are you\?$"):
        await house.list(ann, platform)
    with pytest.raises(Challenge, match="rests until somebody sees to it"):
        await house.list(ann, platform)
    platform.trouble.clear()
    await house.keep("ann")  # with fresh cookies

    assert await house.list(ann, platform) == ALL


async def test_a_target_that_is_not_shown_at_all_does_not_park_a_login_the_second_does(
    house: House,
) -> None:
    ann = await house.keep("ann")
    platform = Platform()
    platform.trouble[str(ann), 0] = LoginRequired("This account is private.")

    for _ in range(2):
        with pytest.raises(LoginRequired):
            await house.list(ann, platform)
    first = (await house.standings.all())[ann].parked
    with pytest.raises(LoginRequired):
        await house.list(ann, platform, OTHER)
    second = (await house.standings.all())[ann].parked

    assert first is None
    assert second is not None


async def test_what_another_shows_between_counts_for_a_login(house: House) -> None:
    ann, platform = await house.keep("ann"), Platform()
    for target in (TARGET, OTHER):
        platform.trouble[str(ann), 0] = LoginRequired("This account is private.")
        with pytest.raises(LoginRequired):
            await house.list(ann, platform, target)
        platform.trouble.clear()
        await house.list(ann, platform)

    assert (await house.standings.all())[ann].parked is None


async def test_a_listing_that_stops_at_what_is_known_counts_for_a_login(house: House) -> None:
    ann, platform = await house.keep("ann"), Platform()
    for target in (TARGET, OTHER):
        platform.trouble[str(ann), 0] = LoginRequired("This account is private.")
        with pytest.raises(LoginRequired):
            await house.list(ann, platform, target)
        platform.trouble.clear()
        async with house.worker().take(ann, "instagram") as turn:
            steps = list_in_turn(turn, target, platform.steps, None)
            await anext(steps)
            await steps.aclose()

    assert (await house.standings.all())[ann].parked is None


async def test_a_login_that_met_a_challenge_is_not_used_again_while_the_next_is_busy(
    house: House,
) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    platform = Platform()
    platform.trouble[str(ann), 0] = Challenge("Who are you?")

    async with house.worker().take(ann, "instagram") as turn:
        async with house.worker("other").take(bob, "instagram", alone=True) as others:
            for _ in range(2):
                await others.renew()
                with pytest.raises(RateLimited, match="“bob”"):
                    await shown(turn, platform)
        posts = await shown(turn, platform)

    assert posts == ALL
    assert [number for login, number in platform.asked if login == str(ann)] == [0]


async def test_trouble_that_is_no_logins_hands_nothing_over(house: House) -> None:
    ann = await house.keep("ann")
    await house.keep("bob")
    mirror = RateLimited("Slow down.", retry_after=60)
    mirror.site = "viewer.example"

    for error in (UnexpectedResponse("What is this?"), Unavailable("Not now."), mirror):
        platform = Platform()
        platform.trouble[str(ann), 2] = error
        with pytest.raises(type(error)):
            await house.list(ann, platform)
        assert {login for login, _ in platform.asked} == {str(ann)}
    assert (await house.standings.all())[ann].parked is None


async def test_cookies_that_have_ended_are_not_tried(house: House) -> None:
    ann, bob = await house.keep("ann", ENDED), await house.keep("bob")
    platform = Platform()

    await house.list(ann, platform)

    assert {login for login, _ in platform.asked} == {str(bob)}


async def test_two_jobs_never_have_one_login_at_once(house: House) -> None:
    ann = await house.keep("ann")
    workers = [House(house.database, house.clock).worker(f"w{number}") for number in range(4)]
    inside, most, done = 0, 0, 0

    async def job(turns: Turns) -> None:
        nonlocal inside, most, done
        while True:
            try:
                async with turns.take(ann, "instagram"):
                    inside += 1
                    most = max(most, inside)
                    await asyncio.sleep(0.01)
                    inside -= 1
            except RateLimited as error:
                assert error.retry_after == BUSY_S  # noqa: PT017
                continue
            done += 1
            return

    await asyncio.gather(*(job(turns) for turns in workers for _ in range(3)))

    assert (most, done) == (1, 12)


async def test_who_waits_too_long_for_a_turn_gives_the_slot_back(house: House) -> None:
    ann = await house.keep("ann")
    async with house.worker("one").take(ann):
        with pytest.raises(RateLimited, match="Another job has its turn") as caught:
            async with house.worker("two").take(ann):
                pass

    assert caught.value.retry_after == BUSY_S


async def test_a_dead_workers_turn_passes_on_and_its_late_request_does_not_go_out(
    house: House,
) -> None:
    ann = await house.keep("ann")
    assert await house.standings.take(ann, "dead/1")
    assert not await house.standings.take(ann, "live/1")

    await house.standings.release("dead")
    released = await house.standings.take(ann, "live/1")
    house.clock.time += TURN_S
    expired = await house.standings.take(ann, "late/1")

    assert (released, expired) == (True, True)
    await house.standings.count(HOST, at(ann, turn="late/1"))
    with pytest.raises(Unavailable, match="Another job has the turn"):
        await house.standings.count(HOST, at(ann, turn="live/1"))


async def test_a_days_requests_are_counted_over_all_workers_and_end_exactly(house: House) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    house.limit = 5
    others = [Standings(house.database, house.clock, lambda: 5) for _ in range(5)]

    await asyncio.gather(*(one.count(HOST, at(ann)) for one in others))
    await house.standings.count("scontent.cdninstagram.com", at(ann))  # without cookies

    with pytest.raises(Spent, match="its 5 requests of today") as caught:
        await house.standings.count(HOST, at(ann))
    assert caught.value.retry_after == TOMORROW - NOON
    await house.standings.count(HOST, at(bob))
    standing = (await house.standings.all())[ann]
    assert (standing.spent, standing.limit, standing.resets_at) == (5, 5, TOMORROW)
    house.clock.time = TOMORROW
    await house.standings.count(HOST, at(ann))
    assert (await house.standings.all())[ann].spent == 1


async def test_a_budget_that_is_spent_lets_the_next_login_go_on_and_then_waits_for_tomorrow(
    house: House,
) -> None:
    ann, bob = await house.keep("ann"), await house.keep("bob")
    house.limit = 4

    class Counting(Platform):
        async def steps(
            self, login: Login, start: Position | None, spare: object
        ) -> AsyncGenerator[tuple[str, Page]]:
            async for step in super().steps(login, start, spare):
                await house.standings.count(HOST, at(int(login.id), turn=login.turn))
                yield step

    platform = Counting()

    first = await house.list(ann, platform)
    with pytest.raises(RateLimited):
        await house.list(ann, platform)
    with pytest.raises(RateLimited, match="rests until") as caught:
        await house.list(ann, platform)

    assert first == ALL
    assert caught.value.retry_after == TOMORROW - NOON
    spent = await house.standings.all()
    assert (spent[ann].spent, spent[bob].spent) == (4, 4)
    rests = spent[ann].rests
    assert rests is not None
    assert rests.until == TOMORROW


async def test_the_limit_is_the_platforms_unless_the_settings_say_otherwise(house: House) -> None:
    ann = await house.keep("ann")

    assert (await house.standings.all())[ann].limit == DAILY["instagram"]
    house.limit = 0
    assert (await house.standings.all())[ann].limit is None


async def test_a_trial_asks_the_very_login_even_if_it_rests(house: House) -> None:
    ann = await house.keep("ann")
    await house.keep("bob")
    await house.standings.park(ann, Reason.CHALLENGE, "Who are you?", None)
    platform = Platform()

    async with house.worker().take(ann, "instagram", alone=True) as turn:
        await shown(turn, platform)

    assert {login for login, _ in platform.asked} == {str(ann)}


FORUM = Target(
    platform="phpbb", feed="topic", key="1", url="https://a.example/t1", host="a.example"
)
FORUMS = ("a.example", "b.example", "www.a.example")


def cookies_of(host: str) -> str:
    return COOKIES.replace(".instagram.com", f".{host}")


async def test_only_a_login_of_the_same_forum_goes_on_in_a_forum(house: House) -> None:
    ann, *_ = [await house.keep(h, cookies_of(h), platform="phpbb") for h in FORUMS]
    dan = await house.keep("dan", cookies_of("a.example"), platform="phpbb")
    platform = Platform()
    platform.trouble[str(ann), 3] = Challenge("Who are you?")

    async with house.worker().take(ann, "phpbb", host="a.example") as turn:
        posts = await shown(turn, platform, FORUM)

    assert posts == ALL
    assert {login for login, _ in platform.asked} == {str(ann), str(dan)}


@pytest.mark.parametrize(("platform", "host"), [("phpbb", "a.example"), ("", "")])
async def test_no_job_begins_with_the_login_of_another_forum(
    house: House, platform: str, host: str
) -> None:
    ann, _other = [await house.keep(h, cookies_of(h), platform="phpbb") for h in FORUMS[:2]]
    await house.standings.park(ann, Reason.CHALLENGE, "Who are you?", None)

    with pytest.raises(Challenge, match=r"“a\.example” rests"):
        async with house.worker().take(ann, platform, host=host):
            pass
    dan = await house.keep("dan", cookies_of("a.example"), platform="phpbb")
    async with house.worker().take(ann, platform, host=host) as turn:
        assert turn.login.id == str(dan)


async def test_a_job_without_a_login_needs_no_turn(house: House) -> None:
    platform = Platform()

    async with house.worker().take(None, "instagram") as turn:
        assert await shown(turn, platform) == ALL


async def test_where_only_members_are_shown_more_a_login_goes_on_for_a_visitor(
    house: House,
) -> None:
    ann = await house.keep("ann")
    platform = Platform()
    platform.trouble["", 3] = LoginRequired("Log in.")

    async with house.worker().take(None, "instagram") as turn:
        posts = await shown(turn, platform)
        assert [one.in_use for one in (await house.standings.all()).values()] == [True]

    assert posts == ALL
    assert platform.asked == [("", n) for n in range(4)] + [(str(ann), n) for n in (3, 4, 5)]
    (standing,) = (await house.standings.all()).values()
    assert (standing.in_use, standing.parked) == (False, None)


@pytest.mark.parametrize(
    "error", [RateLimited("Slow down.", retry_after=60), Challenge("Who are you?")]
)
async def test_a_visitor_who_is_turned_away_takes_nobodys_login(
    house: House, error: SourceError
) -> None:
    await house.keep("ann")
    platform = Platform()
    platform.trouble["", 3] = error

    async with house.worker().take(None, "instagram") as turn:
        with pytest.raises(type(error)):
            await shown(turn, platform)

    assert {login for login, _ in platform.asked} == {""}


async def test_a_visitor_of_a_forum_takes_no_login_of_another_one(house: House) -> None:
    await house.keep("bob", cookies_of("b.example"), platform="phpbb")
    platform = Platform()
    platform.trouble["", 0] = LoginRequired("Log in.")

    async with house.worker().take(None, "phpbb", host="a.example") as turn:
        with pytest.raises(LoginRequired):
            await shown(turn, platform, FORUM)

    assert platform.asked == [("", 0)]


async def test_a_visitor_comes_in_with_no_login_that_rests(house: House) -> None:
    ann = await house.keep("ann")
    await house.standings.park(ann, Reason.CHALLENGE, "Who are you?", None)
    platform = Platform()
    platform.trouble["", 0] = LoginRequired("Log in.")

    async with house.worker().take(None, "instagram") as turn:
        with pytest.raises(LoginRequired):
            await shown(turn, platform)


async def test_of_many_files_that_want_a_login_in_use_only_the_first_waits_for_it(
    house: House,
) -> None:
    ann = await house.keep("ann")
    error = LoginRequired("Log in.")

    async with (
        house.worker("other").take(ann, "instagram"),
        house.worker().take(None, "instagram") as turn,
    ):
        waited = []
        for _ in range(3):
            begun = house.clock.time
            with pytest.raises(Busy):
                await turn.hand_over(turn.login, error, begun=True, target=TARGET)
            waited.append(house.clock.time - begun)

    assert waited[0] >= PATIENCE_S
    assert waited[1:] == [0, 0]
