"""What is made of Instagram's refusals: each is named by what it says, and nothing is falsely gone."""

import json
from dataclasses import replace

import pytest

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import Page
from gatherum.providers import find_chain
from tests.providers.instagram.reading import code, ids, listed, posts_of
from tests.testsites.client import SiteClient
from tests.testsites.instagram import PATIENCE, ROOT, WWW, mount_instagram
from tests.testsites.instagram_ids import shortcode
from tests.testsites.instagram_pages import FIELDS, STATIC
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import Fault, World

ANN = f"{ROOT}/ann/"
LIST = "^/graphql/query$"
JSON = {"Content-Type": "application/json; charset=utf-8"}


def said(status: int, message: str, path: str, **more: object) -> Fault:
    """Return a refusal in Instagram's own form."""
    body = json.dumps({"message": message, "status": "fail", **more}).encode()
    return Fault(status=status, headers=JSON, body=body, path=path)


def led_to(path: str, at: str) -> Fault:
    return Fault(status=302, headers={"Location": f"{ROOT}{path}"}, path=at)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503, path=LIST), Unavailable),
        (said(400, "feedback_required", LIST, spam=True), RateLimited),
        (said(400, "Not authorized to view user", LIST), LoginRequired),
        (Fault(status=500, path="^/ann/$"), Unavailable),
        (led_to("/accounts/login/?next=/ann/", "^/ann/$"), LoginRequired),
        (led_to("/accounts/login/", LIST), LoginRequired),
        (led_to("/challenge/?next=/ann/", "^/ann/$"), Challenge),
        (said(400, "checkpoint_required", LIST, lock=True), Challenge),
        (said(400, "challenge_required", LIST), Challenge),
        (said(403, "login_required", LIST, logout_reason=2), LoginRequired),
        (said(401, PATIENCE, LIST, require_login=True), RateLimited),
        (said(401, PATIENCE, LIST), RateLimited),
        (said(400, "Something new", LIST), UnexpectedResponse),
        (Fault(status=200, body=b"<html>", path=LIST), Unavailable),
    ],
)
async def test_a_refusal_is_named_by_what_instagram_says(
    world: World, client: SiteClient, fault: Fault, error: type[SourceError]
) -> None:
    world.plant(WWW, fault)

    with pytest.raises(SourceError) as caught:
        await listed(ANN, client)

    assert type(caught.value) is error
    assert world.count(WWW, LIST) <= 1  # it is not hammered


async def test_being_asked_to_slow_down_ends_the_job_and_tells_for_how_long(
    world: World, client: SiteClient
) -> None:
    world.plant(WWW, Fault(status=429, headers={"Retry-After": "300"}, path="^/api/graphql$"))

    with pytest.raises(RateLimited) as caught:
        await listed(ANN, client)

    assert caught.value.retry_after == 300
    assert [hit.status for hit in world.log if hit.host == WWW] == [200, 429]


@pytest.mark.parametrize("link", ["/ben/", "/stories/ann/", "/p/{}/", "/ann/saved/", "/ann/"])
async def test_a_visitor_is_told_that_a_login_is_needed(
    world: World, client: SiteClient, link: str
) -> None:
    client.cookies = None

    with pytest.raises(LoginRequired):
        await listed(ROOT + link.format(code(world.people["ann"][0])), client)


@pytest.mark.parametrize("way", ["gallerydl", "instaloader"])
async def test_a_private_profile_that_a_login_does_not_follow_is_no_empty_one(
    site: Instagram, client: SiteClient, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(site.world, "sites", dict(site.world.sites))
    mount_instagram(replace(site, strangers=frozenset({"ben"})))

    with pytest.raises(LoginRequired):
        await listed(f"{ROOT}/ben/", client, way=way)


@pytest.mark.parametrize(
    "link", ["/nobody/", "/nobody/reels/", "/nobody/highlights/", "/stories/nobody/"]
)
async def test_somebody_whom_instagram_does_not_know_is_gone(
    world: World, client: SiteClient, link: str
) -> None:
    with pytest.raises(Gone, match="nobody"):
        await listed(ROOT + link, client)

    assert [(hit.path, hit.status) for hit in world.log] == [("/nobody/", 404)] * 2


async def test_a_page_that_was_missing_once_makes_nobody_gone(
    world: World, client: SiteClient
) -> None:
    world.plant(WWW, Fault(status=404, path="^/ann/$"))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)


