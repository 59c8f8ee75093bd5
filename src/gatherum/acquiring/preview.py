"""A preview: what is behind a link, and how much of it is new, before anybody decides."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from gatherum.acquiring.desk import Desk
from gatherum.acquiring.links import Links
from gatherum.errors import InvalidInput, LoginRequired, SourceError, Unavailable
from gatherum.fetching.http import Meter
from gatherum.jobs.scheduler import Every
from gatherum.library.holdings import Held, Holdings
from gatherum.model import Media, MediaKind, Post, Reason, Target, Transport
from gatherum.subscriptions.follow import Subscriptions, title_of
from gatherum.subscriptions.model import Subscription
from gatherum.subscriptions.pace import USUAL, suggest

SHOWN = 8  # media
DEADLINE_S = 20.0
AT_ONCE = 4
WITH_YOURS = "A preview asks as a visitor; to get it, a login that you keep for it is used."
NEW = "new"  # the state of what the library does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """One media of a preview. `held` is what the library knows of it."""

    post: Post
    media: Media
    held: Held | None

    @property
    def thumbnail(self) -> str | None:
        """The address of the picture at the source; nobody fetches it for the preview."""
        plain = self.media.kind is MediaKind.IMAGE and self.media.transport is Transport.HTTP
        return self.media.url if plain else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What could be seen of a link. `reason` says why it is less than was asked for."""

    url: str
    target: Target | None = None
    title: str = ""
    posts: int = 0  # that were looked at
    items: tuple[Glimpse, ...] = ()
    states: Mapping[str, int]  # of all media that were looked at
    subscription: Subscription | None = None
    timing: Every = USUAL
    reason: Reason | None = None
    detail: str | None = None


class Previews:
    """Looks at links, a few at a time, within the budget and a deadline. It records nothing."""

    def __init__(
        self,
        *,
        desk: Desk,
        links: Callable[[], Awaitable[Links]],
        holdings: Holdings,
        subscriptions: Subscriptions,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._desk = desk
        self._links = links
        self._holdings = holdings
        self._subscriptions = subscriptions
        self._deadline_s = deadline_s
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def look(self, url: str, login: int | None) -> Preview:
        """Return what is behind a link; cancelling stops all requests for it."""
        target: Target | None = None
        posts: list[Post] = []
        trouble: SourceError | None = None
        try:
            async with asyncio.timeout(self._deadline_s), self._gate:
                target = await self._desk.resolve(url, login)
                await self._list(target, login, posts)
        except InvalidInput as error:
            return Preview(url=url, states={}, reason=Reason.UNSUPPORTED, detail=str(error))
        except TimeoutError:
            trouble = Unavailable("The source takes longer than a preview may wait.")
        except SourceError as error:
            trouble = error
        return await self._preview(url, target, posts, trouble)

    async def _list(self, target: Target, login: int | None, posts: list[Post]) -> None:
        """Add posts until there are media enough."""
        links = await self._links()
        async with links.turns.take(login, target.platform, alone=True) as turn:
            pages = links.peek(target, turn=turn, meter=Meter())
            try:
                async with aclosing(pages):
                    async for _, page in pages:
                        posts += page.posts
                        if sum(len(post.media) for post in posts) >= SHOWN:
                            return
            except LoginRequired as error:
                if await turn.could_come_in(target):
                    raise LoginRequired(f"{error} {WITH_YOURS}") from error
                raise

    async def _preview(
        self, url: str, target: Target | None, posts: Sequence[Post], trouble: SourceError | None
    ) -> Preview:
        # What is pinned stands first and is old: it says nothing of how often there is more.
        newest = sorted(posts, key=lambda post: post.pinned)
        offered = [(post, media) for post in newest for media in post.media]
        names = [(post.platform, post.host, media.id) for post, media in offered]
        held = await self._holdings.of_media(names)
        states = Counter(held[name].state if name in held else NEW for name in names)
        shown = zip(offered[:SHOWN], names, strict=False)
        return Preview(
            url=url,
            target=target,
            title=title_of(target) if target else "",
            posts=len(posts),
            items=tuple(
                Glimpse(post=post, media=media, held=held.get(name))
                for (post, media), name in shown
            ),
            states=dict(states),
            subscription=await self._subscriptions.find(target) if target else None,
            timing=suggest(_times(newest)),
            reason=trouble.reason if trouble else None,
            detail=str(trouble) if trouble else None,
        )


def _times(posts: Sequence[Post]) -> list[float]:
    return [p.posted_at.timestamp() for p in posts if p.posted_at is not None and not p.pinned]
