"""Logins as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatherum.fetching.logins import Login
from gatherum.model import Reason
from gatherum.moments import Moment, iso, moment
from gatherum.subscriptions.model import Subscription


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
    """

    id: int
    platform: str
    name: str
    created_at: Moment
    version: int
    sites: tuple[str, ...]
    expires_at: Moment | None
    readable: bool
    used_by: tuple[User, ...]
    last_use: LastUse | None
    woken: Woken | None = None  # told with the cookies that woke it


@dataclass(frozen=True, slots=True)
class LoginList:
    """All logins."""

    items: tuple[LoginView, ...]


def login_view(login: Login, used: Mapping[int, tuple[Subscription, ...]]) -> LoginView:
    """Return a login as it is told; `used`: the subscriptions that use each login."""
    users = used.get(login.id, ())
    return LoginView(
        id=login.id,
        platform=login.platform,
        name=login.name,
        created_at=moment(login.created_at),
        version=login.version,
        sites=login.sites,
        expires_at=iso(login.expires_at),
        readable=login.readable,
        used_by=tuple(User(id=one.id, title=one.title) for one in users),
        last_use=_last_use(users),
    )


def _last_use(users: tuple[Subscription, ...]) -> LastUse | None:
    last = max(users, key=lambda one: one.checked_at or 0.0, default=None)
    if last is None or last.checked_at is None:
        return None
    return LastUse(
        at=moment(last.checked_at), subscription=last.id, reason=last.reason, detail=last.detail
    )