NOT_FOUND = "Media not found or unavailable"
NO_NUMBER = "Invalid media_id 3700000000000000001"
DELETED = "Sorry, this photo has been deleted"


@pytest.mark.parametrize(
    ("status", "message"), [(400, NOT_FOUND), (400, NO_NUMBER), (400, DELETED), (404, NOT_FOUND)]
)
@pytest.mark.parametrize("before", [0, 1])
async def test_a_post_that_is_missing_makes_no_profile_gone(
    world: World, client: SiteClient, status: int, message: str, before: int
) -> None:
    world.plant(WWW, *[Fault(path=LIST)] * before, said(status, message, LIST))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (NOT_FOUND, Gone),
        (NO_NUMBER, Gone),
        (DELETED, Gone),
        ("Sorry, this photo has been deleted.", Gone),
        ("Invalid media_id format was given", UnexpectedResponse),
        ("The session that you used has been deleted", UnexpectedResponse),
    ],
)
async def test_only_what_instagram_says_of_the_post_makes_it_gone(
    world: World, client: SiteClient, message: str, error: type[SourceError]
) -> None:
    world.plant(WWW, said(400, message, "/info/$"))

    with pytest.raises(SourceError) as caught:
        await listed(f"{ROOT}/p/{shortcode('3700000000000000001')}/", client)

    assert type(caught.value) is error


async def test_a_missing_script_makes_nobody_gone(world: World, client: SiteClient) -> None:
    world.plant(STATIC, Fault(status=404, path="profile.js$"))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)
    assert world.count(WWW, "^/ann/$") == 2  # gallery-dl's word was not enough


async def test_a_page_without_its_tokens_makes_nobody_gone(
    world: World, client: SiteClient
) -> None:
    shell = b'<html>{"pageID":"httpErrorPage"}</html>'  # what visitors get that it does not trust
    world.plant(WWW, Fault(status=200, body=shell, path="^/ann/$"))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "json"), (400, "number"), (404, "json"), (404, "html")]
)
async def test_a_deleted_post_is_gone(
    world: World, client: SiteClient, status: int, kind: str
) -> None:
    if kind == "html":
        world.plant(WWW, Fault(status=status, path="/info/$"))
    elif kind == "number":
        world.plant(WWW, said(400, "Invalid media_id 3700000000000000001", "/info/$"))
    elif status == 404:
        world.plant(WWW, said(404, "Media not found or unavailable", "/info/$"))

    with pytest.raises(Gone):
        await listed(f"{ROOT}/p/{shortcode('3700000000000000001')}/", client)

    assert [hit.status for hit in world.log] == [status]


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
    name = FIELDS["PolarisProfilePostsTabContentQuery_connection"]
    body = json.dumps({"data": {name: {"edges": edges, "page_info": end}}}).encode()
    site.world.plant(WWW, Fault(status=200, headers=JSON, body=body, path=LIST))

    with pytest.raises(UnexpectedResponse):
        await listed(ANN, client)


async def test_what_was_found_before_a_failure_is_kept_with_its_cursor(
    world: World, client: SiteClient
) -> None:
    whole = posts_of(await listed(ANN, client))
    world.plant(WWW, Fault(path=LIST), Fault(status=500, path=LIST))
    [(provider, target), *_] = find_chain(ANN)
    kept: list[Page] = []

    async def keep() -> None:
        async for page in provider.listing(target, client, None):
            kept.append(page)  # noqa: PERF401  # they must survive the error

    with pytest.raises(Unavailable):
        await keep()
    rest = await listed(ANN, client, cursor=kept[-1].cursor)

    assert len(kept) == 1
    assert ids(posts_of([*kept, *rest])) == ids(whole)


async def test_new_posts_on_top_hide_nothing_behind_a_cursor(
    world: World, client: SiteClient
) -> None:
    entries = world.people["ann"]
    whole = posts_of(await listed(ANN, client))
    world.people["ann"] = entries[3:]
    try:
        first = (await listed(ANN, client))[0]
    finally:
        world.people["ann"] = entries

    rest = posts_of(await listed(ANN, client, cursor=first.cursor))

    assert ids(rest) == ids(whole[15:])  # three were added above the first twelve
