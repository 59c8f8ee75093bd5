"""A short link to what only an engine knows is known by the page that it leads to."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gatherum.acquiring.links import Links
from gatherum.acquiring.turns import Login
from gatherum.app import open_app
from gatherum.app.links import open_links
from gatherum.fetching.http import Meter
from gatherum.settings import BootSettings
from tests.testsites.gateway import Gateway
from tests.testsites.world import World

POST = "https://www.facebook.com/fog/posts/pfbid0abc"
WALL = (
    "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Ffog%2Fposts%2Fpfbid0abc"
)


def _site(targets: dict[str, str]) -> Starlette:
    async def answer(request: Request) -> Response:
        led = targets.get(request.url.path)
        return RedirectResponse(led) if led else HTMLResponse("<!doctype html><p>Welcome")

    return Starlette(routes=[Route("/{path:path}", answer)])


@pytest.fixture
async def links(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Links]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    world = World()
    world.mount("www.facebook.com", _site({"/share/p/AbC/": POST, "/share/v/AbC/": WALL}))
    world.mount("www.reddit.com", _site({}))
    world.mount(
        "s.example", _site({"/front": "https://www.reddit.com/", "/page": "/other", "/post": POST})
    )
    async with Gateway(world) as gateway:
        settings = BootSettings(
            data_dir=data,
            network_allow=("127.0.0.1",),
            network_proxy=gateway.url,
            network_ca_bundle=gateway.bundle,
            _env_file=None,
        )
        async with open_app(settings) as app, open_links(app, owner="worker") as links:
            yield links


@pytest.mark.parametrize("path", ["share/p/AbC/", "share/v/AbC/"])
async def test_a_short_link_to_a_site_of_an_engine_is_what_it_leads_to(
    path: str, links: Links
) -> None:
    target = await links.resolve(f"https://www.facebook.com/{path}", Login(), Meter())

    assert (target.platform, target.feed, target.url) == ("facebook", "gallerydl", POST)


@pytest.mark.parametrize("path", ["front", "page"])
async def test_a_link_that_leads_to_a_front_page_or_a_page_of_nobody_is_a_page(
    path: str, links: Links
) -> None:
    link = f"https://s.example/{path}"

    target = await links.resolve(link, Login(), Meter())

    assert (target.platform, target.key) == ("web", link)


async def test_a_host_of_short_links_is_not_what_one_of_them_leads_to(links: Links) -> None:
    target = await links.resolve("https://s.example/post", Login(), Meter())

    assert target.url == POST
    assert await links._memory.find_platform("s.example") is None
    assert await links._memory.find_platform("www.facebook.com") == "facebook"
