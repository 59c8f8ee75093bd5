"""What is followed, in a real browser: followed by a link, timed, filtered, changed in bulk, undone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.running import Running

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A machine that is busy with other tests needs longer than five seconds for a page."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def followed(stocked: Running, plaza: str) -> Iterator[list[int]]:
    """Three subscriptions whose posts the library has; nothing is followed any more afterwards."""
    made = []
    for name, title in (("ada", "Ada"), ("bruno", "Bruno"), ("chiyo", "Chiyo")):
        told = stocked.call(
            "POST", "/subscriptions", url=f"{plaza}/@{name}", title=title, timing="30d"
        )
        made.append(told["id"])
    yield made
    left = [one["id"] for one in stocked.call("GET", "/subscriptions")["items"]]
    if left:
        stocked.call("POST", "/subscriptions/batch", ids=left, action={"kind": "unfollow"})


def until_checked(program: Running, numbers: list[int], page: Page) -> None:
    """Wait until the first checks are over, so that no event of theirs comes in between."""
    for _ in range(300):
        told = [program.call("GET", f"/subscriptions/{number}") for number in numbers]
        if all(one["checked_at"] and one["backfill_done"] for one in told):
            return
        page.wait_for_timeout(100)
    pytest.fail("These subscriptions are never checked.")


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
    number = followed[0]
    page = new_page(stocked)
    until_checked(stocked, followed, page)
    page.goto(f"/following/{number}?tab=when")
    sheet = page.get_by_role("dialog", name="Ada")

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
    number = followed[0]
    page = new_page(stocked)
    until_checked(stocked, followed, page)
    page.goto(f"/following/{number}?tab=when")
    sheet = page.get_by_role("dialog", name="Ada")

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
    trial = "**/api/v1/subscriptions/test-filter"
    page.route(trial, lambda route: route.fulfill(status=404, json={"detail": "It is gone."}))
    page.goto(f"/following/{followed[0]}?tab=when")
    sheet = page.get_by_role("dialog", name="Ada")
    sheet.get_by_role("group", name="How the filter is written").get_by_text("Text").click()

    sheet.get_by_label("The filter as text").fill("kind:image")

    expect(sheet.get_by_role("alert")).to_contain_text("It is gone.")
    page.unroute(trial)
    sheet.get_by_role("button", name="Load again").click()
    expect(sheet.get_by_text("left out.")).to_be_visible()


def test_two_saves_are_taken_back_by_two_presses(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number = followed[1]
    page = new_page(stocked)
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
    until_checked(stocked, followed, page)
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
    assert [one_of(stocked, number)["limit"] for number in followed] == [40] * 3
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert [one_of(stocked, number)["limit"] for number in followed] == [None] * 3


def test_one_rests_and_one_is_let_go_and_comes_back(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    page, other = new_page(stocked), new_page(stocked)
    until_checked(stocked, followed, page)
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
    page.get_by_role("button", name="Undo").last.click()
    expect(card(page, "Bruno")).to_contain_text("Paused")
    expect(card(other, "Bruno")).to_contain_text("Paused")


def test_a_change_of_somebody_else_is_told_and_nothing_is_lost(
    stocked: Running, followed: list[int], new_page: NewPage
) -> None:
    number = followed[2]
    page = new_page(stocked)
    until_checked(stocked, followed, page)
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
    until_checked(stocked, followed, page)
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
