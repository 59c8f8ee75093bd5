"""Posts of X as Nitter shows them, on whatever host: the same posts, their files at X's own addresses.

An instance learns whom one follows. So none is asked but by a link to it.
"""

import base64
import binascii
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post, Transport
from gatherum.ports import EngineFile
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import YTDL, text_of
from gatherum.providers.urls import kind_of
from gatherum.providers.x.posts import Author, address_of, media_id_of, moment_of, sizes_at

PICTURES = "https://pbs.twimg.com/"


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
        media=tuple(_media(file) for file in draft.files),
    )


def _media(file: EngineFile) -> Media:
    shown = file.url.removeprefix(YTDL)
    streamed = file.url.startswith(YTDL)
    address = _original_of(shown)
    media = Media(
        id=media_id_of(address),
        url=address,
        kind=MediaKind.VIDEO if streamed else kind_of(address) or MediaKind.UNKNOWN,
        transport=Transport.YTDLP if streamed else Transport.HTTP,
        mirrors=(shown,),
    )
    if media.kind is not MediaKind.IMAGE:
        return media
    name, _, form = address.partition("?")[0].rpartition(".")
    best, *smaller = sizes_at(f"{name}?format={form}")
    return replace(media, url=best, mirrors=(*smaller, shown))


def _original_of(url: str) -> str:
    """Return the address at X that stands within one of an instance."""
    _, kind, *rest = urlsplit(url).path.split("/")
    rest = [part for part in rest if part != "orig"]
    inner = rest[-1]
    if rest[0] == "enc":
        try:
            inner = base64.urlsafe_b64decode(inner + "=" * (-len(inner) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnexpectedResponse("Nitter hides where a file is.") from error
    inner = unquote(inner)
    if kind == "video" or inner.startswith("https://"):
        return inner
    host = inner.partition("/")[0]
    return f"https://{inner}" if "." in host else PICTURES + inner
