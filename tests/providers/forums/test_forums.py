"""Each forum software is listed in full, through the real client, against the world's exact content."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from gatherum.errors import (
    Challenge,
    Gone,
    InvalidInput,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.client import JobClient
from gatherum.providers import Provider, all_providers
from gatherum.providers.recognise import recognise
from tests.providers.forums.conftest import (
    FORUMS,
    NEWEST,
    SECTIONS,
    SHEETS,
    Connect,
    Forum,
    board_of,
    pages_of,
    posts_of,
)
from tests.testsites.forums.board import Board, post_id
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

ALICE, BOB, SECRET, CAROL, RULES, SHY = range(1, 7)


def media_of(entry: Entry, forum: Forum) -> list[tuple[str, str, str]]:
    """Return (id, address, kind) of a post's files: attachments by number, the rest by place."""
    post = post_id(entry)
    kept: list[tuple[str, str, str]] = [
        (str(item.id), forum.file(item.id), item.kind)
        for place, item in enumerate(entry.items)
        if item.kind == "video" or not place
    ]
    far: list[tuple[str, str, str]] = [
        (f"{post}_1", f"https://{forum.host}/pics/{item.name}", item.kind)
        for place, item in enumerate(entry.items)
        if item.kind == "image" and place
    ]
    within = (post // 100) % 2 == 1
    return kept + far if within else far + kept


def told(entry: Entry, forum: Forum) -> datetime:
    """Return when a post was written, as exactly as the forum tells it: two leave the seconds out."""
    return entry.at if forum.name == "phpbb" else entry.at.replace(second=0)


def provider_of(forum: Forum, feed: str) -> Provider:
    [found] = [one for one in all_providers() if (one.platform, one.feed) == (forum.platform, feed)]
    return found


async def test_a_topic_is_listed_to_the_last_file_newest_first(
    forum: Forum, world: World, client: JobClient, gateway: Gateway
) -> None:
    entries = world.people["alice"]

    posts = await posts_of(forum.topic(ALICE), client)

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in entries]
    found = [[(m.id, m.url, str(m.kind)) for m in post.media] for post in posts]
    assert found == [media_of(entry, forum) for entry in entries]
    assert sum(map(len, found)) == len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [told(entry, forum) for entry in entries]
    assert {(post.platform, post.host, post.author) for post in posts} == {
        (forum.platform, forum.host, "alice")
    }
    assert gateway.refused == []


async def test_a_post_has_its_words_and_links_and_nothing_of_what_it_quotes(
    forum: Forum, world: World, client: JobClient
) -> None:
    posts = await posts_of(forum.topic(BOB), client)

    entries = world.people["bob"]
    assert [post.caption.split("\n")[0].strip() for post in posts] == [one.text for one in entries]
    assert {post.links for post in posts} == {("https://elsewhere.example/album",)}
    assert [post.url for post in posts] == [forum.post(post_id(one)) for one in entries]
    assert not [
        post for post in posts if "Quote" in post.caption or "wrote" in post.caption.lower()
    ]
    names = [media.filename for post in posts for media in post.media]
    assert sorted(map(str, names)) == sorted(item.name for item in items(entries))


async def test_the_bytes_of_every_media_are_the_large_ones(
    forum: Forum, world: World, client: JobClient
) -> None:
    posts = await posts_of(forum.topic(RULES), client)

    for post, entry in zip(posts, world.people["rules"], strict=True):
        for media in post.media:
            bodies = {item.body[:256] for item in entry.items}
            assert (await client.probe(media.url)).head[:256] in bodies


async def test_each_page_costs_one_request_and_the_newest_comes_with_the_first(
    forum: Forum, world: World, client: JobClient
) -> None:
    pages = await pages_of(forum.topic(ALICE), client)

    # 45 posts and 15 answers in words alone, 10 a page; one more request says what the link is.
    assert world.count(forum.host) == 6 + 1
    assert sum(len(page.posts) for page in pages) == 45
    assert pages[0].posts[0].id == str(post_id(world.people["alice"][0]))
    assert pages[-1].cursor is None


