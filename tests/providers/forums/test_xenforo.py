"""XenForo is listed in full by its pages, through the real client, against the world's exact content."""

from collections.abc import Iterator
from types import MappingProxyType

import pytest

from gatherum.errors import Challenge, Gone, LoginRequired, RateLimited
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import parse_cookies
from gatherum.model import Page, Post, Target
from gatherum.ports import Document
from gatherum.providers import get_chain
from gatherum.providers.forums.sheets import read_section, read_topic
from gatherum.providers.forums.xenforo import XENFORO
from gatherum.providers.recognise import recognise
from tests.providers.forums.conftest import Connect
from tests.testsites.forums.board import Board, post_id
from tests.testsites.forums.xenforo import MEMBER, MOVED, SECTION, xenforo
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

HOST = "xenforo.example"
ROOT = f"https://{HOST}/community/"
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\t{MEMBER}\t2\n"
ALICE = f"{ROOT}threads/all-of-alice.1/"
FORUM = f"{ROOT}forums/pictures.{SECTION}/"


@pytest.fixture
def board(world: World) -> Iterator[World]:
    site = Board(world=world, host=HOST, closed=("secret",), pinned=("rules",))
    world.mount(HOST, xenforo(site, path="/community", questions=("bob",)))
    yield world
    del world.sites[HOST]


async def pages_of(url: str, client: JobClient, cursor: str | None = None) -> list[Page]:
    """List by the forum's own pages, which come before another way."""
    target = await recognise(url, client)
    provider, target = get_chain(target)[0]
    assert provider.name == "xenforo.native"
    return [page async for page in provider.listing(target, client, cursor)]


async def posts_of(url: str, client: JobClient) -> list[Post]:
    return [post for page in await pages_of(url, client) for post in page.posts]


def ids_of(entries: tuple[Entry, ...]) -> list[str]:
    return [str(post_id(entry)) for entry in entries]


