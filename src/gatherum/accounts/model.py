"""Who may do what: roles, scopes, and the caller of a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What an account is for. Each may do all that the next one may."""

    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What a route needs, and a key may have."""

    LIBRARY_READ = "library:read"  # posts, media, files, searches, statistics
    LIBRARY_WRITE = "library:write"  # edit, trash, restore, allow again
    FOLLOWING_READ = "following:read"
    FOLLOWING_WRITE = "following:write"
    QUEUE_READ = "queue:read"
    QUEUE_WRITE = "queue:write"  # add links; cancel, retry, pause
    LOGINS_READ = "logins:read"  # that they exist; never their cookies
    LOGINS_WRITE = "logins:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"
    TRANSFER = "transfer"  # export and import
    PURGE = "purge"  # remove bytes for ever
    SELF = "self"  # one's own account: sessions, factors, keys, saved searches


VIEWER = frozenset({Scope.LIBRARY_READ, Scope.FOLLOWING_READ, Scope.SELF})
EDITOR = VIEWER | {
    Scope.LIBRARY_WRITE,
    Scope.FOLLOWING_WRITE,
    Scope.QUEUE_READ,
    Scope.QUEUE_WRITE,
    Scope.LOGINS_READ,
}
SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {Role.ADMIN: frozenset(Scope), Role.EDITOR: EDITOR, Role.VIEWER: VIEWER}
)


class Proof(StrEnum):
    """How a caller has said who they are."""

    SESSION = "session"  # the cookie of a browser
    KEY = "key"  # an API key
    TOKEN = "token"  # noqa: S105 - a short-lived bearer token, bound to a session


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who uses this installation, as it stands. Times are seconds since 1970."""

    id: int
    name: str
    role: Role
    disabled: bool
    created_at: float
    signed_in_at: float | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sends a request, and what they may do with it.

    `scopes` are those of the role, cut to those of the key. `via` is the id of the session or key:
    fit for logs, opens nothing.
    """

    account: Account
    scopes: frozenset[Scope]
    proof: Proof
    via: str
    sudo_until: float = 0.0
    until: float | None = None  # when the key or token expires
    must_enrol: bool = False  # a second factor is asked for, and there is none yet

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has a scope."""
        return scope in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where a request comes from, for throttles, sessions and the audit. `address` is checked."""

    address: str
    agent: str = ""
