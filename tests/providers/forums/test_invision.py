"""Invision is listed in full, through the real client, against the world's exact content."""

from collections.abc import Iterator

import pytest

from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable, UnexpectedResponse
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import parse_cookies
from gatherum.model import Target
from gatherum.ports import Probe
from gatherum.providers import get_chain
from gatherum.providers.recognise import classify, recognise
from tests.providers.forums.conftest import Connect, pages_of, posts_of
from tests.testsites.forums.board import Board, post_id
from tests.testsites.forums.invision import SECTION, invision, upload
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, Item, World, items

HOST = "invision.example"
ROOT = f"https://{HOST}/"
ALICE, BOB, SECRET = "1-all-of-alice", "2-all-of-bob", "3-all-of-secret"
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\tips4_member_id\t2\n"
HEAD = b"<!DOCTYPE html><html><body class='ipsApp ipsApp_front ipsJS_none' data-pageApp='forums'>"


@pytest.fixture
def board(world: World) -> Iterator[World]:
    site = Board(world=world, host=HOST, closed=("secret",), pinned=("rules",))
    world.mount(HOST, invision(site))
    yield world
    del world.sites[HOST]


def media_of(entry: Entry) -> list[tuple[str, str, str]]:
    post = post_id(entry)

    def address(item: Item) -> str:
        if item.kind == "video" and not post // 100 % 2:
            return f"{ROOT}applications/core/interface/file/attachment.php?id={item.id}"
        return ROOT.rstrip("/") + upload(item)

    return [
        (str(item.id), address(item), item.kind)
        if item.kind == "video" or not place
        else (f"{post}_1", f"{ROOT}pics/{item.name}", item.kind)
        for place, item in enumerate(entry.items)
    ]


async def test_a_topic_is_listed_to_the_last_file_newest_first(
    board: World, client: JobClient, gateway: Gateway
) -> None:
    entries = board.people["alice"]

    posts = await posts_of(f"{ROOT}topic/{ALICE}/page/2/", client)

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in entries]
    found = [[(media.id, media.url, str(media.kind)) for media in one.media] for one in posts]
    assert found == [media_of(entry) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption.split("\n")[0].strip() for post in posts] == [one.text for one in entries]
    assert {post.links for post in posts} == {
        ("https://elsewhere.example/album", "https://elsewhere.example/login/")
    }
    assert {(post.author, post.host) for post in posts} == {("alice", HOST)}
    assert posts[0].url == f"{ROOT}topic/{ALICE}/?do=findComment&comment={posts[0].id}"
    assert gateway.refused == []
    # One request to recognise, one that is led to the last page, and one for each of 6 pages.
    assert board.count(HOST) == 8


async def test_the_bytes_of_every_media_are_the_large_ones(board: World, client: JobClient) -> None:
    posts = await posts_of(f"{ROOT}topic/{BOB}/", client)

    for post, entry in list(zip(posts, board.people["bob"], strict=True))[:6]:
        bodies = {item.body[:256] for item in entry.items}
        assert {(await client.probe(one.url)).head[:256] for one in post.media} <= bodies


async def test_a_section_gives_the_posts_of_all_its_topics_once_and_goes_on_anywhere(
    board: World, client: JobClient
) -> None:
    link = f"{ROOT}forum/{SECTION}-pictures/"
    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in board.people[name]]

    pages = await pages_of(link, client)

    ids = [[post.id for post in page.posts] for page in pages]
    assert sorted(sum(ids, [])) == sorted(str(post_id(entry)) for entry in entries)  # noqa: RUF017
    for place in (0, 4):
        rest = await pages_of(link, client, pages[place].cursor)
        assert [[post.id for post in page.posts] for page in rest] == ids[place + 1 :]


async def test_only_topics_that_fit_the_words_are_opened(board: World, client: JobClient) -> None:
    posts = await posts_of(f"{ROOT}forum/{SECTION}-pictures/?words=bob,rules", client)

    entries = [entry for name in ("bob", "rules") for entry in board.people[name]]
    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in entries)


async def test_what_is_for_members_asks_for_a_login(
    board: World, client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(f"{ROOT}topic/{SECRET}/", client)

    posts = await posts_of(f"{ROOT}topic/{SECRET}/", connect(parse_cookies(COOKIES)))

    assert len(posts) == len(board.people["secret"]) == 3


async def test_pictures_that_are_for_members_ask_for_a_login(
    world: World, client: JobClient, connect: Connect
) -> None:
    site = Board(world=world, host=HOST, withheld=("shy",))
    world.mount(HOST, invision(site))

    with pytest.raises(LoginRequired, match="attachments"):
        await posts_of(f"{ROOT}topic/6-all-of-shy/", client)

    posts = await posts_of(f"{ROOT}topic/6-all-of-shy/", connect(parse_cookies(COOKIES)))
    assert len(posts) == len(world.people["shy"]) == 1


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("path", ["topic/99-x/", "forum/98-x/"])
async def test_what_is_not_there_is_gone(path: str, client: JobClient) -> None:
    with pytest.raises(Gone):
        await posts_of(ROOT + path, client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503), Unavailable),
        (Fault(status=200, body=b"<html><p>All is new here."), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    board: World, client: JobClient, fault: Fault, error: type[SourceError]
) -> None:
    target = await recognise(f"{ROOT}topic/{BOB}/", client)
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
        ("topic/12-a-walk/", "topic", "12", "topic/12-a-walk/"),
        ("topic/12-a-walk/page/3/", "topic", "12", "topic/12-a-walk/"),
        ("topic/12-a-walk/?do=findComment&comment=99", "topic", "12", "topic/12-a-walk/"),
        ("forums/topic/12-a-walk/", "topic", "12", "forums/topic/12-a-walk/"),
        ("index.php?/topic/12-a-walk/&page=2", "topic", "12", "index.php?/topic/12-a-walk/"),
        ("forum/5-pictures/page/2/", "forum", "5", "forum/5-pictures/"),
        ("forums/forum/5-pictures/", "forum", "5", "forums/forum/5-pictures/"),
    ],
)
def test_a_link_means_one_thing(path: str, feed: str, key: str, url: str) -> None:
    target = found(path)

    assert (target.platform, target.feed, target.key) == ("invision", feed, key)
    assert target.url == ROOT + url
    assert found(url) == target


@pytest.mark.parametrize("path", ["", "profile/2-ada/", "gallery/image/7-x/", "forums/"])
def test_its_other_pages_are_pages(path: str) -> None:
    assert found(path).platform == "web"
