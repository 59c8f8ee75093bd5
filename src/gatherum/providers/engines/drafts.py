"""From the lines of an engine to posts and pages: which files belong together, where a page ends."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gatherum.errors import SourceError
from gatherum.model import Page, Post
from gatherum.ports import (
    Client,
    EngineCursor,
    EngineFile,
    EngineLine,
    EngineLink,
    EngineNothing,
    EnginePost,
    EngineRequest,
    Json,
)
from gatherum.safety import foreign

LARGEST = 50  # posts in a page, if the engine itself never pauses
AT, AFTER = "at:", "after:"


@dataclass(slots=True, kw_only=True)
class Draft:
    """What an engine has said of one post so far."""

    meta: Mapping[str, Json]
    files: list[EngineFile] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Return whether it surely has all its files."""
        count = self.meta.get("count")
        return isinstance(count, int) and len(self.files) + len(self.links) >= count


Reader = Callable[[Draft], Post | None]
Nothing = Callable[
    [str], bool
]  # whether an answer, as short JSON or '', says that there is nothing


def lists_are_empty(said: str) -> bool:
    """Return whether there are lists in an answer, and nothing in any of them."""
    try:
        return set(_lengths(foreign.value(said or "null"))) == {0}
    except ValueError:
        return False


def _lengths(data: Json) -> Iterator[int]:
    match data:
        case list():
            yield len(data)
            for each in data:
                yield from _lengths(each)
        case dict():
            for each in data.values():
                yield from _lengths(each)


async def pages(
    client: Client,
    request: EngineRequest,
    read: Reader,
    cursor: str | None,
    *,
    by_date: bool = False,
    nothing: Nothing = lists_are_empty,
) -> AsyncGenerator[Page]:
    """Yield what an engine finds as pages, from behind `cursor`; `by_date` as a page's.

    A page ends where the engine turns one: its cursor covers whole posts only. Where an engine
    cannot start in the middle, the cursor names the last post, and what stands before is passed
    over. `read` returns None for a post that offers nothing. `nothing` tells from the last answer of
    the source whether there is nothing indeed, where the engine has found none.
    """
    book = _Book(read, cursor, by_date=by_date, nothing=nothing)
    if cursor and cursor.startswith(AT):
        request = EngineRequest(
            engine=request.engine,
            url=request.url,
            cursor=cursor.removeprefix(AT),
            flat=request.flat,
            options=request.options,
        )
    try:
        async with _closing(client.extract(request)) as lines:
            async for line in lines:
                if (page := book.write(line)) is not None:
                    yield page
    except SourceError:
        # What was found before is true: it must not be lost, and the error must not be, either.
        if (page := book.turn()) is not None:
            yield page
        raise
    yield book.close()


class _Book:
    """Collects posts. Every page's cursor stands behind its last post and before all others."""

    def __init__(
        self, read: Reader, cursor: str | None, *, by_date: bool, nothing: Nothing
    ) -> None:
        self._read = read
        self._is_nothing = nothing
        self._by_date = by_date
        self._cursor = cursor
        self._start: str | None = None  # the engine's own, behind all finished posts
        self._ready: list[Post] = []
        self._draft: Draft | None = None
        self._turned: str | None = None  # a page turn that waits until the open post is whole
        self._passed = 0
        self._nothing = False
        self._skip = _Skip.parse(cursor)

    def write(self, line: EngineLine) -> Page | None:
        """Take a line; return the page that it completes."""
        match line:
            case EnginePost():
                page = self._begin(line)
                self._draft = Draft(meta=line.meta)
                return page
            case EngineFile() if self._draft is not None:
                self._draft.files.append(line)
            case EngineLink() if self._draft is not None:
                self._draft.links.append(line.url)
            case EngineCursor():
                if self._draft is None or self._draft.whole:
                    self._finish()
                    return self._turn_to(line.value)
                self._turned = line.value
            case EngineNothing():
                self._nothing = self._is_nothing(line.said)
            case _:
                pass  # a file without a post: nobody could say whose it is
        return None

    def turn(self) -> Page | None:
        """Return a page of all that is finished, if there is anything."""
        if not self._ready or self._cursor is None:
            return None
        page = Page(posts=tuple(self._ready), cursor=self._cursor, by_date=self._by_date)
        self._ready = []
        return page

    def close(self) -> Page:
        """Return the last page."""
        self._finish()
        return Page(
            posts=tuple(self._ready),
            cursor=None,
            by_date=self._by_date,
            empty=not self._ready and (self._nothing or self._passed > 0),
        )

    def _begin(self, _: EnginePost) -> Page | None:
        self._finish()
        if self._turned is not None:
            value, self._turned = self._turned, None
            return self._turn_to(value)
        return self.turn() if len(self._ready) >= LARGEST else None

    def _turn_to(self, value: str) -> Page | None:
        if value:
            self._start = AT + value
            self._cursor = self._start
        return self.turn()

    def _finish(self) -> None:
        """Close the open post."""
        draft, self._draft = self._draft, None
        if draft is None:
            return
        post = self._read(draft)
        self._passed += 1
        name = post.id if post is not None else ""
        if self._start is None:
            self._cursor = f"{AFTER}{self._passed}:{name}"
        if self._skip is not None:
            if self._skip.ends_with(self._passed, name):
                self._skip = None
        elif post is not None:
            self._ready.append(post)


@dataclass(frozen=True, slots=True)
class _Skip:
    """Posts to pass over: up to one, or up to a number if that one is no longer there."""

    count: int
    post: str

    @classmethod
    def parse(cls, cursor: str | None) -> "_Skip | None":
        if not cursor or not cursor.startswith(AFTER):
            return None
        count, _, post = cursor.removeprefix(AFTER).partition(":")
        return cls(int(count), post)

    def ends_with(self, passed: int, post: str) -> bool:
        return passed >= self.count or bool(self.post and post == self.post)


@contextlib.asynccontextmanager
async def _closing(lines: AsyncIterator[EngineLine]) -> AsyncIterator[AsyncIterator[EngineLine]]:
    try:
        yield lines
    finally:
        if isinstance(lines, AsyncGenerator):
            await lines.aclose()
