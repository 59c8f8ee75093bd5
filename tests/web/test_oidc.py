"""Signing in with OpenID: by a real provider, and in spite of one that lies."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pyotp
import pytest
from joserfc.jwk import ECKey
from yarl import URL

from gatherum.accounts.model import Account, Role
from gatherum.settings import BootSettings, OidcSettings
from tests.testsites.oidc import CLIENT, SECRET, Provider, running
from tests.testsites.oidc.impostor import Impostor
from tests.web.conftest import HERE, Server, forget_codes, serving

BEGIN = "/api/v1/session/oidc"
CALLBACK = "/api/v1/session/oidc/callback"


class Browser:
    """A browser: it keeps cookies by host, and follows links only as far as a test lets it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies = aiohttp.CookieJar(unsafe=True)
        self._client = aiohttp.ClientSession(cookie_jar=self.cookies)

    async def get(self, url: str, *, accept: str = "text/html") -> aiohttp.ClientResponse:
        if url.startswith("/"):
            url = self.server.url + url
        answer = await self._client.get(url, headers={"Accept": accept}, allow_redirects=False)
        await answer.read()
        return answer

    async def post(self, path: str, body: Any) -> aiohttp.ClientResponse:
        answer = await self._client.post(
            self.server.url + path, json=body, headers={"Origin": self.server.site.origin}
        )
        await answer.read()
        return answer

    async def visit(self, url: str) -> str:
        """Follow links at the provider until one leads back to us; return that one."""
        while not url.startswith(self.server.url):
            answer = await self.get(url)
            assert answer.status in (302, 303), (url, answer.status, await answer.text())
            url = str(answer.url.join(URL(answer.headers["Location"])))
        return url

    async def sign_in(self, after: str = "/") -> aiohttp.ClientResponse:
        """Sign in at the provider, and return what our callback answers."""
        begun = await self.get(f"{BEGIN}?{urlencode({'after': after})}")
        assert begun.status == 303, await begun.text()
        return await self.get(await self.visit(begun.headers["Location"]))

    async def me(self) -> dict[str, Any] | None:
        """Return who is signed in; None if nobody is."""
        answer = await self.get("/api/v1/me")
        return await answer.json() if answer.status == 200 else None

    async def close(self) -> None:
        await self._client.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def settings(settings: BootSettings) -> BootSettings:
    return settings.model_copy(update={"network_allow": ("127.0.0.1",)})


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[Browser]:
    browser = Browser(server)
    yield browser
    await browser.close()


@pytest.fixture
async def impostor() -> AsyncIterator[Impostor]:
    async with Impostor().running() as impostor:
        yield impostor


async def offer(server: Server, issuer: str, **changes: object) -> None:
    """Set OpenID up."""
    values = {
        "enabled": True,
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scopes": "openid profile email groups",
        "make_accounts": True,
    }
    await server.app.preferences.update(OidcSettings, {**values, **changes})


async def names(server: Server) -> list[str]:
    return [account.name for account in await server.app.people.accounts.list()]


async def events(server: Server) -> list[str]:
    entries, _ = await server.app.people.audit.list(limit=100)
    return [entry.event for entry in reversed(entries)]


# --- with a real provider


