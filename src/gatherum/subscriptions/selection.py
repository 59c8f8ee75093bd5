"""Step 3 of the straight line: which of the media that were listed are fetched."""

from collections.abc import Sequence
from dataclasses import replace

from gatherum.model import KEEP, Decision, Media, Part, Post, Reason
from gatherum.subscriptions.filter import Filter


def select(posts: Sequence[Post], wanted: Filter, *, limit: int | None = None) -> list[Decision]:
    """Return a decision for each media of the posts, in their order.

    `limit`: how many posts count at most; pinned ones, which stand out of order, do not use it up.
    """
    decisions: list[Decision] = []
    left = limit
    for post in posts:
        within = left is None or left > 0 or post.pinned
        if left is not None and not post.pinned:
            left -= 1
        decisions += [
            _decide(post, media, wanted) if within else _beyond(limit) for media in post.media
        ]
    return decisions


def check_fetched(post: Post, media: Media, part: Part, wanted: Filter) -> Decision:
    """Decide again when the file is here, and its kind and sizes are no longer hearsay."""
    known = replace(
        media,
        kind=part.kind,
        size=part.size,
        width=part.width or media.width,
        height=part.height or media.height,
        duration=part.duration or media.duration,
    )
    return _decide(post, known, wanted)


def _decide(post: Post, media: Media, wanted: Filter) -> Decision:
    refusal = wanted.refusal(post, media)
    if refusal is None:
        return KEEP
    return Decision(reason=Reason.FILTERED, detail=f"Left out by the filter: {refusal}")


def _beyond(limit: int | None) -> Decision:
    return Decision(reason=Reason.FILTERED, detail=f"Left out by the limit of {limit} posts.")
