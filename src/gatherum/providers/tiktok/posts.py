"""What the engines say of TikTok's posts. A post has the same ids whoever brings it.

A video is known by its post's id, the pictures of a slideshow by that and their number, its sound
by that and a word. The host of the videos gives a film only to the visit that was shown its
address (the query has `tk=tt_chain_token`), so yt-dlp brings it, from the post's page.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import UnexpectedResponse, Unsupported
from gatherum.model import Media, MediaKind, Post, Transport
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.urls import name_of

ROOT = "https://www.tiktok.com"


class Author(BaseModel):
    name: str = Field(alias="uniqueId")


class Video(BaseModel):
    width: int | None = None
    height: int | None = None
    duration: float | None = None


class Addresses(BaseModel):
    urls: list[str] = Field(alias="urlList", min_length=1)


class Picture(BaseModel):
    at: Addresses = Field(alias="imageURL")
    width: int | None = Field(None, alias="imageWidth")
    height: int | None = Field(None, alias="imageHeight")


class Slides(BaseModel):
    images: list[Picture] = Field(min_length=1)


class Sound(BaseModel):
    url: str | None = Field(None, alias="playUrl")
    duration: float | None = None


class Item(BaseModel):
    """A post as its page describes it; gallery-dl hands it on whole."""

    id: str
    desc: str
    created: int = Field(alias="createTime")
    author: Author
    video: Video | None = None
    slides: Slides | None = Field(None, alias="imagePost")
    music: Sound | None = None
    pinned: bool = Field(default=False, alias="isPinnedItem")


class Listed(Video):
    """A video, or a post of any kind in a list, as yt-dlp describes them."""

    id: str
    description: str = ""
    uploader: str = ""
    timestamp: int | None = None  # of a video, None on others' pages that show it
    vcodec: str = ""


@reads("gallerydl", "tiktok")
def post_of(draft: Draft) -> Post | None:
    """Return the post that gallery-dl speaks of; None if TikTok shows nothing of it."""
    if not draft.meta.get("video") and not draft.meta.get("imagePost"):
        return None
    try:
        item = Item.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("TikTok describes its posts in an unknown form.") from error
    return post_from(item, draft.files[0].headers if draft.files else {})


def post_from(item: Item, headers: Mapping[str, str]) -> Post:
    """Return a post as TikTok describes it; its pictures and its sound are asked for with `headers`."""
    form = "video" if item.slides is None else "photo"
    film = item.video or Video()
    return Post(
        platform="tiktok",
        id=item.id,
        url=f"{ROOT}/@{item.author.name}/{form}/{item.id}",
        author=item.author.name,
        caption=item.desc,
        posted_at=datetime.fromtimestamp(item.created, UTC),
        media=_shown(item, headers) if item.slides else (_film(item.id, item.author.name, film),),
        pinned=item.pinned,
    )


@reads("ytdlp", "tiktok")
def video_of(draft: Draft) -> Post:
    """Return the video that yt-dlp speaks of. One in a list may turn out to be a slideshow."""
    try:
        video = Listed.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("TikTok describes its videos in an unknown form.") from error
    if video.vcodec == "none":
        raise Unsupported("This is a slideshow: yt-dlp would bring its sound alone.")
    at = video.timestamp
    return Post(
        platform="tiktok",
        id=video.id,
        url=f"{ROOT}/@{video.uploader}/video/{video.id}",
        author=video.uploader,
        caption=video.description,
        posted_at=None if at is None else datetime.fromtimestamp(at, UTC),
        media=(_film(video.id, video.uploader, video),),
    )


def _film(post: str, author: str, video: Video) -> Media:
    return Media(
        id=post,
        url=f"{ROOT}/@{author}/video/{post}",
        kind=MediaKind.VIDEO,
        transport=Transport.YTDLP,
        width=video.width,
        height=video.height,
        duration=video.duration,
    )


def _shown(item: Item, headers: Mapping[str, str]) -> tuple[Media, ...]:
    pictures = [
        Media(
            id=f"{item.id}_{number}",
            url=picture.at.urls[0],
            kind=MediaKind.IMAGE,
            headers=headers,
            mirrors=tuple(picture.at.urls[1:]),
            filename=name_of(picture.at.urls[0]) or None,
            width=picture.width,
            height=picture.height,
        )
        for number, picture in enumerate(item.slides.images if item.slides else (), start=1)
    ]
    sound = item.music
    if sound is None or not sound.url:
        return tuple(pictures)  # it was silenced, for its rights or by its author
    heard = Media(
        id=f"{item.id}_sound",
        url=sound.url,
        kind=MediaKind.AUDIO,
        headers=headers,
        duration=sound.duration,
    )
    return (*pictures, heard)
