"""How YouTube's lists become pages: in few words, each new video looked at when somebody wants it."""

from collections.abc import AsyncIterator
from dataclasses import replace

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, Listing
from gatherum.providers.engines.readers import listing_by
from gatherum.providers.youtube.posts import post_of, whole
from gatherum.providers.youtube.watch import HEADERS, ROOT, watch, why

AT_ONCE = 10  # videos a page: a failure costs the words of no more


def explained(listing: Listing) -> Listing:
    """Return a listing that asks the page why nothing was found, where nothing was.

    Everything that YouTube refuses has status 200, so an engine can only guess.
    """

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        found = cursor is not None
        try:
            async for page in listing(target, client, cursor):
                found = found or bool(page.posts)
                yield page
        except (RateLimited, Gone, Challenge):
            raise
        except (UnexpectedResponse, Unavailable, LoginRequired) as error:
            said = None if found else await why(client, target.url)
            raise said or error from error

    return listed


def in_few_words(*, ordered: bool) -> Listing:
    """Return a listing of what a tab or a playlist holds: one request for dozens of videos.

    A list that is not `ordered` by date shows what is new anywhere: none of its videos ends it.
    """
    flat = listing_by("ytdlp", post_of, flat=True, subtitles=True)

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        async def finish(post: Post) -> Post | None:
            return await finished(post, client)

        batch: list[Post] = []
        behind = cursor
        empty = False
        try:
            async for page in flat(target, client, cursor):
                empty = empty or page.empty
                batch += [post if ordered else replace(post, pinned=True) for post in page.posts]
                behind = page.cursor
                if len(batch) >= AT_ONCE or behind is None:
                    empty = empty and not batch
                    yield Page(posts=tuple(batch), cursor=behind, finish=finish, empty=empty)
                    batch = []
        except SourceError:
            if batch and behind is not None:
                yield Page(posts=tuple(batch), cursor=behind, finish=finish)
            raise

    return listed


async def finished(post: Post, client: Client) -> Post | None:
    """Return a listed video with all that its page says, by one request.

    One that YouTube withholds stays as it was listed: fetching it will tell why. None while it has
    not been broadcast to the end.
    """
    player = await watch(client, post.id)
    if player is None:
        raise UnexpectedResponse("YouTube answers in a form that is not known here.")
    match player.playability.refusal:
        case None:
            return whole(post, player)
        case RateLimited() | Challenge() as error:
            raise error
        case _ if player.details is not None and player.details.upcoming:
            return None
        case _:
            return post


class Head(BaseModel):
    channel: str = Field(alias="externalId", pattern=r"^UC[\w-]{22}$")


async def everything(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield all that a channel has published, newest first, whichever its kind.

    A channel's own page shows one kind after another, so that what is new of the second would
    stand behind all of the first; its list of uploads has them by date.
    """
    channel = await _channel(target, client)
    uploads = f"{ROOT}/playlist?list=UU{channel.removeprefix('UC')}"
    pages = _uploads(replace(target, url=uploads), client, cursor)
    found = cursor is not None
    try:
        async for page in pages:
            found = found or bool(page.posts)
            yield page
    except Gone:
        if found or (said := await why(client, target.url)):
            raise said or UnexpectedResponse("YouTube's lists contradict each other.") from None
        yield Page(posts=(), cursor=None, empty=True)  # a channel without any video has no list


_uploads = explained(in_few_words(ordered=True))


async def _channel(target: Target, client: Client) -> str:
    """Return the lasting name of a channel, which its page tells."""
    name = target["channel"]
    if name.startswith("UC"):
        return name
    page = await client.text(target.url, headers=HEADERS)
    found = page.text.partition('"externalId":')[2].partition(",")[0].strip(' "}')
    try:
        return Head(externalId=found).channel
    except ValidationError:
        raise (
            await why(client, target.url)
            or UnexpectedResponse("YouTube answers in a form that is not known here.")
        ) from None
