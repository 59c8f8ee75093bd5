"""Pinterest by the real gallery-dl and the real yt-dlp, before one test site: they must agree."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import pytest
import yt_dlp.extractor.pinterest

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
from gatherum.model import Media, MediaKind, Page, Post, Transport
from gatherum.ports import EngineFile, EnginePost, EngineRequest, Json
from gatherum.providers import find_chain, find_targets, normalise
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.gallerydl import site as any_site
from gatherum.providers.pinterest import video_of
from tests.providers.test_chain import Clock
from tests.testsites.engines import EngineClient, engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.pinterest import HOST, mount_pinterest
from tests.testsites.pinterest_pins import number_of, pin_id, signature
from tests.testsites.world import Entry, Fault, Item, World, items

ROOT = f"https://{HOST}"
FEED = r"/BoardFeedResource/"
T = TypeVar("T")


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 60)
    world.add_person("ben", 9)
    world.add_person("secret", 3)
    [first] = world.add_person("cat", 1)
    pictures = tuple(Item(id=first.id + 10 + place) for place in range(3))
    carousel = replace(first, id=first.id + 10, items=pictures, text="cat in three views")
    clip, *rest = (Item(id=first.id + 50, kind="video"), Item(id=first.id + 51))
    song = replace(first, id=first.id + 50, items=(clip, *rest), text="cat ♪ song")
    world.people["cat"] = (song, carousel, first)
    [film] = world.add_person("dan", 1)
    world.people["dan"] = (replace(film, items=(Item(id=film.id, kind="video"),)),)
    mount_pinterest(world, saved={"ben": ("cat",)}, closed=["secret"])
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def client(
    gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EngineClient]:
    async with engine_pool(gateway, tmp_path_factory.mktemp("scratch")) as pool:
        yield EngineClient(pool)


async def turned(
    path: str, client: EngineClient, way: str = "gallerydl", cursor: str | None = None
) -> list[Page]:
    return [page async for page in pages_of(path, client, way, cursor)]


def pages_of(
    path: str, client: EngineClient, way: str, cursor: str | None = None
) -> AsyncIterator[Page]:
    steps = find_chain(normalise(ROOT + path))
    [(provider, target)] = [step for step in steps if step[0].name == f"pinterest.{way}"]
    return provider.listing(target, client, cursor)


async def until(error: type[SourceError], steps: AsyncIterator[T]) -> list[T]:
    """Return what comes before an error, which must come."""
    found: list[T] = []
    try:
        async for step in steps:
            found.append(step)  # noqa: PERF401  # kept when it fails
    except error:
        return found
    pytest.fail("it did not fail")


async def listed(path: str, client: EngineClient, way: str = "gallerydl") -> list[Post]:
    return [post for page in await turned(path, client, way) for post in page.posts]


def odd(changed: Mapping[str, object]) -> Fault:
    """Return a board's answer with one picture, changed: what is `...` is not there at all."""
    pin: dict[str, object] = {
        "id": "1",
        "type": "pin",
        "created_at": "Thu, 04 Aug 2016 06:01:07 +0000",
        "title": None,
        "grid_title": "A film",
        "description": "",
        "pinner": {"username": "ann"},
        "images": {"orig": {"url": "https://i.pinimg.com/originals/1.jpg"}},
    }
    shown = {name: value for name, value in {**pin, **changed}.items() if value is not ...}
    answer = {"resource_response": {"data": [shown]}, "resource": {"options": {}}}
    return Fault(status=200, body=json.dumps(answer).encode(), path=FEED)


def names(entry: Entry) -> list[str]:
    """Return the ids of an entry's media: the first video, or the only file, has the pin's own."""
    kinds = [item.kind for item in entry.items]
    first = kinds.index("video") if "video" in kinds else -1 if len(kinds) > 1 else 0
    pin = pin_id(entry)
    return [pin if place == first else f"{pin}_{place + 1}" for place in range(len(kinds))]


