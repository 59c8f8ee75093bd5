"""The errors, ordered by what should happen next. Messages are sentences for people."""

from gatherum.model import Reason


class GatherumError(Exception):
    """Any error that we raise ourselves; `str(error)` may be shown to a person.

    It holds no path of the machine, no secret and no class name.
    """


class UserError(GatherumError):
    """What was asked cannot be done as asked."""


class InvalidInput(UserError):
    """The input is not of the form it must have."""


class NotFound(UserError):
    """There is no such thing."""


class Conflict(UserError):
    """The thing has changed, or is busy, since it was looked at."""


class Stale(Conflict):
    """The thing has another version than the one that was to be changed: look at it again."""


class NotSignedIn(UserError):
    """Nobody has said who they are, or what they said does not hold. It does not say which part."""


class Forbidden(UserError):
    """Who asks is known, and may not do this."""


class SudoRequired(Forbidden):
    """Somebody signed in must prove again who they are before they do this."""


class TooManyRequests(UserError):
    """Asked, or tried, too often: come back in `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooMuch(UserError):
    """What was sent is larger than what is taken."""


class SourceError(GatherumError):
    """The platform's side: `reason` is what a person is told.

    `said` is the last answer to an engine, if that was short JSON: only who knows the platform can
    tell what it means. It is never shown. `logged_in`: whether that engine had a login's cookies.
    `site` says whose servers it was; '' for the platform's.
    """

    reason = Reason.UNAVAILABLE
    said = ""
    logged_in = False
    site = ""


class Unavailable(SourceError):
    """The source does not answer as it should just now: retry with backoff and jitter.

    `retry_after`: seconds that nothing should be asked, where that is known.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Silent(Unavailable):
    """No connection to a host came about, or it did not begin to answer: nothing of it is to be had.

    `host` is as a link names it.
    """

    def __init__(self, message: str, *, host: str) -> None:
        super().__init__(message)
        self.host = host


class Withheld(Unavailable):
    """The source says that it does not show this here and now: nothing is wrong with the way to it.

    A minute changes nothing of that: it is asked again when somebody asks, or at the next check.
    """


class RateLimited(Unavailable):
    """The source asks us to slow down."""

    reason = Reason.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, retry_after=retry_after)


class Spent(RateLimited):
    """A login has asked as much today as it may: use the next login, else wait until tomorrow."""


class Busy(RateLimited):
    """Another job has the turn at a login: nothing was asked, and nothing is wrong."""


class LoginRequired(SourceError):
    """Only somebody who is logged in gets this: use the next login, else ask the person."""

    reason = Reason.LOGIN_REQUIRED


class Challenge(SourceError):
    """The source wants a person (a captcha, a checkpoint): park the job and ask."""

    reason = Reason.CHALLENGE


class Gone(SourceError):
    """The source says that this no longer exists: mark it, never ask again."""

    reason = Reason.GONE


class Expired(SourceError):
    """The address of a media does not work (any more): extract its post again, once.

    `status` is the HTTP status that said so: 403, 404 or 410.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnexpectedResponse(SourceError):
    """The source answers in a form we do not know: try the next provider, count it."""

    reason = Reason.SITE_CHANGED


class Unsupported(SourceError):
    """Nobody here knows how to get media from this link."""

    reason = Reason.UNSUPPORTED


class Refused(SourceError):
    """Our own policy forbids this address or scheme. An egress decision, final until it changes."""

    reason = Reason.REFUSED


class TooLarge(SourceError):
    """The file, or the answer, is larger than what is allowed."""

    reason = Reason.TOO_LARGE


class Corrupt(SourceError):
    """The bytes are not a whole file of their kind: fetch them again."""

    reason = Reason.CORRUPT


class Unreadable(Corrupt):
    """What the source sent would take more to read than anybody should give: asking again changes nothing."""


class PageInstead(Corrupt):
    """A web page came instead of the file: perhaps one about the file, as image hosts have them."""


class StorageError(GatherumError):
    """The library's side."""


class DiskFull(StorageError):
    """No room: stop all downloads, and go on alone when there is room again."""


class ReadOnly(StorageError):
    """The folder cannot be written to."""


class OutsideLibrary(StorageError):
    """A path that leaves the library root, or is no plain file in it."""


class DatabaseAway(StorageError):
    """The database server does not answer: come back in `retry_after` seconds; it goes on by itself."""

    retry_after = 1.0


class DatabaseLocked(StorageError):
    """Another program keeps the write lock of the database: nothing can be written until it lets go."""

    retry_after = 5.0


class DatabaseTooNew(StorageError):
    """The database was written by a newer Gatherum than this one."""


class DataDirBusy(StorageError):
    """Another process works on this data folder."""
