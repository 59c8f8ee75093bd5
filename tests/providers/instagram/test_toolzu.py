"""Instagram through Toolzu: single posts, in the real Chromium, and with a page that answers from a list."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatherum.errors import Challenge, SourceError, Unavailable, UnexpectedResponse
from gatherum.model import MediaKind, Post
from gatherum.ports import Captured, Client
from gatherum.providers import find_chain
from gatherum.providers.instagram import toolzu
from tests.providers.instagram.reading import expected, ids, made
from tests.testsites.browsers import BrowserClient, browsers_before, fresh_database
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import mount_instagram
from tests.testsites.instagram_ids import moment_of, post_pk, shortcode
from tests.testsites.pages import ListedClient, ListedPage, Step
from tests.testsites.toolzu import HOST, Toolzu
from tests.testsites.world import Entry, World

LINK = "https://www.instagram.com/p/DPlabcdEFGH/"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    for name, posts in {"ann": 6, "ben": 2}.items():
        world.add_person(name, posts)
    mount_instagram(made(world))
    Toolzu(made(world)).mount()
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def client(
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
def site(world: World) -> Toolzu:
    site = Toolzu(made(world))
    site.mount()
    return site


def link(entry: Entry) -> str:
    return f"https://www.instagram.com/p/{shortcode(post_pk(entry))}/"


async def brought(url: str, client: Client) -> Post:
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == "instagram.toolzu"]
    [page] = [page async for page in provider.listing(target, client, None)]
    [post] = page.posts
    return post


@pytest.mark.parametrize("proxied", [False, True])
async def test_posts_have_their_files_under_instagrams_own_numbers(
    site: Toolzu,
    client: BrowserClient,
    gateway: Gateway,
    proxied: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    site.proxied = proxied
    entries = site.site.world.people["ann"][:3]

    posts = [await brought(link(entry), client) for entry in entries]

    assert ids(posts) == expected(entries)
    assert [[media.kind for media in post.media] for post in posts] == [
        [MediaKind(item.kind) for item in entry.items] for entry in entries
    ]
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    urls = {media.url.split("/")[2] for post in posts for media in post.media}
    mirrors = {m.split("/")[2] for post in posts for media in post.media for m in media.mirrors}
    assert (urls, mirrors) == (
        {"scontent.cdninstagram.com"},
        {"cdn-s2.toolzu.com"} if proxied else set(),
    )
    assert gateway.refused == []


async def test_a_check_that_a_plain_browser_does_not_pass_is_a_challenge(
    site: Toolzu, client: BrowserClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolzu, "CHECK_S", 0.5)
    site.passes = False
    entry = site.site.world.people["ann"][0]

    with pytest.raises(Challenge):
        await brought(link(entry), client)

    assert site.asked == [link(entry)]  # nobody tried again


async def test_what_it_does_not_show_proves_nothing(site: Toolzu, client: BrowserClient) -> None:
    with pytest.raises(Unavailable, match="proves nothing"):
        await brought(link(site.site.world.people["ben"][0]), client)


def said(text: str, status: int = 200, *, method: str = "POST") -> Captured:
    url = f"https://{HOST}/downloader/instagram/photo/"
    return Captured(url=url, method=method, status=status, text=text)


def card(href: str) -> str:
    return (
        f'<div class="download-card"><i class="fa-image"></i><a download href="{href}"></a></div>'
    )


FILE = "https://scontent.cdninstagram.com/v/1_n.jpg?oe=1"


async def test_files_without_a_number_are_counted_in_their_post() -> None:
    page = ListedPage()
    page.answers.extend([said("<form>", method="GET"), said(card(FILE) + card(FILE))])

    post = await brought(LINK, ListedClient(page))

    assert [media.id for media in post.media] == [f"{post.id}_1", f"{post.id}_2"]
    assert post.posted_at == moment_of(post.id)
    assert page.done == [
        ("open", "https://toolzu.com/downloader/instagram/photo/"),
        ("fill", "#instagramdownloaderform-search", LINK),
        ("click", "#downloader-form button[type=submit]"),
    ]


@pytest.mark.parametrize(
    ("steps", "present", "error"),
    [
        ([None], (), Unavailable),
        ([said("No", 422)], (toolzu.CHECK,), Challenge),
        ([said("No", 422)] * 3, (toolzu.CHECK, toolzu.PASSED), Challenge),
        ([said("No", 400)], (), UnexpectedResponse),
        ([said(card("https://elsewhere.example/1.jpg"))], (), UnexpectedResponse),
        ([said('<div class="download-card"></div>')], (), UnexpectedResponse),
        ([said("<p>Nothing</p>")], (), Unavailable),
    ],
)
async def test_what_does_not_come_or_comes_otherwise_is_told(
    steps: list[Step], present: tuple[str, ...], error: type[SourceError]
) -> None:
    page = ListedPage(present=frozenset({*present, toolzu.BUTTON}))
    page.answers.extend(steps)

    with pytest.raises(error):
        await brought(LINK, ListedClient(page))


def test_it_is_the_last_way_to_a_post_and_wants_a_consent_and_a_browser() -> None:
    chain = [one for one, _ in find_chain(LINK)]

    assert [one.name for one in chain if not one.direct] == [
        "instagram.imginn",
        "instagram.fastdl",
        "instagram.toolzu",
    ]
    assert chain[-1].needs.names() == ("browser", "consent")
    assert chain[-1].needs.consent == "instagram.viewer_sites"
    assert chain[-1].site == HOST
