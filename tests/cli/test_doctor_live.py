"""`gatherum doctor --live` tells of each way whether it works from here, and stores nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from gatherum.cli.probing import PUBLIC
from gatherum.providers import find_targets
from tests.e2e.program import Gatherum, fresh
from tests.testsites.gateway import Gateway
from tests.testsites.reddit import mount_reddit
from tests.testsites.snapchat import mount_snapchat
from tests.testsites.world import Fault, World


@pytest.fixture
def gateway(portal: BlockingPortal) -> Iterator[Gateway]:
    world = World()
    world.add_person("ann", 8)
    mount_snapchat(world)
    mount_reddit(world)
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        yield gateway


@pytest.fixture
def program(template: Path, tmp_path: Path, gateway: Gateway) -> Gatherum:
    env = {
        "GATHERUM_NETWORK_PROXY": gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
    }
    return fresh(template, tmp_path, env)


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_each_way_says_what_it_found_and_what_it_cost(program: Gatherum, gateway: Gateway) -> None:
    ran = program("doctor", "--live", "--json", "https://www.snapchat.com/@ann")

    told = lines(ran.out)
    asked = {line["provider"]: (line["ok"], line["reason"]) for line in told}
    assert ran.code == 0
    assert asked["snapchat.native"] == (True, None)
    assert all(ok for ok, _ in asked.values())
    (native,) = (line for line in told if line["provider"] == "snapchat.native")
    assert native["requests"] == 1
    assert isinstance(native["posts"], int)
    assert native["posts"] > 0
    assert {hit.host for hit in gateway.world.log} == {"www.snapchat.com"}  # no file of a post
    assert gateway.refused == []
    assert program.held() == {}
    assert program("posts", "--json").out == ""
    assert program("providers").out == "Nothing has been listed yet.\n"


def test_a_way_that_fails_says_why_and_the_code_says_so(
    program: Gatherum, gateway: Gateway
) -> None:
    gateway.world.plant("www.snapchat.com", *[Fault(status=503)] * 50)

    ran = program("doctor", "--live", "https://www.snapchat.com/@ann")

    assert ran.code == 1
    heads, *rows = ran.out.splitlines()
    assert heads == "https://www.snapchat.com/@ann"
    assert all(row.startswith("  NO  snapchat.") and "unavailable" in row for row in rows)


def test_what_needs_a_login_is_not_asked_without_one(program: Gatherum, gateway: Gateway) -> None:
    ran = program("doctor", "--live", "--json", "https://x.com/ann/media")

    skipped = {line["provider"]: line["skipped"] for line in lines(ran.out)}
    assert skipped["x.gallerydl"] == "login"
    asked = [host for host in gateway.connects if "x.com" in host or "twitter" in host]
    assert (ran.code, asked) == (0, [])


def test_what_needs_a_consent_is_not_asked_before_it(program: Gatherum, gateway: Gateway) -> None:
    ran = program("doctor", "--live", "--json", "https://www.instagram.com/ann/")

    skipped = {line["provider"]: line["skipped"] for line in lines(ran.out)}
    assert skipped["instagram.imginn"] == "consent"
    assert "imginn.com" not in gateway.connects


def test_links_are_for_live_alone_and_nonsense_is_none(program: Gatherum) -> None:
    assert program("doctor", "https://www.snapchat.com/@ann").code == 2
    assert program("doctor", "--live", "no link").code == 2


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_is_of_its_platform(name: str) -> None:
    assert find_targets(PUBLIC[name])[0][1].platform == name
