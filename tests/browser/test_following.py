"""What is followed, in a real browser: followed by a link, timed, filtered, changed in bulk, undone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import stand_in, unanswered
from tests.browser.running import PASSWORD, SETTLED_S, Running

NAMES = ("Ada", "Bruno", "Chiyo")
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@pytest.fixture
def followed(stocked: Running, plaza: str) -> Iterator[list[int]]:
    """Three subscriptions whose posts the library has; nothing is followed any more afterwards."""
    made = []
    for title in NAMES:
        told = stocked.call(
            "POST", "/subscriptions", url=f"{plaza}/@{title.lower()}", title=title, timing="30d"
        )
        made.append(told["id"])
    yield made
    for one in stocked.call("GET", "/subscriptions")["items"]:
        stocked.call("DELETE", f"/subscriptions/{one['id']}")


def edited(page: Page, program: Running, numbers: list[int], number: int, *, tab: str) -> Locator:
    """Open the sheet of one of some subscriptions, once no check of theirs is under way."""
    program.until_checked(numbers)
    page.goto(f"/following/{number}?tab={tab}")
    return page.get_by_role("dialog", name=NAMES[numbers.index(number)])


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=title, exact=True))


def one_of(program: Running, number: int) -> dict[str, Any]:
    told: dict[str, Any] = program.call("GET", f"/subscriptions/{number}")
    return told


def test_where_nothing_is_followed_a_link_is_enough(
    site: Running, new_page: NewPage, plaza: str
) -> None:
    page = new_page(site)
    page.goto("/following")

    page.get_by_role("button", name="Follow the first").click()
    sheet = page.get_by_role("dialog", name="Follow")
    expect(page).to_have_url(re.compile(r"/following\?follow="))
    sheet.get_by_label("Link", exact=True).fill(f"{plaza}/@ada")
    expect(sheet.get_by_text("all of them new to you")).to_be_visible()
    sheet.get_by_label("Title").fill("Ada")
    sheet.get_by_label("How many posts to go back").fill("many")
    sheet.get_by_label("Title").focus()
    expect(sheet.get_by_text("A whole number from 1 to 1,000,000")).to_be_visible()
    sheet.get_by_label("How many posts to go back").fill("3")
    sheet.get_by_role("button", name="Follow", exact=True).click()

    expect(sheet).to_be_hidden()
    expect(page.get_by_role("status").get_by_text("You follow Ada.")).to_be_visible()
    expect(card(page, "Ada")).to_be_visible()
    (made,) = site.call("GET", "/subscriptions")["items"]
    assert (made["key"], made["title"], made["limit"]) == ("ada", "Ada", 3)

    page.goto(f"/following?follow={plaza}/@ada")
    expect(page.get_by_text("You follow this already.")).to_be_visible()
    page.get_by_role("link", name="Show it").click()
    expect(page).to_have_url(re.compile(rf"/following/{made['id']}$"))
    expect(page.get_by_role("dialog", name="Ada")).to_be_visible()


def test_times_are_chosen_by_preset_and_by_cron_text(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number, page = followed[0], new_page(stocked)
    sheet = edited(page, stocked, followed, number, tab="when")

    sheet.get_by_role("button", name="At times").click()
    sheet.get_by_role("button", name="Every morning").click()
    expect(sheet.get_by_label("As cron text")).to_have_value("0 7 * * *")
    expect(sheet.get_by_text("At 07:00 every day (UTC)")).to_be_visible()
    sheet.get_by_label("As cron text").fill("30 6 * * 1-5")
    expect(sheet.get_by_text("At 06:30")).to_be_visible()
    runs = sheet.locator(".next li")
    expect(runs).to_have_count(5)
    for run in runs.all():
        expect(run).to_have_attribute("title", re.compile("6:30.AM"))
    expect(sheet.locator(".week i[data-me]")).to_have_count(5)
    expect(sheet.get_by_role("button", name="Monday")).to_have_attribute("aria-pressed", "true")
    expect(sheet.get_by_role("button", name="Sunday")).to_have_attribute("aria-pressed", "false")
    sheet.get_by_label("As cron text").fill("30 26 * * *")
    expect(sheet.get_by_text("is not a cron expression")).to_be_visible()
    sheet.get_by_label("As cron text").fill("30 6 * * 1-5")
    expect(sheet.get_by_text("1 change: times")).to_be_visible()
    sheet.get_by_role("button", name="Save").click()

    expect(sheet).to_be_hidden()
    assert one_of(stocked, number)["timing"] == "30 6 * * 1-5"
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert one_of(stocked, number)["timing"] == "4w2d"


def test_a_filter_is_the_same_in_rows_and_text_and_is_tried(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number, page = followed[0], new_page(stocked)
    sheet = edited(page, stocked, followed, number, tab="when")

    sheet.get_by_role("button", name="Add condition").click()
    sheet.get_by_role("group", name="Kinds").get_by_role("button", name="Pictures").click()
    sheet.get_by_role("group", name="How the filter is written").get_by_text("Text").click()
    expect(sheet.get_by_label("The filter as text")).to_have_value("kind:video")
    trial = stocked.call(
        "POST", "/subscriptions/test-filter", filter="kind:video", subscription=number
    )
    kept, out = trial["kept"], trial["left_out"]
    assert kept > 0
    assert out > 0
    expect(sheet.get_by_text(f"{kept} kept, {out} left out.")).to_be_visible()
    sheet.get_by_role("button", name=f"Show the {out}").click()
    expect(sheet.locator(".left-out li")).to_have_count(out)
    sheet.get_by_label("The filter as text").fill("knid:video")
    expect(sheet.get_by_text("Did you mean").or_(sheet.get_by_text("knid"))).not_to_have_count(0)
    sheet.get_by_label("The filter as text").fill("kind:video | size>5MB")
    expect(sheet.get_by_role("button", name="Rows")).to_be_disabled()
    sheet.get_by_role("button", name="Save").click()

    expect(sheet).to_be_hidden()
    assert one_of(stocked, number)["filter"] == "kind:video | size>5MB"


def test_a_filter_that_cannot_be_tried_says_so(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    trial = "**/api/v1/subscriptions/test-filter"
    stand_in(page, trial, lambda route: route.fulfill(status=404, json={"detail": "It is gone."}))
    page.goto(f"/following/{followed[0]}?tab=when")
    sheet = page.get_by_role("dialog", name="Ada")
    sheet.get_by_role("group", name="How the filter is written").get_by_text("Text").click()

    sheet.get_by_label("The filter as text").fill("kind:image")

    expect(sheet.get_by_role("alert")).to_contain_text("It is gone.")
    page.unroute(trial)
    sheet.get_by_role("button", name="Load again").click()
    expect(sheet.get_by_text("left out.")).to_be_visible()


def test_a_filter_is_tried_anew_when_a_check_brings_posts(
    stocked: Running, followed: list[int], new_page: NewPage, plaza: str
) -> None:
    stocked.until_checked(followed)
    stocked.call("POST", "/lanes/sync/pause")
    try:
        number = stocked.call("POST", "/subscriptions", url=f"{plaza}/@dune", timing="30d")["id"]
        page = new_page(stocked)
        page.goto(f"/following/{number}?tab=when")
        sheet = page.get_by_role("dialog")
        sheet.get_by_role("group", name="How the filter is written").get_by_text("Text").click()
        sheet.get_by_label("The filter as text").fill("kind:image")
        expect(sheet.get_by_text("Nothing is known yet")).to_be_visible()
    finally:
        stocked.call("POST", "/lanes/sync/resume")

    expect(sheet.get_by_text("left out.")).to_be_visible(timeout=SETTLED_S * 1000)


def test_two_saves_are_taken_back_by_two_presses(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number = followed[1]
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto("/following")
    for title, then in (("Bruno", "First name"), ("First name", "Second name")):
        card(page, title).get_by_role("link", name=title, exact=True).click()
        sheet = page.get_by_role("dialog")
        sheet.get_by_role("tab", name="Name & access").click()
        sheet.get_by_label("Title").fill(then)
        sheet.get_by_role("button", name="Save").click()
        expect(sheet).to_be_hidden()
    assert one_of(stocked, number)["title"] == "Second name"

    page.keyboard.press("z")
    page.keyboard.press("z")

    expect(card(page, "Bruno")).to_be_visible()
    assert one_of(stocked, number)["title"] == "Bruno"


def test_many_are_changed_at_once_seen_before_and_undone(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto("/following?view=table&sort=name")

    page.get_by_role("checkbox", name="Select Ada").click()
    page.get_by_role("checkbox", name="Select Chiyo").click(modifiers=["Shift"])
    expect(page.get_by_role("toolbar")).to_contain_text("3 selected")
    page.get_by_role("button", name="Change").click()
    sheet = page.get_by_role("dialog", name="Change 3 subscriptions")
    sheet.get_by_label("How far back").check()
    sheet.get_by_label("How many posts to go back").fill("40")
    expect(sheet.get_by_role("heading", name="Changes to 3 subscriptions")).to_be_visible()
    expect(sheet.locator(".diff li")).to_have_count(3)
    expect(sheet.locator(".diff ins").first).to_have_text("40")
    assert [one_of(stocked, number)["limit"] for number in followed] == [None] * 3
    sheet.get_by_role("button", name="Change 3").click()

    expect(sheet).to_be_hidden()
    expect(page.get_by_text("3 subscriptions given another limit")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    assert [one_of(stocked, number)["limit"] for number in followed] == [40] * 3
    undo.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert [one_of(stocked, number)["limit"] for number in followed] == [None] * 3


def test_a_change_of_many_outlives_a_wrong_press_and_a_reload(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto("/following?view=table&sort=name")
    page.get_by_role("checkbox", name="Select Ada").click()
    page.get_by_role("checkbox", name="Select Bruno").click()
    page.get_by_role("button", name="Change").click()
    sheet = page.get_by_role("dialog", name="Change 2 subscriptions")
    back = sheet.get_by_label("How many posts to go back")
    sheet.get_by_label("How far back").check()
    back.fill("40")

    page.mouse.click(20, 880)
    expect(sheet).to_be_hidden()
    expect(page.get_by_text("is kept as a draft")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    expect(sheet.get_by_text("This is what you chose before.")).to_be_visible()
    expect(back).to_have_value("40")
    page.reload()
    expect(back).to_have_value("40")
    sheet.get_by_role("button", name="Change 2").click()
    expect(page.get_by_text("2 subscriptions given another limit")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    assert [one_of(stocked, number)["limit"] for number in followed] == [40, 40, None]
    undo.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()

    page.get_by_role("checkbox", name="Select Ada").click()
    page.get_by_role("button", name="Change").click()
    one = page.get_by_role("dialog", name="Change 1 subscription")
    expect(one.get_by_label("How far back")).not_to_be_checked()
    one.get_by_label("What to keep").check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Change").click()
    one.get_by_role("button", name="Discard").click()
    expect(one.get_by_label("What to keep")).not_to_be_checked()
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_many_are_given_a_login_at_once(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    stocked.call("POST", "/session/sudo", password=PASSWORD)
    cookies = '[{"domain": ".plaza.example", "name": "a", "value": "b"}]'
    made = stocked.call("POST", "/logins", platform="", name="mara", cookies=cookies)["id"]
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto("/following?view=table&sort=name")
    page.get_by_role("checkbox", name="Select Ada").click()
    page.get_by_role("checkbox", name="Select Bruno").click()
    page.get_by_role("button", name="Change").click()
    sheet = page.get_by_role("dialog", name="Change 2 subscriptions")

    sheet.get_by_role("checkbox", name="Login").check()
    sheet.get_by_role("combobox", name="Login").select_option("mara")
    expect(sheet.locator(".diff del").first).to_have_text("without a login")
    expect(sheet.locator(".diff ins").first).to_have_text("mara")
    sheet.get_by_role("button", name="Change 2").click()

    expect(page.get_by_text("2 subscriptions given another login")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    assert [one_of(stocked, number)["login"] for number in followed] == [made, made, None]
    undo.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert [one_of(stocked, number)["login"] for number in followed] == [None] * 3
    stocked.call("DELETE", f"/logins/{made}")


def test_one_rests_and_one_is_let_go_and_comes_back(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page, other = new_page(stocked), new_page(stocked)
    stocked.until_checked(followed)
    other.goto("/following")
    expect(card(other, "Bruno")).to_contain_text("Checked")
    page.goto("/following?text=bru")
    expect(page.get_by_role("listitem")).to_have_count(1)

    page.get_by_role("button", name="What to do with Bruno").click()
    page.get_by_role("menuitem", name="Pause").click()
    expect(card(page, "Bruno")).to_contain_text("Paused")
    expect(card(other, "Bruno")).to_contain_text("Paused")
    assert one_of(stocked, followed[1])["paused"]
    page.get_by_role("button", name="What to do with Bruno").click()
    page.get_by_role("menuitem", name="Unfollow").click()
    expect(page.get_by_text("Nothing you follow fits")).to_be_visible()
    expect(card(other, "Bruno")).to_be_hidden()
    toast = page.locator(".toast", has_text="is followed no longer")
    toast.get_by_role("button", name="Undo").click()
    expect(card(page, "Bruno")).to_contain_text("Paused")
    expect(card(other, "Bruno")).to_contain_text("Paused")


def test_a_change_of_somebody_else_is_told_and_nothing_is_lost(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number = followed[2]
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto(f"/following/{number}?tab=access")
    sheet = page.get_by_role("dialog")

    sheet.get_by_label("Title").fill("Chiyo of the sea")
    stocked.call("PATCH", f"/subscriptions/{number}", limit=7)
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_text("Somebody changed this while you were at it.")).to_be_visible()
    expect(sheet.get_by_text("Changed meanwhile: how far back.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.goto(f"/following/{number}?tab=access")
    expect(sheet.get_by_text("These are your changes from before.")).to_be_visible()
    expect(sheet.get_by_label("Title")).to_have_value("Chiyo of the sea")
    sheet.get_by_role("button", name="Save").click()

    expect(sheet).to_be_hidden()
    told = one_of(stocked, number)
    assert (told["title"], told["limit"]) == ("Chiyo of the sea", 7)


def test_a_draft_is_held_against_what_somebody_else_made_of_the_same(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number = followed[2]
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto(f"/following/{number}?tab=access")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Title").fill("Mine")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()

    stocked.call("PATCH", f"/subscriptions/{number}", title="Theirs")
    page.goto(f"/following/{number}?tab=access")
    expect(sheet.get_by_label("Title")).to_have_value("Mine")
    expect(sheet.get_by_text("Changed meanwhile: title.")).to_be_visible()
    with page.expect_response(lambda told: told.request.method == "PATCH"):
        sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet.get_by_text("Somebody changed this while you were at it.")).to_be_visible()
    assert one_of(stocked, number)["title"] == "Theirs"
    sheet.get_by_role("button", name="Save mine on top").click()

    expect(sheet.get_by_text("Somebody changed this")).to_be_hidden()
    assert one_of(stocked, number)["title"] == "Mine"
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert one_of(stocked, number)["title"] == "Theirs"


def test_what_was_chosen_for_a_link_is_offered_again(
    site: Running, new_page: NewPage, plaza: str
) -> None:
    page = new_page(site)
    page.goto("/following?follow=")
    sheet = page.get_by_role("dialog", name="Follow")
    sheet.get_by_label("Link", exact=True).fill(f"{plaza}/@dune")
    sheet.get_by_label("Title").fill("Dunes")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.get_by_text("is kept as a draft")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(sheet.get_by_text("This is what you chose before.")).to_be_visible()
    expect(sheet.get_by_label("Link", exact=True)).to_have_value(f"{plaza}/@dune")
    expect(sheet.get_by_label("Title")).to_have_value("Dunes")
    page.goto(f"/following?follow={plaza}/@rush")
    expect(sheet.get_by_label("Title")).to_have_value("")
    page.goto("/following?follow=")
    sheet.get_by_role("button", name="Discard").click()
    expect(sheet.get_by_label("Title")).to_have_value("")
    page.goto("/following?follow=")
    expect(sheet.get_by_label("Link", exact=True)).to_have_value("")


def test_pages_that_ask_for_logins_do_not_break_each_other(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    rail = page.get_by_role("navigation", name="Main")
    page.goto("/settings/logins")
    expect(page.get_by_text("No login is kept")).to_be_visible()

    rail.get_by_role("link", name="Following").click()
    page.get_by_role("link", name="Ada", exact=True).click()
    page.get_by_role("tab", name="Name & access").click()
    expect(page.get_by_role("dialog").get_by_label("Login")).to_be_visible()
    expect(page.get_by_role("link", name="Add one")).to_be_visible()
    page.get_by_role("link", name="Add one").click()
    expect(page.get_by_text("No login is kept")).to_be_visible()
    page.reload()
    page.goto(f"/following/{followed[0]}?tab=access")
    page.get_by_role("link", name="Add one").click()
    expect(page.get_by_text("No login is kept")).to_be_visible()


def test_numbers_and_times_stay_as_they_are_typed(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number, page = followed[1], new_page(stocked)
    sheet = edited(page, stocked, followed, number, tab="when")

    sheet.get_by_role("button", name="At times").click()
    times = sheet.get_by_label("Time", exact=True)
    times.first.fill("21:30")
    expect(times).to_have_count(2)
    expect(times.first).to_be_focused()
    expect(times.first).to_have_value("21:30")
    expect(times.last).to_have_value("20:30")
    times.last.fill("21:30")
    sheet.get_by_label("As cron text").focus()
    expect(times).to_have_count(1)
    expect(sheet.get_by_label("As cron text")).to_have_value("30 21 * * *")
    expect(sheet.locator(".next li")).to_have_count(5)
    sheet.get_by_role("button", name="Adaptive").click()
    expect(sheet.get_by_text("As often as they post")).to_be_visible()
    expect(sheet.locator(".next li")).to_have_count(0)

    sheet.get_by_role("button", name="Every…").click()
    sheet.get_by_label("Of what").select_option(label="minutes")
    field = sheet.get_by_label("How many", exact=True)
    field.press("Control+a")
    field.press("Backspace")
    expect(field).to_have_value("")
    sheet.get_by_label("Of what").focus()
    expect(sheet.get_by_text("A whole number from 1 to 9,999.")).to_be_visible()
    field.press_sequentially("605")
    expect(field).to_have_value("605")
    expect(sheet.get_by_label("Of what")).to_have_value("m")
    expect(
        sheet.get_by_text("Every 10 h 5 min").or_(sheet.locator(".next li")).first
    ).to_be_visible()
    sheet.get_by_role("button", name="Save", exact=True).click()

    expect(sheet).to_be_hidden()
    assert one_of(stocked, number)["timing"] == "10h5m"


def test_nothing_moves_under_the_pointer(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    stocked.call(
        "POST", "/subscriptions/batch", ids=followed[:2], action={"kind": "pause"}, preview=False
    )
    page.goto("/following?state=paused&sort=name")
    titles = page.get_by_role("list", name="Subscriptions").get_by_role("link")
    expect(titles).to_have_text(["Ada", "Bruno"])

    card(page, "Ada").hover()
    stocked.call("PATCH", f"/subscriptions/{followed[0]}", title="Zora")
    expect(titles).to_have_text(["Zora", "Bruno"])
    stocked.call("POST", f"/subscriptions/{followed[0]}/resume")
    expect(card(page, "Zora")).to_contain_text("Checked")
    expect(titles).to_have_text(["Zora", "Bruno"])
    page.mouse.move(1, 1)
    expect(titles).to_have_text(["Bruno"])


def test_a_change_of_many_is_of_those_it_was_opened_for(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    stocked.call("POST", f"/subscriptions/{followed[0]}/pause")
    sheet = page.get_by_role("dialog")
    page.goto("/following?view=table&edit=true")
    expect(page).to_have_url(re.compile(r"/following\?view=table$"))
    page.get_by_role("checkbox", name="Select Bruno").click()
    expect(page.get_by_role("toolbar")).to_contain_text("1 selected")
    expect(sheet).to_have_count(0)

    page.goto("/following?view=table&state=paused")
    page.get_by_role("checkbox", name="Select Ada").click()
    page.get_by_role("button", name="Change").click()
    sheet.get_by_label("Times").check()
    sheet.get_by_label("How far back").check()
    sheet.get_by_label("How many posts to go back").fill("many")
    sheet.get_by_role("button", name="Change", exact=True).click()
    expect(sheet.get_by_role("alert")).to_contain_text("A whole number from 1 to 1,000,000")
    stocked.call("POST", f"/subscriptions/{followed[0]}/resume")
    expect(page.locator("tbody tr").filter(has_text="Ada")).to_have_count(0)
    expect(sheet).to_be_visible()

    sheet.get_by_label("Times").uncheck()
    with unanswered(page, "**/subscriptions/batch"):
        with page.expect_request("**/subscriptions/batch"):
            sheet.get_by_label("How many posts to go back").fill("40")
        expect(sheet.get_by_role("button", name="Change", exact=True)).to_be_visible()
    sheet.get_by_role("button", name="Change 1").click()
    expect(sheet).to_be_hidden()
    told = one_of(stocked, followed[0])
    assert (told["limit"], told["timing"]) == (40, "4w2d")


def test_z_means_what_is_being_done(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    page.goto("/following")

    page.get_by_role("button", name="What to do with Ada").click()
    with unanswered(page, "**/subscriptions/batch"):
        with page.expect_request("**/subscriptions/batch"):
            page.get_by_role("menuitem", name="Pause").click()
        expect(card(page, "Ada")).to_contain_text("Paused")
        page.keyboard.press("z")

    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(card(page, "Ada")).to_contain_text("Checked")
    assert not one_of(stocked, followed[0])["paused"]


def test_a_back_fill_without_a_limit_says_how_far_back_it_is(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)
    told = one_of(stocked, followed[0])["brought"]

    def goes_on(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "backfill_done": False})

    stand_in(page, f"**/api/v1/subscriptions/{followed[0]}", goes_on)
    page.goto(f"/following/{followed[0]}")

    day = page.evaluate(
        "at => new Intl.DateTimeFormat('en', {dateStyle: 'medium'}).format(new Date(at))",
        told["oldest"],
    )
    words = f"{told['posts']} posts so far, back to {day}"
    expect(page.get_by_role("dialog").get_by_text(words)).to_be_visible()


def test_a_webhook_tells_its_secret_once(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto(f"/following/{followed[0]}?tab=access")
    sheet = page.get_by_role("dialog", name="Ada")

    sheet.get_by_role("button", name="Make a webhook").click()
    expect(sheet.get_by_text("It is not shown again.")).to_be_visible()
    expect(sheet.locator("code").last).to_contain_text("curl -X POST")
    hook = stocked.call("GET", f"/subscriptions/{followed[0]}/hook")
    expect(sheet.locator("code").first).to_have_text(hook["url"])
    page.reload()
    expect(sheet.get_by_text("Made just now, never called yet.")).to_be_visible()
    expect(sheet.get_by_text("It is not shown again.")).to_be_hidden()
    sheet.get_by_role("button", name="Take it away").click()
    page.get_by_role("button", name="Take the webhook away").click()
    expect(sheet.get_by_role("button", name="Make a webhook")).to_be_visible()


def test_who_has_fallen_silent_is_found(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    stocked.until_checked(followed)

    now = datetime.now(UTC)
    newest = [(now - timedelta(days=ago)).isoformat() for ago in (80, 100, 0)]
    told = [{"subscription": number, "at": at} for number, at in zip(followed, newest, strict=True)]

    def answer(route: Route) -> None:
        route.fulfill(json={"items": told})

    stand_in(page, "**/api/v1/subscriptions/newest", answer)
    page.goto("/following")
    expect(page.get_by_role("button", name="Quiet for 90 days 1")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has=page.locator(".quad"))).to_have_count(3)

    page.get_by_role("button", name="Quiet for 90 days 1").click()

    expect(page).to_have_url(f"{stocked.url}/following?state=quiet")
    expect(card(page, "Bruno")).to_be_visible()
    expect(card(page, "Ada")).to_have_count(0)
    card(page, "Bruno").get_by_role("link", name="Bruno", exact=True).click()
    at = page.get_by_role("dialog", name="Bruno").locator(f"time[datetime='{newest[1]}']")
    expect(at).to_contain_text("ago")


def test_the_keyboard_walks_selects_and_opens(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/following?sort=name")

    page.get_by_role("link", name="Ada", exact=True).focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+X")
    expect(page.get_by_role("toolbar")).to_contain_text("2 selected")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/following/{followed[1]}\?sort=name$"))
    expect(page.get_by_role("dialog", name="Bruno")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/following\?sort=name$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_nobody_is_kept_out(
    *,
    phone: bool,
    scheme: str,
    stocked: Running,
    followed: list[int],
    new_page: NewPage,
    axe: str,
) -> None:
    page = new_page(stocked, phone=phone, scheme=scheme)
    stocked.until_checked(followed)
    pages = (
        "/following",
        "/following?view=table",
        "/following?follow=",
        f"/following/{followed[0]}",
        f"/following/{followed[0]}?tab=when",
        f"/following/{followed[0]}?tab=access",
    )
    for path in pages:
        page.goto(path)
        expect(page.get_by_role("heading", name="Following")).to_have_count(1)
        if path.startswith("/following/") or "follow=" in path:
            expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.evaluate(f"() => {{ {axe} }}")
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: tags}).then(told => told.violations.map("
            "one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]))",
            TAGS,
        )
        assert found == [], path
