"""One request budget per platform (or host), login and proxy, shared by all workers.

A row of the database holds when the next request may go out, until when nothing may (Retry-After),
and the circuit breaker. Without an interval a permit costs no write, only a look at a fresh copy.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from gatherum.db import Database, Tx, insert_new
from gatherum.errors import RateLimited, Unavailable
from gatherum.fetching.tables import BudgetRow
from gatherum.ports import Clock

# Seconds between two requests, before jitter and `network.pace`. The figures of the extractors that
# people have run for years without bans; what is not listed is asked without a pause.
INTERVALS = {
    "instagram": 9.0,
    "x": 2.0,
    "tiktok": 2.0,
    "linkedin": 5.0,
    "pinterest": 1.0,
    "snapchat": 1.0,
    "reddit": 1.0,
    "xenforo": 1.0,
    "mastodon": 0.5,
    "youtube": 1.0,
}
# They hand out the scripts of a platform's pages, a dozen of them before the first answer: a browser
# asks for them at once, so their host waits for nothing.
SCRIPT_HOSTS = frozenset({"static.cdninstagram.com", "abs.twimg.com", "static.licdn.com"})
JITTER = (0.75, 1.5)
FRESH_S = 0.5  # how old a copy of a budget without an interval may be
LONGEST_WAIT_S = 120.0  # a longer one is the job's to wait for, not a request's
BREAKER_AT = 8  # failures in a row
BREAKER_S = 30.0
BREAKER_MAX_S = 1800.0
RECENT_S = 3600.0
LATE_S = 1.0  # who sleeps for longer than this beyond its time, asks anew
PROBE_S = 60.0  # how long the one half-open probe may take


@dataclass(frozen=True, slots=True)
class _State:
    next_at: float = 0.0
    blocked_until: float = 0.0
    failures: int = 0
    probing_until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    """A budget as it stands. Times are seconds since 1970, UTC."""

    platform: str  # '' for the plain download of files
    host: str
    login: str
    next_at: float  # when the next request may go out
    blocked_until: float  # by a Retry-After, or an open breaker
    failures: int  # in a row
    interval_s: float  # between two requests, before jitter
    broken: bool  # it failed so often that one request at a time finds out how it is


_UNKNOWN = (float("-inf"), _State())


class Budget:
    """Gives permits for requests, and learns from the answers.

    Invariant: between two requests of one key lie its interval and jitter, whoever sends them, to
    `LATE_S`, even where those that wait have overslept; and none goes out before `blocked_until`.
    """

    def __init__(self, database: Database, clock: Clock, pace: Callable[[], float]) -> None:
        self._db = database
        self._clock = clock
        self._pace = pace
        self._copies: dict[str, tuple[float, _State]] = {}

    async def permit(self, key: str, platform: str) -> None:
        """Wait until a request may go out; `Unavailable` if that is too long to wait for here."""
        interval = INTERVALS.get(platform, 0.0) * self._pace()
        while not (interval == 0 and await self._is_free(key)):
            now = self._clock.now()
            wait, granted, state = await self._db.write(
                partial(_take_turn, key=key, interval=interval, now=now), durable=False
            )
            self._keep(key, state)  # so that a success closes a breaker that another worker opened
            if wait > LONGEST_WAIT_S:
                if state.failures >= BREAKER_AT:
                    raise Unavailable(
                        "This source failed several times in a row; it is left alone for a while.",
                        retry_after=wait,
                    )
                raise RateLimited("The source asked us to wait.", retry_after=wait)
            if wait == 0 and granted:
                return
            due = now + wait
            await self._clock.sleep(max(0.0, due - self._clock.now()))
            # All who slept while the machine did wake at once; the one that probes is alone anyway.
            is_probe = state.failures >= BREAKER_AT
            is_late = self._clock.now() > due + LATE_S and not is_probe
            if granted and not is_late and not await self._is_blocked(key):
                return

    async def succeeded(self, key: str) -> None:
        """Close the breaker."""
        if self._copies.get(key, _UNKNOWN)[1].failures:
            reset = partial(_write, key=key, failures=0, probing_until=0.0)
            self._keep(key, await self._db.write(reset, durable=False))

    async def failed(self, key: str) -> None:
        """Count a failure (no answer, or 5xx); after some in a row nothing goes out for a while."""

        def tx(tx: Tx) -> _State:
            state = _lock(tx, key)
            now, blocked = self._clock.now(), state.blocked_until
            if blocked > now:
                return state  # it was on its way when the breaker opened
            failures = state.failures + 1
            if failures >= BREAKER_AT:
                pause = min(BREAKER_S * 2 ** (failures - BREAKER_AT), BREAKER_MAX_S)
                blocked = now + pause * self._pace()
            return _write(tx, key, failures=failures, blocked_until=blocked, probing_until=0.0)

        self._keep(key, await self._db.write(tx, durable=False))

    async def limited(self, key: str, retry_after: float) -> None:
        """Heed a Retry-After: nothing goes out before it is over."""
        until = self._clock.now() + retry_after

        def tx(tx: Tx) -> _State:
            return _write(tx, key, blocked_until=max(until, _lock(tx, key).blocked_until))

        self._keep(key, await self._db.write(tx, durable=False))

    async def _is_free(self, key: str) -> bool:
        """Return whether nothing stands against a request, by a copy that is fresh enough."""
        now = self._clock.now()
        at, state = self._copies.get(key, _UNKNOWN)
        if not at <= now < at + FRESH_S:
            state = await self._db.read(lambda tx: _read(tx, key))
            self._keep(key, state)
        return state.blocked_until <= now and state.failures < BREAKER_AT

    async def _is_blocked(self, key: str) -> bool:
        state = await self._db.read(lambda tx: _read(tx, key))
        return state.blocked_until > self._clock.now()

    def _keep(self, key: str, state: _State) -> None:
        self._copies[key] = (self._clock.now(), state)


async def read_budgets(
    database: Database, *, now: float, pace: float, limit: int = 500
) -> tuple[BudgetView, ...]:
    """Return the budgets that were drawn on within the hour, or that something stands against."""
    query = (
        sa.select(BudgetRow.key, *_columns().selected_columns)
        .where(
            sa.or_(
                BudgetRow.next_at > now - RECENT_S,
                BudgetRow.blocked_until > now,
                BudgetRow.failures > 0,
            )
        )
        .order_by(BudgetRow.key)
        .limit(limit)
    )
    rows = await database.read(lambda tx: tx.execute(query).all())
    return tuple(_view(key, _State(*state), pace) for key, *state in rows)


def _view(key: str, state: _State, pace: float) -> BudgetView:
    platform, host, login = (*key.split("|"), "", "")[:3]
    return BudgetView(
        platform="" if platform == "host" else platform,
        host=host,
        login=login,
        next_at=state.next_at,
        blocked_until=state.blocked_until,
        failures=state.failures,
        interval_s=INTERVALS.get(platform, 0.0) * pace,
        broken=state.failures >= BREAKER_AT,
    )


def _take_turn(tx: Tx, *, key: str, interval: float, now: float) -> tuple[float, bool, _State]:
    """Return (seconds to wait, whether one may go then or must ask again, what was found)."""
    state = _lock(tx, key)
    if state.blocked_until > now:
        return state.blocked_until - now, False, state
    if state.failures >= BREAKER_AT:  # half-open: one request at a time finds out
        if state.probing_until > now:
            return 1.0, False, state
        _write(tx, key, probing_until=now + PROBE_S)
    start = max(now, state.next_at)
    if start - now > LONGEST_WAIT_S:
        return start - now, False, state
    step = interval * random.uniform(*JITTER)  # noqa: S311 - spreads requests, hides nothing
    _write(tx, key, next_at=start + step)
    return start - now, True, state


def _columns() -> sa.Select[float, float, int, float]:
    b = BudgetRow
    return sa.select(b.next_at, b.blocked_until, b.failures, b.probing_until)


def _read(tx: Tx, key: str) -> _State:
    row = tx.execute(_columns().where(BudgetRow.key == key)).one_or_none()
    return _State() if row is None else _State(*row)


def _lock(tx: Tx, key: str) -> _State:
    """Return the row, made if missing, held until the transaction ends."""
    empty = {"next_at": 0.0, "blocked_until": 0.0, "failures": 0, "probing_until": 0.0}
    insert_new(tx, BudgetRow, [{"key": key, **empty}])
    row = tx.execute(_columns().where(BudgetRow.key == key).with_for_update()).one()
    return _State(*row)


def _write(tx: Tx, key: str, **values: float) -> _State:
    tx.execute(sa.update(BudgetRow).where(BudgetRow.key == key).values(**values))
    return _read(tx, key)
