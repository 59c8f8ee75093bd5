"""Media: found by searches, one by one, and counted."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Path, Query, Request

from gatherum.accounts.model import Caller, Scope
from gatherum.errors import InvalidInput, NotFound
from gatherum.library.facets import Facets
from gatherum.library.items import MediaItem, Show
from gatherum.library.search import Count, Order, WholeMedia
from gatherum.query import search
from gatherum.query.grammar import Hint
from gatherum.web.answers import Json
from gatherum.web.kept import kept
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routing import AppDep, CallerDep, Routes

routes = Routes("Media")
FACETS_S = 900.0
EPOCH = date(1970, 1, 1)
LONGEST = 3700  # days of a calendar
Search = Annotated[
    str, Query(max_length=2000, description="Which: `sunset kind:video date:2024 -is:gone`.")
]
Number = Annotated[int, Path(ge=1, le=2**62, description="Our own number of it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days that hold anything, in their order, as columns."""

    day: tuple[str, ...]
    count: tuple[int, ...]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaCount(Count):
    """How many media a search finds. `hints`: words of it that look like conditions and are none."""

    hints: tuple[Hint, ...]


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
async def count_media(app: AppDep, q: Search = "") -> MediaCount:
    """Count what a search finds, and its bytes; say what was perhaps meant by `from:ada`."""
    query = search.Query.parse(q)
    found = await app.search.count(query)
    return MediaCount(count=found.count, bytes=found.bytes, exact=found.exact, hints=query.hints)


@routes.add(
    "GET",
    "/media/facets",
    scope=Scope.LIBRARY_READ,
    rate=Rate.HEAVY,
    errors=[InvalidInput],
    model=Facets,
)
async def get_facets(app: AppDep, q: Search = "") -> Json:
    """Say by what a search could be narrowed; at most a quarter of an hour old."""
    query = search.Query.parse(q)
    made = kept(app, "facets", query, FACETS_S, lambda: app.faceting.facets(query), fresh=True)
    return Json(await made)


@routes.add(
    "GET",
    "/media/calendar",
    scope=Scope.LIBRARY_READ,
    rate=Rate.HEAVY,
    errors=[InvalidInput],
    model=Calendar,
)
async def get_calendar(
    *,
    app: AppDep,
    first: Annotated[date, Query(alias="from", description="The first day, UTC.")],
    last: Annotated[date, Query(alias="to", description="The last day, included.")],
    q: Search = "",
) -> Json:
    """Count what a search finds on each of some days; days without any are left out."""
    if not 0 <= (last - first).days <= LONGEST:
        raise InvalidInput(f"A calendar has 1 to {LONGEST + 1} days, the first one first.")
    found = await app.timeline.buckets(
        search.Query.parse(q), newest_day=(last - EPOCH).days, oldest_day=(first - EPOCH).days
    )
    days = tuple((EPOCH + timedelta(day)).isoformat() for day in reversed(found.day))
    return Json(Calendar(day=days, count=found.count[::-1], exact=found.exact))


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
