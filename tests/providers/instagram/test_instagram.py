"""Instagram through the real gallery-dl and the real yt-dlp, against the world's exact content."""

import json
from collections import Counter
from dataclasses import replace

import aiohttp
import pytest
from yarl import URL

from gatherum.errors import Unavailable, UnexpectedResponse, Unsupported
from gatherum.model import MediaKind, Transport
from gatherum.ports import EngineFile, EnginePost, EngineRequest
from gatherum.providers import find_chain
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from tests.providers.instagram.reading import (
    COOKIES,
    PIECES,
    PINNED,
    code,
    expected,
    ids,
    listed,
    posts_of,
    story_ids,
)
from tests.providers.test_chain import Clock
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import ROOT, WWW, mount_instagram
from tests.testsites.instagram_ids import moment_of, post_pk
from tests.testsites.instagram_media import CDN, signed
from tests.testsites.instagram_pages import STATIC
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import Fault, World, items


async def fetched(gateway: Gateway, url: str) -> tuple[int, bytes]:
    """Return the status and the bytes at an address."""
    address = url.replace("https://", "http://")  # the gateway shows its sites by both
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(address, encoded=True), proxy=gateway.url) as answer,
    ):
        return answer.status, await answer.read()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/ann/posts/", (30, 50)),
        ("/ann/reels/", (10, 10)),
        ("/ann/tagged/", (4, 6)),
        ("/ann/highlights/", (3, 10)),
        ("/stories/ann/", (1, 10)),
        ("/ann/saved/", (30, 50)),
        ("/ann/avatar/", (1, 1)),
    ],
)
async def test_the_real_gallery_dl_finds_all_that_the_site_has(
    world: World, client: SiteClient, gateway: Gateway, path: str, found: tuple[int, int]
) -> None:
    request = EngineRequest(engine="gallerydl", url=ROOT + path)

    lines = Counter([type(line) async for line in client.extract(request)])

    assert (lines[EnginePost], lines[EngineFile]) == found
    assert {hit.status for hit in world.log} == {200}
    assert gateway.refused == []


async def test_a_profile_is_listed_to_the_last_file_the_pinned_post_first(
    site: Instagram, client: SiteClient, gateway: Gateway
) -> None:
    entries = site.timeline("ann")

    posts = posts_of(await listed("https://www.instagram.com/Ann/", client))

    assert ids(posts) == expected(entries)
    assert (len(posts), sum(len(post.media) for post in posts)) == (30, 50)
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {(post.platform, post.host, post.author) for post in posts} == {("instagram", "", "ann")}
    assert [post.pinned for post in posts] == [True] + [False] * 29
    assert entries[0].id == PINNED
    image, video, several = posts[3], posts[2], posts[1]
    assert image.id == image.media[0].id
    assert several.id not in {media.id for media in several.media}
    assert [one.kind for one in several.media] == [
        MediaKind.IMAGE,
        MediaKind.VIDEO,
        MediaKind.IMAGE,
    ]
    assert (image.media[0].width, image.media[0].height) == (320, 400)
    assert (video.media[0].width, video.media[0].height) == (180, 320)
    assert image.media[0].filename == f"{entries[3].items[0].id}_n.jpg"
    assert image.url == f"{ROOT}/p/{code(entries[3])}/"
    assert gateway.refused == []


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("way", ["gallerydl", "instaloader"])
@pytest.mark.parametrize(
    ("path", "by_date"), [("ann/", True), ("ann/reels/", True), ("ann/saved/", False)]
)
async def test_a_profile_is_by_date_and_what_somebody_saved_is_not(
    client: SiteClient, way: str, path: str, *, by_date: bool
) -> None:
    pages = await listed(f"https://www.instagram.com/{path}", client, way=way)

    assert {page.by_date for page in pages} == {by_date}


