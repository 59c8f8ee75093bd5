"""LinkedIn by every way to it: the same posts and files, before a site that knows the exact content."""

import html
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import aiohttp
import pytest
from yt_dlp.extractor.linkedin import LinkedInIE

from gatherum.db import Database
from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.budget import Budget
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar, parse_cookies
from gatherum.fetching.http import Http, Meter
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import MediaKind, Page, Post, Target, Transport
from gatherum.providers import find_chain, find_targets
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain, Position
from gatherum.providers.engines.sites import site_target
from gatherum.providers.engines.ytdlp import site
from gatherum.providers.linkedin.posts import moment_of
from gatherum.safety.policy import Policy
from tests.providers.test_chain import Clock
from tests.testsites.gateway import Gateway
from tests.testsites.linkedin import DENIED, cookies_of, mount_linkedin
from tests.testsites.linkedin_pages import SCRIPTS
from tests.testsites.linkedin_posts import (
    HOST,
    ROOT,
    activity_of,
    body_of,
    link_of,
    share_of,
    shown_of,
)
from tests.testsites.world import START, Entry, Fault, World

ANN, ACME = f"{ROOT}/in/ann/", f"{ROOT}/company/acme/"
GRAPHQL = "/voyager/api/graphql"
KINDS: Final = {
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "document": MediaKind.DOCUMENT,
}
Connect = Callable[[str], JobClient]


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 45)
    world.add_person("acme", 25)
    world.add_person("shy", 2)
    text = Entry(id=4_000_020, at=START, author="quiet", text="Look at this.", items=())
    world.people["quiet"] = (text,)
    world.people["new"] = ()
    mount_linkedin(world, companies=["acme"], hidden=["shy"])
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
async def connect(
    gateway: Gateway, sqlite_database: Database, pool: EnginePool
) -> AsyncIterator[Connect]:
    clock = Clock()
    http = Http(
        policy=Policy.from_names(("127.0.0.1",)),
        budget=Budget(sqlite_database, clock, lambda: 0.0),
        clock=clock,
        proxy=gateway.url,
        ca_bundle=gateway.bundle,
        connections=8,
        per_host=4,
        stall_s=5.0,
    )

    def client(cookies: str) -> JobClient:
        jar = parse_cookies(cookies) if cookies else Jar()
        return JobClient(http, pool, platform="linkedin", login="", jar=jar, meter=Meter())

    yield client
    await http.close()


@pytest.fixture
def client(connect: Connect) -> JobClient:
    return connect(cookies_of())


@pytest.fixture
def visitor(connect: Connect) -> JobClient:
    return connect("")


def paged(
    url: str, client: JobClient, way: str = "voyager", cursor: str | None = None
) -> AsyncIterator[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == f"linkedin.{way}"]
    return provider.listing(target, client, cursor)


async def listed(url: str, client: JobClient, way: str = "voyager") -> list[Post]:
    return [post async for page in paged(url, client, way) for post in page.posts]


async def chained(url: str, client: JobClient) -> list[tuple[str, Post]]:
    target = find_targets(url)[0][1]
    pages = Chain(Breakers(Clock())).pages(target, client)
    return [(name, post) async for name, page in pages for post in page.posts]


def ids_of(entries: Sequence[Entry]) -> list[str]:
    """The ids of all files of some posts: the post's urn, and the place from 1."""
    return [
        f"{activity_of(entry)}_{place}"
        for entry in entries
        for place, _ in enumerate(shown_of(entry)[1], start=1)
    ]


def media_ids(posts: Sequence[Post]) -> list[str]:
    return [media.id for post in posts for media in post.media]


