"""YouTube through the real yt-dlp, against the world's exact content."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import MediaKind, Page, Post, Transport
from gatherum.ports import EngineRequest
from gatherum.providers import find_chain
from gatherum.providers.engines.drafts import pages
from gatherum.providers.youtube.posts import post_of
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, Fault, World
from tests.testsites.youtube import HOST, REFUSALS, YouTube
from tests.testsites.youtube_shapes import (
    Kind,
    Track,
    about,
    channel_id,
    film,
    kind_of,
    parts,
    subtitles,
    uploads_id,
    youtube_id,
)

ROOT = "https://www.youtube.com"
LIST = "PLmixed12345678"
WATCH, BROWSE, PLAYER = "/watch$", "/browse$", "/player$"
BROKEN = b"<html><script>var ytInitialPictures = {};</script>All is new here.</html>"

CLOUD = b"<html><title>Just a moment...</title></html>"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 205)
    world.add_person("ben", 12)
    world.add_person("silent", 0)
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
def site(world: World) -> YouTube:
    site = YouTube(world=world)
    site.mount()
    return site


@pytest.fixture
def ann(site: YouTube) -> tuple[Entry, ...]:
    return site.world.people["ann"]


@pytest.fixture
def ben(site: YouTube) -> tuple[Entry, ...]:
    return site.world.people["ben"]


def listing(client: SiteClient, path: str, cursor: str | None = None) -> AsyncIterator[Page]:
    provider, target = find_chain(f"{ROOT}/{path}")[0]
    assert provider.name == "youtube.ytdlp"
    return provider.listing(target, client, cursor)


async def listed(client: SiteClient, path: str, cursor: str | None = None) -> list[Post]:
    """List in few words, as of somebody who has seen all of it."""
    return [post async for page in listing(client, path, cursor) for post in page.posts]


async def told(client: SiteClient, path: str) -> list[Post]:
    """List with all words, as of somebody who has seen nothing."""
    posts: list[Post] = []
    async for page in listing(client, path):
        for post in page.posts:
            finished = await page.finish(post) if page.finish and post.brief else post
            posts += [finished] if finished else []
    return posts


def ids(entries: tuple[Entry, ...] | list[Entry]) -> list[str]:
    return [youtube_id(entry) for entry in entries]


def link(entry: Entry) -> str:
    return f"watch?v={youtube_id(entry)}"


@pytest.mark.parametrize(
    ("name", "tab", "count"),
    [
        ("@Ann", "videos", 123),
        ("c/ann", "shorts", 41),
        ("user/ann", "streams", 41),
        (f"channel/{channel_id('ann')}", "streams", 41),
    ],
)
async def test_a_tab_of_a_channel_is_listed_to_the_last_video_newest_first(
    site: YouTube, client: SiteClient, *, name: str, tab: Kind, count: int
) -> None:
    posts = await listed(client, f"{name}/{tab}")

    assert [post.id for post in posts] == ids(site.in_tab("ann", tab))
    assert len(set(ids(site.in_tab("ann", tab)))) == count
    assert [[media.id for media in post.media] for post in posts] == [
        [f"youtube {post.id}"] for post in posts
    ]
    assert {(post.platform, post.pinned, post.brief) for post in posts} == {
        ("youtube", False, True)
    }
    assert site.world.count(HOST) == -(-count // 30)  # thirty a request, and no video is visited


async def test_a_channel_is_all_that_it_published_whatever_its_kind_by_date(
    site: YouTube, client: SiteClient, gateway: Gateway, ann: tuple[Entry, ...]
) -> None:
    posts = await listed(client, "@ann")

    assert [post.id for post in posts] == ids(ann)
    assert {kind_of(entry) for entry in ann[:5]} == {"videos", "shorts", "streams"}
    # The channel's page, the list's first page (twice: once more with what is withheld), two more.
    assert site.world.count(HOST) == 5
    assert gateway.refused == []


@pytest.mark.parametrize(("new", "times"), [(False, 5), (True, 1)], ids=["old form", "new form"])
async def test_a_playlist_of_a_thousand_known_videos_costs_few_requests_and_is_read_to_its_end(
    site: YouTube, client: SiteClient, ann: tuple[Entry, ...], *, new: bool, times: int
) -> None:
    site.playlists[LIST] = [*reversed(ann)] * times
    site.new_lists = new

    posts = await listed(client, f"playlist?list={LIST}")

    assert [post.id for post in posts] == ids([*reversed(ann)] * times)
    assert len(posts) == 205 * times
    assert all(post.pinned for post in posts)  # what is new may stand anywhere: nothing ends it
    assert {post.author for post in posts} == {"@ann"}
    # A hundred a request; the first page comes twice, the second time with what is hidden.
    assert site.world.count(HOST) == -(-len(posts) // 100) + 1
    assert site.world.count(HOST, WATCH) == 0


async def test_new_videos_are_told_whole_by_one_request_each(
    site: YouTube, client: SiteClient, gateway: Gateway, ben: tuple[Entry, ...]
) -> None:
    posts = await told(client, "@ben")

    assert [post.id for post in posts] == ids(ben)
    assert [post.posted_at for post in posts] == [entry.at for entry in ben]
    assert [post.caption for post in posts] == [f"{e.text}\n\n{about(e)}" for e in ben]
    assert {(post.author, post.brief) for post in posts} == {("@ben", False)}
    assert site.world.count(HOST, WATCH) == len(ben) == 12
    assert site.world.count(HOST) == 12 + 3
    assert gateway.refused == []


async def test_a_video_is_the_same_one_by_its_link_and_by_its_channel(
    site: YouTube, client: SiteClient, ben: tuple[Entry, ...]
) -> None:
    entry = ben[0]
    site.tracks[youtube_id(entry)] = (Track(language="en"), Track(language="de"))

    (single,) = await listed(client, link(entry))
    from_channel = (await told(client, "@ben"))[0]

    assert (single.id, single.author, single.caption) == (
        youtube_id(entry),
        "@ben",
        f"{entry.text}\n\n{about(entry)}",
    )
    assert single.posted_at == entry.at
    (shown, *_) = single.media
    assert (shown.kind, shown.transport) == (MediaKind.VIDEO, Transport.YTDLP)
    assert (shown.width, shown.height, shown.duration) == (180, 320, 1)
    assert essence(single) == essence(from_channel)


def essence(post: Post) -> Post:
    """Return a post without what only the film's own addresses tell, and without queries."""
    media = (
        replace(one, width=None, height=None, url=one.url.partition("&")[0]) for one in post.media
    )
    return replace(post, media=tuple(media))