@pytest.mark.parametrize("path", ["/ann/_created/", "/ann/everything/", "/ann/"])
async def test_pins_are_listed_to_the_last_file(
    world: World, client: EngineClient, gateway: Gateway, path: str
) -> None:
    entries = world.people["ann"]

    posts = await listed(path, client)

    assert [post.id for post in posts] == [pin_id(entry) for entry in entries]
    assert [[media.id for media in post.media] for post in posts] == list(map(names, entries))
    assert sum(len(post.media) for post in posts) == len(items(entries)) == 100
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [[media.kind for media in post.media] for post in posts] == [
        [MediaKind(item.kind) for item in entry.items] for entry in entries
    ]
    assert {(post.platform, post.author) for post in posts} == {("pinterest", "ann")}
    assert posts[0].url == f"{ROOT}/pin/{posts[0].id}/"
    assert gateway.refused == []


async def test_the_extractors_themselves_find_all_that_is_there(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    counts = []
    for engine in ("gallerydl", "ytdlp"):
        request = EngineRequest(engine=engine, url=f"{ROOT}/ann/everything/")
        lines = [line async for line in client.extract(request)]
        files = [line for line in lines if isinstance(line, EngineFile)]
        counts.append((sum(isinstance(line, EnginePost) for line in lines), len(files)))

    videos = [item for item in items(world.people["ann"]) if item.kind == "video"]
    assert counts == [(60, 100), (60, len(videos))]
    assert len(videos) == 40
    assert gateway.refused == []


async def test_a_file_is_named_with_all_that_pinterest_tells(
    world: World, client: EngineClient
) -> None:
    entries = {names(entry)[0]: entry for entry in world.people["ann"] if len(entry.items) == 1}
    sole = {
        post.id: post.media[0]
        for post in await listed("/ann/everything/", client)
        if len(post.media) == 1
    }

    shapes = set()
    for pin, media in sole.items():
        entry = entries[pin]
        stem = signature(entry.items[0])
        if media.kind is MediaKind.IMAGE:
            assert (media.width, media.height, media.duration) == (320, 400, None)
            assert media.filename == f"{stem}.jpg"
            assert media.mirrors == ()
        else:
            assert (media.width, media.height, media.duration) == (180, 320, 1.0)
            assert media.filename == f"{stem}.mp4"
            shapes.add((number_of(entry) // 3 % 3, media.transport, len(media.mirrors)))
    # A stream and a file; a story with both; a file alone.
    assert shapes == {(0, Transport.YTDLP, 1), (1, Transport.YTDLP, 1), (2, Transport.HTTP, 0)}


async def test_all_pins_of_a_person_hold_what_was_saved_of_others(
    world: World, client: EngineClient
) -> None:
    saved = [pin_id(entry, saved=True) for entry in world.people["cat"]]

    posts = await listed("/ben/", client)
    made = await listed("/ben/_created", client)

    assert len(posts) == 9 + 3
    assert {post.id for post in posts} - {post.id for post in made} == set(saved)
    assert {post.author for post in posts} == {"ben"}


async def test_a_board_is_listed_with_its_sections_and_a_section_alone(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    posts = await listed("/ann/sorted/", client)
    part = await listed("/ann/sorted/two", client)

    assert sorted(post.id for post in posts) == sorted(map(pin_id, world.people["ann"]))
    wanted = [pin_id(entry) for entry in world.people["ann"] if number_of(entry) % 3 == 2]
    assert [post.id for post in part] == wanted
    assert gateway.refused == []


async def test_a_search_finds_pins_and_no_advertisement(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    posts = await listed("/search/pins/?q=in+three%20views&rs=typed", client)

    [carousel] = [entry for entry in world.people["cat"] if "three" in entry.text]
    assert [post.id for post in posts] == [pin_id(carousel)]
    assert gateway.refused == []


async def test_who_is_led_to_another_country_finds_the_same_pins(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    asked = {"slug": "everything", "username": "ann", "field_set_key": "detailed"}
    query = urlencode({"data": json.dumps({"options": asked}), "source_url": ""})
    there = f"https://de.pinterest.com/resource/BoardResource/get/?{query}"
    world.plant(HOST, Fault(status=308, headers={"Location": there}, path="/BoardResource/"))

    posts = await listed("/ann/everything/", client)

    assert [post.id for post in posts] == [pin_id(entry) for entry in world.people["ann"]]
    assert posts[0].url.startswith(ROOT)
    assert world.count("de.pinterest.com", FEED) == 3
    assert gateway.refused == []


async def test_a_carousel_tells_where_its_originals_may_be(
    world: World, client: EngineClient
) -> None:
    [carousel] = [entry for entry in world.people["cat"] if "three" in entry.text]

    [post] = await listed(f"/pin/{pin_id(carousel)}/", client)

    assert [media.id for media in post.media] == [f"{post.id}_{place}" for place in (1, 2, 3)]
    for media, item in zip(post.media, carousel.items, strict=True):
        name = signature(item)
        folder = f"https://i.pinimg.com/originals/{name[:2]}/{name[2:4]}/{name[4:6]}/{name}"
        assert (media.url, media.mirrors[0]) == (f"{folder}.jpg", f"{folder}.png")
        assert (media.width, media.height) == (None, None)
    assert world.count(HOST) == 1


async def test_what_is_named_can_be_fetched(
    world: World, client: EngineClient, gateway: Gateway, tmp_path: Path
) -> None:
    entries = {pin_id(entry): entry for name in ("ann", "cat") for entry in world.people[name]}
    posts = [*(await listed("/ann/everything/", client))[-6:], *await listed("/cat/", client)]

    streams = []
    async with aiohttp.ClientSession() as session:
        for post in posts:
            for media, item in zip(post.media, entries[post.id].items, strict=False):
                if media.transport is Transport.YTDLP:
                    streams.append(media)
                    continue
                for url in (media.url, *media.mirrors):
                    plain = url.replace(
                        "https://", "http://"
                    )  # the gateway shows its sites by both
                    async with session.get(plain, proxy=gateway.url) as answer:
                        body = await answer.read()
                    if answer.status != 403:
                        break
                assert body == item.body, media
    made = await client.pool.download(streams[0].url, tmp_path)

    assert b"ftyp" in made.read_bytes()[:16]
    assert gateway.refused == []


async def test_a_page_of_a_story_is_not_told_with_what_the_one_before_had(
    world: World, client: EngineClient
) -> None:
    [song] = [entry for entry in world.people["cat"] if "♪" in entry.text]

    [post] = await listed(f"/pin/{pin_id(song)}/", client)

    assert [media.kind for media in post.media] == [
        MediaKind.VIDEO,
        MediaKind.IMAGE,
        MediaKind.AUDIO,
    ]
    clip, picture, music = post.media
    assert [media.id for media in post.media] == [post.id, f"{post.id}_2", f"{post.id}_3"]
    assert (clip.width, clip.height, clip.duration) == (180, 320, 1.0)
    assert (picture.width, picture.height, picture.duration) == (None, None, None)
    assert (music.width, music.height, music.mirrors) == (None, None, ())
    assert all(signature(song.items[1]) in mirror for mirror in picture.mirrors)
    assert [mirror.rpartition(".")[2] for mirror in picture.mirrors] == ["png", "webp"]
    assert post.caption == "cat ♪ song\n\nSung by a choir"


@pytest.mark.parametrize("path", ["/ann/everything/", "/cat/everything/"])
async def test_ytdlp_brings_the_same_videos_under_the_same_ids(
    world: World, client: EngineClient, gateway: Gateway, path: str
) -> None:
    all_ = await listed(path, client)
    shown = [
        (post, media) for post in all_ for media in post.media[:3] if is_first_video(post, media)
    ]

    pages = await until(Unsupported, pages_of(path, client, "ytdlp"))  # of the pictures
    posts = [post for page in pages for post in page.posts]
    assert None not in [page.cursor for page in pages]
    assert [post.id for post in posts] == [post.id for post, _ in shown]
    assert [[media.id for media in post.media] for post in posts] == [[one.id] for _, one in shown]
    assert [post.posted_at for post in posts] == [post.posted_at for post, _ in shown]
    assert [post.url for post in posts] == [post.url for post, _ in shown]
    told = [post.caption.partition("\n\n")[0] for post, _ in shown]
    assert [post.caption for post in posts] == told
    assert {media.kind for post in posts for media in post.media} == {MediaKind.VIDEO}
    assert gateway.refused == []
    assert world.log


async def test_a_board_of_videos_alone_is_listed_to_its_end_by_ytdlp(
    world: World, client: EngineClient
) -> None:
    [page] = await turned("/dan/everything/", client, "ytdlp")

    assert [post.id for post in page.posts] == [pin_id(world.people["dan"][0])]
    assert page.cursor is None


def is_first_video(post: Post, media: Media) -> bool:
    return media.kind is MediaKind.VIDEO and media.id == post.id


@pytest.mark.parametrize("number", [1, 4, 7])  # a stream, a story, a file
async def test_a_single_video_is_one_post_by_both_ways(
    world: World, client: EngineClient, number: int
) -> None:
    [entry] = [entry for entry in world.people["ann"] if number_of(entry) == number]
    path = f"/pin/some-words-before--{pin_id(entry)}/sent/?x=1"

    [ours] = await listed(path, client)
    [theirs] = await listed(path, client, "ytdlp")

    assert (ours.id, ours.posted_at, ours.caption) == (pin_id(entry), entry.at, entry.text)
    assert (theirs.id, theirs.posted_at, theirs.caption) == (ours.id, ours.posted_at, ours.caption)
    assert [media.id for media in theirs.media] == [media.id for media in ours.media] == [ours.id]
    assert [media.duration for media in theirs.media] == [1.0]
    assert (theirs.author, ours.author) == ("Ann Doe", "ann")  # yt-dlp does not know the other name


async def test_a_pin_is_the_same_one_whichever_link_led_to_it(
    world: World, client: EngineClient
) -> None:
    [entry] = [entry for entry in world.people["ann"] if number_of(entry) == 5]
    ((_, target),) = find_targets(f"{ROOT}/pin/{pin_id(entry)}/")

    pages = [page async for page in any_site(target, client, None)]

    assert [post for page in pages for post in page.posts] == await listed(
        f"/pin/{pin_id(entry)}/", client
    )
    assert world.log


async def test_whoever_stops_listening_stops_the_requests(
    world: World, client: EngineClient
) -> None:
    ((provider, target), *_) = find_chain(f"{ROOT}/ann/everything/")
    pages = provider.listing(target, client, None)

    async for page in pages:
        assert len(page.posts) == 25
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert world.count(HOST, FEED) == 1
    assert world.count(HOST) == 2  # the board, and its first page


async def test_a_listing_goes_on_behind_any_cursor(world: World, client: EngineClient) -> None:
    pages = await turned("/ann/", client)

    assert [len(page.posts) for page in pages] == [25, 25, 10]
    assert [page.cursor is None for page in pages] == [False, False, True]
    for index, page in enumerate(pages[:-1]):
        rest = await turned("/ann/", client, cursor=page.cursor)
        behind = [post.id for later in pages[index + 1 :] for post in later.posts]
        assert [post.id for page in rest for post in page.posts] == behind
    assert world.log


ASKED = {
    "gallerydl": ("/ann/everything/", FEED),
    "ytdlp": (f"/pin/{664_281_013_001_000_010}/", "/PinResource/"),
}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503), Unavailable),
        (Fault(status=403, body=b"Invalid Resource Request"), Unavailable),
        (Fault(status=403, headers={"cf-mitigated": "challenge"}), Challenge),
        (Fault(status=401, body=b"{}"), LoginRequired),
        (Fault(status=302, headers={"Location": f"{ROOT}/login/"}), LoginRequired),
        (Fault(status=200, body=b"{}"), UnexpectedResponse),
        (Fault(status=200, body=b"<html>All is new"), UnexpectedResponse),
    ],
)
@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_a_failure_is_named_by_what_pinterest_answered(
    world: World, client: EngineClient, fault: Fault, error: type[SourceError], way: str
) -> None:
    path, resource = ASKED[way]
    world.plant(HOST, replace(fault, path=resource))

    with pytest.raises(error) as caught:
        await listed(path, client, way)

    assert caught.type is error
    assert world.count(HOST, resource) == 1  # it is not hammered


@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_being_asked_to_slow_down_tells_for_how_long(
    world: World, client: EngineClient, way: str
) -> None:
    path, resource = ASKED[way]
    world.plant(HOST, Fault(status=429, headers={"Retry-After": "7"}, path=resource))

    with pytest.raises(RateLimited) as caught:
        await listed(path, client, way)

    assert caught.value.retry_after == 7
    assert world.count(HOST, resource) == 1


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/nobody/", "gallerydl"),
        ("/nobody/_created/", "gallerydl"),
        ("/ann/nothing/", "gallerydl"),
        ("/ann/nothing/", "ytdlp"),
        ("/ann/sorted/nothing/", "gallerydl"),
        ("/pin/4711/", "gallerydl"),
        ("/pin/4711/", "ytdlp"),
    ],
)
async def test_what_pinterest_does_not_know_is_gone(
    world: World, client: EngineClient, path: str, way: str
) -> None:
    with pytest.raises(Gone):
        await listed(path, client, way)

    assert [hit.status for hit in world.log] == [404]