def of_kind(world: World, kind: str, who: str = "ann", *, embedded: bool | None = None) -> Entry:
    """A post of a kind; the page of those with an even number brings it along."""
    return next(
        entry
        for entry in world.people[who]
        if shown_of(entry)[0] == kind and embedded in {None, entry.id // 10 % 2 == 0}
    )


@pytest.mark.parametrize(
    ("url", "who", "count", "files"), [(ANN, "ann", 45, 45), (ACME, "acme", 25, 24)]
)
async def test_a_feed_is_listed_to_the_last_file_newest_first(  # noqa: PLR0917  # fixtures
    world: World, client: JobClient, gateway: Gateway, url: str, who: str, count: int, files: int
) -> None:
    entries = world.people[who]

    posts = await listed(url, client)

    assert [post.id for post in posts] == [activity_of(entry) for entry in entries]
    assert media_ids(posts) == ids_of(entries)
    assert (len(posts), len(set(media_ids(posts)))) == (count, files)
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {(post.platform, post.host, post.author) for post in posts} == {("linkedin", "", who)}
    assert posts[0].url == f"{ROOT}/feed/update/{activity_of(entries[0])}/"
    articles = {post.links for post in posts if not post.media}
    assert articles == {
        (f"https://news.example/{entry.id}",)
        for entry in entries
        if shown_of(entry)[0] == "article"
    }
    assert len(articles) > 2
    assert gateway.refused == []


async def test_what_somebody_only_passes_on_is_left_out(world: World, client: JobClient) -> None:
    posts = await listed(ANN, client)

    assert len(posts) == 45
    assert {post.author for post in posts} == {"ann"}
    assert world.count(HOST, GRAPHQL) == 4 + 1  # one query of that name lists comments


async def test_the_bytes_are_where_a_file_is_said_to_be(
    world: World, client: JobClient, gateway: Gateway
) -> None:
    posts = (await listed(ANN, client))[:12]

    async with aiohttp.ClientSession() as session:
        for post, entry in zip(posts, world.people["ann"], strict=False):
            kind, files = shown_of(entry)
            for media, item in zip(post.media, files, strict=True):
                assert (media.kind, media.transport) == (KINDS[kind], Transport.HTTP)
                for url in (media.url, *media.mirrors):
                    # The gateway shows its sites by http as well.
                    plain = url.replace("https://", "http://")
                    async with session.get(plain, proxy=gateway.url) as answer:
                        assert await answer.read() == body_of(kind, item)
    assert {media.kind for post in posts for media in post.media} == set(KINDS.values())


async def test_the_largest_of_a_picture_and_of_a_film_is_taken(
    world: World, client: JobClient
) -> None:
    posts = {post.id: post for post in await listed(ANN, client)}

    [picture, *_] = posts[activity_of(of_kind(world, "image"))].media
    assert (picture.width, picture.height) == (1280, 1600)
    assert "shrink_1280" in picture.url
    assert ["shrink_800" in mirror for mirror in picture.mirrors] == [True]
    [film] = posts[activity_of(of_kind(world, "video"))].media
    assert (film.width, film.height, film.duration) == (960, 720, 1.0)
    [paper] = posts[activity_of(of_kind(world, "document"))].media
    assert paper.filename == "Some pages.pdf"


async def test_whoever_stops_listening_stops_the_requests(world: World, client: JobClient) -> None:
    pages = paged(ANN, client)
    async for page in pages:
        assert len(page.posts) == 20
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert world.count(HOST) == 3  # the page, a query that is another one, and the right one
    assert world.count("static.licdn.com") == 2


@pytest.mark.parametrize("url", [ANN, ACME])
async def test_a_feed_goes_on_behind_any_cursor(world: World, client: JobClient, url: str) -> None:
    pages = [page async for page in paged(url, client)]

    assert next(len(page.posts) for page in pages if page.posts) == 20
    for index, page in enumerate(pages[:-1]):
        world.log.clear()
        rest = [later async for later in paged(url, client, cursor=page.cursor)]

        assert [post.id for later in rest for post in later.posts] == [
            post.id for later in pages[index + 1 :] for post in later.posts
        ]
        assert {hit.path for hit in world.log if hit.host == HOST} == {GRAPHQL}


async def test_a_cursor_holds_when_the_query_has_changed_meanwhile(client: JobClient) -> None:
    pages = [page async for page in paged(ANN, client)]
    old = (pages[0].cursor or "").replace(".4af00b28", ".00000000")

    rest = [post async for page in paged(ANN, client, cursor=old) for post in page.posts]

    assert media_ids(rest) == media_ids([post for page in pages[1:] for post in page.posts])


async def test_nobody_without_posts_is_an_error(client: JobClient) -> None:
    assert await listed(f"{ROOT}/in/new/", client) == []


@pytest.mark.parametrize("kind", ["image", "video", "document", "article"])
async def test_every_way_gives_a_post_the_same_ids(
    world: World, client: JobClient, visitor: JobClient, kind: str
) -> None:
    for embedded in (True, False):
        entry = of_kind(world, kind, embedded=embedded)
        [ours] = await listed(link_of(entry), client)
        [theirs] = await listed(link_of(entry), visitor, "page")

        same = ("platform", "id", "url", "author", "caption", "posted_at", "links")
        assert [getattr(theirs, name) for name in same] == [getattr(ours, name) for name in same]
        assert (ours.id, ours.author, ours.caption) == (activity_of(entry), "ann", entry.text)
        assert ours.posted_at == entry.at
        assert media_ids([ours]) == media_ids([theirs]) == ids_of([entry])
        assert [one.kind for one in ours.media] == [one.kind for one in theirs.media]
        assert [one.filename for one in ours.media] == [one.filename for one in theirs.media]
        if kind in {"video", "document"}:
            assert [one.url for one in ours.media] == [one.url for one in theirs.media]


async def test_a_film_is_the_same_through_yt_dlp(
    world: World, client: JobClient, visitor: JobClient, gateway: Gateway
) -> None:
    films = [entry for entry in world.people["ann"] if shown_of(entry)[0] == "video"]
    for entry in films[:3]:
        [ours] = await listed(link_of(entry), client)
        [theirs] = await listed(link_of(entry), visitor, "ytdlp")

        assert (theirs.id, theirs.author, theirs.caption, theirs.posted_at) == (
            (ours.id, ours.author, ours.caption, ours.posted_at)
        )
        assert media_ids([theirs]) == media_ids([ours]) == ids_of([entry])
        assert theirs.media[0].transport is Transport.HTTP
        assert theirs.media[0].url == ours.media[0].url  # the largest by both
    assert len(films) == 15
    assert gateway.refused == []


async def test_yt_dlp_alone_gives_the_same_posts_for_links_that_have_their_number(
    world: World, visitor: JobClient, gateway: Gateway
) -> None:
    films = [entry for entry in world.people["ann"] if shown_of(entry)[0] == "video"]
    assert len(films) == 15

    for entry in films:
        pages = site(site_target("ytdlp", "LinkedIn", link_of(entry)), visitor, None)
        [post] = [post async for page in pages for post in page.posts]

        assert (post.platform, post.id, post.author) == ("linkedin", activity_of(entry), "ann")
        assert (post.caption, post.posted_at) == (entry.text, entry.at)
        assert media_ids([post]) == ids_of([entry])
    assert gateway.refused == []


@pytest.mark.parametrize(
    "form", ["feed/update/{activity}/", "feed/update/{share}", "posts/a-{kind}-{number}-Ab1_"]
)
@pytest.mark.parametrize("way", ["ytdlp", "voyager", "page"])
async def test_whichever_urn_a_link_has_the_post_is_the_same(  # fixtures
    world: World, client: JobClient, visitor: JobClient, form: str, way: str
) -> None:
    for embedded in (True, False):
        entry = of_kind(world, "video", embedded=embedded)
        share = share_of(entry)
        _, _, kind, number = share.split(":")
        path = form.format(activity=activity_of(entry), share=share, kind=kind, number=number)

        [post] = await listed(f"{ROOT}/{path}", client if way == "voyager" else visitor, way)

        assert (post.id, media_ids([post])) == (activity_of(entry), ids_of([entry]))


async def test_the_film_beside_a_picture_is_not_taken_for_its_own(
    world: World, visitor: JobClient
) -> None:
    entry = of_kind(world, "image")
    beside = site(site_target("ytdlp", "LinkedIn", link_of(entry)), visitor, None)
    taken = [media.url async for page in beside for post in page.posts for media in post.media]
    assert "/playlist/vid/" in taken[0]  # this is what yt-dlp finds there

    with pytest.raises(Unsupported):
        await listed(link_of(entry), visitor, "ytdlp")

    [(name, post)] = await chained(link_of(entry), visitor)
    assert (name, media_ids([post])) == ("linkedin.page", ids_of([entry]))


@pytest.mark.parametrize(
    ("kind", "way"), [("video", "ytdlp"), ("image", "page"), ("document", "page")]
)
async def test_a_visitor_gets_a_post_by_the_first_way_that_can(
    world: World, visitor: JobClient, kind: str, way: str
) -> None:
    entry = of_kind(world, kind)

    [(name, post)] = await chained(link_of(entry), visitor)

    assert (name, media_ids([post])) == (f"linkedin.{way}", ids_of([entry]))
    assert world.count("static.licdn.com") == 0


@pytest.mark.parametrize("kind", ["video", "image", "document"])
async def test_who_is_logged_in_gets_it_from_voyager(
    world: World, client: JobClient, kind: str
) -> None:
    entry = of_kind(world, kind)

    [(name, post)] = await chained(link_of(entry), client)

    assert (name, media_ids([post])) == ("linkedin.voyager", ids_of([entry]))


async def test_a_picture_that_only_the_head_of_a_page_names_is_one(
    world: World, visitor: JobClient
) -> None:
    entry = of_kind(world, "image")
    url = "https://media.licdn.com/dms/image/v2/D4E1/feedshare-shrink_800/0/1?e=2000000000"
    body = (
        f'<html><head><meta property="og:image" content="{url}"></head><body>'
        f'<article data-activity-urn="{activity_of(entry)}"></article></body></html>'
    )
    world.plant(HOST, Fault(status=200, body=body.encode()))

    [post] = await listed(link_of(entry), visitor, "page")

    assert [media.url for media in post.media] == [url]


async def test_the_face_of_an_author_is_no_picture_of_a_post(
    world: World, visitor: JobClient
) -> None:
    [post] = await listed(link_of(world.people["quiet"][0]), visitor, "page")

    assert (post.caption, post.media) == ("Look at this.", ())  # its page has an og:image, too


async def test_who_looks_is_not_taken_for_whom_they_look_at(
    world: World, client: JobClient
) -> None:
    own = {"entityUrn": "urn:li:fsd_profile:ACoAAAviewer", "publicIdentifier": "who-looks"}
    told = json.dumps({"included": [own, {"again": [own["entityUrn"]] * 9}]})
    scripts = f'<script src="{SCRIPTS}b2"></script><a href="/x?urn=urn:li:fsd_profile:ACoAAB-1000">'
    body = f'{scripts}<code id="bpr-guid-1">{html.escape(told)}</code>'
    world.plant(HOST, Fault(status=200, body=body.encode()))

    posts = await listed(ANN, client)

    assert {post.author for post in posts} == {"ann"}


async def test_voyager_is_nothing_for_visitors(world: World, visitor: JobClient) -> None:
    for url in (link_of(of_kind(world, "image")), ACME):
        with pytest.raises(LoginRequired):
            await listed(url, visitor)

    assert world.count(HOST) == 2
    assert world.count("static.licdn.com") == 0


async def test_what_a_post_shares_of_others_is_a_link(world: World, client: JobClient) -> None:
    [entry] = world.people["quiet"]

    [post] = await listed(f"{ROOT}/feed/update/{activity_of(entry)}/", client)

    assert (post.id, post.author, post.media) == (activity_of(entry), "quiet", ())
    shared = of_kind(world, "image")
    assert post.links == (f"{ROOT}/feed/update/{activity_of(shared)}/",)


async def test_visitors_see_the_newest_posts_of_a_company_and_are_told_that_there_is_more(
    world: World, visitor: JobClient
) -> None:
    found, error = await cut_short(find_targets(f"{ROOT}/company/acme/posts/")[0][1], visitor)

    assert {name for name, _ in found} == {"linkedin.page"}
    posts = [post for _, page in found for post in page.posts]
    entries = world.people["acme"][:10]
    assert [post.id for post in posts] == [activity_of(entry) for entry in entries]
    assert media_ids(posts) == ids_of(entries)
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert type(error) is LoginRequired


async def test_a_login_that_dies_amid_a_company_does_not_end_its_list(
    world: World, connect: Connect, client: JobClient
) -> None:
    target = find_targets(ACME)[0][1]
    begun = await anext(paged(ACME, client))
    start = Position(provider="linkedin.voyager", cursor=begun.cursor or "")

    found, error = await cut_short(target, connect(cookies_of(li_at="over")), start)
    ((name, page),) = found
    assert (name, len(page.posts), type(error)) == ("linkedin.page", 10, LoginRequired)

    start = Position(provider=name, cursor=page.cursor or "")
    assert start.cursor
    world.log.clear()
    more, again = await cut_short(target, connect(cookies_of(li_at="over")), start)
    assert (more, type(again), world.count(HOST)) == ([], LoginRequired, 1)
    rest, none = await cut_short(target, client, start)
    assert none is None
    everything = [post.id for _, page in rest for post in page.posts]
    assert everything == [activity_of(entry) for entry in world.people["acme"]]


async def cut_short(
    target: Target, client: JobClient, start: Position | None = None
) -> tuple[list[tuple[str, Page]], SourceError | None]:
    """List by all ways, as far as they come."""
    found: list[tuple[str, Page]] = []
    try:
        async for step in Chain(Breakers(Clock())).pages(target, client, start=start):
            found.append(step)  # noqa: PERF401  # they must survive the error
    except SourceError as error:
        return found, error
    return found, None


@pytest.mark.parametrize("cookies", ["", cookies_of(session=""), cookies_of(session="ajax:1")])
async def test_a_login_is_asked_for_where_there_is_none_or_half_of_one(
    world: World, connect: Connect, cookies: str
) -> None:
    with pytest.raises(LoginRequired):
        await listed(ANN, connect(cookies))

    assert world.count(HOST) <= 3


async def test_a_post_for_contacts_only_wants_a_login(
    world: World, client: JobClient, visitor: JobClient
) -> None:
    entry = world.people["shy"][0]

    with pytest.raises(LoginRequired):
        await chained(link_of(entry), visitor)

    assert media_ids([post for _, post in await chained(link_of(entry), client)]) == ids_of([entry])


@pytest.mark.parametrize("way", ["ytdlp", "page", "voyager"])
async def test_only_what_linkedin_itself_says_is_gone(
    client: JobClient, visitor: JobClient, way: str
) -> None:
    missing = f"{ROOT}/posts/ann_words-activity-7151241570371948544-4Gu7"

    with pytest.raises(Gone):
        await listed(missing, client if way == "voyager" else visitor, way)


@pytest.mark.parametrize("url", [f"{ROOT}/in/nobody/", f"{ROOT}/company/nobody/"])
async def test_a_page_that_linkedin_does_not_have_is_gone(client: JobClient, url: str) -> None:
    with pytest.raises(Gone):
        await listed(url, client)


def moved(path: str) -> Fault:
    return Fault(status=302, headers={"Location": f"{ROOT}{path}"})


def told(body: bytes) -> Fault:
    return Fault(status=200, body=body, path=GRAPHQL)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=429, headers={"Retry-After": "600"}), RateLimited),
        (Fault(status=429, headers={"Retry-After": "600"}, path=GRAPHQL), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=500, path=GRAPHQL), Unavailable),
        (Fault(status=999, body=DENIED.encode()), LoginRequired),
        (Fault(status=999, body=DENIED.encode(), path=GRAPHQL), LoginRequired),
        (Fault(status=401, path=GRAPHQL), LoginRequired),
        (moved("/authwall?trk=gf"), LoginRequired),
        (moved("/uas/login?session_redirect=x"), LoginRequired),
        (moved("/checkpoint/challenge/AgF"), Challenge),
        (Fault(status=200, body=b"<html><body>All is new.</body></html>"), UnexpectedResponse),
        (told(b'{"data": {"data": {"new": {}}}, "included": []}'), UnexpectedResponse),
        (told(b'{"elements": []}'), UnexpectedResponse),
        (
            told(b'{"data": {"data": {"a": {"*elements": ["urn:li:fsd_update:1"]}}}}'),
            UnexpectedResponse,
        ),
        (
            told(
                b'{"data": {"data": {"a": {"*elements": ["x"]}}}, "included": [{"entityUrn": "x", "$type":'
                b' "x.feed.Update", "content": {"imageComponent": {"pictures": []}}}]}'
            ),
            UnexpectedResponse,
        ),
    ],
)
async def test_a_failure_is_named_by_what_was_answered(
    world: World, client: JobClient, fault: Fault, kind: type[SourceError]
) -> None:
    world.plant(HOST, *[fault] * (9 if fault.status == 200 else 1))

    with pytest.raises(kind) as caught:
        await listed(ANN, client)

    assert type(caught.value) is kind
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 600


