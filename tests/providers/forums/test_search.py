"""A forum's search is followed by the link of its results: the posts that it found, and no others."""

from collections.abc import Iterator

import pytest

from gatherum.errors import InvalidInput, LoginRequired, RateLimited, UnexpectedResponse
from gatherum.fetching.client import JobClient
from gatherum.providers import get_chain
from gatherum.providers.recognise import recognise
from tests.providers.forums.conftest import pages_of, posts_of
from tests.testsites.forums import mybb
from tests.testsites.forums.board import PAGE, Board, post_id
from tests.testsites.forums.invision import invision
from tests.testsites.gateway import Gateway
from tests.testsites.world import Fault, World

LINKS = {
    "phpbb.example": "https://phpbb.example/board/search.php?keywords=bob",
    "smf.example": "https://smf.example/index.php?action=search2;search=bob",
    "vbulletin3.example": "https://vbulletin3.example/search.php?do=process&query=bob",
    "vbulletin4.example": "https://vbulletin4.example/search.php?do=process&query=bob&page=2",
    "invision.example": "https://invision.example/search/?q=bob&quick=1&type=core_members",
    "mybb.example": f"https://mybb.example/search.php?action=results&sid={mybb.SEARCHED_POSTS}",
}


@pytest.fixture(autouse=True)
def invision_board(world: World) -> Iterator[None]:
    world.mount("invision.example", invision(Board(world=world, host="invision.example")))
    yield
    del world.sites["invision.example"]


SEARCHES = pytest.mark.parametrize(("host", "link"), LINKS.items(), ids=list(LINKS))


@SEARCHES
async def test_the_posts_that_a_search_found_are_listed_newest_first(
    host: str, link: str, world: World, client: JobClient, gateway: Gateway
) -> None:
    pages = await pages_of(link, client)

    posts = [post for page in pages for post in page.posts]
    assert [post.id for post in posts] == [str(post_id(one)) for one in world.people["bob"]]
    assert posts[0] in await posts_of(posts[0].url, client)
    assert (len(pages), pages[-1].cursor) == (3, None)
    for place, page in enumerate(pages[:-1]):
        rest = await pages_of(link, client, page.cursor)
        assert rest == pages[place + 1 :]
    assert gateway.refused == []
    assert world.count(host) > 0


@SEARCHES
async def test_results_on_one_page_of_a_topic_cost_one_request(
    host: str, link: str, world: World, client: JobClient
) -> None:
    target = await recognise(link, client)
    [(provider, _)] = get_chain(target)
    world.log.clear()

    [page async for page in provider.listing(target, client, None)]

    # Three pages of results, and for each of them those of the topic that hold its ten posts.
    assert len([hit for hit in world.log if hit.host == host and hit.status == 200]) <= 3 + 3 * 3


async def test_topics_that_were_found_as_such_are_listed_whole_page_by_page(
    world: World, client: JobClient
) -> None:
    link = f"https://mybb.example/search.php?action=results&sid={mybb.SEARCHED_THREADS}"
    entries = [entry for name in ("bob", "carol") for entry in world.people[name]]

    pages = await pages_of(link, client)

    posts = [post for page in pages for post in page.posts]
    assert sorted(post.id for post in posts) == sorted(str(post_id(one)) for one in entries)
    newest = [max(int(post.id) for post in page.posts) for page in pages if page.posts]
    assert newest == sorted(newest, reverse=True)  # behind a page nothing is newer
    assert max(len(page.posts) for page in pages) <= PAGE
    for place, page in enumerate(pages[:-1]):
        rest = await pages_of(link, client, page.cursor)
        assert rest == pages[place + 1 :]


@pytest.mark.usefixtures("world")
async def test_what_was_not_found_is_nothing_or_is_said(client: JobClient) -> None:
    nothing = "https://smf.example/index.php?action=search2;search=unicorn"
    assert await posts_of(nothing, client) == []
    assert await posts_of("https://invision.example/search/?q=unicorn", client) == []

    with pytest.raises(UnexpectedResponse):
        await posts_of("https://mybb.example/search.php?action=results&sid=000", client)
    with pytest.raises(InvalidInput):
        await pages_of(LINKS["phpbb.example"], client, "after:7")


@SEARCHES
async def test_a_search_for_members_asks_for_a_login(
    host: str, link: str, world: World, client: JobClient
) -> None:
    target = await recognise(link, client)
    [(provider, _)] = get_chain(target)
    world.plant(host, Fault(status=403, body=b"Please log in"))

    with pytest.raises(LoginRequired):
        [page async for page in provider.listing(target, client, None)]


@pytest.mark.parametrize(
    "said",
    [
        "Sorry but you cannot use search at this time. Please try again in 14 seconds.",
        "You can only perform one search every 30 seconds. Please wait another 14 second(s).",
    ],
)
async def test_a_forum_that_searches_seldom_is_asked_later(
    said: str, world: World, client: JobClient
) -> None:
    target = await recognise(LINKS["phpbb.example"], client)
    [(provider, _)] = get_chain(target)
    page = f'<body id="phpbb"><div id="message"><p>{said}</p></div></body>'
    world.plant(target.host, Fault(status=200, body=page.encode()))

    with pytest.raises(RateLimited) as told:
        [page async for page in provider.listing(target, client, None)]

    assert told.value.retry_after == 14
