"""Discourse is listed in full, through the real client, against the world's exact content."""

import json
from collections.abc import Iterator

import pytest

from gatherum.errors import Gone, LoginRequired, RateLimited, SourceError, UnexpectedResponse
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import parse_cookies
from gatherum.model import Target
from gatherum.ports import Probe
from gatherum.providers import get_chain
from gatherum.providers.recognise import classify, recognise
from tests.providers.forums.conftest import Connect, pages_of, posts_of
from tests.testsites.forums import discourse
from tests.testsites.forums.board import CHATTER, Board, post_id
from tests.testsites.forums.discourse import SECTION, digest
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

HOST = "talk.example"
ROOT = f"https://{HOST}/"
ALICE, BOB, SECRET = 1, 2, 3
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\t_t\tabc\n"
HEAD = (
    b'<!DOCTYPE html><html><head><meta name="generator" content="Discourse 3.4.1 - https://g/ v">'
)


@pytest.fixture
def talk(world: World) -> Iterator[World]:
    board = Board(world=world, host=HOST, closed=("secret",), pinned=("rules",))
    world.mount(HOST, discourse.discourse(board))
    world.mount(discourse.CDN, discourse.cdn(world))
    yield world
    del world.sites[HOST], world.sites[discourse.CDN]


def media_of(entry: Entry) -> list[tuple[str, str]]:
    post = post_id(entry)
    return [
        (digest(item), item.kind) if item.kind == "video" or not place else (f"{post}_1", item.kind)
        for place, item in enumerate(entry.items)
    ]


async def test_a_topic_is_listed_to_the_last_file_newest_first(
    talk: World, client: JobClient, gateway: Gateway
) -> None:
    entries = talk.people["alice"]

    posts = await posts_of(f"{ROOT}t/all-of-alice/{ALICE}/17", client)

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in entries]
    found = [[(media.id, str(media.kind)) for media in post.media] for post in posts]
    assert found == [media_of(entry) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption.split("\n")[0].strip() for post in posts] == [one.text for one in entries]
    outside = ("https://elsewhere.example/album", "https://videos.example/watch?v=7")
    assert {post.links for post in posts} == {outside}
    assert {(post.author, post.host) for post in posts} == {("alice", HOST)}
    assert not [media for post in posts for media in post.media if "optimized" in media.url]
    assert gateway.refused == []
    # One request to recognise, one to count, and one for each of 6 pages.
    assert talk.count(HOST) == 8


async def test_the_bytes_of_every_media_are_the_large_ones(talk: World, client: JobClient) -> None:
    posts = await posts_of(f"{ROOT}t/{BOB}", client)

    for post, entry in list(zip(posts, talk.people["bob"], strict=True))[:6]:
        bodies = {item.body[:256] for item in entry.items}
        assert {(await client.probe(one.url)).head[:256] for one in post.media} <= bodies


async def test_a_category_gives_the_posts_of_all_its_topics_once_and_goes_on_anywhere(
    talk: World, client: JobClient
) -> None:
    link = f"{ROOT}c/pictures/{SECTION}"
    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in talk.people[name]]

    pages = await pages_of(link, client)

    ids = [[post.id for post in page.posts] for page in pages]
    assert sorted(sum(ids, [])) == sorted(str(post_id(entry)) for entry in entries)  # noqa: RUF017
    for place in (0, 4):
        rest = await pages_of(link, client, pages[place].cursor)
        assert [[post.id for post in page.posts] for page in rest] == ids[place + 1 :]


async def test_a_topic_that_was_bumped_hides_nothing_that_is_newer(
    talk: World, client: JobClient
) -> None:
    board = Board(world=talk, host=HOST, closed=("secret",))
    talk.mount(HOST, discourse.discourse(board, bumped=("carol", "bob")))

    pages = await pages_of(f"{ROOT}c/pictures/{SECTION}", client)

    newest = [int(page.posts[0].id) for page in pages if page.posts]
    assert newest == sorted(newest, reverse=True)
    assert newest[0] == post_id(talk.people["alice"][0])


async def test_only_topics_that_fit_the_words_are_opened(talk: World, client: JobClient) -> None:
    posts = await posts_of(f"{ROOT}c/pictures/{SECTION}?words=bob,rules", client)

    entries = [entry for name in ("bob", "rules") for entry in talk.people[name]]
    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in entries)


async def test_a_search_gives_the_posts_that_it_found_newest_first(
    talk: World, client: JobClient
) -> None:
    link = f"{ROOT}search?q=bob"

    pages = await pages_of(link, client)

    ids = [post.id for page in pages for post in page.posts]
    assert ids == [str(post_id(entry)) for entry in talk.people["bob"]]
    assert pages[0].posts[0] == (await posts_of(f"{ROOT}t/{BOB}", client))[0]
    assert (len(pages), pages[-1].cursor) == (3, None)
    assert await pages_of(link, client, pages[0].cursor) == pages[1:]
    assert await posts_of(f"{ROOT}search?q=unicorn", client) == []
    assert (
        found("search?expanded=true&q=fog%20%23pictures").url == f"{ROOT}search?q=fog%20%23pictures"
    )
    # What the link is, three pages of results, and the ten posts of each.
    assert talk.count(HOST, "search") == 1 + 3 + 1 + 2 + 1 + 1
    assert talk.count(HOST, "posts.json") == 3 + 2