@pytest.mark.parametrize("way", ["ytdlp", "page"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=429, headers={"Retry-After": "600"}), RateLimited),
        (Fault(status=502), Unavailable),
        (Fault(status=999, body=DENIED.encode()), LoginRequired),
        (moved("/authwall?trk=gf"), LoginRequired),
        (Fault(status=200, body=b"<html><body>All is new.</body></html>"), UnexpectedResponse),
    ],
)
async def test_a_failure_of_a_public_page_is_named_too(  # fixtures
    world: World, visitor: JobClient, way: str, fault: Fault, kind: type[SourceError]
) -> None:
    world.plant(HOST, fault)

    with pytest.raises(kind) as caught:
        await listed(link_of(of_kind(world, "video")), visitor, way)

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=999, body=DENIED.encode()), LoginRequired),
        (moved("/authwall?trk=gf"), LoginRequired),
        (moved("/checkpoint/challenge/AgF"), Challenge),
        (Fault(status=404), Gone),
    ],
)
async def test_a_wall_that_yt_dlp_meets_is_one(
    world: World, visitor: JobClient, fault: Fault, kind: type[SourceError]
) -> None:
    url = link_of(of_kind(world, "video"))
    world.plant(HOST, Fault(path="/posts/"), fault)  # the page is looked at before

    with pytest.raises(kind) as caught:
        await listed(url, visitor, "ytdlp")

    assert type(caught.value) is kind