async def test_somebody_signs_in_and_comes_to_the_page_that_they_wanted(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")

    answer = await browser.sign_in("/library?kind=image")

    assert (answer.status, answer.headers["Location"]) == (303, "/library?kind=image")
    me = await browser.me()
    assert me is not None
    assert (me["name"], me["role"], me["has_password"]) == ("ada", "viewer", False)
    assert await events(server) == ["account.added", "sign_in.ok"]


async def test_the_request_to_the_provider_carries_state_nonce_and_a_hashed_verifier(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer, scopes="profile")

    first, second = [(await browser.get(BEGIN)).headers["Location"] for _ in range(2)]

    told, other = [parse_qs(urlsplit(each).query) for each in (first, second)]
    assert first.startswith(f"{provider.issuer}/auth?")
    assert told["redirect_uri"] == [f"{server.url}{CALLBACK}"]
    assert told["scope"] == ["openid profile"]
    assert (told["response_type"], told["code_challenge_method"]) == (["code"], ["S256"])
    assert len(told["code_challenge"][0]) == 43
    for name in ("state", "nonce", "code_challenge"):
        assert told[name] != other[name]


async def test_the_same_person_finds_the_same_account_again(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    await provider.expect("u-1", preferred_username="renamed")
    await browser.sign_in()

    assert await names(server) == ["ada"]
    assert (await browser.me() or {})["name"] == "ada"


async def test_a_name_that_is_taken_opens_no_account_of_that_name(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await server.account(Role.ADMIN, "ada")
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="Ada", email="ada", email_verified=True)

    await browser.sign_in()

    assert (await browser.me() or {})["name"] == "Ada-2"


async def test_nobody_gets_an_account_unless_that_is_switched_on(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer, make_accounts=False)
    await provider.expect("u-1", preferred_username="ada")

    answer = await browser.sign_in()

    assert answer.headers["Location"] == "/sign-in?problem=not-signed-in"
    assert (await names(server), await browser.me()) == ([], None)
    assert await events(server) == ["sign_in.failed"]


async def test_groups_give_a_role_and_take_it_away_again(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await server.account(Role.ADMIN, "somebody else")
    await offer(server, provider.issuer, admin_groups="ops, root", editor_groups="press")
    roles = []
    for groups in (["press"], ["ops", "press"], ["press", 7], "root", [], None):
        await provider.expect("u-1", preferred_username="ada", groups=groups)
        await browser.sign_in()
        roles.append((await browser.me() or {})["role"])

    assert roles == ["editor", "admin", "editor", "admin", "viewer", "viewer"]
    assert "account.changed" in await events(server)


async def test_groups_do_not_take_the_last_administrator_away(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer, admin_groups="ops")
    for groups in (["ops"], []):
        await provider.expect("u-1", preferred_username="ada", groups=groups)
        assert (await browser.sign_in()).headers["Location"] == "/"

    assert (await browser.me() or {})["role"] == "admin"


async def test_an_account_with_a_password_keeps_the_role_that_it_has_here(
    server: Server, browser: Browser, provider: Provider
) -> None:
    account = await with_password(server, "ada@example.org", Role.ADMIN)
    await server.account(Role.ADMIN, "somebody else")
    await offer(server, provider.issuer, link_by_email=True, editor_groups="press")
    await provider.expect("u-1", email="ada@example.org", email_verified=True, groups=["press"])
    for _ in range(2):
        await browser.sign_in()

    me = await browser.me()
    assert me is not None
    assert (me["id"], me["role"]) == (account.id, "admin")


async def test_an_address_opens_an_account_only_if_it_is_verified_and_that_is_switched_on(
    server: Server, browser: Browser, provider: Provider
) -> None:
    account = await server.account(Role.EDITOR, "ada@example.org")
    found = []
    for switched_on, verified in [
        (False, True),
        *((True, unfit) for unfit in (False, None, "true", 1)),
        (True, True),
    ]:
        await offer(server, provider.issuer, link_by_email=switched_on, make_accounts=False)
        await provider.expect("u-1", email="Ada@Example.org", email_verified=verified)
        await browser.sign_in()
        found.append((await browser.me() or {}).get("id"))

    assert found == [None] * 5 + [account.id]


async def test_an_address_that_was_given_to_somebody_new_opens_nothing(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await server.account(Role.EDITOR, "ada@example.org")
    await offer(server, provider.issuer, link_by_email=True, make_accounts=False)
    await provider.expect("u-1", email="ada@example.org", email_verified=True)
    await browser.sign_in()
    stranger = Browser(server)
    await provider.expect("u-2", email="ada@example.org", email_verified=True)

    answer = await stranger.sign_in()

    assert answer.headers["Location"] == "/sign-in?problem=not-signed-in"
    assert await stranger.me() is None
    await stranger.close()


async def test_a_disabled_account_stays_shut(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await server.account(Role.ADMIN, "somebody else")
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    account = await server.app.people.accounts.find("ada")
    assert account is not None
    await server.app.people.accounts.change(account.id, disabled=True)

    answer = await browser.sign_in()

    assert answer.headers["Location"] == "/sign-in?problem=not-signed-in"
    assert await browser.me() is None


async def test_who_is_refused_there_is_not_let_in_here(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", denied=True)

    answer = await browser.sign_in()

    assert answer.headers["Location"] == "/sign-in?problem=forbidden"
    assert await names(server) == []
    assert await events(server) == ["sign_in.failed"]


async def test_a_callback_serves_once(server: Server, browser: Browser, provider: Provider) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    begun = await browser.get(BEGIN)
    handshake = browser.cookies.filter_cookies(URL(server.url))["openid"].value
    callback = await browser.visit(begun.headers["Location"])
    assert (await browser.get(callback)).status == 303
    thief = Browser(server)
    thief.cookies.update_cookies({"openid": handshake}, URL(server.url))

    answer = await thief.get(callback, accept="*/*")

    assert (answer.status, await thief.me()) == (401, None)
    await thief.close()


async def test_a_callback_serves_the_browser_that_began(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    begun = await browser.get(BEGIN)
    callback = await browser.visit(begun.headers["Location"])
    victim, empty = Browser(server), Browser(server)
    await victim.get(BEGIN)

    for other in (victim, empty):
        answer = await other.get(callback, accept="*/*")
        assert (answer.status, await other.me()) == (401, None)
        await other.close()
    assert (await browser.get(callback)).headers["Location"] == "/"


async def test_a_code_of_one_sign_in_does_not_serve_another(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    victim = await browser.visit((await browser.get(BEGIN)).headers["Location"])
    stolen = parse_qs(urlsplit(victim).query)["code"][0]
    thief = Browser(server)
    own = parse_qs(urlsplit((await thief.get(BEGIN)).headers["Location"]).query)["state"][0]
    query = urlencode({"code": stolen, "state": own, "iss": provider.issuer})

    answer = await thief.get(f"{CALLBACK}?{query}", accept="*/*")

    assert (answer.status, await thief.me()) == (401, None)
    await thief.close()


async def test_a_second_factor_that_is_set_up_here_is_asked_for(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    await browser.get(await prove_again(browser))
    secret = (await (await browser.post("/api/v1/me/totp", {})).json())["secret"]
    app = pyotp.TOTP(secret)
    confirmed = await browser.post("/api/v1/me/totp/confirm", {"code": app.now()})
    assert confirmed.status == 200
    await forget_codes(server)

    answer = await browser.sign_in("/library")

    assert answer.headers["Location"] == "/sign-in/factor?after=%2Flibrary"
    assert await browser.me() is None
    due = await browser.get("/api/v1/session/factors")
    assert await due.json() == {"factors": ["totp", "recovery"]}
    proven = await browser.post("/api/v1/session/factors/totp", {"code": app.now()})
    assert proven.status == 204
    assert (await browser.me() or {})["name"] == "ada"


async def test_ones_own_account_is_linked_and_unlinked(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer, make_accounts=False)
    await provider.expect("u-1", preferred_username="other name")
    account = await with_password(server, "ada", Role.EDITOR)
    await signed_in(browser, account)
    elsewhere = Browser(server)
    await signed_in(elsewhere, account)

    linked = await browser.get(await link(browser, provider))

    assert linked.headers["Location"] == "/me"
    assert (await browser.me() or {})["id"] == account.id
    assert await elsewhere.me() is None
    (identity,) = (await (await browser.get("/api/v1/me/identities")).json())["items"]
    assert (identity["issuer"], identity["subject"]) == (provider.issuer, "u-1")
    other = Browser(server)
    await other.sign_in()
    assert (await other.me() or {})["id"] == account.id

    gone = await unlink(browser, identity["id"])

    assert gone.status == 204
    assert await other.me() is None
    await other.sign_in()
    assert await other.me() is None
    await other.close()
    await elsewhere.close()
    assert [event for event in await events(server) if event.startswith("factor")] == [
        "factor.added",
        "factor.removed",
    ]


async def test_the_last_way_into_an_account_is_not_unlinked(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    await browser.get(await prove_again(browser))
    (identity,) = (await (await browser.get("/api/v1/me/identities")).json())["items"]

    refused = await unlink(browser, identity["id"])

    assert refused.status == 409
    assert len((await (await browser.get("/api/v1/me/identities")).json())["items"]) == 1


async def test_an_identity_opens_one_account(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    other = Browser(server)
    await signed_in(other, await with_password(server, "bob", Role.ADMIN))

    answer = await other.get(await link(other, provider))

    assert answer.headers["Location"] == "/sign-in?problem=conflict"
    assert (await (await other.get("/api/v1/me/identities")).json())["items"] == []
    await other.close()


async def test_an_account_is_linked_from_the_session_that_asked_alone(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await signed_in(browser, await with_password(server, "mallory", Role.VIEWER))
    callback = await link(browser, provider)
    victim = await with_password(server, "victim", Role.ADMIN)
    await signed_in(browser, victim)  # the same browser, by now somebody else

    answer = await browser.get(callback)

    assert answer.headers["Location"] == "/sign-in?problem=not-signed-in"
    assert await server.app.people.identities.list(victim.id) == ()


async def test_a_provider_that_remembers_somebody_proves_nothing_anew(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)
    await provider.expect("u-1", preferred_username="ada")
    await browser.sign_in()
    assert (await browser.post("/api/v1/me/totp", {})).status == 403

    asked = await browser.post("/api/v1/session/oidc/sudo", {"after": "/me"})
    query = parse_qs(urlsplit((await asked.json())["url"]).query)
    answer = await browser.get(await browser.visit((await asked.json())["url"]))

    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    assert (answer.status, answer.headers["Location"]) == (303, "/me")
    assert (await browser.post("/api/v1/me/totp", {})).status == 200
    assert (await events(server))[-1] == "sudo.ok"


async def test_linking_needs_a_fresh_proof(server: Server, provider: Provider) -> None:
    await offer(server, provider.issuer)
    client = await server.client_as(Role.EDITOR, sudo=False)

    async with client.post("/api/v1/me/identities", json={}) as answer:
        assert (answer.status, answer.headers["X-Reauth"]) == (403, "required")


async def test_a_browser_is_sent_on_to_pages_of_ours_alone(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)

    for after in ("//evil.example", "/\\evil.example", "https://evil.example"):
        answer = await browser.get(f"{BEGIN}?{urlencode({'after': after})}")
        assert (answer.status, answer.headers.get("Location")) == (422, None)


async def test_the_ways_to_sign_in_are_told(server: Server, provider: Provider) -> None:
    client = await server.client()
    async with client.get("/api/v1/session/ways") as answer:
        assert await answer.json() == {"password": True, "passkey": True, "openid": None}

    await offer(server, provider.issuer, label="Sign in at home")

    async with client.get("/api/v1/session/ways") as answer:
        assert (await answer.json())["openid"] == "Sign in at home"


async def test_it_is_refused_while_it_is_not_set_up(browser: Browser) -> None:
    answer = await browser.get(BEGIN, accept="application/json")

    assert (answer.status, (await answer.json())["type"]) == (409, "urn:gatherum:problem:conflict")


async def test_the_cookie_of_the_handshake_is_for_the_server_and_short_lived(
    server: Server, browser: Browser, provider: Provider
) -> None:
    await offer(server, provider.issuer)

    begun = await browser.get(BEGIN)

    kept = begun.headers["Set-Cookie"]
    assert kept.startswith("openid=")
    assert "HttpOnly; Max-Age=300; Path=/; SameSite=lax" in kept


# --- with one that lies


async def come_back(browser: Browser, impostor: Impostor, **told: str) -> aiohttp.ClientResponse:
    """Begin, and come back as if the impostor had sent us."""
    begun = await browser.get(BEGIN, accept="application/json")
    assert begun.status == 303, await begun.text()
    query = parse_qs(urlsplit(begun.headers["Location"]).query)
    impostor.nonce = impostor.nonce or query["nonce"][0]
    sent = {"code": "a code", "state": query["state"][0], **told}
    return await browser.get(f"{CALLBACK}?{urlencode(sent)}", accept="application/json")


async def test_an_honest_token_lets_in(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)

    assert (await come_back(browser, impostor)).status == 303
    assert await browser.me() is not None
    assert len(str(impostor.form["code_verifier"])) == 64


async def test_a_token_that_does_not_hold_lets_nobody_in(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)
    begun = await browser.get(BEGIN)
    query = parse_qs(urlsplit(begun.headers["Location"]).query)
    impostor.claims = {"nonce": [query["nonce"][0], "another"]}
    sent = urlencode({"code": "x", "state": query["state"][0]})
    assert (await browser.get(f"{CALLBACK}?{sent}", accept="*/*")).status == 401
    impostor.claims = {}

    for lie in ({"alg": "none"}, {"alg": "ES256", "key": ECKey.generate_key("P-256")}):
        for name, value in lie.items():
            setattr(impostor, name, value)
        assert (await come_back(browser, impostor)).status == 401

    assert impostor.asked["token"] == 3
    assert (await names(server), await browser.me()) == ([], None)
    assert await events(server) == ["sign_in.failed"] * 3


async def test_an_answer_of_another_provider_is_not_taken(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)
    assert (await come_back(browser, impostor, iss="https://id.example")).status == 401
    async with Impostor().running() as careful:
        careful.metadata = {"authorization_response_iss_parameter_supported": True}
        await offer(server, careful.issuer)

        for told in ({"iss": "https://id.example"}, {"iss": impostor.issuer}, {}):
            careful.nonce = ""
            assert (await come_back(browser, careful, **told)).status == 401
        assert careful.asked["token"] == 0
        careful.nonce = ""
        assert (await come_back(browser, careful, iss=careful.issuer)).status == 303


async def test_an_answer_is_not_taken_after_the_provider_was_changed(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)
    begun = await browser.get(BEGIN)
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    async with Impostor().running() as other:
        await offer(server, other.issuer)
        sent = urlencode({"code": "x", "state": state})

        assert (await browser.get(f"{CALLBACK}?{sent}", accept="*/*")).status == 401
        assert impostor.asked["token"] == other.asked["token"] == 0


async def test_the_same_subject_at_another_issuer_is_another_person(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    async with Impostor().running() as other:
        found = []
        for provider in (impostor, other):
            await offer(server, provider.issuer)
            assert (await come_back(browser, provider)).status == 303
            found.append((await browser.me() or {})["id"])

    assert len(set(found)) == 2


async def test_who_has_just_given_a_proof_there_need_not_give_another(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)
    in_sudo = []
    for age in (None, "now", True, 700, 500):
        told = int(impostor.time) - age if type(age) is int else age
        impostor.nonce, impostor.claims = "", {"auth_time": told}
        assert (await come_back(browser, impostor)).status == 303
        in_sudo.append((await browser.post("/api/v1/me/passkeys/options", {})).status == 200)

    assert in_sudo == [False, False, False, False, True]


async def test_a_proof_for_the_sudo_mode_is_new_ones_own_and_for_this_session(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    await offer(server, impostor.issuer)
    now = int(impostor.time)
    assert (await come_back(browser, impostor)).status == 303
    answers = []
    for claims in (
        {"auth_time": None},
        {"auth_time": now - 300},
        {"auth_time": now, "sub": "bob"},
        {"auth_time": now},
    ):
        impostor.claims = claims
        state = await sudo_state(browser, impostor)
        sent = urlencode({"code": "x", "state": state})
        answers.append((await browser.get(f"{CALLBACK}?{sent}", accept="*/*")).status)
    assert answers == [401, 401, 401, 303]

    state = await sudo_state(browser, impostor)
    await signed_in(browser, await with_password(server, "victim", Role.ADMIN))
    sent = urlencode({"code": "x", "state": state})
    assert (await browser.get(f"{CALLBACK}?{sent}", accept="*/*")).status == 401


async def test_claims_that_are_told_elsewhere_are_of_the_same_person(
    server: Server, browser: Browser, impostor: Impostor
) -> None:
    impostor.metadata = {"userinfo_endpoint": f"{impostor.issuer}/userinfo"}
    impostor.userinfo = {"sub": "ada", "preferred_username": "Ada"}
    await offer(server, impostor.issuer)
    assert (await come_back(browser, impostor)).status == 303
    assert (await browser.me() or {})["name"] == "Ada"

    impostor.nonce, impostor.userinfo = "", {"sub": "bob", "groups": ["ops"]}

    assert (await come_back(browser, impostor)).status == 401


async def test_a_provider_at_a_private_address_is_refused_unless_it_is_allowed(
    settings: BootSettings, impostor: Impostor
) -> None:
    async with serving(settings.model_copy(update={"network_allow": ()})) as server:
        await offer(server, impostor.issuer)
        browser = Browser(server)

        answer = await browser.get(BEGIN, accept="application/json")

        assert (answer.status, impostor.asked["metadata"]) == (422, 0)
        assert (await answer.json())["type"] == "urn:gatherum:problem:refused"
        await browser.close()


async def test_a_provider_that_is_away_lets_nobody_in(server: Server, browser: Browser) -> None:
    async with Impostor().running() as other:
        issuer = other.issuer
    await offer(server, issuer)

    answer = await browser.get(BEGIN, accept="application/json")

    assert (answer.status, int(answer.headers["Retry-After"])) == (502, 16)
    shown = await browser.get(BEGIN)
    assert shown.headers["Location"] == "/sign-in?problem=unavailable"


# ---


async def with_password(server: Server, name: str, role: Role) -> Account:
    account, _ = await server.app.people.admission.add(
        name, role, "correct horse battery staple", HERE, by="a test"
    )
    return account


async def signed_in(browser: Browser, account: Account) -> None:
    """Give a browser a session, in sudo mode."""
    token = await browser.server.app.people.sessions.begin(
        account.id, HERE, methods="password", full=True
    )
    browser.cookies.update_cookies({browser.server.site.cookie: token}, URL(browser.server.url))


async def link(browser: Browser, provider: Provider) -> str:
    """Ask for a link, go to the provider, and return the address that it sends the browser to."""
    begun = await browser.post("/api/v1/me/identities", {"after": "/me"})
    url: str = (await begun.json())["url"]
    assert url.startswith(provider.issuer)
    return await browser.visit(url)


async def prove_again(browser: Browser) -> str:
    """Ask for the sudo mode, go to the provider, and return where it sends the browser."""
    asked = await browser.post("/api/v1/session/oidc/sudo", {})
    return await browser.visit((await asked.json())["url"])


async def sudo_state(browser: Browser, impostor: Impostor) -> str:
    """Ask for the sudo mode, and return the state that the impostor is sent."""
    asked = await browser.post("/api/v1/session/oidc/sudo", {})
    query = parse_qs(urlsplit((await asked.json())["url"]).query)
    impostor.nonce, state = query["nonce"][0], query["state"][0]
    return str(state)


async def unlink(browser: Browser, identity: str) -> aiohttp.ClientResponse:
    url = f"{browser.server.url}/api/v1/me/identities/{identity}"
    answer = await browser._client.delete(url, headers={"Origin": browser.server.site.origin})
    await answer.read()
    return answer
