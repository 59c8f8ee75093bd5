"""A page of no browser: it answers from a list, and keeps what was done to it."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from gatherum.errors import SourceError, UnexpectedResponse
from gatherum.ports import BrowserPage, BrowserRequest, Captured, Document
from tests.providers.replay import ReplayClient

Step = Captured | SourceError | None


@dataclass
class ListedPage:
    """Gives out `answers` one after the other; `shown` is what it looks like, from step to step."""

    answers: deque[Step] = field(default_factory=deque)
    shown: deque[str] = field(default_factory=deque)
    present: frozenset[str] = frozenset()  # selectors
    done: list[tuple[str, ...]] = field(default_factory=list)
    url: str = ""

    async def open(self, url: str) -> Document:
        self.done.append(("open", url))
        self.url = url
        return await self.content()

    async def content(self) -> Document:
        text = self.shown.popleft() if len(self.shown) > 1 else (self.shown or [""])[0]
        return Document(url=self.url, text=text, content_type="text/html")

    async def fill(self, selector: str, text: str) -> None:
        self.done.append(("fill", selector, text))

    async def click(self, selector: str) -> None:
        self.done.append(("click", selector))
        if self.present and selector not in self.present:
            raise UnexpectedResponse("It is not there.")

    async def sees(self, selector: str, *, within: float = 15.0) -> bool:  # noqa: ARG002
        return selector in self.present

    async def scroll(self) -> None:
        self.done.append(("scroll",))

    async def take(self, *, within: float = 30.0) -> Captured | None:  # noqa: ARG002
        step = self.answers.popleft() if self.answers else None
        if isinstance(step, SourceError):
            raise step
        return step


class ListedClient(ReplayClient):
    """A client that lends one page after the other."""

    def __init__(self, *pages: ListedPage) -> None:
        super().__init__([])
        self.pages = deque(pages)
        self.requests: list[BrowserRequest] = []

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        self.requests.append(request)
        return self._lent(self.pages.popleft())

    @asynccontextmanager
    async def _lent(self, page: ListedPage) -> AsyncIterator[BrowserPage]:
        yield page
