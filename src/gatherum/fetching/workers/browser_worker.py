"""The child that drives Chromium: orders come in as lines of JSON, what became of them goes out.

It alone imports Playwright, and nothing of ours. One child has one browser, for one profile; its
cookies live in memory. Before each request that counts it says `want` with the host and waits for the
parent's word, as the extractors do.
"""

import asyncio
import json
import os
import re
import sys
from collections import deque
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import (
    BrowserContext,
    Error,
    Page,
    ProxySettings,
    Request,
    Response,
    Route,
    async_playwright,
)

T = TypeVar("T")
Order = Mapping[str, Any]  # the parent's, checked there

# The scripts and styles of a page come with it, as in `budget.SCRIPT_HOSTS`; these count.
COUNTED = frozenset({"document", "xhr", "fetch", "eventsource"})
# Files are fetched by the program, not by the page; and what is said stands in its text.
LEFT_OUT = frozenset({"image", "media", "font"})
INTERSTITIAL = ("just a moment", "attention required", "checking your browser")
TICK_S = 0.1
LOOK_S = 5.0  # what a look at the page may take on a busy machine, however short a wait follows
LARGEST_BODY = 8 << 20
QUIET = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-pings",
    "--renderer-process-limit=1",
    "--js-flags=--max-old-space-size=512",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


class Late(Exception):
    """Something took longer than was granted."""


class Broken(Exception):
    """The page, or the whole browser, has gone."""


