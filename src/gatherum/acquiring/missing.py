"""What a listing should have shown and did not: its own link tells whether its source has removed it."""

from collections.abc import Sequence
from typing import Final

import structlog

from gatherum.acquiring.acquisition import Ask
from gatherum.errors import Gone, InvalidInput, SourceError
from gatherum.library.catalogue import Catalogue
from gatherum.model import Page, Target
from gatherum.ports import Clock
from gatherum.providers import find_targets

log = structlog.get_logger()
MOST: Final = 10  # posts asked for after one listing
AGAIN_S: Final = 86_400.0  # until one that is still there is asked for again


class Missing:
    """Asks for known posts that are missing from a listing, a few at a time."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._asked: dict[int, float] = {}

    async def settle(self, subscription: int, shown: Sequence[Page], ask: Ask) -> None:
        """Note which posts are gone that should stand on the pages `shown`, and do not.

        Only the platform's own word counts: a post may be missing because it is hidden, or because
        this way does not show its kind. A listing that is not in the order of dates says nothing.
        """
        since = _since(shown)
        if since is None:
            return
        now = self._clock.now()
        self._asked = {post: at for post, at in self._asked.items() if at > now - AGAIN_S}
        posts = [post for page in shown for post in page.posts]
        missing = await self._catalogue.missing(subscription, posts, since)
        for post, url in [one for one in missing if one[0] not in self._asked][:MOST]:
            self._asked[post] = now
            try:
                await ask(url)
            except Gone:
                log.info("removed_at_source", post=post)
                await self._catalogue.removed(post)
            except InvalidInput:
                continue  # a link that nobody can follow
            except SourceError as error:
                log.info("missing_not_settled", post=post, reason=error.reason)
                return

    async def settle_target(self, target: Target) -> None:
        """Note that the post is gone which a target is, whose source has just said so.

        What holds several posts is none, and to be called like a post does not make it one.
        """
        known = await self._catalogue.posts_at(target)
        if len(known) == 1 and _leads_to(known[0][1], target):
            await self._catalogue.removed(known[0][0])


def _leads_to(url: str, target: Target) -> bool:
    try:
        claims = find_targets(url)
    except (InvalidInput, SourceError):
        return False
    return any(
        (found.platform, found.host, found.feed, found.key)
        == (target.platform, target.host, target.feed, target.key)
        for _, found in claims
    )


def _since(shown: Sequence[Page]) -> float | None:
    """Return the moment since which no post can stand behind the pages; None if they do not tell."""
    pages = [[post for post in page.posts if not post.pinned] for page in shown]
    loose = [post for page in pages for post in page]
    if any(page.overlaps for page in shown):
        newest = next((page[0].posted_at for page in reversed(pages) if page), None)
        return None if newest is None else newest.timestamp()
    dates = [post.posted_at for post in loose if post.posted_at is not None]
    if not dates or len(dates) < len(loose) or dates != sorted(dates, reverse=True):
        return None
    return dates[-1].timestamp()