@pytest.mark.parametrize("path", ["/secret/", "/secret/everything/"])
async def test_what_is_for_members_needs_a_login(
    world: World, client: EngineClient, path: str
) -> None:
    with pytest.raises(LoginRequired):
        await listed(path, client)

    assert world.log


async def test_a_page_that_is_missing_in_the_middle_makes_nothing_gone(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, Fault(path=FEED), Fault(status=404, body=b"{}", path=FEED))

    with pytest.raises(UnexpectedResponse):
        await listed("/ann/everything/", client)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"images": {"new": {}}},
        {"images": ...},
        {"created_at": "yesterday"},
        {"pinner": {"new": "ann"}},
    ],
)
async def test_a_changed_form_is_an_error_and_no_empty_list(
    world: World, client: EngineClient, changed: dict[str, object]
) -> None:
    world.plant(HOST, odd(changed))

    with pytest.raises(UnexpectedResponse):
        await listed("/ann/everything/", client)


async def test_what_stands_between_pins_is_passed_over(world: World, client: EngineClient) -> None:
    world.plant(HOST, odd({"type": "story", "images": ..., "pinner": ...}))

    assert await listed("/ann/everything/", client) == []


@pytest.mark.parametrize(("who", "count"), [("shop", 0), ("Ann", 1)])
async def test_what_somebody_else_pays_for_is_not_of_a_board(
    world: World, client: EngineClient, who: str, count: int
) -> None:
    world.plant(HOST, odd({"is_promoted": True, "pinner": {"username": who}}))

    assert len(await listed("/ann/everything/", client)) == count


