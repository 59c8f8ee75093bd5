"""Step 3 of the straight line: which of the media that were listed are fetched."""

from collections.abc import Sequence
from dataclasses import replace

from gatherum.model import KEEP, Decision, Media, Part, Post, Reason
from gatherum.query.filter import Filter

BEYOND = Decision(reason=Reason.FILTERED, detail="Left out by the limit of posts to go back.")


def select(posts: Sequence[Post], wanted: Filter) -> list[Decision]:
    """Return a decision for each media of the posts, in their order."""
    return [_decide(post, media, wanted) for post in posts for media in post.media]


class LimitedSelection:
    """Selects from page after page, until `limit` posts were let through.

    Pinned posts, which stand out of order, do not use it up; a post that comes again does not, too.
    """

    def __init__(self, wanted: Filter, limit: int) -> None:
        self._wanted = wanted
        self._limit = limit
        self._within: set[str] = set()

    def __call__(self, posts: Sequence[Post]) -> list[Decision]:
        """Return a decision for each media of the posts, in their order."""
        decisions: list[Decision] = []
        for post in posts:
            if not post.pinned and len(self._within) < self._limit:
                self._within.add(post.id)
            if post.pinned or post.id in self._within:
                decisions += select([post], self._wanted)
            else:
                decisions += [BEYOND for _ in post.media]
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
