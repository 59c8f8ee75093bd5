"""What is followed: make, see, change, pause and check subscriptions; try timings and filters."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Response

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.errors import Conflict, InvalidInput, NotFound, Refused, SourceError, Stale
from gatherum.jobs.scheduler import Timing
from gatherum.model import Post, Reason
from gatherum.query.filter import Filter
from gatherum.subscriptions.follow import DAILY
from gatherum.subscriptions.model import Subscription, SubscriptionQuery, options_of
from gatherum.subscriptions.timing import parse_timing
from gatherum.subscriptions.trial import try_filter
from gatherum.web.following import (
    FilterToTry,
    FilterTrial,
    NewSubscription,
    Number,
    Runs,
    SubscriptionChange,
    SubscriptionView,
    TimingToTry,
    bounds_of,
    detail_of,
    edit_of,
    runs_of,
    trial_of,
    view_of,
)
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routes.logins import check_login
from gatherum.web.routing import AppDep, CallerDep, Routes
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Subscriptions")
TRIED = 500  # posts that a filter is tried on
Platform = Annotated[str | None, Query(max_length=100)]
Reasons = Annotated[
    tuple[Reason, ...], Query(description="Why the last check did not end well: one of these.")
]
Text = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Followed:
    """How many subscriptions there are of what was asked for."""

    count: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that does it."""

    job: str


@routes.add(
    "GET", "/subscriptions", scope=Scope.FOLLOWING_READ, rate=Rate.READ, errors=(InvalidInput,)
)
async def list_subscriptions(
    app: AppDep,
    *,
    limit: Limit = 100,
    cursor: Cursor = None,
    platform: Platform = None,
    paused: bool | None = None,
    failing: bool | None = None,
    reason: Reasons = (),
    text: Text = None,
    order: Annotated[
        Literal["newest", "next"], Query(description="What was followed last, or is due next.")
    ] = "newest",
) -> Page[SubscriptionView]:
    """Show what is followed, the newest first, or what is checked next."""
    query = SubscriptionQuery(
        platform=platform, paused=paused, failing=failing, reasons=reason or None, text=text
    )
    if order == "next":
        found = await app.subscriptions.due(query, limit=limit + 1, after=_after(cursor))
    else:
        found = await app.subscriptions.page(query, limit=limit + 1, before=_before(cursor))
    more = None
    if len(found) > limit:
        last = found[limit - 1]
        more = f"{last.next_at!r}:{last.id}" if order == "next" else str(last.id)
    return Page(tuple(view_of(one) for one in found[:limit]), more)


@routes.add("GET", "/subscriptions/count", scope=Scope.FOLLOWING_READ, rate=Rate.READ)
async def count_subscriptions(
    app: AppDep,
    *,
    platform: Platform = None,
    paused: bool | None = None,
    failing: bool | None = None,
    reason: Reasons = (),
    text: Text = None,
) -> Followed:
    """Count what is followed."""
    query = SubscriptionQuery(
        platform=platform, paused=paused, failing=failing, reasons=reason or None, text=text
    )
    return Followed(await app.subscriptions.count(query))


@routes.add(
    "POST",
    "/subscriptions",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Conflict, Refused, SourceError),
    status=201,
)
async def add_subscription(
    body: NewSubscription, app: AppDep, caller: CallerDep, response: Response
) -> SubscriptionView:
    """Follow what is behind a link, beginning now; a host that nobody knows is asked once."""
    await check_login(app, caller, body.login)
    timing: Timing = DAILY
    if body.timing is not None:
        timing = parse_timing(body.timing, zone=body.zone, jitter_s=body.jitter_s)
    made = await app.desk.follow(
        body.url,
        title=body.title.strip(),
        wanted=Filter.parse(body.filter),
        timing=timing,
        limit=body.limit,
        options=options_of(login=None, adaptive=bounds_of(body.adaptive)),
        login=body.login,
    )
    return await _show(app, made, response)


