"""Feeds: RSS, Atom, podcasts and JSON Feed, from text that the client has fetched."""

import io
import re
from calendar import timegm
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from time import struct_time

import feedparser
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from selectolax.lexbor import LexborHTMLParser

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, Document
from gatherum.providers import Needs, provider
from gatherum.providers.page import content_of
from gatherum.providers.urls import host_of, kind_of, name_of, resolve, transport_of


class Link(BaseModel):
    href: str = ""
    rel: str = ""
    type: str = ""
    length: str = ""


class Content(BaseModel):
    url: str = ""
    type: str = ""
    medium: str = ""
    filesize: str = ""
    duration: str = ""
    width: str = ""
    height: str = ""
    isdefault: str = ""


class Thumbnail(BaseModel):
    url: str = ""


class Text(BaseModel):
    value: str = ""
    base: str = ""


class Entry(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: str = ""
    link: str = ""
    title: str = ""
    title_detail: Text = Text()
    summary: str = ""
    content: list[Text] = []
    author: str = ""
    published_parsed: struct_time | None = None
    updated_parsed: struct_time | None = None
    itunes_duration: str = ""
    links: list[Link] = []
    media_content: list[Content] = []
    media_thumbnail: list[Thumbnail] = []


class Attachment(BaseModel):
    url: str
    mime_type: str = ""
    size_in_bytes: int | None = None
    duration_in_seconds: float | None = None


class Author(BaseModel):
    name: str = ""


class JsonItem(BaseModel):
    id: str | int
    url: str = ""
    title: str = ""
    summary: str = ""
    content_text: str = ""
    content_html: str = ""
    image: str = ""
    date_published: datetime | None = None
    authors: list[Author] = []
    attachments: list[Attachment] = []


class JsonFeed(BaseModel):
    version: str = Field(pattern=r"^https://jsonfeed\.org/version/")
    next_url: str = ""
    authors: list[Author] = []
    items: list[JsonItem]


@dataclass(frozen=True, slots=True)
class _Feed:
    posts: tuple[Post, ...]
    following: str | None  # the address of the older entries (RFC 5005)


@provider(
    platform="feed",
    feed="entries",
    pattern=r"https?://(?P<host>[^/?#]+)/(?:[^?#]*/)?(?:[^/?#]+\.(?:rss|atom)|(?:rss|atom|feed|podcast)\.xml)",
    example="https://podcast.example/feed.xml",
    needs=Needs(),
    key="{url}",
    order=850,
)
async def entries(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the entries, newest first; the cursor is the address of the next part."""
    url = cursor or target.url
    seen = {url}
    while True:
        document = await client.text(url)
        read = _read_json if document.text.lstrip("\ufeff \t\r\n").startswith("{") else _read_xml
        part = read(document, target.host or host_of(target.url))
        following = part.following if part.following not in seen else None
        yield Page(posts=_newest_first(part.posts), cursor=following)
        if following is None:
            return
        url = following
        seen.add(url)


def _read_xml(document: Document, host: str) -> _Feed:
    # Always bytes of a stream: given a string, feedparser would open it as an address or a path.
    parsed = feedparser.parse(  # type: ignore[attr-defined,no-untyped-call]  # it has no types
        io.BytesIO(document.text.encode()),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": document.url,
        },
    )
    if not parsed.version:
        raise UnexpectedResponse("There is no feed at this link any more.")
    try:
        found = [Entry.model_validate(dict(entry)) for entry in parsed.entries]
        links = [Link.model_validate(dict(link)) for link in parsed.feed.get("links", [])]
    except ValidationError as error:
        raise UnexpectedResponse("The feed is written in a way that is not known.") from error
    older = (link.href for link in links if link.rel in {"next", "prev-archive"})
    following = next((address for href in older if (address := resolve(document.url, href))), None)
    # A feed tells its author once; its entries need not.
    author = str(parsed.feed.get("author", ""))
    return _Feed(tuple(_post(entry, document.url, host, author) for entry in found), following)


def _post(entry: Entry, base: str, host: str, author: str) -> Post:
    base = entry.title_detail.base or base
    media = _enclosed(entry, base) or _pictured([*entry.content, Text(value=entry.summary)], base)
    if not media:
        media = list(_files(((item.url, MediaKind.IMAGE) for item in entry.media_thumbnail), base))
    link = resolve(base, entry.link) or base
    identity = entry.id or entry.link or (media[0].url if media else entry.title)
    date = entry.published_parsed or entry.updated_parsed
    return Post(
        platform="feed",
        host=host,
        id=identity,
        url=link,
        author=entry.author or author,
        caption=_caption(entry.title, entry.summary or "".join(t.value for t in entry.content)),
        posted_at=datetime.fromtimestamp(timegm(date), UTC) if date else None,
        media=_numbered(media, identity),
        links=() if media or link == base else (link,),
    )


def _enclosed(entry: Entry, base: str) -> list[Media]:
    """Return what an entry encloses: by RSS or Atom, and by Media RSS."""
    found: dict[str, Media] = {}
    seconds = _seconds(entry.itunes_duration)
    for link in entry.links:
        url = resolve(base, link.href) if link.rel == "enclosure" else None
        if url and (kind := _kind(url, link.type)):
            found[url] = _media(url, kind, size=_number(link.length), duration=seconds)
    # One of several forms of the same thing is marked as the default.
    marked = [item for item in entry.media_content if item.isdefault == "true"]
    for item in marked or entry.media_content:
        url = resolve(base, item.url)
        if url and url not in found and (kind := _kind(url, item.type, item.medium)):
            found[url] = _media(
                url,
                kind,
                size=_number(item.filesize),
                width=_number(item.width),
                height=_number(item.height),
                duration=_seconds(item.duration),
            )
    return list(found.values())


def _pictured(texts: list[Text], base: str) -> list[Media]:
    """Return the media in an entry's text, if nothing is enclosed."""
    for text in texts:
        if files := content_of(text.value, text.base or base).files:
            return list(_files(iter(files), base))
    return []


def _files(found: Iterator[tuple[str, MediaKind]], base: str) -> Iterator[Media]:
    urls = {url: kind for link, kind in found if (url := resolve(base, link))}
    return (_media(url, kind) for url, kind in urls.items())


def _read_json(document: Document, host: str) -> _Feed:
    try:
        feed = JsonFeed.model_validate_json(document.text.lstrip("\ufeff"))
    except ValidationError as error:
        raise UnexpectedResponse("There is no JSON Feed at this link any more.") from error
    author = next((one.name for one in feed.authors), "")
    posts = tuple(_json_post(item, document.url, host, author) for item in feed.items)
    return _Feed(posts, resolve(document.url, feed.next_url) if feed.next_url else None)


def _json_post(item: JsonItem, base: str, host: str, author: str) -> Post:
    media = [
        _media(url, kind, size=one.size_in_bytes, duration=one.duration_in_seconds)
        for one in item.attachments
        if (url := resolve(base, one.url)) and (kind := _kind(url, one.mime_type))
    ] or _pictured([Text(value=item.content_html)], base)
    if not media and item.image:
        media = list(_files(iter([(item.image, MediaKind.IMAGE)]), base))
    link = resolve(base, item.url) or base
    date = item.date_published
    return Post(
        platform="feed",
        host=host,
        id=str(item.id),
        url=link,
        author=next((one.name for one in item.authors), author),
        caption=_caption(item.title, item.summary or item.content_text or item.content_html),
        posted_at=date and (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC),
        media=_numbered(media, str(item.id)),
        links=() if media or link == base else (link,),
    )


def _numbered(media: list[Media], identity: str) -> tuple[Media, ...]:
    """Give media their ids: the entry's own if there is one file, with a number if there are more."""
    if len(media) == 1:
        return (replace(media[0], id=identity),)
    return tuple(replace(one, id=f"{identity}_{place}") for place, one in enumerate(media, 1))


def _newest_first(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    dated = [(post.posted_at, post) for post in posts if post.posted_at]
    if len(dated) < len(posts):
        return posts
    return tuple(post for _, post in sorted(dated, key=itemgetter(0), reverse=True))


def _media(
    url: str,
    kind: MediaKind,
    *,
    size: int | None = None,
    width: int | None = None,
    height: int | None = None,
    duration: float | None = None,
) -> Media:
    return Media(
        id=url,
        url=url,
        kind=kind,
        transport=transport_of(url),
        filename=name_of(url) or None,
        size=size,
        width=width,
        height=height,
        duration=duration,
    )


def _kind(url: str, stated: str, medium: str = "") -> MediaKind | None:
    """Return what a file is, by what the feed states, else by its name; None if it is no media."""
    start = stated.partition("/")[0].lower() or medium
    if start in {"image", "video", "audio"}:
        return MediaKind(start)
    return kind_of(url)


def _caption(title: str, html: str) -> str:
    body = LexborHTMLParser(html).body
    text = re.sub(r"\s+", " ", body.text(separator=" ")).strip() if body else ""
    return "\n\n".join(part for part in (title, text) if part)


def _number(text: str) -> int | None:
    # Writers of feeds put 0 where they do not know a length.
    return int(text) or None if text.isdecimal() else None


def _seconds(text: str) -> float | None:
    """Return a duration that is written as seconds or as h:mm:ss."""
    total = 0.0
    for part in text.split(":"):
        try:
            total = total * 60 + float(part)
        except ValueError:
            return None
    return total
