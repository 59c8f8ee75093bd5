"""NodeBB is listed in full, through the real client, against the world's exact content."""

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
from tests.testsites.forums.board import CHATTER, Board, post_id
from tests.testsites.forums.nodebb import SECTION, file_name, nodebb
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

HOST = "nodebb.example"
ROOT = f"https://{HOST}/talk/"
ALICE, BOB, SECRET, RULES = 1, 2, 3, 5
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\texpress.sid\tabc\n"
HEAD = (
    b"<!DOCTYPE html><html><script>var config = JSON.parse('{"
    b'"relative_path":"","upload_url":"/assets/uploads","siteTitle":"x"}\');</script>'
)


@pytest.fixture
def talk(world: World) -> Iterator[World]:
    board = Board(world=world, host=HOST, closed=("secret",), pinned=("rules",))
    world.mount(HOST, nodebb(board))
    yield world
    del world.sites[HOST]


def media_of(entry: Entry) -> list[tuple[str, str, str]]:
    post = post_id(entry)
    return [
        (file_name(item), f"{ROOT}assets/uploads/files/{file_name(item)}", item.kind)
        if item.kind == "video" or not place
        else (f"{post}_1", f"{ROOT}pics/{item.name}", item.kind)
        for place, item in enumerate(entry.items)
    ]


async def test_a_topic_is_listed_to_the_last_file_newest_first(
    talk: World, client: JobClient, gateway: Gateway
) -> None:
    entries = talk.people["alice"]

    posts = await posts_of(f"{ROOT}topic/{ALICE}/all-of-alice/17", client)

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in entries]
    found = [[(media.id, media.url, str(media.kind)) for media in one.media] for one in posts]
    assert found == [media_of(entry) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert all(entry.text in post.caption for entry, post in zip(entries, posts, strict=True))
    assert {post.links for post in posts} == {("https://elsewhere.example/album",)}
    assert {(post.author, post.host) for post in posts} == {("alice", HOST)}
    assert gateway.refused == []
    # One request to recognise, one to count, and one for each page but that if there are more.
    assert talk.count(HOST) == 8


async def test_a_picture_that_was_made_smaller_is_brought_in_full_size(
    talk: World, client: JobClient
) -> None:
    posts = await posts_of(f"{ROOT}topic/{BOB}", client)

    small = {media.mirrors for post in posts for media in post.media if media.mirrors}
    assert len(small) == sum(post_id(one) // 100 % 2 == 0 for one in talk.people["bob"] if one.items[0].kind == "image")  # fmt: skip
    assert all(address.endswith("-resized.jpg") for [address] in small)


async def test_of_a_deleted_post_is_told_that_it_was_there(talk: World, client: JobClient) -> None:
    gone, *rest = [str(post_id(entry)) for entry in talk.people["bob"]]
    board = Board(world=talk, host=HOST)
    topic = board.topic(BOB)
    talk.mount(HOST, nodebb(board, deleted={int(gone)}))

    posts = await posts_of(f"{ROOT}topic/{BOB}", client)

    assert [post.id for post in posts] == [gone, *rest]
    assert [post.id for post in posts if post.removed] == [gone]
    assert topic is not None
    assert (posts[0].media, posts[0].caption) == ((), topic.title)


async def test_a_category_gives_the_posts_of_all_its_topics_once_and_goes_on_anywhere(
    talk: World, client: JobClient
) -> None:
    link = f"{ROOT}category/{SECTION}/pictures"
    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in talk.people[name]]

    pages = await pages_of(link, client)

    ids = [[post.id for post in page.posts] for page in pages]
    assert sorted(sum(ids, [])) == sorted(str(post_id(entry)) for entry in entries)  # noqa: RUF017
    for place in (0, 4):
        rest = await pages_of(link, client, pages[place].cursor)
        assert [[post.id for post in page.posts] for page in rest] == ids[place + 1 :]


async def test_what_is_new_in_a_category_costs_no_look_at_all_its_topics(
    talk: World, client: JobClient
) -> None:
    target = await recognise(f"{ROOT}category/{SECTION}/pictures", client)
    [(provider, target)] = get_chain(target)

    first = await anext(provider.listing(target, client, None))

    assert first.posts[0].id == str(post_id(talk.people["alice"][0]))
    looked_at = {hit.path for hit in talk.log if "/api/topic/" in hit.path}
    assert looked_at == {f"/talk/api/topic/{topic}" for topic in (ALICE, BOB, RULES)}


async def test_a_post_of_another_server_stands_where_its_time_puts_it(
    talk: World, client: JobClient
) -> None:
    newest, *others = [str(post_id(entry)) for entry in talk.people["alice"]]
    talk.mount(HOST, nodebb(Board(world=talk, host=HOST), foreign={int(newest)}))

    posts = await posts_of(f"{ROOT}category/{SECTION}/pictures", client)

    found = [post.id for post in posts if post.author == "alice"]
    assert found == [f"https://elsewhere.example/post/{newest}", *others]


async def test_only_topics_that_fit_the_words_are_opened(talk: World, client: JobClient) -> None:
    posts = await posts_of(f"{ROOT}category/{SECTION}/pictures?words=bob,rules", client)

    entries = [entry for name in ("bob", "rules") for entry in talk.people[name]]
    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in entries)


