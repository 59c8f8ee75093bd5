"""Instagram through FastDL: in the real Chromium, and with a page that answers from a list."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatherum.errors import (
    Challenge,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import MediaKind, Page
from gatherum.ports import Captured, Client
from gatherum.providers import find_chain
from gatherum.providers.instagram import fastdl
from tests.providers.instagram.reading import expected, ids, made, posts_of, story_ids
from tests.testsites.browsers import BrowserClient, browsers_before, fresh_database
from tests.testsites.engines import engine_pool
from tests.testsites.fastdl import API, HOST, MEDIA, FastDL
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import mount_instagram
from tests.testsites.instagram_ids import moment_of, pk_of, post_pk, shortcode
from tests.testsites.pages import ListedClient, ListedPage, Step
from tests.testsites.world import Fault, World

PROFILE = "https://www.instagram.com/ann/"
STORIES = "https://www.instagram.com/stories/ann/"
HUB = f"https://{API}/api"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    for name, posts in {"ann": 30, "ben": 4, "ann.story": 6}.items():
        world.add_person(name, posts)
    mount_instagram(made(world))
    FastDL(made(world)).mount()
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def browsing(
    gateway: Gateway, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BrowserClient]:
    folder = tmp_path_factory.mktemp("browser")
    with fresh_database(sqlite_template, folder) as database:
        async with (
            engine_pool(gateway, folder / "engines") as pool,
            browsers_before(gateway, folder / "scratch", database) as browsers,
        ):
            yield BrowserClient(pool, gateway, browsers)


@pytest.fixture
def client(browsing: BrowserClient) -> BrowserClient:
    browsing.permits.clear()
    return browsing


@pytest.fixture
def site(world: World) -> FastDL:
    site = FastDL(made(world))
    site.mount()
    return site


async def listed(url: str, client: Client, cursor: str | None = None) -> list[Page]:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == "instagram.fastdl"]
    return [page async for page in provider.listing(target, client, cursor)]


async def test_a_profile_is_listed_in_a_browser_under_instagrams_own_numbers(
    site: FastDL, world: World, client: BrowserClient, gateway: Gateway
) -> None:
    entries = site.site.timeline("ann")

    pages = await listed(PROFILE, client)

    posts = posts_of(pages)
    assert ids(posts) == expected(entries)
    assert [len(page.posts) for page in pages] == [12, 12, 6]
    assert sum(len(post.media) for post in posts) == 50
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert [post.caption for post in posts] == [entry.text for entry in entries]
    assert {post.author for post in posts} == {"ann"}
    assert [post.pinned for post in posts] == [True] + [False] * 29
    assert site.asked == ["/v1/instagram/userInfo", *["/v1/instagram/posts"] * 3]
    assert world.count(API, method="POST") == 4
    assert client.permits == {HOST: 5, API: 4}  # its page, and what says the time before each
    assert gateway.refused == []


async def test_whoever_meets_what_is_known_has_asked_for_one_part(
    site: FastDL, client: BrowserClient
) -> None:
    [(provider, target)] = [s for s in find_chain(PROFILE) if s[0].name == "instagram.fastdl"]

    listing = provider.listing(target, client, None)
    first = await anext(listing)
    await listing.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert len(first.posts) == 12
    assert site.asked == ["/v1/instagram/userInfo", "/v1/instagram/posts"]


async def test_a_listing_goes_on_behind_any_cursor(site: FastDL, client: BrowserClient) -> None:
    entries = site.site.timeline("ann")

    rest = await listed(PROFILE, client, "QVF12")

    assert ids(posts_of(rest)) == expected(entries[12:])


async def test_one_post_has_its_files_with_instagrams_own_addresses_and_fastdls_beside(
    site: FastDL, client: BrowserClient
) -> None:
    for entry in site.site.world.people["ann"][:3]:
        [page] = await listed(f"https://www.instagram.com/p/{shortcode(post_pk(entry))}/", client)

        assert ids(list(page.posts)) == expected((entry,))
        [post] = page.posts
        assert (post.caption, post.author, post.posted_at) == (entry.text, "ann", entry.at)
        assert [media.kind for media in post.media] == [
            MediaKind(item.kind) for item in entry.items
        ]
        for media in post.media:
            assert media.url.startswith("https://scontent.cdninstagram.com/")
            assert [mirror.split("/")[2] for mirror in media.mirrors] == [MEDIA]


async def test_stories_are_listed_newest_first_under_the_numbers_of_their_items(
    site: FastDL, client: BrowserClient
) -> None:
    [page] = await listed(STORIES, client)

    numbers = [post.id for post in page.posts]
    assert sorted(numbers) == sorted(story_ids(site.site.world))
    assert [post.posted_at for post in page.posts] == sorted(
        (post.posted_at for post in page.posts if post.posted_at), reverse=True
    )
    one = f"{STORIES}{numbers[2]}/"
    assert [post.id for post in posts_of(await listed(one, client))] == [numbers[2]]


async def test_a_person_who_is_private_or_unknown_is_told_from_one_without_posts(
    site: FastDL, client: BrowserClient
) -> None:
    with pytest.raises(LoginRequired):
        await listed("https://www.instagram.com/ben/", client)
    with pytest.raises(Unavailable, match="proves nothing"):
        await listed("https://www.instagram.com/nobody/", client)
    assert site.asked == ["/v1/instagram/userInfo"] * 2


async def test_a_turnstile_is_a_challenge_and_nobody_answers_it(
    site: FastDL, client: BrowserClient
) -> None:
    site.captcha = True

    with pytest.raises(Challenge):
        await listed(PROFILE, client)

    assert site.asked == ["/v1/instagram/userInfo"]


@pytest.mark.parametrize(
    ("host", "fault", "error"),
    [
        (HOST, Fault(status=503, path="^/en$"), Unavailable),
        (HOST, Fault(status=404, path="^/en$"), SourceError),
        (API, Fault(status=429, headers={"Retry-After": "30"}, path="posts"), RateLimited),
        (API, Fault(status=500, path="posts"), Unavailable),
        (
            API,
            Fault(status=200, body=b'{"edges": []}', path="userInfo"),
            UnexpectedResponse,
        ),
    ],
)
@pytest.mark.usefixtures("site")
async def test_a_failure_is_named_by_what_was_answered(
    world: World, client: BrowserClient, host: str, fault: Fault, error: type[SourceError]
) -> None:
    allowed = {"Access-Control-Allow-Origin": f"https://{HOST}"}
    headers = {**fault.headers, **allowed, "Access-Control-Expose-Headers": "Retry-After"}
    world.plant(host, Fault(status=fault.status, body=fault.body, headers=headers, path=fault.path))

    with pytest.raises(error):
        await listed(PROFILE, client)


def said(path: str, body: object, status: int = 200) -> Captured:
    return Captured(url=HUB + path, method="POST", status=status, text=json.dumps(body))


def part(*codes: str, end: str = "") -> object:
    nodes = [
        {
            "id": "1_2",
            "code": code,
            "user": {"username": "ann"},
            "caption": {"text": "Hello"},
            "image_versions2": {"candidates": [{"url": "https://cdn/1.jpg", "width": 9}]},
        }
        for code in codes
    ]
    edges = [{"node": node} for node in nodes]
    return {"result": {"edges": edges, "page_info": {"end_cursor": end}}}


KNOWN = said("/v1/instagram/userInfo", {"result": [{"user": {"username": "ann"}}]})


async def test_the_page_is_used_as_somebody_would() -> None:
    page = ListedPage()
    page.answers.extend([KNOWN, said("/v1/instagram/posts", part("DPlabcdEFGH"))])
    client = ListedClient(page)

    [only] = await listed(PROFILE, client)

    [post] = only.posts
    assert post.posted_at == moment_of(post.id)  # its number tells
    assert [media.id for media in post.media] == [post.id]
    assert page.done == [
        ("open", "https://fastdl.app/en"),
        ("fill", "#search-form-input", PROFILE),
        ("click", "button.search-form__button"),
    ]
    [request] = client.requests
    assert not request.login  # strangers get no cookie of anybody
    assert request.hosts == ("fastdl.app", "challenges.cloudflare.com")


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([None], Unavailable),
        ([KNOWN, None], Unavailable),
        ([KNOWN, said("/v1/instagram/posts", part("DPl", end="a")), None, None], Unavailable),
        ([KNOWN, *[said("/v1/instagram/posts", part("DPl", end="a"))] * 2], UnexpectedResponse),
        ([KNOWN, said("/v1/instagram/posts", {"items": []})], UnexpectedResponse),
        (
            [
                KNOWN,
                Captured(url=HUB + "/v1/instagram/posts", method="POST", status=200, text="<p>"),
            ],
            SourceError,
        ),
        ([said("/x", {"code": "REQUEST_SIGNATURE_INVALID"}, 401)], UnexpectedResponse),
        ([said("/x", {"code": "CAPTCHA_REQUIRED"}, 422)], Challenge),
        ([said("/x", {"success": False, "response_type": "link not found"})], Unavailable),
        ([RateLimited("Slow down.", retry_after=3)], RateLimited),
    ],
)
async def test_what_does_not_come_or_comes_otherwise_is_told(
    steps: list[Step], error: type[SourceError]
) -> None:
    page = ListedPage()
    page.answers.extend(steps)

    with pytest.raises(error):
        await listed(PROFILE, ListedClient(page))


async def test_a_place_that_the_page_never_comes_by_is_told() -> None:
    page = ListedPage()
    page.answers.extend([KNOWN, said("/v1/instagram/posts", part("DPl"))])

    with pytest.raises(UnexpectedResponse):
        await listed(PROFILE, ListedClient(page), "gone")


code = "DP{}abcdEFGH".format  # the later its letter, the newer its post


async def behind_the_first_part() -> str | None:
    """Return the cursor behind the newest three of six posts."""
    page = ListedPage()
    page.answers.extend([KNOWN, said("/v1/instagram/posts", part(*map(code, "fed"), end="d"))])
    page.answers.append(said("/v1/instagram/posts", part(*map(code, "cba"))))
    first, _ = await listed(PROFILE, ListedClient(page))
    return first.cursor


async def test_new_and_deleted_posts_move_places_and_hide_nothing_behind_one() -> None:
    later = ListedPage()
    later.answers.extend([KNOWN, said("/v1/instagram/posts", part(*map(code, "gfe"), end="e"))])
    later.answers.append(said("/v1/instagram/posts", part(*map(code, "cb"), end="b")))  # d is gone
    later.answers.append(said("/v1/instagram/posts", part(code("a"))))

    rest = await listed(PROFILE, ListedClient(later), await behind_the_first_part())

    assert [post.id for post in posts_of(rest)] == [pk_of(code(letter)) for letter in "cba"]


async def test_a_list_whose_older_posts_are_gone_is_at_its_end() -> None:
    later = ListedPage()
    later.answers.extend([KNOWN, said("/v1/instagram/posts", part(*map(code, "gfed")))])

    [rest] = await listed(PROFILE, ListedClient(later), await behind_the_first_part())

    assert (rest.posts, rest.cursor) == ((), None)


async def test_a_list_that_is_cut_short_is_not_taken_for_its_end() -> None:
    later = ListedPage()
    later.answers.extend([KNOWN, said("/v1/instagram/posts", part(*map(code, "gfe")))])

    with pytest.raises(UnexpectedResponse):
        await listed(PROFILE, ListedClient(later), await behind_the_first_part())


async def test_of_a_file_in_several_qualities_the_best_is_taken() -> None:
    qualities = ({"url": f"https://x/{name}.mp4", "quality": name} for name in (360, "1080", None))
    answer = {"url": [*qualities], "thumb": None, "meta": {"title": None, "username": None}}
    page = ListedPage()
    page.answers.append(said("/convert", answer))

    [only] = await listed("https://www.instagram.com/p/DPlabcdEFGH/", ListedClient(page))

    assert [media.url for media in only.posts[0].media] == ["https://x/1080.mp4"]


async def test_what_instagram_leaves_empty_is_no_unknown_form() -> None:
    video = [{"url": "https://x/1.mp4", "width": 720, "height": 1280}]
    nothing = dict.fromkeys(("user", "caption", "carousel_media", "image_versions2"))
    node = {"pk": "1", "code": "DPlabcdEFGH", "timeline_pinned_user_ids": None, **nothing}
    node |= {"owner": {"username": "ann"}, "video_versions": video}
    end = {"has_next_page": True, "end_cursor": "None"}
    answer = {"result": {"edges": [{"node": node}], "page_info": end}}
    page = ListedPage()
    page.answers.extend([KNOWN, said("/v1/instagram/posts", answer)])

    [only] = await listed(PROFILE, ListedClient(page))

    [post] = only.posts
    assert (post.author, post.caption, post.pinned, only.cursor) == ("ann", "", False, None)
    assert [(media.id, media.kind) for media in post.media] == [(post.id, MediaKind.VIDEO)]


async def test_slides_whose_addresses_hold_no_number_are_counted() -> None:
    files = [{"url": [{"url": f"https://{MEDIA}/get?uri=https%3A%2F%2Fx%2F1.jpg"}]}] * 2
    page = ListedPage()
    page.answers.append(said("/convert", files))

    [only] = await listed("https://www.instagram.com/p/DPlabcdEFGH/", ListedClient(page))

    [post] = only.posts
    assert [media.id for media in post.media] == [f"{post.id}_1", f"{post.id}_2"]


def test_it_stands_behind_imginn_but_for_stories_and_wants_a_consent_and_a_browser() -> None:
    chain = [one for one, _ in find_chain(PROFILE)]
    names = [one.name for one in chain]
    viewer = next(one for one in chain if one.name == "instagram.fastdl")

    assert names.index("instagram.imginn") < names.index("instagram.fastdl")
    assert (viewer.direct, viewer.site) == (False, "fastdl.app")
    assert viewer.needs.names() == ("browser", "consent")
    assert viewer.needs.consent == "instagram.viewer_sites"
    assert fastdl.REQUEST.profile == "instagram.fastdl"
