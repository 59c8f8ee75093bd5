"""Bluesky by our own way and by the real gallery-dl, before one test site: they must agree."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from gatherum.errors import Gone, RateLimited, SourceError, Unavailable, UnexpectedResponse
from gatherum.model import MediaKind, Page, Post
from gatherum.providers import find_chain
from tests.testsites.bluesky import (
    DIRECTORY,
    DOMAIN,
    KEEPER,
    cid_of,
    did_of,
    mount_bluesky,
    rkey_of,
)
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World, items

OURS, THEIRS = "public.api.bsky.app", "api.bsky.app"
PROFILE = f"https://bsky.app/profile/ann.{DOMAIN}"
FEED = "getAuthorFeed$"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 45)
    world.add_person("ben", 4)
    mount_bluesky(world)
    async with Gateway(world) as gateway:
        yield gateway


def number(entry: Entry) -> str:
    return f"{rkey_of(entry)}@{did_of(entry.author).removeprefix('did:plc:')}"


async def pages(url: str, client: SiteClient, way: str, cursor: str | None = None) -> list[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == f"bluesky.{way}"]
    return [page async for page in provider.listing(target, client, cursor)]


async def listed(url: str, client: SiteClient, way: str) -> list[Post]:
    return [post for page in await pages(url, client, way) for post in page.posts]


def told(posts: list[Post]) -> list[Post]:
    """What must be the same by every way: gallery-dl keeps the sizes of files to itself."""
    return [
        replace(post, media=tuple(replace(one, size=None, headers={}) for one in post.media))
        for post in posts
    ]


ways = pytest.mark.parametrize("way", ["native", "gallerydl"])


@ways
async def test_an_account_is_listed_to_the_last_file(
    world: World, client: SiteClient, gateway: Gateway, way: str
) -> None:
    entries = world.people["ann"]

    posts = await listed(PROFILE, client, way)

    assert [post.id for post in posts] == [number(entry) for entry in entries]
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert [media.id for post in posts for media in post.media] == [
        f"{number(entry)}/{cid_of(item)}" for entry in entries for item in entry.items
    ]
    assert len(items(entries)) == 75
    first = posts[0]
    assert (first.author, first.url) == (
        f"ann.{DOMAIN}",
        f"https://bsky.app/profile/ann.{DOMAIN}/post/{rkey_of(entries[0])}",
    )
    assert [media.kind for media in first.media] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.IMAGE,
    ]
    assert {media.url.partition("?")[0] for post in posts for media in post.media} == {
        f"https://{KEEPER}/xrpc/com.atproto.sync.getBlob"
    }
    assert gateway.refused == []


@ways
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("path", "by_date"), [("", True), ("/feed/pictures", False)])
async def test_only_what_an_account_published_is_by_date(
    client: SiteClient, way: str, path: str, *, by_date: bool
) -> None:
    assert {page.by_date for page in await pages(PROFILE + path, client, way)} == {by_date}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("path", ["", "/feed/pictures", "/lists/3kabc"])
async def test_both_ways_tell_the_same(client: SiteClient, path: str) -> None:
    own = await listed(PROFILE + path, client, "native")

    assert len(own) == (49 if path else 45)
    assert told(await listed(PROFILE + path, client, "gallerydl")) == told(own)


@ways
async def test_one_post_is_one_post(world: World, client: SiteClient, way: str) -> None:
    entry = world.people["ann"][0]

    posts = await listed(f"{PROFILE}/post/{rkey_of(entry)}", client, way)

    assert [post.id for post in posts] == [number(entry)]
    assert len(posts[0].media) == len(entry.items) == 3


async def test_a_person_costs_one_request_for_the_name_one_for_the_files_and_one_a_page(
    world: World, client: SiteClient
) -> None:
    await listed(PROFILE, client, "native")

    assert world.count(OURS, "resolveHandle$") == 1
    assert world.count(OURS, FEED) == 3
    assert world.count(DIRECTORY) == 1
    assert len(world.log) == 5


async def test_a_listing_goes_on_behind_any_cursor(world: World, client: SiteClient) -> None:
    found = await pages(PROFILE, client, "native")
    assert [page.cursor for page in found] == ["20", "40", None]

    for place, page in enumerate(found[:-1], start=1):
        rest = await pages(PROFILE, client, "native", page.cursor)

        assert rest == found[place:]
    assert world.count(OURS, FEED) == 3 + 2 + 1


async def test_files_are_looked_for_at_the_first_keeper_if_the_directory_is_down(
    world: World, client: SiteClient
) -> None:
    world.plant(DIRECTORY, Fault(status=503))

    posts = await listed(PROFILE, client, "native")

    assert posts[0].media[0].url.startswith("https://bsky.social/xrpc/")


@ways
@pytest.mark.usefixtures("world")
async def test_an_account_that_does_not_exist_is_gone_by_our_way_alone(
    client: SiteClient, way: str
) -> None:
    # gallery-dl says only that the interface refused: that proves nothing.
    expected = Gone if way == "native" else Unavailable

    with pytest.raises(expected):
        await listed(f"https://bsky.app/profile/nobody.{DOMAIN}", client, way)


@pytest.mark.usefixtures("world")
async def test_a_deleted_post_is_gone(client: SiteClient) -> None:
    with pytest.raises(Gone):
        await listed(f"{PROFILE}/post/3kaaaaaaaaaaa", client, "native")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}, path=FEED), RateLimited),
        (Fault(status=502, path=FEED), Unavailable),
        (Fault(status=200, body=b'{"posts": []}', path=FEED), UnexpectedResponse),
        (
            Fault(
                status=400,
                body=b'{"error": "InvalidRequest", "message": "Error: filter must be known"}',
                path=FEED,
            ),
            UnexpectedResponse,
        ),
        (
            Fault(
                status=400,
                body=b'{"error": "AccountTakedown", "message": "Account has been suspended"}',
                path=FEED,
            ),
            Gone,
        ),
    ],
)
async def test_a_failure_is_named_by_what_was_answered(
    world: World, client: SiteClient, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(OURS, fault)

    with pytest.raises(error):
        await listed(PROFILE, client, "native")


async def test_the_same_page_again_and_again_is_no_answer(world: World, client: SiteClient) -> None:
    same = Fault(status=200, body=b'{"feed": [], "cursor": "x"}', path=FEED)
    world.plant(OURS, same, same)

    with pytest.raises(UnexpectedResponse, match="again and again"):
        await listed(PROFILE, client, "native")


@pytest.mark.parametrize(
    ("url", "feed", "key"),
    [
        ("https://bsky.app/profile/Ann.example", "user", "ann.example"),
        ("https://bsky.app/profile/did:plc:abc234/media/", "user", "did:plc:abc234"),
        ("https://fxbsky.app/profile/ann.example/post/3kabc", "post", "ann.example/3kabc"),
        (
            "https://embed.bsky.app/embed/did:plc:abc234/app.bsky.feed.post/3kabc?id=1",
            "post",
            "did:plc:abc234/3kabc",
        ),
        ("https://www.bsky.app/profile/ann.example/feed/cats?x=1", "feed", "ann.example/cats"),
        ("https://bsky.app/profile/ann.example/lists/3kabc", "list", "ann.example/3kabc"),
    ],
)
def test_links_in_all_their_spellings(url: str, feed: str, key: str) -> None:
    provider, target = find_chain(url)[0]

    assert (provider.name, target.feed, target.key) == ("bluesky.native", feed, key)
