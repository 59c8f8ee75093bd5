"""Second factors over HTTP: setting them up, signing in with them, and no way round them."""

import re
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
import pytest
import trustme
from fastapi.routing import APIRoute

from gatherum.accounts.model import Account, Role
from gatherum.settings import BootSettings, DuoSettings, SecuritySettings
from gatherum.web.app import PARTS
from tests.testsites.duo import CLIENT_ID, CLIENT_SECRET, FakeDuo
from tests.testsites.softkey import SoftKey
from tests.web.conftest import HERE, Server, forget_codes, serving

API = "/api/v1"
PASSWORD = "correct horse battery staple"


class Browser:
    """A browser on our own pages: it keeps the cookies that it is given."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def send(self, method: str, path: str, body: Any = None) -> aiohttp.ClientResponse:
        answer = await self._client.request(
            method,
            f"{self.server.url}{API}{path}",
            json=body,
            headers={"Origin": self.server.site.origin},
        )
        await answer.read()
        return answer

    async def post(self, path: str, body: Any = None) -> aiohttp.ClientResponse:
        return await self.send("POST", path, {} if body is None else body)

    async def told(self, path: str, body: Any = None) -> dict[str, Any]:
        """Post, and return the answer of a success."""
        answer = await self.post(path, body)
        assert answer.status in (200, 201), await answer.text()
        told: dict[str, Any] = await answer.json()
        return told

    async def sign_in(self) -> list[str]:
        """Sign in by password; return the factors that are due."""
        answer = await self.post("/session", {"name": "ada", "password": PASSWORD})
        return [] if answer.status == 204 else (await answer.json())["factors"]

    async def is_in(self) -> bool:
        return (await self.send("GET", "/me")).status == 200

    @property
    def token(self) -> str:
        (found,) = [one.value for one in self._client.cookie_jar if one.key == "sid"]
        return found

    async def close(self) -> None:
        await self._client.close()


class World:
    """Ada, who has a password, and browsers."""

    def __init__(self, server: Server, ada: Account) -> None:
        self.server = server
        self.ada = ada
        self.browsers: list[Browser] = []

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.server))
        return self.browsers[-1]

    async def app(self, browser: Browser) -> pyotp.TOTP:
        """Set an authenticator app up; the codes of now and later are fresh."""
        app = pyotp.TOTP((await browser.told("/me/totp"))["secret"])
        told = await browser.told("/me/totp/confirm", {"code": app.now()})
        self.codes = told["recovery_codes"]
        await forget_codes(self.server)
        return app

    async def passkey(self, browser: Browser) -> SoftKey:
        key = SoftKey()
        options = (await browser.told("/me/passkeys/options"))["options"]
        made = key.create(options, self.server.site.origin)
        await browser.told("/me/passkeys", {"name": "A phone", "credential": made})
        return key

    async def events(self) -> list[str]:
        entries, _ = await self.server.app.people.audit.list(limit=100)
        return [entry.event for entry in reversed(entries)]


async def settled(server: Server) -> World:
    ada, _ = await server.app.people.admission.add("ada", Role.ADMIN, PASSWORD, HERE, by="a test")
    return World(server, ada)


@pytest.fixture
async def world(server: Server) -> AsyncIterator[World]:
    world = await settled(server)
    yield world
    for browser in world.browsers:
        await browser.close()


async def test_a_code_of_the_app_lets_in_and_gives_the_browser_another_token(world: World) -> None:
    browser = world.browser()
    assert await browser.sign_in() == []
    app = await world.app(browser)
    other = world.browser()

    assert await other.sign_in() == ["totp", "recovery"]
    pending = other.token
    assert (await (await other.send("GET", "/session/factors")).json())["factors"] == [
        "totp",
        "recovery",
    ]
    assert await other.told("/session/factors/totp") == {}
    assert (await other.post("/session/factors/totp", {"code": app.now()})).status == 204

    assert await other.is_in()
    assert other.token != pending
    assert await world.server.app.people.sessions.find(pending, full=False) is None
    assert (await world.events())[-2:] == ["factor.ok", "sign_in.ok"]


async def test_who_has_given_the_password_alone_is_not_signed_in_anywhere(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    await world.app(browser)
    pending = world.browser()
    await pending.sign_in()

    walked = 0
    for route in chain.from_iterable(part.routes.router.routes for part in PARTS):
        assert isinstance(route, APIRoute)
        if (route.openapi_extra or {})["x-scope"] is None or not route.path.startswith(API):
            continue
        path = re.sub(r"\{[^}]*\}", "1", route.path.removeprefix(API))
        answer = await pending.send(next(iter(route.methods or ())), path, {})
        refused = (401, 415) if path == "/import" else (401,)  # it takes no JSON from anybody
        assert answer.status in refused, (route.path, await answer.text())
        walked += 1

    assert walked > 40


async def test_a_code_lets_in_once(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    app = await world.app(browser)
    code = app.now()
    answers = []
    for _ in range(2):
        other = world.browser()
        await other.sign_in()
        answers.append((await other.post("/session/factors/totp", {"code": code})).status)

    assert answers == [204, 401]


async def test_guessing_ends_after_five_tries_and_shuts_out_no_other_factor(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    app, key = await world.app(browser), await world.passkey(browser)
    thief, ada = world.browser(), world.browser()
    await thief.sign_in()
    await ada.sign_in()

    wrong = [(await thief.post("/session/factors/totp", {"code": "x"})).status for _ in range(6)]
    right = await ada.post("/session/factors/totp", {"code": app.now()})

    assert wrong == [401] * 5 + [429]
    assert (right.status, "Retry-After" in right.headers) == (429, True)
    options = (await ada.told("/session/factors/passkey"))["options"]
    credential = key.get(options, world.server.site.origin)
    assert (await ada.post("/session/factors/passkey", {"credential": credential})).status == 204


async def test_a_recovery_code_lets_in_once(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    await world.app(browser)
    answers = []
    for _ in range(2):
        other = world.browser()
        await other.sign_in()
        answer = await other.post("/session/factors/recovery", {"code": world.codes[0].lower()})
        answers.append(answer.status)

    assert answers == [204, 401]
    factors = await (await browser.send("GET", "/me/factors")).json()
    assert factors == {
        "totp": True,
        "passkeys": 0,
        "duo": None,
        "duo_offered": False,
        "recovery_codes": 9,
    }


async def test_a_factor_that_the_account_does_not_use_lets_nobody_in(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    await world.app(browser)
    other = world.browser()
    await other.sign_in()

    for name, answer in (("passkey", {}), ("duo", {"state": "x"}), ("sms", {"code": "1"})):
        assert (await other.post(f"/session/factors/{name}", answer)).status == 404
    assert (await browser.post("/session/factors/totp", {"code": "1"})).status == 401


async def test_a_passkey_signs_in_without_name_and_password(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    await world.app(browser)  # a passkey is both factors: no code is asked for
    key = await world.passkey(browser)
    origin = world.server.site.origin
    other, thief = world.browser(), world.browser()

    options = (await other.told("/session/passkey/options"))["options"]
    assert (options["rpId"], options["allowCredentials"]) == ("localhost", [])
    await thief.post("/session/passkey/options")
    proof = {"credential": key.get(options, origin)}
    assert (await thief.post("/session/passkey", proof)).status == 401
    assert not await other.is_in()
    assert (await other.post("/session/passkey", proof)).status == 204

    assert await other.is_in()
    assert (await other.post("/session/passkey", proof)).status == 401
    (session, *_) = await world.server.app.people.sessions.list(world.ada.id)
    assert session.methods == "passkey"
    assert "sign_in.failed" in await world.events()


async def test_a_passkey_of_a_disabled_account_opens_nothing(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    key = await world.passkey(browser)
    await world.server.account(Role.ADMIN, "somebody else")
    await world.server.app.people.accounts.change(world.ada.id, disabled=True)
    other = world.browser()
    options = (await other.told("/session/passkey/options"))["options"]

    answer = await other.post(
        "/session/passkey", {"credential": key.get(options, world.server.site.origin)}
    )

    assert (answer.status, await other.is_in()) == (401, False)


async def test_a_change_of_factors_ends_the_other_sessions(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    steps = (
        lambda: world.app(browser),
        lambda: world.passkey(browser),
        lambda: browser.told("/me/recovery-codes"),
        lambda: browser.send("DELETE", "/me/totp"),
    )
    for step in steps:
        token = await world.server.app.people.sessions.begin(
            world.ada.id, HERE, methods="password", full=True
        )
        other = await world.server.client(Cookie=f"sid={token}")
        assert (await other.get("/api/v1/me")).status == 200

        await step()

        assert (await other.get("/api/v1/me")).status == 401
        assert await browser.is_in()
    assert [event for event in await world.events() if event.startswith("factor")] == [
        *("factor.added", "factor.added", "factor.added", "factor.removed")
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/me/totp", {}),
        ("POST", "/me/totp/confirm", {"code": "1"}),
        ("DELETE", "/me/totp", None),
        ("POST", "/me/recovery-codes", {}),
        ("POST", "/me/passkeys/options", {}),
        ("POST", "/me/passkeys", {"credential": {}}),
        ("DELETE", "/me/passkeys/abc", None),
        ("POST", "/me/duo", {}),
        ("POST", "/me/duo/confirm", {"state": "x", "code": "x"}),
        ("DELETE", "/me/duo", None),
    ],
)
async def test_a_change_of_factors_needs_a_fresh_proof(
    server: Server, method: str, path: str, body: object
) -> None:
    stale = await server.client_as(Role.ADMIN, sudo=False)

    async with stale.request(method, f"{API}{path}", json=body) as answer:
        assert (answer.status, answer.headers["X-Reauth"]) == (403, "required")


async def test_a_factor_is_a_fresh_proof_too(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    app = await world.app(browser)
    before = browser.token

    wrong = await browser.post("/session/sudo", {"factor": "totp", "answer": {"code": "x"}})
    right = await browser.post("/session/sudo", {"factor": "totp", "answer": {"code": app.now()}})

    assert (wrong.status, right.status) == (403, 204)
    assert browser.token != before
    assert "sudo.ok" in await world.events()


async def test_who_must_have_a_factor_is_led_to_setting_one_up_and_nowhere_else(
    world: World,
) -> None:
    await world.server.app.preferences.update(SecuritySettings, {"require_second_factor": True})
    browser = world.browser()
    await browser.sign_in()
    assert (await (await browser.send("GET", "/me")).json())["must_enrol"] is True
    assert (await browser.send("GET", "/accounts")).status == 403

    await world.app(browser)

    assert (await (await browser.send("GET", "/me")).json())["must_enrol"] is False
    assert (await browser.send("GET", "/accounts")).status == 200


async def test_passkeys_are_listed_renamed_and_removed(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    await world.passkey(browser)
    (kept,) = (await (await browser.send("GET", "/me/passkeys")).json())["items"]
    path = f"/me/passkeys/{kept['id']}"

    renamed = await browser.send("PATCH", path, {"name": " A laptop "})
    nameless = await browser.send("PATCH", path, {"name": " "})
    unknown = await browser.send("PATCH", "/me/passkeys/abc", {"name": "A laptop"})
    (found,) = (await (await browser.send("GET", "/me/passkeys")).json())["items"]
    gone = await browser.send("DELETE", path)

    assert (renamed.status, nameless.status, unknown.status) == (200, 422, 404)
    assert found == kept | {"name": "A laptop"}
    assert "factor.renamed" in await world.events()
    assert (kept["name"], gone.status) == ("A phone", 204)
    assert (await (await browser.send("GET", "/me/passkeys")).json())["items"] == []
    assert await world.browser().sign_in() == []


@pytest.mark.filterwarnings("ignore:The HMAC key is 40 bytes long")
async def test_duo_lets_in_whom_it_says_yes_to(settings: BootSettings, tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    changed = {"network_allow": ("localhost",), "network_ca_bundle": bundle}
    async with (
        FakeDuo(authority).running() as duo,
        serving(settings.model_copy(update=changed)) as server,
    ):
        world = await settled(server)
        await server.app.preferences.update(
            DuoSettings,
            {
                "enabled": True,
                "api_host": duo.host,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
        )
        browser, other, thief = world.browser(), world.browser(), world.browser()
        await browser.sign_in()
        state, code = duo.approve((await browser.told("/me/duo", {"username": "ada@work"}))["url"])
        added = await browser.told("/me/duo/confirm", {"state": state, "code": code})
        assert len(added["recovery_codes"]) == 10

        assert await other.sign_in() == await thief.sign_in() == ["duo", "recovery"]
        state, code = duo.approve((await other.told("/session/factors/duo"))["url"])
        answer = {"state": state, "code": code}
        assert (await thief.post("/session/factors/duo", answer)).status == 401
        assert (await other.post("/session/factors/duo", answer)).status == 204
        assert (await other.is_in(), await thief.is_in()) == (True, False)

        duo.health = (503, {"stat": "FAIL"})
        assert (await thief.post("/session/factors/duo")).status == 502
        assert (await browser.send("DELETE", "/me/duo")).status == 204
        for each in world.browsers:
            await each.close()