class Pipe:
    """The lines to and from the parent; everything else that prints goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        os.dup2(2, 1)
        self.orders: asyncio.Queue[Order | None] = asyncio.Queue()
        self.waiting: deque[asyncio.Future[bool]] = deque()

    def emit(self, event: str, **fields: object) -> None:
        """Say one thing to the parent."""
        self._out.write(json.dumps({"ev": event, **fields}) + "\n")

    async def listen(self) -> None:
        """Sort what the parent says into words, for who waits longest, and orders."""
        reader = asyncio.StreamReader(limit=8 << 20)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            said = json.loads(line)
            if "go" not in said:
                self.orders.put_nowait(said)
            elif self.waiting:
                word = self.waiting.popleft()
                if not word.done():  # else the page that asked has gone
                    word.set_result(said["go"] is True)
        self.orders.put_nowait(None)

    async def ask(self, url: str) -> bool:
        """Wait until the parent lets a request go, or does not."""
        word: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append(word)
        self.emit("want", host=_host(url))
        return await word

    async def patient(self, work: Awaitable[T], seconds: float) -> T:
        """Return what becomes of `work`; `Late` after so many seconds without a wait for a permit."""
        task, left = asyncio.ensure_future(work), seconds
        try:
            while not (await asyncio.wait({task}, timeout=TICK_S))[0]:
                left -= 0 if self.waiting else TICK_S
                if left <= 0:
                    raise Late
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=1.0)
        return task.result()


class Tab:
    """One page, for one job, and the answers that it was told to keep."""

    def __init__(self, pipe: Pipe, page: Page, capture: list[str]) -> None:
        self.page = page
        self._pipe = pipe
        self._capture = [re.compile(pattern) for pattern in capture]
        self._kept: deque[dict[str, object]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._main: Response | None = None
        self._crashed = False
        page.on("response", self._hear)
        page.on("crash", self._note_crash)
        page.on("close", self._note_crash)
        page.on("dialog", lambda dialog: dialog.dismiss())

    def _note_crash(self, _page: Page) -> None:
        self._crashed = True

    def check(self) -> None:
        """Raise `Broken` if there is no page any more."""
        if self._crashed:
            raise Broken

    async def open(self, order: Order) -> dict[str, object]:
        """Open an address; wait a while for an interstitial that a plain browser passes by itself."""
        self._main = None
        try:
            await self.page.goto(order["url"], wait_until="domcontentloaded", timeout=0)
        except Error as error:
            # So Chromium calls a refusal that has no body.
            if "ERR_HTTP_RESPONSE_CODE_FAILURE" not in error.message:
                raise
        return await self.settled(order)

    async def settled(self, order: Order) -> dict[str, object]:
        """Return the page as it is when it asks for nobody any more, or still does after a while."""
        asks, left = await self._asks(), float(order.get("patience", 0.0))
        while asks and left > 0:
            await asyncio.sleep(0.3)
            left -= 0 if self._pipe.waiting else 0.3
            self.check()
            asks = await self._asks()
        text = await self._text()
        headers = {} if self._main is None else self._main.headers
        return {
            "status": 0 if self._main is None else self._main.status,
            "retry_after": _seconds(headers.get("retry-after", "")),
            "challenge": asks,
            "url": self.page.url,
            "text": text,
        }

    async def _asks(self) -> bool:
        """Return whether the page is one that wants to see a browser, or a person, first."""
        headers = {} if self._main is None else self._main.headers
        if headers.get("cf-mitigated") == "challenge":
            return True
        try:
            title = (await self.page.title()).lower()
        except Error:  # it is being replaced
            self.check()
            return True
        return title.startswith(INTERSTITIAL)

    async def _text(self) -> str:
        for _ in range(20):
            try:
                return await self.page.content()
            except Error:  # it is being replaced
                self.check()
                await asyncio.sleep(0.2)
        raise Late

    async def fill(self, order: Order) -> dict[str, object]:
        """Write into a field as somebody would."""
        await self.page.locator(order["selector"]).first.fill(order["value"], timeout=0)
        return {}

    async def click(self, order: Order) -> dict[str, object]:
        """Click on something."""
        await self.page.locator(order["selector"]).first.click(timeout=0)
        return {}

    async def sees(self, order: Order) -> dict[str, object]:
        """Look, and wait until something is on the page; the time to look is not of the wait."""
        with suppress(Late):
            if await self._pipe.patient(self._is_there(order["selector"]), LOOK_S):
                return {"found": True}
        wanted = self.page.locator(order["selector"]).first
        waiting = wanted.wait_for(state="attached", timeout=0)
        await self._pipe.patient(waiting, float(order["within"]))
        return {"found": True}

    async def _is_there(self, selector: str) -> bool:
        return await self.page.locator(selector).count() > 0

    async def scroll(self, _order: Order) -> dict[str, object]:
        """Go to the end of the page."""
        await self.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        return {}

    async def take(self, _order: Order) -> dict[str, object]:
        """Return the oldest answer that was kept and not yet taken."""
        while not self._kept:
            self.check()
            await asyncio.sleep(TICK_S)
        return {"captured": self._kept.popleft()}

    def _hear(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self._main = response
        task = asyncio.get_running_loop().create_task(self._note(response))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, response: Response) -> None:
        request = response.request
        if request.resource_type not in COUNTED:
            return
        wait = _seconds(response.headers.get("retry-after", ""))
        self._pipe.emit(
            "answer", host=_host(response.url), status=response.status, retry_after=wait
        )
        if not any(pattern.match(response.url) for pattern in self._capture):
            return
        text = ""
        with suppress(Error):  # a redirect has no body
            body = await response.body()
            text = body.decode(errors="replace") if len(body) <= LARGEST_BODY else ""
        self._kept.append(
            {
                "url": response.url,
                "method": request.method,
                "status": response.status,
                "text": text,
                "retry_after": wait,
            }
        )


class Chromium:
    """One browser with one context, which keeps its cookies from job to job, and one page a job."""

    def __init__(self, pipe: Pipe, context: BrowserContext) -> None:
        self._pipe = pipe
        self._context = context
        self._tab: Tab | None = None

    async def route(self, route: Route, request: Request) -> None:
        """Let a request go when the parent says so; what nobody needs does not go at all."""
        with suppress(Error):  # the page has gone meanwhile
            kind = request.resource_type
            if kind in LEFT_OUT or (kind in COUNTED and not await self._pipe.ask(request.url)):
                await route.abort("blockedbyclient")
            else:
                await route.continue_()

    async def perform(self, order: Order) -> dict[str, object]:
        """Do what an order says, and return what the parent is told of it."""
        match order["op"]:
            case "page":
                page = await self._context.new_page()
                page.set_default_timeout(0)
                self._tab = Tab(self._pipe, page, order["capture"])
                return {}
            case "close":
                state = await self._context.storage_state()
                await self._leave()
                return {"state": json.dumps(state)}
            case "sees":
                return await self._shown().sees(order)
            case "open" | "settled" | "fill" | "click" | "scroll" | "take" as name:
                method = getattr(self._shown(), name)
                work: Awaitable[dict[str, object]] = method(order)
                return await self._pipe.patient(work, float(order["within"]))
        raise ValueError(order["op"])

    def _shown(self) -> Tab:
        if self._tab is None:
            raise Broken
        self._tab.check()
        return self._tab

    async def _leave(self) -> None:
        if self._tab is not None:
            await self._tab.page.close()
            self._tab = None


def _proxy(told: Mapping[str, str]) -> ProxySettings:
    return ProxySettings(
        server=told["server"],
        username=told["username"],
        password=told["password"],
        bypass="<-loopback>",  # what Chromium asks of this machine goes through it, too
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _seconds(told: str) -> float | None:
    return float(told) if told.isascii() and told.isdecimal() else None


async def main() -> None:
    """Start a browser as the first order says, then obey until the parent hangs up."""
    pipe = Pipe()
    listening = asyncio.get_running_loop().create_task(pipe.listen())
    first = await pipe.orders.get()
    if first is None:
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=first["executable"],
            headless=True,
            chromium_sandbox=first["own_sandbox"],
            args=[*QUIET, *first["arguments"]],
            proxy=_proxy(first["proxy"]),
            # It starts in our folder, whose own path may be too long for that of a socket.
            env={**os.environ, "TMPDIR": "."},
            timeout=60_000,
        )
        context = await browser.new_context(
            storage_state=first["state"], service_workers="block", accept_downloads=False
        )
        await context.add_cookies(first["cookies"])
        chromium = Chromium(pipe, context)
        await context.route("**/*", chromium.route)
        pipe.emit("ready")
        while (order := await pipe.orders.get()) is not None:
            try:
                pipe.emit("done", **await chromium.perform(order))
            except Late:
                pipe.emit("failed", kind="late")
            except Broken:
                pipe.emit("failed", kind="broken")
            except Error as error:
                kind = "network" if "net::ERR_" in error.message else "broken"
                pipe.emit("failed", kind=kind)
                print(error.message[:2000], file=sys.stderr)  # noqa: T201  # nothing of ours to log with
        await browser.close()
    await listening


if __name__ == "__main__":
    asyncio.run(main())
