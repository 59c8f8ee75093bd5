"""Searches that one keeps, and the tags that searches can name."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from gatherum.accounts.model import Scope
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.library.facets import Facet
from gatherum.library.saved import SavedSearch
from gatherum.web.limits import Rate
from gatherum.web.paging import Page
from gatherum.web.routing import AppDep, Body, CallerDep, Routes
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Searches")
Number = Annotated[int, Path(ge=1, le=2**62)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Text = Annotated[str, Field(max_length=2000)]


class NewSearch(Body):
    """A search to keep."""

    name: Name
    query: Text


class SearchChange(Body):
    """What is to change of a kept search; what is left out stays."""

    name: Name | None = None
    query: Text | None = None


@routes.add("GET", "/searches", scope=Scope.SELF, rate=Rate.READ)
async def list_searches(app: AppDep, caller: CallerDep) -> Page[SavedSearch]:
    """List one's own searches, by name."""
    return Page(await app.saved_searches.list(caller.account.id), None)


@routes.add(
    "POST",
    "/searches",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    status=201,
    errors=[InvalidInput, Conflict],
)
async def create_search(
    app: AppDep, caller: CallerDep, response: Response, body: NewSearch
) -> SavedSearch:
    """Keep a search."""
    saved = await app.saved_searches.create(caller.account.id, body.name, body.query)
    set_etag(response, saved.version)
    return saved


@routes.add(
    "PATCH",
    "/searches/{search_id}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=[InvalidInput, NotFound, Stale],
)
async def change_search(
    *,
    app: AppDep,
    caller: CallerDep,
    response: Response,
    search_id: Number,
    body: SearchChange,
    if_match: IfMatch = None,
) -> SavedSearch:
    """Rename a search, or let it look for something else."""
    saved = await app.saved_searches.change(
        caller.account.id,
        search_id,
        name=body.name,
        query=body.query,
        version=version_of(if_match),
    )
    set_etag(response, saved.version)
    return saved


@routes.add(
    "DELETE",
    "/searches/{search_id}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    status=204,
    errors=[InvalidInput, NotFound, Stale],
)
async def remove_search(
    app: AppDep, caller: CallerDep, search_id: Number, if_match: IfMatch = None
) -> None:
    """Forget a search."""
    version = version_of(if_match)
    await app.saved_searches.remove(caller.account.id, search_id, version=version)


@routes.add("GET", "/tags", scope=Scope.LIBRARY_READ, rate=Rate.READ)
async def list_tags(app: AppDep, prefix: Annotated[str, Query(max_length=100)] = "") -> Page[Facet]:
    """List tags that begin so, by name, and how many media have each (counted up to 10,000)."""
    return Page(await app.faceting.tags(prefix), None)
