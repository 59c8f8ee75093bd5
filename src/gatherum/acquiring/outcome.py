"""What happens after an error: the one place where that is decided."""

import errno
import random
from dataclasses import dataclass

from gatherum.errors import (
    Busy,
    Corrupt,
    DiskFull,
    Expired,
    GatherumError,
    RateLimited,
    ReadOnly,
    Silent,
    SourceError,
    Spent,
    StorageError,
    TooLarge,
    Unavailable,
)
from gatherum.model import Reason, Wanted

TRIES = 6  # of one media, and of one listing; the setting network.retries changes it
CORRUPT_TRIES = 3
LONGEST_WAIT_S = 120.0  # a longer one gives the job's slot back
FULL = (errno.ENOSPC, errno.EDQUOT)
BACKOFF_S = 1.0
BACKOFF_MAX_S = 60.0
RENEWAL_S = 2.0  # a new address comes sooner; when it is here, nothing waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try this media again after `delay` seconds."""

    delay: float
    reason: Reason
    detail: str
    keep_part: bool = True
    counts: bool = True  # as one of the tries
    wants_new_address: bool = False  # extract the post again first


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """This media is not fetched; `skipped` if the user's own rules say so."""

    reason: Reason
    detail: str
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """The library cannot take files just now: all downloads stop, and go on alone later."""

    reason: Reason
    detail: str


Verdict = Retry | GiveUp | Halt


def judge(
    error: GatherumError | OSError,
    wanted: Wanted,
    *,
    pace: float,
    tries: int = TRIES,
    renewed: bool = False,
    comes_again: bool = False,
) -> Verdict:
    """Return what should happen to a media after `error`.

    `renewed`: its address is the newest one, by an extraction after an earlier one had expired.
    `comes_again`: a later job tries it again by itself, so this one need not wait for its host.
    """
    if isinstance(error, StorageError | OSError):
        return halt_for(error)
    if comes_again and _needs_another_time(error):
        return GiveUp(reason=Reason.UNAVAILABLE, detail=str(error))
    if isinstance(error, Corrupt):
        tries = min(tries, CORRUPT_TRIES)
    spent = wanted.attempt + 1 >= tries
    final = renewed or wanted.post.platform == "direct"
    return _judge_source(error, wanted, pace=pace, spent=spent, final=final)


def _judge_source(  # noqa: PLR0911 - one way out for each remedy
    error: GatherumError, wanted: Wanted, *, pace: float, spent: bool, final: bool
) -> Verdict:
    detail = str(error)
    reason = error.reason if isinstance(error, SourceError) else Reason.UNSUPPORTED
    match error:
        case Unavailable(retry_after=float(wait)) if not spent:
            delay = wait * random.uniform(1.0, 1.1)  # noqa: S311 - spreads tries
            # Else it was our own breaker, or our own allowance, that said no.
            asked = isinstance(error, RateLimited) and not isinstance(error, Spent | Busy)
            return Retry(delay=delay, reason=reason, detail=detail, counts=asked)
        case Expired() if not final and not spent:
            delay = max(RENEWAL_S, backoff(wanted.attempt, pace))
            return Retry(delay=delay, reason=reason, detail=detail, wants_new_address=True)
        case Expired(status=status) if final:
            reason = Reason.LOGIN_REQUIRED if status == 403 else Reason.GONE
            return GiveUp(reason=reason, detail=detail)
        case Unavailable() if not spent:
            return Retry(delay=backoff(wanted.attempt, pace), reason=reason, detail=detail)
        case Corrupt() if not spent:
            delay = backoff(wanted.attempt, pace)
            return Retry(delay=delay, reason=reason, detail=detail, keep_part=False)
        case TooLarge():
            return GiveUp(reason=reason, detail=detail, skipped=True)
        case _:
            return GiveUp(reason=reason, detail=detail)


def _needs_another_time(error: GatherumError) -> bool:
    """Return whether a host says nothing, or has failed so often that it is left alone for a while."""
    if isinstance(error, Unavailable) and not isinstance(error, RateLimited):
        return isinstance(error, Silent) or error.retry_after is not None
    return False


def halt_for(error: StorageError | OSError) -> Halt:
    """Return why the library takes no files."""
    if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in FULL):
        return Halt(
            reason=Reason.DISK_FULL, detail="The disk is full. Make room; it goes on by itself."
        )
    if isinstance(error, ReadOnly) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return Halt(reason=Reason.DISK_FULL, detail="The library folder cannot be written to.")
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
        return Halt(reason=Reason.DISK_FULL, detail="The library folder may not be written to.")
    return Halt(reason=Reason.DISK_FULL, detail=f"The disk has a fault: {_words(error)}.")


def backoff(attempt: int, pace: float) -> float:
    """Return the delay before the next try: exponential, with jitter, at the user's pace."""
    step: float = min(BACKOFF_S * 2**attempt, BACKOFF_MAX_S)
    return max(0.05, step * pace * random.uniform(0.5, 1.0))  # noqa: S311 - spreads tries


def _words(error: StorageError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "input or output failed").lower()
    return str(error).rstrip(".")
