"""Whether the database is there: one state for all that ask, told to the log once each way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from gatherum.errors import DatabaseAway
from gatherum.safety.lines import Lines

log = structlog.get_logger()
PATIENCE_S = 30.0  # how long a database that is away is waited for by whoever says nothing else
AWAY = "The database is away. Gatherum goes on by itself when it is back."
_patience = ContextVar("patience", default=PATIENCE_S)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Have what is read and written in this context wait so long for a database that is away."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


class Presence:
    """The state of a database. Any thread may ask and tell; who tells is the probe, and nobody else."""

    def __init__(self) -> None:
        self.back_at = 0.0  # since when it is there, by the monotonic clock
        self.doubted = threading.Event()  # somebody's connection broke: look now
        self.lines = Lines()  # the connections to it
        self._lost_at: float | None = None
        self._here = threading.Event()
        self._here.set()
        self._lock = threading.Lock()

    @property
    def is_away(self) -> bool:
        """Whether it is away."""
        return self._lost_at is not None

    @property
    def away_s(self) -> float:
        """How long it has been away; 0 while it is there."""
        lost_at = self._lost_at
        return 0.0 if lost_at is None else time.monotonic() - lost_at

    def lose(self, *, since: float) -> None:
        """Say that it does not answer since then: whoever waits for it gets an error at once."""
        with self._lock:
            if self._lost_at is not None:
                return
            self._here.clear()
            self._lost_at = since
        self.lines.cut()
        log.error("the database is away")

    def find(self) -> None:
        """Say that it answers."""
        with self._lock:
            if self._lost_at is None:
                return
            away_s = time.monotonic() - self._lost_at
            self.back_at, self._lost_at = time.monotonic(), None
            self._here.set()
        log.warning("the database is back", away_s=round(away_s, 1))

    def check(self) -> None:
        """Raise `DatabaseAway` while it is away."""
        if self._lost_at is not None:
            raise DatabaseAway(AWAY)

    def doubt(self) -> None:
        """Have the probe look at once."""
        self.doubted.set()

    def wait(self, seconds: float) -> bool:
        """Block until it is there, or the time is over; return whether it is there."""
        return self._here.wait(seconds)

    def waiting(self) -> "Waiting":
        """Begin to wait, as patiently as the context says."""
        return Waiting(self, _patience.get())


class Waiting:
    """One call's patience: it counts from the moment the database went away, not from the call."""

    def __init__(self, presence: Presence, patience_s: float) -> None:
        self._presence = presence
        self._patience_s = patience_s
        self._failed_at: float | None = None

    def pause(self, error: DatabaseAway) -> float:
        """Return after how many seconds to try again; raises `error` when that was long enough."""
        now = time.monotonic()
        if self._failed_at is None:
            self._failed_at = now
        waited = max(self._presence.away_s, now - self._failed_at)
        if waited >= self._patience_s:
            raise error
        return 0.05 if self._presence.is_away else 0.2
