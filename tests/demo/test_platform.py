"""Plaza behaves like a platform: pages, cursors, stories, feeds, budgets, broken downloads."""

import hashlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from PIL import Image
from pydantic import BaseModel

from gatherum.demo import Budget, running, shown
from gatherum.demo.api import SLOW_PEOPLE
from gatherum.errors import Conflict


class Item(BaseModel):
    id: str
    kind: str
    url: str
    width: int
    height: int
    size: int


class Entry(BaseModel):
    id: str
    url: str
    created_at: str
    expires_at: str | None
    caption: str
    pinned: bool
    media: list[Item]


class Listing(BaseModel):
    posts: list[Entry]
    next: str | None


@dataclass
class Visitor:
    address: str
    session: aiohttp.ClientSession

    async def get(self, path: str, **headers: str) -> tuple[int, aiohttp.ClientResponse, bytes]:
        url = path if path.startswith("http") else self.address + path
        async with self.session.get(url, headers=headers, allow_redirects=False) as answer:
            return answer.status, answer, await answer.read()

    async def text(self, path: str) -> str:
        _, _, body = await self.get(path)
        return body.decode()

    async def listing(self, path: str) -> list[Entry]:
        posts, cursor = list[Entry](), ""
        while True:
            _, _, body = await self.get(f"/api/v1{path}?cursor={cursor}")
            page = Listing.model_validate_json(body)
            posts += page.posts
            if page.next is None:
                return posts
            cursor = page.next


@pytest.fixture(scope="module")
async def plaza() -> AsyncIterator[Visitor]:
    async with running() as address, aiohttp.ClientSession() as session:
        yield Visitor(address, session)


@pytest.mark.parametrize("person", ["ada", "bruno", "chiyo"])
async def test_pages_lead_to_every_post_once_and_each_file_is_what_it_says(
    plaza: Visitor, person: str
) -> None:
    posts = await plaza.listing(f"/people/{person}/posts")
    items = [item for post in posts for item in post.media]
    hashes = set()

    assert len({post.id for post in posts}) == len(posts) >= 12
    ordered = [post.created_at for post in posts if not post.pinned]
    assert ordered == sorted(ordered, reverse=True)
    for item in items:
        status, answer, body = await plaza.get(item.url)
        assert (status, len(body)) == (200, item.size)
        assert answer.content_type.startswith(item.kind)
        if item.kind == "image":
            with Image.open(io.BytesIO(body)) as picture:
                picture.load()
                assert picture.size == (item.width, item.height)
        hashes.add(hashlib.sha256(body).digest())
    assert len(hashes) == len(items)


async def test_the_pages_for_people_hold_what_the_interface_lists(plaza: Visitor) -> None:
    posts = {post.id for post in await plaza.listing("/people/dune/posts")}
    seen, path = set[str](), "/@dune"

    while path:
        page = await plaza.text(path)
        seen |= set(re.findall(r'href="/p/(\w+)"', page))
        link = re.search(r'<link rel="next" href="([^"]+)"', page)
        path = link[1] if link else ""

    assert seen == posts
    assert len(seen) == 120


async def test_every_page_names_its_generator(plaza: Visitor) -> None:
    posts = await plaza.listing("/people/ada/posts")

    for path in ("/", "/@ada", "/@ada/stories", f"/p/{posts[0].id}", "/tag/fog", "/broken/"):
        assert '<meta name="generator" content="Plaza">' in await plaza.text(path)


async def test_a_carousel_keeps_its_order_on_the_page(plaza: Visitor) -> None:
    posts = await plaza.listing("/people/ada/posts")
    carousel = max(posts, key=lambda post: len(post.media))

    page = await plaza.text(f"/p/{carousel.id}")

    assert len(carousel.media) == 5
    sources = re.findall(r' src="([^"]+)"', page)
    assert [plaza.address + source for source in sources] == [item.url for item in carousel.media]


async def test_stories_expire_and_their_files_are_there(plaza: Visitor) -> None:
    stories = await plaza.listing("/people/ada/stories")

    assert len(stories) == 4
    assert all(story.expires_at for story in stories)
    assert (await plaza.get(stories[0].media[0].url))[0] == 200
    assert await plaza.listing("/people/dune/stories") == []


async def test_a_feed_has_an_enclosure_for_each_file(plaza: Visitor) -> None:
    posts = (await plaza.listing("/people/chiyo/posts"))[:20]

    feed = ET.fromstring(await plaza.text("/@chiyo/feed.xml"))  # noqa: S314 - our own

    found = [enclosure.attrib["url"] for enclosure in feed.iter("enclosure")]
    assert found == [item.url for post in posts for item in post.media]
    assert any(len(post.caption) > 10_000 for post in posts)


