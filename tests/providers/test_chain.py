import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

import gatherum.providers as registry
from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
    Withheld,
)
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, Listing
from gatherum.providers import Needs, Provider, all_providers, get_chain, register
from gatherum.providers.breakers import FAILURES, MOST, REST, Breakers
from gatherum.providers.chain import Chain, Misread, Position, Try
from tests.providers.replay import ReplayClient

TARGET = Target(platform="place", feed="user", key="ann", url="https://place.example/ann")
Step = Post | SourceError | Exception
NETWORK = ReplayClient([])


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2025, 10, 9, tzinfo=UTC).timestamp()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Site:
    """A provider that does what it is told: yields posts, one a page, or raises."""

    def __init__(self, steps: list[str | Page | Exception]) -> None:
        self.steps = steps
        self.asked: list[str | None] = []
        self.closed = 0

    async def __call__(
        self,
        target: Target,
        client: Client,  # noqa: ARG002
        cursor: str | None,
    ) -> AsyncIterator[Page]:
        self.asked.append(cursor)
        try:
            for place, step in list(enumerate(self.steps))[int(cursor or 0) :]:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Page):
                    yield step
                    continue
                post = Post(platform="place", id=step, url=target.url, media=())
                last = place + 1 == len(self.steps)
                yield Page(posts=(post,), cursor=None if last else str(place + 1))
        finally:
            self.closed += 1


Add = Callable[..., Site]


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Add:
    all_providers()
    monkeypatch.setattr(registry, "_providers", dict(registry._providers))

    def add(
        via: str,
        *steps: str | Page | Exception,
        direct: bool = True,
        site: str = "",
        order: int = 0,
        needs: Needs | None = None,
    ) -> Site:
        made = Site(list(steps))
        listing: Listing = made
        register(
            Provider(
                name=f"place.{via}",
                platform="place",
                feed="user",
                example="",
                needs=needs or Needs(),
                listing=listing,
                find=lambda _: None,
                order=order or len(registry._providers),
                direct=direct,
                site=site,
            )
        )
        return made

    return add


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(clock)


async def run(breakers: Breakers, start: Position | None = None) -> list[str]:
    """Return "provider post" for every page."""
    pages = Chain(breakers).pages(TARGET, NETWORK, start=start)
    return [f"{name.removeprefix('place.')} {page.posts[0].id}" async for name, page in pages]


async def test_the_first_provider_that_works_lists_alone(add: Add, breakers: Breakers) -> None:
    add("first", "a", "b")
    second = add("second", "a", "b")

    assert await run(breakers) == ["first a", "first b"]
    assert second.asked == []


@pytest.mark.parametrize(
    "error",
    [
        UnexpectedResponse("new page"),
        Unavailable("down"),
        LoginRequired("members only"),
        Unsupported("what is this"),
        KeyError("the page changed"),
        TypeError("None where a list was"),
    ],
)
async def test_a_provider_that_breaks_is_followed_by_the_next(
    add: Add, breakers: Breakers, error: Exception
) -> None:
    add("first", error)
    add("second", "a")

    assert await run(breakers) == ["second a"]


async def test_a_break_half_way_lets_the_next_begin_at_the_top(
    add: Add, breakers: Breakers
) -> None:
    add("first", "a", "b", UnexpectedResponse("new page"))
    second = add("second", "a", "b", "c")

    assert await run(breakers) == ["first a", "first b", "second a", "second b", "second c"]
    assert second.asked == [None]


async def test_a_cursor_is_only_given_to_its_own_provider(add: Add, breakers: Breakers) -> None:
    first = add("first", Unavailable("down"))
    second = add("second", "a", "b", "c")

    pages = await run(breakers, Position(provider="place.second", cursor="1"))

    assert pages == ["second b", "second c"]
    assert (first.asked, second.asked) == ([None], ["1"])


