"""Every route says who may call it, how often, and how it may fail."""

from fastapi.routing import APIRoute

from gatherum.accounts.model import Role
from tests.web.conftest import Server


async def test_nobody_is_told_anything_without_signing_in(server: Server) -> None:
    client = await server.client()

    for route in _routes(server):
        if route.openapi_extra and route.openapi_extra["x-scope"] is not None:
            path = route.path.replace("{", "").replace("}", "")
            async with client.request(next(iter(route.methods or ())), path, json={}) as answer:
                assert answer.status == 401, (route.path, await answer.text())
                assert answer.headers["Content-Type"] == "application/problem+json"


async def test_an_address_that_is_none_is_a_problem(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.get("/api/v1/nothing") as answer:
        told = await answer.json(content_type="application/problem+json")

    assert (answer.status, told["status"], told["title"]) == (404, 404, "There is no such address")


def _routes(server: Server) -> list[APIRoute]:
    from gatherum.web.app import make_web  # noqa: PLC0415

    web = make_web(server.app, server.site)
    return [route for route in web.routes if isinstance(route, APIRoute) and route.openapi_extra]
