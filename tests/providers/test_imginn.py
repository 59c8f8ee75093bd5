"""Instagram through ImgInn: the same posts under the same numbers, asked for with few requests."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gatherum.db import Database
from gatherum.errors import (
    Challenge,
    Gone,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import MediaKind, Page, Post
from gatherum.providers import find_chain
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line
from tests.suites.looking import look
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.imginn import HOST, WALL, mount_imginn
from tests.testsites.instagram_ids import item_pk, post_pk, shortcode
from tests.testsites.world import Entry, Fault, World, items

PROFILE = "https://www.instagram.com/ann/"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 30)
    world.add_person("new", 0)
    world.add_person("ann.story", 6)
    world.add_person("many", 40)
    mount_imginn(world)
    async with Gateway(world) as gateway:
        yield gateway


async def pages(url: str, client: SiteClient, cursor: str | None = None) -> list[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == "instagram.imginn"]
    return [page async for page in provider.listing(target, client, cursor)]


async def listed(url: str, client: SiteClient) -> list[Post]:
    return [post for page in await pages(url, client) for post in page.posts]


def numbers(entry: Entry) -> list[str]:
    """The numbers of a post's files as Instagram itself gives them."""
    if len(entry.items) == 1:
        return [post_pk(entry)]
    return [item_pk(entry, item) for item in entry.items]


async def test_a_profile_is_listed_to_the_last_file_under_instagrams_own_numbers(
    world: World, client: SiteClient, gateway: Gateway
) -> None:
    entries = world.people["ann"]

    posts = await listed(PROFILE, client)

    assert [post.id for post in posts] == [post_pk(entry) for entry in entries]
    assert [media.id for post in posts for media in post.media] == [
        number for entry in entries for number in numbers(entry)
    ]
    assert sum(len(post.media) for post in posts) == len(items(entries)) == 50
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {(post.platform, post.host, post.author) for post in posts} == {("instagram", "", "ann")}
    assert posts[0].url == f"https://www.instagram.com/p/{shortcode(post_pk(entries[0]))}/"
    assert [media.kind for media in posts[0].media] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.IMAGE,
    ]
    assert not any("dl=1" in media.url for post in posts for media in post.media)
    assert gateway.refused == []