async def test_who_stops_early_asks_no_more(forum: Forum, world: World, client: JobClient) -> None:
    target = await recognise(forum.topic(ALICE), client)

    async for _ in provider_of(forum, "topic").listing(target, client, None):
        break

    assert world.count(forum.host) == 2


async def test_a_topic_goes_on_behind_any_page(forum: Forum, client: JobClient) -> None:
    pages = await pages_of(forum.topic(ALICE), client)
    ids = [[post.id for post in page.posts] for page in pages]

    for place, page in enumerate(pages[:-1]):
        assert page.cursor is not None
        rest = await pages_of(forum.topic(ALICE), client, page.cursor)
        assert [[post.id for post in one.posts] for one in rest] == ids[place + 1 :]


async def test_a_member_who_is_led_to_the_first_new_post_still_gets_the_newest(
    forum: Forum, world: World, connect: Connect
) -> None:
    posts = await posts_of(forum.topic(ALICE), connect(forum.jar))

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in world.people["alice"]]


@pytest.fixture
def small(world: World, forum: Forum) -> Iterator[World]:
    """The section without the topic whose files are withheld."""
    board = Board(world=world, host=forum.host, closed=("secret", "shy"), pinned=("rules",))
    world.mount(forum.host, forum.site(board))
    yield world
    world.mount(forum.host, forum.site(board_of(world, forum)))


async def test_a_section_gives_the_posts_of_all_its_topics_once(
    forum: Forum, small: World, client: JobClient, gateway: Gateway
) -> None:
    entries = [one for name in ("alice", "bob", "carol", "rules") for one in small.people[name]]

    posts = await posts_of(forum.section(SECTIONS[forum.platform]), client)

    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in entries)
    assert sum(len(post.media) for post in posts) == len(items(entries)) == 138
    assert gateway.refused == []


@pytest.mark.usefixtures("small")
async def test_nothing_behind_a_page_of_a_section_is_newer_than_it(
    forum: Forum, client: JobClient
) -> None:
    pages = await pages_of(forum.section(SECTIONS[forum.platform]), client)

    shown = [[int(post.id) for post in page.posts] for page in pages if page.posts]
    assert len(shown) == 13
    for place, numbers in enumerate(shown):
        assert numbers == sorted(numbers, reverse=True)
        assert all(numbers[0] > other[0] for other in shown[place + 1 :])


@pytest.mark.usefixtures("small")
async def test_a_section_comes_newest_first_to_a_member_who_has_set_another_order(
    forum: Forum, connect: Connect
) -> None:
    pages = await pages_of(forum.section(SECTIONS[forum.platform]), connect(forum.jar))

    first, *others = [int(page.posts[0].id) for page in pages if page.posts]
    assert first > max(others)


@pytest.mark.parametrize(("since", "requests"), [(4200, 4), (2000, 10)])
async def test_a_section_that_is_looked_at_again_shows_all_new_posts_with_few_requests(
    forum: Forum, small: World, client: JobClient, since: int, requests: int
) -> None:
    target = await recognise(forum.section(SECTIONS[forum.platform]), client)
    small.log.clear()
    known = {
        str(post_id(entry))
        for name in ("alice", "bob", "carol", "rules")
        for entry in small.people[name]
        if post_id(entry) < since
    }

    seen: set[str] = set()
    async for page in provider_of(forum, "forum").listing(target, client, None):
        ids = {post.id for post in page.posts}
        seen |= ids
        if ids and ids <= known:
            break  # as the program does

    new = {str(post_id(one)) for name in ("alice", "bob") for one in small.people[name]} - known
    assert new <= seen
    # The topics, the newest page of each that could be newer, what is new, and one page more.
    sheets = NEWEST if since == 4200 else SHEETS
    assert small.count(forum.host) == requests + sheets[forum.platform]


