"""A search of a NodeBB: the posts that it found, the newest first. They come whole with the results."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_plus

from pydantic import BaseModel

from gatherum.errors import InvalidInput
from gatherum.model import Page, Target
from gatherum.ports import Client
from gatherum.providers.forums.listing import BAD_CURSOR, add_forum
from gatherum.providers.forums.nodebb import Paging, Written, post_of


class About(BaseModel):
    title: str = ""


class Hit(Written):
    topic: About = About()


class Found(BaseModel):
    posts: list[Hit]
    pagination: Paging | None = None  # is not told where nothing was found


async def search(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what a search has found, page by page."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput(BAD_CURSOR)
    root, page = target["root"], int(cursor or 1)
    asked = {
        "term": unquote_plus(target["id"]),
        "in": "titlesposts",
        "showAs": "posts",
        "sortBy": "timestamp",
        "sortDirection": "desc",
    }
    while True:
        params = {**asked, "page": str(page)}
        found = await client.get(f"{root}api/search", Found, params=params)
        listed = (post_of(one.topic.title, one, root) for one in found.posts)
        posts = tuple(post for post in listed if post.media or post.removed)
        more = found.pagination is not None and page < found.pagination.pageCount
        page += 1
        yield Page(posts=posts, cursor=str(page) if more else None, empty=not posts)
        if not more:
            return


add_forum("nodebb", "search", search, "https://talk.example/search?term=holiday")
