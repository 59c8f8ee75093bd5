"""Every route against every role, and against keys: who may not, is told so and changes nothing."""

import re

import aiohttp
import pytest

from gatherum.accounts.model import SCOPES, Role, Scope
from tests.web.conftest import Server
from tests.web.routes import ROUTES, rule

GUARDED = sorted(name for name in ROUTES if rule(name, "x-scope") is not None)


async def ask(client: aiohttp.ClientSession, name: str, **headers: str) -> tuple[int, str]:
    """Ask a route, with numbers that nothing has; return the status and the kind of problem."""
    method, _, path = name.partition(" ")
    path = re.sub(r"\{[^}]*\}", "987654321", path)
    kind = "application/x-ndjson" if path.endswith("/import") else "application/json"
    sent = None if method in ("GET", "HEAD") else b"{}"
    async with client.request(
        method, path, data=sent, headers={"Content-Type": kind, **headers}
    ) as answer:
        if answer.headers.get("Content-Type") != "application/problem+json" or method == "HEAD":
            return answer.status, ""
        told = await answer.json(content_type=None)
        return answer.status, str(told["type"]).rpartition(":")[2]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_a_role_reaches_its_own_scopes_and_no_others(role: Role, server: Server) -> None:
    client = await server.client_as(role)
    wrong = []

    for name in GUARDED:
        allowed = Scope(str(rule(name, "x-scope"))) in SCOPES[role]
        if allowed and name.startswith("GET "):
            continue  # what it answers is the matter of other tests; a stream would not end
        status, kind = await ask(client, name)
        if ((status, kind) == (403, "forbidden")) is allowed:
            wrong.append((name, status, kind))

    assert wrong == []


async def test_a_key_reaches_no_more_than_it_was_made_for(server: Server) -> None:
    admin = await server.client_as(Role.ADMIN)
    async with admin.post(
        "/api/v1/api-keys", json={"name": "small", "scopes": ["following:read"]}
    ) as answer:
        key = (await answer.json())["key"]
    program = await server.client(**{"X-Api-Key": key})
    reached = []

    for name in GUARDED:
        if rule(name, "x-scope") == "following:read":
            continue
        status, _ = await ask(program, name)
        if status != 403:
            reached.append((name, status))

    assert reached == []


async def test_what_needs_a_fresh_proof_is_done_by_no_key_and_by_no_old_session(
    server: Server,
) -> None:
    admin = await server.client_as(Role.ADMIN)
    scopes = [scope.value for scope in Scope]
    async with admin.post("/api/v1/api-keys", json={"name": "all", "scopes": scopes}) as answer:
        key = (await answer.json())["key"]
    program = await server.client(**{"X-Api-Key": key})
    stale = await server.client_as(Role.ADMIN, name="stale", sudo=False)
    passed = []

    for name in sorted(name for name in ROUTES if rule(name, "x-sudo")):
        for who in (program, stale):
            status, kind = await ask(who, name)
            expected = "forbidden" if who is program else "sudo-required"
            if (status, kind) != (403, expected):
                passed.append((name, status, kind))

    assert passed == []
