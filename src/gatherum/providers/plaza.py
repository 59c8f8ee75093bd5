"""Plaza, the demonstration platform: any host that names it as its generator, by its JSON interface."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC
from urllib.parse import quote, urlsplit

from pydantic import AwareDatetime, BaseModel

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client
from gatherum.providers import Needs, provider
from gatherum.providers.urls import host_of

UNCLAIMED = r"(?!)"  # what a link is on this host is known only when the host was asked
PROBED = Needs(probe=True)


class Item(BaseModel):
    id: str
    kind: MediaKind
    url: str
    width: int
    height: int
    size: int
    duration: float | None


class Entry(BaseModel):
    id: str
    author: str
    url: str
    created_at: AwareDatetime
    caption: str
    pinned: bool
    media: list[Item]


class Listing(BaseModel):
    posts: list[Entry]
    next: str | None


@provider(
    platform="plaza",
    feed="user",
    pattern=UNCLAIMED,
    example="https://plaza.example/@ada",
    needs=PROBED,
)
def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield somebody's posts, newest first."""
    return _pages(target, client, f"people/{target['user']}/posts", cursor)


@provider(
    platform="plaza",
    feed="stories",
    pattern=UNCLAIMED,
    example="https://plaza.example/@ada/stories",
    needs=PROBED,
)
def stories(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield somebody's stories of the last 24 hours, newest first."""
    return _pages(target, client, f"people/{target['user']}/stories", cursor)


@provider(
    platform="plaza",
    feed="tag",
    pattern=UNCLAIMED,
    example="https://plaza.example/tag/fog",
    needs=PROBED,
)
def tag(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the posts with a tag, newest first."""
    return _pages(target, client, f"tags/{quote(target['tag'])}/posts", cursor)


@provider(
    platform="plaza",
    feed="post",
    pattern=UNCLAIMED,
    example="https://plaza.example/p/abc123",
    needs=PROBED,
)
async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post."""
    entry = await client.get(_address(target, f"posts/{target['id']}"), Entry)
    yield Page(posts=(_post(target, entry),), cursor=None)


async def _pages(
    target: Target, client: Client, path: str, cursor: str | None
) -> AsyncIterator[Page]:
    while True:
        params: Mapping[str, str | None] = {"limit": "50", "cursor": cursor}
        listing = await client.get(_address(target, path), Listing, params=params)
        before, cursor = cursor, listing.next
        if cursor is not None and cursor == before:
            raise UnexpectedResponse("The host shows the same page again and again.")
        posts = tuple(_post(target, entry) for entry in listing.posts)
        yield Page(posts=posts, cursor=cursor, by_date=True, empty=not posts)
        if cursor is None:
            return


def _address(target: Target, path: str) -> str:
    parts = urlsplit(target.url)
    return f"{parts.scheme}://{parts.netloc}/api/v1/{path}"


def _post(target: Target, entry: Entry) -> Post:
    return Post(
        platform="plaza",
        host=target.host or host_of(target.url),
        id=entry.id,
        author=entry.author,
        url=entry.url,
        posted_at=entry.created_at.astimezone(UTC),
        caption=entry.caption,
        pinned=entry.pinned,
        media=tuple(
            Media(
                id=item.id,
                url=item.url,
                kind=item.kind,
                filename=item.url.rpartition("/")[2],
                size=item.size,
                width=item.width,
                height=item.height,
                duration=item.duration,
            )
            for item in entry.media
        ),
    )
