"""Mastodon and its kin, on any host, through gallery-dl. Public posts need no login."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import UnexpectedResponse, Withheld
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, EngineFile, EngineRequest
from gatherum.providers import Needs, provider
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import date_of, text_of

KINDS = {
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "gifv": MediaKind.VIDEO,
    "audio": MediaKind.AUDIO,
}
# Hosts that are known to speak Mastodon's language; any other is asked once.
HOSTS = r"(?P<host>mastodon\.(?:social|online|art|world)|mstdn\.social|pawoo\.net|baraag\.net|fosstodon\.org)"
WEB = r"(?:(?:web|deck)/)?"  # what stands before the path of a page in its interface
# What snac calls a post begins with the time of its last edit.
_CHANGING = re.compile(r"\d{10}[0-9a-f]{32}")
USER = r"(?P<user>[\w.-]+(?:@[\w.:-]+)?)"


class Account(BaseModel):
    acct: str = ""


class Size(BaseModel):
    width: int | None = None
    height: int | None = None
    duration: float | None = None


class Sizes(BaseModel):
    original: Size = Size()


class Attachment(BaseModel):
    id: str
    type: str = "unknown"
    meta: Sizes | None = None


class Shown(BaseModel):
    media: Attachment
    filename: str = ""
    extension: str = ""


class Status(BaseModel):
    id: str
    url: str | None = None
    uri: str = ""
    content: str = ""
    created_at: datetime | None = None
    account: Account = Field(default_factory=Account)
    instance: str
    pinned: bool = False


@provider(
    platform="mastodon",
    feed="user",
    pattern=rf"https?://{HOSTS}/{WEB}(?:@|users/){USER}(?:/media)?",
    example="https://mastodon.social/@Gargron",
    key="@{user}",
    canonical="https://{host}/@{user}",
    needs=Needs(),
    via="gallerydl",
)
async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what an account published with media, newest first."""
    async for page in pages(client, _request(target), post_of, cursor, by_date=True):
        yield page


@provider(
    platform="mastodon",
    feed="status",
    pattern=rf"https?://{HOSTS}/{WEB}(?P<path>@{USER}|users/\w+/statuses|statuses)/(?P<id>\d+)"
    r"(?:/embed)?",
    example="https://mastodon.social/@Gargron/1",
    key="{id}",
    canonical="https://{host}/{path}/{id}",
    needs=Needs(),
    via="gallerydl",
)
async def status(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield one status."""
    if "listed" in target.values:
        yield await _listed(target, client)
        return
    async for page in pages(client, _request(target), post_of, cursor):
        yield page


async def _listed(target: Target, client: Client) -> Page:
    """Return a status that its server shows to visitors among those of its author alone, as snac does."""
    request = EngineRequest(engine="gallerydl", url=f"mastodon:{target['listed']}")
    async with aclosing(pages(client, request, post_of, None, by_date=True)) as found:
        async for page in found:
            for post in page.posts:
                if post.id == target.url:
                    return Page(posts=(post,), cursor=None)
    raise Withheld("Its server does not show this post among those of its author.")


@reads("gallerydl", "mastodon")
def post_of(draft: Draft) -> Post:
    """Return the status that gallery-dl speaks of; its attachments carry the server's own ids."""
    try:
        status = Status.model_validate(draft.meta)
        media = tuple(_media(file) for file in draft.files)
    except ValidationError as error:
        raise UnexpectedResponse("This server describes its posts in an unknown form.") from error
    return Post(
        platform="mastodon",
        host=status.instance,
        id=status.uri if _CHANGING.fullmatch(status.id) else status.id,
        url=status.url or status.uri,
        author=status.account.acct,
        caption=text_of(status.content),
        posted_at=date_of(status.created_at.isoformat()) if status.created_at else None,
        media=media,
        pinned=status.pinned,
    )


def _media(file: EngineFile) -> Media:
    shown = Shown.model_validate(file.meta)
    size = (shown.media.meta or Sizes()).original
    return Media(
        id=shown.media.id,
        url=file.url,
        kind=KINDS.get(shown.media.type, MediaKind.UNKNOWN),
        headers=file.headers,
        filename=f"{shown.filename}.{shown.extension}" if shown.filename else None,
        width=size.width,
        height=size.height,
        duration=size.duration,
    )


def _request(target: Target) -> EngineRequest:
    asked = target.values.get(
        "asked", target.url
    )  # where the link of a person or post is not its own
    return EngineRequest(engine="gallerydl", url=f"mastodon:{asked}")