async def test_every_file_can_be_fetched_until_its_address_is_over(
    site: Instagram, client: SiteClient, gateway: Gateway
) -> None:
    posts = posts_of(await listed("https://www.instagram.com/ann/", client))
    addresses = [media.url for post in posts for media in post.media]

    got = [await fetched(gateway, address) for address in addresses]

    assert got == [(200, item.body) for item in items(site.timeline("ann"))]
    assert (await fetched(gateway, signed("/v/x.jpg", lives=-1)))[0] == 403
    assert (await fetched(gateway, addresses[0].replace("oe=", "oe=F")))[0] == 403
    assert site.world.count(CDN) == 52


async def test_whoever_stops_listening_stops_the_requests(world: World, client: SiteClient) -> None:
    [(provider, target), *_] = find_chain("https://www.instagram.com/ann/")
    pages = provider.listing(target, client, None)

    async for page in pages:
        assert len(page.posts) == 12
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert [hit.path for hit in world.log if hit.host == WWW] == [
        "/ann/",
        "/api/graphql",
        "/graphql/query",
    ]
    assert world.count(STATIC) == 2


@pytest.mark.parametrize(
    ("link", "pages", "behind"),
    [("/ann/", [12, 12, 6], [0, 1]), ("/ann/saved/", [20, 10], [0])],
)
async def test_a_listing_goes_on_behind_any_cursor(
    world: World, client: SiteClient, link: str, pages: list[int], behind: list[int]
) -> None:
    whole = await listed(ROOT + link, client)
    assert [len(page.posts) for page in whole] == pages
    assert whole[-1].cursor is None

    for index in behind:
        world.log.clear()
        rest = await listed(ROOT + link, client, cursor=whole[index].cursor)

        assert ids(posts_of(rest)) == ids(posts_of(whole[index + 1 :]))
        lists = world.count(WWW, "^/graphql/query$|^/api/v1/feed/")
        assert lists == len(whole) - index - 1  # what is before is not asked for again


@pytest.mark.parametrize(
    ("index", "again", "lists"),
    [
        (2, 0, 2),  # within the first list there is no cursor: its reels are passed over
        (5, 0, 1),  # where a list ends
        (7, 2, 1),  # within a later one: rather twice than never
    ],
)
async def test_reels_go_on_behind_any_cursor(
    site: Instagram, client: SiteClient, index: int, again: int, lists: int
) -> None:
    link = f"{ROOT}/ann/reels/"
    whole = await listed(link, client)
    assert [len(page.posts) for page in whole] == [1] * 10
    assert ids(posts_of(whole)) == expected(site.reels("ann"))
    site.world.log.clear()

    rest = await listed(link, client, cursor=whole[index].cursor)

    assert ids(posts_of(rest)) == ids(posts_of(whole[index + 1 - again :]))
    assert site.world.count(WWW, "^/graphql/query$") == lists


async def test_reels_cost_a_request_each_and_none_that_is_not_wanted(
    site: Instagram, client: SiteClient
) -> None:
    [(provider, target), *_] = find_chain("https://www.instagram.com/ann/reels/")
    pages = provider.listing(target, client, None)

    found = [await anext(pages), await anext(pages)]
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert ids(posts_of(found)) == expected(site.reels("ann")[:2])
    assert site.world.count(WWW, "/info/$") == 2


async def test_what_somebody_is_seen_in_keeps_its_own_author(
    world: World, client: SiteClient
) -> None:
    posts = posts_of(await listed("https://www.instagram.com/ann/tagged/", client))

    assert ids(posts) == expected(world.people["ben"])
    assert {post.author for post in posts} == {"ben"}


async def test_each_item_of_a_story_is_a_post_and_the_same_one_in_a_highlight(
    world: World, client: SiteClient
) -> None:
    stories = posts_of(await listed("https://www.instagram.com/stories/ann/", client))
    kept = posts_of(await listed("https://www.instagram.com/ann/highlights/", client))

    assert [post.id for post in stories] == story_ids(world)
    assert [post.id for post in stories] == [post.media[0].id for post in stories]
    assert [post.posted_at for post in stories] == [
        entry.at for entry in world.people["ann.story"] for _ in entry.items
    ]
    assert {post.pinned for post in stories} == {False}
    assert {post.id for post in kept} == set(story_ids(world))
    assert {post.pinned for post in kept} == {True}  # a new one may come into any highlight
    assert {post.url for post in kept} == {post.url for post in stories}