@pytest.mark.parametrize("apart", [False, True], ids=["in one", "in two parts"])
async def test_the_film_comes(
    site: YouTube, client: SiteClient, tmp_path: Path, ben: tuple[Entry, ...], *, apart: bool
) -> None:
    if not apart:
        site.whole_only.add(youtube_id(ben[0]))
    (post,) = await listed(client, link(ben[0]))

    made = await client.pool.download(post.media[0].url, tmp_path)

    if apart:
        assert made.suffix == ".mp4"
        assert len(made.read_bytes()) > max(len(part) for part in parts(ben[0]))
    else:
        assert made.read_bytes() == film(ben[0])


@pytest.mark.parametrize(
    ("tracks", "kept"),
    [
        ((), []),
        ((Track(language="en"), Track(language="pt-BR")), ["en", "pt-BR"]),
        ((Track(language="de"), Track(language="de", heard=True)), ["de"]),
        ((Track(language="en", heard=True),), ["en"]),
    ],
    ids=["none", "by people", "rather by people", "heard"],
)
async def test_subtitles_are_kept_with_the_video(
    site: YouTube,
    client: SiteClient,
    ben: tuple[Entry, ...],
    tracks: tuple[Track, ...],
    kept: list[str],
) -> None:
    entry = ben[1]
    video = youtube_id(entry)
    site.tracks[video] = tracks

    (single,) = await listed(client, link(entry))
    from_channel = (await told(client, "@ben"))[1]

    for post in (single, from_channel):
        _, *written = post.media
        assert [one.id for one in written] == [f"youtube {video} {name}" for name in kept]
        assert [one.filename for one in written] == [f"{video}.{name}.vtt" for name in kept]
        for one, name in zip(written, kept, strict=True):
            assert (one.kind, one.transport) == (MediaKind.DOCUMENT, Transport.HTTP)
            text = (await client.text(one.url)).text
            assert text == subtitles(entry, name, "vtt")[0]


