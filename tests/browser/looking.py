"""Looking at a page: when it has settled, and what keeps people out of it.

Nothing here lets the page itself read code from a text, which its content security policy forbids.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from playwright.sync_api import Page, Route, expect

PATIENCE_S: Final = 20.0
PROBE: Final = "**/stand-in"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOADED: Final = (
    "[...document.images].every(each => !each.getAttribute('src') || each.complete)"
    " && document.getAnimations().every(each => each.playState !== 'running'"
    " || each.effect.getTiming().iterations === Infinity)"
)


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"This did not become true: {expression}"
        page.wait_for_timeout(30)


def until_here(
    page: Page, holds: Callable[[], object], what: str, within_s: float = PATIENCE_S
) -> None:
    """Wait until something holds outside the page, which goes on meanwhile."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"This did not come to hold: {what}"
        page.wait_for_timeout(50)


def stand_in(
    page: Page,
    address: str | re.Pattern[str],
    answer: Callable[[Route], object],
    times: int | None = None,
) -> None:
    """Have `answer` answer in the server's stead what a page asks from now on, until `page.unroute`.

    `page.route` alone is only sure of what is loaded after it: the first one of a page that stands already
    reaches its process a moment later than a key that is pressed, and the server gets the request. And when
    the last one goes, what is asked at that moment is never answered: so the one that was tried with stays.
    """
    page.route(PROBE, lambda route: route.fulfill(status=204))
    page.route(address, answer, times=times)
    if page.url != "about:blank":
        until(page, f"fetch('{PROBE[2:]}').then(told => told.status === 204)")


@contextlib.contextmanager
def unanswered(page: Page, address: str) -> Iterator[None]:
    """Hold back what the page asks for at an address, and let it through in the end."""
    waiting: list[Route] = []
    passing = False

    def keep(route: Route) -> None:
        if passing:  # what is asked for while the others are let through
            route.continue_()
        else:
            waiting.append(route)

    stand_in(page, address, keep)
    yield
    passing = True
    for route in waiting:
        route.continue_()
    page.unroute(address)


def settle(page: Page) -> None:
    """Wait until nothing is loaded, fades in, or says that it is busy."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    until(page, LOADED)


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, as sentences."""
    page.evaluate(axe)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(told => told.violations)", options
    )
    return [
        f"{each['id']}: {each['help']} ({node['html'][:200]})"
        for each in found
        for node in each["nodes"]
    ]