async def test_what_is_pinned_is_known_by_standing_before_newer_ones(
    world: World, client: SiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = world.people["ann"]
    shown = (entries[4], entries[2], entries[0], entries[1], entries[3])
    monkeypatch.setitem(world.people, "ann", shown)

    posts = await listed(PROFILE, client)

    assert [post.id for post in posts] == [post_pk(entry) for entry in shown]
    assert [post.pinned for post in posts] == [True, True, False, False, False]


async def test_whoever_meets_what_is_known_has_asked_for_little(
    world: World, client: SiteClient
) -> None:
    [(provider, target)] = [s for s in find_chain(PROFILE) if s[0].name == "instagram.imginn"]

    listing = provider.listing(target, client, None)
    found = [await anext(listing), await anext(listing)]
    await listing.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert [len(page.posts) for page in found] == [1, 1]
    assert [hit.path.split("/")[1] for hit in world.log] == ["ann", "p", "p"]


async def test_a_second_look_ends_among_the_first_posts_although_one_is_pinned(
    world: World, client: SiteClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = world.people["ann"]
    monkeypatch.setitem(world.people, "ann", (entries[9], *entries[:9], *entries[10:]))
    async with Line(database, ForgettingDisk()) as line:
        await look(line, PROFILE, client, way="instagram.imginn", job="first")
        assert world.count(HOST, "^/p/") == 12
        world.log.clear()

        await look(line, PROFILE, client, way="instagram.imginn", job="second")

    assert (world.count(HOST, "^/p/"), world.count(HOST, "^/api/")) == (2, 0)


async def test_all_of_it_costs_a_request_for_each_of_the_first_dozen_and_one_for_each_further(
    world: World, client: SiteClient
) -> None:
    await listed(PROFILE, client)

    assert (world.count(HOST, "^/p/"), world.count(HOST, "^/api/posts/")) == (12, 2)
    assert len(world.log) == 15


@pytest.mark.usefixtures("world")
async def test_a_listing_goes_on_behind_any_cursor(client: SiteClient) -> None:
    found = await pages(PROFILE, client)

    for place, page in enumerate(found[:-1], start=1):
        rest = await pages(PROFILE, client, page.cursor)

        # Addresses are signed anew each time.
        assert [post.id for page in rest for post in page.posts] == [
            post.id for page in found[place:] for post in page.posts
        ]
    assert found[-1].cursor is None


async def test_one_post_is_one_post(world: World, client: SiteClient) -> None:
    entry = world.people["ann"][0]

    [post] = await listed(f"https://www.instagram.com/p/{shortcode(post_pk(entry))}/", client)

    assert [media.id for media in post.media] == numbers(entry)


async def test_a_post_in_which_somebody_is_tagged_is_its_authors(
    world: World, client: SiteClient
) -> None:
    posts = await listed("https://www.instagram.com/new/tagged/", client)

    shown = [*world.people["ann"], *world.people["many"]]
    assert [(post.id, post.author) for post in posts] == [(post_pk(e), e.author) for e in shown]


async def test_a_post_is_dated_by_its_page_and_read_from_frames_that_are_not_filled_yet(
    world: World, client: SiteClient
) -> None:
    body = (
        '<div class="page-post" data-created="1743438570"><div class="desc">Fog</div>'
        '<div class="media-wrap"><img src="/images/blank.gif" data-src="https://cdn.test/1_n.jpg"></div>'
        '<div class="media-wrap video"><video src="https://cdn.test/2.mp4" poster="x"></video>'
        '<img src="https://cdn.test/cover_n.jpg"></div></div>'
    )
    world.plant(HOST, Fault(status=200, body=body.encode(), path="^/p/"))

    [post] = await listed(
        f"https://www.instagram.com/p/{shortcode('3600545900919030401')}/", client
    )

    assert post.posted_at == datetime(2025, 3, 31, 16, 29, 30, tzinfo=UTC)
    assert [media.url for media in post.media] == [
        "https://cdn.test/1_n.jpg",
        "https://cdn.test/2.mp4",
    ]


async def test_a_video_among_others_has_the_number_that_its_cover_tells(
    world: World, client: SiteClient
) -> None:
    keys = [b64encode(number).decode().rstrip("=") for number in (b"3600000000000000001", b"36002")]
    first, second = (
        f"https://cdn.test/{place}.jpg?ig_cache_key={key}.2" for place, key in enumerate(keys)
    )
    frames = (
        f'<div class="media-wrap"><img src="/images/blank.gif" data-src="{first}"></div>'
        f'<div class="media-wrap"><video src="https://cdn.test/2.mp4" poster="{second}"></video></div>'
    )
    saved = (
        f'<a href="{first}&amp;dl=1">Download</a><a href="https://cdn.test/2.mp4?dl=1">Download</a>'
    )
    world.plant(HOST, Fault(status=200, body=(frames + saved).encode(), path="^/p/"))

    [post] = await listed("https://www.instagram.com/p/DPlabcdEFGH/", client)

    assert [media.id for media in post.media] == ["3600000000000000001", "36002"]
    assert [media.kind for media in post.media] == [MediaKind.IMAGE, MediaKind.VIDEO]


async def test_stories_are_listed_newest_first_under_the_numbers_of_their_items(
    world: World, client: SiteClient
) -> None:
    entries = world.people["ann.story"]

    posts = await listed("https://www.instagram.com/stories/ann/", client)

    assert {post.id for post in posts} == {
        item_pk(entry, item) for entry in entries for item in entry.items
    }
    assert len(posts) == len(items(entries)) == 10
    assert [post.posted_at for post in posts] == sorted(
        (entry.at for entry in entries for _ in entry.items), reverse=True
    )
    assert {(post.author, len(post.media)) for post in posts} == {("ann", 1)}
    assert posts[0].url == f"https://www.instagram.com/stories/ann/{posts[0].id}/"
    assert not any("dl=1" in media.url for post in posts for media in post.media)


async def test_whose_stories_are_over_shows_none(world: World, client: SiteClient) -> None:
    assert await listed("https://www.instagram.com/stories/new/", client) == []
    assert len(world.log) == 1


async def test_reels_are_those_of_a_person(world: World, client: SiteClient) -> None:
    reels = [entry for entry in world.people["ann"] if entry.items[0].kind == "video"]

    posts = await listed("https://www.instagram.com/ann/reels/", client)

    assert [post.id for post in posts] == [post_pk(entry) for entry in reels]
    assert len(posts) == 10


@pytest.mark.usefixtures("world")
async def test_the_newest_reels_are_not_held_for_all_there_are(client: SiteClient) -> None:
    url = "https://www.instagram.com/many/reels/"
    [(provider, target)] = [s for s in find_chain(url) if s[0].name == "instagram.imginn"]
    found: list[Post] = []

    with pytest.raises(Unavailable, match="newest"):  # noqa: PT012  # what came before counts
        async for page in provider.listing(target, client, None):
            found += page.posts

    assert len(found) == 12


@pytest.mark.usefixtures("world")
async def test_a_profile_without_a_post_is_empty(client: SiteClient) -> None:
    assert await listed("https://www.instagram.com/new/", client) == []


async def test_files_without_a_number_are_counted_in_their_post(
    world: World, client: SiteClient
) -> None:
    mount_imginn(world, keyed=False)
    entry = world.people["ann"][0]
    try:
        [post] = await listed(f"https://www.instagram.com/p/{shortcode(post_pk(entry))}/", client)
    finally:
        mount_imginn(world)

    assert [media.id for media in post.media] == [f"{post.id}_1", f"{post.id}_2", f"{post.id}_3"]


NEW = (
    '<html><body><div class="userinfo"></div><div class="counter"><div class="counter-item">'
    '<div class="num">{count}</div><span>posts</span></div></div>{rest}</body></html>'
)
MORE = '<a class="load-more" data-cursor="12" data-id="7" data-username="ann">More</a>'


async def test_a_profile_that_counts_no_posts_is_empty(world: World, client: SiteClient) -> None:
    world.plant(HOST, Fault(status=200, body=NEW.format(count=0, rest="").encode()))

    assert await listed(PROFILE, client) == []


async def test_a_post_has_its_authors_name_on_instagram_and_all_its_words(
    world: World, client: SiteClient
) -> None:
    page = (
        '<div class="user"><a class="name" href="/ann/">Ann Example</a></div><div class="desc">Fog '
        '<a href="/tags/fog/">#fog</a> with <a href="/ben/">@ben</a><br>and &lt;rain&gt;</div>'
        '<div class="downloads"><a href="https://cdn.example/1.jpg?dl=1">Download</a></div>'
    )
    world.plant(HOST, Fault(status=200, body=page.encode()))

    [post] = await listed("https://www.instagram.com/p/DPlabcdEFGH/", client)

    assert (post.author, post.caption) == ("ann", "Fog #fog with @ben\nand <rain>")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=200, body=NEW.format(count=31, rest="").encode()), Unavailable),
        (Fault(status=200, body=NEW.format(count=31, rest=MORE).encode()), UnexpectedResponse),
        (Fault(status=429, headers={"Retry-After": "30"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=403, body=WALL.encode(), headers={"cf-mitigated": "challenge"}), Challenge),
        (Fault(status=404), Gone),  # which the chain doubts: ImgInn is not Instagram
        (Fault(status=200, body=b"<html><body>All is new here</body></html>"), UnexpectedResponse),
        (
            Fault(status=200, body=b"<html><body>Advertisement</body></html>", path="^/p/"),
            UnexpectedResponse,
        ),
        (Fault(status=200, body=b'{"posts": []}', path="^/api/"), UnexpectedResponse),
        (
            Fault(
                status=200, body=b'{"items": [], "cursor": "12", "hasNext": true}', path="^/api/"
            ),
            UnexpectedResponse,
        ),
    ],
)
async def test_a_failure_is_named_by_what_was_answered(
    world: World, client: SiteClient, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(HOST, fault)

    with pytest.raises(error):
        await listed(PROFILE, client)


def test_it_stands_behind_instagrams_own_ways_and_wants_a_consent() -> None:
    chain = [one for one, _ in find_chain(PROFILE)]
    viewer = next(one for one in chain if one.name == "instagram.imginn")

    assert chain.index(viewer) > 0
    assert (viewer.direct, viewer.site, viewer.needs.consent) == (
        False,
        "imginn.com",
        "instagram.viewer_sites",
    )
