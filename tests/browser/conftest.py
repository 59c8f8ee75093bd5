"""A real Chromium before the real program, filled from the demo platform.

A page that logs an error, breaks the content security policy or gets a 5xx fails its test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from gatherum.demo.server import running
from tests.browser.running import (
    NAME,
    PASSWORD,
    TOO_OFTEN,
    Made,
    Running,
    beside,
    make,
    start,
    start_again,
    wait_as_told,
)

# Without a window the shell does the same for a fifth less.
CHROMIUM = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# What a browser logs by itself for answers that a page expects: 401 of who is not signed in, and so on.
EXPECTED = tuple(
    f"responded with a status of {status}" for status in (401, 403, 404, 409, 412, 422, 429)
)

SIGNED_IN = 204  # and not 200, by which a second factor is due
PATIENCE_MS = 20_000  # what a busy machine needs; who does not wait is not held up
expect.set_options(timeout=PATIENCE_MS)

NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium. Without one the tests fail, unless somebody wants it so.

    It goes with its module: playwright's loop would keep every other test from running one.
    """
    if os.environ.get("GATHERUM_BROWSER") == "skip":
        pytest.skip("GATHERUM_BROWSER=skip: nothing was seen in a browser")
    found = os.environ.get("GATHERUM_BROWSER") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    if found is None:
        pytest.fail(
            "There is no Chromium: apt-get install chromium, or name one by GATHERUM_BROWSER=/path, "
            "or leave these tests out by GATHERUM_BROWSER=skip.",
            pytrace=False,
        )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def plaza() -> Iterator[str]:
    """The address of the demo platform, which runs beside the tests."""
    with beside(running()) as address:
        yield address


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory, plaza: str) -> Made:
    """The data of a program with the account of an administrator, and nothing in its library."""
    assert plaza
    return make(tmp_path_factory.mktemp("made-site"))


@pytest.fixture(scope="session")
def made_stocked(tmp_path_factory: pytest.TempPathFactory, plaza: str) -> Made:
    """The data of a program that has brought what is behind three links of the demo platform."""
    links = (f"{plaza}/@ada", f"{plaza}/@bruno", f"{plaza}/@mishap")
    return make(tmp_path_factory.mktemp("made-stocked"), *links)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, plaza: str) -> Iterator[Running]:
    """A program that nobody has set up yet."""
    assert plaza
    with start(tmp_path_factory.mktemp("fresh")) as program:
        yield program


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, made_site: Made) -> Iterator[Running]:
    """A program of the module's own: with an administrator, and nothing in its library."""
    with start_again(made_site, tmp_path_factory.mktemp("site")) as program:
        yield program


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, made_stocked: Made) -> Iterator[Running]:
    """As `site`, with what three links of the demo platform have brought."""
    with start_again(made_stocked, tmp_path_factory.mktemp("stocked")) as program:
        yield program


def sign_in(context: BrowserContext, program: Running) -> None:
    """Sign in with a context; who does so too often waits as it is told."""

    def ask() -> APIResponse:
        return context.request.post(
            "/api/v1/session",
            data={"name": NAME, "password": PASSWORD},
            headers={"origin": program.url},
        )

    sent = ask()
    if sent.status == TOO_OFTEN:
        wait_as_told(sent.headers)
        sent = ask()
    assert sent.status == SIGNED_IN, sent.text()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens pages: `new_page(site)` is signed in, `signed_in=False` is a stranger's.

    `shared`: with the session of the test's program, for tests that only look; one signs in 30 times a
    minute at most. `fails`: the address of what is to be answered by a fault of somebody else's.
    """
    contexts: list[BrowserContext] = []
    seen: list[str] = []

    def make(
        program: Running,
        *,
        signed_in: bool = True,
        scheme: str = "light",
        phone: bool = False,
        shared: bool = False,
        fails: str | None = None,
    ) -> Page:
        context = browser.new_context(
            base_url=program.url,
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if scheme == "dark" else "light",
            is_mobile=phone,
            has_touch=phone,
            locale="en-GB",
            timezone_id="UTC",
        )
        contexts.append(context)
        if shared:
            context.add_cookies([{"name": "sid", "value": program.session, "url": program.url}])
        elif signed_in:
            sign_in(context, program)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)

        def see(text: str, url: str) -> None:
            if fails is None or not url.endswith(fails):
                seen.append(text)

        page.on("console", lambda m: see(m.text, m.location["url"]) if m.type == "error" else None)
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on(
            "response", lambda r: see(f"{r.status} {r.url}", r.url) if r.status >= 500 else None
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert [line for line in seen if not any(part in line for part in EXPECTED)] == []


@pytest.fixture
def axe() -> str:
    """The source of axe-core, which finds what keeps people out."""
    path = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text()