@pytest.mark.parametrize("end", ["", "/7", "?u=ada"])
async def test_a_link_to_one_post_brings_it_alone(end: str, talk: World, client: JobClient) -> None:
    number = post_id(talk.people["alice"][20])

    target = await recognise(f"{ROOT}p/{number}{end}", client)
    posts = await posts_of(f"{ROOT}p/{number}{end}", client)

    assert (target.feed, target.key, target.url) == ("post", str(number), f"{ROOT}p/{number}")
    topic = await posts_of(f"{ROOT}t/{ALICE}", client)
    assert posts == [one for one in topic if one.id == str(number)]
    assert len(posts) == 1


async def test_a_post_without_words_has_the_title_of_its_topic(
    talk: World, client: JobClient
) -> None:
    number = post_id(talk.people["bob"][3])
    told = {
        "id": number,
        "username": "bob",
        "created_at": "2026-01-01T00:00:00.000Z",
        "cooked": '<p><img src="/uploads/default/original/1X/fog.jpeg"></p>',
        "post_number": 4,
        "topic_id": BOB,
    }
    talk.plant(HOST, Fault(status=200, body=json.dumps(told).encode(), path="^/posts/"))

    [post] = await posts_of(f"{ROOT}p/{number}", client)

    assert (post.caption, post.url) == ("All of bob", f"{ROOT}t/{BOB}/4")


async def test_a_post_of_words_alone_brings_nothing(talk: World, client: JobClient) -> None:
    reply = post_id(talk.people["alice"][-3]) + CHATTER

    assert await posts_of(f"{ROOT}p/{reply}", client) == []


async def test_a_post_for_members_asks_for_a_login(
    talk: World, client: JobClient, connect: Connect
) -> None:
    link = f"{ROOT}p/{post_id(talk.people['secret'][0])}"

    with pytest.raises(LoginRequired):
        await posts_of(link, client)

    assert len(await posts_of(link, connect(parse_cookies(COOKIES)))) == 1


async def test_what_is_for_members_asks_for_a_login(
    talk: World, client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(f"{ROOT}t/all/{SECRET}", client)

    posts = await posts_of(f"{ROOT}t/all/{SECRET}", connect(parse_cookies(COOKIES)))

    assert len(posts) == len(talk.people["secret"]) == 3


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("path", ["t/all/99", "c/none/98", "p/97"])
async def test_what_is_not_there_is_gone(path: str, client: JobClient) -> None:
    with pytest.raises(Gone):
        await posts_of(ROOT + path, client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), RateLimited),
        (Fault(status=200, body=b'{"topic": {}}'), UnexpectedResponse),
        (Fault(status=200, body=b"<html>"), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    talk: World, client: JobClient, fault: Fault, error: type[SourceError]
) -> None:
    target = await recognise(f"{ROOT}t/all/{BOB}", client)
    [(provider, _)] = get_chain(target)
    talk.plant(HOST, fault)

    with pytest.raises(error):
        [page async for page in provider.listing(target, client, None)]


def found(path: str, shown: str | None = None) -> Target:
    """Return what a path means where it shows itself, or another."""
    end = ROOT + (path if shown is None else shown)
    return classify(ROOT + path, Probe(url=end, status=200, content_type="text/html", head=HEAD))


def test_a_link_keeps_its_meaning_where_all_must_log_in_first() -> None:
    assert found("t/a-walk/12", shown="login") == found("t/a-walk/12")
    assert found("p/34", shown="login") == found("p/34")


def test_a_post_is_meant_and_not_the_topic_that_shows_it() -> None:
    assert found("p/345/7", shown="t/a-walk/12/34?u=ada") == found("p/345")
    assert found("p/345", shown="talk/t/a-walk/12").url == f"{ROOT}talk/p/345"


def test_the_number_in_a_short_link_of_somebody_else_is_no_post_of_ours() -> None:
    def led(end: str) -> Target:
        probe = Probe(url=end, status=200, content_type="text/html", head=HEAD)
        return classify("https://s.example/p/34", probe)

    assert (led(f"{ROOT}t/a-walk/12/3").feed, led(f"{ROOT}t/a-walk/12/3").key) == ("topic", "12")
    assert led(ROOT).platform == "web"


@pytest.mark.parametrize(
    ("path", "feed", "key", "url"),
    [
        ("t/a-walk/12", "topic", "12", "t/12"),
        ("t/a-walk/12/34", "topic", "12", "t/12"),
        ("t/12/34", "topic", "12", "t/12"),
        ("t/12", "topic", "12", "t/12"),
        ("t/a-walk/12/last", "topic", "12", "t/12"),
        ("t/a-walk/12/print", "topic", "12", "t/12"),
        ("t/2025-in-pictures/12?u=ada", "topic", "12", "t/12"),
        ("talk/t/a-walk/12", "topic", "12", "talk/t/12"),
        ("n/a-walk/12", "topic", "12", "t/12"),
        ("c/pictures/5", "forum", "5", "c/pictures/5"),
        ("c/art/pictures/5/l/latest", "forum", "5", "c/art/pictures/5"),
        ("c/pictures/5/none?page=2", "forum", "5", "c/pictures/5"),
        ("c/p/5", "forum", "5", "c/p/5"),
        ("t/p/5", "topic", "5", "t/5"),
        ("p/345", "post", "345", "p/345"),
        ("p/345/7/", "post", "345", "p/345"),
        ("talk/p/345?u=ada", "post", "345", "talk/p/345"),
    ],
)
def test_a_link_means_one_thing(path: str, feed: str, key: str, url: str) -> None:
    target = found(path)

    assert (target.platform, target.feed, target.key) == ("discourse", feed, key)
    assert target.url == ROOT + url
    assert found(url) == target


@pytest.mark.parametrize("path", ["", "latest", "u/ada", "tag/cats", "c/pictures"])
def test_its_other_pages_are_pages(path: str) -> None:
    assert found(path).platform == "web"
