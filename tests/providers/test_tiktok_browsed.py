"""TikTok's tags and sounds in the real Chromium, where the lists want their requests signed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatherum.errors import Challenge, RateLimited, SourceError, Unavailable, UnexpectedResponse
from gatherum.model import Page
from gatherum.providers import find_chain
from gatherum.providers.tiktok import browsed
from tests.testsites.browsers import BrowserClient, browsers_before, fresh_database
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.tiktok import ROOT, TikTok, files, sound_id, tiktok_id
from tests.testsites.world import Fault, World

HOST, LIST = "www.tiktok.com", "item_list"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 75)
    world.add_person("ben", 40)
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
def site(world: World) -> TikTok:
    site = TikTok(world=world, signed=True)
    site.mount()
    return site


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


async def listed(path: str, client: BrowserClient, cursor: str | None = None) -> list[Page]:
    steps = find_chain(f"{ROOT}/{path}")
    provider, target = next(step for step in steps if step[0].name == "tiktok.browser")
    assert [step[0].name for step in steps] == ["tiktok.native", "tiktok.browser"]
    return [page async for page in provider.listing(target, client, cursor)]


async def test_what_wants_signed_requests_is_listed_to_the_last_file_by_its_own_page(
    site: TikTok, client: BrowserClient, gateway: Gateway
) -> None:
    ann = site.world.people["ann"]
    tagged = [
        e for people in site.world.people.values() for e in people if e.text.endswith("#tag1")
    ]

    by_sound = await listed(f"music/original-sound-{sound_id(ann[0])}", client)
    by_tag = await listed("tag/Tag1", client)

    assert [len(page.posts) for page in by_sound] == [30, 30, 15]
    assert [page.cursor for page in by_sound] == ["30", "60", None]
    found = [media.id for page in by_sound for post in page.posts for media in post.media]
    assert sorted(found) == sorted(files(ann))
    assert {post.id for page in by_tag for post in page.posts} == {tiktok_id(e) for e in tagged}
    assert gateway.refused == []


async def test_it_goes_on_behind_any_cursor_also_of_the_other_way(
    site: TikTok, client: BrowserClient
) -> None:
    path = f"music/x-{sound_id(site.world.people['ann'][0])}"
    pages = await listed(path, client)

    for index, page in enumerate(pages[:-1], 1):
        rest = await listed(path, client, page.cursor)
        assert [post.id for later in rest for post in later.posts] == [
            post.id for later in pages[index:] for post in later.posts
        ]


async def test_who_stops_early_has_asked_for_one_page(site: TikTok, client: BrowserClient) -> None:
    url = f"{ROOT}/music/x-{sound_id(site.world.people['ann'][0])}"
    provider, target = find_chain(url)[1]
    pages = provider.listing(target, client, None)

    assert len((await anext(pages)).posts) == 30
    await pages.aclose()  # type: ignore[attr-defined]

    assert site.world.count(HOST, LIST) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "3"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=200, body=b""), UnexpectedResponse),
        (Fault(status=200, body=b"{}"), UnexpectedResponse),
        (Fault(status=200, body=b'{"statusCode": 10000}'), Unavailable),
    ],
    ids=["429", "503", "no list", "new list", "its own status"],
)
async def test_a_list_that_cannot_be_read_is_no_empty_list(
    site: TikTok, client: BrowserClient, fault: Fault, error: type[SourceError]
) -> None:
    site.world.plant(HOST, replace(fault, path=LIST))

    with pytest.raises(error):
        await listed("tag/tag1", client)


@pytest.mark.parametrize(("captcha", "error"), [(True, Challenge), (False, UnexpectedResponse)])
async def test_a_page_that_asks_for_no_list_is_no_empty_list(
    site: TikTok,
    client: BrowserClient,
    monkeypatch: pytest.MonkeyPatch,
    *,
    captcha: bool,
    error: type[SourceError],
) -> None:
    site.captcha = captcha
    monkeypatch.setattr(browsed, "FIRST_S", 1.0)  # nothing will come
    monkeypatch.setattr(browsed, "MORE_S", 0.2)

    with pytest.raises(error):
        await listed("tag/nobody-uses-this", client)
