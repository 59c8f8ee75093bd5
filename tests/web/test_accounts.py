"""Accounts over HTTP: administrators change them, and nobody else sees more than their own."""

from dataclasses import dataclass

import aiohttp

from gatherum.accounts.model import Role, Scope
from gatherum.accounts.tables import AccountRow
from tests.web.conftest import Server
from tests.web.doors import PASSWORD, Browser, browser, known, signed_in


@dataclass
class Stage:
    """Eve, who has a session and a key, and others who are after them."""

    server: Server
    eve: int
    session: str
    key: str

    async def intact(self) -> bool:
        """Return whether all that is Eve's stands as it stood."""
        app = self.server.app
        account = await app.people.accounts.get(self.eve)
        sessions = [one.id for one in await app.people.sessions.list(self.eve)]
        keys = [one.id for one in await app.people.api_keys.list(self.eve)]
        same = (account.name, account.role, account.disabled) == ("eve", Role.VIEWER, False)
        return same and sessions == [self.session] and keys == [self.key]


async def stage(server: Server) -> Stage:
    eve = await signed_in(server, "eve", Role.VIEWER)
    key = (await eve("POST", "/api-keys", {"name": "x", "scopes": ["self"]})).json["id"]
    (session,) = (await eve("GET", "/me/sessions")).json["items"]
    account = await server.app.people.accounts.find("eve")
    assert account is not None
    return Stage(server, account.id, session["id"], key)


def matrix(on: Stage) -> dict[tuple[str, str], object]:
    """Return every way to look at what is Eve's, or to change it."""
    one = f"/accounts/{on.eve}"
    return {
        ("GET", "/accounts"): None,
        ("GET", one): None,
        ("GET", f"{one}/sessions"): None,
        ("GET", f"{one}/api-keys"): None,
        ("POST", "/accounts"): {"name": "mallory", "role": "admin"},
        ("PATCH", one): {"role": "admin", "name": "taken", "disabled": True},
        ("POST", f"{one}/reset"): {},
        ("DELETE", f"{one}/factors"): {},
        ("DELETE", f"{one}/sessions"): {},
        ("DELETE", f"{one}/sessions/{on.session}"): {},
        ("DELETE", f"{one}/api-keys/{on.key}"): {},
        ("DELETE", one): {},
    }


READS = 4  # of the matrix, at its beginning


async def statuses(client: Browser, on: Stage) -> list[int]:
    return [
        (await client(method, path, body)).status for (method, path), body in matrix(on).items()
    ]


async def test_nobody_but_administrators_sees_or_changes_accounts(server: Server) -> None:
    on = await stage(server)
    for role in (Role.VIEWER, Role.EDITOR):
        other = await signed_in(server, role.value, role)

        assert await statuses(other, on) == [403] * 12
        assert (await other("DELETE", f"/me/sessions/{on.session}")).status == 404
        assert (await other("DELETE", f"/api-keys/{on.key}")).status == 404
        assert (await other("GET", "/audit")).status == 403
        assert (await other("GET", "/api-keys")).json["items"] == []
        assert len((await other("GET", "/me/sessions")).json["items"]) == 1
    assert await on.intact()
    assert await server.app.people.accounts.find("mallory") is None

    eve = await signed_in(server, "eve")
    await server.app.people.sessions.revoke(on.eve, on.session)
    assert await statuses(eve, on) == [403] * 12
    assert (await server.app.people.accounts.get(on.eve)).role is Role.VIEWER


async def test_an_administrator_out_of_sudo_mode_a_key_and_a_token_only_look(
    server: Server,
) -> None:
    on = await stage(server)
    boss = await signed_in(server)
    made = await boss("POST", "/api-keys", {"name": "all", "scopes": sorted(Scope)})
    token = (await boss("POST", "/tokens", {})).json["access_token"]
    late = Browser(await server.client_as(name="late", sudo=False))
    by_key = Browser(await server.client(**{"X-Api-Key": made.json["key"]}))
    by_token = Browser(await server.client(Authorization=f"Bearer {token}"))

    for client in (late, by_key, by_token):
        assert await statuses(client, on) == [200] * READS + [403] * 8
    assert await on.intact()
    assert await server.app.people.accounts.find("mallory") is None
    refused = await late("DELETE", f"/accounts/{on.eve}")
    assert refused.headers["X-Reauth"] == "required"
    assert "X-Reauth" not in (await by_key("DELETE", f"/accounts/{on.eve}")).headers


