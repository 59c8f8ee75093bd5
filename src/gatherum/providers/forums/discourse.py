"""Discourse, through the JSON that its own pages are made of. Public topics need no login."""

import math
import re
import string
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC

from pydantic import AwareDatetime, BaseModel, Field, RootModel

from gatherum.errors import LoginRequired
from gatherum.model import Media, Page, Post, Target
from gatherum.ports import Client
from gatherum.providers.forums.dialect import Marks
from gatherum.providers.forums.listing import add_forum, sections, topics
from gatherum.providers.forums.sheets import SectionSheet, TopicRow, TopicSheet
from gatherum.providers.forums.talks import ROOT, find_link, read_html
from gatherum.providers.urls import host_of

SIGN = re.compile(rb'<meta name="generator" content="Discourse\b')

# A slug is never a number alone; a number behind the topic's is that of a post in it.
_TOPIC = re.compile(
    ROOT + r"[tn]/(?:[^/?]*[^/?\d][^/?]*/)?(?P<id>\d+)(?:/(?:\d+|last|print|summary))?/?(?:\?.*)?"
)
_CATEGORY = re.compile(
    ROOT + r"c/(?P<path>(?:[^/?]+/)*(?P<id>\d+))(?:/(?:none|all))?(?:/l/\w+)?/?(?:\?.*)?"
)
# It may name who has shared it. Routes of Discourse: p/:post_id(/:user_id), posts#short_link.
_POST = re.compile(ROOT + r"p/(?P<id>\d+)(?:/\d+)?/?(?:\?.*)?")
_SEARCH = re.compile(ROOT + r"search\?(?:.*&)?q=(?P<id>[^&]+)(?:&.*)?")
_FORMS = (
    ("topic", _TOPIC, "t/{id}"),
    ("forum", _CATEGORY, "c/{path}"),
    ("post", _POST, "p/{id}"),
    ("search", _SEARCH, "search?q={id}"),
)
_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase
MARKS = Marks(
    body="div",
    attached="",
    # A link to a video shows a picture of it, which is not the author's. What has an `orig-src` is
    # a file that was lost; the page shows something in its place.
    asides="aside.quote, blockquote, .onebox img, .lazy-video-container img, [data-orig-src]",
    emoticons="img.emoji, img.avatar, img.site-icon",
    notes=".lightbox-wrapper, .video-placeholder-container, video, audio",
    # An upload has one digest in all its addresses, in one of two ways of writing numbers.
    attachment=re.compile(
        r"/(?:(?:original|optimized)/\d+X/(?:[0-9a-f]/)*([0-9a-f]{40})|uploads/short-url/(\w+))\b"
    ),
    anywhere=True,
)


class Written(BaseModel):
    id: int
    username: str
    created_at: AwareDatetime
    cooked: str
    post_number: int


class Alone(Written):
    topic_id: int


class Stream(BaseModel):
    posts: list[Written] = Field(min_length=1)
    stream: list[int] = []  # the numbers of all posts; not told of topics that are very large


class Topic(BaseModel):
    id: int
    title: str
    posts_count: int
    chunk_size: int = Field(gt=0)  # posts in a page
    post_stream: Stream


class Row(BaseModel):
    id: int
    title: str
    pinned: bool = False
    bumped_at: AwareDatetime | None = None
    last_posted_at: AwareDatetime | None = None

    @property
    def stands_apart(self) -> bool:
        """Whether this stands higher than its newest post would: pinned, edited there, or bumped."""
        bumped, posted = self.bumped_at, self.last_posted_at
        return self.pinned or (bumped is not None and posted is not None and bumped > posted)


class Rows(BaseModel):
    topics: list[Row]
    more_topics_url: str | None = None


class Latest(BaseModel):
    topic_list: Rows


class Refusal(BaseModel):
    errors: list[str]


class TopicAnswer(RootModel[Topic | Refusal]):
    pass


class PostAnswer(RootModel[Alone | Refusal]):
    pass


class LatestAnswer(RootModel[Latest | Refusal]):
    pass


