"""Getting in: by password, by a second factor, by passkey alone, by an invitation."""

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.devices import with_passkeys
from tests.browser.looking import settle, unanswered, violations
from tests.browser.running import NAME, PASSWORD, Running


def sign_in(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Account of").click()
    with page.expect_event("load"):  # what is typed into the page before is lost with it
        page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in**")


def person(site: Running, name: str) -> str:
    """Make an account with a password."""
    site.call("POST", "/accounts", name=name, role="editor", password=PASSWORD)
    return name


def test_the_password_leads_back_to_where_one_was(site: Running, new_page: NewPage) -> None:
    page = new_page(site, signed_in=False)
    page.goto("/queue")

    sign_in(page, password="wrong horse battery")
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    sign_in(page)

    expect(page).to_have_url(f"{site.url}/queue")


def test_a_password_that_is_shown_is_kept_from_spelling_services(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site, signed_in=False)
    page.goto("/sign-in")

    page.get_by_role("button", name="Show the password").click()

    field = page.get_by_label("Password", exact=True)
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_attribute("spellcheck", "false")


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(*, after: str, site: Running, new_page: NewPage) -> None:
    page = new_page(site, signed_in=False)
    page.goto(f"/sign-in?after={after}")

    sign_in(page)

    expect(page).to_have_url(f"{site.url}/")


def test_six_digits_go_on_by_themselves_and_a_recovery_code_helps(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site, signed_in=False)
    page.goto("/settings/security?add=totp")
    sign_in(page, person(site, "codes"))
    secret = page.locator(".totp code")
    expect(secret).to_have_text(re.compile(r"[A-Z2-7]{26,}"))
    app = pyotp.TOTP(secret.inner_text())
    _type(page, app.now())
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    kept = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Two factors on")).to_be_visible()
    sign_out(page)

    sign_in(page, "codes")
    expect(page).to_have_url(f"{site.url}/sign-in/factor?after=%2F")
    assert page.request.get("/api/v1/me").status == 401
    _type(page, "000000")
    expect(page.get_by_text("This does not prove it")).to_be_visible()
    _type(page, app.at(time.time() + 30))
    expect(page).to_have_url(f"{site.url}/")
    sign_out(page)

    sign_in(page, "codes")
    page.get_by_role("button", name="Recovery code").click()
    page.get_by_label("Recovery code").fill(kept)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{site.url}/")
    assert page.request.get("/api/v1/me/factors").json()["recovery_codes"] == 9


def test_a_passkey_is_enough_and_needs_no_name(site: Running, new_page: NewPage) -> None:
    page = new_page(site, signed_in=False)
    with_passkeys(page)
    page.goto("/settings/security?add=passkey")
    sign_in(page, person(site, "keys"))
    page.get_by_label("Its name here").fill("A device")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("A device", exact=True)).to_be_visible()
    page.evaluate("localStorage.removeItem('passkey')")  # else the field suggests it unasked
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page).to_have_url(f"{site.url}/")
    assert page.request.get("/api/v1/me").json()["name"] == "keys"


def test_a_passkey_is_renamed_by_keys_and_the_name_is_taken_back(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site, signed_in=False)
    with_passkeys(page)
    page.goto("/settings/security?add=passkey")
    sign_in(page, person(site, "names"))
    page.get_by_label("Its name here").fill("A device")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="I have kept them").click()

    page.get_by_role("button", name="Rename A device").press("Enter")
    field = page.get_by_label("Name of the passkey")
    expect(field).to_be_focused()
    page.keyboard.type("The key ring")
    page.keyboard.press("Enter")

    pencil = page.get_by_role("button", name="Rename The key ring")
    expect(pencil).to_be_focused()
    page.reload()
    pencil.click()
    page.keyboard.type("Never mind")
    page.keyboard.press("Escape")
    expect(pencil).to_be_focused()
    pencil.click()
    page.keyboard.type("A thing")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(pencil).to_be_visible()
    kept = page.request.get("/api/v1/me/passkeys").json()["items"]
    assert [one["name"] for one in kept] == ["The key ring"]


def test_the_page_that_signs_out_shows_no_way_in_before_it_goes(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/help")
    with page.expect_event("load"), unanswered(page, "**/api/v1/session"):
        page.get_by_role("button", name="Account of").click()
        with page.expect_request("**/api/v1/session"):
            page.get_by_role("menuitem", name="Sign out").click()
        page.request.delete("/api/v1/session", headers={"origin": site.url})
        with page.expect_response(lambda told: told.status == 401):
            page.get_by_role("link", name="Queue").first.click()

        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        expect(page.get_by_role("button", name="Load again").first).to_be_visible()
        expect(page).to_have_url(f"{site.url}/queue")

    sign_in(page)
    expect(page).to_have_url(f"{site.url}/")


def test_an_invitation_gives_a_password_once(site: Running, new_page: NewPage) -> None:
    made = site.call("POST", "/accounts", name="guest", role="viewer")
    page = new_page(site, signed_in=False)
    page.goto("/invitation")

    page.get_by_label("Token").fill(made["invitation"]["token"])
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Password", exact=True).fill("another long password")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/sign-in")
    sign_in(page, "guest", "another long password")

    expect(page).to_have_url(f"{site.url}/")
    page.goto("/invitation")
    page.get_by_label("Token").fill(made["invitation"]["token"])
    page.get_by_label("Password", exact=True).fill("yet another password")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("Token")).to_have_attribute("aria-invalid", "true")


def test_who_must_have_a_second_factor_can_do_nothing_before(
    site: Running, new_page: NewPage
) -> None:
    person(site, "bound")
    site.call("POST", "/me/totp/confirm", code=pyotp.TOTP(secret_of(site.call)).now())
    page = new_page(site, signed_in=False)
    with_passkeys(page)
    site.call("PATCH", "/settings/security", require_second_factor=True)
    try:
        page.goto("/queue")
        sign_in(page, "bound")
        expect(page).to_have_url(f"{site.url}/enrol?after=%2Fqueue")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("button", name="I have kept them").click()
        expect(page).to_have_url(f"{site.url}/queue")
        assert page.request.get("/api/v1/jobs").status == 200
    finally:
        site.call("PATCH", "/settings/security", require_second_factor=False)
        site.call("DELETE", "/me/totp")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_second_step_keeps_nobody_out(
    *, scheme: str, site: Running, new_page: NewPage, axe: str
) -> None:
    name = person(site, f"reader of {scheme}")
    _with_an_app(site, name)
    page = new_page(site, signed_in=False, scheme=scheme)
    page.goto("/sign-in")
    sign_in(page, name)
    expect(page.get_by_label("Code")).to_be_focused()

    settle(page)

    assert violations(page, axe) == []


def secret_of(call: Callable[..., Any]) -> str:
    """Begin with an authenticator app; return what it would be told."""
    return str(call("POST", "/me/totp")["secret"])


def _with_an_app(site: Running, name: str) -> None:
    """Let somebody have an authenticator app, without a browser."""
    with requests.Session() as session:
        session.headers["origin"] = site.url

        def call(method: str, path: str, **body: str) -> Any:
            answer = session.request(
                method, f"{site.url}/api/v1{path}", json=body or None, timeout=30
            )
            assert answer.ok, answer.text
            return answer.json() if answer.content else None

        call("POST", "/session", name=name, password=PASSWORD)
        call("POST", "/me/totp/confirm", code=pyotp.TOTP(secret_of(call)).now())


def _type(page: Page, code: str) -> None:
    field = page.get_by_label("Code", exact=True)
    field.fill("")
    field.press_sequentially(code)
