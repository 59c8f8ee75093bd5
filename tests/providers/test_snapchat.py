"""Snapchat by our own way and by the real gallery-dl and yt-dlp, before one test site: they must agree."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from yt_dlp.extractor.snapchat import SnapchatSpotlightIE

from gatherum.db import Database
from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Withheld,
)
from gatherum.fetching.budget import Budget
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import MediaKind, Post
from gatherum.ports import EngineFile, EngineRequest
from gatherum.providers import find_chain, find_targets
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.providers.recognise import recognise
from gatherum.safety.policy import Policy
from tests.suites.line import SystemClock
from tests.testsites.gateway import Gateway
from tests.testsites.snapchat import (
    ROOT,
    content_id,
    highlight_id,
    highlights,
    live,
    mount_snapchat,
    profile_page,
    snap_id,
    spotlight_id,
    spotlights,
    taken_at,
)
from tests.testsites.world import Entry, Fault, Item, World

HOST = "www.snapchat.com"
WAYS = ("native", "gallerydl")
ways = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 40)
    for name in ("ben", "quinn", "clara", "wally"):
        world.add_person(name, 6)
    mount_snapchat(world, quiet=["quinn"], closed=["clara"], walled=["wally"])
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
async def http(gateway: Gateway, sqlite_database: Database) -> AsyncIterator[Http]:
    clock = SystemClock()
    http = Http(
        policy=Policy(),
        budget=Budget(sqlite_database, clock, lambda: 0.0),
        clock=clock,
        proxy=gateway.url,
        ca_bundle=gateway.bundle,
        connections=4,
        per_host=4,
        stall_s=5.0,
    )
    yield http
    await http.close()


@pytest.fixture
def client(http: Http, pool: EnginePool) -> JobClient:
    return JobClient(http, pool, platform="snapchat", login="", jar=Jar(), meter=Meter())


async def listed(url: str, client: JobClient, way: str) -> list[Post]:
    name = f"snapchat.{way}"
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == name]
    pages = [page async for page in provider.listing(target, client, None)]
    assert [page.cursor for page in pages] == [None]
    return list(pages[0].posts)


def snaps(entries: Sequence[Entry]) -> list[tuple[Entry, Item]]:
    """Return the snaps of some entries as they should be listed: the newest first."""
    return [(entry, item) for entry in entries for item in reversed(entry.items)]


def link_of(feed: str, entries: Sequence[Entry]) -> str:
    match feed:
        case "snap":
            return f"{ROOT}/@ann/{snap_id(entries[0], entries[0].items[0])}"
        case "highlight":
            return f"{ROOT}/@ann/highlight/{highlight_id(highlights(entries)[0])}"
        case "spotlight":
            return f"{ROOT}/spotlight/{spotlight_id(spotlights(entries)[0])}"
        case "stories":
            return f"{ROOT}/@ann"
        case _:
            return f"{ROOT}/@ann/{feed}"


FEEDS = ("stories", "highlights", "spotlights", "snap", "highlight", "spotlight")
each_feed = pytest.mark.parametrize("feed", FEEDS)


@pytest.mark.parametrize(
    ("feed", "count"),
    [("highlights", 39), ("spotlights", 13), ("snap", 40), ("highlight", 3), ("spotlight", 1)],
)
async def test_the_extractor_alone_finds_every_file_of_the_site(
    world: World, gateway: Gateway, pool: EnginePool, feed: str, count: int
) -> None:
    entries = world.people["ann"]
    shown = {
        "highlights": highlights(entries),
        "spotlights": spotlights(entries),
        "snap": live(entries),  # it lists the story that the snap is in
        "highlight": highlights(entries)[:1],
        "spotlight": spotlights(entries)[:1],
    }[feed]
    names = {"highlight": highlight_id, "spotlight": spotlight_id}
    titles = {"snap": "Snapchat Story", "spotlight": "Snapchat Spotlight"}  # it makes some
    wanted = {
        (
            names[feed.rstrip("s")](entry) if feed != "snap" else snap_id(entry, item),
            content_id(item),
            taken_at(entry, item).isoformat(),
            titles.get(feed.rstrip("s"), entry.text),
        )
        for entry, item in snaps(shown)
    }

    request = EngineRequest(engine="gallerydl", url=link_of(feed, entries))
    files = [line async for line in pool.extract(request) if isinstance(line, EngineFile)]

    told = [
        (one.meta["id"], one.meta["file_id"], one.meta["date"], one.meta["title"]) for one in files
    ]
    assert {
        (i, str(file).partition(".")[0], date, title) for i, file, date, title in told
    } == wanted
    assert len(files) == len(wanted) == count
    assert gateway.refused == []


@ways
async def test_a_live_story_is_listed_to_the_last_snap_newest_first(
    world: World, client: JobClient, gateway: Gateway, way: str
) -> None:
    wanted = snaps(live(world.people["ann"]))

    posts = await listed(f"{ROOT}/@ann", client, way)

    assert len(posts) == 40
    assert [post.id for post in posts] == [snap_id(entry, item) for entry, item in wanted]
    assert [[media.id for media in post.media] for post in posts] == [[post.id] for post in posts]
    assert [post.posted_at for post in posts] == [taken_at(entry, item) for entry, item in wanted]
    assert [post.media[0].kind for post in posts] == [item.kind for _, item in wanted]
    assert {(post.platform, post.host, post.author) for post in posts} == {("snapchat", "", "ann")}
    assert [post.caption for post in posts] == [
        entry.text if item == entry.items[0] else "" for entry, item in wanted
    ]
    assert posts[0].url == f"{ROOT}/@ann/{posts[0].id}"
    assert posts[0].media[0].filename == f"{content_id(wanted[0][1])}.jpg"
    assert world.count(HOST) == 1
    assert gateway.refused == []


@ways
async def test_highlights_are_listed_to_the_last_snap(
    world: World, client: JobClient, way: str
) -> None:
    wanted = snaps(highlights(world.people["ann"]))

    posts = await listed(f"{ROOT}/@ann/highlights", client, way)

    assert len(posts) == 39
    assert [post.id for post in posts] == [content_id(item) for _, item in wanted]
    assert [post.posted_at for post in posts] == [taken_at(entry, item) for entry, item in wanted]
    assert [post.caption for post in posts] == [entry.text for entry, _ in wanted]
    assert [post.url for post in posts] == [
        f"{ROOT}/@ann/highlight/{highlight_id(entry)}" for entry, _ in wanted
    ]
    assert world.count(HOST) == 1


@ways
async def test_spotlights_are_listed_by_their_own_ids(
    world: World, client: JobClient, way: str
) -> None:
    wanted = spotlights(world.people["ann"])

    posts = await listed(f"{ROOT}/@ann/spotlights", client, way)

    assert len(posts) == 13
    assert [post.id for post in posts] == [spotlight_id(entry) for entry in wanted]
    assert [post.media[0].id for post in posts] == [post.id for post in posts]
    assert [post.posted_at for post in posts] == [entry.at for entry in wanted]
    assert [(post.author, post.caption) for post in posts] == [("ann", e.text) for e in wanted]
    assert {post.media[0].kind for post in posts} == {MediaKind.VIDEO}
    assert {(post.media[0].width, post.media[0].duration) for post in posts} == {(180, 1.0)}


UNTOLD = "Another Spotlight Snap brought to you by Snapchat"


@pytest.mark.parametrize("way", [*WAYS, "ytdlp"])
async def test_what_snapchat_says_in_place_of_somebody_is_no_caption(
    world: World, client: JobClient, way: str
) -> None:
    entry = spotlights(world.people["ann"])[0]
    link = f"{ROOT}/spotlight/{spotlight_id(entry)}"
    page = (await client.text(link)).text.replace(f'"{entry.text}"', '""')
    assert UNTOLD in page
    world.plant(HOST, Fault(status=200, body=page.encode()))

    [post] = await listed(link, client, way)

    assert post.caption == ""


@ways
async def test_tags_alone_are_a_caption(world: World, client: JobClient, way: str) -> None:
    page = profile_page(world, "ann")
    for entry in spotlights(world.people["ann"]):
        page = page.replace(f'"description": "{entry.text}"', '"description": ""')
    page = page.replace(UNTOLD, "#fog #alps")
    world.plant(HOST, Fault(status=200, body=page.encode()))

    posts = await listed(f"{ROOT}/@ann/spotlights", client, way)

    assert {post.caption for post in posts} == {"#fog #alps"}


@each_feed
async def test_all_ways_give_the_very_same_posts(
    world: World, client: JobClient, gateway: Gateway, feed: str
) -> None:
    link = link_of(feed, world.people["ann"])
    found = [one.name.partition(".")[2] for one, _ in find_chain(link)]
    assert found == [*WAYS, "ytdlp"][: 3 if feed == "spotlight" else 2]

    posts = [await listed(link, client, way) for way in found]

    assert posts[0]
    assert all(one == posts[0] for one in posts)
    assert world.count(HOST) == len(found)  # a request each
    assert gateway.refused == []


async def test_one_of_several_is_listed_alone(world: World, client: JobClient) -> None:
    entries = world.people["ann"]

    [snap] = await listed(link_of("snap", entries), client, "native")
    [watched] = await listed(link_of("spotlight", entries), client, "native")
    kept = await listed(link_of("highlight", entries), client, "native")

    assert snap in await listed(f"{ROOT}/@ann", client, "native")
    assert watched.caption == spotlights(entries)[0].text
    one = watched.media[0]
    assert (one.width, one.height, one.duration) == (180, 320, 1.0)
    whole = await listed(f"{ROOT}/@ann/highlights", client, "native")
    assert kept == whole[:3]
    assert [post.url for post in kept] == [link_of("highlight", entries)] * 3


async def test_a_media_is_where_its_post_says(world: World, client: JobClient, http: Http) -> None:
    posts = await listed(f"{ROOT}/@ben", client, "native")

    for post, (_, item) in zip(posts, snaps(live(world.people["ben"])), strict=True):
        scope = Scope(platform="")
        async with http.open(post.media[0].url, scope=scope, meter=Meter()) as answer:
            assert await answer.read() == item.body


async def test_whoever_tells_no_story_just_now_has_an_empty_one(
    world: World, client: JobClient
) -> None:
    assert await listed(f"{ROOT}/@quinn", client, "native") == []
    assert await listed(f"{ROOT}/@quinn", client, "gallerydl") == []
    assert len(await listed(f"{ROOT}/@quinn/highlights", client, "native")) == 6
    assert world.log


@ways
@pytest.mark.parametrize(
    ("name", "error"), [("clara", LoginRequired), ("wally", LoginRequired), ("nobody", Gone)]
)
async def test_snapchat_says_why_it_shows_nothing(
    world: World, client: JobClient, way: str, name: str, error: type[SourceError]
) -> None:
    for feed in ("", "/highlights", "/spotlights"):
        with pytest.raises(error):
            await listed(f"{ROOT}/@{name}{feed}", client, way)

    assert world.count(HOST) == 3


@pytest.mark.parametrize("way", [*WAYS, "ytdlp"])
async def test_a_spotlight_that_does_not_exist_is_gone(
    world: World, client: JobClient, way: str
) -> None:
    with pytest.raises(Gone):
        await listed(f"{ROOT}/spotlight/W7_EDlXWTBiXAEEniNoMPwAAYYWtid", client, way)

    assert world.log[-1].status == 404


@ways
async def test_a_snap_that_is_no_longer_in_the_story_is_not_said_to_be_gone(
    world: World, client: JobClient, way: str
) -> None:
    old = world.people["ann"][-1]
    assert old not in live(world.people["ann"])

    with pytest.raises(Withheld, match="public for a day"):
        await listed(f"{ROOT}/@ann/{snap_id(old, old.items[0])}", client, way)


FAULTS = [
    (Fault(status=429, headers={"Retry-After": "7"}), RateLimited),
    (Fault(status=503), Unavailable),
    (Fault(status=403, headers={"cf-mitigated": "challenge"}), Challenge),
    (Fault(status=200, body=b"<html><p>All is new here."), UnexpectedResponse),
]


@pytest.mark.parametrize("way", [*WAYS, "ytdlp"])
@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_a_failure_is_named_by_what_the_site_answered(
    world: World, client: JobClient, way: str, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(HOST, fault)

    with pytest.raises(error) as caught:
        await listed(link_of("spotlight", world.people["ann"]), client, way)

    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 7
    assert world.count(HOST) == 1  # it is not hammered


CHANGES = [
    ("stories", '"story": {', '"tale": {'),
    ("stories", '"snapList"', '"snaps"'),
    ("stories", '"timestampInSec"', '"timestamp"'),
    ("stories", '"userProfile"', '"profile"'),
    ("highlights", '"curatedHighlights"', '"kept"'),
    ("highlights", '"mediaUrl"', '"url"'),
    ("spotlights", '"spotlightHighlights"', '"shown"'),
    ("spotlights", '"snapMediaType"', '"kind"'),
    ("stories", '"pageProps"', '"properties"'),
]


@ways
@pytest.mark.parametrize("change", CHANGES)
async def test_a_page_that_has_changed_is_an_error_and_no_empty_list(
    world: World, client: JobClient, way: str, change: tuple[str, str, str]
) -> None:
    feed, before, after = change
    page = profile_page(world, "ann")
    assert before in page
    world.plant(HOST, Fault(status=200, body=page.replace(before, after).encode()))

    with pytest.raises(UnexpectedResponse):
        await listed(link_of(feed, world.people["ann"]), client, way)


@ways
@pytest.mark.parametrize("untold", ["list", "place", "video"])
async def test_spotlights_of_which_nothing_is_told_are_listed_all_the_same(
    world: World, client: JobClient, way: str, untold: str
) -> None:
    page = profile_page(world, "ben")
    [told] = re.findall(r'"spotlightStoryMetadata": (\[.*?\]), "pageMetadata"', page)
    each = json.loads(told)
    nothing = {
        "list": None,
        "place": [None] * len(each),
        "video": [{**one, "videoMetadata": None} for one in each],
    }[untold]
    page = page.replace(told, json.dumps(nothing))
    world.plant(HOST, Fault(status=200, body=page.encode()))

    posts = await listed(f"{ROOT}/@ben/spotlights", client, way)

    entries = spotlights(world.people["ben"])
    assert [post.id for post in posts] == [spotlight_id(entry) for entry in entries]
    said = [entry.text for entry in entries] if untold == "video" else [""] * len(entries)
    assert [post.caption for post in posts] == said
    assert {post.media[0].width for post in posts} == {None}


@ways
async def test_the_page_of_another_spotlight_is_not_taken_for_it(
    world: World, client: JobClient, way: str
) -> None:
    *_, wanted, other = spotlights(world.people["ann"])
    page = await client.text(f"{ROOT}/spotlight/{spotlight_id(other)}")
    assert spotlight_id(wanted) not in page.text
    world.plant(HOST, Fault(status=200, body=page.text.encode()))

    with pytest.raises(UnexpectedResponse):
        await listed(f"{ROOT}/spotlight/{spotlight_id(wanted)}", client, way)


@ways
async def test_an_id_of_its_own_is_the_id_of_a_snap_everywhere(
    world: World, client: JobClient, way: str
) -> None:
    page = profile_page(world, "ben").replace(
        '"snapId": {"value": ""}', '"snapId": {"value": "own"}'
    )
    world.plant(HOST, Fault(status=200, body=page.encode()), Fault(status=200, body=page.encode()))

    kept = await listed(f"{ROOT}/@ben/highlights", client, way)
    watched = await listed(f"{ROOT}/@ben/spotlights", client, way)

    assert [media.id for post in kept for media in post.media] == ["own"]
    assert [media.id for post in watched for media in post.media] == ["own"] * 2
    assert [post.id for post in watched] == [
        spotlight_id(entry) for entry in spotlights(world.people["ben"])
    ]


@ways
async def test_a_link_to_a_story_is_all_of_it(world: World, client: JobClient, way: str) -> None:
    page = profile_page(world, "ann")
    [story] = set(re.findall(r'"storyId": \{"value": "([0-9a-f]{32})"\}', page))

    posts = await listed(f"{ROOT}/@ann/{story}", client, way)

    assert len(posts) == 40
    assert posts == await listed(f"{ROOT}/@ann", client, way)


@ways
async def test_a_snap_without_a_date_has_none(world: World, client: JobClient, way: str) -> None:
    page = re.sub(r'("timestampInSec": \{"value": )"\d+"', r'\1"0"', profile_page(world, "ben"))
    world.plant(HOST, Fault(status=200, body=page.encode()))

    posts = await listed(f"{ROOT}/@ben", client, way)

    assert {post.posted_at for post in posts} == {None}


@ways
async def test_odd_snaps_are_told_apart(world: World, client: JobClient, way: str) -> None:
    entries = world.people["ben"]
    page = profile_page(world, "ben")
    first, second, *_ = (item for _, item in snaps(highlights(entries)))
    assert (first.kind, second.kind) == ("image", "video")
    page = page.replace(f'"https://cf-st.sc-cdn.net/d/{content_id(first)}.1034', '"" , "x": "', 1)
    page = page.replace('"snapMediaType": 1', '"snapMediaType": 2')  # without sound
    world.plant(HOST, Fault(status=200, body=page.encode()), Fault(status=200, body=page.encode()))

    story = await listed(f"{ROOT}/@ben", client, way)
    kept = await listed(f"{ROOT}/@ben/highlights", client, way)

    assert len(story) == sum(len(entry.items) for entry in live(entries)) - 1  # it had no address
    assert content_id(second) == kept[1].id
    assert kept[1].media[0].kind is MediaKind.VIDEO


@ways
async def test_a_snap_in_two_highlights_comes_once(
    world: World, client: JobClient, way: str
) -> None:
    newer, older = highlights(world.people["ben"])
    page = profile_page(world, "ben")
    twice = page.replace(content_id(older.items[0]), content_id(newer.items[0]))
    world.plant(HOST, Fault(status=200, body=twice.encode()))

    posts = await listed(f"{ROOT}/@ben/highlights", client, way)

    found = [post for post in posts if post.id == content_id(newer.items[0])]
    assert [post.caption for post in found] == [newer.text]
    assert len(posts) == 5


async def test_another_form_of_a_file_is_the_same_media(world: World, client: JobClient) -> None:
    before = await listed(f"{ROOT}/@ben/highlights", client, "native")
    page = profile_page(world, "ben").replace(".27.IRZXSOY", ".1023.ABC").replace("/u/", "/y/")
    world.plant(HOST, Fault(status=200, body=page.encode()))

    after = await listed(f"{ROOT}/@ben/highlights", client, "native")

    assert [post.media[0].url for post in after] != [post.media[0].url for post in before]
    assert [post.media[0].id for post in after] == [post.media[0].id for post in before]


async def test_when_our_way_breaks_the_other_brings_every_snap_once(
    world: World, client: JobClient
) -> None:
    world.plant(HOST, Fault(status=200, body=b"<html>"))
    [*_, (_, target)] = find_chain(f"{ROOT}/@ann")

    pages = [step async for step in Chain(Breakers(SystemClock())).pages(target, client)]

    assert [name for name, _ in pages] == ["snapchat.gallerydl"]
    assert len({post.media[0].id for _, page in pages for post in page.posts}) == 40


SNAP = "PnJFM8uuTRWo90OsrEH5pwAAgeGZvd2RrZGxxAZ1I2NonAZ1I2NmfAAAAAA"
WATCH = "W7_EDlXWTBiXAEEniNoMPwAAYYWtidGhudGZpAX1TKn0JAX1TKnXJAAAAAA"


@pytest.mark.parametrize(
    ("link", "feed", "key"),
    [
        ("https://www.snapchat.com/@ann", "stories", "ann"),
        ("http://snapchat.com/@Ann/", "stories", "ann"),
        ("https://www.snapchat.com/%40ann?locale=en-GB", "stories", "ann"),
        ("https://www.snapchat.com/add/ann?share_id=X1&sid=2", "stories", "ann"),
        ("https://www.snapchat.com/@ann-b_c.d/stories", "stories", "ann-b_c.d"),
        ("https://story.snapchat.com/@ann", "stories", "ann"),
        ("https://story.snapchat.com/s/ann", "stories", "ann"),
        ("https://www.snapchat.com/de-DE/@ann", "stories", "ann"),
        ("https://www.snapchat.com/@ann/highlights/", "highlights", "ann"),
        ("https://www.snapchat.com/add/Ann/spotlights", "spotlights", "ann"),
        (f"https://www.snapchat.com/@ann/{SNAP}", "snap", SNAP),
        (f"https://www.snapchat.com/add/ann/{SNAP}?x=1", "snap", SNAP),
        ("https://www.snapchat.com/@ann/highlight/c3050cba-2f43-4e06", "highlight", "c3050cba-2f43-4e06"),
        ("https://www.snapchat.com/add/ann/highlight/c3050cba-2f43-4e06/3", "highlight", "c3050cba-2f43-4e06"),
        (f"https://www.snapchat.com/spotlight/{WATCH}", "spotlight", WATCH),
        (f"https://snapchat.com/@ann/spotlight/{WATCH}/", "spotlight", WATCH),
        (f"https://www.snapchat.com/add/ann/spotlight/{WATCH}", "spotlight", WATCH),
        (f"https://story.snapchat.com/o/{WATCH}", "spotlight", WATCH),
    ],
)  # fmt: skip
def test_a_link_is_claimed_in_every_spelling(link: str, feed: str, key: str) -> None:
    ((provider, target),) = find_targets(link)

    assert provider.name == "snapchat.native"
    assert (target.platform, target.feed, target.key, target.host) == ("snapchat", feed, key, "")
    assert target.url.startswith(f"{ROOT}/")
    assert find_targets(target.url)[0][1].key == key


@pytest.mark.parametrize(
    "link",
    [
        "https://t.snapchat.com/4ZsiBLDi",
        "https://www.snapchat.com/t/4ZsiBLDi",
        "https://www.snapchat.com/lens/0123456789abcdef0123",
        "https://www.snapchat.com/p/2b7a7a5f/1234",
        "https://story.snapchat.com/s/m:W7_EDlXWTBiXAEEniNoMPwAAYHNdO123",
        "https://www.snapchat.com/@ann/lenses",
    ],
)
def test_what_is_no_feed_of_ours_is_not_claimed(link: str) -> None:
    assert find_targets(link) == []


@pytest.mark.parametrize(
    "case", SnapchatSpotlightIE._TESTS, ids=lambda case: case["info_dict"]["id"]
)
def test_links_that_yt_dlp_knows_are_claimed(case: dict[str, dict[str, str]]) -> None:
    ((_, target),) = find_targets(str(case["url"]))

    assert (target.feed, target.key) == ("spotlight", case["info_dict"]["id"])


async def test_a_short_link_leads_to_what_it_stands_for(world: World, client: JobClient) -> None:
    name = spotlight_id(spotlights(world.people["ann"])[0])

    target = await recognise(f"https://t.snapchat.com/t/{name}", client)

    assert (target.platform, target.feed, target.key) == ("snapchat", "spotlight", name)


def test_snaps_of_one_story_lie_a_second_apart() -> None:
    entries = World().add_person("ann", 3)

    first, second, *_ = (taken_at(entries[0], item) for item in entries[0].items)

    assert second - first == timedelta(seconds=1)
