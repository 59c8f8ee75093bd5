"""JSON Feed: a feed's entries as JSON."""

from datetime import UTC, datetime

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import MediaKind, Post
from gatherum.ports import Document
from gatherum.providers.feed_parts import (
    Part,
    caption_of,
    files_of,
    media_at,
    numbered,
    pictured,
    stated_kind,
)
from gatherum.providers.urls import resolve
from gatherum.safety import foreign


class Attachment(BaseModel):
    url: str
    mime_type: str = ""
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


def read_json(document: Document, host: str) -> Part:
    """Return the entries of a JSON Feed."""
    try:
        feed = foreign.model(JsonFeed, document.text.lstrip("\ufeff"))
    except ValidationError as error:
        raise UnexpectedResponse("There is no JSON Feed at this link any more.") from error
    author = next((one.name for one in feed.authors), "")
    posts = tuple(_json_post(item, document.url, host, author) for item in feed.items)
    return Part(posts, resolve(document.url, feed.next_url) if feed.next_url else None)


def _json_post(item: JsonItem, base: str, host: str, author: str) -> Post:
    media = [
        media_at(url, kind, duration=one.duration_in_seconds)
        for one in item.attachments
        if (url := resolve(base, one.url)) and (kind := stated_kind(url, one.mime_type))
    ] or pictured(item.content_html, base)
    if not media and item.image:
        media = list(files_of([(item.image, MediaKind.IMAGE)], base))
    link = resolve(base, item.url) or base
    date = item.date_published
    return Post(
        platform="feed",
        host=host,
        id=str(item.id),
        url=link,
        author=next((one.name for one in item.authors), author),
        caption=caption_of(item.title, item.summary or item.content_text or item.content_html),
        posted_at=date and (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC),
        media=numbered(media, str(item.id)),
        links=() if media or link == base else (link,),
    )