@routes.add(
    "POST",
    "/subscriptions/next-runs",
    scope=Scope.FOLLOWING_READ,
    rate=Rate.READ,
    errors=(InvalidInput,),
)
async def try_timing(body: TimingToTry, app: AppDep) -> Runs:
    """Say a timing in words, and when it would be due next."""
    timing = parse_timing(body.timing, zone=body.zone)
    return runs_of(timing, body.count, now=app.clock.now())


@routes.add(
    "POST",
    "/subscriptions/test-filter",
    scope=Scope.FOLLOWING_READ,
    rate=Rate.HEAVY,
    errors=(InvalidInput, NotFound),
)
async def test_filter(body: FilterToTry, app: AppDep) -> FilterTrial:
    """Try a filter on the newest posts of the library."""
    wanted = Filter.parse(body.filter)
    return trial_of(try_filter(wanted, await _posts_to_try(app, body)))


@routes.add(
    "GET",
    "/subscriptions/{number}",
    scope=Scope.FOLLOWING_READ,
    rate=Rate.READ,
    errors=(NotFound,),
)
async def get_subscription(number: Number, app: AppDep, response: Response) -> SubscriptionView:
    """Show a subscription, its next runs and what it has brought."""
    return await _show(app, await app.subscriptions.get(number), response)


@routes.add(
    "PATCH",
    "/subscriptions/{number}",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Stale),
)
async def change_subscription(
    number: Number,
    body: SubscriptionChange,
    *,
    app: AppDep,
    caller: CallerDep,
    response: Response,
    if_match: IfMatch = None,
) -> SubscriptionView:
    """Change a subscription. What another filter left out is looked at anew by the next sync."""
    await check_login(app, caller, body.login)
    changed = await app.subscriptions.change(number, edit_of(body), version=version_of(if_match))
    return await _show(app, changed, response)


@routes.add(
    "DELETE",
    "/subscriptions/{number}",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Stale),
    status=204,
)
async def remove_subscription(number: Number, app: AppDep, if_match: IfMatch = None) -> None:
    """Follow no longer. What it brought stays in the library."""
    await app.subscriptions.remove(number, version=version_of(if_match))


@routes.add(
    "POST",
    "/subscriptions/{number}/sync",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    status=202,
)
async def sync_subscription(number: Number, app: AppDep) -> Submitted:
    """Check now, even one that rests. A check that goes on already counts as this one."""
    return Submitted(await app.subscriptions.run_now(number))


@routes.add(
    "POST",
    "/subscriptions/{number}/pause",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
)
async def pause_subscription(number: Number, app: AppDep, response: Response) -> SubscriptionView:
    """Let a subscription rest."""
    return await _show(app, await app.subscriptions.pause(number), response)


@routes.add(
    "POST",
    "/subscriptions/{number}/resume",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
)
async def resume_subscription(number: Number, app: AppDep, response: Response) -> SubscriptionView:
    """Let a subscription go on; what it missed is caught up once."""
    return await _show(app, await app.subscriptions.resume(number), response)


async def _show(app: App, one: Subscription, response: Response) -> SubscriptionView:
    set_etag(response, one.version)
    return detail_of(one, await app.holdings.of_subscription(one.id), now=app.clock.now())


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 16:
        raise InvalidInput("This cursor did not come from here.")
    return int(cursor)


def _after(cursor: str | None) -> tuple[float, int] | None:
    if cursor is None:
        return None
    at, _, number = cursor.partition(":")
    try:
        return float(at), _before(number) or 0
    except ValueError as error:
        raise InvalidInput("This cursor did not come from here.") from error


async def _posts_to_try(app: App, body: FilterToTry) -> list[Post]:
    if body.subscription is not None:
        await app.subscriptions.get(body.subscription)
        return await app.holdings.posts_of_subscription(body.subscription, TRIED)
    if (body.platform is None) != (body.author is None):
        raise InvalidInput("An author is named together with a platform.")
    if body.platform is not None and body.author is not None:
        return await app.holdings.posts_of_author(body.platform, body.author, TRIED)
    return await app.holdings.posts(TRIED)