async def test_what_was_found_before_a_failure_is_kept_with_its_cursor(
    world: World, client: JobClient
) -> None:
    world.plant(HOST, *[Fault(path=GRAPHQL)] * 2, Fault(status=500, path=GRAPHQL))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in paged(ANN, client):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    rest = [page async for page in paged(ANN, client, cursor=kept[-1].cursor)]

    posts = [post for page in (*kept, *rest) for post in page.posts]
    assert [post.id for post in posts] == [activity_of(entry) for entry in world.people["ann"]]


async def test_an_article_brings_its_cover_and_nothing_that_stands_beside_it(
    world: World, visitor: JobClient
) -> None:
    entry = of_kind(world, "image")
    url = f"{ROOT}/pulse/fog-{entry.id}/"

    [post] = await listed(url, visitor, "page")

    assert (post.id, post.url, post.caption) == (f"pulse/fog-{entry.id}", url, entry.text)
    [cover] = post.media
    assert (cover.id, str(cover.kind)) == (f"pulse/fog-{entry.id}_1", "image")
    assert "/article-cover_image-" in cover.url
    assert (await visitor.probe(cover.url)).head[:64] == entry.items[0].body[:64]


async def test_an_article_without_a_cover_says_so(world: World, visitor: JobClient) -> None:
    with pytest.raises(Unsupported, match="no cover"):
        await listed(f"{ROOT}/pulse/fog-{of_kind(world, 'video').id}", visitor, "page")