@pytest.mark.parametrize(("paid", "count"), [(True, 0), (False, 1)])
async def test_what_is_paid_for_and_of_nobody_is_not_found_by_a_search(
    world: World, client: EngineClient, *, paid: bool, count: int
) -> None:
    shown = json.loads(odd({"is_promoted": paid, "pinner": None}).body)
    shown["resource_response"]["data"] = {"results": shown["resource_response"]["data"]}
    body = json.dumps(shown).encode()
    world.plant(HOST, Fault(status=200, body=body, path="/BaseSearchResource/"))

    assert len(await listed("/search/pins/?q=walks", client)) == count


async def test_a_pin_whose_picture_was_taken_away_stops_nothing(
    world: World, client: EngineClient
) -> None:
    world.plant(HOST, odd({"images": None, "description": None}))

    [post] = await listed("/ann/everything/", client)

    assert (post.id, post.media, post.caption) == ("1", (), "A film")


async def test_a_pin_with_a_player_of_others_links_to_it(
    world: World, client: EngineClient
) -> None:
    film = {"embed": {"src": "https://player.vimeo.com/video/1"}, "domain": "vimeo.com"}
    world.plant(HOST, odd(film))

    [post] = await listed("/ann/everything/", client)

    assert (post.caption, post.links) == ("A film", ("https://player.vimeo.com/video/1",))


