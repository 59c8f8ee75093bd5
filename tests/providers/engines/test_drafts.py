"""How the lines of an engine become pages, whatever the order in which it speaks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gatherum.errors import Unavailable
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Media, Page, Post
from gatherum.ports import (
    EngineCursor,
    EngineFile,
    EngineLine,
    EngineLink,
    EnginePost,
    EngineRequest,
)
from gatherum.providers.engines.drafts import LARGEST, Draft, pages
from tests.testsites.engines import EngineClient

REQUEST = EngineRequest(engine="gallerydl", url="https://pictures.example/album")


def post(number: int, count: int | None = None) -> EnginePost:
    return EnginePost(meta={"id": str(number), "count": count})


def file(name: str) -> EngineFile:
    return EngineFile(url=f"https://pictures.example/{name}.jpg", meta={"name": name})


def read(draft: Draft) -> Post | None:
    media = tuple(Media(id=str(one.meta["name"]), url=one.url) for one in draft.files)
    name = str(draft.meta["id"])
    made = Post(platform="p", id=name, url="u", media=media, links=tuple(draft.links))
    return made if media else None


@dataclass
class Says(EngineClient):
    """An engine that says these lines, and then fails if it is told to."""

    pool: EnginePool = None  # type: ignore[assignment]  # nothing runs
    lines: tuple[EngineLine, ...] = ()
    error: Exception | None = None
    asked: EngineRequest | None = None
    closed: bool = False

    async def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        self.asked = request
        try:
            for line in self.lines:
                yield line
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


async def read_all(client: Says, cursor: str | None = None) -> list[Page]:
    return [page async for page in pages(client, REQUEST, read, cursor)]


def shape(page: Page) -> dict[str, list[str]]:
    return {post.id: [media.id for media in post.media] for post in page.posts}


async def test_a_page_turn_within_a_post_does_not_cut_it() -> None:
    lines = (post(1, 2), file("a"), EngineCursor(value="X"), file("b"), post(2, 1), file("c"))

    first, last = await read_all(Says(lines=lines))

    assert (shape(first), first.cursor) == ({"1": ["a", "b"]}, "at:X")
    assert (shape(last), last.cursor) == ({"2": ["c"]}, None)


async def test_a_whole_post_is_shown_when_the_page_turns() -> None:
    lines = (post(1, 2), file("a"), EngineLink(url="https://x.example/"), EngineCursor(value="X"))

    first, last = await read_all(Says(lines=lines))

    assert (shape(first), first.cursor) == ({"1": ["a"]}, "at:X")
    assert last == Page(posts=(), cursor=None, empty=True)


async def test_the_engine_starts_at_its_own_cursor() -> None:
    client = Says()

    await read_all(client, "at:X")

    assert client.asked is not None
    assert client.asked.cursor == "X"


async def test_what_was_finished_before_an_error_is_shown_before_the_error() -> None:
    lines = (post(1), file("a"), post(2), file("b"))
    client = Says(lines=lines, error=Unavailable("not now"))
    seen: list[Page] = []

    async def see() -> None:
        async for page in pages(client, REQUEST, read, None):
            seen.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await see()

    # The second post may lack files: only the first is surely whole.
    assert [(shape(page), page.cursor) for page in seen] == [({"1": ["a"]}, "after:1:1")]


async def test_an_engine_that_never_pauses_is_shown_in_pieces() -> None:
    lines = [line for number in range(LARGEST + 2) for line in (post(number), file(str(number)))]

    first, last = await read_all(Says(lines=tuple(lines)))

    assert len(first.posts) == LARGEST
    assert first.cursor == f"after:{LARGEST}:{LARGEST - 1}"
    assert len(last.posts) == 2


async def test_a_cursor_whose_post_was_deleted_hides_nothing() -> None:
    lines = tuple(line for number in range(6) for line in (post(number), file(str(number))))

    (page,) = await read_all(Says(lines=lines), "after:3:deleted")

    assert list(shape(page)) == ["3", "4", "5"]


async def test_posts_without_media_are_left_out() -> None:
    (page,) = await read_all(Says(lines=(post(1), post(2), file("a"))))

    assert shape(page) == {"2": ["a"]}


async def test_whoever_stops_reading_closes_the_engine() -> None:
    client = Says(lines=(post(1, 1), file("a"), EngineCursor(value="X"), post(2), file("b")))
    found = pages(client, REQUEST, read, None)

    await anext(found)
    await found.aclose()

    assert client.closed
