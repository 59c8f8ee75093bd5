"""Logins in a browser: cookies go in, are told in words, and are never shown again."""

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from yarl import URL

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, violations
from tests.browser.running import PASSWORD, SETTLED_S, Running

DAY_S = 86_400


def cookies(site: str, *, days: float = 200) -> str:
    ends = int(time.time() + days * DAY_S)
    return (
        "# Netscape HTTP Cookie File\n"
        f".{site}\tTRUE\t/\tTRUE\t{ends}\tsessionid\ttop-secret-value\n"
        f"www.{site}\tFALSE\t/\tTRUE\t{ends + 99}\tcsrf\tother-secret\n"
    )


def kept(site: Running) -> dict[str, Any]:
    return {one["name"]: one for one in site.call("GET", "/logins")["items"]}


@pytest.fixture(autouse=True)
def none_yet(site: Running) -> None:
    """Let each test begin without logins, in sudo mode."""
    site.call("POST", "/session/sudo", password=PASSWORD)
    for one in kept(site).values():
        for user in one["used_by"]:
            site.call("DELETE", f"/subscriptions/{user['id']}")
        site.call("DELETE", f"/logins/{one['id']}")


def keep(site: Running, name: str, **of: Any) -> int:
    site_name = of.pop("site", "instagram.com")
    made = site.call(
        "POST",
        "/logins",
        platform=of.pop("platform", "instagram"),
        name=name,
        cookies=cookies(site_name, **of),
    )
    return int(made["id"])


def until_refused(site: Running, number: int) -> None:
    """Wait for the check of a subscription, which goes through the queue; a page hears of it at once."""
    end = time.monotonic() + SETTLED_S
    while site.call("GET", f"/subscriptions/{number}")["reason"] != "login_required":
        assert time.monotonic() < end, "This subscription is never checked."
        time.sleep(0.1)


