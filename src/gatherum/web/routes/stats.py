"""Statistics: the library in numbers, at most five minutes old."""

from dataclasses import asdict, dataclass

from fastapi import Response
from pydantic import JsonValue

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.library.statistics import Statistics, read_statistics
from gatherum.moments import Moment, moment
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Routes

routes = Routes("Statistics")
STATS_S = 300.0


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the disk that holds the library, and of the database."""

    free: int
    total: int
    database: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The installation in numbers; `at` is when they were read."""

    at: Moment
    library: Statistics
    disk: Disk


@routes.add("GET", "/stats", scope=Scope.LIBRARY_READ, rate=Rate.READ, model=Stats)
async def get_stats(app: AppDep) -> Response:
    """Tell the library in numbers; at most five minutes old."""
    made = app.cache.get_or_make("stats", STATS_S, lambda: _stats(app), fresh=True)
    return Json(await made)


async def _stats(app: App) -> JsonValue:
    numbers = await app.health.measure()
    told: dict[str, JsonValue] = asdict(
        Stats(
            at=moment(app.clock.now()),
            library=await read_statistics(app.database, app.clock.now),
            disk=Disk(
                free=numbers.disk_free,
                total=numbers.disk_total,
                database=numbers.database_size,
            ),
        )
    )
    return told
