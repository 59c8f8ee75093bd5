"""TikTok through the real yt-dlp and the real gallery-dl, before one test site: they must agree."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from yt_dlp.extractor import tiktok as theirs

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
    Withheld,
)
from gatherum.model import MediaKind, Page, Post, Transport
from gatherum.ports import EngineRequest, Probe
from gatherum.providers import find_chain, find_targets
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.providers.engines.drafts import pages
from gatherum.providers.engines.gallerydl import post_of as any_post
from gatherum.providers.recognise import recognise
from tests.providers.test_chain import Clock
from tests.testsites.client import SiteClient
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.tiktok import (
    ROOT,
    TikTok,
    files,
    pictures,
    secret_id,
    sound_id,
    tiktok_id,
)
from tests.testsites.world import Entry, Fault, World

HOST = "www.tiktok.com"
BROKEN = b"<html><script id='__NEW_DATA__'>{}</script>All is new here.</html>"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 32)
    world.add_person("ben.b", 8)
    for name in ("hidden", "pinner", "silent", "eve", "fay", "gil"):
        world.add_person(name, 0 if name == "silent" else 7)
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
def site(gateway: Gateway) -> TikTok:
    gateway.world.log.clear()
    gateway.world.faults.clear()
    gateway.refused.clear()
    site = TikTok(world=gateway.world, private={"hidden"})
    site.mount()
    return site


@pytest.fixture
def world(site: TikTok) -> World:
    return site.world


class Visitor(SiteClient):
    """Also looks at the start of what is at an address."""

    async def probe(self, url: str) -> Probe:
        address = url.replace("https://", "http://")  # the gateway shows its sites by both
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, proxy=self._gateway.url, allow_redirects=False) as answer,
        ):
            if "Location" in answer.headers:
                return await self.probe(answer.headers["Location"])
            body = await answer.read()
            kind = answer.headers.get("Content-Type", "")
            return Probe(url=url, status=answer.status, content_type=kind, head=body)


@pytest.fixture(scope="module")
async def client(
    gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Visitor]:
    async with engine_pool(gateway, tmp_path_factory.mktemp("scratch")) as pool:
        yield Visitor(pool, gateway)


def listing(
    path: str, client: Visitor, way: str = "", cursor: str | None = None
) -> AsyncIterator[Page]:
    """List the link at `path` by one way, the first if none is named."""
    steps = find_chain(f"{ROOT}/{path}")
    provider, target = next(step for step in steps if step[0].name.endswith(way))
    assert provider.platform == "tiktok"
    return provider.listing(target, client, cursor)


async def listed(
    path: str, client: Visitor, way: str = "", cursor: str | None = None
) -> list[Post]:
    return [p async for page in listing(path, client, way, cursor) for p in page.posts]


def link(entry: Entry) -> str:
    return f"@{entry.author}/video/{tiktok_id(entry)}"


def ids(entries: tuple[Entry, ...] | list[Entry]) -> list[str]:
    return [tiktok_id(entry) for entry in entries]


def media_ids(posts: list[Post]) -> list[str]:
    return [media.id for post in posts for media in post.media]


ways = pytest.mark.parametrize("way", ["ytdlp", "gallerydl"])
all_ways = pytest.mark.parametrize("way", ["native", "ytdlp", "gallerydl"])


@ways
@pytest.mark.usefixtures("world", "site")
async def test_what_a_person_published_is_by_date(client: Visitor, way: str) -> None:
    pages = [page async for page in listing("@ann", client, way)]

    assert {page.by_date for page in pages if page.posts} == {True}


@all_ways
async def test_a_person_is_listed_to_the_last_file_newest_first(
    world: World, site: TikTok, client: Visitor, gateway: Gateway, way: str
) -> None:
    entries = world.people["ann"]

    posts = await listed("@Ann?lang=en", client, way)

    assert [post.id for post in posts] == ids(entries)
    assert media_ids(posts) == files(entries)
    assert len(files(entries)) == 63
    assert len(set(files(entries))) == 63
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {(post.platform, post.author, post.pinned) for post in posts} == {
        ("tiktok", "ann", False)
    }
    assert gateway.refused == []
    assert site.posts("ann") == list(entries)


@pytest.mark.parametrize("puzzle", [False, True], ids=["open", "with a puzzle"])
async def test_all_ways_give_the_very_same_posts(
    site: TikTok, client: Visitor, gateway: Gateway, *, puzzle: bool
) -> None:
    site.puzzle = puzzle

    first, second, third = [
        await listed("@ben.b", client, way) for way in ("native", "ytdlp", "gallerydl")
    ]

    assert [undated(post) for post in first] == [undated(post) for post in second]
    assert [undated(post) for post in second] == [undated(post) for post in third]
    assert len(first) == 8
    assert gateway.refused == []


def undated(post: Post) -> Post:
    """Return a post with no times of expiry in its addresses."""
    media = tuple(
        replace(one, url=one.url.partition("?")[0], mirrors=(), headers={}) for one in post.media
    )
    sound = tuple(replace(one, url="") if one.kind == MediaKind.AUDIO else one for one in media)
    return replace(post, media=sound)


async def test_a_slideshow_is_its_pictures_and_its_sound(
    world: World, site: TikTok, client: Visitor
) -> None:
    entry = next(e for e in world.people["ann"] if len(pictures(e)) == 2)
    name = tiktok_id(entry)

    (post,) = await listed(f"@ann/photo/{name}", client)

    one, two, sound = post.media
    assert post.url == f"{ROOT}/@ann/photo/{name}"
    assert [one.id, two.id, sound.id] == [f"{name}_1", f"{name}_2", f"{name}_sound"]
    assert (one.kind, two.kind, sound.kind) == ("image", "image", "audio")
    assert {one.transport, two.transport, sound.transport} == {Transport.HTTP}
    assert (one.width, one.height, sound.duration) == (320, 400, 11)
    assert one.filename == f"{pictures(entry)[0].id}~tplv-photomode-image.jpeg"
    assert len(one.mirrors) == 1
    assert "User-Agent" in one.headers
    assert (await client.probe(one.url)).head == pictures(entry)[0].body
    assert (await client.probe(two.mirrors[0])).head == pictures(entry)[1].body
    assert (await client.probe(sound.url)).status == 200
    assert site.world.count(HOST) == 1


@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_a_video_is_the_same_by_both_ways_and_its_bytes_come(
    world: World, site: TikTok, client: Visitor, tmp_path: Path, way: str
) -> None:
    entry = next(e for e in world.people["ben.b"] if not pictures(e))
    site.puzzle = way == "ytdlp"

    (post,) = await listed(link(entry), client, way)

    (film,) = post.media
    assert (post.id, film.id) == (tiktok_id(entry), tiktok_id(entry))
    assert post.url == film.url == f"{ROOT}/{link(entry)}"
    assert (post.author, post.caption, post.posted_at) == ("ben.b", entry.text, entry.at)
    assert (film.kind, film.transport) == (MediaKind.VIDEO, Transport.YTDLP)
    assert (film.width, film.height, film.duration) == (576, 1024, 11)
    if way == "gallerydl":  # once is enough: it takes a child of its own
        made = await client.pool.download(film.url, tmp_path)
        assert made.read_bytes() == entry.items[0].body


async def test_yt_dlp_does_not_pass_a_sound_off_as_a_slideshow(
    world: World, client: Visitor
) -> None:
    assert pictures(world.people["ann"][-1])

    with pytest.raises(Unsupported):
        await listed(link(world.people["ann"][-1]), client, "ytdlp")


async def test_who_stops_early_has_asked_for_little(
    world: World, site: TikTok, client: Visitor
) -> None:
    pages = listing("@ann", client, "ytdlp")

    page = await anext(pages)
    await pages.aclose()  # type: ignore[attr-defined]

    assert [post.id for post in page.posts] == ids(site.posts("ann"))[:5]
    # The profile, the first 15 of the list, and the five posts.
    assert world.count(HOST) == 7
    assert world.count(HOST, "/item_list/") == 1
    assert world.count(HOST, "/video/") == 5


async def test_their_own_list_holds_whole_posts_fifteen_a_request(
    world: World, site: TikTok, client: Visitor
) -> None:
    pages = [page async for page in listing("@ann", client, "native")]

    assert [len(page.posts) for page in pages] == [15, 15, 2]
    assert [page.cursor is None for page in pages] == [False, False, True]
    assert world.count(HOST) == 4  # the profile, and three pages; no post is visited
    world.log.clear()
    for index, page in enumerate(pages[:-1], 1):
        rest = await listed("@ann", client, "native", page.cursor)
        assert [post.id for post in rest] == ids(site.posts("ann"))[index * 15 :]
    assert world.count(HOST) == 2 + 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "3"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=403, body=b"Just a moment..."), Challenge),
        (Fault(status=200, body=b"{}"), UnexpectedResponse),
        (Fault(status=200, body=b""), UnexpectedResponse),
        (Fault(status=200, body=b'{"itemList": [{"id": "1"}]}'), UnexpectedResponse),
    ],
    ids=["429", "503", "challenge", "new list", "no list", "new posts"],
)
@pytest.mark.parametrize("path", ["@ann", "tag/tag1", "music/x-{sound}"])
async def test_their_own_list_that_cannot_be_read_is_no_empty_list(
    world: World, client: Visitor, *, path: str, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(HOST, replace(fault, path="item_list"))

    with pytest.raises(error):
        await listed(path.format(sound=sound_id(world.people["ann"][0])), client, "native")

    assert world.count(HOST, "item_list") == 1


@pytest.mark.parametrize(
    ("status", "error"), [(10101, Unavailable), (10222, LoginRequired), (10202, Unavailable)]
)
@pytest.mark.parametrize("resumed", [False, True], ids=["on its way", "gone on with"])
async def test_a_refusal_amid_their_own_list_is_not_its_end(
    world: World, client: Visitor, *, status: int, error: type[SourceError], resumed: bool
) -> None:
    cursor = (await anext(listing("@ann", client, "native"))).cursor if resumed else None
    said = json.dumps({"statusCode": status}).encode()
    given = [] if resumed else [Fault(path="item_list")]
    world.plant(HOST, *given, Fault(status=200, body=said, path="item_list"))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in listing("@ann", client, "native", cursor):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(error):
        await keep()

    assert all(page.cursor is not None for page in kept)


async def test_a_tag_and_a_sound_are_listed_to_the_last_file(
    world: World, client: Visitor, gateway: Gateway
) -> None:
    everything = [entry for entries in world.people.values() for entry in entries]
    tagged = [entry for entry in everything if entry.text.endswith("#tag1")]
    ann = world.people["ann"]

    by_tag = await listed("tag/Tag1", client)
    by_sound = await listed(f"music/original-sound-{sound_id(ann[0])}", client)

    assert len(by_tag) == len(tagged) > 15
    assert {post.id for post in by_tag} == {*ids(tagged)}
    assert sorted(media_ids(by_tag)) == sorted(files(tagged))
    assert len({post.author for post in by_tag}) > 3
    assert len(by_sound) == len(ann) == 32
    assert sorted(media_ids(by_sound)) == sorted(files(ann))
    assert world.count(HOST, "/music/item_list/") == 2
    assert world.count(HOST, "/video/") == 0
    assert gateway.refused == []


async def test_a_tag_may_have_any_letters(world: World, client: Visitor) -> None:
    (entry,) = world.add_person("ute", 1)
    world.people["ute"] = (replace(entry, text="Alles so #gr\u00fcn"),)

    posts = await listed("tag/Gr%C3%BCn", client)

    assert [post.id for post in posts] == [tiktok_id(entry)]


async def test_a_sound_goes_on_behind_its_cursor(world: World, client: Visitor) -> None:
    path = f"music/x-{sound_id(world.people['ann'][0])}"
    first, second = [page async for page in listing(path, client)]

    rest = await listed(path, client, cursor=first.cursor)

    assert (len(first.posts), len(rest)) == (30, 2)
    assert rest == list(second.posts)


@pytest.mark.parametrize("path", ["tag/tag1", "music/x-{sound}", "tag/nobody-uses-this"])
async def test_a_list_that_wants_signed_requests_is_not_taken_for_an_empty_one(
    world: World, site: TikTok, client: Visitor, path: str
) -> None:
    site.signed = True

    with pytest.raises(UnexpectedResponse):
        await listed(path.format(sound=sound_id(world.people["ann"][0])), client)


@ways
async def test_it_goes_on_behind_any_cursor(site: TikTok, client: Visitor, way: str) -> None:
    cursors = [page.cursor async for page in listing("@ben.b", client, way)]
    everything = ids(site.posts("ben.b"))

    rest = await listed("@ben.b", client, way, cursors[0])

    assert [cursor is None for cursor in cursors] == [False, True]
    # yt-dlp begins a few posts before, since some may have gone.
    assert everything[5:] == [post.id for post in rest][-3:]
    assert [post.id for post in rest] in (everything, everything[5:])


@all_ways
@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
async def test_pinned_posts_are_known_as_such(
    world: World, site: TikTok, client: Visitor, way: str, *, told: bool
) -> None:
    *others, old, older = world.people["pinner"]
    site.pinned, site.told_pinned = {"pinner": (older, old)}, told

    posts = await listed("@pinner", client, way)

    assert [post.id for post in posts] == ids([older, old, *others])
    assert [post.pinned for post in posts] == [True] * 2 + [False] * 5


async def test_nothing_between_a_pinned_post_and_weeks_without_any_is_jumped_over(
    world: World, site: TikTok, client: Visitor
) -> None:
    *others, old, older = world.people["pinner"]
    site.pinned, site.weekly = {"pinner": (older, old)}, True

    pages = [page async for page in listing("@pinner", client, "native")]

    posts = [post for page in pages for post in page.posts]
    assert [post.id for post in posts] == ids([older, old, *others])
    assert [post.pinned for post in posts] == [True] * 2 + [False] * 5
    assert [post.id for post in pages[0].posts] == ids([older, old])


async def test_stories_likes_reposts_and_collections_are_listed_to_the_last_file(
    world: World, site: TikTok, client: Visitor, gateway: Gateway
) -> None:
    ann, ben = world.people["ann"], world.people["ben.b"]
    site.stories["ben.b"] = ben[:6]
    site.likes["ben.b"] = site.reposts["ben.b"] = ann[:17]
    site.collections["7371330159376370462"] = ann[2:10]

    stories = await listed("@ben.b/stories", client)
    likes = await listed("@ben.b/liked", client)
    reposts = await listed("@ben.b/reposts", client)
    collected = await listed("@ben.b/collection/walks-7371330159376370462", client)

    assert ([post.id for post in stories], media_ids(stories)) == (ids(ben[:6]), files(ben[:6]))
    for found, entries in ((likes, ann[:17]), (reposts, ann[:17]), (collected, ann[2:10])):
        assert [post.id for post in found] == ids(entries)
        assert media_ids(found) == files(entries)
        assert {post.author for post in found} == {"ann"}
    assert await listed("@eve/stories", client) == []
    assert gateway.refused == []


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("@nobody", Gone),
        ("@hidden", LoginRequired),
        ("@nobody/video/7000000000000000001", Gone),
    ],
)
@pytest.mark.parametrize("puzzle", [False, True], ids=["open", "with a puzzle"])
async def test_tiktok_itself_says_why_it_shows_nothing(
    site: TikTok, client: Visitor, path: str, error: type[SourceError], *, puzzle: bool
) -> None:
    site.puzzle = puzzle
    steps = find_chain(f"{ROOT}/{path}")
    assert len(steps) == (2 if "/video/" in path else 3)

    for provider, target in steps:
        with pytest.raises(error):
            [page async for page in provider.listing(target, client, None)]

    assert {hit.status for hit in site.world.log if "/embed/" not in hit.path} == {200}


@pytest.mark.parametrize(
    ("status", "error"),
    [(10204, Gone), (10216, LoginRequired), (10222, LoginRequired), (10231, Withheld)],
)
async def test_a_post_that_is_withheld_is_judged_by_tiktoks_own_word(
    world: World, site: TikTok, client: Visitor, status: int, error: type[SourceError]
) -> None:
    entry = world.people["ben.b"][0]
    site.withheld[tiktok_id(entry)] = status

    with pytest.raises(error):
        await listed(link(entry), client)


async def test_a_listed_video_that_is_withheld_does_not_mean_a_changed_site(
    world: World, site: TikTok, client: Visitor, tmp_path: Path
) -> None:
    entry = next(e for e in world.people["ben.b"] if not pictures(e))
    site.withheld[tiktok_id(entry)] = 10231

    with pytest.raises(Unavailable):
        await client.pool.download(f"{ROOT}/{link(entry)}", tmp_path)


async def test_a_post_for_adults_wants_a_login(world: World, site: TikTok, client: Visitor) -> None:
    site.for_adults.add(tiktok_id(world.people["ben.b"][0]))

    for way in ("gallerydl", "ytdlp"):
        with pytest.raises(LoginRequired):
            await listed(link(world.people["ben.b"][0]), client, way)


@all_ways
async def test_somebody_who_has_published_nothing_is_an_empty_page(
    site: TikTok, client: Visitor, way: str
) -> None:
    assert site.posts("silent") == []

    assert [page async for page in listing("@silent", client, way)] == [
        Page(posts=(), cursor=None, empty=True)
    ]


async def test_a_post_that_is_withheld_hides_none_behind_it(
    world: World, site: TikTok, client: Visitor
) -> None:
    entries = world.people["eve"]
    site.withheld = {tiktok_id(entries[1]): 10204, tiktok_id(entries[2]): 10216}

    posts = await listed("@eve", client, "ytdlp")

    assert [post.id for post in posts] == ids(entries)
    assert not any(post.removed for post in posts)  # TikTok has just listed them
    assert media_ids(posts[1:3]) == ids(entries[1:3])
    assert (posts[1].caption, posts[1].posted_at) == (entries[1].text, entries[1].at)
    assert media_ids(posts[3:]) == files(entries[3:])


@ways
async def test_what_was_found_before_a_failure_is_kept_with_its_cursor(
    world: World, client: Visitor, way: str
) -> None:
    entries = world.people["ben.b"]
    failing = tiktok_id(entries[6])
    world.plant(HOST, Fault(status=429, headers={"Retry-After": "7"}, path=failing))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in listing("@ben.b", client, way):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(RateLimited) as caught:
        await keep()
    cursor = kept[-1].cursor
    rest = await listed("@ben.b", client, way, cursor)

    assert caught.value.retry_after == 7
    # gallery-dl had not yet turned the page behind the last one.
    whole = 6 if way == "ytdlp" else 5
    assert [post.id for page in kept for post in page.posts] == ids(entries[:whole])
    assert {post.id for page in kept for post in page.posts} | {p.id for p in rest} == {
        *ids(entries)
    }


@ways
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "3"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=403, headers={"cf-mitigated": "challenge"}), Challenge),
        (Fault(status=302, headers={"Location": "/login?next=x"}), LoginRequired),
        (Fault(status=200, body=BROKEN), UnexpectedResponse),
    ],
    ids=["429", "503", "challenge", "login", "changed"],
)
async def test_a_failure_is_named_by_what_tiktok_answered(
    world: World,
    client: Visitor,
    *,
    way: str,
    fault: Fault,
    error: type[SourceError],
) -> None:
    entry = next(e for e in world.people["fay"] if not pictures(e))
    world.plant(HOST, *[replace(fault, path="/video/")] * 4)

    with pytest.raises(error):
        await listed(link(entry), client, way)

    assert world.count(HOST, "/video/") <= 3  # it is not hammered


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "3"}, path="item_list"), RateLimited),
        (Fault(status=503, path="item_list"), Unavailable),
        (Fault(status=200, body=b"{}", path="item_list"), UnexpectedResponse),
        (Fault(status=200, body=b"", path="item_list"), UnexpectedResponse),
        (Fault(status=429, headers={"Retry-After": "3"}, path="/@gil$"), RateLimited),
        (
            Fault(status=403, headers={"cf-mitigated": "challenge"}, path="/video/"),
            Challenge,
        ),
        (
            Fault(status=302, headers={"Location": "/login?next=x"}, path="/video/"),
            LoginRequired,
        ),
        (Fault(status=200, body=BROKEN, path="/video/"), UnexpectedResponse),
    ],
    ids=[
        "list 429",
        "list 503",
        "new list",
        "no list",
        "page 429",
        "challenge",
        "login",
        "changed",
    ],
)
@ways
async def test_a_list_that_cannot_be_read_is_no_empty_list(
    world: World,
    client: Visitor,
    *,
    way: str,
    fault: Fault,
    error: type[SourceError],
) -> None:
    name = f"{way[0]}{len(world.people)}"
    world.add_person(name, 4)
    world.plant(HOST, *[replace(fault, path=fault.path.replace("gil", name))] * 30)

    with pytest.raises(error):
        await listed(f"@{name}", client, way)

    assert world.count(HOST) <= 12
    assert error is not RateLimited or world.log[-1].status == 429  # and nothing is asked then


async def test_an_engine_that_stays_warm_remembers_nobody_from_job_to_job(
    world: World, site: TikTok, client: Visitor
) -> None:
    world.add_person("changed", 3)
    site.private.add("changed")
    with pytest.raises(LoginRequired):
        await listed("@changed", client, "gallerydl")

    site.private.discard("changed")

    assert len(await listed("@changed", client, "gallerydl")) == 3


async def test_a_list_that_breaks_off_keeps_what_it_gave_and_is_asked_no_more(
    world: World, client: Visitor
) -> None:
    entries = world.people["ann"]
    world.plant(HOST, Fault(path="item_list"), Fault(status=503, path="item_list"))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in listing("@ann", client, "ytdlp"):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    asked = world.log[-1].status, world.count(HOST, "/@ann$")
    rest = await listed("@ann", client, "ytdlp", kept[-1].cursor)

    # yt-dlp was asked for the 16th before the page behind the 15th was turned.
    assert [post.id for page in kept for post in page.posts] == ids(entries[:14])
    assert asked == (503, 1)
    assert [post.id for post in rest][-18:] == ids(entries[14:])


@pytest.mark.parametrize("broken", ["item_list", "/video/"], ids=["a page", "a post"])
async def test_gallery_dl_cannot_overlook_what_the_server_failed_to_give(
    world: World, client: Visitor, broken: str
) -> None:
    world.plant(HOST, Fault(path=broken), Fault(status=503, path=broken))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in listing("@ann", client, "gallerydl"):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()

    found = [post.id for page in kept for post in page.posts]
    assert 0 < len(found) < len(world.people["ann"])
    assert set(found) < set(ids(world.people["ann"]))
    assert all(page.cursor is not None for page in kept)  # nowhere does it call itself the end


async def test_when_a_list_breaks_the_other_way_brings_every_file_once(
    world: World, client: Visitor
) -> None:
    entries = world.people["ann"]
    world.plant(HOST, Fault(path="item_list"), Fault(status=200, body=b"{", path="item_list"))
    ((_, target), *_) = find_chain(f"{ROOT}/@ann")

    found = [
        (name, post)
        async for name, page in Chain(Breakers(Clock())).pages(target, client)
        for post in page.posts
    ]

    assert {name for name, _ in found} == {"tiktok.native", "tiktok.ytdlp"}
    assert {media.id for _, post in found for media in post.media} == set(files(entries))


ID = "7559436216725046590"
LINKS = [
    ("/@Some.One_1", "user", "some.one_1"),
    ("/@some.one_1/", "user", "some.one_1"),
    ("/@ann?lang=de-DE&_r=1", "user", "ann"),
    ("/en/@ann", "user", "ann"),
    ("/%40ann/posts", "user", "ann"),
    (f"/@{secret_id('ann')}", "user", secret_id("ann")),
    (f"/@Ann/video/{ID}?is_from_webapp=1", "post", ID),
    (f"/@ann/photo/{ID}/", "post", ID),
    (f"/pt-BR/@ann/video/{ID}", "post", ID),
    (f"/@/video/{ID}", "post", ID),
    (f"/share/video/{ID}", "post", ID),
    (f"/embed/{ID}", "post", ID),
    (f"/embed/v2/{ID}?lang=en", "post", ID),
    (f"/player/v1/{ID}", "post", ID),
    (f"/v/{ID}.html", "post", ID),
    ("/@Ann/stories", "stories", "ann"),
    ("/@ann/reposts", "reposts", "ann"),
    ("/@ann/liked", "likes", "ann"),
    ("/@ann/likes/", "likes", "ann"),
    ("/@ann/saved", "saved", "ann"),
    (f"/@Ann/collection/Some%20walks-{ID}", "collection", ID),
    ("/tag/Cats?lang=en", "tag", "cats"),
    ("/tag/f%C3%BCr-dich", "tag", "f%c3%bcr-dich"),
    (f"/music/Original-Sound-{ID}", "sound", ID),
    (f"/de-DE/music/-{ID}/", "sound", ID),
]


@pytest.mark.parametrize("host", ["www.tiktok.com", "tiktok.com", "m.tiktok.com"])
@pytest.mark.parametrize(("path", "feed", "key"), LINKS)
def test_a_link_of_any_spelling_is_claimed(host: str, path: str, feed: str, key: str) -> None:
    ((_, target), *_) = find_targets(f"https://{host}{path}")

    assert (target.platform, target.feed, target.key) == ("tiktok", feed, key)
    assert find_targets(target.url)[0][1] == target


@pytest.mark.parametrize("host", ["www.vxtiktok.com", "vxtiktok.com", "www.tnktok.com"])
def test_a_post_is_the_same_at_a_host_that_shows_it_to_others(host: str) -> None:
    assert find_targets(f"https://{host}/@ann/video/{ID}") == find_targets(
        f"{ROOT}/@ann/video/{ID}"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://vm.tiktok.com/ZTR45GpSF/",
        "https://vt.tiktok.com/ZSe4FqkKd",
        "https://www.tiktok.com/t/ZTRC5xgJp",
        "https://www.tiktok.com/@ann/live",
        "https://www.tiktok.com/",
        "https://nottiktok.com/@ann",
    ],
)
def test_what_is_not_ours_to_claim_is_claimed_by_nobody(url: str) -> None:
    assert find_targets(url) == []


@pytest.mark.parametrize(
    ("extractor", "feed"),
    [
        (theirs.TikTokIE, "post"),
        (theirs.TikTokUserIE, "user"),
        (theirs.TikTokCollectionIE, "collection"),
        (theirs.TikTokTagIE, "tag"),
        (theirs.TikTokSoundIE, "sound"),
    ],
)
def test_every_link_that_yt_dlp_lists_is_claimed(extractor: type, feed: str) -> None:
    urls = [case["url"] for case in extractor._TESTS if case["url"].startswith("http")]  # type: ignore[attr-defined]
    assert urls

    assert {find_targets(url)[0][1].feed for url in urls} == {feed}


async def test_a_short_link_leads_to_its_post(world: World, client: Visitor) -> None:
    name = tiktok_id(world.people["ann"][0])

    target = await recognise(f"https://vm.tiktok.com/{name}/", client)

    assert (target.platform, target.feed, target.key) == ("tiktok", "post", name)


async def test_a_post_that_a_foreign_link_led_to_is_the_same_one(
    world: World, client: Visitor
) -> None:
    entry = world.people["ann"][0]
    request = EngineRequest(engine="gallerydl", url=f"https://vm.tiktok.com/{tiktok_id(entry)}/")

    found = [post async for page in pages(client, request, any_post, None) for post in page.posts]

    assert (found[0].platform, found[0].id) == ("tiktok", tiktok_id(entry))
    assert media_ids(found) == files([entry])
