"""Times as programs read them: ISO 8601 in UTC, to the second, such as `2025-10-10T12:53:20Z`."""

import time
from functools import lru_cache
from math import floor
from typing import Annotated, Final

from pydantic import WithJsonSchema

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
FIRST: Final = -62_135_596_800  # the year 1
LAST: Final = 253_402_300_799  # the year 9999; cookies may say that they end later


def iso(seconds: float | None) -> Moment | None:
    """Return a time that may not be known."""
    return None if seconds is None else moment(seconds)


@lru_cache(maxsize=4096)  # most media stand where their post was posted, and posts have several
def moment(seconds: float) -> Moment:
    """Return a time, rounded down; what no calendar has becomes the nearest that one has."""
    whole = floor(min(max(seconds, FIRST), LAST))
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(whole))
    return text.rjust(20, "0")  # years before 1000 come without their zeros