def media_of(entry: Entry) -> list[str]:
    """Return what the files of a post are called: players and what lies elsewhere by their place."""
    post = post_id(entry)
    names, unnumbered = [], 0
    within = [one for one in entry.items if (post // 100) % 2 and not _is_far(entry, one.id)]
    far = [one for one in entry.items if _is_far(entry, one.id)]
    for item in within + far:
        if item in within and item.kind == "image":
            names.append(str(item.id))
        else:
            unnumbered += 1
            names.append(f"{post}_{unnumbered}")
    return names + [str(one.id) for one in entry.items if one not in within + far]


def _is_far(entry: Entry, item: int) -> bool:
    place = [one.id for one in entry.items].index(item)
    return bool(place) and entry.items[place].kind == "image"


async def test_a_thread_is_listed_to_the_last_file_newest_first(
    board: World, client: JobClient, gateway: Gateway
) -> None:
    entries = board.people["alice"]

    posts = await posts_of(f"{ALICE}page-2", client)

    assert [post.id for post in posts] == ids_of(entries)
    found = [[media.id for media in one.media] for one in posts]
    assert found == [media_of(entry) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert len({media.url for post in posts for media in post.media}) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert all(post.caption.startswith(one.text) for post, one in zip(posts, entries, strict=True))
    assert {
        post.caption.removeprefix(one.text).strip()
        for post, one in zip(posts, entries, strict=True)
    } == {"more"}
    assert {post.links for post in posts} == {
        ("https://elsewhere.example/album", "https://story.example/one")
    }
    assert {(post.author, post.host, post.platform) for post in posts} == {
        ("alice", HOST, "xenforo")
    }
    assert gateway.refused == []


async def test_a_proxied_picture_keeps_the_sign_that_its_address_carries(
    board: World, client: JobClient
) -> None:
    posts = await posts_of(ALICE, client)

    proxied = [media for post in posts for media in post.media if "proxy.php" in media.url]
    assert len(proxied) == len(board.people["alice"]) // 3
    assert {media.url.rpartition("&")[2] for media in proxied} == {"hash=0a1b"}
    assert all((media.filename or "").endswith(".jpg") for media in proxied)


@pytest.mark.parametrize(
    ("feed", "key", "url"),
    [
        ("thread", "2", f"{ROOT}threads/all-of-bob.2/"),
        ("forum", str(SECTION), f"{FORUM}?words=bob"),
    ],
)
async def test_what_was_followed_before_its_pages_were_read_is_listed(
    feed: str, key: str, url: str, board: World, client: JobClient
) -> None:
    words = {"words": "bob"} if feed == "forum" else {}
    values = MappingProxyType({"id": key, **words})
    stored = Target(platform="xenforo", feed=feed, key=key, url=url, host=HOST, values=values)
    provider, target = get_chain(stored)[0]

    posts = [post async for page in provider.listing(target, client, None) for post in page.posts]

    assert [post.id for post in posts] == ids_of(board.people["bob"])


async def test_what_was_asked_stands_on_each_page_and_counts_on_the_first_alone(
    board: World, client: JobClient
) -> None:
    pages = await pages_of(f"{ROOT}threads/all-of-bob.2/", client)

    assert [post.id for page in pages for post in page.posts] == ids_of(board.people["bob"])
    assert str(post_id(board.people["bob"][-1])) in [post.id for post in pages[-1].posts]


@pytest.mark.parametrize(
    "link",
    [
        "posts/{}/",
        "threads/all-of-alice.1/post-{}",
        "goto/post?id={}",
        "index.php?goto/post&id={}",
    ],
)
async def test_a_link_to_one_post_means_it_alone_though_it_leads_to_the_page(
    link: str, board: World, client: JobClient
) -> None:
    number = post_id(board.people["alice"][20])

    target = await recognise(ROOT + link.format(number), client)
    posts = await posts_of(ROOT + link.format(number), client)

    assert (target.feed, target.key, target.url) == ("post", str(number), f"{ROOT}posts/{number}/")
    assert [post.id for post in posts] == [str(number)]


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    ("link", "feed", "key", "home"),
    [
        (f"threads/x.{MOVED}/", "thread", "1", ALICE),
        ("index.php?threads/all-of-alice.1/", "thread", "1", ALICE),
        (f"forums/pictures.{SECTION}/page-2", "forum", str(SECTION), FORUM),
    ],
)
async def test_each_spelling_of_a_link_is_known(
    link: str, feed: str, key: str, home: str, client: JobClient
) -> None:
    target = await recognise(ROOT + link, client)

    assert (target.feed, target.key, target.url) == (feed, key, home)


async def test_a_forum_without_friendly_addresses_is_listed_the_same(
    board: World, client: JobClient
) -> None:
    site = Board(world=board, host=HOST, closed=("secret",), pinned=("rules",))
    board.mount(HOST, xenforo(site, plain=True))

    posts = await posts_of(f"https://{HOST}/index.php?forums/pictures.{SECTION}/", client)

    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in board.people[name]]
    assert sorted(post.id for post in posts) == sorted(ids_of(tuple(entries)))


async def test_a_forum_gives_the_posts_of_all_its_threads_once_and_goes_on_anywhere(
    board: World, client: JobClient
) -> None:
    names = ("alice", "bob", "carol", "rules", "shy")
    entries = [entry for name in names for entry in board.people[name]]

    pages = await pages_of(FORUM, client)

    ids = [[post.id for post in page.posts] for page in pages]
    assert sorted(one for page in ids for one in page) == sorted(ids_of(tuple(entries)))
    rest = await pages_of(FORUM, client, pages[3].cursor)
    assert [[post.id for post in page.posts] for page in rest] == ids[4:]


async def test_only_threads_that_fit_the_words_are_opened(board: World, client: JobClient) -> None:
    posts = await posts_of(f"{FORUM}?words=bob,rules", client)

    entries = board.people["bob"] + board.people["rules"]
    assert sorted(post.id for post in posts) == sorted(ids_of(entries))
    assert board.count(HOST, r"all-of-alice") == 0


async def test_a_search_gives_what_it_finds_and_goes_on_where_its_results_are_kept(
    board: World, client: JobClient
) -> None:
    link = f"{ROOT}search/4711/?q=bob&o=relevance&page=3"

    pages = await pages_of(link, client)

    assert [post.id for page in pages for post in page.posts] == ids_of(board.people["bob"])
    assert [page.cursor for page in pages] == ["2", "3", None]
    rest = await pages_of(link, client, pages[0].cursor)
    assert rest == pages[1:]
    target = await recognise(link, client)
    assert (target.feed, target.key) == ("search", "keywords=bob")


async def test_a_search_that_goes_on_and_is_refused_keeps_no_address(
    board: World, client: JobClient
) -> None:
    target = await recognise(f"{ROOT}search/search?keywords=bob", client)
    provider, target = get_chain(target)[0]
    said = "You must wait at least 14 seconds before performing this action."
    page = f'<html id="XF"><div class="p-body-pageContent"><div class="blockMessage">{said}'
    board.plant(HOST, Fault(status=200, body=page.encode()))
    board.log.clear()

    with pytest.raises(RateLimited):
        [page async for page in provider.listing(target, client, "2")]

    assert board.count(HOST) == 1


@pytest.mark.usefixtures("board")
async def test_a_search_that_finds_nothing_is_an_empty_list(client: JobClient) -> None:
    assert await posts_of(f"{ROOT}search/search?keywords=unicorn", client) == []


async def test_what_is_for_members_asks_for_a_login(
    board: World, client: JobClient, connect: Connect
) -> None:
    link = f"{ROOT}threads/all-of-secret.3/"
    with pytest.raises(LoginRequired):
        await posts_of(link, client)

    posts = await posts_of(link, connect(parse_cookies(COOKIES)))

    assert [post.id for post in posts] == ids_of(board.people["secret"])


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("link", ["threads/x.77/", "forums/x.77/", "posts/77/"])
async def test_what_is_not_there_is_gone(link: str, client: JobClient) -> None:
    with pytest.raises(Gone):
        await posts_of(ROOT + link, client)


GUARD = (
    b"<!doctype html><html><head><title>DDoS-Guard</title><script src="
    b'"/.well-known/ddos-guard/js-challenge/index.js" defer></script></head><body><a>log</a></body></html>'
)


async def test_a_guard_before_a_forum_wants_a_person_and_no_login(
    board: World, client: JobClient
) -> None:
    board.plant(HOST, Fault(status=403, body=GUARD))
    with pytest.raises(Challenge):
        await recognise(ALICE, client)

    target = await recognise(ALICE, client)
    board.plant(HOST, Fault(status=403, body=GUARD))
    with pytest.raises(Challenge):
        await client.text(target.url)


OLD = """<!DOCTYPE html><html id="XenForo" lang="en-US" dir="LTR" class="Public NoJs LoggedOut">
<head><base href="https://old.example/f/"><link rel="prev" href="threads/fog.9/page-2">
<link rel="next" href="threads/fog.9/page-4"></head><body><form action="login/login" id="login"></form>
<div class="titleBar"><h1>Fog</h1></div><div class="PageNav"><nav><a href="threads/fog.9/">1</a>
<a href="threads/fog.9/page-7">7</a></nav></div><ol class="messageList" id="messageList">
<li id="post-70" class="message" data-author="ann"><div class="messageUserInfo"><h3 class="userText">
<a href="members/ann.5/" class="username">ann</a></h3></div><div class="messageInfo"><article>
<blockquote class="messageText ugc baseHtml"><div class="bbCodeBlock bbCodeQuote"><aside><blockquote>
<img src="attachments/no-jpg.1/"></blockquote></aside></div>Look <img src="styles/smile.png"
class="mceSmilie"><img src="https://far.example/a.jpg" class="bbCodeImage LbImage"></blockquote></article>
<div class="attachedFiles"><ul class="attachmentList"><li class="attachment image"><div class="thumbnail">
<a href="attachments/b-jpg.55/" class="LbTrigger"><img src="data/attachments/0/88-0a.jpg" alt="b.jpg"></a>
</div><h6 class="filename"><a href="attachments/b-jpg.55/">b.jpg</a></h6></li></ul></div>
<div class="messageMeta"><a href="threads/fog.9/#post-70"><span class="DateTime"
title="Feb 3, 2014 at 9:10 PM">Feb 3, 2014</span></a></div></div></li>
<li id="post-71" class="message deleted placeholder"><div class="messageInfo">gone</div></li></ol>"""
OLD_FORUM = """<html id="XenForo"><head><base href="https://old.example/f/"></head><body>
<div class="discussionList"><ol class="discussionListItems"><li id="thread-8" class="discussionListItem
sticky"><h3 class="title"><a href="threads/rules.8/" class="PreviewTooltip">Rules</a></h3></li>
<li id="thread-9" class="discussionListItem"><h3 class="title"><a href="forums/x.3/?prefix_id=1"
class="prefixLink">P</a><a href="threads/fog.9/unread" class="PreviewTooltip">Fog</a></h3></li></ol></div>"""


def test_version_one_is_read_as_well() -> None:
    document = Document(url="https://old.example/f/threads/fog.9/page-3", text=OLD)

    sheet = read_topic(XENFORO, document, "https://old.example/f/")

    [post] = sheet.posts
    assert [(one.id, one.url, one.filename) for one in post.media] == [
        ("70_1", "https://far.example/a.jpg", "a.jpg"),
        ("55", "https://old.example/f/attachments/b-jpg.55/", "b.jpg"),
    ]
    assert (post.author, post.caption) == ("ann", "Look")
    assert str(post.posted_at) == "2014-02-03 21:10:00+00:00"
    assert (sheet.numbers, sheet.earlier, sheet.last) == ((70,), 2, 7)
    section = read_section(XENFORO, Document(url="https://old.example/f/", text=OLD_FORUM))
    assert section.topics == (("rules.8", True, "Rules"), ("fog.9", False, "Fog"))