async def test_an_administrator_in_sudo_mode_does_it_all(any_server: Server) -> None:
    on = await stage(any_server)
    boss = await signed_in(any_server)

    told = await statuses(boss, on)

    # Disabling ends her session at once: there is none left to end by itself.
    assert told == [200] * READS + [201, 200, 201, 204, 204, 404, 204, 204]
    left = {one["name"] for one in (await boss("GET", "/accounts")).json["items"]}
    assert left == {"ada", "mallory"}


async def test_nobody_makes_themselves_more_or_less_than_they_are(server: Server) -> None:
    boss = await signed_in(server)
    second = await signed_in(server, "second")
    (me,) = [one for one in (await boss("GET", "/accounts")).json["items"] if one["name"] == "ada"]
    path = f"/accounts/{me['id']}"

    for body in ({"role": "viewer"}, {"role": "admin"}, {"disabled": True}):
        assert (await boss("PATCH", path, body)).status == 403
    assert (await boss("DELETE", path)).status == 403
    assert (await boss("DELETE", f"{path}/factors")).status == 403
    assert (await boss("PATCH", path, {"name": "Ada L."})).json["name"] == "Ada L."
    assert (await second("PATCH", path, {"role": "editor"})).json["role"] == "editor"
    assert (await boss("GET", "/accounts")).status == 403


async def test_the_last_administrator_stays_one(server: Server) -> None:
    boss = await signed_in(server)
    second = await known(server, "second")
    third = await signed_in(server, "third")
    ada = await server.app.people.accounts.find("ada")
    assert ada is not None
    assert (await boss("PATCH", f"/accounts/{second.id}", {"disabled": True})).status == 200
    assert (await third("PATCH", f"/accounts/{ada.id}", {"disabled": True})).status == 200

    me = await server.app.people.accounts.find("third")
    assert me is not None
    assert (await third("DELETE", f"/accounts/{me.id}")).status == 403
    assert (await boss("GET", "/me")).status == 401


async def test_an_account_that_makes_no_sense_is_not_made(server: Server) -> None:
    boss = await signed_in(server)

    bodies: tuple[object, ...] = (
        {"name": "eve", "role": "owner"},
        {"name": "eve", "password": "password1234"},
        {"name": "eve", "password": "short"},
        {"name": "eve", "id": 1},
        {"name": "eve", "handle": "x"},
        {"name": "eve", "must_enrol": False},
        {"name": ""},
        {"name": "x" * 65},
        {"name": "a\u0000b"},
        {},
        [],
    )
    for body in bodies:
        assert (await boss("POST", "/accounts", body)).status == 422, body
    assert len(await server.app.people.accounts.list()) == 1


async def test_a_role_slipped_into_another_request_does_nothing(server: Server) -> None:
    eve = await signed_in(server, "eve", Role.VIEWER)
    body = {"role": "admin", "name": "eve", "password": PASSWORD, "current": PASSWORD, "new": "x"}

    for path in ("/me", "/me/password", "/session"):
        for method in ("POST", "PUT", "PATCH"):
            assert (await eve(method, path, body)).status in (404, 405, 422)
    assert (await eve("GET", "/me")).json["role"] == "viewer"


async def test_a_change_of_another_version_is_refused(server: Server) -> None:
    boss = await signed_in(server)
    made = (await boss("POST", "/accounts", {"name": "eve"})).json["account"]
    path = f"/accounts/{made['id']}"
    tag = (await boss("GET", path)).headers["ETag"]

    changed = await boss("PATCH", path, {"role": "editor"}, **{"If-Match": tag})
    stale = await boss("PATCH", path, {"role": "admin"}, **{"If-Match": tag})

    assert (tag, changed.status, changed.headers["ETag"]) == ('"1"', 200, '"2"')
    assert stale.status == 412
    assert (await boss("PATCH", path, {"name": "ada"})).status == 409
    for missing in (999, 2**53, 2**53 + 1, 0, -1, "x"):
        assert (await boss("GET", f"/accounts/{missing}")).status in (404, 422)