@pytest.mark.parametrize("error", [Challenge("captcha"), Refused("private address")])
async def test_a_challenge_and_a_refusal_of_ours_stop_the_chain(
    add: Add, breakers: Breakers, error: SourceError
) -> None:
    add("first", error)
    second = add("second", "a")

    with pytest.raises(type(error)):
        await run(breakers)

    assert second.asked == []


async def test_only_a_direct_provider_says_gone(add: Add, breakers: Breakers) -> None:
    mirror = add("mirror", Gone("no such user"), direct=False, site="mirror.example", order=1)
    add("direct", Gone("deleted"), order=2)
    third = add("third", "a", order=3)

    with pytest.raises(Gone, match="deleted"):
        await run(breakers)

    assert (mirror.asked, third.asked) == ([None], [])


async def test_a_mirror_that_finds_nothing_proves_nothing(add: Add, breakers: Breakers) -> None:
    add("direct", UnexpectedResponse("new page"))
    add("mirror", Gone("no such user"), direct=False, site="mirror.example")

    with pytest.raises(SourceError) as caught:
        await run(breakers)

    assert not isinstance(caught.value, Gone)


async def test_a_site_that_asks_for_patience_is_not_asked_by_another_way(
    add: Add, breakers: Breakers
) -> None:
    add("first", RateLimited("slow down", retry_after=60))
    same_site = add("second", "a")
    add("mirror", "a", direct=False, site="mirror.example")

    assert await run(breakers) == ["mirror a"]
    assert same_site.asked == []


async def test_without_another_site_the_wait_is_told(add: Add, breakers: Breakers) -> None:
    add("first", RateLimited("slow down", retry_after=60))
    add("second", "a")

    with pytest.raises(RateLimited) as caught:
        await run(breakers)

    assert caught.value.retry_after == 60


async def test_a_limit_half_way_is_waited_out_at_the_cursor(add: Add, breakers: Breakers) -> None:
    add("first", "a", RateLimited("slow down", retry_after=60))
    mirror = add("mirror", "a", direct=False, site="mirror.example")

    with pytest.raises(RateLimited):
        await run(breakers)

    assert mirror.asked == []


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ((UnexpectedResponse("x"), LoginRequired("log in"), Unavailable("x")), LoginRequired),
        ((Unavailable("x"), Unsupported("x"), UnexpectedResponse("x")), UnexpectedResponse),
        ((Unavailable("x"), Unsupported("x")), Unavailable),
        ((Unsupported("x"), UnexpectedResponse("x")), UnexpectedResponse),
        ((Unsupported("x"), Unsupported("y")), Unsupported),
    ],
)
async def test_when_all_fail_the_most_helpful_reason_is_told(
    add: Add, breakers: Breakers, errors: tuple[SourceError, ...], told: type[SourceError]
) -> None:
    for place, error in enumerate(errors):
        add(f"way{place}", error)

    with pytest.raises(SourceError) as caught:
        await run(breakers)

    assert caught.type is told


@pytest.mark.parametrize(
    ("direct", "told"), [(True, Withheld), (False, LoginRequired)], ids=["direct", "mirror"]
)
@pytest.mark.parametrize("first", ["withheld", "closed"])
async def test_what_the_platform_says_it_withholds_is_told_before_a_login_is_asked_for(
    add: Add, breakers: Breakers, first: str, *, direct: bool, told: type[SourceError]
) -> None:
    orders = (1, 2) if first == "withheld" else (2, 1)
    site = "" if direct else "mirror"
    add("withheld", Withheld("suspended"), direct=direct, site=site, order=orders[0])
    add("closed", LoginRequired("log in"), order=orders[1])

    with pytest.raises(SourceError) as caught:
        await run(breakers)

    assert caught.type is told


async def test_what_is_withheld_is_no_trouble_of_a_login(add: Add, breakers: Breakers) -> None:
    add("withheld", Withheld("suspended"))
    add("closed", LoginRequired("log in"))
    third = add("third", LoginRequired("log in"))

    with pytest.raises(Withheld):
        await anext(Chain(breakers).pages(TARGET, NETWORK, spare=True))

    assert third.asked == [None]


