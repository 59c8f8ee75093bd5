"""Draw every page of the interface: `make screenshots`.

It starts the demonstration, fills it, and looks at each page in Chromium: light and dark, 1400 and 390
pixels wide. With `--readme` it also draws the four pictures of the README anew.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

PROJECT = Path(__file__).parent.parent
BUILD = PROJECT / "build" / "screenshots"
PICTURES = PROJECT / "docs" / "pictures"
NAME, PASSWORD = "ada", "correct horse battery"
UP_S: Final = 120
SETTLE_MS: Final = 900
AT_REST: Final = """() =>
  document.querySelector('[aria-busy="true"], .skeleton, .unloaded') === null &&
  [...document.images].every((image) => image.complete)"""

Scheme = Literal["light", "dark"]
SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1400, "height": 900},
    "phone": {"width": 390, "height": 844},
}


@dataclass(frozen=True, slots=True)
class Shot:
    """A page to look at. `address` may hold {media}, {post} and {subscription}."""

    name: str
    address: str
    typed: str = ""  # into the bar
    stranger: bool = False


SHOTS: Final = (
    Shot("home", "/"),
    Shot("paste", "/", typed="{plaza}/@bruno"),
    Shot("library", "/library"),
    Shot("search", "/library?q=kind%3Aimage"),
    Shot("posts", "/library/posts"),
    Shot("post", "/posts/{post}"),
    Shot("viewer", "/media/{media}"),
    Shot("bin", "/library/bin"),
    Shot("following", "/following"),
    Shot("following-table", "/following?view=table"),
    Shot("subscription", "/following/{subscription}"),
    Shot("queue", "/queue"),
    Shot("settings", "/settings"),
    Shot("logins", "/settings/logins"),
    Shot("security", "/settings/security"),
    Shot("accounts", "/settings/accounts"),
    Shot("health", "/settings/health"),
    Shot("logs", "/settings/logs"),
    Shot("transfer", "/settings/transfer"),
    Shot("keys", "/help"),
    Shot("sign-in", "/sign-in", stranger=True),
)
README: Final = (
    ("home", "light"),
    ("library", "light"),
    ("viewer", "dark"),
    ("following", "dark"),
)


class Demo:
    """A demonstration that runs, and the way to ask it for things."""

    def __init__(self, url: str, plaza: str, page: Page) -> None:
        self.url, self.plaza, self._page = url, plaza, page

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API; what it answers."""
        answer = self._page.request.fetch(
            f"{self.url}/api/v1{path}", method=method, data=body, headers={"origin": self.url}
        )
        if not answer.ok:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.text()}")
        return answer.json() if answer.body() else None

    @property
    def session(self) -> StorageState:
        """What makes another page be signed in: one signs in a few times a minute at most."""
        return self._page.context.storage_state()

    def fill(self) -> dict[str, str]:
        """Follow a few people, throw something away; what the addresses of pages need."""
        for who, timing in (("@ada", "6h"), ("@bruno", "daily"), ("tag/fog", "0 7 * * 1-5")):
            self.call("POST", "/subscriptions", {"url": f"{self.plaza}/{who}", "timing": timing})
        media = self.call("GET", "/media?limit=30")["items"]
        pictures = [each for each in media if each["kind"] == "image"]
        for each in pictures[-3:]:
            self.call("POST", f"/media/{each['id']}/trash", {"why": "blurred"})
        for each in pictures[:3]:
            self.call("PATCH", f"/media/{each['id']}", {"favourite": True, "tags_add": ["harbour"]})
        several = [post for post in self.call("GET", "/posts")["items"] if len(post["media"]) > 2]
        return {
            "media": pictures[0]["id"],
            "post": several[0]["id"],
            "subscription": str(self.call("GET", "/subscriptions")["items"][0]["id"]),
            "plaza": self.plaza,
        }


@contextmanager
def demonstrating() -> Iterator[tuple[str, str, str]]:
    """Run `gatherum demo`; its address, its set-up token, and the demo platform's address."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        environment = {**os.environ, "GATHERUM_DATA_DIR": folder}
        with said.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "gatherum", "demo"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        try:
            until = time.monotonic() + UP_S
            while (token := re.search(r"Set-up token: (\S+)", said.read_text())) is None:
                if time.monotonic() > until or process.poll() is not None:
                    raise SystemExit(said.read_text())
                time.sleep(0.2)
            url = _found(r"Gatherum is at (\S+)", said)
            yield url, token[1], _found(r"Its front page: (\S+)", said)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _found(pattern: str, said: Path) -> str:
    match = re.search(pattern, said.read_text())
    if match is None:
        raise SystemExit(said.read_text())
    return match[1]


def draw(
    browser: Browser, demo: Demo, shot: Shot, known: dict[str, str], *, scheme: Scheme, size: str
) -> bytes:
    """Look at one page; the PNG."""
    context = browser.new_context(
        base_url=demo.url,
        viewport=SIZES[size],
        color_scheme=scheme,
        is_mobile=size == "phone",
        has_touch=size == "phone",
        locale="en-GB",
        storage_state=None if shot.stranger else demo.session,
    )
    try:
        page = context.new_page()
        page.goto(shot.address.format(**known))
        _rest(page)
        if shot.typed:
            page.get_by_role("combobox").first.fill(shot.typed.format(**known))
            page.wait_for_timeout(SETTLE_MS)  # it asks when somebody has stopped typing
            _rest(page)
        return page.screenshot()
    finally:
        context.close()


def _rest(page: Page) -> None:
    """Wait until nothing is on its way any more: neither the page, nor its parts, nor its pictures."""
    page.locator("main, .viewer").first.wait_for()
    page.wait_for_function(AT_REST)
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function(AT_REST)


def main() -> None:
    """Draw all pages, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pages to draw; all of them otherwise")
    parser.add_argument("--readme", action="store_true", help="the pictures of the README as well")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("GATHERUM_BROWSER") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with demonstrating() as (url, token, plaza), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-gpu", *sandbox]
        )
        demo = Demo(url, plaza, browser.new_page())
        demo.call("POST", "/setup", {"token": token, "name": NAME, "password": PASSWORD})
        known = demo.fill()
        schemes: tuple[Scheme, ...] = ("light", "dark")
        for shot in SHOTS:
            if options.names and shot.name not in options.names:
                continue
            for size in SIZES:
                for scheme in schemes:
                    png = draw(browser, demo, shot, known, scheme=scheme, size=size)
                    (BUILD / f"{shot.name}-{size}-{scheme}.png").write_bytes(png)
                    if options.readme and size == "desktop" and (shot.name, scheme) in README:
                        image = Image.open(BytesIO(png)).convert("RGB").resize((1050, 675))
                        image.save(PICTURES / f"{shot.name}.webp", quality=82, method=6)
            sys.stdout.write(f"{shot.name}\n")
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
