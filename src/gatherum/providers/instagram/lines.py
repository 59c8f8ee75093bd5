"""What gallery-dl says of Instagram, put in order: whole posts, and each item of a story by itself."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from gatherum.errors import UnexpectedResponse
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Client,
    Document,
    EngineCursor,
    EngineFile,
    EngineLine,
    EnginePost,
    EngineRequest,
    M,
    Probe,
)

REELS = frozenset({"story", "highlight"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedClient:
    """A client whose gallery-dl says a post when it has all its files, never before.

    A story or a highlight, which are one thing to gallery-dl, become a post for each item, newest
    first. Posts that all lack their files are `UnexpectedResponse`: Instagram has none without.
    """

    client: Client
    resumable: bool = True  # gallery-dl can really start at its own cursor

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> M:
        """Return the JSON at `url` as `model`."""
        return await self.client.get(url, model, params=params, headers=headers, accept=accept)

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        """Return the page at `url`."""
        return await self.client.text(url, headers=headers)

    async def probe(self, url: str) -> Probe:
        """Return the start of what is at `url`."""
        return await self.client.probe(url)

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        """Lend a page of a browser."""
        return self.client.browse(request)

    async def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        """Let gallery-dl look at a link."""
        lines = self.client.extract(request)
        group = _Group()
        try:
            async for line in lines:
                match line:
                    case EnginePost():
                        for said in group.leave_for(line):
                            yield said
                    case EngineFile():
                        group.files.append(line)
                    case EngineCursor():
                        # gallery-dl asks for more only when it has said all files of the last post.
                        for said in group.leave_for(None):
                            yield said
                        group.check()
                        yield line if self.resumable else EngineCursor(value="")
                    case _:
                        yield line
        finally:
            if isinstance(lines, AsyncGenerator):
                await lines.aclose()
        for said in group.leave_for(None):
            yield said
        group.check()


@dataclass(slots=True)
class _Group:
    """A post and its files so far."""

    post: EnginePost | None = None
    files: list[EngineFile] = field(default_factory=list)
    empty: int = 0
    full: int = 0

    def leave_for(self, other: EnginePost | None) -> Iterator[EngineLine]:
        """Yield what was collected, and begin anew."""
        post, files = self.post, self.files
        self.post, self.files = other, []
        if post is None:
            return
        self.full += bool(files)
        self.empty += not files
        if post.meta.get("type") in REELS:
            for file in reversed(files):
                yield EnginePost(meta={**post.meta, "count": 1})
                yield file
        elif files:
            yield EnginePost(meta={**post.meta, "count": len(files)})
            yield from files

    def check(self) -> None:
        """Raise `UnexpectedResponse` if posts came, and not a single file."""
        if self.empty and not self.full:
            raise UnexpectedResponse("Instagram shows its pictures in an unknown form.")