async def test_a_member_is_not_told_that_an_article_has_no_cover(
    world: World, client: JobClient
) -> None:
    with pytest.raises(Unsupported, match="logged in"):
        await listed(f"{ROOT}/pulse/fog-{of_kind(world, 'image').id}", client, "page")


async def test_an_article_that_announces_nothing_is_an_unknown_form(
    world: World, visitor: JobClient
) -> None:
    world.plant(HOST, Fault(status=200, body=b"<html><p>Fog"))

    with pytest.raises(UnexpectedResponse):
        await listed(f"{ROOT}/pulse/fog-1", visitor, "page")


async def test_an_article_that_is_not_there_is_gone(visitor: JobClient) -> None:
    with pytest.raises(Gone):
        await listed(f"{ROOT}/pulse/fog-1", visitor, "page")


@pytest.mark.parametrize(
    ("url", "feed", "key"),
    [
        ("https://www.linkedin.com/pulse/Fog-ann-a1b2c", "article", "Fog-ann-a1b2c"),
        ("https://de.linkedin.com/pulse/fog-ann-a1b2c/?trackingId=x", "article", "fog-ann-a1b2c"),
        ("https://www.linkedin.com/in/Ann", "user", "ann"),
        ("https://de.linkedin.com/in/ann/?trk=x", "user", "ann"),
        ("https://linkedin.com/in/ann/de", "user", "ann"),
        ("http://m.linkedin.com/in/ann", "user", "ann"),
        ("https://www.linkedin.com/mwlite/in/ann", "user", "ann"),
        ("https://www.linkedin.com/in/ann/recent-activity/all/", "user", "ann"),
        ("https://www.linkedin.com/in/ann/recent-activity/images", "user", "ann"),
        ("https://www.linkedin.com/in/ann/detail/recent-activity/shares/", "user", "ann"),
        ("https://www.linkedin.com/in/ann/overlay/contact-info/", "user", "ann"),
        ("https://www.linkedin.com/in/ann/details/experience/", "user", "ann"),
        ("https://www.linkedin.com/in/j%C3%B6rg-m/", "user", "j%c3%b6rg-m"),
        ("https://www.linkedin.com/company/acme", "company", "company/acme"),
        ("https://uk.linkedin.com/company/Acme/posts/?feedView=all", "company", "company/acme"),
        ("https://www.linkedin.com/company/1337/about/", "company", "company/1337"),
        ("https://www.linkedin.com/school/eth-zurich/posts", "company", "school/eth-zurich"),
        ("https://www.linkedin.com/showcase/azure/", "company", "showcase/azure"),
        (
            "https://www.linkedin.com/posts/ann_a-b-activity-7151241570371948544-4Gu7?utm_source=share",
            "post",
            "activity:7151241570371948544",
        ),
        (
            "https://de.linkedin.com/posts/ann_share-7151241570371948544-4Gu7/",
            "post",
            "share:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/feed/update/urn:li:ugcPost:7151241570371948544/",
            "post",
            "ugcPost:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7151241570371948544?x=1",
            "post",
            "activity:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/feed/update/activity:7151241570371948544",
            "post",
            "activity:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/embed/feed/update/urn:li:share:7151241570371948544",
            "post",
            "share:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/feed/?highlightedUpdateType=X&highlightedUpdateUrn=urn%3Ali%3Aactivity%3A7151241570371948544&origin=Y",
            "post",
            "activity:7151241570371948544",
        ),
        (
            "https://www.linkedin.com/video/live/urn:li:ugcPost:7151241570371948544/",
            "post",
            "ugcPost:7151241570371948544",
        ),
    ],
)
def test_all_spellings_of_a_link_are_claimed(url: str, feed: str, key: str) -> None:
    [(_, target)] = find_targets(url)

    assert (target.platform, target.feed, target.key) == ("linkedin", feed, key)
    assert find_targets(target.url)[0][1] == target