async def test_a_login_that_is_turned_away_makes_room_for_a_spare_one(
    add: Add, breakers: Breakers
) -> None:
    add("closed", LoginRequired("log in"))
    second = add("second", "a")

    with pytest.raises(LoginRequired):
        await anext(Chain(breakers).pages(TARGET, NETWORK, spare=True))

    assert second.asked == []


async def test_a_target_that_nobody_lists_is_unsupported(breakers: Breakers) -> None:
    with pytest.raises(Unsupported):
        await run(breakers)


async def test_stopping_early_closes_the_provider_and_counts_as_well_done(
    add: Add, breakers: Breakers
) -> None:
    site = add("first", "a", "b", "c")
    (provider, target), down = get_chain(TARGET)[0], Unavailable("down")
    for _ in range(FAILURES - 1):
        breakers.settle(provider, target, shown=False, failure=down)

    async with aclosing(Chain(breakers).pages(TARGET, NETWORK)) as pages:
        await anext(pages)

    assert site.closed == 1
    breakers.settle(provider, target, shown=False, failure=down)
    assert breakers.resting_until(provider, target) is None


async def test_a_provider_that_keeps_failing_rests_and_is_then_tried_once(
    add: Add, breakers: Breakers, clock: Clock
) -> None:
    first = add("first", Unavailable("down"))
    add("second", "a")

    for _ in range(FAILURES + 3):
        await run(breakers)

    assert len(first.asked) == FAILURES
    rests = [breakers.resting_until(provider, TARGET) for provider, _ in get_chain(TARGET)]
    assert rests == [clock.time + REST, None]

    clock.time += REST
    await run(breakers)
    await run(breakers)

    assert len(first.asked) == FAILURES + 1
    provider, _ = get_chain(TARGET)[0]
    second = breakers.resting_until(provider, TARGET)
    assert second == clock.time + 2 * REST

    clock.time += 2 * REST
    first.steps = ["a"]
    assert await run(breakers) == ["first a"]
    assert await run(breakers) == ["first a"]
    assert breakers.resting_until(provider, TARGET) is None


async def test_a_resting_last_provider_is_told_as_such_and_why(
    add: Add, breakers: Breakers
) -> None:
    only = add("only", UnexpectedResponse("new page"))
    for _ in range(FAILURES):
        with pytest.raises(UnexpectedResponse):
            await run(breakers)

    with pytest.raises(Unavailable, match=r"rests .* new page"):
        await run(breakers)

    assert len(only.asked) == FAILURES


def test_of_a_half_open_circuit_only_one_try_is_let_through(
    add: Add, breakers: Breakers, clock: Clock
) -> None:
    add("first")
    provider = next(one for one in all_providers() if one.name == "place.first")
    for _ in range(FAILURES):
        assert breakers.admit(provider, TARGET)
        breakers.settle(provider, TARGET, shown=False, failure=Unavailable("down"))
    assert not breakers.admit(provider, TARGET)
    clock.time += REST

    assert breakers.admit(provider, TARGET)
    assert not breakers.admit(provider, TARGET)

    breakers.settle(provider, TARGET, shown=False, failure=None)  # cancelled: it showed nothing
    assert breakers.admit(provider, TARGET)
    breakers.answered(provider, TARGET)
    assert breakers.admit(provider, TARGET)  # nobody waits for the end of a long listing


@pytest.mark.parametrize(
    "error",
    [
        LoginRequired("x"),
        Gone("x"),
        Unsupported("x"),
        Challenge("x"),
        RateLimited("x", retry_after=1),
        Withheld("x"),
    ],
)
async def test_what_is_not_the_providers_fault_opens_no_circuit(
    add: Add, breakers: Breakers, error: SourceError
) -> None:
    site = add("only", error)

    for _ in range(FAILURES + 1):
        with pytest.raises(SourceError):
            await run(breakers)

    assert len(site.asked) == FAILURES + 1
    provider, _ = get_chain(TARGET)[0]
    assert breakers.resting_until(provider, TARGET) is None


