"""Any Mastodon server through the real gallery-dl, against the world's exact content."""

import pytest

from gatherum.errors import (
    Challenge,
    Gone,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import MediaKind, Page, Target
from gatherum.providers import find_targets
from gatherum.providers.engines.mastodon import status, user
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway
from tests.testsites.world import Fault, World, items

HOST = "social.example"


def account(name: str) -> Target:
    url = f"https://{HOST}/@{name}"
    return Target(platform="mastodon", feed="user", key=f"@{name}", url=url, host=HOST)


async def listed(
    client: EngineClient, target: Target, cursor: str | None = None
) -> tuple[Page, ...]:
    return tuple([page async for page in user(target, client, cursor)])


async def test_an_account_is_listed_to_the_last_file_newest_first(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    entries = world.people["alice"]

    pages = await listed(client, account("alice"))

    posts = [post for page in pages for post in page.posts]
    assert [post.id for post in posts] == [str(entry.id) for entry in entries]
    assert [media.id for post in posts for media in post.media] == [
        str(item.id) for item in items(entries)
    ]
    assert len(items(entries)) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert {post.platform for post in posts} == {"mastodon"}
    assert {post.host for post in posts} == {HOST}
    assert (posts[0].author, posts[0].caption) == ("alice", entries[0].text)
    assert posts[0].url == f"https://{HOST}/@alice/{entries[0].id}"
    assert [media.kind for media in posts[0].media] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.IMAGE,
    ]
    assert gateway.refused == []


async def test_every_request_has_its_permit_and_its_answer(
    world: World, client: EngineClient
) -> None:
    await listed(client, account("alice"))

    assert world.count(HOST) == 4  # the account, and three pages of it
    assert client.permits == {HOST: 4}
    assert client.answers == [(HOST, 200, None)] * 4


async def test_a_page_ends_where_the_site_turns_one(world: World, client: EngineClient) -> None:
    pages = await listed(client, account("alice"))

    assert [len(page.posts) for page in pages] == [20, 20, 5]
    assert [page.cursor is None for page in pages] == [False, False, True]
    assert world.count(HOST, "/statuses$") == 3


async def test_a_listing_goes_on_behind_any_cursor(world: World, client: EngineClient) -> None:
    pages = await listed(client, account("alice"))

    for index, page in enumerate(pages[:-1]):
        rest = await listed(client, account("alice"), page.cursor)

        behind = [post.id for later in pages[index + 1 :] for post in later.posts]
        assert [post.id for page in rest for post in page.posts] == behind
    assert world.people["alice"]


async def test_new_posts_on_top_hide_nothing_behind_a_cursor(
    world: World, client: EngineClient
) -> None:
    entries = world.people["bob"]
    world.people["bob"] = entries[3:]
    first = (await listed(client, account("bob")))[0]
    world.people["bob"] = entries

    rest = await listed(client, account("bob"), first.cursor)

    found = [post.id for page in rest for post in page.posts]
    assert found == [str(entry.id) for entry in entries[20:]]  # rather three twice than one never


async def test_whoever_stops_listening_stops_the_requests(
    world: World, client: EngineClient
) -> None:
    pages = user(account("alice"), client, None)
    async for page in pages:
        assert len(page.posts) == 20
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert world.count(HOST, "/statuses$") == 1


async def test_one_status_is_one_post(world: World, client: EngineClient) -> None:
    entry = world.people["alice"][0]
    url = f"https://{HOST}/@alice/{entry.id}"
    target = Target(platform="mastodon", feed="status", key=str(entry.id), url=url, host=HOST)

    pages = [page async for page in status(target, client, None)]

    assert [[post.id for post in page.posts] for page in pages] == [[str(entry.id)]]
    assert [media.id for media in pages[0].posts[0].media] == [str(item.id) for item in entry.items]
    assert world.count(HOST) == 1


async def test_an_account_that_does_not_exist_is_gone(world: World, client: EngineClient) -> None:
    with pytest.raises(Gone):
        await listed(client, account("nobody"))

    assert [hit.status for hit in world.log] == [404, 200]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503, path="/statuses$"), Unavailable),
        (Fault(status=403, headers={"cf-mitigated": "challenge"}, path="/statuses$"), Challenge),
    ],
)
async def test_a_failure_is_named_by_what_the_site_answered(
    world: World, client: EngineClient, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(HOST, fault)

    with pytest.raises(error):
        await listed(client, account("alice"))

    assert world.count(HOST, "/statuses$") == 1  # it is not hammered


async def test_being_asked_to_slow_down_ends_the_job_and_tells_for_how_long(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, Fault(status=429, headers={"Retry-After": "7"}, path="/statuses$"))

    with pytest.raises(RateLimited) as caught:
        await listed(client, account("alice"))

    assert caught.value.retry_after == 7
    assert client.answers[-1] == (HOST, 429, 7.0)
    assert world.count(HOST) == 2


async def test_an_extractor_cannot_overlook_that_it_is_asked_to_slow_down(
    world: World, client: EngineClient
) -> None:
    # gallery-dl tries another way when the first question fails, whatever the reason.
    world.plant(HOST, Fault(status=429, headers={"Retry-After": "3"}, path="/lookup$"))

    with pytest.raises(RateLimited):
        await listed(client, account("alice"))

    assert world.count(HOST) == 1


async def test_a_page_that_is_missing_in_the_middle_makes_nothing_gone(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, Fault(path="/statuses$"), Fault(status=404, path="/statuses$"))

    with pytest.raises(UnexpectedResponse):
        await listed(client, account("alice"))


async def test_what_was_found_before_a_failure_is_kept_with_its_cursor(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, Fault(path="/statuses$"), Fault(status=500, path="/statuses$"))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in user(account("alice"), client, None):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    rest = await listed(client, account("alice"), kept[-1].cursor)

    posts = [post.id for page in (*kept, *rest) for post in page.posts]
    assert posts == [str(entry.id) for entry in world.people["alice"]]


def test_a_known_server_is_claimed_without_a_request() -> None:
    ((provider, target),) = find_targets("https://mastodon.social/@Gargron/media")

    assert provider.name == "mastodon.gallerydl"
    assert (target.feed, target.key, target.host) == ("user", "@Gargron", "mastodon.social")
    assert target.url == "https://mastodon.social/@Gargron"


@pytest.mark.parametrize("path", ["deck/@Gargron/1", "web/@Gargron/1", "@Gargron/1/embed"])
def test_a_status_is_the_same_wherever_its_server_shows_it(path: str) -> None:
    ((_, target),) = find_targets(f"https://mastodon.social/{path}")

    assert [target] == [one for _, one in find_targets("https://mastodon.social/@Gargron/1")]
    assert target.url == "https://mastodon.social/@Gargron/1"


def test_a_person_is_the_same_in_each_interface() -> None:
    assert find_targets("https://mastodon.social/deck/@Gargron") == find_targets(
        "https://mastodon.social/@Gargron"
    )
