"""A link from the bar to the gallery, as people bring it: typed, pasted, dropped, many at once."""

import re

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import stand_in, violations
from tests.browser.running import Running


def bar(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_role("combobox")


def panel(page: Page) -> Locator:
    return page.get_by_role("banner").locator(".drop")


def paste(page: Page, text: str) -> None:
    """Paste as a browser does it, wherever the focus is."""
    page.evaluate(
        """text => {
            const data = new DataTransfer()
            data.setData('text/plain', text)
            const to = document.activeElement ?? document.body
            to.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
        }""",
        text,
    )


def drop(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
            const dataTransfer = new DataTransfer()
            dataTransfer.setData('text/uri-list', text)
            for (const name of ['dragenter', 'dragover', 'drop'])
                document.body.dispatchEvent(new DragEvent(name, {dataTransfer, bubbles: true, cancelable: true}))
        }""",
        text,
    )


def test_a_link_is_recognised_previewed_and_brought_with_its_progress(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/")

    bar(page).fill(f"{plaza}/@bruno")

    expect(panel(page).get_by_text("profile")).to_be_visible()
    expect(panel(page).get_by_text("Reachable")).to_be_visible()
    expect(panel(page).locator(".eight .photo")).to_have_count(8)
    expect(panel(page)).to_contain_text(re.compile("All of the newest \\d+ are new to you"))
    bar(page).press("Enter")
    expect(panel(page).locator(".sent li")).to_have_count(1)
    expect(panel(page)).to_contain_text(re.compile("\\d+ saved"), timeout=60_000)
    assert site.call("GET", "/media/count?q=author:bruno")["count"] > 10

    panel(page).get_by_role("link", name="Look at it").click()

    expect(page).to_have_url(re.compile("/queue\\?job="))
    expect(
        page.get_by_role("dialog").get_by_role("heading", name=re.compile("files"))
    ).to_be_visible()


def test_what_one_has_already_is_shown_with_its_picture(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/")

    bar(page).fill(f"{plaza}/@ada")

    expect(panel(page)).to_contain_text(re.compile("You have all of the newest \\d+"))
    expect(panel(page).locator(".photo[data-held] img")).to_have_count(8)


def test_a_link_is_followed_and_can_be_let_go(site: Running, plaza: str, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/")
    bar(page).fill(f"{plaza}/@chiyo")
    expect(panel(page).get_by_text("Reachable")).to_be_visible()

    bar(page).press("Control+Enter")

    row = panel(page).locator(".sent li")
    expect(row.get_by_role("link").first).to_be_visible(timeout=30_000)
    titles = [one["key"] for one in site.call("GET", "/subscriptions")["items"]]
    assert titles == ["chiyo"]
    bar(page).fill(f"{plaza}/@chiyo")
    expect(panel(page).get_by_role("link", name="Followed")).to_be_visible()
    expect(panel(page).get_by_role("option", name=re.compile("^Follow"))).to_have_count(1)


def test_options_say_what_is_followed_and_how(site: Running, plaza: str, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/")
    bar(page).fill(f"{plaza}/tag/quiet")
    expect(panel(page).get_by_text("Reachable")).to_be_visible()
    bar(page).press("Alt+Enter")

    panel(page).get_by_label("Kinds").select_option("video")
    panel(page).get_by_label("How many").fill("3")
    panel(page).get_by_label("Check").select_option("1w")
    panel(page).get_by_role("button", name="Follow").click()

    expect(panel(page).locator(".sent li")).to_have_count(1)
    expect(panel(page).locator(".sent li").get_by_role("link").first).to_be_visible(timeout=30_000)
    made = site.call("GET", "/subscriptions")["items"][0]
    assert (made["key"], made["filter"], made["limit"], made["timing"]) == (
        "quiet",
        "kind:video",
        3,
        "1w",
    )


def test_several_lines_are_several_links_each_removable(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/")
    page.locator("main").focus()

    paste(page, f"{plaza}/@dune\n{plaza}/@ada/stories\n{plaza}/@vault")

    rows = panel(page).locator(".many li")
    expect(rows).to_have_count(3)
    rows.filter(has_text="@dune").get_by_role("button", name="Leave out").click()
    expect(rows).to_have_count(2)
    bar(page).press("Enter")
    expect(panel(page).locator(".sent li")).to_have_count(2)
    expect(panel(page).locator(".sent li", has_text="@vault")).to_contain_text(
        "Login needed", timeout=60_000
    )
    titles = {job["title"] for job in site.call("GET", "/jobs?lane=interactive")["items"]}
    assert f"{plaza}/@vault" in titles
    assert f"{plaza}/@dune" not in titles


def test_a_link_is_taken_where_no_field_has_the_focus_and_where_it_is_dropped(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/settings")
    page.locator("main").focus()

    paste(page, f"{plaza}/@rush")
    expect(bar(page)).to_have_value(f"{plaza}/@rush")
    expect(bar(page)).to_be_focused()

    bar(page).press("Escape")
    expect(panel(page)).to_be_hidden()
    drop(page, f"{plaza}/@dune")
    expect(bar(page)).to_have_value(f"{plaza}/@dune")


# Pastes in the frame in which the bar appears.
PASTED_AT_ONCE = """{
  const watch = new MutationObserver(() => {
    if (!document.querySelector('.omni input')) return
    watch.disconnect()
    const data = new DataTransfer()
    data.setData('text/plain', 'https://example.org/picture')
    document.body.dispatchEvent(
      new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
  })
  watch.observe(document, { subtree: true, childList: true })
}"""


def test_a_link_is_taken_from_the_first_frame(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.add_init_script(PASTED_AT_ONCE)

    page.goto("/settings")

    expect(bar(page)).to_have_value("https://example.org/picture")


def test_a_link_that_leads_nowhere_says_why(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/")
    bar(page).fill("http://10.0.0.1/secret.jpg")

    bar(page).press("Enter")

    row = panel(page).locator(".sent li")
    expect(row).to_contain_text("Refused by policy")
    expect(row).to_have_attribute("data-state", "refused")


def test_a_text_is_searched_for_and_stands_in_the_bar(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/")

    bar(page).fill("sunset beach")
    expect(panel(page).get_by_role("option").first).to_contain_text("Search the library")
    bar(page).press("Enter")

    expect(page).to_have_url(re.compile(r"/library\?q=sunset(\+|%20)beach$"))
    page.reload()
    expect(bar(page)).to_have_value("sunset beach")


def test_the_bar_runs_commands(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/")
    expect(bar(page)).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("pause following")
    expect(panel(page).get_by_role("option").nth(1)).to_be_visible()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="Paused: Following")).to_be_visible()
    lanes = {one["lane"]: one["paused_since"] for one in site.call("GET", "/lanes")["lanes"]}
    assert lanes["sync"] is not None
    page.locator("main").focus()
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert all(one["paused_since"] is None for one in site.call("GET", "/lanes")["lanes"])


def test_of_several_links_each_fails_alone_and_is_handed_in_again(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/")

    def refuse_lists(route: Route) -> None:
        if "@dune" in str(route.request.post_data):
            route.fulfill(status=429, json={"title": "", "detail": "Too many at once."})
        else:
            route.continue_()

    name = re.findall(r"[\w-]+\.jpe?g", requests.get(f"{plaza}/gallery/", timeout=10).text)[0]
    file = f"{plaza}/gallery/{name}"
    stand_in(page, "**/api/v1/links", refuse_lists)
    expect(bar(page)).to_be_visible()
    paste(page, f"{file}\n{plaza}/@dune")
    expect(panel(page).get_by_text("@dune")).to_be_visible()
    bar(page).press("Enter")

    rows = panel(page).locator(".sent li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Too many at once.")).to_have_count(1)
    expect(panel(page).locator("[data-state=taken]")).to_have_count(1)
    page.unroute("**/api/v1/links")
    rows.filter(has_text="@dune").get_by_role("button", name="Try again").click()

    expect(panel(page).locator("[data-state=taken]")).to_have_count(2)
    expect(rows).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_panel_keeps_nobody_out(
    *, scheme: str, phone: bool, stocked: Running, plaza: str, new_page: NewPage, axe: str
) -> None:
    page = new_page(stocked, scheme=scheme, phone=phone)
    page.goto("/")
    bar(page).fill(f"{plaza}/@ada")
    expect(panel(page).locator(".photo[data-held]")).to_have_count(8)

    assert violations(page, axe) == []
