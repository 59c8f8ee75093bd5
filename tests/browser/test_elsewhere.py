"""Proving who one is on somebody else's pages: at an OpenID provider, and at Duo."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
import requests
import trustme
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, violations
from tests.browser.running import NAME, PASSWORD, Running, beside, start
from tests.browser.test_sign_in import secret_of, sign_in, sign_out
from tests.testsites import oidc
from tests.testsites.duo import CLIENT_ID, CLIENT_SECRET, FakeDuo

LABEL = "Sign in with Harbour ID"


@pytest.fixture(scope="module")
def provider() -> Iterator[oidc.Provider]:
    with oidc.running() as provider:
        yield provider


@pytest.fixture(scope="module")
def offered(site: Running, provider: oidc.Provider) -> Running:
    """A program that lets people in whom the provider knows."""
    site.call(
        "PATCH",
        "/settings/oidc",
        enabled=True,
        issuer=provider.issuer,
        client_id=oidc.CLIENT,
        client_secret=oidc.SECRET,
        label=LABEL,
        make_accounts=True,
        default_role="editor",
    )
    return site


def arrives(provider: oidc.Provider, sub: str, *, denied: bool = False, **claims: Any) -> None:
    """Say who comes to the provider next."""
    told: dict[str, Any] = {"sub": sub, "denied": denied, "claims": claims}
    assert requests.put(f"{provider.issuer}/person", json=told, timeout=30).status_code == 204


def ask_for_proof_once(page: Page, address: str) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) > 1:
            route.continue_()
            return
        told = {"title": "", "detail": "", "id": ""}
        route.fulfill(status=403, headers={"x-reauth": "sudo"}, json=told)

    page.route(address, answer)


def test_who_signs_in_at_a_provider_comes_to_their_page(
    offered: Running, provider: oidc.Provider, new_page: NewPage
) -> None:
    page = new_page(offered, signed_in=False)
    page.goto("/queue?show=finished")
    arrives(provider, "u-grace", preferred_username="grace")

    page.get_by_role("link", name=LABEL).click()

    expect(page).to_have_url(f"{offered.url}/queue?show=finished")
    expect(page.get_by_role("button", name="account of grace")).to_be_visible()


def test_whom_a_provider_refuses_is_told_so_where_one_signs_in(
    offered: Running, provider: oidc.Provider, new_page: NewPage, axe: str
) -> None:
    page = new_page(offered, signed_in=False)
    page.goto("/sign-in")
    arrives(provider, "u-nobody", denied=True)

    page.get_by_role("link", name=LABEL).click()

    expect(page.get_by_role("alert")).to_contain_text("Your provider did not let you in.")
    settle(page)
    assert violations(page, axe) == []
    sign_in(page)
    expect(page).to_have_url(f"{offered.url}/")


def test_ones_account_is_linked_to_a_provider_and_unlinked(
    offered: Running, provider: oidc.Provider, new_page: NewPage
) -> None:
    offered.call("POST", "/accounts", name="linda", role="viewer", password=PASSWORD)
    page = new_page(offered, signed_in=False)
    page.goto("/settings/security")
    sign_in(page, "linda")
    arrives(provider, "u-linda", preferred_username="somebody")

    page.get_by_role("button", name=f"Link your provider: {LABEL}").click()
    expect(page.get_by_text("u-linda, since")).to_be_visible()
    sign_out(page)
    page.get_by_role("link", name=LABEL).click()
    expect(page.get_by_role("button", name="account of linda")).to_be_visible()

    page.goto("/settings/security")
    page.get_by_role("button", name="Unlink").click()
    page.get_by_role("button", name="Unlink it").click()
    page.get_by_label("Password of linda").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("u-linda, since")).to_have_count(0)


def test_who_has_no_password_proves_it_at_the_provider_and_comes_back(
    offered: Running, provider: oidc.Provider, new_page: NewPage
) -> None:
    page = new_page(offered, signed_in=False)
    page.goto("/sign-in?after=/settings/security")
    arrives(provider, "u-hedy", preferred_username="hedy")
    page.get_by_role("link", name=LABEL).click()
    expect(page).to_have_url(f"{offered.url}/settings/security")
    ask_for_proof_once(page, "**/api/v1/me/totp")
    page.goto("/settings/security?add=totp")

    page.get_by_role("dialog", name="Is it still you?").get_by_role(
        "button", name="At your provider"
    ).click()

    expect(page.get_by_role("img", name="The secret, to be scanned")).to_be_visible()
    expect(page).to_have_url(f"{offered.url}/settings/security?add=totp")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, FakeDuo]]:
    """A program whose second factor may be Duo."""
    folder = tmp_path_factory.mktemp("guarded")
    authority, bundle = trustme.CA(), folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with (
        beside(FakeDuo(authority).running()) as duo,
        start(
            folder,
            GATHERUM_NETWORK_ALLOW="127.0.0.1,localhost",
            GATHERUM_NETWORK_CA_BUNDLE=str(bundle),
        ) as program,
    ):
        program.set_up()
        program.call(
            "PATCH",
            "/settings/duo",
            enabled=True,
            api_host=duo.host,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )
        yield program, duo


def approve(page: Page, duo: FakeDuo) -> None:
    """Be the page of Duo's on which a person says yes."""

    def answer(route: Route) -> None:
        state, code = duo.approve(route.request.url)
        back = f"{duo.redirect_uri}?{urlencode({'state': state, 'duo_code': code})}"
        route.fulfill(status=302, headers={"location": back})

    page.route(f"{duo.url}/oauth/v1/authorize?*", answer)


