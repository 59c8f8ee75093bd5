"""vBulletin 5 is listed in full, through the real client, against the world's exact content."""

from collections.abc import Iterator

import pytest

from gatherum.errors import (
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import parse_cookies
from gatherum.model import Target
from gatherum.ports import Probe
from gatherum.providers import get_chain
from gatherum.providers.recognise import classify, recognise
from tests.providers.forums.conftest import Connect, pages_of, posts_of
from tests.testsites.forums.board import Board, post_id
from tests.testsites.forums.vbulletin5 import MEMBER, SECTION, vbulletin5
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

HOST = "vbulletin5.example"
ROOT = f"https://{HOST}/"
BOARD = f"{ROOT}{SECTION}"
ALICE, BOB, SECRET = (f"{BOARD}/{n}-all-of-{who}" for n, who in enumerate(("alice", "bob", "secret"), 1))  # fmt: skip
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\t{MEMBER}\t2\n"
HEAD = b'<!DOCTYPE html><html><body id="vb-page-body" class="l-desktop page60 vb-page">'


@pytest.fixture
def board(world: World) -> Iterator[World]:
    site = Board(world=world, host=HOST, closed=("secret",), pinned=("rules",))
    world.mount(HOST, vbulletin5(site))
    yield world
    del world.sites[HOST]


def media_of(entry: Entry) -> list[tuple[str, str, str]]:
    """Return (id, address, kind) of a post's files: attachments by number, the rest by place."""
    post = post_id(entry)
    far = [
        (f"{post}_1", f"{ROOT}pics/{item.name}", str(item.kind))
        for place, item in enumerate(entry.items)
        if item.kind == "image" and place
    ]
    kept = [
        (str(item.id), f"{ROOT}filedata/fetch?id={item.id}&d=1760000000", str(item.kind))
        for place, item in enumerate(entry.items)
        if item.kind == "video" or not place
    ]
    return kept + far if post // 100 % 2 else far + kept


async def test_a_topic_is_listed_to_the_last_file_newest_first(
    board: World, client: JobClient, gateway: Gateway
) -> None:
    entries = board.people["alice"]

    posts = await posts_of(f"{ALICE}/page2", client)

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in entries]
    found = [[(media.id, media.url, str(media.kind)) for media in one.media] for one in posts]
    assert found == [media_of(entry) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption.split("\n")[0].strip() for post in posts] == [one.text for one in entries]
    assert {post.links for post in posts} == {("https://elsewhere.example/album",)}
    assert {(post.author, post.host) for post in posts} == {("alice", HOST)}
    names = [media.filename for post in posts for media in post.media]
    assert sorted(map(str, names)) == sorted(item.name for item in items(entries))
    assert posts[0].url == f"{ALICE}?p={posts[0].id}"
    assert gateway.refused == []
    # One request to recognise, one that tells the last page, and one for each of 6 pages.
    assert board.count(HOST) == 8


async def test_a_section_gives_the_posts_of_all_its_topics_once_and_goes_on_anywhere(
    board: World, client: JobClient
) -> None:
    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in board.people[name]]

    pages = await pages_of(BOARD, client)

    ids = [[post.id for post in page.posts] for page in pages]
    assert sorted(sum(ids, [])) == sorted(str(post_id(entry)) for entry in entries)  # noqa: RUF017
    for place in (0, 4):
        rest = await pages_of(BOARD, client, pages[place].cursor)
        assert [[post.id for post in page.posts] for page in rest] == ids[place + 1 :]


async def test_only_topics_that_fit_the_words_are_opened(board: World, client: JobClient) -> None:
    posts = await posts_of(f"{BOARD}?words=bob,rules", client)

    entries = [entry for name in ("bob", "rules") for entry in board.people[name]]
    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in entries)


async def test_what_is_for_members_asks_for_a_login(
    board: World, client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(SECRET, client)

    posts = await posts_of(SECRET, connect(parse_cookies(COOKIES)))

    assert len(posts) == len(board.people["secret"]) == 3


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("link", [f"{BOARD}/99-x", f"{ROOT}forum/main-forum/nothing"])
async def test_what_is_not_there_is_gone(link: str, client: JobClient) -> None:
    with pytest.raises(Gone):
        await posts_of(link, client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=200, body=b"<html><p>All is new here."), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    board: World, client: JobClient, fault: Fault, error: type[SourceError]
) -> None:
    target = await recognise(BOB, client)
    [(provider, _)] = get_chain(target)
    board.plant(HOST, fault)

    with pytest.raises(error):
        [page async for page in provider.listing(target, client, None)]


def found(path: str) -> Target:
    url = ROOT + path
    return classify(url, Probe(url=url, status=200, content_type="text/html", head=HEAD))


@pytest.mark.parametrize(
    ("path", "feed", "key", "url"),
    [
        ("forum/main/12-a-walk", "topic", "12", "forum/main/12-a-walk"),
        ("forum/main/12-a-walk/page3", "topic", "12", "forum/main/12-a-walk"),
        ("forum/main/12-a-walk?p=99", "topic", "12", "forum/main/12-a-walk"),
        ("b/forum/main/12-a-walk/?view=last", "topic", "12", "b/forum/main/12-a-walk"),
        ("forum/main/pictures/page2", "forum", "forum/main/pictures", "forum/main/pictures"),
        ("forum/main/pictures/?filter_sort=title", "forum", "forum/main/pictures", "forum/main/pictures"),
    ],
)  # fmt: skip
def test_a_link_means_one_thing(path: str, feed: str, key: str, url: str) -> None:
    target = found(path)

    assert (target.platform, target.feed, target.key) == ("vbulletin5", feed, key)
    assert target.url == ROOT + url
    assert found(url) == target


@pytest.mark.parametrize("path", ["", "member/2-ada", "forum/member/2-ada", "search?q=x", "forum"])
def test_its_other_pages_are_pages(path: str) -> None:
    assert found(path).platform == "web"
