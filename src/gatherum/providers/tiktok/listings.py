"""How a listing of an engine becomes pages of whole posts, and never an empty list by mistake."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from gatherum.errors import RateLimited, SourceError, Unavailable, UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, EngineRequest, Listing
from gatherum.providers.engines.drafts import pages
from gatherum.providers.tiktok.posts import ROOT, post_of
from gatherum.providers.tiktok.told import ask

BATCH = 5  # TikTok pins three posts at most: a batch always shows some that are not pinned
Finish = Callable[[Post, Client], Awaitable[Post]]


def explained(listing: Listing, form: str = "{url}", *, may_be_empty: bool = False) -> Listing:
    """Return a listing that asks a page why nothing was found, where nothing was.

    `form` is its address, a template over the target's `url` and `key`.
    """

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        found, url = cursor is not None, form.format(url=target.url, key=target.key)
        try:
            async for page in listing(target, client, cursor):
                found = found or bool(page.posts)
                if found or may_be_empty:
                    yield page
        except RateLimited:
            raise
        except (UnexpectedResponse, Unavailable):
            if not found and await _shows_nothing(client, url):
                yield Page(posts=(), cursor=None, empty=True)
                return
            raise
        if found or may_be_empty:
            return
        if not await _shows_nothing(client, url):
            raise UnexpectedResponse("TikTok answers in a form that the extractor does not know.")
        yield Page(posts=(), cursor=None, empty=True)

    return listed


def batched(listing: Listing, finish: Finish, *, by_date: bool = False) -> Listing:
    """Return a listing in pages of few posts, each of them finished.

    `by_date` tells that posts which stand before a newer one can only be pinned there.
    """

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        batch: list[Post] = []
        behind: str | None = None
        empty = False
        try:
            async for page in listing(target, client, cursor):
                empty = empty or page.empty
                for post in page.posts:
                    batch.append(await finish(post, client))  # noqa: PERF401  # kept if one fails
                behind = page.cursor
                if len(batch) >= BATCH or behind is None:
                    posts = marked(batch) if by_date else tuple(batch)
                    empty = empty and not posts
                    yield Page(posts=posts, cursor=behind, by_date=by_date, empty=empty)
                    batch = []
        except SourceError:
            if batch and behind is not None:
                posts = marked(batch) if by_date else tuple(batch)
                yield Page(posts=posts, cursor=behind, by_date=by_date)
            raise

    return listed


async def whole(post: Post, client: Client) -> Post:
    """Return a listed post with all that it holds.

    One that TikTok withholds by itself stays as it was listed: fetching it will tell why. Even
    "does not exist" proves nothing of what was listed just now: addresses that TikTok shuts out are
    told the same (as yt-dlp 2026.10 reads it).
    """
    url = f"{ROOT}/@{post.author}/video/{post.id}"
    request = EngineRequest(engine="gallerydl", url=url)
    found = [one async for page in pages(client, request, post_of, None) for one in page.posts]
    if found:
        return found[0]
    said = await ask(client, url)
    if said is None or said.refusal is None:
        raise UnexpectedResponse("TikTok answers in a form that the extractor does not know.")
    return post


async def as_it_is(post: Post, _: Client) -> Post:
    """Return a post that is whole already."""
    return post


def newest_first(listing: Listing) -> Listing:
    """Return a short listing as one page, in our order."""

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        shown = [page async for page in listing(target, client, cursor)]
        found = [post for page in shown for post in page.posts]
        found.sort(key=lambda post: (post.posted_at is not None, post.posted_at), reverse=True)
        empty = not found and any(page.empty for page in shown)
        yield Page(posts=tuple(found), cursor=None, empty=empty)

    return listed


async def _shows_nothing(client: Client, url: str) -> bool:
    """Return whether TikTok itself says that there is nothing; raises what else it says."""
    said = await ask(client, url)
    if said is not None and said.refusal is not None:
        raise said.refusal
    return said is not None and said.is_empty


def marked(posts: list[Post]) -> tuple[Post, ...]:
    """Return posts of which those before the newest can only be pinned there."""
    dates = [post.posted_at for post in posts if post.posted_at is not None]
    newest = next((n for n, post in enumerate(posts) if dates and post.posted_at == max(dates)), 0)
    return tuple(replace(post, pinned=True) for post in posts[:newest]) + tuple(posts[newest:])
