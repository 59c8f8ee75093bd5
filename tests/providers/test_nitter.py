"""X through Nitter: the same posts and files as from X itself, only from whom the person has named."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from gatherum.errors import (
    Challenge,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import MediaKind, Page, Post, Transport
from gatherum.providers import find_chain
from gatherum.providers.breakers import REST, Breakers
from gatherum.providers.chain import Chain
from tests.providers.test_chain import Clock
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.nitter import ANUBIS, error, nitter
from tests.testsites.world import START, Entry, Fault, World, items
from tests.testsites.x import LIST, cookies_of, mount_x
from tests.testsites.x_shapes import flavour, media_id, tweet_id

ANN = "https://x.com/ann"
NITTER = "https://nitter.example"
OTHER = "https://second.example"
CONSENT, SERVERS = "x.viewer_sites", "x.nitter_instances"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 45)
    world.add_person("Ben", 7)
    world.add_person("shy", 3)
    world.add_person("banned", 1)
    world.people["quiet"] = (Entry(id=9, at=START, author="quiet", text="Only words.#a", items=()),)
    mount_x(world, "ann", closed="shy", suspended="banned")
    for host in ("nitter.example", "second.example"):
        encoded = host == "second.example"
        site = nitter(world, encoded=encoded, quoting="ann", closed="shy", suspended="banned")
        world.mount(host, site)
    async with Gateway(world) as gateway:
        yield gateway


def paged(
    url: str, client: SiteClient, cursor: str | None = None, server: str = NITTER
) -> AsyncIterator[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == "x.nitter"]
    own = replace(target, values={**target.values, "server": server})
    return provider.listing(own, client, cursor)


async def listed(url: str, client: SiteClient, server: str = NITTER) -> list[Post]:
    return [post async for page in paged(url, client, server=server) for post in page.posts]


async def chained(
    url: str, client: SiteClient, servers: Sequence[str], *, agreed: bool = True
) -> list[tuple[str, Post]]:
    asked: list[str] = []

    def consents(setting: str) -> bool:
        asked.append(setting)
        return agreed

    chain = Chain(
        Breakers(Clock()), consents, lambda setting: servers if setting == SERVERS else ()
    )
    target = find_chain(url)[0][1]
    found = [
        (name, post) async for name, page in chain.pages(target, client) for post in page.posts
    ]
    assert set(asked) <= {CONSENT}
    return found


def of_world(entries: Sequence[Entry]) -> list[str]:
    return [media_id(entry, item) for entry in entries for item in entry.items]


def media_ids(posts: Sequence[Post]) -> list[str]:
    return [media.id for post in posts for media in post.media]


def link(entry: Entry) -> str:
    return f"https://x.com/{entry.author}/status/{tweet_id(entry)}"


@pytest.mark.parametrize("server", [NITTER, OTHER])
@pytest.mark.parametrize("tail", ["", "/media"])
async def test_somebody_is_listed_as_by_x_itself(
    world: World, client: SiteClient, gateway: Gateway, server: str, tail: str
) -> None:
    client.cookies = cookies_of()
    [(direct, target)] = [step for step in find_chain(ANN + tail) if step[0].direct]
    entries = world.people["ann"]
    ours = [post async for page in direct.listing(target, client, None) for post in page.posts]

    theirs = await listed(ANN + tail, client, server)

    same = ("platform", "host", "id", "url", "author", "caption", "posted_at", "pinned")
    assert [[getattr(post, name) for name in same] for post in theirs] == [
        [getattr(post, name) for name in same] for post in ours
    ]
    assert media_ids(theirs) == media_ids(ours) == of_world(entries)
    assert len(media_ids(theirs)) == len(items(entries)) == 75
    ways = {media.id: media for post in ours for media in post.media}
    for media in (media for post in theirs for media in post.media):
        known = ways[media.id]
        assert (media.url, media.kind, media.transport) == (known.url, known.kind, known.transport)
        assert media.mirrors[-1].startswith(f"{server}/")
    assert gateway.refused == []


async def test_every_kind_of_file_is_among_them(world: World, client: SiteClient) -> None:
    posts = await listed(ANN, client)

    assert {flavour(item) for item in items(world.people["ann"])} == {
        "photo",
        "video",
        "amplify",
        "animated_gif",
    }
    kinds = {(media.kind, media.transport) for post in posts for media in post.media}
    assert kinds == {(MediaKind.IMAGE, Transport.HTTP), (MediaKind.VIDEO, Transport.HTTP)}


@pytest.mark.parametrize("whole", [False, True])
async def test_a_film_is_left_to_yt_dlp_only_where_it_is_shown_as_a_stream_alone(
    world: World,
    client: SiteClient,
    whole: bool,  # noqa: FBT001  # a parameter
) -> None:
    inner = "https%3A%2F%2Fvideo.twimg.com%2Famplify_video%2F1599108643743473680%2F"
    saved = f'<a class="video-download" href="/video/0123456789ABC/{inner}vid%2F2%2Fb.mp4"></a>'
    body = (
        '<div class="timeline-item"><span class="tweet-date"><a href="/ann/status/1599108643743473681#m">'
        '</a></span><div class="tweet-content">Words</div><div class="attachments"><div class="attachment">'
        f'<video data-url="/video/0123456789ABC/{inner}pl%2Fa.m3u8"></video>{saved if whole else ""}'
        "</div></div></div>"
    )
    world.plant("nitter.example", Fault(status=200, body=body.encode()))

    [post] = await listed(ANN, client)

    [film] = post.media
    root = "https://video.twimg.com/amplify_video/1599108643743473680"
    assert (film.id, film.url, film.transport) == (
        ("1599108643743473680", f"{root}/vid/2/b.mp4", Transport.HTTP)
        if whole
        else ("1599108643743473680", f"{root}/pl/a.m3u8", Transport.YTDLP)
    )


async def test_whoever_stops_listening_stops_the_requests(world: World, client: SiteClient) -> None:
    pages = paged(ANN, client)
    async for page in pages:
        assert len(page.posts) == 20
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert world.count("nitter.example") == 1
    assert world.count("x.com") == 0


@pytest.mark.parametrize("url", [ANN, "https://x.com/search?q=from:ann"])
async def test_a_listing_goes_on_behind_any_cursor_on_any_instance(
    world: World, client: SiteClient, url: str
) -> None:
    pages = [page async for page in paged(url, client)]

    assert [len(page.posts) for page in pages] == [20, 20, 5, 0]
    assert world.count("nitter.example") == 4
    for index, page in enumerate(pages[:-1]):
        rest = [later async for later in paged(url, client, page.cursor, OTHER)]
        assert [post.id for later in rest for post in later.posts] == [
            post.id for later in pages[index + 1 :] for post in later.posts
        ]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("https://x.com/search?q=from%3Aben&src=typed_query&f=live", 7),
        ("https://twitter.com/hashtag/tag1?src=hashtag_click", 13),
        (f"https://x.com/i/lists/{LIST}", 53),
    ],
)
async def test_other_feeds_are_listed_to_the_last_file(
    world: World, client: SiteClient, url: str, count: int
) -> None:
    posts = await listed(url, client)

    assert len(posts) == len({post.id for post in posts}) == count
    everybody = [entry for entries in world.people.values() for entry in entries]
    own = [entry for entry in everybody if tweet_id(entry) in {post.id for post in posts}]
    assert sorted(media_ids(posts)) == sorted(of_world(own))


async def test_one_post_is_shown_without_its_thread_and_what_it_quotes(
    world: World, client: SiteClient
) -> None:
    for entry in world.people["ann"][:3]:
        [post] = await listed(link(entry), client)

        assert (post.id, post.author, post.caption) == (tweet_id(entry), "ann", entry.text)
        assert media_ids([post]) == of_world([entry])
    [words] = await listed(link(world.people["quiet"][0]), client)
    assert (words.caption, words.media) == ("Only words.#a", ())


async def test_nobody_is_asked_without_a_consent_and_nobody_who_is_not_named(
    world: World, pool: EnginePool, gateway: Gateway
) -> None:
    client = SiteClient(pool, gateway)  # a visitor, to whom X shows no timeline

    for servers, agreed in (([NITTER], False), ([], True)):
        with pytest.raises(LoginRequired):
            await chained(ANN, client, servers, agreed=agreed)

    assert {hit.host for hit in world.log} <= {"x.com", "api.x.com", "abs.twimg.com"}
    assert gateway.refused == []


async def test_it_goes_on_where_x_wants_a_login(
    world: World, pool: EnginePool, gateway: Gateway
) -> None:
    found = await chained(ANN, SiteClient(pool, gateway), [NITTER])

    assert {name for name, _ in found} == {"x.nitter"}
    assert media_ids([post for _, post in found]) == of_world(world.people["ann"])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502),
        Fault(status=429, headers={"Retry-After": "600"}),
        Fault(status=429, headers={"Retry-After": "60"}, body=error("rate limited").encode()),
        Fault(status=200, body=ANUBIS.encode()),
        Fault(status=404),
    ],
)
async def test_the_next_instance_is_asked_when_one_fails(
    world: World, client: SiteClient, fault: Fault
) -> None:
    world.plant("nitter.example", fault)

    found = await chained("https://x.com/ann/media", client, [NITTER, OTHER])

    assert media_ids([post for _, post in found]) == of_world(world.people["ann"])
    assert world.count("nitter.example") == 1


async def test_a_failing_instance_says_nothing_of_the_next(
    world: World, client: SiteClient
) -> None:
    breakers = Breakers(Clock())
    chain = Chain(breakers, lambda _: True, lambda _: (NITTER, OTHER))
    target = find_chain(ANN)[0][1]
    world.plant("nitter.example", *[Fault(status=502)] * 9)

    for _ in range(7):
        assert [page async for _, page in chain.pages(target, client)]

    assert world.count("nitter.example") == 5  # then it rests
    steps = [step for step in chain.steps(target) if step[0].name == "x.nitter"]
    rests = {step.host: breakers.resting_until(way, step) for way, step in steps}
    assert rests == {"nitter.example": Clock().now() + REST, "second.example": None}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=500), Unavailable),
        (Fault(status=429, headers={"Retry-After": "60"}), RateLimited),
        (
            Fault(status=200, body=error("Instance has been rate limited.<br>Use").encode()),
            RateLimited,
        ),
        (
            Fault(status=200, body=error("Instance has no auth tokens, or").encode()),
            RateLimited,
        ),
        (Fault(status=200, body=ANUBIS.encode()), Challenge),
        (Fault(status=200, body=b"<title>Verifying your browser | Instance</title>"), Challenge),
        (Fault(status=403, body=b"<title>Just a moment...</title>"), Challenge),
        (Fault(status=403, body=b"You are not allowed."), Unavailable),
        (Fault(status=404, body=error('User "ann" not found').encode()), Unavailable),
        (Fault(status=200, body=b'<h2 class="timeline-none">No items found</h2>'), Unavailable),
        (Fault(status=200, body=b'<h2 class="timeline-end">No more items</h2>'), Unavailable),
        (Fault(status=200, body=b"<html><body>All is new here.</body></html>"), UnexpectedResponse),
        (
            Fault(
                status=200,
                body=b'<div class="timeline-item"><p class="tweet-date"><a href="/ann">1h</a></p></div>',
            ),
            UnexpectedResponse,
        ),
    ],
)
@pytest.mark.parametrize("what", ["timeline", "post"])
async def test_a_failure_is_named_and_never_means_gone(
    world: World, client: SiteClient, fault: Fault, kind: type[SourceError], what: str
) -> None:
    world.plant("nitter.example", fault)
    url = ANN if what == "timeline" else link(world.people["ann"][0])
    if what == "post" and b"timeline-item" in fault.body:
        kind = UnexpectedResponse
    if what == "post" and b"timeline-end" in fault.body:
        kind = UnexpectedResponse  # no page of a post has that

    with pytest.raises(kind) as caught:
        await listed(url, client)

    assert type(caught.value) is kind
    assert world.count("nitter.example") == 1


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x.com/nobody", Unavailable),
        ("https://x.com/banned", Unavailable),
        ("https://x.com/shy", LoginRequired),
        ("https://x.com/ann/status/1976873728210846713", Unavailable),
    ],
)
async def test_what_an_instance_does_not_show_is_not_gone(
    client: SiteClient, url: str, kind: type[SourceError]
) -> None:
    with pytest.raises(kind) as caught:
        await listed(url, client)

    assert type(caught.value) is kind


async def test_a_page_that_leads_to_itself_is_no_listing(world: World, client: SiteClient) -> None:
    pages = paged(ANN, client)
    first = await anext(pages)
    body = (
        '<div class="timeline-item"><p class="tweet-date"><a href="/ann/status/20#m"></a></p>'
        f'<p class="tweet-content"></p></div><div class="show-more"><a href="?{first.cursor}">'
    )
    world.plant("nitter.example", Fault(status=200, body=body.encode()))

    with pytest.raises(UnexpectedResponse):
        await anext(pages)


def test_it_stands_between_the_engines_and_wants_a_consent() -> None:
    names = [one.name for one, _ in find_chain("https://x.com/ann/status/20")]
    viewers = [one for one, _ in find_chain(ANN) if one.name == "x.nitter"]

    assert names == ["x.gallerydl", "x.nitter", "x.ytdlp"]
    assert [(one.direct, one.needs.consent, one.servers) for one in viewers] == [
        (False, CONSENT, SERVERS)
    ]
