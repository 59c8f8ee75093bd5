"""X, once Twitter: through gallery-dl, and a video alone through yt-dlp too.

A single post is shown to visitors; all else needs a login (its cookies `auth_token` and `ct0`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from gatherum.errors import SourceError, UnexpectedResponse, Withheld
from gatherum.model import Page, Post, Target, Transport
from gatherum.ports import Client, EngineRequest, Json, Listing
from gatherum.providers import Needs, add_way, provider
from gatherum.providers.engines.drafts import AT, pages
from gatherum.providers.engines.readers import listing_by
from gatherum.providers.x.posts import read_post, read_video
from gatherum.providers.x.words import says_nothing, what_x_says

ROOT = "https://x.com"
LOGIN = Needs(login=True)
SITE = (
    r"https?://(?:(?:www|mobile|m)\.)?"
    r"(?:x\.com|twitter\.com|twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid\.onion)"
)
# They show a post of X to other programs under its own path.
EMBEDDERS = r"https?://(?:\w+\.)?(?:[fv]xtwitter|fixupx|fixvx)\.com"
# What stands in the place of a name and is none.
PAGES = (
    "about|account|compose|download|explore|hashtag|home|i|intent|jobs|login|logout|messages"
    "|notifications|privacy|search|settings|share|signup|tos"
)
USER = rf"(?!(?:{PAGES})(?:[/?]|$))(?P<user>\w{{1,20}})"
# A failure inside X is no reason to ask ten times: the job as a whole is tried again.
OPTIONS: Mapping[str, Json] = {"retries-api": 0}


def _listing(form: str, options: Mapping[str, Json] = OPTIONS, *, by_date: bool = False) -> Listing:
    """Return what gallery-dl finds; a failure means what X itself says of it."""

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        url = ROOT + form.format_map(target.values)
        request = EngineRequest(engine="gallerydl", url=url, options=options)
        found = False
        try:
            listed = pages(
                client, request, read_post, cursor, by_date=by_date, nothing=says_nothing
            )
            async for page in listed:
                found = found or bool(page.posts)
                yield page
        except SourceError as error:
            meant = None if found else what_x_says(error)
            if meant is None:
                raise
            raise meant from error

    return listing


async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what somebody published with media, newest first.

    What is older than the few thousand posts of the media tab, gallery-dl finds by a search. A
    cursor also names the last post before it: gallery-dl 1.32 trips over one that stands at the end
    of the tab, and the search begins behind that post then.
    """
    place, _, last = (cursor or "").partition("#")
    found = False
    try:
        async for page in _timeline(target, client, place or None):
            if page.posts:
                found, last = True, page.posts[-1].id
            yield replace(page, cursor=page.cursor and f"{page.cursor}#{last}")
    except UnexpectedResponse:
        if found or not last or not place.startswith(f"{AT}1/"):
            raise
        async for page in _timeline(target, client, f"{AT}2_{last}/"):
            yield replace(page, cursor=page.cursor and f"{page.cursor}#{last}")


async def single(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield one post; for that of somebody who shares another's it is the other's."""
    pages = [page async for page in _single(target, client, cursor)]
    posts = [post for page in pages for post in page.posts]
    if not posts and not any(page.empty for page in pages):
        raise UnexpectedResponse("X shows this post in an unknown form.")
    if not posts:
        raise Withheld("X does not show this post just now.")
    yield Page(posts=tuple(posts), cursor=None)


async def video(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the videos of one post, as yt-dlp finds them; its pictures are left out.

    A quoted post's video is among them, with its own id. Of those that must be put together only
    the first can be had.
    """
    whole: dict[str, Post] = {}
    async for page in _videos(target, client, cursor):
        for post in page.posts:
            if (before := whole.get(post.id)) is None:
                whole[post.id] = post
            else:
                more = (one for one in post.media if one.transport is Transport.HTTP)
                whole[post.id] = replace(before, media=(*before.media, *more))
    yield Page(posts=tuple(whole.values()), cursor=None)


_timeline = _listing("/{user}/timeline", by_date=True)
_single = _listing("/i/status/{id}", {**OPTIONS, "text-tweets": True, "retweets": "original"})
_videos = listing_by("ytdlp", read_video)

provider(
    platform="x",
    feed="user",
    # The second form is that of the buttons on other sites; in no other one an & stands before a question mark.
    pattern=rf"{SITE}/(?=intent/|[^?&]*(?:\?|$))(?:intent/(?:user|follow)/?\?(?:.*&)?screen_name=)?{USER}"
    r"(?:/(?:timeline|tweets|with_replies)|&.*)?",
    example=ROOT + "/gatherum_demo",
    needs=LOGIN,
    via="gallerydl",
    canonical=ROOT + "/{user}",
    ignore_case=True,
)(user)

for _feed, _pattern, _path, _by_date in (
    ("media", rf"{SITE}/{USER}/media", "/{user}/media", True),
    ("likes", rf"{SITE}/{USER}/likes", "/{user}/likes", False),
    ("list", rf"{SITE}/i/lists/(?P<list>\d+)", "/i/lists/{list}", True),
):
    provider(
        platform="x",
        feed=_feed,
        pattern=_pattern,
        example=ROOT + _path.format(user="gatherum_demo", list="1234"),
        needs=LOGIN,
        via="gallerydl",
        canonical=ROOT + _path,
        ignore_case=True,
    )(_listing(_path, by_date=_by_date))

provider(
    platform="x",
    feed="hashtag",
    pattern=rf"{SITE}/hashtag/(?P<tag>[^/?]+)",
    example=ROOT + "/hashtag/fog",
    needs=LOGIN,
    via="gallerydl",
    canonical=ROOT + "/hashtag/{tag}",
    ignore_case=True,
)(_listing("/search?q=%23{tag}", by_date=True))

provider(
    platform="x",
    feed="bookmarks",
    pattern=rf"{SITE}/i/(?:bookmarks|history)",
    example=ROOT + "/i/bookmarks",
    needs=LOGIN,
    via="gallerydl",
    key="bookmarks",  # of whoever is logged in
    canonical=ROOT + "/i/bookmarks",
)(_listing("/i/bookmarks"))

provider(
    platform="x",
    feed="search",
    pattern=rf"{SITE}/search/?\?(?:.*&)?q=(?P<query>[^&]+)(?:&.*)?",
    example=ROOT + "/search?q=fog%20from%3Agatherum_demo",
    needs=LOGIN,
    via="gallerydl",
    canonical=ROOT + "/search?q={query}",  # its order is always from the newest
)(_listing("/search?q={query}", by_date=True))

provider(
    platform="x",
    feed="status",
    pattern=rf"(?:{SITE}|{EMBEDDERS})/(?:(?:(?:\w+|i/web)/)?status(?:es)?"
    r"|i/(?:cards/tfw/v1|videos(?:/tweet)?))/(?P<id>\d+)(?:\.\w{3,4})?(?:/(?!quotes\b).*)?",
    example=ROOT + "/gatherum_demo/status/1976873728210846712",
    needs=Needs(),
    via="gallerydl",
    canonical=ROOT + "/i/status/{id}",
)(single)

add_way(
    video,
    platform="x",
    feed="status",
    via="ytdlp",
    example=ROOT + "/gatherum_demo/status/1976873728210846712",
    order=300,
)
