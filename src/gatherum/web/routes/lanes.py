"""Lanes: what runs and waits in each, how fast platforms may be asked, and what comes when."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, Field

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.errors import InvalidInput
from gatherum.fetching.budget import BudgetView, read_budgets
from gatherum.jobs.engine import LANES
from gatherum.jobs.load import HOUR_S, read_ahead
from gatherum.jobs.looking import Crowd
from gatherum.jobs.queue import Lane, Pause
from gatherum.library.outcomes import OutcomeCount
from gatherum.moments import Moment, iso, moment
from gatherum.settings import JobsSettings, NetworkSettings
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Body, Routes

routes = Routes("Queue")
DAY_S = 86_400.0
LONGEST_S = 32 * DAY_S  # how far outcomes are counted back


class WhichPlatform(Body):
    """A platform of a lane; without one, the whole lane."""

    platform: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformView:
    """The live jobs of a platform in a lane. `held`: of the queued, those that a pause holds back."""

    platform: str
    running: int
    queued: int
    waiting: int
    held: int
    next_at: Moment | None  # when the next of those that wait goes on
    paused_since: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """A lane: how much it performs at once, and what is in it."""

    lane: Lane
    limit: int  # jobs at once in one process
    limit_of_platform: int  # jobs at once of one platform, everywhere
    running: int
    queued: int
    waiting: int
    paused_since: Moment | None  # the whole lane
    platforms: tuple[PlatformView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetItem:
    """How fast a platform may be asked; a time that is past holds nothing up."""

    platform: str  # '' for the plain download of files
    host: str
    login: str
    next_at: Moment | None  # when the next request may go out
    blocked_until: Moment | None  # by a Retry-After, or an open breaker
    failures: int  # in a row
    interval_s: float  # between two requests, before jitter
    broken: bool  # it failed so often that one request at a time finds out how it is


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes, and the budgets that were drawn on within the hour."""

    lanes: tuple[LaneView, ...]
    budgets: tuple[BudgetItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadView:
    """How many jobs of a platform are due in each hour."""

    lane: Lane
    platform: str
    due: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanesLoad:
    """What the schedules will bring, hour by hour from `start` on: where subscriptions crowd.

    `start` is in seconds since 1970, UTC: what follows are columns.
    """

    start: float
    hours: int
    total: tuple[int, ...]
    platforms: tuple[LoadView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """How many jobs have failed for this reason."""

    reason: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesView:
    """What became of media and jobs since a time."""

    since: Moment
    media: tuple[OutcomeCount, ...]
    failed_jobs: tuple[FailureCount, ...]


@routes.add("GET", "/lanes", scope=Scope.QUEUE_READ, rate=Rate.READ)
async def list_lanes(app: AppDep) -> Lanes:
    """Show what runs and waits in each lane, what is paused, and how fast platforms may be asked."""
    return await _lanes(app)


@routes.add("GET", "/lanes/load", scope=Scope.QUEUE_READ, rate=Rate.HEAVY)
async def get_lanes_load(
    app: AppDep, days: Annotated[int, Query(ge=1, le=31, description="How far ahead.")] = 7
) -> LanesLoad:
    """Say how many jobs the schedules will bring in each hour to come."""
    start, hours = app.clock.now() // HOUR_S * HOUR_S, days * 24
    schedules = await app.scheduler.list()
    loads = await asyncio.to_thread(partial(read_ahead, schedules, start=start, hours=hours))
    views = tuple(LoadView(lane=load.lane, platform=load.partition, due=load.due) for load in loads)
    total = tuple(map(sum, zip(*(load.due for load in loads), strict=True))) or (0,) * hours
    return LanesLoad(start=start, hours=hours, total=total, platforms=views)


@routes.add("POST", "/lanes/{lane}/pause", scope=Scope.QUEUE_WRITE, rate=Rate.WRITE)
async def pause_lane(lane: Lane, app: AppDep, body: WhichPlatform | None = None) -> Lanes:
    """Let nothing of a lane, or of one platform of it, run until it is resumed."""
    await app.queue.pause(lane, body.platform if body else "")
    return await _lanes(app)


@routes.add("POST", "/lanes/{lane}/resume", scope=Scope.QUEUE_WRITE, rate=Rate.WRITE)
async def resume_lane(lane: Lane, app: AppDep, body: WhichPlatform | None = None) -> Lanes:
    """Let a lane, or one platform of it, go on. What a whole lane was paused for is not touched."""
    await app.queue.resume(lane, body.platform if body else "")
    return await _lanes(app)


@routes.add("GET", "/outcomes", scope=Scope.QUEUE_READ, rate=Rate.HEAVY, errors=(InvalidInput,))
async def count_outcomes(
    app: AppDep,
    since: Annotated[
        AwareDatetime | None, Query(description="ISO 8601, with a zone; else today, UTC.")
    ] = None,
) -> OutcomesView:
    """Count what became of media, and the jobs that failed, by reason."""
    now = app.clock.now()
    begun = now // DAY_S * DAY_S if since is None else since.timestamp()
    if begun < now - LONGEST_S:
        raise InvalidInput("Outcomes are counted for the last 32 days.")
    failures = await app.queue.failures_since(begun)
    return OutcomesView(
        since=moment(begun),
        media=await app.outcomes.count_since(begun),
        failed_jobs=tuple(
            FailureCount(reason=reason, count=count)
            for reason, count in sorted(failures.items(), key=lambda each: -each[1])
        ),
    )


async def _lanes(app: App) -> Lanes:
    limits = await app.preferences.get(JobsSettings)
    network = await app.preferences.get(NetworkSettings)
    most = {
        Lane.INTERACTIVE: limits.interactive,
        Lane.SYNC: limits.sync,
        Lane.HOUSEKEEPING: limits.housekeeping,
    }
    crowds, paused = await app.queue.crowds(), await app.queue.paused()
    budgets = await read_budgets(app.database, now=app.clock.now(), pace=network.pace)
    return Lanes(
        lanes=tuple(_lane(lane, most[lane], crowds, paused) for lane in Lane),
        budgets=tuple(map(_budget, budgets)),
    )


def _lane(lane: Lane, most: int, crowds: tuple[Crowd, ...], paused: tuple[Pause, ...]) -> LaneView:
    since = {pause.partition: pause.since for pause in paused if pause.lane is lane}
    own = {crowd.partition: crowd for crowd in crowds if crowd.lane is lane}
    platforms = sorted(own.keys() | since.keys() - {""})
    return LaneView(
        lane=lane,
        limit=most,
        limit_of_platform=min(LANES[lane].in_partition, most),
        running=sum(crowd.running for crowd in own.values()),
        queued=sum(crowd.queued for crowd in own.values()),
        waiting=sum(crowd.waiting for crowd in own.values()),
        paused_since=iso(since.get("")),
        platforms=tuple(_platform(name, own.get(name), since.get(name)) for name in platforms),
    )


def _platform(name: str, crowd: Crowd | None, since: float | None) -> PlatformView:
    return PlatformView(
        platform=name,
        running=crowd.running if crowd else 0,
        queued=crowd.queued if crowd else 0,
        waiting=crowd.waiting if crowd else 0,
        held=crowd.held if crowd else 0,
        next_at=iso(crowd.next_at) if crowd else None,
        paused_since=iso(since),
    )


def _budget(view: BudgetView) -> BudgetItem:
    return BudgetItem(
        platform=view.platform,
        host=view.host,
        login=view.login,
        next_at=iso(view.next_at or None),
        blocked_until=iso(view.blocked_until or None),
        failures=view.failures,
        interval_s=view.interval_s,
        broken=view.broken,
    )