def test_a_broken_host_says_nothing_of_the_others(add: Add, breakers: Breakers) -> None:
    add("first")
    provider = next(one for one in all_providers() if one.name == "place.first")
    broken = Target(platform="place", feed="user", key="a", url="x", host="broken.example")
    for _ in range(FAILURES):
        breakers.settle(provider, broken, shown=False, failure=Unavailable("down"))

    assert not breakers.admit(provider, broken)
    assert breakers.admit(provider, TARGET)


def test_circuits_do_not_pile_up(add: Add, breakers: Breakers) -> None:
    add("first")
    provider = next(one for one in all_providers() if one.name == "place.first")

    for number in range(MOST + 10):
        host = f"h{number}.example"
        target = Target(platform="place", feed="user", key="a", url="x", host=host)
        breakers.admit(provider, target)

    assert len(breakers._circuits) == MOST


async def test_who_needs_a_consent_is_asked_only_where_that_is_given(
    add: Add, breakers: Breakers
) -> None:
    add("own", Unavailable("down"))
    viewer = add("viewer", "a", direct=False, site="viewer", needs=Needs(consent="place.viewers"))
    given: set[str] = set()
    chain = Chain(breakers, consents=given.__contains__)

    with pytest.raises(Unavailable, match="down"):
        await anext(chain.pages(TARGET, NETWORK))
    assert viewer.asked == []

    given.add("place.viewers")
    assert (await anext(chain.pages(TARGET, NETWORK)))[0] == "place.viewer"


async def test_without_a_word_on_consents_none_is_given(add: Add, breakers: Breakers) -> None:
    add("viewer", "a", needs=Needs(consent="place.viewers"))

    with pytest.raises(Unsupported):
        await run(breakers)


async def test_a_challenge_of_strangers_is_nobodys_to_solve(add: Add, breakers: Breakers) -> None:
    add("viewer", Challenge("Are you a person?"), direct=False, site="viewer")
    add("other", "a", direct=False, site="other")

    assert await run(breakers) == ["other a"]


async def test_each_try_is_told_with_its_posts_and_its_failure(
    add: Add, breakers: Breakers
) -> None:
    add("broken", "a", UnexpectedResponse("new page"))
    add("works", "a", "b")
    told: list[Try] = []

    async def tell(tried: Try) -> None:
        told.append(tried)

    chain = Chain(breakers, told=tell)
    async for _ in chain.pages(TARGET, NETWORK):
        pass

    seen = [(one.provider.name, one.posts, one.failure and one.failure.reason) for one in told]
    assert seen == [("place.broken", 1, "site_changed"), ("place.works", 2, None)]
    assert [one.is_its_own for one in told] == [True, False]


