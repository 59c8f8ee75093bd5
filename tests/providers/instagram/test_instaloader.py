"""Instagram through the real instaloader: the same posts as by gallery-dl, and to visitors as well."""

import asyncio
import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

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
from gatherum.model import MediaKind, Page, Post
from gatherum.ports import EngineRequest
from gatherum.providers import find_chain
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from tests.providers.instagram.reading import (
    COOKIES,
    PINNED,
    code,
    expected,
    ids,
    listed,
    posts_of,
    story_ids,
)
from tests.providers.instagram.test_instagram_failures import JSON, led_to, said
from tests.providers.test_chain import Clock
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line
from tests.suites.looking import look
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import API, PATIENCE, ROOT, SESSION, WWW
from tests.testsites.instagram_ids import shortcode, user_pk
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import Fault, World

ANN = f"{ROOT}/ann/"
CAL = f"{ROOT}/cal/"  # two pages of a list, the second one short
LIST = "^/api/graphql$"
WAY = "instaloader"


def comparable(post: Post) -> Post:
    """Return a post as far as both ways know it: addresses are signed anew each time."""
    media = [
        replace(one, url=one.url.partition("?")[0], headers={}, mirrors=(), duration=None)
        for one in post.media
    ]
    return replace(post, media=tuple(media))


