"""Searches in the library: tokens, pickers, facets, and what is kept. The text of the address is the truth."""

import json
import re
from urllib.parse import parse_qs, quote, urlparse

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, until, until_here, violations
from tests.browser.running import Running

SLOW_MS = 1000  # longer than a page is waited for before another stands in its place


def opened(page: Page, q: str = "") -> Page:
    page.goto(f"/library?q={quote(q)}" if q else "/library")
    expect(page.get_by_role("button", name="Favourites")).to_be_visible()
    return page


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Words or conditions")


def tokens(page: Page) -> Locator:
    return page.locator("[data-token]")


def expect_search(page: Page, q: str) -> None:
    """Wait until the address says this search."""
    until(page, f"(new URLSearchParams(location.search).get('q') ?? '').trim() === {json.dumps(q)}")


def said(page: Page) -> str:
    return parse_qs(urlparse(page.url).query).get("q", [""])[0]


def count(program: Running, q: str) -> int:
    return int(program.call("GET", f"/media/count?q={quote(q)}")["count"])


def test_conditions_stand_as_tokens_and_say_how_many_there_are(
    stocked: Running, new_page: NewPage
) -> None:
    q = "kind:image author:ada"
    page = opened(new_page(stocked), q)

    expect(tokens(page)).to_have_text(["kindPictures", "authorada"])
    expect(page.get_by_text(f"{count(stocked, q)} results")).to_be_visible()


def test_what_is_typed_becomes_tokens(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "author:ada")

    field(page).press_sequentially("kin")
    field(page).press("ArrowDown")
    field(page).press("Enter")
    field(page).press_sequentially("vid")
    page.get_by_role("option", name="Videos").click()

    expect_search(page, "author:ada kind:video")
    field(page).press_sequentially("-tag:x ")
    expect_search(page, "author:ada kind:video -tag:x")
    expect(tokens(page)).to_have_text(["authorada", "kindVideos", "not tagx"])
    page.go_back()
    expect(tokens(page)).to_have_text(["authorada", "kindVideos"])


def test_what_is_half_typed_is_no_search_for_who_goes_away_by_the_browser(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "author:ada")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Queue").click()
    expect(page).to_have_url(f"{stocked.url}/queue")

    page.go_back()
    field(page).press_sequentially("kind:vid")
    page.go_forward()
    expect(field(page)).to_have_count(0)
    expect(page).to_have_url(f"{stocked.url}/queue")
    page.go_back()
    page.get_by_role("button", name="Any time").click()
    page.get_by_label("Type dates").press_sequentially("2024")
    page.go_forward()
    expect(field(page)).to_have_count(0)
    expect(page).to_have_url(f"{stocked.url}/queue")

    page.go_back()
    expect_search(page, "author:ada")


def test_backspace_selects_a_token_and_then_drops_it(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "author:ada kind:image")

    field(page).focus()
    field(page).press("Backspace")
    expect(tokens(page).last).to_be_focused()
    assert said(page) == "author:ada kind:image"
    page.keyboard.press("ArrowLeft")
    expect(tokens(page).first).to_be_focused()
    page.keyboard.press("Backspace")

    expect_search(page, "kind:image")


def test_a_token_opens_its_picker(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "kind:image author:ada")

    tokens(page).first.click()
    picker = page.get_by_role("dialog", name="kind")
    picker.get_by_role("checkbox", name="Videos").click()
    expect_search(page, "kind:image,video author:ada")
    picker.get_by_role("button", name="Leave out Pictures").click()

    expect_search(page, "kind:video author:ada -kind:image")


def test_dates_are_chosen_by_keys_and_typed(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))

    page.get_by_role("button", name="Any time").click()
    picker = page.get_by_role("dialog", name="date")
    typed = picker.get_by_label("Type dates")
    typed.fill("2 Oct 2026 - 9 Oct 2026")
    typed.press("Enter")
    expect_search(page, "date:2026-10-02..2026-10-09")
    expect(picker.get_by_text("8 days")).to_be_visible()
    day = picker.locator('.mgrid button[tabindex="0"]', has_text="9")
    day.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(picker.get_by_text("Now choose the last day.")).to_be_visible()
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    expect_search(page, "date:2026-10-02..2026-11-02")

    typed.fill("someday")
    typed.press("Enter")
    expect(picker.get_by_role("alert")).to_contain_text("no dates")
    picker.get_by_role("button", name="Clear").click()
    expect_search(page, "")