def test_what_yt_dlp_finds_of_others_is_no_pin() -> None:
    player: dict[str, Json] = {
        "url": "https://player.vimeo.com/video/1",
        "title": "A film",
        "timestamp": 1,
        "count": 0,
    }
    picture: dict[str, Json] = {
        "id": "1",
        "extractor_key": "Pinterest",
        "title": "A film",
        "timestamp": 1,
    }

    assert video_of(Draft(meta=player)) is None  # yt-dlp does not say on whose pin it stands
    assert video_of(Draft(meta=picture)) is None


def test_a_video_whose_streams_yt_dlp_cannot_read_is_fetched_by_its_page() -> None:
    meta: dict[str, Json] = {
        "id": "1",
        "extractor_key": "Pinterest",
        "title": "A film",
        "duration": 1.5,
    }

    post = video_of(Draft(meta=meta))

    assert post is not None
    [media] = post.media
    assert (media.id, media.url, media.transport) == ("1", f"{ROOT}/pin/1/", Transport.YTDLP)
    assert (post.caption, post.posted_at, media.duration) == ("A film", None, 1.5)


async def test_what_has_no_number_is_not_asked_of_ytdlp(world: World, client: EngineClient) -> None:
    with pytest.raises(Unsupported):
        await listed("/pin/AbCdEf/", client, "ytdlp")

    assert not world.log