async def run(gateway: Gateway, folder: Path, *arguments: str) -> list[Path]:
    """Let the command line of instaloader download; return the files."""
    session = {"sessionid": SESSION, "ds_user_id": user_pk(0), "csrftoken": "own"}
    (folder / "session").write_bytes(pickle.dumps(session))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "instaloader", "--no-sleep", "--quiet"),
        *("--no-video-thumbnails", "--no-metadata-json", "--no-captions", "--no-profile-pic"),
        *("--filename-pattern", "{mediaid}", "--max-connection-attempts", "1", *arguments),
        cwd=folder,
        env={
            **os.environ,
            "HTTPS_PROXY": gateway.url,
            "REQUESTS_CA_BUNDLE": str(gateway.bundle),
            "HOME": str(folder),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
    return [path for path in folder.rglob("*") if path.suffix in {".jpg", ".mp4"}]


@pytest.mark.parametrize(
    ("arguments", "has"),
    [
        (["ann"], (30, 50)),
        (["ann", "--login=ann"], (30, 50)),
        (["ann", "--login=ann", "--no-posts", "--reels"], (10, 10)),
        (["ann", "--login=ann", "--no-posts", "--tagged"], (4, 6)),
        (["ann", "--login=ann", "--no-posts", "--stories"], (10, 10)),
        (["ann", "--login=ann", "--no-posts", "--highlights"], (10, 10)),
        ([":saved", "--login=ann"], (30, 50)),
    ],
)
async def test_the_real_command_line_finds_all_that_the_site_has(
    world: World, gateway: Gateway, tmp_path: Path, arguments: list[str], has: tuple[int, int]
) -> None:
    known = ["--sessionfile", "session"] if "--login=ann" in arguments else []

    found = await run(gateway, tmp_path, *arguments, *known)

    names = [path.stem.partition("_")[0] for path in found if "cover" not in path.stem]
    assert (len(set(names)), len(names)) == has
    assert {hit.status for hit in world.log} == {200}
    assert gateway.refused == []


@pytest.mark.parametrize(
    ("path", "posts", "files"),
    [
        ("/ann/", 30, 50),
        ("/ben/", 4, 6),
        ("/ann/reels/", 10, 10),
        ("/ann/tagged/", 4, 6),
        ("/ann/saved/", 30, 50),
        ("/ann/avatar/", 1, 1),
        ("/stories/ann/", 10, 10),
        ("/ann/highlights/", 10, 10),
    ],
)
async def test_a_login_gets_the_same_posts_as_by_gallery_dl(
    client: SiteClient, gateway: Gateway, path: str, posts: int, files: int
) -> None:
    theirs = posts_of(await listed(ROOT + path, client))

    ours = posts_of(await listed(ROOT + path, client, way=WAY))

    assert [comparable(post) for post in ours] == [comparable(post) for post in theirs]
    assert (len(ours), sum(len(post.media) for post in ours)) == (posts, files)
    assert gateway.refused == []


async def test_a_visitor_gets_the_same_profile_as_a_login(
    site: Instagram, client: SiteClient, gateway: Gateway
) -> None:
    theirs = posts_of(await listed(ANN, client))
    client.cookies = None

    ours = posts_of(await listed(ANN, client, way=WAY))

    assert [comparable(post) for post in ours] == [comparable(post) for post in theirs]
    assert ids(ours) == expected(site.timeline("ann"))
    assert [post.pinned for post in ours] == [True] + [False] * 29
    assert site.timeline("ann")[0].id == PINNED
    assert gateway.refused == []


@pytest.mark.parametrize("cookies", [COOKIES, None])
async def test_a_post_by_its_link_is_the_one_of_the_profile(
    site: Instagram, client: SiteClient, cookies: str | None
) -> None:
    for entry in site.timeline("ann")[1:4]:
        link = f"{ROOT}/p/{code(entry)}/"
        client.cookies = COOKIES
        theirs = posts_of(await listed(link, client))
        client.cookies = cookies

        ours = posts_of(await listed(link, client, way=WAY))

        assert [comparable(post) for post in ours] == [comparable(post) for post in theirs]
        assert ids(ours) == expected((entry,))


async def test_a_short_link_needs_no_login_where_its_post_needs_none(
    site: Instagram, client: SiteClient
) -> None:
    client.cookies = None

    posts = posts_of(await listed(f"{ROOT}/share/reel/BAshare", client, way=WAY))

    assert ids(posts) == expected(site.world.people["ann"][1:2])
    with pytest.raises(LoginRequired):
        await listed(f"{ROOT}/share/reel/BAnothing", client, way=WAY)


async def test_a_video_tells_how_long_it_lasts(site: Instagram, client: SiteClient) -> None:
    video = site.reels("ann")[0]

    [post] = posts_of(await listed(f"{ROOT}/p/{code(video)}/", client, way=WAY))

    assert [media.duration for media in post.media] == [1.0]


async def test_one_item_of_a_story_and_one_highlight_are_found(
    site: Instagram, client: SiteClient
) -> None:
    wanted = story_ids(site.world)[4]
    tray = site.highlights("ann")[1]
    number = str(tray["id"]).removeprefix("highlight:")

    one = posts_of(await listed(f"{ROOT}/stories/ann/{wanted}/", client, way=WAY))
    kept = posts_of(await listed(f"{ROOT}/stories/highlights/{number}/", client, way=WAY))
    theirs = posts_of(await listed(f"{ROOT}/stories/highlights/{number}/", client))

    assert [post.id for post in one] == [wanted]
    assert [comparable(post) for post in kept] == [comparable(post) for post in theirs]
    assert len(kept) == 4
    with pytest.raises(Unavailable, match="a day"):
        await listed(f"{ROOT}/stories/ann/1234567/", client, way=WAY)


@pytest.mark.parametrize(
    ("cookies", "size", "paths"),
    [
        (COOKIES, 12, ["/ann/", "/graphql/query", "/", "/api/graphql"]),
        (None, 1, ["/ann/", "/ann/", "/", "/api/graphql"]),
    ],
)
async def test_whoever_stops_listening_stops_the_requests(
    world: World, client: SiteClient, cookies: str | None, size: int, paths: list[str]
) -> None:
    client.cookies = cookies
    [(provider, target)] = [step for step in find_chain(ANN) if step[0].name == f"instagram.{WAY}"]
    pages = provider.listing(target, client, None)

    async for page in pages:
        assert len(page.posts) == size
        break
    await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert [hit.path for hit in world.log] == paths


@pytest.mark.usefixtures("site")
async def test_a_second_look_ends_among_the_first_posts_although_one_is_pinned(
    world: World, client: SiteClient, database: Database
) -> None:
    client.cookies = None
    async with Line(database, ForgettingDisk()) as line:
        await look(line, ANN, client, way=f"instagram.{WAY}", job="first")
        assert world.count(WWW, LIST) > 30
        world.log.clear()

        await look(line, ANN, client, way=f"instagram.{WAY}", job="second")

    assert world.count(WWW, LIST) == 2


async def test_each_request_was_permitted_first(world: World, client: SiteClient) -> None:
    client.permits.clear()

    await listed(ANN, client, way=WAY)
    await listed(f"{ROOT}/stories/ann/", client, way=WAY)

    assert client.permits == Counter(hit.host for hit in world.log)
    assert set(client.permits) == {WWW, API}


@pytest.mark.parametrize(
    ("path", "cookies", "queries"),
    [
        ("/ann/", COOKIES, {0: 3, 1: 2}),  # who it is, and the lists behind
        ("/cal/", None, {4: 10, 11: 3, 12: 2}),  # the posts behind, and their list
        ("/ann/reels/", COOKIES, {2: 10, 5: 6, 7: 4}),
        ("/ann/tagged/", COOKIES, {1: 4}),
        ("/ann/saved/", COOKIES, {20: 11}),
    ],
)
async def test_a_listing_goes_on_behind_any_cursor_and_asks_for_nothing_before_it(
    world: World, client: SiteClient, path: str, cookies: str | None, queries: dict[int, int]
) -> None:
    client.cookies = cookies
    whole = await listed(ROOT + path, client, way=WAY)
    assert whole[-1].cursor is None
    asked = {}

    for index in queries:
        world.log.clear()
        rest = await listed(ROOT + path, client, way=WAY, cursor=whole[index].cursor)
        assert ids(posts_of(rest)) == ids(posts_of(whole[index + 1 :]))
        asked[index] = world.count(WWW, "graphql")

    assert asked == queries


async def test_new_posts_on_top_hide_nothing_behind_a_cursor(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    entries = world.people["cal"]
    world.people["cal"] = entries[3:]
    try:
        pages = await listed(CAL, client, way=WAY)
    finally:
        world.people["cal"] = entries

    rest = posts_of(await listed(CAL, client, way=WAY, cursor=pages[4].cursor))

    assert ids(rest) == expected(entries[8:])  # three were added above the first five


async def test_behind_a_post_that_is_gone_its_page_is_shown_again(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    entries = world.people["cal"]
    pages = await listed(CAL, client, way=WAY)
    world.people["cal"] = entries[:4] + entries[5:]
    try:
        rest = posts_of(await listed(CAL, client, way=WAY, cursor=pages[4].cursor))
    finally:
        world.people["cal"] = entries

    assert ids(rest) == expected(entries[:4] + entries[5:])  # rather twice than never


@pytest.mark.parametrize("cookies", [COOKIES, None])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503, path=LIST), Unavailable),
        (said(400, "feedback_required", LIST, spam=True), RateLimited),
        (led_to("/accounts/login/", LIST), LoginRequired),
        (led_to("/challenge/", LIST), Challenge),
        (said(400, "checkpoint_required", LIST, lock=True), Challenge),
        (said(400, "challenge_required", LIST), Challenge),
        (said(403, "login_required", LIST, logout_reason=2), LoginRequired),
        (said(401, PATIENCE, LIST, require_login=True), RateLimited),
        (said(401, PATIENCE, LIST), RateLimited),
        (said(400, "Something new", LIST), UnexpectedResponse),
        (Fault(status=200, headers=JSON, body=b'{"data": {}}', path=LIST), UnexpectedResponse),
        (Fault(status=200, body=b"<html>", path=LIST), UnexpectedResponse),
    ],
)
async def test_a_refusal_is_named_by_what_instagram_says(
    world: World,
    client: SiteClient,
    fault: Fault,
    error: type[SourceError],
    cookies: str | None,
) -> None:
    client.cookies = cookies
    # Of the posts that a visitor is shown one by one, none is.
    world.plant(WWW, *[fault] * (3 if error is UnexpectedResponse else 1))

    with pytest.raises(SourceError) as caught:
        await listed(ANN, client, way=WAY)

    assert type(caught.value) is error
    assert world.count(WWW, LIST) <= 3
    world.faults.clear()


