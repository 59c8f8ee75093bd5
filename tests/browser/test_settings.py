"""Settings in a browser: what would be saved is seen first, and nothing is lost to anybody."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, violations
from tests.browser.running import PASSWORD, Running, start


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A program of which a file in its folder pins one setting."""
    folder: Path = tmp_path_factory.mktemp("pinned")
    with start(folder, GATHERUM_NETWORK_RETRIES="3") as program:
        program.set_up()
        yield program


@pytest.fixture(autouse=True)
def defaults(site: Running) -> None:
    """Let each test begin with the settings of the first one."""
    site.call("PATCH", "/settings/network", connections=32, retries=5, max_file_size=None)
    site.call("PATCH", "/settings/backup", schedule="0 3 * * *", keep=7)
    site.call("PATCH", "/settings/library", trash_days=30)


def values(site: Running, section: str) -> Any:
    return site.call("GET", f"/settings/{section}")["values"]


def changes(page: Page) -> Any:
    return page.get_by_role("complementary")


def test_a_change_is_shown_before_it_counts_and_can_be_taken_back(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    expect(changes(page)).to_contain_text("Nothing to save")

    page.get_by_label("Downloads at once", exact=True).fill("36")
    expect(page.get_by_text("was 32")).to_be_visible()
    expect(changes(page)).to_contain_text("1 change, not saved")
    assert values(site, "network")["connections"] == 32
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    expect(changes(page)).to_contain_text("Nothing to save")
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    undo.hover()
    assert values(site, "network")["connections"] == 36
    undo.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(page.get_by_label("Downloads at once", exact=True)).to_have_value("32")
    assert values(site, "network")["connections"] == 32


def test_a_value_that_does_not_suit_is_said_while_typing_and_never_sent(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    field = page.get_by_label("Downloads at once", exact=True)

    field.fill("900")
    expect(page.get_by_text("From 1 to 256.")).to_be_visible()
    expect(changes(page)).to_contain_text("900, not possible")
    page.get_by_label("Tries after the first").focus()
    page.get_by_role("button", name="Save").click()

    expect(field).to_be_focused()
    assert values(site, "network")["connections"] == 32
    field.fill("12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    assert values(site, "network")["connections"] == 12


def test_two_saves_of_one_section_are_taken_back_by_two_presses(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    for name, value in (("Downloads at once", "36"), ("Tries after the first", "7")):
        page.get_by_label(name, exact=True).fill(value)
        page.get_by_role("button", name="Save").click()
        expect(changes(page)).to_contain_text("Nothing to save")
    assert values(site, "network")["retries"] == 7

    page.keyboard.press("z")
    page.keyboard.press("z")

    expect(page.get_by_label("Downloads at once", exact=True)).to_have_value("32")
    expect(page.get_by_label("Tries after the first")).to_have_value("5")
    assert (values(site, "network")["connections"], values(site, "network")["retries"]) == (32, 5)


def test_an_answer_from_before_a_save_is_not_shown_after_it(
    site: Running, new_page: NewPage
) -> None:
    old = site.call("GET", "/settings")
    page = new_page(site)
    quiet = {"content_type": "text/event-stream", "body": "retry: 60000\n\n"}
    page.route("**/api/v1/events*", lambda route: route.fulfill(**quiet))  # it would have it right
    page.goto("/settings?section=network")
    field = page.get_by_label("Downloads at once", exact=True)
    field.fill("36")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    stand_in(page, "**/api/v1/settings", hold)
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    field.fill("40")
    expect(changes(page)).to_contain_text("1 change, not saved")
    page.unroute("**/api/v1/settings")
    assert waiting

    page.get_by_role("button", name="Save").click()
    expect(changes(page)).to_contain_text("Nothing to save")
    for route in waiting:
        route.fulfill(json=old)

    page.get_by_role("link", name="Backups", exact=True).click()
    expect(page.get_by_label("When", exact=True)).to_be_visible()
    page.get_by_role("link", name="Downloads", exact=True).click()
    expect(field).to_have_value("40")


def test_a_change_on_another_page_is_led_to(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/settings?section=oidc")
    switch = page.get_by_role("switch").first
    switch.click()
    link = changes(page).get_by_role("list").get_by_role("link").first
    page.get_by_role("link", name="Downloads", exact=True).click()
    expect(page.get_by_label("Downloads at once", exact=True)).to_be_visible()

    link.click()

    expect(switch).to_be_focused()
    expect(page).to_have_url(re.compile(r"section=oidc#oidc\."))
    page.get_by_role("button", name="Discard all").click()
    page.goto("/settings?section=network")
    page.get_by_label("Downloads at once", exact=True).fill("900")
    page.get_by_role("link", name="Backups", exact=True).click()
    expect(page.get_by_label("When", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Downloads at once", exact=True)).to_be_focused()


def test_a_form_stays_when_it_cannot_be_asked_for_anew(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    field = page.get_by_label("Downloads at once", exact=True)
    field.fill("36")
    stand_in(page, "**/api/v1/settings", lambda route: route.fulfill(status=404, json={}))

    before = field.element_handle()

    for keep in (8, 9):  # when the second answer is here, the first has been shown
        with page.expect_response("**/api/v1/settings"):
            site.call("PATCH", "/settings/backup", keep=keep)

    assert before.evaluate("one => one.isConnected")
    expect(field).to_have_value("36")


def test_what_only_the_server_can_judge_is_said_at_its_field(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=backup")
    expect(page.get_by_text(re.compile("Next: "))).to_be_visible()

    page.get_by_label("When", exact=True).fill("at noon")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".srow", has_text="When").get_by_role("alert")).to_be_visible()
    assert values(site, "backup")["schedule"] == "0 3 * * *"


def test_sizes_are_written_with_their_unit_and_may_be_none(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")

    page.get_by_label("Largest file", exact=True).select_option("GB")
    page.get_by_role("textbox", name="Largest file").fill("5")
    expect(changes(page)).to_contain_text("5 GB")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    assert values(site, "network")["max_file_size"] == 5_000_000_000
    page.get_by_label("Unit of Largest file").select_option("No limit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("textbox", name="Largest file")).to_have_count(0)
    expect(changes(page)).to_contain_text("Nothing to save")
    assert values(site, "network")["max_file_size"] is None


def test_a_setting_that_differs_says_so_and_goes_back_to_its_default(
    site: Running, new_page: NewPage
) -> None:
    site.call("PATCH", "/settings/library", trash_days=90)
    page = new_page(site)
    page.goto("/settings?section=library")
    expect(page.get_by_text("Default: 30 days")).to_be_visible()

    page.get_by_role("button", name="Reset Recycle bin keeps").click()

    expect(page.get_by_label("Recycle bin keeps", exact=True)).to_have_value("30")
    expect(changes(page)).to_contain_text("1 change, not saved")
    assert values(site, "library")["trash_days"] == 90
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    undo.hover()
    assert values(site, "library")["trash_days"] == 30
    undo.click()
    expect(page.get_by_label("Recycle bin keeps", exact=True)).to_have_value("90")
    assert values(site, "library")["trash_days"] == 90


def test_what_somebody_else_saves_meanwhile_is_seen_and_not_overwritten(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    page.get_by_label("Downloads at once", exact=True).fill("36")

    site.call("PATCH", "/settings/network", connections=20, retries=7)

    expect(page.get_by_text("Somebody else has set 20 meanwhile.")).to_be_visible()
    expect(page.get_by_label("Tries after the first")).to_have_value("7")
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Downloads at once", exact=True)).to_have_value("20")
    expect(changes(page)).to_contain_text("Nothing to save")


def test_a_version_that_has_passed_is_refused_in_words(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    quiet = {"content_type": "text/event-stream", "body": "retry: 60000\n\n"}
    page.route("**/api/v1/events*", lambda route: route.fulfill(**quiet))  # it hears of nothing
    page.goto("/settings?section=network")
    page.get_by_label("Downloads at once", exact=True).fill("36")
    site.call("PATCH", "/settings/network", retries=9)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Somebody else saved these settings meanwhile.")).to_be_visible()
    expect(page.get_by_label("Tries after the first")).to_have_value("9")
    assert values(site, "network")["connections"] == 32
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    assert (values(site, "network")["connections"], values(site, "network")["retries"]) == (36, 9)


def test_a_draft_outlives_a_walk_and_a_reload(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/settings?section=network")
    page.get_by_label("Downloads at once", exact=True).fill("36")

    page.get_by_role("link", name="Health").click()
    expect(page).to_have_url(f"{site.url}/settings/health")
    page.goto("/settings?section=backup")
    expect(changes(page)).to_contain_text("1 change, not saved")
    page.reload()

    expect(changes(page)).to_contain_text("Downloads at once")
    page.get_by_role("button", name="Discard all").click()
    expect(changes(page)).to_contain_text("Nothing to save")


def test_a_setting_of_the_environment_is_locked_and_names_its_variable(
    pinned: Running, new_page: NewPage
) -> None:
    page = new_page(pinned)

    page.goto("/settings?section=network")

    row = page.locator(".srow", has_text="Tries after the first")
    expect(row.locator("[data-locked] .input, .input[data-locked]")).to_contain_text("3")
    expect(row).to_contain_text("GATHERUM_NETWORK_RETRIES")
    expect(row.get_by_role("textbox")).to_have_count(0)
    page.goto("/settings?section=environment")
    expect(page.get_by_text("GATHERUM_PUBLIC_URL")).to_be_visible()


def test_any_setting_is_found_by_a_word_and_has_an_address(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings")

    page.get_by_role("searchbox", name="Find a setting").fill("session")
    expect(page.get_by_label("Unused sessions end after", exact=True)).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Account and security")).to_have_count(
        2
    )
    expect(page).to_have_url(f"{site.url}/settings?find=session")
    page.goto("/settings?section=retention#retention.audit_days")

    expect(page.get_by_label("Audit", exact=True)).to_be_focused()


def test_what_guards_the_door_asks_for_a_proof_and_a_secret_is_never_shown(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings?section=oidc")

    page.get_by_label("Client secret", exact=True).fill("hush hush hush")
    page.get_by_role("button", name="Save").click()
    prove(page)

    expect(page.get_by_text("1 setting saved.")).to_be_visible()
    assert values(site, "oidc")["client_secret"] is True
    expect(page.get_by_label("Client secret", exact=True)).to_have_value("")
    assert "hush hush" not in page.content()
    page.get_by_role("button", name="Forget the one that is set").click()
    expect(changes(page)).to_contain_text("not set")
    page.get_by_role("button", name="Save").click()
    expect(changes(page)).to_contain_text("Nothing to save")
    assert values(site, "oidc")["client_secret"] is False


def prove(page: Page) -> None:
    """Say again who one is, if that is asked for; a sign-in is a proof for ten minutes."""
    dialog = page.get_by_role("dialog", name="Is it still you?")
    saved = page.get_by_text("setting saved")
    expect(dialog.or_(saved).first).to_be_visible()
    if dialog.is_visible():
        dialog.get_by_label(re.compile("Password")).fill(PASSWORD)
        dialog.get_by_role("button", name="Go on").click()


def test_on_a_phone_the_list_comes_first_and_the_way_back_stands_above(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site, phone=True)
    page.goto("/settings")

    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Downloads").tap()
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible()
    page.get_by_label("Downloads at once", exact=True).fill("36")
    expect(page.get_by_text("1 change, not saved")).to_be_in_viewport()
    page.get_by_role("button", name="Discard all").tap()
    page.get_by_role("main").get_by_role("link", name="Settings").tap()

    expect(page.get_by_role("link", name="Backups")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_a_form_with_changes_and_a_fault_keeps_nobody_out(
    *, scheme: str, phone: bool, site: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(site, scheme=scheme, phone=phone)
    page.goto("/settings?section=network")

    page.get_by_label("Downloads at once", exact=True).fill("36")
    page.get_by_label("Tries after the first").fill("99")
    page.get_by_label("Largest file", exact=True).select_option("GB")
    settle(page)

    assert violations(page, axe) == []
    page.get_by_role("button", name="Discard all").click()  # its bar lies over the end of a page
    for address in (
        "/settings?find=session",
        "/settings?section=oidc",
        "/settings?section=environment",
    ):
        page.goto(address)
        settle(page)
        assert violations(page, axe) == [], address
