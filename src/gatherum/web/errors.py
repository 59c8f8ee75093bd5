"""Errors as answers: one table of statuses, one form (RFC 9457), no detail that helps an attacker."""

import secrets
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response as PlainResponse

from gatherum import errors as e
from gatherum.web.answers import encode

log = structlog.get_logger()
TOLD: Final = (401, 403, 429)  # what a log tells of: the others are between us and the client
PROBLEM: Final = "application/problem+json"
AWAY: Final = "database-away"

# The first class that fits counts: the narrower ones stand first.
STATUSES: Final[tuple[tuple[type[e.GatherumError], int, str], ...]] = (
    (e.InvalidInput, 422, "The input does not fit"),
    (e.NotFound, 404, "There is no such thing"),
    (e.Stale, 412, "It has changed meanwhile"),
    (e.Conflict, 409, "It cannot be done as things stand"),
    (e.NotSignedIn, 401, "Not signed in"),
    (e.SudoRequired, 403, "Prove again who you are"),
    (e.Forbidden, 403, "Not allowed"),
    (e.TooManyRequests, 429, "Too many requests"),
    (e.TooMuch, 413, "Too large"),
    (e.Refused, 422, "Our policy refuses this address"),
    (e.SourceError, 502, "The source does not give it"),
    (e.DatabaseAway, 503, "The database is away"),
    (e.DiskFull, 507, "The disk is full"),
    (e.StorageError, 503, "The storage does not work"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, by RFC 9457. `id` finds the detail in the log; `detail` is a sentence for people."""

    type: str
    title: str
    status: int
    detail: str
    id: str


def status_of(error: type[e.GatherumError]) -> tuple[int, str]:
    """Return the status and title that an error is answered with."""
    return next(
        ((status, title) for known, status, title in STATUSES if issubclass(error, known)),
        (500, "Something went wrong here"),
    )


def problem(
    status: int, title: str, detail: str, *, kind: str = "", headers: dict[str, str] | None = None
) -> Response:
    """Return an error as an answer."""
    # That of the request, where there is one: X-Request-Id and the log have the same.
    number = structlog.contextvars.get_contextvars().get("request") or secrets.token_hex(8)
    body = Problem(
        type=f"urn:gatherum:problem:{kind or status}",
        title=title,
        status=status,
        detail=detail,
        id=number,
    )
    # That the database is away the log says once, and not again for each request.
    told = (status in TOLD or status >= 500) and kind != AWAY
    log.info("refused", status=status, kind=kind, detail=detail, _in_detail=not told)
    return PlainResponse(
        encode(body), status_code=status, media_type=PROBLEM, headers=headers or {}
    )


def kind_of(error: type[e.GatherumError]) -> str:
    """Return the name of an error's class as it stands in a problem's type."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in error.__name__).lstrip("-")


async def answer_error(_request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    assert isinstance(error, e.GatherumError)  # noqa: S101 - it is registered for those alone
    status, title = status_of(type(error))
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, e.SudoRequired):
        headers["X-Reauth"] = "required"
    after = getattr(error, "retry_after", None)
    if after is not None:
        headers["Retry-After"] = str(int(after) + 1)
    return problem(status, title, str(error), kind=kind_of(type(error)), headers=headers)


async def answer_invalid(_request: Request, error: Exception) -> Response:
    """Answer input that does not fit its model: where and what, never what was sent."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    told = (
        f"{'.'.join(str(part) for part in each['loc'][1:])[:100] or each['loc'][0]}: {each['msg'][:200]}"
        for each in error.errors()[:5]
    )
    return problem(422, "The input does not fit", "; ".join(told), kind="invalid-input")


async def answer_http(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101
    titles = {404: "There is no such address", 405: "This address does not do that"}
    title = titles.get(error.status_code, "Refused")
    headers = dict(error.headers or {})
    if error.status_code == 400:  # of a body that is no text at all
        return problem(
            422, "The input does not fit", "body: This is no JSON.", kind="invalid-input"
        )
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    return problem(error.status_code, title, f"{title}.", headers=headers)


def _allowed(request: Request) -> str:
    """Return what an address does: the framework knows one of its routes only."""
    path, routes = request.scope["path"], getattr(request.app.state, "listed", ())
    fitting = [route for route in routes if route.path_regex.match(path)]
    # A word of an address is meant before a place for any word.
    places = min((route.path.count("{") for route in fitting), default=0)
    meant = (route for route in fitting if route.path.count("{") == places)
    return ", ".join(sorted({method for route in meant for method in route.methods}))


def install(web: FastAPI) -> None:
    """Let an application answer every error in this form."""
    web.add_exception_handler(e.GatherumError, answer_error)
    web.add_exception_handler(RequestValidationError, answer_invalid)
    web.add_exception_handler(HTTPException, answer_http)
