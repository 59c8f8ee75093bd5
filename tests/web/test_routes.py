"""Every route says who may call it, how often, and how it may fail."""

import ast
import inspect
import re
from collections import Counter

import pytest
from fastapi.routing import APIRoute

from gatherum import errors
from gatherum.accounts.model import Role, Scope
from gatherum.errors import GatherumError
from gatherum.web.app import PARTS, make_web
from gatherum.web.errors import status_of
from gatherum.web.limits import Rate
from tests.web.conftest import Server
from tests.web.routes import ROUTES, name_of, routes, rule

# What can be asked without signing in. Whoever adds to it must have a reason that stands here.
OPEN_TO_ALL = {
    "GET /health/live",  # supervisors
    "GET /health/ready",
    "GET /metrics",  # a scope, or the machine itself
    "POST /hooks/{subscription}",  # signed
    "GET /api/v1/setup",  # whether there is anybody yet
    "POST /api/v1/setup",  # with the token of the console
    "POST /api/v1/invitations/accept",  # with the token of an invitation
    "GET /api/v1/openapi.json",  # whoever is signed in, with whatever scope
    # Signing in, step by step.
    "GET /api/v1/session/ways",
    "POST /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/session/factors",
    "POST /api/v1/session/factors/{factor}",
    "POST /api/v1/session/passkey",
    "POST /api/v1/session/passkey/options",
    "GET /api/v1/session/oidc",
    "GET /api/v1/session/oidc/callback",
}
CHANGES_NOTHING = {"POST /api/v1/subscriptions/next-runs"}  # a question with a body


each_route = pytest.mark.parametrize("name", sorted(ROUTES))


async def test_the_walk_sees_every_address_that_is_served(server: Server) -> None:
    served = make_web(server.app, server.site).routes
    routers = [getattr(route, "original_router", None) for route in served]

    assert {id(part.routes.router) for part in PARTS} <= {id(router) for router in routers}
    others = [route for route, router in zip(served, routers, strict=True) if router is None]
    assert [getattr(route, "path", route) for route in others] == ["/{page:path}"]
    assert len(routers) == len(PARTS) + 1
    assert Counter(name_of(route) for route in routes()).most_common(1)[0][1] == 1


@each_route
def test_a_route_says_who_may_call_it(name: str) -> None:
    scope = rule(name, "x-scope")

    if scope is None:
        assert name in OPEN_TO_ALL, "it is open to everybody, and nobody has said why"
        assert not rule(name, "x-sudo")
    else:
        assert Scope(str(scope)) in Scope


@each_route
def test_a_route_says_how_often_it_may_be_called(name: str) -> None:
    rate = Rate(str(rule(name, "x-rate")))

    assert len(ROUTES[name].dependencies) >= 1, "the gate does not stand before it"
    if not name.startswith(("GET ", "HEAD ")) and name not in CHANGES_NOTHING:
        assert rate not in (Rate.READ, Rate.FILES), "what changes something has a rate of its own"


@each_route
def test_a_route_declares_the_errors_that_it_raises(name: str) -> None:
    route = ROUTES[name]
    declared = {int(status) for status in route.responses}
    expected = {429}
    if rule(name, "x-scope") is not None:
        expected |= {401, 403}

    raised = {status_of(error)[0] for error in _raised_in(route)} - {422}

    assert expected | raised <= declared | {422, 500}, sorted((expected | raised) - declared)


def _raised_in(route: APIRoute) -> set[type[GatherumError]]:
    """Return the errors that a route's own function raises by name."""
    tree = ast.parse(inspect.getsource(inspect.unwrap(route.endpoint)).lstrip())
    names = {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
    }
    return {getattr(errors, each) for each in names if hasattr(errors, each)}


@each_route
def test_a_parameter_of_the_address_is_no_credential(name: str) -> None:
    query = {field.alias for field in ROUTES[name].dependant.query_params}

    assert not {each for each in query if re.search(r"token|key|secret|password|cookie", each)}


async def test_nobody_is_told_anything_without_signing_in(server: Server) -> None:
    client = await server.client()

    for name, route in ROUTES.items():
        if rule(name, "x-scope") is None:
            continue
        method, _, path = name.partition(" ")
        path = re.sub(r"\{[^}]*\}", "1", path)
        kind = "application/x-ndjson" if path.endswith("/import") else "application/json"
        async with client.request(
            method, path, data=b"{}", headers={"Content-Type": kind}
        ) as answer:
            assert answer.status == 401, (route.path, await answer.text())
            assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_description_is_for_callers_only(server: Server) -> None:
    stranger, viewer = await server.client(), await server.client_as(Role.VIEWER)

    async with stranger.get("/api/v1/openapi.json") as answer:
        assert answer.status == 401
    async with viewer.get("/api/v1/openapi.json") as answer:
        assert answer.status == 200


async def test_an_address_that_is_none_is_a_problem(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.get("/api/v1/nothing") as answer:
        told = await answer.json(content_type="application/problem+json")

    assert (answer.status, told["status"], told["title"]) == (404, 404, "There is no such address")


async def test_a_parameter_that_has_one_value_is_not_taken_twice(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    tried = 0

    for name, route in ROUTES.items():
        method, _, path = name.partition(" ")
        lists = {"kinds", "number"}  # the only ones that take several
        for field in route.dependant.query_params:
            if method != "GET" or field.alias in lists:
                continue
            twice = re.sub(r"\{[^}]*\}", "1", path) + f"?{field.alias}=1&{field.alias}=1"
            async with client.get(twice, allow_redirects=False) as answer:
                told = await answer.json(content_type=None)
            assert (answer.status, told["type"]) == (422, "urn:gatherum:problem:invalid-input"), (
                twice
            )
            tried += 1
    async with client.get("/api/v1/me?any=1&any=2") as answer:
        assert answer.status == 422

    assert tried >= 10


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("TRACE", "/api/v1/accounts/1", "DELETE, GET, PATCH"),
        ("PROPFIND", "/api/v1/api-keys", "GET, POST"),
        ("OPTIONS", "/api/v1/api-keys", "GET, POST"),
        ("DELETE", "/api/v1/me", "GET"),
        ("DELETE", "/api/v1/subscriptions/next-runs", "POST"),  # it is no number of one
        ("PATCH", "/api/v1/media/count", "GET"),
        ("OPTIONS", "/api/v1/settings/network/schema", "GET"),
    ],
)
async def test_a_method_that_an_address_has_not_is_told_those_it_has(
    method: str, path: str, allow: str, server: Server
) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.request(method, path) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, allow)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"{",
        b"[]",
        b"1",
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"a":' * 700 + b"1" + b"}" * 700,
        b'{"a":' * 700 + b'"\\u0000"' + b"}" * 700,
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_a_body_that_is_no_text_is_input_that_does_not_fit(
    body: bytes, server: Server
) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.post(
        "/api/v1/subscriptions", data=body, headers={"Content-Type": "application/json"}
    ) as answer:
        told = await answer.json(content_type="application/problem+json")

    assert (answer.status, told["type"]) == (422, "urn:gatherum:problem:invalid-input")
