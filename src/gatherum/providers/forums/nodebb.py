"""NodeBB, through the JSON that its own pages are made of. Public topics need no login."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import BaseModel, Field, RootModel

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, Page, Post, Target
from gatherum.ports import Client
from gatherum.providers.forums.dialect import Marks
from gatherum.providers.forums.listing import add_forum, sections, topics
from gatherum.providers.forums.sheets import SectionSheet, TopicRow, TopicSheet
from gatherum.providers.forums.talks import ROOT, find_link, read_html
from gatherum.providers.urls import host_of

SIGN = re.compile(rb'"relative_path":"[^"]*","upload_url":"')  # in the settings of each page

_TOPIC = re.compile(ROOT + r"topic/(?P<id>\d+)(?:/.*)?(?:\?.*)?")
_CATEGORY = re.compile(ROOT + r"category/(?P<id>\d+)(?:/.*)?(?:\?.*)?")
_POST = re.compile(ROOT + r"post/(?P<id>\d+)/?(?:\?.*)?")
_SEARCH = re.compile(ROOT + r"search\?(?:.*&)?term=(?P<id>[^&]+)(?:&.*)?")
_FORMS = (
    ("topic", _TOPIC, "topic/{id}"),
    ("forum", _CATEGORY, "category/{id}"),
    ("post", _POST, "post/{id}"),
    ("search", _SEARCH, "search?term={id}"),
)
_RESIZED = re.compile(r"-resized(?=\.\w+$)")
MARKS = Marks(
    body="div",
    attached="",
    asides="blockquote",
    emoticons="img.emoji, img.avatar",
    notes="video, audio",
    attachment=re.compile(r"/uploads/files/([^?#]+)"),
)


class User(BaseModel):
    username: str


class Written(BaseModel):
    pid: int | str  # that of a post from another server is an address
    timestamp: int  # milliseconds
    content: str
    deleted: int | bool = False
    user: User


class Paging(BaseModel):
    currentPage: int  # noqa: N815  # NodeBB's own name
    pageCount: int  # noqa: N815


class Topic(BaseModel):
    tid: int
    titleRaw: str  # noqa: N815
    posts: list[Written] = Field(min_length=1)
    pagination: Paging


class Place(RootModel[str]):
    """Where a post stands: the path of its topic, and in that its place."""


class Row(BaseModel):
    tid: int | str
    titleRaw: str  # noqa: N815
    pinned: int | bool = False
    deleted: int | bool = False


class Category(BaseModel):
    cid: int
    topics: list[Row]
    pagination: Paging


class Talk:
    """A NodeBB as one job asks it: a `Board` whose places are the numbers of pages."""

    first = 1

    def __init__(self, client: Client, target: Target) -> None:
        self._client = client
        self._root = target["root"]

    async def last(self, topic: str) -> TopicSheet:
        """Return the last page of a topic."""
        answer = await self._ask(topic, 1)
        pages = answer.pagination.pageCount
        return await self.page(topic, pages) if pages > 1 else self._sheet(answer, 1)

    async def page(self, topic: str, place: int) -> TopicSheet:
        """Return a page of a topic."""
        return self._sheet(await self._ask(topic, place), place)

    async def section(self, section: str, place: int) -> SectionSheet:
        """Return a page of a category's topics."""
        params = {"page": str(place), "sort": "recently_replied"}
        answer = await self._client.get(
            f"{self._root}api/category/{section}", Category, params=params
        )
        return SectionSheet(
            topics=tuple(
                TopicRow(str(row.tid), bool(row.pinned), row.titleRaw)
                for row in answer.topics
                if not row.deleted
            ),
            later=place + 1 if place < answer.pagination.pageCount else None,
        )

    async def post(self, number: str) -> Post:
        """Return one post, from the part of its topic that NodeBB says it is in."""
        place = (await self._client.get(f"{self._root}api/post/{number}", Place)).root
        if not place.startswith("/topic/"):
            raise UnexpectedResponse("This forum does not say where the post is.")
        topic = await self._client.get(f"{self._root}api{place}", Topic)
        for one in topic.posts:
            if str(one.pid) == number:
                return post_of(topic.titleRaw, one, self._root)
        raise UnexpectedResponse("This forum does not show the post where it should be.")

    async def _ask(self, topic: str, page: int) -> Topic:
        params = {"page": str(page), "sort": "oldest_to_newest"}
        return await self._client.get(f"{self._root}api/topic/{topic}", Topic, params=params)

    def _sheet(self, topic: Topic, place: int) -> TopicSheet:
        written = sorted(topic.posts, key=lambda one: one.timestamp, reverse=True)
        found = [(one.timestamp, post_of(topic.titleRaw, one, self._root)) for one in written]
        shown = [(number, post) for number, post in found if post.media or post.removed]
        # The numbers of posts are their times: posts from other servers have no other ones.
        return TopicSheet(
            posts=tuple(post for _, post in shown),
            numbers=tuple(number for number, _ in found),
            newest=shown[0][0] if shown else found[-1][0],
            earlier=place - 1 if place > 1 else None,
            last=None,
        )


def find_nodebb(url: str) -> Target | None:
    """Return what a normal link to a NodeBB is, None if it is nothing to list."""
    return find_link("nodebb", _FORMS, url)


async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post; nothing if it holds no media and is there still."""
    found = await Talk(client, target).post(target["id"])
    posts = (found,) if found.media or found.removed else ()
    yield Page(posts=posts, cursor=None, empty=not posts)


add_forum("nodebb", "post", post, "https://talk.example/post/345")
add_forum("nodebb", "topic", topics(Talk), "https://talk.example/topic/12/holiday")
add_forum("nodebb", "forum", sections(Talk), "https://talk.example/category/5/pictures")


def post_of(title: str, written: Written, root: str) -> Post:
    """Return a post of a topic; of a deleted one no more than that it was there."""
    number = str(written.pid)
    said = "" if written.deleted else written.content
    content = read_html(said, number, marks=MARKS, root=root)
    return Post(
        platform="nodebb",
        host=host_of(root),
        id=number,
        url=number if isinstance(written.pid, str) else f"{root}post/{number}",
        author=written.user.username,
        caption=content.text or title,
        posted_at=datetime.fromtimestamp(written.timestamp / 1000, UTC),
        media=tuple(_full(media) for media in content.media),
        links=content.links,
        removed=bool(written.deleted),
    )


def _full(media: Media) -> Media:
    """Return a picture in full size; NodeBB may have kept the small one alone."""
    if not _RESIZED.search(media.id):
        return media
    return replace(
        media,
        id=_RESIZED.sub("", media.id),
        url=_RESIZED.sub("", media.url),
        mirrors=(media.url,),
    )
