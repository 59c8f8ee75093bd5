"""Snapchat through gallery-dl, which hands on what a page holds, and a spotlight through yt-dlp."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from math import floor

from pydantic import BaseModel, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import MediaKind, Page, Post, Target
from gatherum.ports import Client, EnginePost, EngineRequest, Listing
from gatherum.providers import add_way
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import listing_by, reads
from gatherum.providers.snapchat.native import FEEDS, Feed
from gatherum.providers.snapchat.snaps import ROOT, Props, file_media, said

# gallery-dl lists no live story. But whatever it lists of a profile, it shows the page that has it.
PROFILE = "/@{user}/highlights"


class Video(BaseModel):
    id: str
    uploader: str = ""
    title: str = ""
    description: str = ""
    timestamp: float
    width: int | None = None
    height: int | None = None
    duration: float | None = None


@reads("ytdlp", "snapchatspotlight")
def post_of(draft: Draft) -> Post:
    """Return the spotlight that yt-dlp speaks of."""
    try:
        video = Video.model_validate(draft.meta)
        [file] = draft.files
    except (ValidationError, ValueError) as error:
        raise UnexpectedResponse("This spotlight is described in an unknown form.") from error
    media = file_media(file.url, MediaKind.VIDEO, video.id)
    return Post(
        platform="snapchat",
        id=video.id,
        url=f"{ROOT}/spotlight/{video.id}",
        author=video.uploader,
        caption=said(video.description, video.title),
        posted_at=datetime.fromtimestamp(floor(video.timestamp), UTC),  # as the pages tell it
        media=(replace(media, width=video.width, height=video.height, duration=video.duration),),
    )


def _by_gallerydl(feed: Feed) -> Listing:
    form = ROOT + (PROFILE if feed.page == "/@{user}" else feed.page)

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
        request = EngineRequest(engine="gallerydl", url=form.format_map(target.values))
        page = _page(await _first(client, request))
        posts = feed.read(page, target)
        yield Page(posts=posts, cursor=None, empty=not posts)

    return listing


async def _first(client: Client, request: EngineRequest) -> Props:
    """Return what the engine says first: all that it has read."""
    lines = client.extract(request)
    try:
        async for line in lines:
            if isinstance(line, EnginePost):
                return line.meta
    finally:
        if isinstance(lines, AsyncGenerator):
            await lines.aclose()
    raise UnexpectedResponse("The extractor finds nothing to speak of.")


def _page(meta: Props) -> Props:
    """Return the page again of which gallery-dl shows a part."""
    if "userProfile" in meta:
        return meta  # whole
    if meta.get("subcategory") == "spotlight":
        return {"spotlightFeed": {"spotlightStories": [{"story": meta, **meta}]}}
    person: Props = {"username": meta.get("user")}
    return {"story": meta, "userProfile": {"publicProfileInfo": person}}


for _feed in FEEDS:
    add_way(
        _by_gallerydl(_feed),
        platform="snapchat",
        feed=_feed.name,
        via="gallerydl",
        example=ROOT + _feed.example,
        order=200,
    )
add_way(
    listing_by("ytdlp", post_of, ROOT + "/spotlight/{id}"),
    platform="snapchat",
    feed="spotlight",
    via="ytdlp",
    example=f"{ROOT}/spotlight/W7_EDlXWTBiXAEEniNoMPwAAYYWtidGhudGZpAX1TKn0JAX1TKnXJAAAAAA",
    order=300,
)