async def test_when_gallery_dl_breaks_yt_dlp_brings_the_video(
    world: World, client: EngineClient
) -> None:
    path, resource = ASKED["ytdlp"]
    world.plant(HOST, Fault(status=200, body=b"{}", path=resource))
    ((_, target), *_) = find_chain(ROOT + path)

    found = [
        (way, post.id, [media.id for media in post.media])
        async for way, page in Chain(Breakers(Clock())).pages(target, client)
        for post in page.posts
    ]

    pin = pin_id(world.people["ann"][-2])
    assert found == [("pinterest.ytdlp", pin, [pin])]


async def test_when_gallery_dl_breaks_the_other_brings_the_videos_once(
    world: World, client: EngineClient
) -> None:
    entries = world.people["ann"]
    world.plant(HOST, Fault(path=FEED), Fault(status=200, body=b"{}", path=FEED))
    ((_, target), *_) = find_chain(f"{ROOT}/ann/everything/")

    # There is more than videos, which yt-dlp cannot bring.
    steps = await until(UnexpectedResponse, Chain(Breakers(Clock())).pages(target, client))
    found = [(way, post) for way, page in steps for post in page.posts]
    assert None not in [page.cursor for _, page in steps]  # so it is not taken for all
    assert {way for way, _ in found} == {"pinterest.gallerydl", "pinterest.ytdlp"}
    ids = {media.id for _, post in found for media in post.media}
    first = {name for entry in entries[:25] for name in names(entry)}
    later = {
        pin_id(entry) for entry in entries if any(item.kind == "video" for item in entry.items)
    }
    assert ids == first | later


LETTERED = "AQqp3E-YkHbLbREC6aoyG1PzDD2_5djlK6tKx62Ur3ZU-gepvfpTNB4"


