"""The forms in which subscriptions come in and go out over HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Path
from pydantic import Field

from gatherum.curating.actions import Bounds
from gatherum.jobs.scheduler import Cron, Every, Timing, next_runs
from gatherum.library.holdings import Yield
from gatherum.moments import Moment, iso, moment
from gatherum.query.filter import Filter
from gatherum.subscriptions.model import Adaptive, Health, Subscription, options_of
from gatherum.subscriptions.timing import describe, describe_next, parse_timing, write_timing
from gatherum.subscriptions.trial import Trial
from gatherum.web.routes.logins import LoginId
from gatherum.web.routing import Body

RUNS = 5
MOST_RUNS = 200  # a week of one that is due each hour, and more
CAPTION = 200  # letters of a caption in an example
CHOICES = ("login", "adaptive")
Number = Annotated[int, Path(ge=1, le=2**53, description="The number of a subscription.")]
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
FilterText = Annotated[str, Field(max_length=4000)]
TimingText = Annotated[
    str, Field(max_length=200, description="`6h`, `1d12h`, `daily`, or cron: `0 6 * * *`.")
]
Zone = Annotated[str, Field(max_length=100, description="A time zone, for cron: Europe/Berlin.")]
Jitter = Annotated[float, Field(ge=0, le=366 * 86_400, description="Seconds.")]
Posts = Annotated[int, Field(ge=1, le=1_000_000, description="Posts to go back at most.")]


class NewSubscription(Body):
    """What is to be followed, and how."""

    url: Annotated[str, Field(max_length=8192)]
    title: Text = ""
    filter: FilterText = ""
    timing: TimingText | None = None
    zone: Zone = "UTC"
    jitter_s: Jitter | None = None
    limit: Posts | None = None
    login: LoginId | None = None
    adaptive: Bounds | None = None


class SubscriptionChange(Body):
    """What is to be otherwise; what is not sent stays as it is. Null takes a value away."""

    title: Text | None = None
    filter: FilterText | None = None
    timing: TimingText | None = None
    zone: Zone | None = None
    jitter_s: Jitter | None = None
    limit: Posts | None = None
    login: LoginId | None = None
    adaptive: Bounds | None = None


class TimingToTry(Body):
    """A timing that somebody is about to choose."""

    timing: TimingText
    zone: Zone = "UTC"
    count: Annotated[int, Field(ge=1, le=MOST_RUNS, description="Runs to tell.")] = RUNS


class FilterToTry(Body):
    """A filter, and the posts to try it on: a subscription's, an author's, else all."""

    filter: FilterText
    subscription: Annotated[int, Field(ge=1, le=2**53)] | None = None
    platform: Annotated[str, Field(max_length=100)] | None = None
    author: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveView:
    """The bounds of adaptive checking."""

    shortest: str
    longest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """When something is due, as a time and in words."""

    at: Moment
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldView:
    """What a subscription has brought."""

    posts: int
    oldest: Moment | None  # when the oldest of these posts was made: how far back it is
    stored: int
    bytes: int
    open: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionView:
    """A subscription. Times are seconds since 1970, UTC."""

    id: int
    platform: str
    host: str
    feed: str
    key: str
    url: str
    title: str
    filter: str
    limit: int | None
    login: int | None
    adaptive: AdaptiveView | None
    timing: str
    zone: str
    jitter_s: float
    schedule: str  # the timing in words
    paused: bool
    next_at: Moment
    health: Health
    reason: str | None  # why the last sync did not end well
    detail: str | None
    created_at: Moment
    synced_at: Moment | None  # the last sync that ended well
    checked_at: Moment | None  # the last sync, however it ended
    backfill_done: bool
    version: int
    next_runs: tuple[Run, ...] | None = None  # not in lists; none while it rests, one if it adapts
    brought: YieldView | None = None  # not in lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A timing in words, and its next runs."""

    description: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionCount:
    """How many media a condition leaves out."""

    condition: str
    media: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleView:
    """A media on one side of a filter."""

    url: str  # of its post
    author: str
    caption: str
    kind: str
    kept: bool
    condition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterTrial:
    """What a filter does to posts of the past. A post is kept if anything of it is."""

    posts: int
    kept: int
    left_out: int
    media_kept: int
    media_left_out: int
    conditions: tuple[ConditionCount, ...]
    examples: tuple[ExampleView, ...]  # one of each post that is left out, and some that are kept


