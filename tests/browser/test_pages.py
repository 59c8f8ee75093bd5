"""What every page owes: a title, no error, nothing that keeps people out, nothing that jumps."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, violations
from tests.browser.running import Running

PAGES = (
    "/",
    "/library",
    "/library?q=kind%3Aimage",
    "/library?q=nothing-is-called-so",
    "/library/posts",
    "/library/bin",
    "/posts/{post}",
    "/media/{media}",
    "/following",
    "/following?view=table",
    "/following/{subscription}",
    "/queue",
    "/settings",
    "/settings/logins",
    "/settings/security",
    "/settings/accounts",
    "/settings/health",
    "/settings/logs",
    "/settings/transfer",
    "/help",
)
STRANGERS = ("/sign-in", "/invitation")
SHIFTS = """
window.shifted = 0
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
}).observe({ type: 'layout-shift', buffered: true })
"""


# The names of the layers in the order in which they are met: that decides which style wins.
LAYERS = """() => {
  const met = new Set(), names = rule => rule.nameList ? [...rule.nameList] : rule.name ? [rule.name] : []
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule.constructor.name.startsWith('CSSLayer')) names(rule).forEach(name => met.add(name))
  return [...met]
}"""


@pytest.fixture(scope="module")
def known(stocked: Running, plaza: str) -> dict[str, str]:
    """What stands in addresses."""
    stocked.call("PATCH", "/settings/processing", enabled=False)
    following = stocked.call("POST", "/subscriptions", url=f"{plaza}/@ada", timing="daily")
    stocked.until_checked([following["id"]])
    stocked.until_idle()  # what comes in meanwhile moves what is measured
    return {
        "media": stocked.call("GET", "/media?q=kind:image")["items"][0]["id"],
        "post": stocked.call("GET", "/posts")["items"][0]["id"],
        "subscription": str(following["id"]),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_keeps_nobody_out(
    *,
    address: str,
    scheme: str,
    stocked: Running,
    known: dict[str, str],
    new_page: NewPage,
    axe: str,
) -> None:
    page = new_page(stocked, scheme=scheme, shared=True)

    page.goto(address.format(**known))
    settle(page)

    assert violations(page, axe) == []
    assert page.title().endswith(" · Gatherum")
    assert page.evaluate(LAYERS) == ["tokens", "base", "parts", "screens"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_a_phone_and_does_not_jump(
    address: str, stocked: Running, known: dict[str, str], new_page: NewPage, axe: str
) -> None:
    page = new_page(stocked, phone=True, shared=True)
    page.add_init_script(SHIFTS)

    page.goto(address.format(**known))
    settle(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("window.shifted") < 0.1
    assert violations(page, axe) == []


@pytest.mark.parametrize("address", STRANGERS)
def test_a_page_for_strangers_keeps_nobody_out(
    address: str, stocked: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(stocked, signed_in=False)

    page.goto(address)
    settle(page)

    assert violations(page, axe) == []


def test_an_address_that_is_none_says_so(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)

    page.goto("/nothing/is/here")

    expect(page.get_by_text("Nothing is at this address")).to_be_visible()


def test_a_page_stays_until_the_next_is_there_and_a_line_says_that_it_comes(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked, shared=True)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/Queue-*.js", hold)
    page.goto("/help")
    settle(page)

    page.get_by_role("link", name="Queue").first.click()
    going = page.get_by_role("progressbar", name="The page is loading")
    expect(going).to_be_visible()
    expect(page).to_have_title("Keys · Gatherum")
    for route in held:
        route.continue_()

    expect(page).to_have_title("Queue · Gatherum")
    expect(going).to_have_count(0)
