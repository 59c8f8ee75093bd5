"""A search of a Discourse: the posts that it found, the newest first."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_plus

from pydantic import BaseModel

from gatherum.errors import Gone, InvalidInput
from gatherum.model import Page, Post, Target
from gatherum.ports import Client
from gatherum.providers.forums.discourse import Written, post_of
from gatherum.providers.forums.listing import BAD_CURSOR, add_forum

NEWEST = "order:latest"


class Hit(BaseModel):
    id: int
    topic_id: int


class Named(BaseModel):
    id: int
    title: str


class Grouped(BaseModel):
    more_full_page_results: bool | None = None


class Found(BaseModel):
    posts: list[Hit]
    topics: list[Named] = []
    grouped_search_result: Grouped | None = None


class Picked(BaseModel):
    posts: list[Written]


class Answer(BaseModel):
    post_stream: Picked


async def search(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what a search has found, page by page."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput(BAD_CURSOR)
    root, asked = target["root"], unquote_plus(target["id"])
    if "order:" not in asked:
        asked = f"{asked} {NEWEST}"
    page = int(cursor or 1)
    while True:
        params = {"q": asked, "page": str(page)}
        found = await client.get(f"{root}search.json", Found, params=params)
        page += 1
        group = found.grouped_search_result
        more = bool(found.posts and group and group.more_full_page_results)
        posts = await _posts(root, client, found)
        yield Page(posts=posts, cursor=str(page) if more else None, empty=not posts)
        if not more:
            return


add_forum("discourse", "search", search, "https://talk.example/search?q=holiday")


async def _posts(root: str, client: Client, found: Found) -> tuple[Post, ...]:
    """Return the posts in the order of the results; those of one topic come by one request."""
    titles = {one.id: one.title for one in found.topics}
    posts: dict[int, Post] = {}
    for topic in dict.fromkeys(hit.topic_id for hit in found.posts):
        ids = "&".join(f"post_ids%5B%5D={hit.id}" for hit in found.posts if hit.topic_id == topic)
        try:
            answer = await client.get(f"{root}t/{topic}/posts.json?{ids}", Answer)
        except Gone:
            continue  # it was deleted since it was found
        for one in answer.post_stream.posts:
            posts[one.id] = post_of(topic, titles.get(topic, ""), one, root)
    listed = (posts.get(hit.id) for hit in found.posts)
    return tuple(post for post in listed if post is not None and post.media)