def test_pasted_cookies_are_told_in_words_and_kept(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/settings/logins")
    expect(page.get_by_text("No login is kept")).to_be_visible()

    page.get_by_role("button", name="Add a login").click()
    sheet = page.get_by_role("dialog", name="Add a login")
    sheet.get_by_role("textbox", name="Cookies").fill("nonsense")
    expect(sheet.get_by_text("This is neither a cookies.txt")).to_be_visible()
    sheet.get_by_role("textbox", name="Cookies").fill(cookies("instagram.com"))
    expect(sheet.get_by_text("2 cookies")).to_be_visible()
    expect(sheet.get_by_text("for instagram.com, www.instagram.com")).to_be_visible()
    expect(sheet.get_by_label("Platform")).to_have_value("instagram")
    sheet.get_by_role("button", name="Keep it").click()
    expect(sheet.get_by_text("A login needs a name.")).to_be_visible()
    sheet.get_by_label("Name").fill("family.box")
    sheet.get_by_role("button", name="Keep it").click()

    expect(sheet).to_have_count(0)
    expect(page.get_by_role("listitem").filter(has_text="family.box")).to_contain_text("Fine")
    assert kept(site)["family.box"]["platform"] == "instagram"
    assert kept(site)["family.box"]["user_agent"] == page.evaluate("navigator.userAgent")
    assert "top-secret-value" not in page.content()


def test_a_file_brings_them_too_and_its_json_is_understood(
    site: Running, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.json"
    file.write_text('[{"domain": ".forum.example", "name": "a", "value": "b"}]')
    page = new_page(site)
    page.goto("/settings/logins")

    page.get_by_label("File of cookies").set_input_files(file)
    sheet = page.get_by_role("dialog", name="Add a login")
    expect(sheet.get_by_text("1 cookie", exact=True)).to_be_visible()
    sheet.get_by_label("Name").fill("forum")
    sheet.get_by_role("button", name="Keep it").click()

    expect(page.get_by_role("listitem").filter(has_text="forum")).to_be_visible()
    assert kept(site)["forum"]["sites"] == ["forum.example"]


def drop(page: Page, selector: str, name: str, text: str) -> None:
    """Drop a file on what a selector finds, as somebody does with a mouse."""
    page.evaluate(
        """([selector, name, text]) => {
            const data = new DataTransfer()
            data.items.add(new File([text], name, { type: 'text/plain' }))
            const target = document.querySelector(selector)
            for (const type of ['dragenter', 'dragover', 'drop'])
                target.dispatchEvent(
                    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }))
        }""",
        [selector, name, text],
    )


def test_a_file_dropped_beside_the_box_keeps_what_was_typed(
    site: Running, new_page: NewPage
) -> None:
    number = keep(site, "mara")
    page = new_page(site)
    page.goto("/settings/logins?add=new")
    sheet = page.get_by_role("dialog", name="Add a login")
    sheet.get_by_label("Name").fill("typed before")

    drop(page, "dialog h2", "cookies.txt", cookies("instagram.com"))

    expect(sheet.get_by_text("2 cookies")).to_be_visible()
    expect(sheet.get_by_label("Name")).to_have_value("typed before")
    page.goto(f"/settings/logins?login={number}")
    renewing = page.get_by_role("dialog", name="mara")
    expect(renewing).to_be_visible()
    drop(page, "dialog h2", "cookies.txt", cookies("instagram.com", days=300))
    renewing.get_by_role("button", name="Replace the cookies").click()
    expect(page.get_by_text("mara has fresh cookies.")).to_be_visible()
    assert set(kept(site)) == {"mara"}


# Drops a file in the frame in which the sheet is open.
DROPPED_AT_ONCE = """{
  const watch = new MutationObserver(() => {
    const target = document.querySelector('dialog[open] h2')
    if (!target) return
    watch.disconnect()
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([window.cookies], 'cookies.txt', { type: 'text/plain' }))
    for (const type of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
  })
  watch.observe(document, { subtree: true, childList: true, attributes: true })
}"""


def test_cookies_are_taken_from_the_first_frame(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.add_init_script(f"window.cookies = {json.dumps(cookies('instagram.com'))}")
    page.add_init_script(DROPPED_AT_ONCE)

    page.goto("/settings/logins?add=new")

    expect(page.get_by_role("dialog").get_by_text("2 cookies")).to_be_visible()


def test_cookies_dropped_on_any_page_come_to_the_logins(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/queue")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    drop(page, "main", "notes.txt", "nothing of that kind")
    expect(page.get_by_text("This file holds no cookies.")).to_be_visible()

    drop(page, "main", "cookies.txt", cookies("instagram.com"))

    sheet = page.get_by_role("dialog", name="Add a login")
    expect(sheet.get_by_text("2 cookies")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/settings/logins?add=new")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a login").click()
    expect(sheet.get_by_text("2 cookies")).to_have_count(0)


def test_a_login_is_tested_in_its_row_and_on_a_link_of_ones_choice(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    number = keep(site, "mara")
    page = new_page(site)
    page.goto("/settings/logins")
    row = page.get_by_role("listitem").filter(has_text="mara")
    row.get_by_role("button", name="Test").click()
    expect(row.get_by_role("alert")).to_contain_text("Nothing uses this login yet")
    site.call("POST", "/subscriptions", url=f"{plaza}/@bruno", timing="1w", login=number)

    row.get_by_role("button", name="Test").click()

    expect(row.get_by_role("status")).to_contain_text("Opens")
    expect(row.get_by_role("status")).to_contain_text(re.compile(r"\d+ posts are seen"))
    page.goto(f"/settings/logins?login={number}")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("A link that only it opens").fill(f"{plaza}/@vault")
    sheet.get_by_role("button", name="Test").click()
    expect(sheet.get_by_role("status")).to_contain_text("Login")
    expect(sheet.get_by_role("status")).to_contain_text(f"{plaza}/@vault")


def test_a_login_wakes_what_waits_for_it_and_one_that_is_refused_says_so(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    number = site.call("POST", "/subscriptions", url=f"{plaza}/@vault", timing="1w")["id"]
    page = new_page(site)
    page.goto("/settings/logins")
    until_refused(site, number)
    expect(page.get_by_text("1 subscription waits for it.")).to_be_visible()

    site.call("PATCH", f"/subscriptions/{number}", title="The vault")
    page.get_by_role("button", name="Add login").click()
    sheet = page.get_by_role("dialog", name="Add a login")
    sheet.get_by_role("textbox", name="Cookies").fill(cookies(str(URL(plaza).host)))
    sheet.get_by_label("Name").fill("mara")
    sheet.get_by_role("button", name="Keep it").click()

    expect(page.get_by_text("1 subscription goes on with it.")).to_be_visible()
    assert kept(site)["mara"]["used_by"] == [{"id": number, "title": "The vault"}]
    row = page.get_by_role("listitem").filter(has_text="mara")
    expect(row).to_contain_text("Refused")


def test_a_login_that_rests_says_why_and_goes_on_when_somebody_says_so(
    site: Running, new_page: NewPage
) -> None:
    number, day = keep(site, "mara"), int(time.time() // DAY_S)
    with closing(sqlite3.connect(site.folder / "data" / "gatherum.db", timeout=30)) as database:
        database.execute(
            "insert into login_standing values (?, '', 0, 'challenge', 'It wants to see you.', ?, null,"
            " 0, '', ?, 1234)",
            (number, time.time(), day),
        )
        database.commit()
    page = new_page(site)
    page.goto("/settings/logins")
    row = page.get_by_role("listitem").filter(has_text="mara")
    expect(row).to_contain_text("Wants to see you")
    expect(row).to_contain_text("It rests until you have seen to it. It wants to see you.")
    row.get_by_role("button", name="mara", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("1,234 of")
    page.keyboard.press("Escape")

    row.get_by_role("button", name=re.compile("^Let it go on")).click()

    expect(page.get_by_text("mara goes on.")).to_be_visible()
    expect(row).to_contain_text("Fine")
    assert kept(site)["mara"]["rests"] is None


def test_what_was_added_and_renamed_is_taken_back_by_two_presses(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings/logins?add=instagram")
    page.get_by_role("textbox", name="Cookies").fill(cookies("instagram.com"))
    page.get_by_label("Name").fill("mara")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="mara", exact=True).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("mara.archive")
    sheet.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog", name="mara.archive")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("z")
    page.keyboard.press("z")

    expect(page.get_by_text("No login is kept")).to_be_visible()
    assert kept(site) == {}


def test_a_name_that_is_taken_is_said_at_the_name(site: Running, new_page: NewPage) -> None:
    keep(site, "mara")
    page = new_page(site)
    page.goto("/settings/logins?add=instagram")

    page.get_by_role("textbox", name="Cookies").fill(cookies("instagram.com"))
    page.get_by_label("Name").fill("mara")
    page.get_by_role("button", name="Keep it").click()

    expect(page.get_by_text("There is a login of this name already.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")


def test_one_that_has_ended_is_renewed_and_one_that_ends_soon_is_told(
    site: Running, new_page: NewPage
) -> None:
    keep(site, "ended", days=-2)
    keep(site, "soon", days=3)
    page = new_page(site)
    page.goto("/settings/logins")
    expect(page.get_by_role("listitem").filter(has_text="soon")).to_contain_text("Ends soon")

    row = page.get_by_role("listitem").filter(has_text="ended")
    expect(row).to_contain_text("2 days ago")
    row.get_by_role("button", name="Renew").click()
    sheet = page.get_by_role("dialog", name="ended")
    sheet.get_by_role("textbox", name="Cookies").fill(cookies("instagram.com"))
    sheet.get_by_role("button", name="Replace the cookies").click()

    expect(sheet).to_have_count(0)
    expect(page.get_by_text("ended has fresh cookies.")).to_be_visible()
    assert kept(site)["ended"]["expires_at"] > kept(site)["soon"]["expires_at"]


def test_a_new_name_can_be_taken_back(site: Running, new_page: NewPage) -> None:
    number = keep(site, "mara")
    page = new_page(site)
    page.goto(f"/settings/logins?login={number}")
    sheet = page.get_by_role("dialog")

    sheet.get_by_label("Name").fill("mara.archive")
    sheet.get_by_role("button", name="Rename").click()

    expect(page.get_by_role("dialog", name="mara.archive")).to_be_visible()
    page.keyboard.press("Escape")
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    undo.hover()
    assert set(kept(site)) == {"mara.archive"}
    undo.click()
    expect(page.get_by_role("button", name="mara", exact=True)).to_be_visible()
    assert set(kept(site)) == {"mara"}


def test_one_that_is_in_use_stays_and_says_by_whom(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    number = keep(site, "mara")
    site.call("POST", "/subscriptions", url=f"{plaza}/@bruno", timing="1w", login=number)
    page = new_page(site)
    page.goto(f"/settings/logins?login={number}")

    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="Remove")).to_be_disabled()
    expect(sheet.get_by_text("1 subscription would have none")).to_be_visible()
    expect(sheet.get_by_role("listitem").get_by_role("link")).to_have_count(1)


def test_a_login_is_removed_after_a_question_that_names_it(
    site: Running, new_page: NewPage
) -> None:
    number = keep(site, "mara")
    page = new_page(site)
    page.goto(f"/settings/logins?login={number}")

    page.get_by_role("dialog", name="mara").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove mara").get_by_role(
        "button", name="Remove the login"
    ).click()

    expect(page.get_by_text("No login is kept")).to_be_visible()
    assert kept(site) == {}


def test_an_editor_sees_that_logins_exist_and_can_change_nothing(
    site: Running, new_page: NewPage
) -> None:
    keep(site, "mara")
    page = new_page(site, signed_in=False)
    sign_in_as_editor(site, page)

    page.goto("/settings/logins")

    expect(page.get_by_role("listitem").filter(has_text="mara")).to_be_visible()
    expect(page.get_by_role("button", name="Add a login")).to_have_count(0)
    expect(page.get_by_role("button", name="Renew")).to_have_count(0)
    page.goto("/settings/logs")
    expect(page.get_by_text("The log is for administrators")).to_be_visible()
    page.goto("/settings")
    expect(page.get_by_text("Settings are for administrators")).to_be_visible()


def sign_in_as_editor(site: Running, page: Page) -> None:
    site.call("POST", "/accounts", name="edda", role="editor", password=PASSWORD)
    signed = page.request.post(
        "/api/v1/session",
        data={"name": "edda", "password": PASSWORD},
        headers={"origin": site.url},
    )
    assert signed.ok, signed.text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_logins_and_their_sheets_keep_nobody_out(
    *, scheme: str, phone: bool, site: Running, new_page: NewPage, axe: str
) -> None:
    number = keep(site, "ended", days=-2)
    page = new_page(site, scheme=scheme, phone=phone)

    for address in ("", f"?login={number}", "?add=instagram"):
        page.goto(f"/settings/logins{address}")
        settle(page)
        if address:
            expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page, axe) == [], address
