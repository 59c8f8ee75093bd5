"""The log of this process: its latest lines, and what helps somebody who is asked for help."""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated, Final

from fastapi import Query, Request

from gatherum.accounts.model import Caller, Scope
from gatherum.app import App
from gatherum.errors import InvalidInput
from gatherum.log import RECENT, LogLine
from gatherum.moments import Moment, moment
from gatherum.web.limits import Rate
from gatherum.web.routes.health import HealthView, get_health
from gatherum.web.routes.settings import Sections, list_settings
from gatherum.web.routing import AppDep, CallerDep, Routes

routes = Routes("The log")
LATEST: Final = 500  # lines of a report
REQUEST: Final = "request"  # what a line of an answered request is called
FOREIGN: Final = {"detail", "line", "message", "told"}  # values that others have put into words
QUERY: Final = re.compile(r"(?<=\w)\?[^\s\"'<>]+")
PACKAGES: Final = ("gatherum", "yt-dlp", "gallery-dl", "av", "pyvips", "sqlalchemy", "dbos")


class Level(StrEnum):
    """How grave a line is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


GRAVITY: Final = {level.value: number for number, level in enumerate(Level)}
After = Annotated[
    str | None,
    Query(max_length=40, description="`next` of the answer before: only what came since."),
]


@dataclass(frozen=True, slots=True)
class LogTail:
    """Lines in their order; `next` goes on behind them. `missed`: some before them are gone."""

    items: tuple[LogLine, ...]
    next: str
    missed: bool


@dataclass(frozen=True, slots=True)
class SupportReport:
    """What helps to help: no secret, no caption, and nothing that a site or a tool said.

    `settings` and `health` are null for keys that may not read them.
    """

    at: Moment
    versions: Mapping[str, str]
    health: HealthView | None
    settings: Sections | None
    lines: tuple[LogLine, ...]


@routes.add("GET", "/logs", scope=Scope.AUDIT_READ, rate=Rate.READ, errors=(InvalidInput,))
async def list_logs(
    *,
    request: Request,
    level: Annotated[Level, Query(description="No line is less grave.")] = Level.DEBUG,
    job: Annotated[str | None, Query(max_length=64, description="Only what one job wrote.")] = None,
    of_request: Annotated[
        str | None,
        Query(alias="request", max_length=64, description="Only what one request wrote."),
    ] = None,
    requests: Annotated[
        bool, Query(description="Whether lines of answered requests are among them.")
    ] = True,
    text: Annotated[
        str, Query(max_length=200, description="Only lines in which this stands, in any case.")
    ] = "",
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="How many at most.")] = 500,
) -> LogTail:
    """Show the latest lines that this process has written; with `after` those that came since.

    The newest 5,000 are kept in memory. What other workers write stands in their own logs. Who shows
    the log in a page leaves the lines of requests out: that page makes most of them itself.
    """
    request.state.quiet = True  # who follows the log is no news in it
    seen, known = _position(after)
    kept = RECENT.after(seen)
    missed = after is not None and (not known or (bool(kept) and kept[0].number > seen + 1))
    found = [
        line
        for line in kept
        if GRAVITY.get(line.level, 0) >= GRAVITY[level]
        and (job is None or line.job == job)
        and (of_request is None or line.request == of_request)
        and (requests or line.event != REQUEST)
        and _says(line, text.casefold())
    ]
    shown = found[:limit] if after is not None else found[-limit:]
    end = kept[-1].number if kept else seen
    last = end if after is None or len(found) <= limit else shown[-1].number
    return LogTail(tuple(shown), f"{RECENT.start}.{last}", missed)


@routes.add("GET", "/support", scope=Scope.AUDIT_READ, rate=Rate.HEAVY)
async def get_support_report(app: AppDep, caller: CallerDep) -> SupportReport:
    """Gather what helps somebody who is asked for help: versions, settings, checks, latest lines."""
    return SupportReport(
        at=moment(app.clock.now()),
        versions=_versions(),
        health=await get_health(app) if caller.may(Scope.LIBRARY_READ) else None,
        settings=await _settings(app, caller),
        lines=tuple(map(_ours, RECENT.after(0)[-LATEST:])),
    )


def _position(after: str | None) -> tuple[int, bool]:
    """Return the number that a cursor names, and whether it is of this process."""
    if after is None:
        return 0, True
    start, _, number = after.partition(".")
    if not (number.isascii() and number.isdecimal()):
        raise InvalidInput("This cursor did not come from here.")
    return (int(number), True) if start == RECENT.start else (0, False)


def _says(line: LogLine, sought: str) -> bool:
    if not sought:
        return True
    words = (line.event, line.job, line.request, *line.fields, *line.fields.values())
    return any(sought in str(word).casefold() for word in words)


def _ours(line: LogLine) -> LogLine:
    """Return a line without what a site or a tool said, and without what follows an address's `?`."""
    own = {
        name: QUERY.sub("?…", value) if isinstance(value, str) else value
        for name, value in line.fields.items()
        if name not in FOREIGN
    }
    return replace(line, fields=own)


async def _settings(app: App, caller: Caller) -> Sections | None:
    return await list_settings(app) if caller.may(Scope.SETTINGS_READ) else None


def _versions() -> dict[str, str]:
    told = {name: version(name) for name in PACKAGES}
    return {**told, "python": platform.python_version(), "system": platform.platform()}