def year_typed(page: Page) -> Locator:
    """Type a year into the picker of dates, and look whether that stays."""
    page.get_by_role("button", name="Any time").click()
    picker = page.get_by_role("dialog", name="date")
    typed = picker.get_by_label("Type dates")
    typed.fill("2024")
    typed.press("Enter")
    expect_search(page, "date:2024")
    page.wait_for_timeout(SLOW_MS)
    expect(picker).to_be_visible()
    expect(typed).to_be_focused()
    return picker


def test_a_picker_stays_while_what_the_first_search_stands_in_is_still_on_its_way(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/Facets-*.js", hold)
    opened(page)

    picker = year_typed(page)
    until_here(page, lambda: held, "the side is asked for")
    for route in held:
        route.continue_()
    expect(page.get_by_role("complementary", name="Narrow the search")).to_be_visible()
    expect(picker).to_be_visible()


def test_a_picker_stays_on_a_machine_that_is_slow_to_go_on(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    # Whoever looks at the clock twice finds that long has passed: it is time to say that something takes time.
    page.add_init_script(
        "{ const real = Date.now; let late = 0; Date.now = () => real() + (late += 200) }"
    )
    opened(page)

    year_typed(page)


def test_the_calendar_counts_its_days(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "date:2026-10")
    days = stocked.call("GET", "/media/calendar?from=2026-10-01&to=2026-10-31")
    day, held = days["day"][0], days["count"][0]

    tokens(page).first.click()

    number = int(day[8:])
    name = f"{number} Oct 2026, {held} of them"
    american = f"Oct {number}, 2026, {held} of them"
    dialog = page.get_by_role("dialog", name="date")
    shown = dialog.get_by_role("button", name=name).or_(dialog.get_by_role("button", name=american))
    expect(shown).to_be_visible()


def test_facets_narrow_and_leave_out(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "author:ada,bruno")
    side = page.get_by_role("complementary", name="Narrow the search")
    videos = count(stocked, "author:ada,bruno kind:video")

    expect(side.get_by_role("checkbox", name=f"Videos {videos}")).to_be_visible()
    side.get_by_role("checkbox", name="Videos").click()
    expect_search(page, "author:ada,bruno kind:video")
    expect(page.get_by_text(f"{videos} results")).to_be_visible()
    side.get_by_role("checkbox", name="bruno").click()
    expect_search(page, "author:ada kind:video")
    low = side.get_by_label("Smallest size")
    low.focus()
    low.press("ArrowRight")

    expect_search(page, "author:ada kind:video size>=10kB")


def test_a_handle_that_is_left_at_once_counts_with_what_is_chosen_next(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "author:ada,bruno")
    side = page.get_by_role("complementary", name="Narrow the search")
    videos = side.get_by_role("checkbox", name="Videos")
    expect(videos).to_be_visible()
    low = side.get_by_label("Smallest size")

    low.press("ArrowRight")
    videos.click()

    expect_search(page, "author:ada,bruno size>=10kB kind:video")
    expect(low).to_have_value("1")


# Moves the handle in the frame in which it appears; nothing but its being let go is to tell it.
MOVED_AT_ONCE = """{
  const later = window.setTimeout
  window.setTimeout = (does, ms, ...more) => later(does, ms === 350 ? 100_000 : ms, ...more)
  const watch = new MutationObserver(() => {
    const handle = document.querySelector('[aria-label="Smallest size"]')
    if (!handle) return
    watch.disconnect()
    handle.value = '1'
    for (const name of ['input', 'change']) handle.dispatchEvent(new Event(name, { bubbles: true }))
  })
  watch.observe(document, { subtree: true, childList: true })
}"""


def test_a_handle_counts_from_its_first_frame(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.add_init_script(MOVED_AT_ONCE)

    opened(page, "author:ada")

    expect_search(page, "author:ada size>=10kB")


def test_a_subscription_is_called_by_its_title(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    # Of whom all is there: the check goes on when the test is over.
    number = stocked.call("POST", "/subscriptions", url=f"{plaza}/@ada", timing="1w")["id"]
    stocked.call("PATCH", f"/subscriptions/{number}", title="Ink and tea")
    page = opened(new_page(stocked), f"source:{number}")

    expect(tokens(page)).to_have_text(["subscriptionInk and tea"])
    tokens(page).first.click()
    dialog = page.get_by_role("dialog", name="subscription")
    expect(dialog.get_by_role("checkbox", name="Ink and tea")).to_be_checked()
    page.keyboard.press("Escape")
    stocked.call("DELETE", f"/subscriptions/{number}")


def test_a_search_is_saved_renamed_opened_and_deleted(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "kind:video")

    page.get_by_role("button", name="Save", exact=True).click()
    panel = page.get_by_role("dialog", name="Saved searches")
    panel.get_by_label("Save this search as").fill("Films")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Films")).to_be_visible()
    assert [one["query"] for one in stocked.call("GET", "/searches")["items"]] == ["kind:video"]

    opened(page)
    page.get_by_role("button", name="Saved", exact=True).click()
    panel.get_by_role("button", name="Rename Films").click()
    panel.get_by_label("New name").fill("Moving")
    panel.get_by_label("New name").press("Enter")
    panel.get_by_role("button", name="Moving kind:video").click()
    expect_search(page, "kind:video")
    page.get_by_role("button", name="Moving").click()
    panel.get_by_role("button", name="Delete Moving").click()

    expect(page.get_by_text("“Moving” deleted.")).to_be_visible()
    assert stocked.call("GET", "/searches")["items"] == []


def test_a_name_is_kept_as_it_was_typed_last(stocked: Running, new_page: NewPage) -> None:
    made = stocked.call("POST", "/searches", name="Films", query="kind:video")
    page = opened(new_page(stocked))
    panel = page.get_by_role("dialog", name="Saved searches")
    page.get_by_role("button", name="Saved", exact=True).click()
    panel.get_by_role("button", name="Rename Films").click()

    panel.get_by_label("New name").evaluate(  # within one frame, as on a slow machine
        """async (field) => {
          field.value = 'Moving'
          field.dispatchEvent(new InputEvent('input', { bubbles: true }))
          await Promise.resolve()
          field.form.requestSubmit()
        }"""
    )

    expect(panel.get_by_role("button", name="Moving kind:video")).to_be_visible()
    stocked.call("DELETE", f"/searches/{made['id']}")


def test_nothing_found_says_what_to_drop(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "kind:image author:ada duration>5s")

    expect(page.get_by_role("heading", name="Nothing is found")).to_be_visible()
    images = count(stocked, "kind:image author:ada")
    page.get_by_role("button", name=f"Drop “length >5 s”: {images}").click()

    expect_search(page, "kind:image author:ada")


def test_a_mistake_is_told_in_words(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "kind:film")

    expect(page.locator(".search-said").get_by_role("alert")).to_contain_text("no kind 'film'")


def test_a_filter_is_copied_without_what_no_platform_tells(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "kind:video tag:sea sunset")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy as subscription filter").click()

    expect(page.get_by_text("Filter copied, without tag:sea")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "kind:video text:sunset"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_pickers_keep_nobody_out(
    *, scheme: str, phone: bool, stocked: Running, new_page: NewPage, axe: str
) -> None:
    page = opened(new_page(stocked, scheme=scheme, phone=phone), "date:2026-10 kind:image -tag:x")

    for name in ("date", "kind"):
        tokens(page).filter(has_text=name).first.click()
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        settle(page)
        assert violations(page, axe) == []
        page.keyboard.press("Escape")
    if phone:
        page.get_by_role("button", name="Narrow").click()
        expect(page.get_by_role("dialog", name="Narrow the search")).to_be_visible()
        settle(page)
        assert violations(page, axe) == []


def test_an_unknown_condition_is_text_with_what_was_perhaps_meant(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "from:ada kind:image")

    expect(page.get_by_text("“from:” is searched as text.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Did you mean author:?").click()

    expect_search(page, "author:ada kind:image")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.get_by_text("is searched as text")).to_have_count(0)


def test_a_mistake_is_asked_about_once_and_told_once(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "film" in request.url else None)

    page.goto("/library?q=kind:film")

    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("no kind 'film'")
    settle(page)
    paths = [urlparse(url).path for url in asked]
    assert [path for path in paths if path.startswith("/api/")] == ["/api/v1/media/count"]


def test_values_complete_in_the_bar(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/")
    bar = page.get_by_role("combobox", name="Paste a link, or search your library")

    bar.fill("kind:vid")
    expect(page.get_by_role("option", name="Videos kind:")).to_be_visible()
    bar.press("Tab")
    expect(bar).to_have_value("kind:video ")
    bar.press_sequentially("author:ad")
    page.get_by_role("option", name=re.compile("^ada author:")).click()
    expect(bar).to_have_value("kind:video author:ada ")
    expect(bar).to_be_focused()
    bar.press("Enter")

    expect_search(page, "kind:video author:ada")
