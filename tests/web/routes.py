"""All routes of the API, and what they say of themselves."""

from collections.abc import Iterator

from fastapi.routing import APIRoute

from gatherum.web.app import PARTS


def routes() -> Iterator[APIRoute]:
    """Yield all routes of the API."""
    for part in PARTS:
        for route in part.routes.router.routes:
            assert isinstance(route, APIRoute)
            yield route


def name_of(route: APIRoute) -> str:
    (method,) = tuple(route.methods or ())
    return f"{method} {route.path}"


ROUTES = {name_of(route): route for route in routes()}


def rule(name: str, which: str) -> object:
    extra = ROUTES[name].openapi_extra
    assert extra is not None, f"{name} was not declared by Routes.add"
    return extra[which]
