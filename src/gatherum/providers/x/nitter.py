"""X through Nitter, on instances that the person names: the same posts, their files at X's own addresses.

An instance learns whom one follows. So none is asked but with a consent, or by a link to it; and what
one does not show proves nothing.
"""

from collections.abc import AsyncIterator
from typing import Final

from pydantic import BaseModel, ValidationError

from gatherum.errors import Gone, LoginRequired, Unavailable, UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, Document, Listing
from gatherum.providers import Needs, add_way
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import YTDL, text_of
from gatherum.providers.x.nitter_pages import media_at, read_single, read_timeline
from gatherum.providers.x.posts import Author, address_of, moment_of
from gatherum.safety import foreign

CONSENT: Final = Needs(consent="x.viewer_sites")
INSTANCES: Final = "x.nitter_instances"


class Tweet(BaseModel):
    tweet_id: int
    author: Author
    content: str


@reads("gallerydl", "nitter")
def read_shown(draft: Draft) -> Post | None:
    """Return the post that gallery-dl found on an instance, None if it has no files."""
    if not draft.files:
        return None
    try:
        tweet = Tweet.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("Nitter shows posts in an unknown form.") from error
    author = tweet.author.name or ""
    return Post(
        platform="x",
        id=str(tweet.tweet_id),
        url=address_of(author, tweet.tweet_id),
        author=author,
        caption=text_of(tweet.content),
        posted_at=moment_of(tweet.tweet_id),
        media=tuple(
            media_at(
                file.url.removeprefix(YTDL),
                tweet.tweet_id,
                index,
                streamed=file.url.startswith(YTDL),
            )
            for index, file in enumerate(draft.files, 1)
        ),
    )


def _listing(path: str, query: str) -> Listing:
    """Return a timeline; a cursor is the query of the page that it stands before, on any instance."""

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        more = query.format_map(target.values) if cursor is None else cursor
        address = target["server"] + path.format_map(target.values)
        begun = cursor is not None
        while True:
            shown = await foreign.apart(read_timeline, await _text(f"{address}?{more}", client))
            if not shown.count and not begun:
                raise Unavailable("This instance of Nitter shows no posts, which proves nothing.")
            if shown.more == more:
                raise UnexpectedResponse("Nitter shows the same page again and again.")
            read = shown.count > 0 and not shown.posts
            yield Page(posts=shown.posts, cursor=shown.more, by_date=True, empty=read)
            if shown.more is None:
                return
            more, begun = shown.more, True

    return listing


async def single(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post."""
    document = await _text(f"{target['server']}/i/status/{target['id']}", client)
    yield Page(posts=(await foreign.apart(read_single, document),), cursor=None)


async def _text(url: str, client: Client) -> Document:
    try:
        return await client.text(url)
    except (Gone, LoginRequired) as error:  # nobody can log in there
        words = "This instance of Nitter does not show this, which proves nothing."
        raise Unavailable(words) from error


for _feed, _listed, _example in (
    ("user", _listing("/{user}/media", "view=timeline"), "/gatherum_demo"),
    ("media", _listing("/{user}/media", "view=timeline"), "/gatherum_demo/media"),
    ("list", _listing("/i/lists/{list}", ""), "/i/lists/1234"),
    ("hashtag", _listing("/search", "f=tweets&q=%23{tag}"), "/hashtag/fog"),
    ("search", _listing("/search", "f=tweets&q={query}"), "/search?q=fog"),
    ("status", single, "/gatherum_demo/status/1976873728210846712"),
):
    add_way(
        _listed,
        platform="x",
        feed=_feed,
        via="nitter",
        example="https://x.com" + _example,
        order=200,
        needs=CONSENT,
        direct=False,
        servers=INSTANCES,
    )
