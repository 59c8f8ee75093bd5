"""The links that extractors test themselves with are known here for their platform and kind."""

import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from scripts.routing import (
    ASKED,
    CLONE,
    NAMED,
    TARGET,
    Route,
    cases,
    cases_in,
    desk,
    follow,
    named,
    rows,
)

# By extractor: how many of its links are known for the platform, as what. '' stands for the others.
EXPECTED: Mapping[str, Mapping[str, int]] = {
    "Bluesky": {"": 1, "post": 9},
    "Instagram": {"post": 10},
    "instagram:story": {"highlight": 1, "stories": 1, "story": 1},
    "instagram:tag": {"gallerydl": 1},
    "InstagramIOS": {"": 1},
    "LinkedIn": {"post": 3},
    "linkedin:events": {"": 2},
    "linkedin:learning": {"": 1},
    "linkedin:learning:course": {"": 1},
    "Pinterest": {"pin": 5},
    "PinterestCollection": {"board": 2},
    "Reddit": {"submission": 16, "ytdlp": 1},
    "SnapchatSpotlight": {"spotlight": 2},
    "TikTok": {"post": 14},
    "tiktok:collection": {"collection": 2},
    "tiktok:live": {"": 4},
    "tiktok:user": {"": 1, "user": 3},
    "twitter": {"status": 43},
    "twitter:amplify": {"": 1},
    "twitter:broadcast": {"": 3, "gallerydl": 2},
    "twitter:card": {"status": 5},
    "twitter:spaces": {"": 4},
    "youtube": {"": 10, "video": 58, "ytdlp": 5},
    "youtube:clip": {"": 1},
    "youtube:consent": {"": 1},
    "youtube:favorites": {"": 2},
    "youtube:history": {"": 1},
    "youtube:music:search_url": {"": 3},
    "youtube:notif": {"": 2},
    "youtube:playlist": {"": 4, "playlist": 1, "video": 1},
    "youtube:recommended": {"": 3},
    "youtube:search": {"": 2},
    "youtube:search_url": {"": 5},
    "youtube:shorts:pivot:audio": {"": 1},
    "youtube:subscriptions": {"": 2},
    "youtube:tab": {
        "": 44,
        "channel": 10,
        "playlist": 15,
        "shorts": 2,
        "streams": 2,
        "video": 5,
        "videos": 4,
    },
    "youtube:truncated_id": {"": 1},
    "youtube:truncated_url": {"": 6},
    "youtube:user": {"": 1},
    "youtube:watchlater": {"": 1},
    "YoutubeLivestreamEmbed": {"": 1},
    "YoutubeYtBe": {"video": 2},
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def routes() -> AsyncIterator[list[Route]]:
    async with desk() as opened:
        yield await follow(opened, [case for case in cases() if case.platform is not None])


async def test_every_link_of_a_platform_with_a_module_goes_where_it_should(
    routes: list[Route],
) -> None:
    found = {name: dict(kinds) for name, kinds in named(routes).items()}

    assert found == EXPECTED


async def test_what_was_written_down_still_holds(routes: list[Route]) -> None:
    written = TARGET.read_text(encoding="utf-8").splitlines()

    assert [row for row in rows(named(routes)) if row not in written] == [], (
        "Links are taken for something else: look at the difference that `make routing` makes."
    )


async def test_no_link_of_a_platform_is_taken_for_another_one(routes: list[Route]) -> None:
    ours = set(NAMED.values())

    strangers = [
        (route.case.url, route.platform)
        for route in routes
        if route.platform in ours and not route.is_right
    ]
    assert strangers == []


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_the_links_of_gallery_dls_results_go_where_they_should() -> None:
    clone = os.environ.get(CLONE)
    if clone is None:
        pytest.skip(f"{CLONE} names no clone of gallery-dl")
    async with desk() as opened:
        found = await follow(opened, cases_in(Path(clone)))
    ours = set(NAMED.values())

    missed = [
        route
        for route in found
        if route.case.platform and not route.is_right and route.platform not in ("direct", None)
    ]
    strangers = [route for route in found if route.platform in ours and not route.case.platform]
    asked = [route for route in found if route.kind == ASKED]

    assert (missed, strangers) == ([], [])
    assert len(found) > 3000
    assert (
        len(asked) < len(found) * 0.06
    )  # hosts that only their answer tells, or a newer extractor