@pytest.mark.parametrize("cookies", [COOKIES, None])
async def test_being_asked_to_slow_down_ends_the_job_and_tells_for_how_long(
    world: World, client: SiteClient, cookies: str | None
) -> None:
    client.cookies = cookies
    world.plant(WWW, Fault(status=429, headers={"Retry-After": "300"}, path=LIST))

    with pytest.raises(RateLimited) as caught:
        await listed(ANN, client, way=WAY)

    assert caught.value.retry_after == 300
    assert world.count(WWW, LIST) == 1


@pytest.mark.parametrize("way", ["gallerydl", "instaloader", "ytdlp"])
async def test_being_asked_to_wait_a_few_minutes_is_no_question_of_logins(
    world: World, client: SiteClient, way: str
) -> None:
    asked = "/info/$|^/graphql/query$"
    world.plant(WWW, said(401, PATIENCE, asked, require_login=True))
    video = world.people["ann"][1]

    with pytest.raises(RateLimited):
        await listed(f"{ROOT}/p/{code(video)}/", client, way=way)


@pytest.mark.parametrize(
    "path",
    [
        *("/ben/", "/ann/reels/", "/ann/tagged/", "/ann/saved/", "/ann/avatar/"),
        *("/ann/highlights/", "/stories/ann/", "/stories/highlights/17900001/"),
    ],
)
async def test_a_visitor_is_told_that_a_login_is_needed(client: SiteClient, path: str) -> None:
    client.cookies = None

    with pytest.raises(LoginRequired):
        await listed(ROOT + path, client, way=WAY)


