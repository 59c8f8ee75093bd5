"""The description of the API, for programs and for who writes them."""

from typing import Any

from fastapi import Request, Response

from gatherum.errors import NotSignedIn
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, CallerDep, Routes

routes = Routes("Description")


@routes.add(
    "GET", "/openapi.json", scope=OPEN, rate=Rate.HEAVY, errors=(NotSignedIn,), model=dict[str, Any]
)
async def describe_api(request: Request, _caller: CallerDep) -> Response:
    """Describe every route, by OpenAPI 3.1, to whoever is signed in or has any key."""
    return Json(request.app.openapi())