async def test_a_section_goes_on_behind_any_page(
    forum: Forum, small: World, client: JobClient
) -> None:
    link = forum.section(SECTIONS[forum.platform])
    pages = await pages_of(link, client)
    ids = [[post.id for post in page.posts] for page in pages]
    # The pages of topics, and one request to recognise; the last page only says that this is all.
    assert small.count(forum.host) == len(pages) - 1 + SHEETS[forum.platform] + 1

    for place, page in list(enumerate(pages[:-1]))[::3]:
        assert page.cursor is not None
        rest = await pages_of(link, client, page.cursor)
        assert [[post.id for post in one.posts] for one in rest] == ids[place + 1 :]
    assert pages[-1].cursor is None


@pytest.mark.parametrize("forum", [FORUMS[0], FORUMS[2]], ids=["phpbb", "mybb"], indirect=True)
async def test_a_topic_that_is_deleted_while_a_section_is_listed_is_passed_over(
    forum: Forum, small: World, client: JobClient
) -> None:
    link = forum.section(SECTIONS[forum.platform])
    path = "viewtopic" if forum.name == "phpbb" else "showthread"
    small.plant(forum.host, Fault(status=404, body=b"no", path=path))

    posts = await posts_of(link, client)

    assert {post.author for post in posts} == {"alice", "bob", "carol"}


async def test_a_single_post_is_the_same_post(
    forum: Forum, world: World, client: JobClient
) -> None:
    entry = world.people["alice"][20]

    [post] = await posts_of(forum.post(post_id(entry)), client)

    posts = await posts_of(forum.topic(ALICE), client)
    assert post == posts[20]


async def test_a_post_in_words_alone_gives_nothing(
    forum: Forum, world: World, client: JobClient
) -> None:
    answered = [entry for place, entry in enumerate(world.people["bob"][::-1]) if place % 3 == 2]

    assert await posts_of(forum.post(post_id(answered[0]) + 50), client) == []


async def test_what_is_for_members_asks_for_a_login(
    forum: Forum, world: World, client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(forum.topic(SECRET), client)

    posts = await posts_of(forum.topic(SECRET), connect(forum.jar))

    assert [post.id for post in posts] == [str(post_id(entry)) for entry in world.people["secret"]]


async def test_attachments_that_are_withheld_ask_for_a_login(
    client: JobClient, connect: Connect, world: World
) -> None:
    phpbb = FORUMS[0]

    with pytest.raises(LoginRequired, match="attachments"):
        await posts_of(phpbb.topic(SHY), client)

    posts = await posts_of(phpbb.topic(SHY), connect(phpbb.jar))
    assert [post.id for post in posts] == [str(post_id(entry)) for entry in world.people["shy"]]


async def test_a_topic_that_was_deleted_is_gone_where_the_forum_says_so(
    forum: Forum, client: JobClient
) -> None:
    with pytest.raises(LoginRequired if forum.name == "smf" else Gone):
        await posts_of(forum.topic(99), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=403, body=b"<title>Just a moment...</title>"), Challenge),
        (Fault(status=403, body=b"Please log in"), LoginRequired),
        (Fault(status=200, body=b"<html><p>All is new here."), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    forum: Forum, world: World, client: JobClient, fault: Fault, error: type[SourceError]
) -> None:
    target = await recognise(forum.topic(BOB), client)
    topic = provider_of(forum, "topic")
    world.plant(forum.host, fault)

    with pytest.raises(error):
        [page async for page in topic.listing(target, client, None)]


async def test_a_cursor_of_something_else_is_refused(forum: Forum, client: JobClient) -> None:
    for link in (forum.topic(BOB), forum.section(SECTIONS[forum.platform])):
        with pytest.raises(InvalidInput):
            await pages_of(link, client, "after:7")
