"""A page of a browser as providers use it, and what its answers mean."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.browser.child import BrowserChild
from gatherum.fetching.browser.lines import Done, Failed
from gatherum.fetching.http import RETRY_AFTER_DEFAULT_S
from gatherum.fetching.workers.child import Permit
from gatherum.fetching.workers.verdict import Answered
from gatherum.ports import Captured, Document
from gatherum.safety.egress import Egress
from gatherum.safety.policy import check_url

WAY_OUT: Final = "Open it in a browser of your own, show that you are a person, and store the cookies as a login."
OPEN_S: Final = 45.0
INTERSTITIAL_S: Final = 15.0  # a check that a plain browser passes by itself is over by then
ACT_S: Final = 15.0


class BrowserPage:
    """One page for one job; see `ports.BrowserPage`."""

    def __init__(
        self, child: BrowserChild, egress: Egress, permit: Permit, answered: Answered
    ) -> None:
        self._child = child
        self._egress = egress
        self._permit = permit
        self._answered = answered
        self.broken = True  # until an order is whole

    async def open(self, url: str) -> Document:
        """Go to an address and return its page."""
        check_url(url)
        before = self._refusals(url)
        done = await self.ask("open", within=OPEN_S, url=url, patience=INTERSTITIAL_S)
        if (isinstance(done, Failed) or done.status == 403) and self._refusals(url) > before:
            raise Refused("This address is not among those that the browser may ask.")
        page = self._settle(done)
        if page is None:
            await self._answered(urlsplit(url).hostname or "", 0, None)
            raise Unavailable("The page cannot be reached just now.")
        return page

    async def content(self) -> Document:
        """Return the page as it stands."""
        done = self._settle(await self.ask("settled", within=OPEN_S, patience=INTERSTITIAL_S))
        if done is None:
            raise Unavailable("The page does not come to rest.")
        return done

    async def fill(self, selector: str, text: str) -> None:
        """Write into a field."""
        await self._act("fill", selector, value=text)

    async def click(self, selector: str) -> None:
        """Click on something."""
        await self._act("click", selector)

    async def sees(self, selector: str, *, within: float = ACT_S) -> bool:
        """Look, wait until something is on the page, and return whether it is."""
        done = await self.ask("sees", within=within, selector=selector)
        return isinstance(done, Done) and done.found

    async def scroll(self) -> None:
        """Go to the end of the page."""
        await self.ask("scroll", within=ACT_S)

    async def take(self, *, within: float = 30.0) -> Captured | None:
        """Return the oldest answer that was captured and not yet taken; None if none comes in time."""
        done = await self.ask("take", within=within)
        if isinstance(done, Failed) or done.captured is None:
            return None
        kept = done.captured
        if kept.status == 429:
            raise RateLimited(
                "The source asks us to slow down.",
                retry_after=kept.retry_after or RETRY_AFTER_DEFAULT_S,
            )
        if kept.status >= 500:
            raise Unavailable(f"The source has a fault of its own (HTTP {kept.status}).")
        return Captured(url=kept.url, method=kept.method, status=kept.status, text=kept.text)

    async def ask(self, op: str, *, within: float = ACT_S, **more: JsonValue) -> Done | Failed:
        """Give an order; `Unavailable` if the page, or its browser, has gone."""
        self.broken = True
        done = await self._child.ask(
            {"op": op, **more}, permit=self._permit, answered=self._answered, within=within
        )
        if isinstance(done, Failed) and done.kind == "broken":
            raise Unavailable("The browser ended in the middle of its work.")
        self.broken = False
        return done

    async def _act(self, op: str, selector: str, **more: JsonValue) -> None:
        if isinstance(await self.ask(op, within=ACT_S, selector=selector, **more), Failed):
            raise UnexpectedResponse("The page does not look as it did.")

    def _settle(self, done: Done | Failed) -> Document | None:
        if isinstance(done, Failed):
            return None
        failure = _refusal(done)
        if failure is not None:
            raise failure
        return Document(url=done.url, text=done.text, content_type="text/html")

    def _refusals(self, url: str) -> int:
        """Return how often the egress proxy has refused the host of an address to this browser."""
        host = urlsplit(url).hostname
        return sum(each.host == host for each in self._egress.refusals(self._child.folder.name))


def _refusal(done: Done) -> SourceError | None:  # noqa: PLR0911  # one line a reason
    """Return the error that says what should happen next, None if a page is a page."""
    parts = done.url.partition("?")[0].lower().split("/")
    if done.challenge or "challenge" in parts[3:] or "checkpoint" in parts[3:]:
        return Challenge(f"The source wants to see a person first. {WAY_OUT}")
    match done.status:
        case 429:
            wait = RETRY_AFTER_DEFAULT_S if done.retry_after is None else done.retry_after
            return RateLimited("The source asks us to slow down.", retry_after=wait)
        case 401:
            return LoginRequired("The source shows this only to somebody who is logged in.")
        case 403:
            return Unavailable("The source refuses to show this (HTTP 403).")
        case 404 | 410:
            return Gone("The source says that this does not exist (any more).")
        case status if status >= 500:
            return Unavailable(f"The source has a fault of its own (HTTP {status}).")
        case status if status >= 400:
            return UnexpectedResponse(f"The source answered with HTTP {status}.")
        case _:
            return None
