"""Why an engine failed, read from what the site answered to it; its own words only break ties."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.workers.protocol import Answer, Done, Failed, FileLine, Line, PostLine, Saved
from gatherum.ports import EngineNothing

log = structlog.get_logger()

Answered = Callable[[str, int, float | None], Awaitable[None]]  # host, status, Retry-After

DEFAULT_PAUSE = 60.0  # seconds, if a site asks to slow down and does not say for how long
WALL = 999  # LinkedIn's own status for a wall of registration
NOTHING = Answer(ev="answer", host="", status=200)


class Verdict:
    """Listens to one job, and knows at its end what to say of it."""

    def __init__(self, answered: Answered, *, logged_in: bool = False) -> None:
        self._answered = answered
        self._logged_in = logged_in
        self._answers: deque[Answer] = deque(maxlen=50)
        self._found = False
        self.silent = True  # nothing was heard yet
        self._failed: Failed | None = None

    async def hear(self, line: Line) -> None:
        """Take note of a line; answers of a site are passed on."""
        self.silent = False
        match line:
            case Answer():
                host = line.host or (self._answers[-1].host if self._answers else "")
                self._answers.append(line.model_copy(update={"host": host}))
                await self._answered(host, line.status, line.retry_after)
            case PostLine() | FileLine() | Saved():
                self._found = True
            case Failed():
                self._failed = line
            case Done() if line.stopped or (self._is_bad() and not self._found):
                # An engine that swallowed what went wrong, or was stopped by the site's 429.
                self._failed = Failed(ev="failed", kind="http", message="")
            case _:
                pass

    def check(self, refused: Collection[str]) -> None:
        """Raise what the job ended with, if it failed; `refused` hosts were denied by our policy."""
        if self._failed is not None:
            log.info("engine_failed", kind=self._failed.kind, message=self._failed.message)
            error = judge(self._failed, tuple(self._answers), found=self._found, refused=refused)
            error.said = self._answers[-1].said if self._answers else ""
            error.logged_in = self._logged_in
            raise error

    @property
    def nothing(self) -> EngineNothing | None:
        """Return the last answer, if a job has found nothing; None if it has."""
        if self._found:
            return None
        return EngineNothing(said=self._answers[-1].said if self._answers else "")

    def _is_bad(self) -> bool:
        if not self._answers:
            return False
        return not 200 <= self._answers[-1].status < 400 or _led_to_login(tuple(self._answers))


def judge(  # noqa: PLR0911  # one line a reason
    failed: Failed, answers: Sequence[Answer], *, found: bool, refused: Collection[str] = ()
) -> SourceError:
    """Return the error that says what should happen next.

    `answers` are those since the job began; `found` tells whether it had found anything before.
    Only a 404 or 410 of the site makes a thing gone, and never once something was found behind it.
    """
    last = answers[-1] if answers else NOTHING
    site = last.host or "The site"
    if last.host in refused and last.status in {0, 403}:
        return Refused(f"{site} is an address that the network policy forbids.")
    if last.status == 429:
        pause = DEFAULT_PAUSE if last.retry_after is None else last.retry_after
        return RateLimited(f"{site} asks us to slow down.", retry_after=pause)
    led = any(answer.challenge and answer.status < 400 for answer in answers[-3:])  # by redirects
    if led or last.challenge or (failed.kind == "challenge" and last.status in (403, 503)):
        return Challenge(f"{site} wants to see a person.")
    if last.status in {401, WALL} or failed.kind == "login" or _led_to_login(answers):
        return LoginRequired(f"{site} shows this only to somebody who is logged in.")
    if failed.kind == "unsupported":
        return Unsupported("Nothing on this page is media that we know how to get.")
    if _is_gone(failed, answers) and not found:
        return Gone(f"{site} says that this does not exist.")
    if last.status == 0 or last.status >= 500:
        return Unavailable(f"{site} does not answer as it should just now.")
    if last.status == 403 or failed.kind == "aborted":
        return Unavailable(f"{site} does not give this out just now.")
    return UnexpectedResponse(f"{site} answers in a form that the extractor does not know.")


def _led_to_login(answers: Sequence[Answer]) -> bool:
    return any(answer.login for answer in answers[-3:])


def _is_gone(failed: Failed, answers: Sequence[Answer]) -> bool:
    missing = [answer.status in (404, 410) for answer in answers]
    match failed.kind:
        case "missing":
            return any(missing)
        case "http":
            return bool(missing) and missing[-1]
        case _:
            return False