async def test_nothing_of_a_login_is_left_for_the_next_job(
    world: World, client: SiteClient
) -> None:
    await listed(f"{ROOT}/stories/ann/", client, way=WAY)
    world.log.clear()
    client.cookies = None

    await listed(f"{ROOT}/p/{code(world.people['ann'][0])}/", client, way=WAY)

    assert world.log
    assert not [hit for hit in world.log if SESSION in hit.headers.get("cookie", "")]
    assert not [hit for hit in world.log if "authorization" in hit.headers]


async def test_what_others_have_saved_is_for_them(client: SiteClient) -> None:
    with pytest.raises(LoginRequired):
        await listed(f"{ROOT}/ben/saved/", client, way=WAY)


@pytest.mark.parametrize("cookies", [COOKIES, None])
@pytest.mark.parametrize("path", ["/nobody/", "/nobody/reels/", "/stories/nobody/"])
async def test_somebody_whom_instagram_does_not_know_is_gone(
    client: SiteClient, path: str, cookies: str | None
) -> None:
    client.cookies = cookies

    with pytest.raises(Gone, match="nobody"):
        await listed(ROOT + path, client, way=WAY)


async def test_a_page_that_was_missing_once_makes_nobody_gone(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    world.plant(WWW, Fault(status=404, path="^/ann/$"))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client, way=WAY)


async def test_a_login_needs_no_page_that_visitors_see(site: Instagram, client: SiteClient) -> None:
    wall = led_to("/accounts/login/?next=/ann/", "^/ann/$")
    site.world.plant(WWW, wall)

    posts = posts_of(await listed(ANN, client, way=WAY))

    assert ids(posts) == expected(site.timeline("ann"))
    client.cookies = None
    site.world.plant(WWW, wall)
    with pytest.raises(LoginRequired):
        await listed(ANN, client, way=WAY)


@pytest.mark.parametrize("cookies", [COOKIES, None])
async def test_a_deleted_post_is_gone(client: SiteClient, cookies: str | None) -> None:
    client.cookies = cookies

    with pytest.raises(Gone):
        await listed(f"{ROOT}/p/{shortcode('3700000000000000001')}/", client, way=WAY)


