"""How often a route may be called: a closed set of rates, by who calls and by route."""

import math
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

import limits
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from gatherum.errors import TooManyRequests

MOST: Final = 100_000  # counts that are kept at once


class Rate(StrEnum):
    """A rate; each caller (account, else address) has its own count for each route."""

    READ = "1200/minute"
    HEAVY = "120/minute"  # reads that cost much
    FILES = "12000/minute"
    WRITE = "300/minute"
    BATCH = "30/minute"
    HOOK = "60/minute"  # calls of webhooks, which come without an account
    SIGN_IN = "30/minute"  # beside the throttle of failures
    SECRET = "20/hour"  # noqa: S105 - what makes a credential, or sends one


class Counts(Storage):
    """Counts of the event loop's thread, by our own clock.

    The library's own store in memory walks through all it holds in a thread, a hundred times a
    second.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._counts: dict[str, tuple[int, float]] = {}  # how many, until when

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong with a dictionary: nothing."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return how many there are; the window begins with the first."""
        now = self._now()
        count, until = self._counts.get(key, (0, 0.0))
        if until <= now:
            self._make_room(now)
            count, until = 0, now + expiry
        self._counts[key] = (count + amount, until)
        return count + amount

    def get(self, key: str) -> int:
        """Return a count."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a count ends."""
        return self._counts.get(key, (0, self._now()))[1]

    def check(self) -> bool:
        """Return whether the store works."""
        return True

    def reset(self) -> int:
        """Forget everything; return how many counts there were."""
        held = len(self._counts)
        self._counts.clear()
        return held

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._counts) < MOST:
            return
        live = sorted(
            ((key, held) for key, held in self._counts.items() if held[1] > now),
            key=lambda each: each[1][1],
        )
        self._counts = dict(live[-MOST // 2 :])  # of a flood, those that last longest stay


class Limits:
    """The counts of one server. `ease` multiplies all rates, for scanners that are wanted."""

    def __init__(self, now: Callable[[], float], *, ease: int = 1) -> None:
        self._now = now
        self._ease = ease
        self._counts = Counts(now)
        self._limiter = FixedWindowRateLimiter(self._counts)

    def count(self, rate: Rate, route: str, *, account: int | None, address: str) -> None:
        """Count a call; raises `TooManyRequests` when there have been too many."""
        item = _item(rate, self._ease)
        caller = f"account {account}" if account is not None else f"from {neighbourhood(address)}"
        if not self._limiter.hit(item, caller, route):
            until = self._counts.get_expiry(item.key_for(caller, route))
            raise TooManyRequests(
                "That was too often. Wait a moment.",
                retry_after=max(0.0, math.ceil(until - self._now()) - 1),
            )


def neighbourhood(address: str) -> str:
    """Return whom an address stands for: itself, or the /64 that one customer has of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


@cache
def _item(rate: Rate, ease: int) -> limits.RateLimitItem:
    item = limits.parse(rate.value)
    return type(item)(item.amount * ease, item.multiples)
