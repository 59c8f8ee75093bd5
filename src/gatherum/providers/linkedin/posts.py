"""Posts of LinkedIn under the ids that all ways know: the post's urn, and a file's place in it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from gatherum.model import Media, Post
from gatherum.providers.urls import resolve

ROOT: Final = "https://www.linkedin.com"
ACTIVITY: Final = "urn:li:activity:"
NUMBERED = re.compile(r"urn:li:activity:(\d+)")
NAMED = re.compile(r"/(?:(?:in|company|school|showcase)/([^/?#]+)|posts/([^/?#_]+)_)")


def address_of(urn: str) -> str:
    """Return the page of a post."""
    return f"{ROOT}/feed/update/{urn}/"


def moment_of(urn: str) -> datetime | None:
    """Return when a post was published: the upper bits of its number are milliseconds since 1970."""
    number = urn.rpartition(":")[2]
    if not number.isdecimal():
        return None
    try:
        return datetime.fromtimestamp((int(number) >> 22) / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def author_at(url: str, name: str = "") -> str:
    """Return whose page this is, by the name in its address; `name` if that is no page of anybody."""
    found = NAMED.search(urlsplit(url).path)
    return unquote(found[1] or found[2]) if found else name


def make_post(
    urn: str,
    files: Iterable[Media],
    *,
    author: str,
    caption: str,
    links: Iterable[str] = (),
) -> Post:
    """Return a post; its files are numbered in their order, as LinkedIn has no ids for them that all know."""
    return Post(
        platform="linkedin",
        id=urn,
        url=address_of(urn),
        author=author,
        caption=caption,
        posted_at=moment_of(urn),
        media=tuple(
            replace(file, id=f"{urn}_{index}") for index, file in enumerate(files, start=1)
        ),
        links=tuple(dict.fromkeys(resolve(ROOT, link) or link for link in links)),
    )