async def test_a_disabled_account_is_out_at_once_in_every_way(any_server: Server) -> None:
    boss = await signed_in(any_server)
    eve = await signed_in(any_server, "eve", Role.EDITOR)
    key = (await eve("POST", "/api-keys", {"name": "x", "scopes": ["self"]})).json["key"]
    token = (await eve("POST", "/tokens", {})).json["access_token"]
    by_key = Browser(await any_server.client(**{"X-Api-Key": key}))
    by_token = Browser(await any_server.client(Authorization=f"Bearer {token}"))
    assert [(await one("GET", "/me")).status for one in (eve, by_key, by_token)] == [200] * 3
    account = await any_server.app.people.accounts.find("eve")
    assert account is not None
    path = f"/accounts/{account.id}"

    await boss("PATCH", path, {"disabled": True})

    assert [(await one("GET", "/me")).status for one in (eve, by_key, by_token)] == [401] * 3
    assert (await (await browser(any_server)).sign_in("eve")).status == 401
    await boss("PATCH", path, {"disabled": False})
    assert [(await one("GET", "/me")).status for one in (eve, by_key, by_token)] == [401, 200, 401]


async def test_what_was_done_and_what_was_denied_is_in_the_audit(any_server: Server) -> None:
    boss = await signed_in(any_server)
    eve = await signed_in(any_server, "eve", Role.VIEWER)
    await (await browser(any_server)).sign_in("eve", "wrong password")
    await eve("GET", "/accounts")
    await boss("POST", "/accounts", {"name": "bob"})

    page = (await boss("GET", "/audit?limit=3")).json
    rest = (await boss("GET", f"/audit?limit=100&cursor={page['next']}")).json

    told = [(one["event"], one["name"]) for one in page["items"]]
    assert told == [("account.added", "ada"), ("denied", "eve"), ("sign_in.failed", "eve")]
    assert page["items"][1]["detail"] == {"route": "GET /api/v1/accounts", "scope": "accounts:read"}
    assert page["items"][1]["address"] == "127.0.0.1"
    assert [one["event"] for one in rest["items"]] == [
        "sign_in.ok",
        "account.added",
        "sign_in.ok",
        "account.added",
    ]
    assert rest["next"] is None
    assert len((await boss("GET", "/audit?event=denied")).json["items"]) == 1
    for query in ("limit=0", "limit=501", "cursor=x", "event=%25", "account=0"):
        assert (await boss("GET", f"/audit?{query}")).status == 422
    assert PASSWORD not in str(page) + str(rest)


async def test_no_answer_tells_a_hash_a_handle_or_a_token_of_others(server: Server) -> None:
    on = await stage(server)
    boss = await signed_in(server)
    columns = set(AccountRow.__table__.columns.keys())
    secret = {"password", "handle", "name_key"}
    assert secret < columns

    for path in ("/accounts", f"/accounts/{on.eve}", f"/accounts/{on.eve}/sessions", "/audit"):
        text = (await boss("GET", path)).text
        assert not any(f'"{name}":' in text for name in secret | {"hash", "token"})
        assert "argon2" not in text


async def test_two_keys_at_once_or_a_key_beside_a_cookie_are_no_credential(server: Server) -> None:
    boss = await signed_in(server)
    keys = [
        (await boss("POST", "/api-keys", {"name": "x", "scopes": ["self"]})).json["key"]
        for _ in range(2)
    ]
    async with aiohttp.ClientSession(base_url=server.url) as client:
        for headers in (
            [("X-Api-Key", keys[0]), ("X-Api-Key", keys[1])],
            [("X-Api-Key", keys[0]), ("Authorization", f"Bearer {keys[1]}")],
            [("Authorization", f"Bearer {keys[0]}"), ("Authorization", f"Bearer {keys[1]}")],
            [("X-Api-Key", keys[0]), ("Cookie", boss.cookie)],
        ):
            async with client.get("/api/v1/me", headers=headers) as answer:
                assert answer.status == 401