async def test_who_stops_early_has_asked_for_little(site: YouTube, client: SiteClient) -> None:
    walk = listing(client, "@ann/videos")

    page = await anext(walk)
    await walk.aclose()  # type: ignore[attr-defined]

    assert [post.id for post in page.posts] == ids(site.in_tab("ann", "videos"))[:10]
    assert site.world.count(HOST) == 1


async def test_it_goes_on_behind_any_cursor(site: YouTube, client: SiteClient) -> None:
    pages = [page async for page in listing(client, "@ann/shorts")]
    everything = ids(site.in_tab("ann", "shorts"))

    for index, page in enumerate(pages[:-1], 1):
        rest = [post.id for post in await listed(client, "@ann/shorts", page.cursor)]
        behind = everything[index * 10 :]
        assert rest[-len(behind) :] == behind
        assert len(rest) <= len(behind) + 7  # a little earlier: some may have been taken out

    assert [page.cursor is None for page in pages] == [False] * 4 + [True]


async def test_what_is_not_broadcast_to_its_end_is_left_for_later(
    site: YouTube, client: SiteClient
) -> None:
    first, second, third, *others = site.in_tab("ben", "videos")
    site.refused[youtube_id(first)] = "upcoming"
    site.live.add(youtube_id(second))

    tab = await told(client, "@ben/videos")
    everything = await told(client, "@ben")

    assert [post.id for post in tab] == ids([third, *others])
    assert {post.id for post in everything} == {*ids(list(site.world.people["ben"]))} - {
        *ids([first, second])
    }
    assert await listed(client, link(second)) == []


async def test_what_a_playlist_hides_is_passed_over(
    site: YouTube, client: SiteClient, ann: tuple[Entry, ...]
) -> None:
    site.playlists[LIST] = ann[:5]
    site.refused = {youtube_id(ann[1]): "removed", youtube_id(ann[3]): "private"}

    posts = await told(client, f"playlist?list={LIST}")

    assert [post.id for post in posts] == ids([ann[0], ann[2], ann[4]])


@pytest.mark.parametrize("reason", ["members", "adults", "elsewhere", "removed"])
async def test_a_listed_video_that_is_withheld_hides_none_behind_it(
    site: YouTube, client: SiteClient, reason: str
) -> None:
    entries = site.in_tab("ben", "videos")
    site.refused[youtube_id(entries[1])] = reason

    posts = await told(client, "@ben/videos")

    assert [post.id for post in posts] == ids(entries)
    assert [post.brief for post in posts[:3]] == [False, True, False]
    assert not any(post.removed for post in posts)


@pytest.mark.parametrize("reason", ["robot", "too often"])
async def test_a_block_of_everybody_is_not_taken_for_one_of_a_video(
    site: YouTube, client: SiteClient, reason: str
) -> None:
    for entry in site.world.people["ben"]:
        site.refused[youtube_id(entry)] = reason

    with pytest.raises(Challenge if reason == "robot" else RateLimited):
        await told(client, "@ben/videos")

    assert site.world.count(HOST, WATCH) == 1


ERRORS: dict[str, type[SourceError]] = {
    "removed": Gone,
    "ended": Gone,
    "unknown": Gone,
    "private": LoginRequired,
    "members": LoginRequired,
    "adults": LoginRequired,
    "elsewhere": Unavailable,
    "upcoming": Unavailable,
    "robot": Challenge,
    "too often": RateLimited,
}


