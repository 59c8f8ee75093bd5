"""One's own security, and everybody's accounts: what is done there counts at once."""

import re

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, violations
from tests.browser.running import PASSWORD, Running


def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings/security")
    page.get_by_role("link", name="New key").click()
    expect(page).to_have_url(f"{site.url}/settings/security?add=key")

    page.get_by_label("Its name").fill("A script")
    page.get_by_label("See the queue").check()
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("[aria-label='The key']").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.mouse.click(10, 10)
    expect(page.get_by_role("dialog").get_by_text(key)).to_be_visible()
    page.get_by_role("button", name="I have kept it").click()

    jobs, settings = (_by_key(site, key, path) for path in ("/jobs", "/settings"))
    assert (jobs, settings) == (200, 403)
    expect(page.get_by_text(key)).to_have_count(0)
    page.get_by_role("button", name="Revoke A script").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("A script", exact=True)).to_have_count(0)
    assert _by_key(site, key, "/jobs") == 401


def test_a_key_is_selected_where_the_page_may_not_copy(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.add_init_script("delete Navigator.prototype.clipboard")  # as over plain HTTP
    page.goto("/settings/security?add=key")
    page.get_by_label("Its name").fill("For a copy")
    page.get_by_label("See the queue").check()
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("[aria-label='The key']").inner_text()

    page.get_by_role("button", name="Copy", exact=True).click()

    expect(page.get_by_role("button", name="Selected: press Ctrl C")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == key


def test_another_browser_is_signed_out_from_here(site: Running, new_page: NewPage) -> None:
    other = new_page(site)
    other.goto("/")
    page = new_page(site)
    page.goto("/settings/security")
    card = page.locator(".card", has_text="Where you are signed in")
    expect(card.get_by_text("this one")).to_have_count(1)

    card.get_by_role("button", name="Sign out the others").click()

    expect(card.get_by_role("listitem")).to_have_count(1)
    assert other.request.get("/api/v1/me").status == 401
    assert page.request.get("/api/v1/me").status == 200
    site.call("POST", "/session", name="ada", password=PASSWORD)


def test_what_matters_asks_for_a_fresh_proof_and_then_goes_on(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    asked: list[str] = []

    def refuse_once(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) > 1:
            route.continue_()
            return
        route.fulfill(
            status=403, headers={"x-reauth": "sudo"}, json={"title": "", "detail": "", "id": ""}
        )

    page.route("**/api/v1/me/totp", refuse_once)
    page.goto("/settings/security?add=totp")
    proof = page.get_by_role("dialog", name="Is it still you?")

    proof.get_by_label("Password of ada").fill("wrong horse battery")
    proof.get_by_role("button", name="Go on").click()
    expect(proof.get_by_text("This is not your password.")).to_be_visible()
    proof.get_by_label("Password of ada").fill(PASSWORD)
    proof.get_by_role("button", name="Go on").click()

    expect(proof).to_have_count(0)
    expect(page.get_by_role("img", name="The secret, to be scanned")).to_be_visible()
    assert asked == ["POST", "POST"]


def test_a_changed_password_is_the_one_that_counts(site: Running, new_page: NewPage) -> None:
    site.call("POST", "/accounts", name="changing", role="viewer", password=PASSWORD)
    page = new_page(site, signed_in=False)
    page.goto("/settings/security?add=password")
    page.get_by_label("Name", exact=True).fill("changing")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("quite another password")
    page.get_by_role("button", name="Change it").click()

    expect(page.get_by_text("The password is changed.")).to_be_visible()
    assert _password_opens(site, "changing", PASSWORD) == 401
    assert _password_opens(site, "changing", "quite another password") == 204


def test_an_account_is_added_raised_and_shut_out_and_each_is_taken_back(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings/accounts")
    page.get_by_role("link", name="Add an account").click()
    page.get_by_label("Name", exact=True).fill("mara")
    page.get_by_role("button", name="Add the account").click()
    expect(page.locator("[aria-label='The token']")).to_have_text(re.compile(r"\S{20,}"))
    page.get_by_role("button", name="I have passed it on").click()

    page.get_by_role("link", name="mara").click()
    page.get_by_role("radio", name="Editor").check()
    expect(page.get_by_text("mara: Editor")).to_be_visible()
    assert _account(site, "mara")["role"] == "editor"
    page.get_by_role("switch", name="mara may sign in").click()
    expect(page.get_by_text("mara is shut out.")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    toast = page.locator(".toast", has_text="mara is shut out.")
    toast.get_by_role("button", name="Undo").hover()
    assert _account(site, "mara")["disabled"] is True
    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert _account(site, "mara")["disabled"] is False

    page.get_by_role("link", name="mara").click()
    page.get_by_role("button", name="Remove the account").click()
    page.get_by_role("dialog", name="Remove the account of mara").get_by_role(
        "button", name="Remove the account"
    ).click()
    expect(page.get_by_role("link", name="mara")).to_have_count(0)


def test_of_two_changes_of_an_account_each_is_under_way_for_itself(
    site: Running, new_page: NewPage
) -> None:
    site.call("POST", "/accounts", name="olga", role="viewer", password=PASSWORD)
    page = new_page(site)
    page.goto("/settings/accounts")
    page.get_by_role("link", name="olga").click()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    address = f"**/api/v1/accounts/{_account(site, 'olga')['id']}"
    stand_in(page, address, hold, times=1)
    editor, switch = page.get_by_role("radio", name="Editor"), page.get_by_role("switch")
    with page.expect_request(address):
        editor.check()
    switch.click()
    expect(page.get_by_text("olga is shut out.")).to_be_visible()
    expect(switch).to_be_enabled()

    expect(editor).to_be_checked()
    expect(editor).to_be_disabled()
    waiting[0].continue_()
    expect(page.get_by_text("olga: Editor")).to_be_visible()
    expect(editor).to_be_enabled()


def test_the_audit_is_filtered_by_its_address(site: Running, new_page: NewPage) -> None:
    site.call("POST", "/accounts", name="lena", role="viewer", password=PASSWORD)
    page = new_page(site)
    page.goto("/settings/accounts")

    page.get_by_label("What happened").select_option("Accounts")

    expect(page).to_have_url(f"{site.url}/settings/accounts?event=account")
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Account")
    expect(page.get_by_role("table").get_by_text("Signed in")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("What happened")).to_have_value("account")


def test_what_could_not_be_asked_of_an_account_is_not_called_nothing(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    keys = "**/api/v1/accounts/*/api-keys"
    stand_in(page, keys, lambda route: route.fulfill(status=404, json={"detail": "It is gone."}))
    page.goto("/settings/accounts?account=1")
    part = page.get_by_role("dialog").locator("section", has_text="API keys")
    expect(part.get_by_role("alert")).to_contain_text("It is gone.")
    page.unroute(keys)

    part.get_by_role("button", name="Load again").click()

    made = [one["name"] for one in site.call("GET", "/accounts/1/api-keys")["items"]]
    expect(part).to_contain_text(made[0] if made else "None.")
    expect(part.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        "/settings/security?add=key",
        "/settings/security?add=totp",
        "/settings/security?add=password",
        "/settings/accounts?account=new",
        "/settings/accounts?account=1",
    ],
)
def test_what_opens_keeps_nobody_out(
    *, address: str, scheme: str, site: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(site, scheme=scheme)
    page.goto(address)
    expect(page.get_by_role("dialog")).to_be_visible()

    settle(page)

    assert violations(page, axe) == []


def _by_key(site: Running, key: str, path: str) -> int:
    return requests.get(
        f"{site.url}/api/v1{path}", headers={"authorization": f"Bearer {key}"}, timeout=30
    ).status_code


def _password_opens(site: Running, name: str, password: str) -> int:
    return requests.post(
        f"{site.url}/api/v1/session",
        json={"name": name, "password": password},
        headers={"origin": site.url},
        timeout=30,
    ).status_code


def _account(site: Running, name: str) -> dict[str, object]:
    accounts = site.call("GET", "/accounts")["items"]
    return next(one for one in accounts if one["name"] == name)