@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_one_highlight_is_found_by_its_number(
    site: Instagram, client: SiteClient, way: str
) -> None:
    tray = site.highlights("ann")[1]
    number = str(tray["id"]).removeprefix("highlight:")

    posts = posts_of(await listed(f"{ROOT}/stories/highlights/{number}/", client, way=way))

    wanted = [
        (item["pk"], item["video_versions"] is not None)
        for item in reversed(tray["items"])  # type: ignore[call-overload]  # a list
    ]
    assert [post.id for post in posts] == [
        pk for pk, video in wanted if video or way == "gallerydl"
    ]


async def test_one_item_of_a_story_is_found_while_it_is_shown(
    world: World, client: SiteClient
) -> None:
    wanted = story_ids(world)[4]

    posts = posts_of(await listed(f"{ROOT}/stories/ann/{wanted}/", client))

    assert [post.id for post in posts] == [wanted]
    with pytest.raises(Unavailable, match="a day"):
        await listed(f"{ROOT}/stories/ann/1234567/", client)


async def test_a_portrait_is_one_post_by_the_number_in_its_name(
    site: Instagram, client: SiteClient, gateway: Gateway
) -> None:
    [post] = posts_of(await listed("https://www.instagram.com/ann/avatar/", client))

    assert (post.id, post.author, post.posted_at) == (f"1853{site.number('ann')}", "ann", None)
    assert [media.id for media in post.media] == [post.id]
    assert (await fetched(gateway, post.media[0].url))[0] == 200