@pytest.mark.parametrize(
    ("link", "feed", "key", "url"),
    [
        ("https://www.pinterest.com/ann/", "user", "ann", "/ann/"),
        ("http://pinterest.com/Ann", "user", "ann", "/ann/"),
        ("https://www.pinterest.co.uk/ann/pins/?x=1", "user", "ann", "/ann/"),
        ("https://de.pinterest.com/ann/_saved", "user", "ann", "/ann/"),
        ("https://www.pinterest.com.au/ann/_created/", "created", "ann", "/ann/_created/"),
        ("https://m.pinterest.jp/ann/walks", "board", "ann/walks", "/ann/walks/"),
        ("https://pinterest.fr/ann/walks/_tools/more-ideas/", "board", "ann/walks", "/ann/walks/"),
        (
            "https://www.pinterest.info/ann/walks/in-woods/",
            "section",
            "ann/walks/in-woods",
            "/ann/walks/in-woods/",
        ),
        ("https://www.pinterest.com/pin/12345", "pin", "12345", "/pin/12345/"),
        ("https://www.pinterest.com/pin/a-walk--12345/?mt=login", "pin", "12345", "/pin/12345/"),
        ("https://in.pinterest.com/pin/12345/sent/?sender=1", "pin", "12345", "/pin/12345/"),
        ("https://www.pinterest.com/pin/AbC_12/#related", "pin", "AbC_12", "/pin/AbC_12/"),
        (f"https://mx.pinterest.com/pin/{LETTERED}", "pin", LETTERED, f"/pin/{LETTERED}/"),
        (
            "https://www.pinterest.com/search/pins/?rs=typed&q=red%20cats&eq=x",
            "search",
            "red%20cats",
            "/search/pins/?q=red%20cats",
        ),
    ],
)
def test_links_of_all_spellings_are_claimed(link: str, feed: str, key: str, url: str) -> None:
    ((provider, target), *others) = find_targets(link)

    assert (provider.name, target.feed, target.key) == ("pinterest.gallerydl", feed, key)
    assert target.url == ROOT + url
    assert others == []
    assert find_targets(target.url)[0][1] == target


@pytest.mark.parametrize(
    ("feed", "own"), [("/ann/walks.rss", "/ann/walks/"), ("/ann/feed.rss", "/ann/")]
)
def test_a_feed_is_whose_it_is(feed: str, own: str) -> None:
    assert find_targets(ROOT + feed)[0] == find_targets(ROOT + own)[0]


@pytest.mark.parametrize(
    "link",
    [
        "https://www.pinterest.com/",
        "https://www.pinterest.com/ideas/",
        "https://www.pinterest.com/pin-builder/",
        "https://www.pinterest.com/ideas/cats/920236059316/",
        "https://www.pinterest.com/pin/create/button/?url=x",
        "https://www.pinterest.com/ann/followers/",
        "https://www.pinterest.com/search/users/?q=ann",
        "https://pin.it/abc12",
        "https://pinterest.example.org/ann/",
        "https://notpinterest.com/ann/",
    ],
)
def test_other_places_are_not_claimed(link: str) -> None:
    assert [one for one, _ in find_targets(link) if one.platform == "pinterest"] == []


def cases() -> list[tuple[str, str]]:
    module = yt_dlp.extractor.pinterest
    return [
        (case["url"], feed)
        for extractor, feed in (
            (module.PinterestIE, "pin"),
            (module.PinterestCollectionIE, "board"),
        )
        for case in extractor.get_testcases(include_onlymatching=True)  # type: ignore[no-untyped-call]
    ]


@pytest.mark.parametrize(("link", "feed"), cases())
def test_what_yt_dlp_knows_is_known_here(link: str, feed: str) -> None:
    ((provider, target), *_) = find_targets(link)

    assert (provider.platform, target.feed) == ("pinterest", feed)
    assert "pinterest.ytdlp" in {one.name for one, _ in find_chain(link)}
