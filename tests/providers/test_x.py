"""X through the real gallery-dl and yt-dlp, before a test site that knows the world's exact content."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yt_dlp.extractor.twitter import TwitterCardIE, TwitterIE

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
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import MediaKind, Page, Post, Transport
from gatherum.ports import EngineFile, Json
from gatherum.providers import find_chain, find_targets
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.gallerydl import site
from gatherum.providers.engines.sites import site_target
from gatherum.providers.x.posts import media_id_of, read_post
from tests.providers.test_chain import Clock
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway
from tests.testsites.nitter import nitter
from tests.testsites.world import START, Entry, Fault, World, items
from tests.testsites.x import LIST, cookies_of, mount_x
from tests.testsites.x_shapes import flavour, is_quoted, media_id, media_name, retweet_id, tweet_id

HOST = "x.com"
ANN = "https://x.com/ann"

as_anybody = pytest.mark.parametrize("cookies", [cookies_of(), None], ids=["member", "visitor"])


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 45)
    world.add_person("Ben", 7)
    world.add_person("shy", 3)
    world.add_person("banned", 1)
    text = Entry(id=9, at=START, author="quiet", text="Only words.", items=())
    world.people["quiet"] = (text,)
    mount_x(world, "ann", closed="shy", suspended="banned")
    world.mount("nitter.net", nitter(world))
    world.mount("xcancel.com", nitter(world, encoded=True))
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
def client(pool: EnginePool) -> EngineClient:
    return EngineClient(pool, cookies=cookies_of())


@pytest.fixture
def visitor(pool: EnginePool) -> EngineClient:
    return EngineClient(pool)


def paged(
    url: str, client: EngineClient, way: str = "gallerydl", cursor: str | None = None
) -> AsyncIterator[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == f"x.{way}"]
    return provider.listing(target, client, cursor)


async def listed(url: str, client: EngineClient, way: str = "gallerydl") -> list[Post]:
    return [post async for page in paged(url, client, way) for post in page.posts]


async def shown(url: str, client: EngineClient) -> list[Post]:
    pages = site(site_target("gallerydl", "nitter", url), client, None)
    return [post async for page in pages for post in page.posts]


def ids(posts: list[Post]) -> list[str]:
    return [post.id for post in posts]


def media_ids(posts: list[Post]) -> list[str]:
    return [media.id for post in posts for media in post.media]


def of_world(entries: tuple[Entry, ...]) -> list[str]:
    return [media_id(entry, item) for entry in entries for item in entry.items]


def link(entry: Entry) -> str:
    return f"https://x.com/{entry.author}/status/{tweet_id(entry)}"


@pytest.mark.parametrize("tail", ["", "/media"])
async def test_somebody_is_listed_to_the_last_file_newest_first(
    world: World, client: EngineClient, gateway: Gateway, tail: str
) -> None:
    entries = world.people["ann"]

    posts = await listed(ANN + tail, client)

    assert ids(posts) == [tweet_id(entry) for entry in entries]
    assert media_ids(posts) == of_world(entries)
    assert len(items(entries)) == len(set(media_ids(posts))) == 75
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {(post.platform, post.host, post.author) for post in posts} == {("x", "", "ann")}
    assert not any(post.pinned for post in posts)  # X has pinned the oldest: it keeps its place
    assert posts[0].url == link(entries[0])
    assert gateway.refused == []


async def test_a_file_is_described_and_can_be_had_where_it_is_said_to_be(
    world: World, client: EngineClient
) -> None:
    entry = world.people["ann"][0]

    first = (await listed(ANN + "/media", client))[0]

    picture, film, _ = first.media
    name = media_name(entry, entry.items[0])
    base = f"https://pbs.twimg.com/media/{name}?format=jpg&name="
    assert (picture.url, picture.mirrors) == (base + "orig", (base + "4096x4096", base + "large"))
    assert (picture.kind, picture.width, picture.height) == (MediaKind.IMAGE, 320, 400)
    assert picture.filename == f"{name}.jpg"
    assert (film.kind, film.transport, film.duration) == (MediaKind.VIDEO, Transport.HTTP, 1.0)
    assert "/320x400/" in film.url  # the largest of them
    assert film.mirrors == ()
    assert film.headers["Referer"] == "https://x.com/"


async def test_the_bytes_are_where_a_file_is_said_to_be(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    entries = world.people["Ben"]
    posts = await listed("https://x.com/ben/media", client)

    async with aiohttp.ClientSession() as session:
        for media, item in zip(
            [media for post in posts for media in post.media], items(entries), strict=True
        ):
            for url in (media.url, *media.mirrors):
                # The gateway shows its sites by http as well.
                plain = url.replace("https://", "http://")
                async with session.get(plain, proxy=gateway.url) as answer:
                    assert await answer.read() == item.body


async def test_every_kind_of_file_is_in_the_world_that_is_shown(world: World) -> None:
    kinds = {flavour(item) for item in items(world.people["ann"])}

    assert kinds == {"photo", "video", "amplify", "animated_gif"}


async def test_whoever_stops_listening_stops_the_requests(
    world: World, client: EngineClient
) -> None:
    pages = paged(ANN, client)
    async for page in pages:
        assert len(page.posts) == 20
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert world.count(HOST, "/UserMedia$") == 1
    assert world.count(HOST, "/graphql/") == 2  # the account, and one page of it


@pytest.mark.parametrize(
    "url",
    [ANN, f"{ANN}/media", "https://x.com/i/bookmarks", "https://x.com/search?q=from:ann"],
)
async def test_a_listing_goes_on_behind_any_cursor(
    world: World, client: EngineClient, url: str
) -> None:
    pages = [page async for page in paged(url, client)]

    for index, page in enumerate(pages[:-1]):
        rest = [later async for later in paged(url, client, cursor=page.cursor)]

        behind = [post.id for later in pages[index + 1 :] for post in later.posts]
        found = [post.id for later in rest for post in later.posts]
        assert [one for one in found if one in behind] == behind
        assert len(found) - len(behind) <= 1  # a search begins with the post that it begins at
    assert [len(page.posts) for page in pages if page.posts] == [20, 20, 5]
    assert world.people["ann"]


@pytest.mark.parametrize(
    ("url", "who"),
    [
        ("https://x.com/ann/likes", "Ben"),
        ("https://x.com/i/bookmarks", "ann"),
        ("https://x.com/search?q=from%3Aben&src=typed_query&f=live", "Ben"),
    ],
)
async def test_other_feeds_are_listed_to_the_last_file(
    world: World, client: EngineClient, gateway: Gateway, url: str, who: str
) -> None:
    entries = world.people[who]

    posts = await listed(url, client)

    theirs = [post for post in posts if post.author != "banned"]
    assert ids(theirs) == [tweet_id(entry) for entry in entries]
    assert media_ids(theirs) == of_world(entries)
    assert {post.author for post in theirs} == {who}
    assert gateway.refused == []


async def test_a_list_counts_nothing_twice_and_no_advertisement(
    world: World, client: EngineClient
) -> None:
    posts = await listed(f"https://x.com/i/lists/{LIST}", client)

    shown = [*world.people["ann"], *world.people["Ben"], *world.people["banned"]]
    assert sorted(ids(posts)) == sorted(tweet_id(entry) for entry in shown)
    assert len(media_ids(posts)) == len(set(media_ids(posts))) == len(items(shown)) == 87


async def test_a_hashtag_is_whatever_carries_it(world: World, client: EngineClient) -> None:
    posts = await listed("https://twitter.com/hashtag/tag1?src=hashtag_click", client)

    everybody = (*world.people["ann"], *world.people["Ben"], *world.people["banned"])
    tagged = [entry for entry in everybody if "#tag1" in entry.text]
    assert sorted(ids(posts)) == sorted(tweet_id(entry) for entry in tagged)
    assert len(posts) == 13


@as_anybody
async def test_one_post_is_shown_to_visitors_too(
    world: World, pool: EnginePool, cookies: str | None
) -> None:
    client = EngineClient(pool, cookies=cookies)
    for entry in world.people["ann"][:3]:
        world.log.clear()

        [post] = await listed(f"https://fxtwitter.com/ann/status/{tweet_id(entry)}/photo/1", client)

        assert (post.id, post.author, post.caption) == (tweet_id(entry), "ann", entry.text)
        assert media_ids([post]) == of_world((entry,))  # without those of what it quotes
        assert world.count(HOST, "/graphql/") == 1


@as_anybody
async def test_a_post_of_words_alone_is_one_without_files(
    world: World, pool: EnginePool, cookies: str | None
) -> None:
    [entry] = world.people["quiet"]

    [post] = await listed(link(entry), EngineClient(pool, cookies=cookies))

    assert (post.id, post.caption, post.media) == (tweet_id(entry), "Only words.", ())


async def test_a_link_to_a_shared_post_leads_to_the_post_itself(
    world: World, client: EngineClient
) -> None:
    entry = world.people["ann"][0]

    [post] = await listed(f"https://x.com/ben/status/{retweet_id(entry)}", client)

    assert (post.id, post.author, post.posted_at) == (tweet_id(entry), "ann", entry.at)
    assert media_ids([post]) == of_world((entry,))
    assert post.caption == entry.text


async def test_both_ways_give_a_video_the_same_ids(world: World, visitor: EngineClient) -> None:
    alone = [entry for entry in world.people["ann"] if [i.kind for i in entry.items] == ["video"]]
    assert {flavour(entry.items[0]) for entry in alone} == {"video", "amplify", "animated_gif"}
    for entry in alone:
        if entry.id // 10 % 2 == 0:
            continue  # yt-dlp shows the video of what is quoted, too
        [ours] = await listed(link(entry), visitor)
        [theirs] = await listed(link(entry), visitor, "ytdlp")

        assert (theirs.id, theirs.caption, theirs.posted_at) == (
            (ours.id, ours.caption, ours.posted_at)
        )
        assert media_ids([theirs]) == media_ids([ours]) == of_world((entry,))
        assert theirs.author == ""  # yt-dlp looks for the name where X no longer puts it
        streamed = flavour(entry.items[0]) != "animated_gif"
        assert theirs.media[0].transport is (Transport.YTDLP if streamed else Transport.HTTP)
        assert theirs.media[0].kind is MediaKind.VIDEO


@pytest.mark.parametrize("kind", ["animated_gif", "photo"])
async def test_a_quoted_video_keeps_its_own_id_or_is_left_out(
    world: World, visitor: EngineClient, kind: str
) -> None:
    quoting = next(
        entry
        for entry in world.people["ann"]
        if flavour(entry.items[0]) == kind and len(entry.items) == 1 and entry.id // 10 % 2 == 0
    )
    quoted = next(entry for entry in world.people["Ben"] if is_quoted(entry))

    [post] = await listed(link(quoting), visitor, "ytdlp")

    # yt-dlp puts together only the first video of a post: that must not pass for another.
    first = quoting if kind == "animated_gif" else quoted
    [film] = [item for item in first.items if item.kind == "video"]
    assert (post.id, media_ids([post])) == (tweet_id(quoting), [media_id(first, film)])


async def test_a_picture_alone_is_nothing_for_the_second_way(
    world: World, visitor: EngineClient
) -> None:
    entry = world.people["Ben"][0]
    assert [item.kind for item in entry.items] == ["image"]

    with pytest.raises(Unavailable):
        await listed(link(entry), visitor, "ytdlp")


async def test_when_the_first_way_breaks_the_second_brings_the_video(
    world: World, visitor: EngineClient
) -> None:
    entry = world.people["ann"][1]
    world.plant(HOST, Fault(status=200, body=b'{"new": {}}', path="TweetResult"))
    target = find_targets(link(entry))[0][1]

    found = [
        (name, post)
        async for name, page in Chain(Breakers(Clock())).pages(target, visitor)
        for post in page.posts
    ]

    assert [(name, post.id) for name, post in found] == [("x.ytdlp", tweet_id(entry))]


@pytest.mark.parametrize("host", ["nitter.net", "xcancel.com"])
async def test_a_viewer_shows_the_same_posts_and_the_files_are_those_of_x(
    world: World, client: EngineClient, visitor: EngineClient, gateway: Gateway, host: str
) -> None:
    ours = await listed(ANN + "/media", client)

    theirs = await shown(f"https://{host}/ann/media", visitor)

    same = ("platform", "host", "id", "url", "author", "caption", "posted_at")
    assert [[getattr(post, name) for name in same] for post in theirs] == [
        [getattr(post, name) for name in same] for post in ours
    ]
    had = [
        (media_id(entry, item), len(entry.items) > 1 and flavour(item) == "animated_gif")
        for entry in world.people["ann"]
        for item in entry.items
    ]
    # gallery-dl overlooks what moves without sound beside pictures.
    assert media_ids(theirs) == [number for number, overlooked in had if not overlooked]
    assert len(media_ids(theirs)) == 70
    ways = {media.id: media for post in ours for media in post.media}
    for media in (media for post in theirs for media in post.media):
        assert (media.url, media.kind) == (ways[media.id].url, ways[media.id].kind)
        assert media.mirrors[-1].startswith(f"https://{host}/")
    assert gateway.refused == []


async def test_one_post_of_a_viewer(world: World, visitor: EngineClient) -> None:
    entry = world.people["ann"][0]

    [post] = await shown(f"https://nitter.net/ann/status/{tweet_id(entry)}", visitor)

    assert (post.id, media_ids([post])) == (tweet_id(entry), of_world((entry,)))


@pytest.mark.parametrize("url", [ANN, "https://x.com/ann/likes", "https://x.com/i/bookmarks"])
async def test_a_visitor_is_told_to_log_in(world: World, visitor: EngineClient, url: str) -> None:
    with pytest.raises(LoginRequired):
        await listed(url, visitor)

    assert world.count(HOST, "/graphql/") <= 2


@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_a_visitor_is_told_to_log_in_for_a_protected_post(
    world: World, visitor: EngineClient, way: str
) -> None:
    with pytest.raises(LoginRequired):
        await listed(link(world.people["shy"][0]), visitor, way)


async def test_the_post_of_a_suspended_account_is_withheld(
    world: World, visitor: EngineClient
) -> None:
    with pytest.raises(Withheld, match="may be suspended"):
        await listed(link(world.people["banned"][0]), visitor)


async def test_a_post_that_x_hides_from_a_login_is_no_empty_listing(
    world: World, client: EngineClient
) -> None:
    with pytest.raises(Withheld, match="does not show this post"):
        await listed(link(world.people["shy"][0]), client)


async def test_a_login_that_is_over_is_told_from_a_post_that_is_gone(
    world: World, pool: EnginePool
) -> None:
    client = EngineClient(pool, cookies=cookies_of("0bad" * 10))

    with pytest.raises(LoginRequired):
        await listed(ANN, client)

    assert world.log[-1].status == 401


@as_anybody
@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("https://x.com/nobody", Gone, "nobody of this name"),
        ("https://x.com/ann/status/1976873728210846713", Gone, "post does not exist"),
        ("https://x.com/banned", Withheld, "suspended"),
        ("https://x.com/shy", LoginRequired, "logged in"),
    ],
)
async def test_x_says_with_status_200_why_it_shows_nothing(  # noqa: PLR0917  # fixtures
    world: World,
    pool: EnginePool,
    cookies: str | None,
    url: str,
    error: type[SourceError],
    words: str,
) -> None:
    client = EngineClient(pool, cookies=cookies)

    with pytest.raises(error, match=words) as caught:
        await listed(url, client)

    assert type(caught.value) is error
    assert world.count(HOST, "/graphql/") <= 2
    assert world.log[-1].status == 200 or error is LoginRequired


def answers(body: bytes, operation: str, status: int = 200) -> Fault:
    headers = {"content-type": "application/json"}
    return Fault(status=status, headers=headers, body=body, path=f"/{operation}$")


LOCKED = b'{"errors":[{"code":326,"message":"this account is temporarily locked"}]}'
CHANGED = (
    b'{"data":{"user":{"result":{"timeline":{"timeline":{"instructions":[{"type":'
    b'"TimelineAddEntries","entries":[{"new":1}]}]}}}}}}'
)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503, path="/UserMedia$"), Unavailable),
        (
            Fault(status=403, headers={"cf-mitigated": "challenge"}, path="/UserMedia$"),
            Challenge,
        ),
        (answers(LOCKED, "UserMedia", 403), Challenge),
        (answers(b'{"data":{}}', "UserMedia"), Unavailable),
        (answers(CHANGED, "UserMedia"), UnexpectedResponse),
    ],
)
async def test_a_failure_of_a_timeline_is_named_by_what_x_answered(
    world: World, client: EngineClient, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(HOST, fault)

    with pytest.raises(error) as caught:
        await listed(ANN, client)

    assert type(caught.value) is error
    assert world.count(HOST, "/UserMedia$") == 1  # it is not hammered


async def test_an_account_in_an_unknown_form_is_not_taken_for_a_missing_one(
    world: World, client: EngineClient
) -> None:
    body = b'{"data":{"user":{"result":{"__typename":"User","number":"1"}}}}'
    world.plant(HOST, answers(body, "UserByScreenName"))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)


async def test_being_asked_to_slow_down_tells_for_how_long(
    world: World, client: EngineClient
) -> None:
    reset = {"x-rate-limit-reset": "90"}
    world.plant(HOST, Fault(status=429, headers=reset, path="/UserMedia$"))

    with pytest.raises(RateLimited) as caught:
        await listed(ANN, client)

    assert caught.value.retry_after == 90
    assert world.count(HOST, "/UserMedia$") == 1


async def test_what_was_found_before_a_failure_is_kept_with_its_cursor(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, Fault(path="/UserMedia$"), Fault(status=500, path="/UserMedia$"))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in paged(ANN, client):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    rest = [page async for page in paged(ANN, client, cursor=kept[-1].cursor)]

    posts = [post for page in (*kept, *rest) for post in page.posts]
    assert sorted(set(ids(posts))) == sorted(tweet_id(entry) for entry in world.people["ann"])
    assert len(posts) - len(set(ids(posts))) <= 1


@pytest.mark.parametrize(
    ("url", "feed", "key"),
    [
        ("https://x.com/Ann", "user", "ann"),
        ("https://www.twitter.com/ann/", "user", "ann"),
        ("http://mobile.twitter.com/ann/with_replies?lang=de", "user", "ann"),
        ("https://x.com/ann?s=21", "user", "ann"),
        ("https://x.com/intent/follow?screen_name=Ann", "user", "ann"),
        ("https://twitter.com/intent/user?lang=de&screen_name=ann&tw_p=x", "user", "ann"),
        ("https://x.com/ann/media", "media", "ann"),
        ("https://m.twitter.com/ann/likes", "likes", "ann"),
        ("https://x.com/i/bookmarks", "bookmarks", "bookmarks"),
        ("https://x.com/i/lists/123?s=20", "list", "123"),
        ("https://x.com/search?q=cats%20from%3Aann&f=live", "search", "cats%20from%3Aann"),
        ("https://twitter.com/search?src=typed_query&q=cats", "search", "cats"),
        ("https://x.com/hashtag/Cats?src=hashtag_click", "hashtag", "cats"),
        ("https://x.com/ann/status/12345", "status", "12345"),
        ("https://twitter.com/ann/status/12345/photo/1?s=20", "status", "12345"),
        ("https://x.com/i/web/status/12345", "status", "12345"),
        ("https://x.com/i/status/12345/video/2", "status", "12345"),
        ("https://vxtwitter.com/ann/status/12345", "status", "12345"),
        ("https://fixupx.com/ann/status/12345/de", "status", "12345"),
        ("https://d.fxtwitter.com/ann/status/12345.mp4", "status", "12345"),
    ],
)
def test_all_spellings_of_a_link_are_claimed(url: str, feed: str, key: str) -> None:
    provider, target = find_targets(url)[0]

    assert (provider.name, target.feed, target.key) == ("x.gallerydl", feed, key)
    assert find_targets(target.url)[0][1] == target


@pytest.mark.parametrize("url", ["https://x.com/ann&lang=de", "https://x.com/ann&x/status/12"])
def test_a_link_that_is_written_wrongly_is_nobody(url: str) -> None:
    assert find_targets(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/home",
        "https://x.com/i/spaces/1OwxWwQOPlNxQ",
        "https://x.com/explore",
        "https://x.com/settings/account",
        "https://x.com/ann/status/12345/quotes",
        "https://notx.com/ann/status/12345",
        "https://x.com.example/ann",
    ],
)
def test_what_is_no_feed_of_x_is_not_claimed(url: str) -> None:
    assert not [target for _, target in find_targets(url) if target.platform == "x"]


def test_every_link_that_yt_dlp_is_tried_with_leads_to_its_post() -> None:
    cases: tuple[object, ...] = (*TwitterIE._TESTS, *TwitterCardIE._TESTS)
    urls = [str(case["url"]) for case in cases if isinstance(case, dict)]
    assert len(urls) > 40

    for url in urls:
        found = [target for _, target in find_targets(url)]
        assert [(target.platform, target.feed) for target in found] == [("x", "status")], url
        assert found[0].key in url


@pytest.mark.parametrize("lost", ["tweet_id", "author", "content"])
def test_a_post_in_an_unknown_form_is_no_post(lost: str) -> None:
    known: dict[str, Json] = {"tweet_id": 1, "author": {"name": "ann"}, "content": "Words."}
    assert read_post(Draft(meta=known)) is not None

    with pytest.raises(UnexpectedResponse):
        read_post(Draft(meta={name: value for name, value in known.items() if name != lost}))


def test_a_file_has_the_number_that_x_gave_it() -> None:
    # The pair is in X's documentation of entities, and in that of yt-dlp's tests.
    post, picture = 861627479294746624, "https://pbs.twimg.com/media/C_UdnvPUwAE3Dnn.jpg"
    assert media_id_of(picture, post, 1) == "861627472244162561"
    thumb = (
        "https://pbs.twimg.com/ext_tw_video_thumb/1599108643743473680/pu/img/UG3xjov4rgg5sbYM.jpg"
    )
    assert media_id_of(thumb, 1599108751335677952, 1) == "1599108643743473680"


@pytest.mark.parametrize(
    "names",
    [
        ("card/abc", "card/abd"),
        ("media/holiday.jpg", "media/beach.jpg"),
        ("media/holiday_pictures_1.jpg", "media/holiday_pictures_2.jpg"),  # no name is as long
        ("media/holiday_picts_1.jpg", "media/holiday_picts_2.jpg"),  # of a time to come
    ],
)
def test_a_file_whose_address_tells_no_number_is_known_by_its_post(names: tuple[str, str]) -> None:
    files = [EngineFile(url=f"https://pbs.twimg.com/{name}", meta={}) for name in names]
    meta: dict[str, Json] = {
        "tweet_id": 861627479294746624,
        "author": {"name": "ann"},
        "content": "",
    }

    post = read_post(Draft(meta=meta, files=files))

    assert post is not None
    assert [one.id for one in post.media] == ["861627479294746624_1", "861627479294746624_2"]
