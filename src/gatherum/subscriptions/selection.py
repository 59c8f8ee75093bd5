"""Step 3 of the straight line: which of the media that were listed are fetched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatherum.model import Media, Part, Post, Reason
from gatherum.subscriptions.filter import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What becomes of one media; `reason` None keeps it."""

    reason: Reason | None = None
    detail: str | None = None


KEEP = Choice()


def select(posts: Sequence[Post], wanted: Filter, *, limit: int | None = None) -> list[Choice]:
    """Return a choice for each media of the posts, in their order.

    `limit`: how many posts count at most; pinned ones, which stand out of order, do not use it up.
    """
    choices: list[Choice] = []
    left = limit
    for post in posts:
        within = left is None or left > 0 or post.pinned
        if left is not None and not post.pinned:
            left -= 1
        choices += [
            _choose(post, media, wanted) if within else _beyond(limit) for media in post.media
        ]
    return choices


def check_fetched(post: Post, media: Media, part: Part, wanted: Filter) -> Choice:
    """Choose again when the file is here, and its kind and sizes are no longer hearsay."""
    known = replace(
        media,
        kind=part.kind,
        size=part.size,
        width=part.width or media.width,
        height=part.height or media.height,
    )
    return _choose(post, known, wanted)


def _choose(post: Post, media: Media, wanted: Filter) -> Choice:
    refusal = wanted.refusal(post, media)
    if refusal is None:
        return KEEP
    return Choice(reason=Reason.FILTERED, detail=f"Left out by the filter: {refusal}")


def _beyond(limit: int | None) -> Choice:
    return Choice(reason=Reason.FILTERED, detail=f"Left out by the limit of {limit} posts.")
