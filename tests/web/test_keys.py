"""API keys and bearer tokens over HTTP."""

import time

from gatherum.accounts.model import Role, Scope
from gatherum.moments import moment
from tests.web.conftest import Server
from tests.web.doors import Browser, signed_in


async def by(server: Server, **headers: str) -> Browser:
    return Browser(await server.client(**headers))


async def test_a_key_is_told_once_and_does_what_its_scopes_say(server: Server) -> None:
    boss = await signed_in(server)
    made = await boss(
        "POST", "/api-keys", {"name": "reader", "scopes": ["accounts:read"], "expires_at": None}
    )

    assert made.status == 201
    text, number = made.json["key"], made.json["id"]
    for headers in ({"X-Api-Key": text}, {"Authorization": f"Bearer {text}"}):
        program = await by(server, **headers)
        assert (await program("GET", "/accounts")).status == 200
        assert (await program("GET", "/audit")).status == 403
        assert (await program("GET", "/me")).status == 403
    listed = (await boss("GET", "/api-keys")).json["items"]
    assert [(one["id"], one["name"], one["scopes"]) for one in listed] == [
        (number, "reader", ["accounts:read"])
    ]
    assert listed[0]["used_at"] is not None
    assert text not in str(listed)
    assert text[17:] not in (await boss("GET", "/audit")).text


async def test_a_key_that_is_removed_is_void_at_once(any_server: Server) -> None:
    boss = await signed_in(any_server)
    made = (await boss("POST", "/api-keys", {"name": "x", "scopes": ["self"]})).json
    program = await by(any_server, **{"X-Api-Key": made["key"]})
    assert (await program("GET", "/me")).json["proof"] == "key"

    assert (await boss("DELETE", f"/api-keys/{made['id']}")).status == 204

    assert (await program("GET", "/me")).status == 401
    assert (await boss("DELETE", f"/api-keys/{made['id']}")).status == 404


async def test_a_key_that_may_not_or_makes_no_sense_is_not_made(server: Server) -> None:
    editor = await signed_in(server, "eve", Role.EDITOR)

    for body, status in (
        ({"name": "x", "scopes": ["purge"]}, 403),
        ({"name": "x", "scopes": sorted(Scope)}, 403),
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x", "scopes": ["everything"]}, 422),
        ({"name": "", "scopes": ["self"]}, 422),
        ({"name": "a\nb", "scopes": ["self"]}, 422),
        ({"name": "x", "scopes": ["self"], "expires_at": 1000}, 422),
        ({"name": "x", "scopes": ["self"], "expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"name": "x", "scopes": ["self"], "expires_at": "soon"}, 422),
        ({"name": "x", "scopes": ["self"], "expires_at": 1e300}, 422),
        ({"name": "x", "scopes": ["self"], "account_id": 1}, 422),
    ):
        assert (await editor("POST", "/api-keys", body)).status == status, body
    assert (await editor("GET", "/api-keys")).json["items"] == []


async def test_a_key_expires_when_it_was_said_to(server: Server) -> None:
    boss = await signed_in(server)
    until = round(time.time()) + 3600

    for told in (until, moment(until)):
        body = {"name": "x", "scopes": ["self"], "expires_at": told}
        made = await boss("POST", "/api-keys", body)
        assert (made.status, made.json["expires_at"]) == (201, moment(until))


async def test_neither_a_key_nor_a_token_makes_another_or_proves_a_person(server: Server) -> None:
    boss = await signed_in(server)
    key = (await boss("POST", "/api-keys", {"name": "x", "scopes": sorted(Scope)})).json["key"]
    token = (await boss("POST", "/tokens", {})).json["access_token"]

    for headers in ({"X-Api-Key": key}, {"Authorization": f"Bearer {token}"}):
        program = await by(server, **headers)
        for method, path, body in (
            ("POST", "/api-keys", {"name": "y", "scopes": ["self"]}),
            ("POST", "/tokens", {}),
            ("POST", "/session/sudo", {"password": "correct horse battery"}),
            ("POST", "/session/sudo/totp", {}),
            ("PUT", "/me/password", {"current": "correct horse battery", "new": "x" * 12}),
        ):
            answer = await program(method, path, body)
            assert answer.status == 403, (method, path, answer)
            assert "Set-Cookie" not in answer.headers


async def test_a_token_lasts_ten_minutes_and_no_longer_than_its_session(
    server: Server,
) -> None:
    boss = await signed_in(server)
    made = await boss("POST", "/tokens", {"scopes": ["self", "accounts:read"]})
    assert (made.status, made.json["token_type"]) == (201, "Bearer")
    assert 598 <= made.json["expires_in"] <= 600
    program = await by(server, Authorization=f"Bearer {made.json['access_token']}")
    assert (await program("GET", "/accounts")).status == 200
    assert (await program("GET", "/audit")).status == 403

    await boss("DELETE", "/session")

    assert (await program("GET", "/accounts")).status == 401


async def test_a_token_is_not_wider_than_its_account(server: Server) -> None:
    viewer = await signed_in(server, "eve", Role.VIEWER)

    assert (await viewer("POST", "/tokens", {"scopes": ["purge"]})).status == 403
    assert (await viewer("POST", "/tokens", {"scopes": []})).status == 422
    token = (await viewer("POST", "/tokens", {})).json["access_token"]
    program = await by(server, Authorization=f"Bearer {token}")
    assert (await program("GET", "/me")).json["proof"] == "token"
    assert (await program("GET", "/accounts")).status == 403