async def test_a_post_that_is_not_shown_is_not_gone(world: World, client: SiteClient) -> None:
    link = f"{ROOT}/p/{code(world.people['ben'][0])}/"
    name = "xdt_api__v1__media__shortcode__web_info"
    empty = json.dumps({"data": {name: {"items": []}}, "status": "ok"}).encode()
    world.plant(WWW, Fault(status=200, headers=JSON, body=empty, path="^/graphql/query$"))

    with pytest.raises(Unavailable):
        await listed(link, client, way=WAY)
    client.cookies = None
    with pytest.raises(LoginRequired):
        await listed(link, client, way=WAY)


async def test_a_post_on_a_list_that_is_not_shown_is_passed_over(
    site: Instagram, client: SiteClient
) -> None:
    client.cookies = None
    hidden = Fault(status=200, headers=JSON, body=b'{"data": {}}', path=LIST)
    site.world.plant(WWW, hidden, hidden)

    posts = posts_of(await listed(CAL, client, way=WAY))

    assert ids(posts) == expected(site.timeline("cal")[2:])


async def test_when_nothing_is_shown_any_more_the_listing_does_not_pretend_to_be_at_its_end(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    whole = posts_of(await listed(CAL, client, way=WAY))
    hidden = Fault(status=200, headers=JSON, body=b'{"data": {}}', path=LIST)
    world.plant(WWW, *[Fault(path=LIST)] * 5, *[hidden] * 3)
    [(provider, target)] = [step for step in find_chain(CAL) if step[0].name == f"instagram.{WAY}"]
    kept: list[Page] = []

    async def keep() -> None:
        async for page in provider.listing(target, client, None):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(UnexpectedResponse):
        await keep()
    rest = await listed(CAL, client, way=WAY, cursor=kept[-1].cursor)

    assert ids(posts_of(kept)) == ids(whole[:5])
    assert ids(posts_of(rest)) == ids(whole[5:])


@pytest.mark.parametrize("end", ["further", None])
async def test_an_empty_page_that_says_there_is_more_is_not_the_end(
    site: Instagram, client: SiteClient, end: str | None
) -> None:
    name = "xdt_api__v1__feed__user_timeline_graphql_connection"
    listed_so = {"edges": [], "page_info": {"has_next_page": True, "end_cursor": end}}
    body = json.dumps({"data": {name: listed_so}, "status": "ok"}).encode()
    empty = Fault(status=200, headers=JSON, body=body, path=LIST)
    site.world.plant(WWW, Fault(path=LIST), empty)
    [(provider, target)] = [step for step in find_chain(ANN) if step[0].name == f"instagram.{WAY}"]
    kept: list[Page] = []

    async def keep() -> None:
        async for page in provider.listing(target, client, None):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    rest = await listed(ANN, client, way=WAY, cursor=kept[-1].cursor)

    found = posts_of(kept)
    assert ids(found) == expected(site.timeline("ann")[:12])
    assert ids(posts_of(rest)) == expected(site.timeline("ann")[12:])


async def test_a_short_list_of_which_nothing_is_shown_is_no_empty_one(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    hidden = Fault(status=200, headers=JSON, body=b'{"data": {}}', path=LIST)
    world.plant(WWW, hidden, hidden)
    entries = world.people["cal"]
    world.people["cal"] = entries[:2]
    try:
        with pytest.raises(UnexpectedResponse):
            await listed(CAL, client, way=WAY)
    finally:
        world.people["cal"] = entries


async def test_a_last_post_that_is_not_shown_ends_a_listing_that_was_gone_on_with(
    world: World, client: SiteClient
) -> None:
    client.cookies = None
    pages = await listed(CAL, client, way=WAY)
    hidden = Fault(status=200, headers=JSON, body=b'{"data": {}}', path=LIST)
    world.plant(WWW, Fault(path=LIST), hidden)  # its list, and the post

    rest = await listed(CAL, client, way=WAY, cursor=pages[12].cursor)

    assert [(page.posts, page.cursor) for page in rest] == [((), None)]


def show(site: Instagram, posts: Sequence[object]) -> None:
    """Let a person's next list be these, and no more."""
    end = {"has_next_page": False, "end_cursor": None}
    edges = [{"node": post} for post in posts]
    name = "xdt_api__v1__feed__user_timeline_graphql_connection"
    body = json.dumps({"data": {name: {"edges": edges, "page_info": end}}}).encode()
    site.world.plant(WWW, Fault(status=200, headers=JSON, body=body, path=LIST))


@pytest.mark.parametrize("field", ["image_versions2", "user", "pk"])
async def test_a_changed_form_is_no_empty_listing(
    site: Instagram, client: SiteClient, field: str
) -> None:
    posts = [site.post(entry) for entry in site.timeline("ann")[1:12:3]]
    for post in posts:
        parts = post["carousel_media"]
        for part in [post, *(parts if isinstance(parts, list) else [])]:
            part.pop(field, None)
    end = {"has_next_page": False, "end_cursor": None}
    edges = [{"node": post} for post in posts]
    name = "xdt_api__v1__feed__user_timeline_graphql_connection"
    body = json.dumps({"data": {name: {"edges": edges, "page_info": end}}}).encode()
    site.world.plant(WWW, Fault(status=200, headers=JSON, body=body, path=LIST))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client, way=WAY)


async def test_pictures_that_are_all_missing_are_no_empty_listing(
    site: Instagram, client: SiteClient
) -> None:
    nothing = {"image_versions2": None, "video_versions": None}
    show(site, [{**site.post(entry), **nothing} for entry in site.reels("ann")])

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client, way=WAY)


