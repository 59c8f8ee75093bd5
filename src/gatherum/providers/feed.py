"""Feeds: RSS, Atom, podcasts and JSON Feed, from text that the client has fetched."""

import re
from calendar import timegm
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from operator import itemgetter
from time import struct_time

from pydantic import BaseModel, ConfigDict, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, Document
from gatherum.providers import Needs, provider
from gatherum.providers.feed_json import read_json
from gatherum.providers.feed_parts import (
    Part,
    caption_of,
    files_of,
    media_at,
    number_of,
    numbered,
    pictured,
    seconds_of,
    stated_kind,
)
from gatherum.providers.urls import host_of, resolve
from gatherum.safety import foreign

# feedparser takes a GUID for a link, relative to the feed, where nothing says that it is none.
_BARE_ID = re.compile(r"<(guid|id)\b[^<>]*>(?=\s*(?:<!\[CDATA\[)?\s*(?!\w+:)[^\s<])")


class Link(BaseModel):
    href: str = ""
    rel: str = ""
    type: str = ""


class Content(BaseModel):
    url: str = ""
    type: str = ""
    medium: str = ""
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
        read = read_json if document.text.lstrip("\ufeff \t\r\n").startswith("{") else _read_xml
        part = await foreign.apart(read, document, target.host or host_of(target.url))
        following = part.following if part.following not in seen else None
        empty = not part.posts
        yield Page(posts=_newest_first(part.posts), cursor=following, empty=empty)
        if following is None:
            return
        url = following
        seen.add(url)


def _read_xml(document: Document, host: str) -> Part:
    parsed = foreign.feed(
        _BARE_ID.sub(r'<\1 isPermaLink="false">', document.text),
        {"content-type": "application/xml; charset=utf-8", "content-location": document.url},
    )
    if not parsed.version or not (parsed.entries or "title" in parsed.feed):
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
    return Part(tuple(_post(entry, document.url, host, author) for entry in found), following)


def _post(entry: Entry, base: str, host: str, author: str) -> Post:
    base = entry.title_detail.base or base
    media = _enclosed(entry, base) or _pictured(entry, base)
    if not media:
        media = list(
            files_of(((item.url, MediaKind.IMAGE) for item in entry.media_thumbnail), base)
        )
    link = resolve(base, entry.link) or base
    identity = entry.id or entry.link or (media[0].url if media else entry.title)
    date = entry.published_parsed or entry.updated_parsed
    return Post(
        platform="feed",
        host=host,
        id=identity,
        url=link,
        author=entry.author or author,
        caption=caption_of(entry.title, entry.summary or "".join(t.value for t in entry.content)),
        posted_at=datetime.fromtimestamp(timegm(date), UTC) if date else None,
        media=numbered(media, identity),
        links=() if media or link == base else (link,),
    )


def _enclosed(entry: Entry, base: str) -> list[Media]:
    """Return what an entry encloses: by RSS or Atom, and by Media RSS."""
    found: dict[str, Media] = {}
    seconds = seconds_of(entry.itunes_duration)
    for link in entry.links:
        url = resolve(base, link.href) if link.rel == "enclosure" else None
        if url and (kind := stated_kind(url, link.type)):
            found[url] = media_at(url, kind, duration=seconds)
    # One of several forms of the same thing is marked as the default.
    marked = [item for item in entry.media_content if item.isdefault == "true"]
    for item in marked or entry.media_content:
        url = resolve(base, item.url)
        if url and url not in found and (kind := stated_kind(url, item.type, item.medium)):
            found[url] = media_at(
                url,
                kind,
                width=number_of(item.width),
                height=number_of(item.height),
                duration=seconds_of(item.duration),
            )
    return list(found.values())


def _pictured(entry: Entry, base: str) -> list[Media]:
    texts = [*entry.content, Text(value=entry.summary)]
    found = (pictured(text.value, text.base or base) for text in texts)
    return next((media for media in found if media), [])


def _newest_first(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    dated = [(post.posted_at, post) for post in posts if post.posted_at]
    if len(dated) < len(posts):
        return posts
    return tuple(post for _, post in sorted(dated, key=itemgetter(0), reverse=True))
