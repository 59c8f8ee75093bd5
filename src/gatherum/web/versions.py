"""Versions of what is edited: an `ETag` with each answer, an `If-Match` with each change."""

import re
from typing import Annotated, Final

from fastapi import Header, Response

from gatherum.errors import InvalidInput

IfMatch = Annotated[
    str | None,
    Header(max_length=100, description="The ETag of the version that is to be changed."),
]
TAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"')


def set_etag(response: Response, version: int) -> None:
    """Say which version of a thing an answer shows."""
    response.headers["ETag"] = f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """Return the version that a change is meant for; None: whichever there is (none given, or `*`)."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = TAG.fullmatch(if_match.strip())
    if match is None:
        raise InvalidInput("If-Match holds no version of ours: send the ETag as it came.")
    return int(match[1])
