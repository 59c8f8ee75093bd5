"""Media: found by searches, one by one, and counted."""

from typing import Annotated

from fastapi import Path, Query, Request

from gatherum.accounts.model import Caller, Scope
from gatherum.errors import InvalidInput, NotFound
from gatherum.library.items import MediaItem, Show
from gatherum.library.search import Count, Order, WholeMedia
from gatherum.query import search
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routing import AppDep, CallerDep, Routes

routes = Routes("Media")
Search = Annotated[
    str, Query(max_length=2000, description="Which: `sunset kind:video date:2024 -is:gone`.")
]
Number = Annotated[int, Path(ge=1, le=2**62, description="Our own number of it.")]


def show_to(caller: Caller, request: Request) -> Show:
    """Return what a caller may see of media: who cannot change the library sees no paths."""
    files = f"{request.app.state.site.base_path}/api/v1/files"
    return Show(files=files, paths=caller.may(Scope.LIBRARY_WRITE))


@routes.add(
    "GET",
    "/media",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=[InvalidInput],
    model=Page[MediaItem],
)
async def list_media(
    *,
    request: Request,
    app: AppDep,
    caller: CallerDep,
    q: Search = "",
    order: Order = Order.NEWEST,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """List the media that a search finds; those that are stored, if it says no state."""
    found = await app.search.page(
        search.Query.parse(q), show_to(caller, request), order=order, limit=limit, cursor=cursor
    )
    return Json(Page(found.items, found.next))


@routes.add("GET", "/media/count", scope=Scope.LIBRARY_READ, rate=Rate.HEAVY, errors=[InvalidInput])
async def count_media(app: AppDep, q: Search = "") -> Count:
    """Count what a search finds, and its bytes."""
    return await app.search.count(search.Query.parse(q))


@routes.add(
    "GET",
    "/media/{media_id}",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=[NotFound],
    model=WholeMedia,
)
async def get_media(request: Request, app: AppDep, caller: CallerDep, media_id: Number) -> Json:
    """Show a media with its post, and with the other places that its bytes came from."""
    whole = await app.search.get(media_id, show_to(caller, request))
    return Json(whole, headers={"ETag": f'"{whole.version}"'})