class Talk:
    """A Discourse as one job asks it: a `Board` whose places are the numbers of pages."""

    first = 0

    def __init__(self, client: Client, target: Target) -> None:
        self._client = client
        self._root = target["root"]
        self._path = target.values.get("path", "")

    async def last(self, topic: str) -> TopicSheet:
        """Return the last page of a topic."""
        answer = await self._ask(topic, 1)
        count = len(answer.post_stream.stream) or answer.posts_count
        pages = math.ceil(count / answer.chunk_size)
        return await self.page(topic, pages) if pages > 1 else self._sheet(answer, 1)

    async def page(self, topic: str, place: int) -> TopicSheet:
        """Return a page of a topic."""
        return self._sheet(await self._ask(topic, place), place)

    async def section(self, section: str, place: int) -> SectionSheet:  # noqa: ARG002  # its path counts
        """Return a page of a category's topics."""
        url = f"{self._root}c/{self._path}/l/latest.json"
        params = {"page": str(place)}
        answer = (await self._client.get(url, LatestAnswer, params=params, accept=(403,))).root
        if isinstance(answer, Refusal):
            raise _refused()
        rows = answer.topic_list
        return SectionSheet(
            topics=tuple(TopicRow(str(row.id), row.stands_apart, row.title) for row in rows.topics),
            later=place + 1 if rows.more_topics_url and rows.topics else None,
        )

    async def post(self, number: str) -> Post:
        """Return one post. Its topic is asked for as well, which alone tells the title."""
        url = f"{self._root}posts/{number}.json"
        answer = (await self._client.get(url, PostAnswer, accept=(403,))).root
        if isinstance(answer, Refusal):
            raise _refused()
        topic = await self._ask(str(answer.topic_id), 1)
        return post_of(topic.id, topic.title, answer, self._root)

    async def _ask(self, topic: str, page: int) -> Topic:
        url = f"{self._root}t/{topic}.json"
        params = {"page": str(page)} if page > 1 else None
        answer = (await self._client.get(url, TopicAnswer, params=params, accept=(403,))).root
        if isinstance(answer, Refusal):
            raise _refused()
        return answer

    def _sheet(self, topic: Topic, place: int) -> TopicSheet:
        written = sorted(topic.post_stream.posts, key=lambda one: one.id, reverse=True)
        found = (post_of(topic.id, topic.title, one, self._root) for one in written)
        posts = tuple(post for post in found if post.media)
        return TopicSheet(
            posts=posts,
            numbers=tuple(one.id for one in written),
            newest=int(posts[0].id) if posts else written[-1].id,
            earlier=place - 1 if place > 1 else None,
            last=None,
        )


def find_discourse(url: str) -> Target | None:
    """Return what a normal link to a Discourse is, None if it is nothing to list."""
    return find_link("discourse", _FORMS, url)


async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post; nothing if it holds no media."""
    found = await Talk(client, target).post(target["id"])
    yield Page(posts=(found,) if found.media else (), cursor=None, empty=not found.media)


add_forum("discourse", "post", post, "https://talk.example/p/345")
add_forum("discourse", "topic", topics(Talk), "https://talk.example/t/holiday/12")
add_forum("discourse", "forum", sections(Talk), "https://talk.example/c/pictures/5")


def post_of(topic: int, title: str, written: Written, root: str) -> Post:
    """Return a post of a topic."""
    content = read_html(written.cooked, str(written.id), marks=MARKS, root=root)
    return Post(
        platform="discourse",
        host=host_of(root),
        id=str(written.id),
        url=f"{root}t/{topic}/{written.post_number}",
        author=written.username,
        caption=content.text or title,
        posted_at=written.created_at.astimezone(UTC),
        media=tuple(replace(media, id=_digest(media)) for media in content.media),
        links=content.links,
    )


def _digest(media: Media) -> str:
    """Return an upload's digest; short addresses have it to the base of 62."""
    if "/uploads/short-url/" not in media.url:
        return media.id
    number = 0
    for digit in media.id:
        if (value := _DIGITS.find(digit)) < 0:
            return media.id
        number = number * 62 + value
    return f"{number:040x}"


def _refused() -> LoginRequired:
    return LoginRequired("This forum shows this only to somebody who is logged in.")