async def test_a_video_without_a_cover_is_a_video(site: Instagram, client: SiteClient) -> None:
    reels = site.reels("ann")
    show(site, [{**site.post(entry), "image_versions2": None} for entry in reels])

    posts = posts_of(await listed(ANN, client, way=WAY))

    assert ids(posts) == expected(reels)
    assert {media.kind for post in posts for media in post.media} == {MediaKind.VIDEO}


@pytest.mark.parametrize("url", [f"{ROOT}/explore/tags/cats/", "https://elsewhere.example/ann/"])
async def test_a_link_that_is_none_of_it_is_refused(
    world: World, client: SiteClient, url: str
) -> None:
    with pytest.raises(Unsupported):
        _ = [line async for line in client.extract(EngineRequest(engine=WAY, url=url))]

    assert world.log == []


@pytest.mark.parametrize(
    ("url", "key"), [(ANN, "instagram"), ("https://elsewhere.example/ann/", None)]
)
async def test_it_knows_which_links_are_its_own(
    world: World, client: SiteClient, url: str, key: str | None
) -> None:
    assert await client.pool.supports(WAY, url) == key
    assert world.log == []


async def test_when_gallery_dl_breaks_in_the_middle_nothing_is_doubled_and_nothing_is_missing(
    site: Instagram, client: SiteClient
) -> None:
    ((_, target), *_) = find_chain(ANN)
    broken = Fault(status=500, path="^/graphql/query$")
    site.world.plant(WWW, Fault(path="^/graphql/query$"), broken)
    found: dict[str, Counter[tuple[str, ...]]] = {}

    async for name, page in Chain(Breakers(Clock())).pages(target, client):
        for post in page.posts:
            media = tuple(one.id for one in post.media)
            found.setdefault(name, Counter())[post.id, *media] += 1

    before, after = found["instagram.gallerydl"], found["instagram.instaloader"]
    everything = {(post, *media) for post, media in expected(site.timeline("ann"))}
    assert len(before) == 12
    assert set(before) <= set(after) == everything
    assert set(after.values()) == {1}


async def test_a_visitor_gets_by_the_second_way_what_the_first_one_wants_a_login_for(
    site: Instagram, client: SiteClient
) -> None:
    client.cookies = None
    ((_, target), *_) = find_chain(CAL)

    found = [
        (name, post.id)
        async for name, page in Chain(Breakers(Clock())).pages(target, client)
        for post in page.posts
    ]

    wanted = [post for post, _ in expected(site.timeline("cal"))]
    assert found == [("instagram.instaloader", pk) for pk in wanted]