@pytest.mark.parametrize("reason", REFUSALS)
async def test_youtube_itself_says_why_it_shows_nothing(
    site: YouTube, client: SiteClient, ben: tuple[Entry, ...], reason: str
) -> None:
    site.refused[youtube_id(ben[0])] = reason

    with pytest.raises(ERRORS[reason]) as caught:
        await listed(client, link(ben[0]))

    assert caught.type is ERRORS[reason]
    assert {hit.status for hit in site.world.log} == {200}


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("@nobody/videos", Gone),
        ("@nobody", Gone),
        ("channel/UC0000000000000000000000/videos", Gone),
        ("channel/UC0000000000000000000000", Gone),
        ("@ben/shorts", Gone),
        ("@ben", Gone),
        ("playlist?list=PLnothing12345", Gone),
    ],
)
async def test_what_does_not_exist_is_gone(
    site: YouTube, client: SiteClient, path: str, error: type[SourceError]
) -> None:
    site.closed.add("ben")

    with pytest.raises(error):
        await listed(client, path)


async def test_a_channel_without_videos_is_an_empty_page(site: YouTube, client: SiteClient) -> None:
    assert uploads_id("silent") != uploads_id("ann")
    assert [page async for page in listing(client, "@silent")] == [
        Page(posts=(), cursor=None, empty=True)
    ]
    assert site.world.count(HOST) <= 6


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "3"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=403, headers={"cf-mitigated": "challenge"}, body=CLOUD), Challenge),
        (Fault(status=200, body=BROKEN), UnexpectedResponse),
    ],
    ids=["429", "503", "challenge", "changed"],
)
@pytest.mark.parametrize("path", ["video", "@ben/videos", "@ben", f"playlist?list={LIST}"])
async def test_a_failure_is_named_by_what_youtube_answered(
    site: YouTube,
    client: SiteClient,
    ben: tuple[Entry, ...],
    *,
    path: str,
    fault: Fault,
    error: type[SourceError],
) -> None:
    site.playlists[LIST] = ben
    site.world.plant(HOST, *[fault] * 9)

    with pytest.raises(error):
        await listed(client, link(ben[0]) if path == "video" else path)

    assert site.world.count(HOST) <= 5  # it is not hammered
    assert error is not RateLimited or site.world.count(HOST) == 1


async def test_a_list_that_breaks_off_keeps_what_it_gave(site: YouTube, client: SiteClient) -> None:
    site.world.plant(HOST, Fault(path=BROWSE), Fault(status=503, path=BROWSE))
    kept: list[Page] = []

    async def keep() -> None:
        async for page in listing(client, "@ann/videos"):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    found = [post.id for page in kept for post in page.posts]
    rest = await listed(client, "@ann/videos", kept[-1].cursor)

    everything = ids(site.in_tab("ann", "videos"))
    assert found == everything[: len(found)]
    assert 50 < len(found) < 61
    assert [post.id for post in rest][-(123 - len(found)) :] == everything[len(found) :]


async def test_a_page_of_a_video_in_an_unknown_form_is_no_video(
    site: YouTube, client: SiteClient
) -> None:
    site.world.plant(HOST, Fault(status=200, body=BROKEN, path=WATCH))

    with pytest.raises(UnexpectedResponse):
        await told(client, "@ben/videos")


async def test_a_video_that_a_foreign_link_led_to_is_the_same_one(
    site: YouTube, client: SiteClient, ben: tuple[Entry, ...]
) -> None:
    url = f"{ROOT}/embed/{youtube_id(ben[0])}?start=3"
    request = EngineRequest(engine="ytdlp", url=url)

    found = [post async for page in pages(client, request, post_of, None) for post in page.posts]

    assert [post.id for post in found] == [youtube_id(ben[0])]
    assert found[0].media[0].id == f"youtube {youtube_id(ben[0])}"
    assert site.world.count(HOST, PLAYER) == 1
