"""Setting up, signing in and out, sudo mode: over HTTP, as browsers and attackers do it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError

from gatherum.accounts.model import Role
from gatherum.accounts.passwords import Passwords
from gatherum.settings import BootSettings, SecuritySettings
from gatherum.web.app import PARTS
from tests.web.conftest import HERE, Server, serving
from tests.web.doors import PASSWORD, Browser, browser, known, signed_in

NEW = "another long password"


async def test_the_first_run_makes_one_administrator_by_the_printed_token(
    server: Server,
) -> None:
    token = await server.app.people.invitations.offer_setup()
    asked = await browser(server)
    assert (await asked("GET", "/setup")).json == {"needed": True}
    body = {"name": "ada", "password": PASSWORD}

    wrong = await asked("POST", "/setup", {**body, "token": "made up"})
    weak = await asked("POST", "/setup", {**body, "token": token, "password": "password1234"})
    made = await asked("POST", "/setup", {**body, "token": token})

    assert (wrong.status, weak.status, made.status) == (401, 422, 201)
    assert made.json == {"id": 1, "name": "ada", "role": "admin"}
    assert (await asked("GET", "/me")).json["name"] == "ada"
    assert (await asked("GET", "/setup")).json == {"needed": False}
    again = await (await browser(server))("POST", "/setup", {**body, "token": token})
    assert again.status == 401


async def test_of_ten_who_set_up_at_once_one_wins(any_server: Server) -> None:
    token = await any_server.app.people.invitations.offer_setup()
    everybody = [await browser(any_server) for _ in range(10)]

    answers = await asyncio.gather(
        *(
            one("POST", "/setup", {"token": token, "name": f"ada{number}", "password": PASSWORD})
            for number, one in enumerate(everybody)
        )
    )

    assert sorted(answer.status for answer in answers) == [201] + [401] * 9
    assert len(await any_server.app.people.accounts.list()) == 1


async def test_there_is_no_account_until_somebody_makes_one(server: Server) -> None:
    asked = await browser(server)

    for name in ("admin", "root", "gatherum", ""):
        for password in ("admin", "password", "gatherum", "changeme"):
            answer = await asked.sign_in(name, password)
            assert answer.status in (401, 422, 429)
    assert asked.cookie == ""
    assert await server.app.people.accounts.list() == ()


async def test_signing_in_sets_one_cookie_that_no_script_and_no_other_site_gets(
    server: Server,
) -> None:
    await known(server)
    asked = await browser(server)

    answer = await asked.sign_in("ada")

    assert (answer.status, answer.text) == (204, "")
    (line,) = answer.headers.getall("Set-Cookie")
    value, *flags = line.split("; ")
    assert value.startswith("sid=")
    assert len(value) == 4 + 43
    assert sorted(flag.lower() for flag in flags) == [
        "httponly",
        "max-age=2592000",
        "path=/",
        "samesite=lax",
    ]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_behind_https_the_cookie_is_bound_to_the_host(settings: BootSettings) -> None:
    there = settings.model_copy(update={"public_url": "https://gatherum.example"})
    async with serving(there) as server:
        await known(server)
        client = await server.client()
        async with client.post(
            f"http://127.0.0.1:{server.port}/api/v1/session",
            json={"name": "ada", "password": PASSWORD},
            headers={"Host": "gatherum.example"},
        ) as answer:
            line = answer.headers["Set-Cookie"]

    assert line.startswith("__Host-sid=")
    assert "; Secure" in line
    assert "domain" not in line.lower()


async def test_a_planted_cookie_is_void_once_its_browser_signs_in(server: Server) -> None:
    account = await known(server)
    eve = await known(server, "eve", Role.VIEWER)
    for owner in (account, eve):
        planted = await server.app.people.sessions.begin(
            owner.id, HERE, methods="password", full=True
        )
        asked = Browser(await server.client(), cookie=f"sid={planted}")

        await asked.sign_in("ada")

        assert asked.cookie != f"sid={planted}"
        assert (await asked("GET", "/me")).json["name"] == "ada"
        thief = Browser(await server.client(), cookie=f"sid={planted}")
        assert (await thief("GET", "/me")).status == 401
    made_up = Browser(await server.client(), cookie="sid=chosen-by-an-attacker")
    await made_up.sign_in("ada")
    assert made_up.cookie != "sid=chosen-by-an-attacker"


async def test_a_wrong_name_and_a_wrong_password_look_and_cost_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(server)
    checks: list[str | None] = []
    verify = Passwords.verify

    async def counted(passwords: Passwords, kept: str | None, password: str) -> bool:
        checks.append(kept)
        return await verify(passwords, kept, password)

    monkeypatch.setattr(Passwords, "verify", counted)
    asked = await browser(server)

    unknown, wrong = await asked.sign_in("nobody"), await asked.sign_in("ada", NEW)

    assert (unknown.status, wrong.status) == (401, 401)
    told = [{**one.json, "id": ""} for one in (unknown, wrong)]
    assert told[0] == told[1]
    assert checks[0] is None
    assert checks[1] is not None
    assert len(checks) == 2
    assert asked.cookie == ""


async def test_the_sixth_wrong_try_is_told_to_wait_even_after_a_restart(
    settings: BootSettings,
) -> None:
    async with serving(settings) as server:
        await known(server)
        asked = await browser(server)
        told = [(await asked.sign_in("ada", NEW)).status for _ in range(6)]
        assert told == [401] * 5 + [429]

    async with serving(settings) as server:
        asked = await browser(server)
        answer = await asked.sign_in("ada")
        assert answer.status == 429
        assert 880 < int(answer.headers["Retry-After"]) <= 900


async def test_of_thirty_wrong_tries_at_once_five_are_judged(
    any_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(any_server)
    checks = 0
    verify = Passwords.verify

    async def counted(passwords: Passwords, kept: str | None, password: str) -> bool:
        nonlocal checks
        checks += 1
        return await verify(passwords, kept, password)

    monkeypatch.setattr(Passwords, "verify", counted)
    asked = await browser(any_server)

    answers = await asyncio.gather(*(asked.sign_in("ada", NEW) for _ in range(30)))

    statuses = [answer.status for answer in answers]
    assert (statuses.count(401), statuses.count(429), checks) == (5, 25, 5)


async def test_signing_out_ends_the_session_and_clears_the_browser(server: Server) -> None:
    asked = await signed_in(server)
    thief = Browser(await server.client(), cookie=asked.cookie)

    answer = await asked("DELETE", "/session")

    assert answer.status == 204
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert asked.cookie == 'sid=""'
    assert (await thief("GET", "/me")).status == 401
    assert (await (await browser(server))("DELETE", "/session")).status == 204


async def test_a_credential_in_the_address_counts_for_nothing(server: Server) -> None:
    asked = await signed_in(server)
    token = asked.cookie.partition("=")[2]
    client = await server.client()

    for name in ("sid", "token", "access_token", "api_key", "apiKey", "sessionKey", "__Host-sid"):
        async with client.get(f"/api/v1/settings?{name}={token}") as answer:
            assert answer.status == 401


async def test_what_matters_asks_for_a_fresh_proof_and_changes_the_cookie(server: Server) -> None:
    await known(server)
    late = await server.client_as(name="ada2", sudo=False)
    asked = await signed_in(server)
    before = asked.cookie

    async with late.post("/api/v1/api-keys", json={"name": "x", "scopes": ["self"]}) as refused:
        assert (refused.status, refused.headers["X-Reauth"]) == (403, "required")
        assert (await refused.json())["type"] == "urn:gatherum:problem:sudo-required"
    wrong = await asked("POST", "/session/sudo", {"password": NEW})
    right = await asked("POST", "/session/sudo", {"password": PASSWORD})

    assert (wrong.status, right.status, right.text) == (403, 204, "")
    assert "X-Reauth" not in wrong.headers
    assert asked.cookie != before
    assert (await Browser(asked.client, cookie=before)("GET", "/me")).status == 401
    made = await asked("POST", "/api-keys", {"name": "x", "scopes": ["self"]})
    assert made.status == 201


async def test_sudo_takes_one_proof(server: Server) -> None:
    asked = await signed_in(server)

    for body, status in (
        ({}, 422),
        ({"password": PASSWORD, "factor": "totp"}, 422),
        ({"password": PASSWORD, "sudo_until": 9e9}, 422),
        ({"password": "x" * 257}, 422),
        ({"factor": "totp", "answer": {"code": "000000"}}, 404),
        ({"factor": "../password", "answer": {}}, 404),
    ):
        assert (await asked("POST", "/session/sudo", body)).status == status, body


async def test_a_new_password_needs_the_old_one_and_signs_the_others_out(
    any_server: Server,
) -> None:
    asked, elsewhere = await signed_in(any_server), await signed_in(any_server)
    before = asked.cookie

    wrong = await asked("PUT", "/me/password", {"current": NEW, "new": NEW})
    weak = await asked("PUT", "/me/password", {"current": PASSWORD, "new": "gatherum1234"})
    right = await asked("PUT", "/me/password", {"current": PASSWORD, "new": NEW})

    assert (wrong.status, weak.status, right.status) == (403, 422, 204)
    assert asked.cookie != before
    assert (await asked("GET", "/me")).status == 200
    assert (await elsewhere("GET", "/me")).status == 401
    assert (await elsewhere.sign_in("ada")).status == 401
    assert (await elsewhere.sign_in("ada", NEW)).status == 204


async def test_one_sees_and_ends_ones_own_sessions_only(server: Server) -> None:
    asked, other = await signed_in(server), await signed_in(server)
    eve = await signed_in(server, "eve", Role.VIEWER)
    mine = (await asked("GET", "/me/sessions")).json["items"]
    theirs = (await eve("GET", "/me/sessions")).json["items"]

    assert [one["current"] for one in mine].count(True) == 1
    assert (len(mine), len(theirs)) == (2, 1)
    ids = [one["id"] for one in mine if not one["current"]]
    assert (await eve("DELETE", f"/me/sessions/{ids[0]}")).status == 404
    assert (await asked("DELETE", f"/me/sessions/{theirs[0]['id']}")).status == 404
    assert (await asked("DELETE", "/me/sessions/%27%20or%201=1")).status == 422
    assert (await other("GET", "/me")).status == 200
    assert (await asked("DELETE", f"/me/sessions/{ids[0]}")).status == 204
    assert (await other("GET", "/me")).status == 401
    assert (await eve("GET", "/me")).status == 200


async def test_who_must_enrol_may_do_that_and_sign_out_and_nothing_else(server: Server) -> None:
    asked = await signed_in(server)
    await server.app.preferences.update(SecuritySettings, {"require_second_factor": True})
    server.app.people.recent.drop()
    left = {
        ("GET", "/api/v1/me"),
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/session/sudo"),
        ("POST", "/api/v1/session/sudo/{factor}"),
        ("POST", "/api/v1/session/oidc/sudo"),
    }

    assert (await asked("GET", "/me")).json["must_enrol"] is True
    refused = 0
    for route in (one for part in PARTS for one in part.routes.router.routes):
        assert isinstance(route, APIRoute)
        method, path = next(iter(route.methods or ())), route.path
        scoped = route.openapi_extra and route.openapi_extra["x-scope"] is not None
        enrols = path.startswith(
            tuple(
                f"/api/v1/me/{part}" for part in ("totp", "passkeys", "duo", "recovery", "factors")
            )
        )
        if not scoped or enrols or (method, path) in left or not path.startswith("/api/v1/"):
            continue
        filled = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
        answer = await asked(method, filled, {})
        other_type = (answer.status, path) == (415, "/api/v1/import")  # refused before the gate
        assert answer.status == 403 or other_type, (method, path, answer)
        assert other_type or method == "HEAD" or "second factor" in answer.detail
        refused += 1
    assert refused > 20
    assert (await asked("POST", "/me/totp", {})).status < 300


async def test_an_invitation_is_accepted_over_http_once(server: Server) -> None:
    boss = await signed_in(server)
    added = (await boss("POST", "/accounts", {"name": "eve", "role": "editor"})).json
    asked = await browser(server)
    token = added["invitation"]["token"]

    weak = await asked("POST", "/invitations/accept", {"token": token, "password": "short"})
    done = await asked("POST", "/invitations/accept", {"token": token, "password": PASSWORD})
    again = await asked("POST", "/invitations/accept", {"token": token, "password": NEW})

    assert (weak.status, done.status, again.status) == (422, 204, 401)
    assert asked.cookie == ""  # it opens nothing by itself
    assert (await asked.sign_in("eve")).status == 204
    assert (await asked("GET", "/me")).json["role"] == "editor"


async def test_nothing_that_opens_a_door_stands_in_the_database_file(
    settings: BootSettings,
) -> None:
    async with serving(settings) as server:
        boss = await signed_in(server)
        added = (await boss("POST", "/accounts", {"name": "eve"})).json
        key = (await boss("POST", "/api-keys", {"name": "x", "scopes": ["self"]})).json["key"]
        token = (await boss("POST", "/tokens", {})).json["access_token"]
        secrets = [
            boss.cookie.partition("=")[2],
            added["invitation"]["token"],
            key,
            key[17:81],
            token,
            PASSWORD,
        ]
    with closing(sqlite3.connect(settings.data_dir / "gatherum.db")) as database:
        dump = "\n".join(database.iterdump())

    assert "eve" in dump
    assert [secret for secret in secrets if secret in dump] == []


async def test_a_database_that_fails_is_a_503_and_never_a_way_in(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await signed_in(server)

    async def broken(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(server.app.people.sessions, "find", broken)
    server.app.people.recent.drop()

    answer = await asked("GET", "/me")

    assert answer.status == 503
    assert "locked" not in answer.text