@pytest.mark.parametrize(
    "url",
    [
        "https://www.linkedin.com/feed/",
        "https://www.linkedin.com/jobs/view/123",
        "https://www.linkedin.com/learning/some-course/welcome",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/pulse/",
        "https://www.linkedin.com/pulse/topics/home/",
        "https://www.linkedin.com/pulse/topics",
        "https://www.linkedin.com/posts/ann_no-number",
        "https://notlinkedin.com/in/ann",
        "https://linkedin.com.example/in/ann",
    ],
)
def test_what_is_no_feed_of_linkedin_is_not_claimed(url: str) -> None:
    assert not [target for _, target in find_targets(url) if target.platform == "linkedin"]


def test_every_link_that_yt_dlp_is_tried_with_leads_to_its_post() -> None:
    cases: tuple[object, ...] = (*LinkedInIE._TESTS,)
    urls = [str(case["url"]) for case in cases if isinstance(case, dict)]
    assert len(urls) == 3

    for url in urls:
        [(provider, target)] = find_targets(url)
        assert (provider.name, target.feed) == ("linkedin.ytdlp", "post")
        assert target["number"] in url


def test_the_ways_stand_in_their_order() -> None:
    post = f"{ROOT}/posts/ann_a-activity-7151241570371948544-4Gu7"

    assert [one.name for one, _ in find_chain(post)] == [
        "linkedin.ytdlp",
        "linkedin.voyager",
        "linkedin.page",
    ]
    assert [one.name for one, _ in find_chain(ACME)] == ["linkedin.voyager", "linkedin.page"]
    assert [one.name for one, _ in find_chain(ANN)] == ["linkedin.voyager"]


def test_a_number_tells_when_a_post_was_published() -> None:
    [(_, target)] = find_targets(f"{ROOT}/posts/a_b-activity-7151241570371948544-4Gu7")

    # MathWorks', in the tests of yt-dlp.
    assert moment_of(target["urn"]) == datetime(2024, 1, 11, 16, 0, 54, 20_000, tzinfo=UTC)
