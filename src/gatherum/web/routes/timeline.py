"""The gallery as columns: its days, and the tiles of some days."""

from hashlib import blake2b
from typing import Annotated

from fastapi import Query as Parameter
from fastapi import Request, Response

from gatherum.accounts.model import Scope
from gatherum.errors import InvalidInput
from gatherum.library.timeline import FIRST, LAST, Assets, Buckets
from gatherum.query.search import Query
from gatherum.web.answers import Json, encode
from gatherum.web.kept import kept
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor
from gatherum.web.routes.media import Search
from gatherum.web.routing import AppDep, Routes

routes = Routes("Timeline")
KEPT_S = 60.0
Day = Annotated[int, Parameter(ge=FIRST, le=LAST, description="Days since 1970, UTC.")]
Tiles = Annotated[int, Parameter(ge=1, le=5000, description="How many at most.")]
Skip = Annotated[
    int,
    Parameter(
        ge=0, le=1_000_000, description="Instead of a cursor: how many first ones to leave out."
    ),
]


@routes.add(
    "GET",
    "/timeline/buckets",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=[InvalidInput],
    model=Buckets,
    described={304: {"description": "It is still as the ETag in If-None-Match says."}},
)
async def get_buckets(request: Request, app: AppDep, q: Search = "") -> Response:
    """Say how much each day holds, newest first. Ask again with the ETag in `If-None-Match`."""
    query = Query.parse(q)
    if query.is_plain:
        body = encode(await app.timeline.buckets(query))
    else:
        made = kept(app, "buckets", query, KEPT_S, lambda: app.timeline.buckets(query))
        body = encode(await made)
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@routes.add(
    "GET",
    "/timeline/assets",
    scope=Scope.LIBRARY_READ,
    rate=Rate.FILES,
    errors=[InvalidInput],
    model=Assets,
)
async def get_assets(
    *,
    app: AppDep,
    newest: Day = LAST,
    oldest: Day = FIRST,
    limit: Tiles = 1000,
    cursor: Cursor = None,
    skip: Skip = 0,
    q: Search = "",
) -> Json:
    """Show the tiles of some days (both included), newest first. A long day goes on behind `next`."""
    if newest < oldest:
        raise InvalidInput("The newest day lies before the oldest.")
    if skip and cursor is not None:
        raise InvalidInput("Go on by a cursor or by a number to skip, not by both.")
    assets = await app.timeline.assets(
        Query.parse(q), newest_day=newest, oldest_day=oldest, limit=limit, cursor=cursor, skip=skip
    )
    return Json(assets)
