"""Logins as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatherum.fetching.logins import Login
from gatherum.fetching.standings import Standing
from gatherum.model import Reason
from gatherum.moments import Moment, iso, moment
from gatherum.subscriptions.model import Subscription

SOON_S = 7 * 86_400.0


class LoginHealth(StrEnum):
    """How a login does: whether it goes on by itself, and whether somebody must see to it."""

    OK = "ok"
    EXPIRING = "expiring"  # its session ends within a week
    LIMITED = "limited"  # asked to slow down, or today's allowance is spent: it goes on by itself
    CHECKPOINT = "checkpoint"  # the platform wants to see its person
    REFUSED = "refused"  # the platform holds it for nobody
    ENDED = "ended"  # its session is over
    UNREADABLE = "unreadable"  # sealed with a key that is not here


@dataclass(frozen=True, slots=True, kw_only=True)
class RestView:
    """Why a login is not used, since when, and until when; without `until` somebody must see to it."""

    reason: Reason
    detail: str
    since: Moment
    until: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayView:
    """The requests that were made with a login today (UTC), and how many there may be."""

    requests: int
    limit: int | None
    resets_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A subscription that uses a login."""

    id: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUse:
    """How the last check of a subscription with a login ended; without a reason it ended well."""

    at: Moment
    subscription: int
    reason: Reason | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """What had waited for a login, and goes on with it now."""

    subscriptions: int = 0
    jobs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """A login. Its cookies are never told.

    `expires_at` is when the cookies of its session end, or the last of all where those are not known.
    `signed_in_as` is whose it is there, where somebody signed in by us; `user_agent` is that of the
    browser which the cookies are from, as far as it was told. `in_use`: a job has its turn at it.
    """

    id: int
    platform: str
    name: str
    created_at: Moment
    version: int
    sites: tuple[str, ...]
    expires_at: Moment | None
    readable: bool
    signed_in_as: str
    user_agent: str
    health: LoginHealth
    rests: RestView | None
    today: TodayView
    in_use: bool
    used_by: tuple[User, ...]
    last_use: LastUse | None
    woken: Woken | None = None  # told with the cookies that woke it


@dataclass(frozen=True, slots=True)
class LoginList:
    """All logins."""

    items: tuple[LoginView, ...]


def login_view(
    login: Login, used: Mapping[int, tuple[Subscription, ...]], standing: Standing, *, now: float
) -> LoginView:
    """Return a login as it is told; `used`: the subscriptions that use each login."""
    users, rests = used.get(login.id, ()), standing.rests
    return LoginView(
        id=login.id,
        platform=login.platform,
        name=login.name,
        created_at=moment(login.created_at),
        version=login.version,
        sites=login.sites,
        expires_at=iso(login.expires_at),
        readable=login.readable,
        signed_in_as=login.signed_in_as,
        user_agent=login.user_agent,
        health=_health(login, standing, now),
        rests=None
        if rests is None
        else RestView(
            reason=rests.reason,
            detail=rests.detail,
            since=moment(rests.since),
            until=iso(rests.until),
        ),
        today=TodayView(
            requests=standing.spent,
            limit=standing.limit,
            resets_at=moment(standing.resets_at),
        ),
        in_use=standing.in_use,
        used_by=tuple(User(id=one.id, title=one.title) for one in users),
        last_use=_last_use(users),
    )


def _health(login: Login, standing: Standing, now: float) -> LoginHealth:
    if not login.readable:
        return LoginHealth.UNREADABLE
    left = None if login.expires_at is None else login.expires_at - now
    if left is not None and left <= 0:
        return LoginHealth.ENDED
    match standing.rests and standing.rests.reason:
        case Reason.CHALLENGE:
            return LoginHealth.CHECKPOINT
        case Reason.LOGIN_REQUIRED:
            return LoginHealth.REFUSED
        case Reason():
            return LoginHealth.LIMITED
        case _:
            soon = left is not None and left < SOON_S
            return LoginHealth.EXPIRING if soon else LoginHealth.OK


def _last_use(users: tuple[Subscription, ...]) -> LastUse | None:
    last = max(users, key=lambda one: one.checked_at or 0.0, default=None)
    if last is None or last.checked_at is None:
        return None
    return LastUse(
        at=moment(last.checked_at), subscription=last.id, reason=last.reason, detail=last.detail
    )
