"""Health: for supervisors at the root, for people with all that is known."""

import asyncio
from dataclasses import dataclass
from importlib.metadata import version

import structlog
from fastapi import Request, Response
from pydantic import JsonValue

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.db import DatabaseFault
from gatherum.errors import StorageError
from gatherum.moments import Moment, moment
from gatherum.upkeep.health import Check
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, Routes

log = structlog.get_logger()
routes = Routes("Health", prefix="")
# The other checks are no reason to restart.
NEEDED = ("database", "executor", "queue", "disk", "locks")
READY_S = 1.0
ANSWER_S = 0.7  # what does not answer within it is not ready
CHECKS_S = 60.0


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands, for a supervisor: strangers learn no more than that."""

    status: str  # ok | failing


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Something that needs a person, since when."""

    name: str
    since: Moment
    message: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """How it stands, for people."""

    status: str
    version: str
    database: str
    checks: tuple[Check, ...]
    alarms: tuple[AlarmView, ...]


@routes.add("GET", "/health/live", scope=OPEN, rate=Rate.FILES, anonymous=True)
async def live() -> Status:
    """Say that the process answers."""
    return Status(status="ok")


@routes.add(
    "GET",
    "/health/ready",
    scope=OPEN,
    rate=Rate.FILES,
    anonymous=True,
    model=Status,
    described={503: {"model": Status, "description": "It cannot do its work."}},
)
async def ready(request: Request, app: AppDep) -> Response:
    """Say whether it can do its work: the database, who performs jobs, the queue, the disk."""
    gauge: Gauge = request.app.state.gauge
    ok = await gauge.is_ready(app)
    return Json(Status(status="ok" if ok else "failing"), status_code=200 if ok else 503)


@routes.add("GET", "/api/v1/health", scope=Scope.LIBRARY_READ, rate=Rate.READ)
async def get_health(app: AppDep) -> HealthView:
    """Say how it stands, with every check and alarm; at most a minute old."""
    told = await app.cache.get_or_make("health", CHECKS_S, lambda: _checks(app))
    checks = tuple(Check(*one) for one in told)  # type: ignore[union-attr,misc]  # as `_checks` has made them
    return HealthView(
        status="ok" if all(check.ok for check in checks) else "failing",
        version=version("gatherum"),
        database="SQLite" if app.database.is_sqlite else "PostgreSQL",
        checks=checks,
        alarms=tuple(
            AlarmView(one.name, moment(one.since), one.message) for one in await app.health.alarms()
        ),
    )


class Gauge:
    """Remembers for a second whether it is ready, so that nobody can make it work by asking."""

    def __init__(self) -> None:
        self._until = 0.0
        self._ok = False
        self._look: asyncio.Task[bool] | None = None

    async def is_ready(self, app: App) -> bool:
        """Return whether every check that matters to a supervisor is well, within a second."""
        if app.database.presence.is_away or app.watchdog.recent():
            return False
        now = app.clock.now()
        if now >= self._until:
            self._until = now + READY_S
            # Where nothing answers, the look goes on by itself, and the next one joins it.
            if self._look is None or self._look.done():
                self._look = asyncio.create_task(_is_well(app))
            done, _ = await asyncio.wait([self._look], timeout=ANSWER_S)
            self._ok = bool(done) and self._look.result()
        return self._ok


async def _is_well(app: App) -> bool:
    try:
        checks = await app.health.checks()
    except (StorageError, DatabaseFault) as error:
        log.warning("not ready", error=str(error))
        return False
    return all(check.ok for check in checks if check.name in NEEDED)


async def _checks(app: App) -> JsonValue:
    return [[check.name, check.ok, check.detail] for check in await app.health.checks()]
