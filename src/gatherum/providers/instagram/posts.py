"""A post of Instagram as all ways to it write it: by its numbers, whoever brings it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from gatherum.model import Media, Post
from gatherum.providers.instagram.ids import shortcode_of

ROOT = "https://www.instagram.com"
FILE = re.compile(r"\d+_(\d+)_\d+(?:_n\.\w+)?")  # the name of a picture, its number in the middle


def _as_text(value: object) -> object:
    match value:
        case bool():
            return value
        case int():
            return str(value)
        case str() if named := FILE.fullmatch(value):
            return named[1]
        case _:
            return value


# The queries write numbers as text, the API as numbers. Of a portrait they mostly tell none: then
# the name of its file does, and any other name is the name of another portrait.
Pk = Annotated[str, BeforeValidator(_as_text)]


def make_post(
    pk: str,
    media: Sequence[Media],
    *,
    author: str,
    caption: str = "",
    posted_at: datetime | None = None,
    pinned: bool = False,
) -> Post:
    """Return the post with this number. The number of its only media is the post's own."""
    return Post(
        platform="instagram",
        id=pk,
        url=f"{ROOT}/p/{shortcode_of(pk)}/",
        author=author,
        caption=caption,
        posted_at=posted_at,
        media=tuple(media),
        pinned=pinned,
    )


def make_story(
    media: Media, *, author: str, posted_at: datetime | None = None, kept: bool = False
) -> Post:
    """Return one item of somebody's story: a post of its own, also if it was kept as a highlight.

    A kept one stands out of order, as pinned posts do: new ones may come into any highlight.
    """
    return Post(
        platform="instagram",
        id=media.id,
        url=f"{ROOT}/stories/{author}/{media.id}/",
        author=author,
        posted_at=posted_at,
        media=(media,),
        pinned=kept,
    )
