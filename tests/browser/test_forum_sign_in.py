"""Signing in to a forum in a browser: a password goes there once, and a login with cookies comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.applications import Starlette

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, violations
from tests.browser.running import PASSWORD as OURS
from tests.browser.running import Running, beside, start
from tests.testsites.forums import entrances as doors
from tests.testsites.forums.entrances import CAREFUL, CODE, NAME, PASSWORD, Entrance, with_entrance
from tests.testsites.gateway import Gateway
from tests.testsites.world import World


@pytest.fixture(scope="module")
def guarded() -> Entrance:
    """Give the door of a forum that wants a captcha."""
    return Entrance(captcha=True)


@pytest.fixture(scope="module")
def forums(tmp_path_factory: pytest.TempPathFactory, guarded: Entrance) -> Iterator[Running]:
    """Give a program before which there are forums."""
    world = World()
    open_door = with_entrance(Starlette(), doors.xenforo_entrance(Entrance()))
    world.mount("xenforo.example", open_door)
    world.mount("mybb.example", with_entrance(Starlette(), doors.mybb_entrance(guarded)))
    folder = tmp_path_factory.mktemp("forums")
    with beside(Gateway(world)) as gateway:
        outside = {
            "GATHERUM_NETWORK_PROXY": gateway.url,
            "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
        }
        with start(folder, **outside) as program:
            program.set_up()
            yield program


@pytest.fixture(autouse=True)
def proven(forums: Running) -> None:
    """Let each test begin without logins, in sudo mode."""
    forums.call("POST", "/session/sudo", password=OURS)
    for one in forums.call("GET", "/logins")["items"]:
        forums.call("DELETE", f"/logins/{one['id']}")


def begin(page: Page, forum: str, *, name: str = NAME, password: str = PASSWORD) -> Locator:
    """Fill in the form, and send it."""
    page.goto("/settings/logins")
    page.get_by_role("button", name="Add a login").click()
    sheet = page.get_by_role("dialog", name="Add a login")
    sheet.get_by_role("button", name="Sign in to a forum").click()
    sheet.get_by_label("The forum", exact=True).fill(forum)
    sheet.get_by_label("Your name there").fill(name)
    sheet.get_by_label("Your password there").fill(password)
    sheet.get_by_role("button", name="Sign in", exact=True).click()
    return sheet


def test_a_password_becomes_a_login_and_is_kept_nowhere(forums: Running, new_page: NewPage) -> None:
    page = new_page(forums)

    sheet = begin(page, "xenforo.example")

    expect(sheet).to_have_count(0)
    expect(page.get_by_text("The password is kept nowhere.")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text=f"{NAME} at xenforo.example")
    expect(row).to_contain_text(f"Signed in as {NAME}.")
    (made,) = forums.call("GET", "/logins")["items"]
    assert (made["platform"], made["signed_in_as"]) == ("xenforo", NAME)
    changed = forums.call("GET", "/audit?event=login.changed")["items"][0]
    assert (changed["name"], changed["detail"]) == ("ada", {"added": NAME, "signed_in": True})
    assert holding(f"{NAME} at xenforo.example", forums.folder) != []
    assert holding(PASSWORD, forums.folder) == []
    assert PASSWORD not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")


def holding(secret: str, folder: Path) -> list[Path]:
    """Return the files in which a secret stands."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return [one for one in files if secret.encode() in one.read_bytes()]


def test_a_wrong_password_is_told_and_the_next_try_counts(
    forums: Running, new_page: NewPage
) -> None:
    page = new_page(forums)

    sheet = begin(page, "xenforo.example", password="fog on the hill")

    expect(sheet.get_by_role("alert")).to_contain_text(
        "does not accept this name with this password"
    )
    expect(sheet.get_by_label("Your name there")).to_have_value(NAME)
    sheet.get_by_label("Your password there").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(sheet).to_have_count(0)
    assert len(forums.call("GET", "/logins")["items"]) == 1


def test_a_second_factor_asks_for_its_code_and_a_wrong_one_is_told(
    forums: Running, new_page: NewPage
) -> None:
    page = new_page(forums)

    sheet = begin(page, "xenforo.example", name=CAREFUL)

    code = sheet.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    expect(sheet.get_by_role("alert")).to_contain_text("code of a second factor")
    code.fill("000000")
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("does not accept this code")
    code.fill(CODE)
    page.keyboard.press("Enter")
    expect(sheet).to_have_count(0)
    expect(
        page.get_by_role("button", name=f"{CAREFUL} at xenforo.example", exact=True)
    ).to_be_visible()


def test_a_captcha_leads_to_the_cookies_of_a_browser(forums: Running, new_page: NewPage) -> None:
    page = new_page(forums, fails="/logins/sign-in")

    sheet = begin(page, "mybb.example")

    expect(sheet.get_by_role("alert")).to_contain_text("without a captcha")
    sheet.get_by_role("button", name="Bring cookies instead").click()
    expect(sheet.get_by_role("textbox", name="Cookies")).to_be_visible()
    assert forums.call("GET", "/logins")["items"] == []


def test_what_is_missing_is_said_and_nothing_is_sent(forums: Running, new_page: NewPage) -> None:
    page = new_page(forums)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "sign-in" in one.url else None)

    sheet = begin(page, "xenforo.example", password="")

    expect(sheet.get_by_text("The password is needed.")).to_be_visible()
    assert sent == []


def test_signing_in_shows_that_it_works_and_ends_with_the_sheet(
    forums: Running, new_page: NewPage
) -> None:
    page = new_page(forums)
    page.goto("/settings/logins")
    stand_in(page, "**/logins/sign-in", lambda _: None)

    sheet = begin(page, "xenforo.example")

    expect(sheet.get_by_role("button", name="Signing in")).to_be_visible()
    expect(sheet.get_by_role("status")).to_contain_text("This takes some seconds")
    with page.expect_event("requestfailed", lambda one: one.url.endswith("/sign-in")):
        page.keyboard.press("Escape")


def test_who_signed_in_before_does_so_anew_with_a_password_alone(
    forums: Running, new_page: NewPage
) -> None:
    page = new_page(forums)
    begin(page, "xenforo.example")
    page.get_by_role("button", name=f"{NAME} at xenforo.example", exact=True).click()

    page.get_by_role("link", name="Or sign in to the forum anew").click()
    page.reload()
    sheet = page.get_by_role("dialog", name="Add a login")
    sheet.get_by_role("button", name="Bring cookies").click()
    expect(sheet.get_by_label("The forum", exact=True)).to_have_count(0)
    sheet.get_by_role("button", name="Sign in to a forum").click()
    expect(sheet.get_by_label("The forum", exact=True)).to_have_value("xenforo.example")
    expect(sheet.get_by_label("Your name there")).to_have_value(NAME)
    sheet.get_by_label("Your password there").fill(PASSWORD)
    sheet.get_by_role("button", name="Sign in", exact=True).click()

    expect(sheet).to_have_count(0)
    (renewed,) = forums.call("GET", "/logins")["items"]
    assert renewed["version"] > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_form_keeps_nobody_out(
    *, scheme: str, phone: bool, forums: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(forums, scheme=scheme, phone=phone)

    sheet = begin(page, "xenforo.example", name=CAREFUL)
    expect(sheet.get_by_label("Code", exact=True)).to_be_focused()
    settle(page)

    assert violations(page, axe) == []
