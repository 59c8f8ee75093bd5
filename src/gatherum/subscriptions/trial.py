"""What a filter would do, tried on posts of the past."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gatherum.model import Media, Post
from gatherum.query.filter import Filter

EXAMPLES = 5  # of each side
POSTS = 100  # left out whole, of which each is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A media on one side of the filter; `condition` is what left it out."""

    post: Post
    media: Media
    condition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it. A post is kept if anything of it is."""

    posts: int
    kept: int
    media: int
    media_kept: int
    conditions: tuple[tuple[str, int], ...]  # what left how many media out, the most first
    examples: tuple[Example, ...]


def try_filter(wanted: Filter, posts: Sequence[Post]) -> Trial:
    """Try a filter on posts."""
    kept: list[Example] = []
    left_out: list[Example] = []
    without: list[Example] = []  # of each post of which nothing is kept
    posts_kept = 0
    for post in posts:
        before, before_left = len(kept), len(left_out)
        for media in post.media:
            condition = wanted.refusal(post, media)
            side = kept if condition is None else left_out
            side.append(Example(post=post, media=media, condition=condition))
        posts_kept += len(kept) > before
        if len(kept) == before:
            without += left_out[before_left : before_left + 1]
    return Trial(
        posts=len(posts),
        kept=posts_kept,
        media=len(kept) + len(left_out),
        media_kept=len(kept),
        conditions=tuple(Counter(str(one.condition) for one in left_out).most_common()),
        examples=(*(without[:POSTS] or left_out[:EXAMPLES]), *kept[:EXAMPLES]),
    )