@pytest.mark.filterwarnings("ignore:The HMAC key is 40 bytes long")
def test_who_must_have_a_second_factor_may_take_duo(
    guarded: tuple[Running, FakeDuo], new_page: NewPage, axe: str
) -> None:
    program, duo = guarded
    program.call("POST", "/accounts", name="grace", role="editor", password=PASSWORD)
    program.call("POST", "/me/totp/confirm", code=pyotp.TOTP(secret_of(program.call)).now())
    program.call("PATCH", "/settings/security", require_second_factor=True)
    try:
        page = new_page(program, signed_in=False)
        approve(page, duo)
        page.goto("/queue")
        sign_in(page, "grace")

        page.get_by_role("button", name="Use Duo").click()
        settle(page)
        assert violations(page, axe) == []
        page.get_by_role("button", name="Go on to Duo").click()
        page.get_by_role("button", name="I have kept them").click()

        expect(page).to_have_url(f"{program.url}/queue")
        assert page.request.get("/api/v1/jobs").status == 200
    finally:
        program.call("PATCH", "/settings/security", require_second_factor=False)
        program.call("DELETE", "/me/totp")


@pytest.mark.filterwarnings("ignore:The HMAC key is 40 bytes long")
def test_duo_is_added_with_codes_to_keep_and_asked_when_one_signs_in(
    guarded: tuple[Running, FakeDuo], new_page: NewPage
) -> None:
    program, duo = guarded
    page = new_page(program, fails="/session/factors/duo")  # when Duo is down, in the end
    approve(page, duo)
    page.goto("/settings/security?add=duo")

    page.get_by_label("Your name at Duo").fill("ada@work")
    page.get_by_role("button", name="Go on to Duo").click()

    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    kept = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page).to_have_url(f"{program.url}/settings/security")
    expect(page.get_by_text("on, as ada@work")).to_be_visible()

    sign_out(page)
    page.goto("/queue")
    sign_in(page, NAME)
    page.get_by_role("button", name="Go on to Duo").click()
    expect(page).to_have_url(f"{program.url}/queue")

    sign_out(page)
    duo.health = (503, {"stat": "FAIL"})
    sign_in(page, NAME)
    page.get_by_role("button", name="Go on to Duo").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Recovery code").click()
    page.get_by_label("Recovery code").fill(kept)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="account of ada")).to_be_visible()