async def test_the_open_folder_holds_twenty_files(plaza: Visitor) -> None:
    links = re.findall(r'href="(dune%20\d+\.\w+)"', await plaza.text("/gallery/"))

    assert len(links) == 20
    for link in links:
        assert (await plaza.get(f"/gallery/{link}"))[0] == 200


async def test_a_file_resumes_only_while_it_is_the_same(plaza: Visitor) -> None:
    item = (await plaza.listing("/people/bruno/posts"))[0].media[0]
    _, answer, whole = await plaza.get(item.url)
    tag = answer.headers["ETag"]

    status, part, rest = await plaza.get(item.url, Range="bytes=100-", **{"If-Range": tag})
    other = await plaza.get(item.url, Range="bytes=100-", **{"If-Range": '"other"'})
    past = await plaza.get(item.url, Range=f"bytes={len(whole)}-")

    assert (status, rest) == (206, whole[100:])
    assert part.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert (other[0], other[2]) == (200, whole)
    assert past[0] == 416
    assert (await plaza.get(item.url, **{"If-None-Match": tag}))[0] == 304


async def test_who_asks_too_much_is_told_how_long_to_wait() -> None:
    budget = Budget(burst=3, per_second=1 / 600)  # so long no four requests are under way
    async with running(budget=budget) as address, aiohttp.ClientSession() as session:
        visitor = Visitor(address, session)

        answers = [await visitor.get("/api/v1/people") for _ in range(4)]

    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    assert 300 < int(answers[-1][1].headers["Retry-After"]) <= 600


async def test_rush_has_little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SLOW_PEOPLE == {"rush": (1, 2.0)}
    monkeypatch.setitem(SLOW_PEOPLE, "rush", (1, 600.0))
    async with running() as address, aiohttp.ClientSession() as session:
        plaza = Visitor(address, session)

        assert (await plaza.get("/api/v1/people/rush/posts"))[0] == 200
        status, answer, _ = await plaza.get("/api/v1/people/rush/posts")

        assert status == 429
        assert 300 < int(answer.headers["Retry-After"]) <= 600
        assert (await plaza.get("/api/v1/people/ada/posts"))[0] == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/people/nobody/posts", 404),
        ("/api/v1/people/echo/posts", 410),
        ("/api/v1/people/vault/posts", 401),
        ("/api/v1/people/ada/posts?cursor=x", 400),
        ("/@nobody", 404),
        ("/@vault", 401),
        ("/p/nothing", 404),
        ("/media/nothing.png", 404),
        ("/gallery/../secret", 404),
        ("/broken/nothing.jpg", 404),
        ("/broken/gone.jpg", 410),
        ("/broken/forbidden.jpg", 403),
        ("/broken/private.jpg", 307),
        ("/broken/loop.jpg", 307),
    ],
)
async def test_what_is_not_there_says_so(plaza: Visitor, path: str, status: int) -> None:
    assert (await plaza.get(path))[0] == status


@pytest.mark.parametrize(("name", "first"), [("busy", 429), ("down", 503), ("empty", 200)])
async def test_a_download_that_breaks_once_is_whole_the_second_time(
    plaza: Visitor, name: str, first: int
) -> None:
    path = f"/broken/{name}-once.jpg"

    status, _, body = await plaza.get(path)
    again, _, whole = await plaza.get(path)

    assert status == first
    assert len(body) < 100
    assert again == 200
    assert len(whole) > 10_000


async def test_a_cut_download_ends_early_and_can_be_resumed(plaza: Visitor) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await plaza.get("/broken/cut-once.jpg")

    status, _, body = await plaza.get("/broken/cut-once.jpg", Range="bytes=5000-")

    assert (status, body[-2:]) == (206, b"\xff\xd9")


async def test_what_is_always_broken_stays_so(plaza: Visitor) -> None:
    _, login, _ = await plaza.get("/broken/login.jpg")
    _, _, half = await plaza.get("/broken/half.jpg")
    _, _, slow = await plaza.get("/broken/slow.jpg")

    assert login.content_type == "text/html"
    assert not half.endswith(b"\xff\xd9")
    assert slow.endswith(b"\xff\xd9")


async def test_the_links_to_show_all_lead_somewhere(plaza: Visitor) -> None:
    for link in shown(plaza.address):
        assert (await plaza.get(link))[0] == 200


async def test_a_taken_port_is_said_so(plaza: Visitor) -> None:
    port = int(plaza.address.rpartition(":")[2])

    with pytest.raises(Conflict, match="taken"):
        async with running(port=port):
            pass
