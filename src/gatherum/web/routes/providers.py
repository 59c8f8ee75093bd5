"""How the ways to platforms do, and what came of the canaries."""

from dataclasses import dataclass

from gatherum.accounts.model import Scope
from gatherum.model import Reason
from gatherum.moments import Moment, iso, moment
from gatherum.upkeep.canaries import Result
from gatherum.upkeep.tally import ProviderView, State, Tries
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Routes

routes = Routes("Health")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriesView:
    """What became of the tries of some time. `success` is null before the first that says anything."""

    delivered: int
    failed: int
    declined: int
    posts: int
    success: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderItem:
    """How one way to a platform does."""

    name: str
    platform: str
    needs: tuple[str, ...]
    state: State
    resting_until: Moment | None
    day: TriesView
    week: TriesView
    delivered_at: Moment | None
    failed_at: Moment | None
    reason: Reason | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryItem:
    """What came of listing one page of a canary by one way; `skipped` says why it was not asked.

    With `turn` there is a `reason` where that does not end by itself: its login rests until you see to it.
    """

    url: str
    provider: str
    platform: str
    at: Moment
    seconds: float
    requests: int
    posts: int
    media: int
    skipped: str
    reason: Reason | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidersView:
    """The ways that were tried, and the canaries."""

    items: tuple[ProviderItem, ...]
    canaries: tuple[CanaryItem, ...]


@routes.add("GET", "/providers", scope=Scope.FOLLOWING_READ, rate=Rate.READ)
async def get_providers(app: AppDep) -> ProvidersView:
    """Say how each way to a platform does that was ever tried, and what came of the canaries."""
    views = await app.tally.providers()
    return ProvidersView(
        items=tuple(_item(one) for one in views if one.is_known),
        canaries=tuple(_canary(one) for one in await app.canaries.results()),
    )


def _item(one: ProviderView) -> ProviderItem:
    return ProviderItem(
        name=one.name,
        platform=one.platform,
        needs=one.needs.names(),
        state=one.state,
        resting_until=iso(one.resting_until),
        day=_tries(one.day),
        week=_tries(one.week),
        delivered_at=iso(one.delivered_at),
        failed_at=iso(one.failed_at),
        reason=one.reason,
        detail=one.detail,
    )


def _tries(tries: Tries) -> TriesView:
    return TriesView(
        delivered=tries.delivered,
        failed=tries.failed,
        declined=tries.declined,
        posts=tries.posts,
        success=tries.success,
    )


def _canary(one: Result) -> CanaryItem:
    return CanaryItem(
        url=one.url,
        provider=one.provider,
        platform=one.platform,
        at=moment(one.at),
        seconds=one.seconds,
        requests=one.requests,
        posts=one.posts,
        media=one.media,
        skipped=one.skipped,
        reason=one.reason,
        detail=one.detail,
    )