def edit_of(body: SubscriptionChange) -> Callable[[Subscription], Subscription]:
    """Return the change that a body asks for; raises `InvalidInput` for what cannot be read."""
    sent = body.model_fields_set
    wanted = None if body.filter is None else Filter.parse(body.filter)
    bounds = bounds_of(body.adaptive)

    def edit(one: Subscription) -> Subscription:
        options = options_of(
            login=body.login if "login" in sent else one.login,
            adaptive=bounds if "adaptive" in sent else one.adaptive,
        )
        others = {name: value for name, value in one.options.items() if name not in CHOICES}
        return replace(
            one,
            title=(body.title or "").strip() or one.title,
            filter=one.filter if wanted is None else wanted,
            limit=body.limit if "limit" in sent else one.limit,
            options=others | options,
            timing=_timing(body, one.timing),
        )

    return edit


def bounds_of(sent: Bounds | None) -> Adaptive | None:
    """Return the bounds of adaptive checking."""
    if sent is None:
        return None
    return sent.read()


def view_of(one: Subscription) -> SubscriptionView:
    """Return a subscription as it stands in a list."""
    bounds = one.adaptive
    return SubscriptionView(
        id=one.id,
        platform=one.target.platform,
        host=one.target.host,
        feed=one.target.feed,
        key=one.target.key,
        url=one.target.url,
        title=one.title,
        filter=str(one.filter),
        limit=one.limit,
        login=one.login,
        adaptive=None
        if bounds is None
        else AdaptiveView(
            shortest=write_timing(Every(seconds=bounds.shortest_s)),
            longest=write_timing(Every(seconds=bounds.longest_s)),
        ),
        timing=write_timing(one.timing),
        zone=_zone(one.timing),
        jitter_s=one.timing.jitter_s,
        schedule=describe(one.timing),
        paused=one.paused,
        next_at=moment(one.next_at),
        health=one.health,
        reason=one.reason,
        detail=one.detail,
        created_at=moment(one.created_at),
        synced_at=iso(one.synced_at),
        checked_at=iso(one.checked_at),
        backfill_done=one.backfill_done,
        version=one.version,
    )


def detail_of(one: Subscription, brought: Yield, *, now: float) -> SubscriptionView:
    """Return a subscription with its next runs and what it has brought."""
    times: list[float] = []
    if not one.paused:
        later = 0 if one.adaptive is not None else RUNS - 1
        times = [one.next_at, *next_runs(one.timing, later, now=one.next_at)]
    counted = YieldView(
        posts=brought.posts,
        oldest=iso(brought.oldest),
        stored=brought.stored,
        bytes=brought.bytes,
        open=brought.open,
        reasons=brought.reasons,
    )
    return replace(
        view_of(one), next_runs=_runs(times, now=now, zone=_zone(one.timing)), brought=counted
    )


def runs_of(timing: Timing, count: int = RUNS, *, now: float) -> Runs:
    """Return a timing in words, with its next runs."""
    times = next_runs(timing, count, now=now)
    return Runs(description=describe(timing), runs=_runs(times, now=now, zone=_zone(timing)))


def trial_of(trial: Trial) -> FilterTrial:
    """Return what came of a filter's trial."""
    return FilterTrial(
        posts=trial.posts,
        kept=trial.kept,
        left_out=trial.posts - trial.kept,
        media_kept=trial.media_kept,
        media_left_out=trial.media - trial.media_kept,
        conditions=tuple(
            ConditionCount(condition=words, media=count) for words, count in trial.conditions
        ),
        examples=tuple(
            ExampleView(
                url=one.post.url,
                author=one.post.author,
                caption=one.post.caption[:CAPTION],
                kind=one.media.kind,
                kept=one.condition is None,
                condition=one.condition,
            )
            for one in trial.examples
        ),
    )


def _timing(body: SubscriptionChange, old: Timing) -> Timing:
    if body.timing is None and body.zone is None and body.jitter_s is None:
        return old
    jitter = body.jitter_s
    if jitter is None and body.timing is None:
        jitter = old.jitter_s
    text = body.timing or write_timing(old)
    return parse_timing(text, zone=body.zone or _zone(old), jitter_s=jitter)


def _zone(timing: Timing) -> str:
    return timing.zone if isinstance(timing, Cron) else "UTC"


def _runs(times: list[float], *, now: float, zone: str) -> tuple[Run, ...]:
    return tuple(Run(at=moment(at), words=describe_next(at, now=now, zone=zone)) for at in times)
