"""Posts of X as the engines speak of them. A post's id and its files' ids are X's, by every way."""

import base64
import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post, Transport
from gatherum.ports import EngineFile
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import date_of

KINDS = {
    "photo": MediaKind.IMAGE,
    "article:cover": MediaKind.IMAGE,
    "article:image": MediaKind.IMAGE,
    "article:video": MediaKind.VIDEO,
    "video": MediaKind.VIDEO,
    "animated_gif": MediaKind.VIDEO,  # X keeps no GIF, but a film without sound
}
SIZES = ("orig", "4096x4096", "large")  # the last two are for where the original cannot be had
EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)  # ids count milliseconds from here on
DAY = 86_400_000
FIRST = 300_000_000_000_000  # smaller ids are older than that and tell no time
NUMBERED = re.compile(r"_video(?:_thumb)?/(\d+)/")
NAMED = re.compile(r"/(?:media|tweet_video)/([\w-]{11})[\w-]{4}(?![\w-])")
LAST_LINK = re.compile(r"\s*https://t\.co/\w+$")  # to the post's own media
PAGE = re.compile(r"/(?:(\w+|i/web)/)?status(?:es)?/(\d+)")


class Author(BaseModel):
    name: str | None = None  # an account that has gone private is empty


class Tweet(BaseModel):
    tweet_id: int
    retweet_id: int = 0
    author: Author
    content: str
    date: str | None = None
    pinned: bool = False


class File(BaseModel):
    type: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    filename: str = ""
    extension: str = ""


class Video(BaseModel):
    id: str
    extractor_key: str
    webpage_url: str
    description: str = ""
    uploader_id: str | None = None
    timestamp: float | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None


@reads("gallerydl", "twitter")
def read_post(draft: Draft) -> Post:
    """Return the post that gallery-dl speaks of; one that was shared is what it was at first."""
    try:
        tweet = Tweet.model_validate(draft.meta)
        number = tweet.retweet_id or tweet.tweet_id
        media = tuple(_media(file, number, index) for index, file in enumerate(draft.files, 1))
    except ValidationError as error:
        raise UnexpectedResponse("X describes its posts in an unknown form.") from error
    author = tweet.author.name or ""
    return Post(
        platform="x",
        id=str(number),
        url=address_of(author, number),
        author=author,
        caption=tweet.content.removeprefix(f"RT @{author}: " if tweet.retweet_id else ""),
        posted_at=moment_of(number) or date_of(tweet.date),
        media=media,
        pinned=tweet.pinned,
    )


@reads("ytdlp", "twitter")
def read_video(draft: Draft) -> Post | None:
    """Return the post of the video that yt-dlp speaks of; None for what stands on another site."""
    try:
        video = Video.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("X describes its videos in an unknown form.") from error
    if video.extractor_key != "Twitter" or not draft.files:
        return None
    page = PAGE.search(video.webpage_url)
    if page is None:
        raise UnexpectedResponse("It is not known which post of X this video is of.")
    named = page[1] if page[1] not in {None, "i", "i/web"} else ""
    author, number = video.uploader_id or named, int(page[2])
    return Post(
        platform="x",
        id=str(number),
        url=address_of(author, number),
        author=author,
        caption=LAST_LINK.sub("", html.unescape(video.description)),
        posted_at=moment_of(number) or date_of(video.timestamp),
        media=(_video(draft.files[0], video, number),),
    )


def media_id_of(url: str, post: int, index: int) -> str:
    """Return X's own id of a file of a post; post and index where its address tells none.

    It stands in the address of a video. A picture's name is eleven bytes in Base64; the first eight
    are the number, unless it tells a time long after that of the post.
    """
    path = unquote(urlsplit(url).path)
    if found := NUMBERED.search(path):
        return found[1]
    if found := NAMED.search(path):
        number = int.from_bytes(base64.urlsafe_b64decode(found[1] + "="))
        if number >> 22 <= (post >> 22) + DAY:
            return str(number)
    return f"{post}_{index}"


def sizes_at(base: str) -> tuple[str, ...]:
    """Return the addresses of a picture, the largest first; `base` names it and its form."""
    return tuple(f"{base}&name={size}" for size in SIZES)


def _media(file: EngineFile, post: int, index: int) -> Media:
    shown = File.model_validate(file.meta)
    base, size, _ = file.url.partition("&name=orig")
    return Media(
        id=media_id_of(file.url, post, index),
        url=file.url,
        kind=KINDS.get(shown.type or "", MediaKind.UNKNOWN),
        headers=file.headers,
        mirrors=sizes_at(base)[1:] if size else (),
        filename=f"{shown.filename}.{shown.extension}" if shown.filename else None,
        width=shown.width or None,
        height=shown.height or None,
        duration=shown.duration or None,
    )


def _video(file: EngineFile, video: Video, post: int) -> Media:
    plain = file.meta.get("merged") is False
    return Media(
        id=media_id_of(file.url, post, 1) if plain else video.id,
        url=file.url,
        kind=MediaKind.VIDEO,
        transport=Transport.HTTP if plain else Transport.YTDLP,
        headers=file.headers if plain else {},
        width=video.width,
        height=video.height,
        duration=video.duration,
    )


def address_of(author: str, number: int) -> str:
    """Return the page of a post."""
    return f"https://x.com/{author or 'i'}/status/{number}"


def moment_of(number: int) -> datetime | None:
    """Return when a post was published: its id tells."""
    return EPOCH + timedelta(milliseconds=number >> 22) if number >= FIRST else None
