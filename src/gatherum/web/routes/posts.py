"""Posts: what authors published, with all its media in order."""

from typing import Annotated

from fastapi import Query, Request

from gatherum.accounts.model import Scope
from gatherum.errors import InvalidInput, NotFound
from gatherum.library.posts import ListedPost, WholePost
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routes.media import Number, show_to
from gatherum.web.routing import AppDep, CallerDep, Routes

routes = Routes("Posts")


@routes.add(
    "GET",
    "/posts",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=[InvalidInput],
    model=Page[ListedPost],
)
async def list_posts(
    *,
    request: Request,
    app: AppDep,
    caller: CallerDep,
    platform: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """List posts, newest in the library first, each with the first four media that are stored."""
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise InvalidInput("This cursor is none of ours: take `next` of the page before.")
    before = None if cursor is None else int(cursor)
    show = show_to(caller, request)
    items, behind = await app.posts.page(show, platform=platform, limit=limit, before=before)
    return Json(Page(tuple(items), None if behind is None else str(behind)))


@routes.add(
    "GET",
    "/posts/{post_id}",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=[NotFound],
    model=WholePost,
)
async def get_post(request: Request, app: AppDep, caller: CallerDep, post_id: Number) -> Json:
    """Show a post with its media in order, and how it read before."""
    return Json(await app.posts.get(post_id, show_to(caller, request)))