async def test_a_search_gives_the_posts_that_it_found_newest_first(
    talk: World, client: JobClient
) -> None:
    link = f"{ROOT}search?term=bob"

    pages = await pages_of(link, client)

    ids = [post.id for page in pages for post in page.posts]
    assert ids == [str(post_id(entry)) for entry in talk.people["bob"]]
    assert pages[0].posts[0] == (await posts_of(f"{ROOT}topic/{BOB}", client))[0]
    assert (len(pages), pages[-1].cursor) == (3, None)
    assert await pages_of(link, client, pages[0].cursor) == pages[1:]
    assert await posts_of(f"{ROOT}search?term=unicorn", client) == []
    assert talk.count(HOST, "api/search") == 3 + 2 + 1


@pytest.mark.parametrize("place", [0, 20, -1])
async def test_a_link_to_one_post_brings_it_alone(
    place: int, talk: World, client: JobClient
) -> None:
    number = post_id(talk.people["alice"][place])

    target = await recognise(f"{ROOT}post/{number}", client)
    posts = await posts_of(f"{ROOT}post/{number}", client)

    assert (target.feed, target.key, target.url) == ("post", str(number), f"{ROOT}post/{number}")
    topic = await posts_of(f"{ROOT}topic/{ALICE}", client)
    assert posts == [one for one in topic if one.id == str(number)]
    assert len(posts) == 1


async def test_a_post_of_words_alone_brings_nothing(talk: World, client: JobClient) -> None:
    reply = post_id(talk.people["alice"][-3]) + CHATTER

    assert await posts_of(f"{ROOT}post/{reply}", client) == []


async def test_of_one_deleted_post_is_told_that_it_was_there(
    talk: World, client: JobClient
) -> None:
    number = post_id(talk.people["alice"][20])
    talk.mount(HOST, nodebb(Board(world=talk, host=HOST), deleted={number}))

    [post] = await posts_of(f"{ROOT}post/{number}", client)

    assert (post.id, post.removed, post.media) == (str(number), True, ())


async def test_a_post_for_members_asks_for_a_login(
    talk: World, client: JobClient, connect: Connect
) -> None:
    link = f"{ROOT}post/{post_id(talk.people['secret'][0])}"

    with pytest.raises(LoginRequired):
        await posts_of(link, client)

    assert len(await posts_of(link, connect(parse_cookies(COOKIES)))) == 1


@pytest.mark.parametrize("said", [b'"/somewhere"', b'{"external": "/"}', b'"/topic/2/bob"'])
async def test_a_post_that_is_not_where_it_should_be_is_an_unknown_form(
    said: bytes, talk: World, client: JobClient
) -> None:
    link = f"{ROOT}post/{post_id(talk.people['alice'][0])}"
    target = await recognise(link, client)
    [(provider, target)] = get_chain(target)
    talk.plant(HOST, Fault(status=200, body=said, headers={"Content-Type": "application/json"}))

    with pytest.raises(UnexpectedResponse):
        [page async for page in provider.listing(target, client, None)]


async def test_what_is_for_members_asks_for_a_login(
    talk: World, client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(f"{ROOT}topic/{SECRET}", client)

    posts = await posts_of(f"{ROOT}topic/{SECRET}", connect(parse_cookies(COOKIES)))

    assert len(posts) == len(talk.people["secret"]) == 3


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("path", ["topic/99", "category/98", "post/97"])
async def test_what_is_not_there_is_gone(path: str, client: JobClient) -> None:
    with pytest.raises(Gone):
        await posts_of(ROOT + path, client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503), Unavailable),
        (Fault(status=200, body=b'{"topic": {}}'), UnexpectedResponse),
        (Fault(status=200, body=b"<html>"), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    talk: World, client: JobClient, fault: Fault, error: type[SourceError]
) -> None:
    target = await recognise(f"{ROOT}topic/{BOB}", client)
    [(provider, _)] = get_chain(target)
    talk.plant(HOST, fault)

    with pytest.raises(error):
        [page async for page in provider.listing(target, client, None)]


def found(path: str) -> Target:
    url = ROOT + path
    return classify(url, Probe(url=url, status=200, content_type="text/html", head=HEAD))


@pytest.mark.parametrize(
    ("path", "feed", "key", "url"),
    [
        ("topic/12/a-walk", "topic", "12", "topic/12"),
        ("topic/12/a-walk/34?page=2", "topic", "12", "topic/12"),
        ("topic/12", "topic", "12", "topic/12"),
        ("category/5/pictures?page=2", "forum", "5", "category/5"),
        ("topic/12/post/34", "topic", "12", "topic/12"),
        ("post/345", "post", "345", "post/345"),
        ("post/345/?x=1", "post", "345", "post/345"),
    ],
)
def test_a_link_means_one_thing(path: str, feed: str, key: str, url: str) -> None:
    target = found(path)

    assert (target.platform, target.feed, target.key) == ("nodebb", feed, key)
    assert target.url == ROOT + url
    assert found(url) == target


@pytest.mark.parametrize("path", ["", "recent", "user/ada", "tags/cats", "topic/x", "post/x"])
def test_its_other_pages_are_pages(path: str) -> None:
    assert found(path).platform == "web"
