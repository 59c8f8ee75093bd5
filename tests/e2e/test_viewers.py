"""`get` through a site of strangers in a real browser: only once that is agreed to, and then all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.e2e.program import Gatherum, digests, fresh
from tests.testsites.browsers import chromium
from tests.testsites.fastdl import API, FastDL
from tests.testsites.gateway import Gateway
from tests.testsites.instagram_media import CDN, cdn
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import World, items

LINK = "https://www.instagram.com/ann/"


@pytest.fixture
def gateway(portal: BlockingPortal) -> Iterator[Gateway]:
    """An internet whose Instagram is away, and FastDL with it in front."""
    world = World()
    world.add_person("ann", 14)
    world.mount(CDN, cdn(world))
    FastDL(Instagram(world=world)).mount()
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        yield gateway


@pytest.fixture
def program(template: Path, tmp_path: Path, gateway: Gateway) -> Gatherum:
    chromium()
    env = {
        "GATHERUM_NETWORK_PROXY": gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
    }
    return fresh(template, tmp_path, env)


def test_what_is_agreed_to_is_brought_by_a_browser_and_what_is_not_is_not(
    program: Gatherum, gateway: Gateway
) -> None:
    world = gateway.world
    entries = world.people["ann"]

    before = program.get(LINK)
    asked = world.count(API)
    assert program("config", "set", "instagram.viewer_sites", "true").code == 0
    after = program.get(LINK, timeout=180)

    assert (before.code != 0, asked) == (True, 0)
    assert after.counts == (len(items(entries)), 0, 0, 0), after
    assert set(program.held().values()) == set(digests([item.body for item in items(entries)]))
    assert world.count(API, "/posts$") == 2


def test_which_way_needs_a_browser_is_told_and_what_to_install_where_there_is_none(
    program: Gatherum, tmp_path: Path
) -> None:
    there = program("explain", LINK)
    without = program.under(PATH=str(tmp_path))("explain", LINK)

    assert "needs a browser: instagram.fastdl (" in there.out
    assert "is installed)" in there.out
    assert "apt-get install chromium" in without.out
    assert (there.code, without.code) == (0, 0)


def test_the_doctor_says_whether_there_is_a_browser_and_does_not_mind(
    program: Gatherum, tmp_path: Path
) -> None:
    looked = program.under(PATH=str(tmp_path))("doctor")

    [line] = [one for one in looked.out.splitlines() if "browser:" in one]
    assert line.startswith("ok ")
    assert "apt-get install chromium" in line