async def test_a_try_that_is_given_up_after_a_page_has_delivered_and_before_one_says_nothing(
    add: Add, breakers: Breakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = add("works", "a", "b")
    told: list[Try] = []

    async def tell(tried: Try) -> None:
        told.append(tried)

    chain = Chain(breakers, told=tell)
    async with aclosing(chain.pages(TARGET, NETWORK)) as pages:
        await anext(pages)
    asked = asyncio.Event()

    async def hang(*_: object) -> AsyncIterator[Page]:
        asked.set()
        await asyncio.Event().wait()
        yield Page(posts=(), cursor=None)

    monkeypatch.setattr(type(site), "__call__", hang)
    waiting = asyncio.create_task(anext(chain.pages(TARGET, NETWORK)))
    await asked.wait()
    waiting.cancel()
    await asyncio.wait([waiting])

    assert [(one.posts, one.failure) for one in told] == [(1, None)]


async def test_a_way_can_be_listed_alone_even_while_it_rests(add: Add, breakers: Breakers) -> None:
    site = add("broken", Unavailable("down"))
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            await run(breakers)
    asked = len(site.asked)
    told: list[Try] = []

    async def tell(tried: Try) -> None:
        told.append(tried)

    site.steps = ["a"]
    (provider, own) = get_chain(TARGET)[0]
    pages = Chain(breakers, told=tell).pages_by(provider, own, NETWORK)

    assert [page.posts[0].id async for page in pages] == ["a"]
    assert len(site.asked) == asked + 1
    assert told[0].resting_until is None  # it works again, and is used again
    assert await run(breakers) == ["broken a"]


async def test_what_must_be_installed_for_the_last_way_is_told(
    add: Add, breakers: Breakers
) -> None:
    add("first", Unsupported("no videos here"))
    add("second", Unsupported("install a browser"), direct=False)

    with pytest.raises(Unsupported, match="install a browser"):
        await run(breakers)


EMPTY, UNTOLD = Page(posts=(), cursor=None, empty=True), Page(posts=(), cursor=None)


async def test_nothing_is_believed_of_a_source_that_shows_it(add: Add, breakers: Breakers) -> None:
    add("first", EMPTY)
    second = add("second", "a")

    pages = [page async for _, page in Chain(breakers).pages(TARGET, NETWORK)]

    assert (pages, second.asked) == ([EMPTY], [])


@pytest.mark.parametrize("steps", [(UNTOLD,), (Page(posts=(), cursor="1"), UNTOLD), ()])
async def test_nothing_that_no_source_shows_is_a_failure_and_the_next_way_goes_on(
    add: Add, breakers: Breakers, steps: tuple[Page, ...]
) -> None:
    add("first", *steps)
    add("second", "a")

    async with aclosing(Chain(breakers).pages(TARGET, NETWORK)) as pages:
        listed = [(name, page.cursor) async for name, page in pages if page.posts]

    assert listed == [("place.second", None)]


async def test_nothing_behind_a_failure_to_understand_is_not_believed(
    add: Add, breakers: Breakers
) -> None:
    add("first", UnexpectedResponse("first does not understand"))
    add("second", EMPTY)
    seen: list[Page] = []

    with pytest.raises(UnexpectedResponse, match="first does not"):  # noqa: PT012  # what came before
        async for _, page in Chain(breakers).pages(TARGET, NETWORK):
            seen.append(page)

    assert seen == []


async def test_nothing_behind_a_failure_to_answer_is_believed(add: Add, breakers: Breakers) -> None:
    add("first", Unavailable("down"))
    add("second", EMPTY)

    assert [page async for _, page in Chain(breakers).pages(TARGET, NETWORK)] == [EMPTY]


async def test_the_end_of_a_listing_that_goes_on_need_show_nothing(
    add: Add, breakers: Breakers
) -> None:
    add("first", "a", UNTOLD)
    start = Position(provider="place.first", cursor="1")

    pages = Chain(breakers).pages(TARGET, NETWORK, start=start)

    assert [page async for _, page in pages] == [UNTOLD]


async def test_a_way_that_did_not_understand_is_not_asked_again_by_the_same_job(
    add: Add, breakers: Breakers
) -> None:
    first = add("first", UnexpectedResponse("new page"))
    second = add("second", Unavailable("down"))
    misread = Misread()

    for _ in range(2):
        with pytest.raises(UnexpectedResponse, match="new page"):
            await anext(Chain(breakers).pages(TARGET, NETWORK, misread=misread))

    assert (len(first.asked), len(second.asked)) == (1, 2)


async def test_that_strangers_have_changed_is_told_last(add: Add, breakers: Breakers) -> None:
    add("viewer", UnexpectedResponse("new page"), direct=False, site="viewer")
    add("own", Unavailable("down"))

    with pytest.raises(Unavailable, match="down"):
        await run(breakers)
