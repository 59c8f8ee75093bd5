"""Any XenForo forum through the real gallery-dl, against the world's exact content."""

import pytest

from gatherum.errors import Gone, LoginRequired
from gatherum.model import Page, Target
from gatherum.ports import EngineFile
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.xenforo import listing, post_of
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, World, items

HOST = "forum.example"
COOKIES = f"# Netscape HTTP Cookie File\n.{HOST}\tTRUE\t/\tTRUE\t0\txf_user\t1%2Cabc\n"


def thread(name: str, number: int) -> Target:
    url = f"https://{HOST}/threads/{name}.{number}/"
    return Target(platform="xenforo", feed="thread", key=str(number), url=url, host=HOST)


async def listed(
    client: EngineClient, target: Target, cursor: str | None = None
) -> tuple[Page, ...]:
    return tuple([page async for page in listing(target, client, cursor)])


def expected(entry: Entry) -> list[str]:
    """Return the media ids of a post: attachments by their number, the rest by their place."""
    match [item.kind for item in entry.items]:
        case ["image"]:
            return [str(entry.items[0].id)]
        case ["video"]:
            return [f"{entry.id}_1"]
        case _:  # the player and the inline picture stand in the text, the attachment below it
            return [f"{entry.id}_1", f"{entry.id}_2", str(entry.items[0].id)]


async def test_a_thread_is_listed_to_the_last_file_newest_first(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    entries = world.people["alice"]

    pages = await listed(client, thread("alice", 1))

    posts = [post for page in pages for post in page.posts]
    assert [post.id for post in posts] == [str(entry.id) for entry in entries]
    assert [[media.id for media in post.media] for post in posts] == [
        expected(entry) for entry in entries
    ]
    assert sum(len(post.media) for post in posts) == len(items(entries)) == 75
    assert len({media.url for post in posts for media in post.media}) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert {(post.platform, post.host) for post in posts} == {("xenforo", HOST)}
    assert gateway.refused == []


async def test_a_post_has_its_words_its_links_and_not_what_it_quotes(
    world: World, client: EngineClient
) -> None:
    pages = await listed(client, thread("bob", 2))

    post = pages[0].posts[0]
    assert post.author == "bob"
    assert post.caption.startswith(world.people["bob"][0].text)
    assert post.links == ("https://elsewhere.example/album",)
    assert post.url == f"https://{HOST}/posts/{post.id}/"
    assert not [
        media for page in pages for post in page.posts for media in post.media if media.id == "7"
    ]


async def test_each_page_of_a_thread_costs_one_permitted_request(
    world: World, client: EngineClient
) -> None:
    pages = await listed(client, thread("alice", 1))

    # The last page is found by a redirect, then the four before it are turned.
    assert world.count(HOST) == 6
    assert client.permits == {HOST: 6}
    assert [len(page.posts) for page in pages] == [5, 10, 10, 10, 10]


async def test_a_thread_goes_on_behind_a_cursor(world: World, client: EngineClient) -> None:
    pages = await listed(client, thread("alice", 1))

    rest = await listed(client, thread("alice", 1), pages[1].cursor)

    assert [post.id for page in rest for post in page.posts] == [
        str(entry.id) for entry in world.people["alice"][15:]
    ]


async def test_a_forum_lists_the_posts_of_all_its_threads(
    world: World, client: EngineClient
) -> None:
    url = f"https://{HOST}/forums/pictures.1/"
    target = Target(platform="xenforo", feed="forum", key="1", url=url, host=HOST)

    pages = await listed(client, target)

    found = [post.id for page in pages for post in page.posts]
    assert found == [str(entry.id) for name in ("alice", "bob") for entry in world.people[name]]


async def test_a_thread_for_members_asks_for_a_login(world: World, client: EngineClient) -> None:
    with pytest.raises(LoginRequired):
        await listed(client, thread("secret", 3))

    assert [hit.status for hit in world.log] == [403]


async def test_a_login_opens_it_for_that_job_alone(world: World, client: EngineClient) -> None:
    client.cookies = COOKIES
    pages = await listed(client, thread("secret", 3))
    client.cookies = None

    assert [post.id for page in pages for post in page.posts] == [
        str(entry.id) for entry in world.people["secret"]
    ]
    with pytest.raises(LoginRequired):
        await listed(client, thread("secret", 3))


async def test_a_deleted_thread_is_gone(world: World, client: EngineClient) -> None:
    with pytest.raises(Gone):
        await listed(client, thread("deleted", 99))

    assert world.count(HOST) == 1


def test_a_picture_is_called_as_by_the_pages_themselves_whatever_stands_before_it() -> None:
    message = {"id": "9", "author": "ann", "date": "2025-10-09 08:53:20", "content": "fog"}
    files = [
        EngineFile(url=f"https://{HOST}/index.php?attachments/a-jpg.4/", meta={"id": 4}),
        EngineFile(url=f"https://{HOST}/proxy.php?image=x&amp;hash=0a", meta={"id": 0}),
    ]

    post = post_of(Draft(meta={"post": message, "root": f"https://{HOST}"}, files=files))

    assert post is not None
    assert [media.id for media in post.media] == ["4", "9_1"]
    assert post.media[1].url == f"https://{HOST}/proxy.php?image=x&hash=0a"