@pytest.mark.parametrize("way", ["gallerydl", "instaloader"])
async def test_a_portrait_keeps_the_number_that_its_profile_tells(
    site: Instagram, client: SiteClient, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(site.world, "sites", dict(site.world.sites))
    mount_instagram(replace(site, portraits_told=True))

    [post] = posts_of(await listed("https://www.instagram.com/ann/avatar/", client, way=way))

    assert [media.id for media in post.media] == [post.id]
    assert moment_of(post.id) == site.world.people["ann"][-1].at


@pytest.mark.parametrize(
    "form", ["/p/{}/", "/reel/{}", "/tv/{}/?igsh=x", "/ann/p/{}/", "/ann/reel/{}/?img_index=1"]
)
async def test_a_post_by_its_link_is_the_one_of_the_profile(
    site: Instagram, client: SiteClient, form: str
) -> None:
    for entry in site.timeline("ann")[:3]:
        [post] = posts_of(await listed(ROOT + form.format(code(entry)), client))

        assert ids([post]) == expected((entry,))
        assert (post.caption, post.posted_at, post.author) == (entry.text, entry.at, "ann")
    assert site.world.count(WWW) == 3


async def test_a_short_link_and_a_collection_lead_to_posts_too(
    world: World, client: SiteClient
) -> None:
    shared = posts_of(await listed(f"{ROOT}/share/reel/BAshare", client))
    collected = posts_of(await listed(f"{ROOT}/ann/saved/flowers/17900001/", client))

    assert ids(shared) == expected(world.people["ann"][1:2])
    assert ids(collected) == expected(world.people["ann"])


@pytest.mark.parametrize("cookies", [COOKIES, None])
async def test_the_real_yt_dlp_brings_the_same_video_with_a_login_and_without(
    world: World, client: SiteClient, gateway: Gateway, cookies: str | None
) -> None:
    entry = world.people["ann"][1]
    link = f"{ROOT}/reel/{code(entry)}/"
    [ours] = posts_of(await listed(link, client))

    client.cookies = cookies
    [theirs] = posts_of(await listed(link, client, way="ytdlp"))

    assert ids([theirs]) == ids([ours]) == expected((entry,))
    assert replace(theirs, media=()) == replace(ours, media=())
    assert await fetched(gateway, theirs.media[0].url) == (200, entry.items[0].body)


async def test_the_real_yt_dlp_brings_a_post_of_several_videos_as_one(
    site: Instagram, client: SiteClient
) -> None:
    entry, video, _, other = site.world.people["ann"][:4]
    first, second = site.post(video), site.post(other)
    assert first["video_versions"]
    post = site.post(entry) | {"carousel_media": [first, {**first, "pk": second["pk"]}]}
    body = json.dumps({"items": [post], "more_available": False}).encode()
    site.world.plant(WWW, Fault(status=200, body=body, path="/info/$"))

    [found] = posts_of(await listed(f"{ROOT}/p/{code(entry)}/", client, way="ytdlp"))

    assert ids([found]) == [(post_pk(entry), [post_pk(video), post_pk(other)])]
    assert (found.caption, found.posted_at, found.author) == (entry.text, entry.at, "ann")


async def test_the_real_yt_dlp_brings_the_videos_of_stories(
    world: World, client: SiteClient, gateway: Gateway
) -> None:
    theirs = posts_of(await listed(f"{ROOT}/stories/ann/", client, way="ytdlp"))
    ours = posts_of(await listed(f"{ROOT}/stories/ann/", client))

    videos = [post for post in ours if post.media[0].kind is MediaKind.VIDEO]
    assert [replace(post, media=()) for post in theirs] == [
        replace(post, media=()) for post in videos
    ]
    assert ids(theirs) == ids(videos)
    assert len(theirs) == 4
    assert gateway.refused == []
    assert world.log


async def test_a_video_in_pieces_is_left_to_yt_dlp_only_where_its_page_names_no_other(
    world: World, client: SiteClient
) -> None:
    _, several, one, _ = world.people["ben"]
    assert {several.id, one.id} == PIECES

    [post] = posts_of(await listed(f"{ROOT}/p/{code(one)}/", client, way="ytdlp"))
    whole = posts_of(await listed("https://www.instagram.com/ben/", client))

    assert post.media[0].transport is Transport.YTDLP
    assert post.media[0].url == f"{ROOT}/p/{code(one)}/"
    with pytest.raises((Unsupported, UnexpectedResponse)):
        await listed(f"{ROOT}/p/{code(several)}/", client, way="ytdlp")
    assert {media.transport for post in whole for media in post.media} == {Transport.HTTP}
    video = whole[2].media[0]
    assert (video.width, video.height) == (180, 320)  # of the file in one piece


@pytest.mark.parametrize("way", ["gallerydl", "ytdlp"])
async def test_a_picture_is_no_video(world: World, client: SiteClient, way: str) -> None:
    entry = world.people["ann"][2]
    assert [item.kind for item in entry.items] == ["image"]
    link = f"{ROOT}/p/{code(entry)}/"

    if way == "gallerydl":
        assert ids(posts_of(await listed(link, client, way=way))) == expected((entry,))
    else:
        with pytest.raises((Unsupported, UnexpectedResponse)):
            await listed(link, client, way=way)


async def test_when_gallery_dl_and_instaloader_break_yt_dlp_brings_the_same_video(
    world: World, client: SiteClient
) -> None:
    entry = world.people["ann"][1]
    broken = Fault(status=200, body=b'{"items": [{"pk": 1}]}', path="/info/$")
    world.plant(WWW, broken, Fault(status=200, body=b'{"data": {}}', path="^/graphql/query$"))
    ((_, target), *_) = find_chain(f"{ROOT}/reel/{code(entry)}/")

    found = [
        (name, post.id)
        async for name, page in Chain(Breakers(Clock())).pages(target, client)
        for post in page.posts
    ]

    assert found == [("instagram.ytdlp", post_pk(entry))]
