"""Home: one sentence that is true, and that changes while one looks."""

import re
import time

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, unanswered, until_here, violations
from tests.browser.running import SETTLED_S, Running


def test_an_empty_library_begins_with_one_field_and_shows_what_comes(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/")
    expect(page.get_by_role("heading", name="Paste a link to something you like")).to_be_visible()
    field = page.get_by_role("main").get_by_role("combobox")

    field.fill(f"{plaza}/@ada/stories")
    expect(page.get_by_role("main").get_by_text("Reachable")).to_be_visible()
    field.press("Enter")

    expect(page.get_by_role("main").locator(".sent")).to_contain_text(
        re.compile("\\d+ saved"), timeout=60_000
    )
    expect(page.get_by_role("main").locator(".strip a").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("All is well.")


def test_the_sentence_counts_what_its_links_find(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/")
    sentence = page.get_by_role("heading", level=1)
    expect(sentence).to_contain_text("All is well.")
    pictures = sentence.get_by_role("link", name=re.compile("new pictures"))
    count = int(re.findall(r"\d+", pictures.inner_text())[0])

    pictures.click()

    expect(page).to_have_url(re.compile("/library\\?q="))
    q = page.evaluate("new URLSearchParams(location.search).get('q')")
    assert "kind:image" in q
    assert stocked.call("GET", f"/media/count?q={q.replace(' ', '%20')}")["count"] == count > 50


def test_what_comes_in_is_seen_without_a_reload(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/")
    sentence = page.get_by_role("heading", level=1)
    expect(sentence).to_contain_text("new pictures")
    before = sentence.inner_text()
    first = page.locator(".strip a").first.get_attribute("href")

    stocked.get(f"{plaza}/@chiyo")

    expect(sentence).not_to_have_text(before)
    expect(page.locator(".strip a").first).not_to_have_attribute("href", first or "")
    expect(page.locator(".strip .photo[data-new]").first).to_be_visible()


def test_what_needs_a_person_is_told_with_what_settles_it(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("All is well.")

    stocked.get(f"{plaza}/@vault")

    expect(page.get_by_role("heading", level=1)).to_contain_text("one login needs you")
    expect(page.get_by_role("navigation", name="Main").get_by_label("1 need you")).to_be_visible()
    page.locator("#needs").get_by_role("link", name="Add login").click()
    expect(page).to_have_url(re.compile("/settings/logins"))


def test_what_is_followed_comes_up_in_words(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/")
    expect(page.get_by_text("You follow nothing yet.")).to_be_visible()

    stocked.call(
        "POST", "/subscriptions", url=f"{plaza}/@bruno", title="Bruno's light", timing="6h"
    )

    link = page.get_by_role("link", name="Bruno's light")
    expect(link).to_be_visible()
    expect(page.locator(".kv dt").first).to_have_text(re.compile("in |now|moment|:"))


def test_what_changes_before_the_stream_begins_is_seen_as_well(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(stocked)
    coming = page.locator("section", has=page.get_by_role("heading", name="Coming up"))
    link = coming.get_by_role("link", name="Not yet listened for")
    with unanswered(page, "**/api/v1/events*"):
        page.goto("/")
        expect(coming).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        made = stocked.call(
            "POST", "/subscriptions", url=f"{plaza}/@chiyo", title="Not yet listened for"
        )
        one = f"/subscriptions/{made['id']}"
        stocked.until_checked([made["id"]])
        stocked.until_idle()
        expect(link).to_have_count(0)

    expect(link).to_be_visible()
    stocked.call("DELETE", one)


def test_what_comes_next_is_in_order_and_the_others_are_counted(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    made = [
        stocked.call("POST", "/subscriptions", url=f"{plaza}/{name}", title=name, timing=timing)
        for name, timing in (
            ("@ada", "9h"),
            ("@chiyo", "2h"),
            ("@dune", "7h"),
            ("@mishap", "3h"),
            ("tag/fog", "8h"),
            ("@vault", "5h"),
        )
    ]
    until = time.monotonic() + SETTLED_S
    while any(one["checked_at"] is None for one in stocked.call("GET", "/subscriptions")["items"]):
        assert time.monotonic() < until, "They are not checked."
        time.sleep(0.2)
    stocked.call("POST", f"/subscriptions/{made[0]['id']}/pause")
    page = new_page(stocked)
    page.goto("/")
    coming = page.locator("section", has=page.get_by_role("heading", name="Coming up"))

    told = stocked.call("GET", "/subscriptions?order=next&paused=false&limit=4")
    count = stocked.call("GET", "/subscriptions/count?paused=false")["count"]
    expect(coming.locator(".kv a")).to_have_text(
        [*(one["title"] for one in told["items"]), f"{count - 4} other{'s' if count > 5 else ''}"]
    )
    coming.get_by_role("link", name=re.compile("other")).click()
    expect(page).to_have_url(re.compile("/following\\?sort=next"))
    for one in made:
        stocked.call("DELETE", f"/subscriptions/{one['id']}")


def test_what_could_not_be_asked_is_not_told_as_nothing(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    wrong = {"type": "", "title": "No", "status": 409, "detail": "It fails.", "id": "ab12"}
    asked = re.compile(r"/api/v1/(health|needs|stats|jobs|subscriptions|media)(/|\?|$)")
    waiting: set[Request] = set()
    page.on("request", lambda r: waiting.add(r) if asked.search(r.url) else None)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda r: waiting.discard(r))  # noqa: PLW0108 - playwright marks it
    stand_in(page, asked, lambda route: route.fulfill(status=409, json=wrong))
    page.goto("/")

    main = page.get_by_role("main")
    for name in ("Newest", "Doing now", "Healthy?", "Last 30 days", "Coming up"):
        section = main.locator("section", has=page.get_by_role("heading", name=name))
        expect(section.get_by_role("alert")).to_contain_text("It fails.")
    for fact in ("All is well", "Nothing is on its way", "You follow nothing", "Room for your"):
        expect(main.get_by_text(fact)).to_have_count(0)

    # What fails behind the clicks is not asked for again.
    expect(main.get_by_role("alert")).to_have_count(7)
    until_here(page, lambda: not waiting, "all is answered")
    page.unroute(asked)
    expect(main.get_by_role("button", name="Load again").first).to_be_visible()
    main.evaluate(
        "(main) => main.querySelectorAll('[role=alert] button').forEach((b) => b.click())"
    )
    expect(page.get_by_role("heading", level=1)).to_contain_text("since yesterday")
    expect(main.get_by_role("alert")).to_have_count(0)


def test_the_keys_are_on_a_sheet_and_single_letters_can_be_switched_off(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/")
    page.locator("main").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("Undo the last action")).to_be_visible()

    sheet.get_by_role("switch", name="Keys of a single letter").click()
    sheet.get_by_role("button", name="Close").click()
    page.locator("main").focus()
    page.keyboard.press("g")
    page.keyboard.press("q")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("banner").get_by_role("combobox")).to_be_focused()
    expect(page).to_have_url(re.compile("/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("path", ["/", "/help"])
def test_home_and_help_keep_nobody_out(
    *, path: str, scheme: str, phone: bool, stocked: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(stocked, scheme=scheme, phone=phone)
    stocked.until_idle()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("well|Help"))
    settle(page)

    assert violations(page, axe) == []
