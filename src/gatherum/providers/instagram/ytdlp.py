"""Instagram through yt-dlp: the videos of a post, of stories and of a highlight, and no pictures.

A public post needs no login this way.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import BaseModel

from gatherum.errors import SourceError, UnexpectedResponse, Unsupported
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client, EngineRequest
from gatherum.providers import Needs, add_way
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import reads
from gatherum.providers.instagram.answers import reread
from gatherum.providers.instagram.ids import pk_of
from gatherum.providers.instagram.posts import ROOT, make_post, make_story

POST_PAGE = re.compile(r"/(?:p|tv|reels?)/(?P<code>[\w-]+)")


class Video(BaseModel):
    id: str  # the shortcode of the video itself, also within a post of several
    channel: str
    description: str = ""
    timestamp: float | None = None
    webpage_url: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None


async def videos(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the videos behind a link, in whole posts. `Unsupported` if there are none."""
    request = EngineRequest(engine="ytdlp", url=target.url)
    posts: dict[str, Post] = {}
    try:
        async for page in pages(client, request, video_of, cursor):
            for post in page.posts:
                known = posts.get(post.id)
                posts[post.id] = replace(known, media=known.media + post.media) if known else post
    except SourceError as error:
        raise reread(error, visitors=True) from error
    if not posts:
        raise Unsupported("yt-dlp brings the videos of Instagram only, and finds none here.")
    found = sorted(posts.values(), key=lambda post: int(post.id), reverse=True)  # they tell time
    yield Page(posts=tuple(found), cursor=None)


@reads("ytdlp", "instagram", "instagramstory")
def video_of(draft: Draft) -> Post | None:
    """Return the post of one video; None for a picture, and for what could not be told from others."""
    if not draft.files:
        return None
    try:
        video = Video.model_validate(draft.meta)
        pk = pk_of(video.id)
    except ValueError as error:
        raise UnexpectedResponse(
            "yt-dlp describes Instagram's posts in an unknown form."
        ) from error
    page = POST_PAGE.search(video.webpage_url)
    code = page["code"] if page else ""
    file = draft.files[0]
    plain = file.meta.get("merged") is False
    if not plain and code != video.id:
        return None  # the page is all that yt-dlp could be led to, and there are several on it
    media = Media(
        id=pk,
        url=file.url if plain else f"{ROOT}/p/{code}/",
        kind=MediaKind.VIDEO,
        transport=Transport.HTTP if plain else Transport.YTDLP,
        headers=file.headers if plain else {},
        width=video.width,
        height=video.height,
        duration=video.duration,
    )
    at = None if video.timestamp is None else datetime.fromtimestamp(video.timestamp, UTC)
    if not code:
        kept = "/stories/highlights/" in video.webpage_url
        return make_story(media, author=video.channel, posted_at=at, kept=kept)
    return make_post(
        pk_of(code), [media], author=video.channel, caption=video.description, posted_at=at
    )


for _feed, _path, _needs in (
    ("post", "/p/DPlabcdEFGH/", Needs()),
    ("stories", "/stories/gatherum_demo/", Needs(login=True)),
    ("highlight", "/stories/highlights/17900000000000001/", Needs(login=True)),
):
    add_way(
        videos,
        platform="instagram",
        feed=_feed,
        via="ytdlp",
        example=ROOT + _path,
        needs=_needs,
        order=200,
    )
