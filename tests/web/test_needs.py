"""What needs a person: one list, whose numbers are those that its filters find."""

from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.jobs.queue import Lane
from gatherum.library.tables import FileRow
from gatherum.model import Target
from gatherum.subscriptions.tables import SubscriptionRow
from gatherum.web.routes import needs as needs_route
from tests.web.conftest import Server
from tests.web.stored import store
from tests.web.test_jobs import add, call, titles


async def needs(client: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """Return what needs a person, but for what the installation says of itself."""
    status, told = await call(client, "GET", "/needs")
    assert status == 200, told
    return [one for one in told["items"] if one["kind"] != "alarm"]


async def fail(server: Server, title: str, reason: str | None, **more: object) -> str:
    return await add(
        server, title, state="failed", reason=reason, lane=Lane.INTERACTIVE, finished_at=1e9, **more
    )


async def test_jobs_are_counted_by_reason_and_platform_as_their_filter_finds_them(
    any_server: Server,
) -> None:
    await fail(any_server, "a", "site_changed", platform="tiktok")
    await fail(any_server, "b", "site_changed", platform="tiktok")
    await fail(any_server, "c", "refused", platform="web")
    await add(
        any_server,
        "d",
        state="waiting",
        reason="login_required",
        lane=Lane.INTERACTIVE,
        platform="tiktok",
    )
    await add(any_server, "slow", state="waiting", reason="rate_limited", lane=Lane.INTERACTIVE)
    await add(any_server, "of a source", state="failed", reason="gone", lane=Lane.SYNC)
    client = await any_server.client_as(Role.EDITOR)

    told = await needs(client)

    assert {(one["reason"], one["platform"], one["jobs"]) for one in told} == {
        ("site_changed", "tiktok", 2),
        ("refused", "web", 1),
        ("login_required", "tiktok", 1),
    }
    for one in told:
        found = f"needs=true&reason={one['reason']}&platform={one['platform']}"
        assert len(await titles(client, found)) == one["count"]
    assert await titles(client, "needs=true") == ["d", "c", "b", "a"]


async def test_jobs_that_tell_no_reason_are_found_and_dismissed_alone(any_server: Server) -> None:
    await fail(any_server, "a", "gone")
    await fail(any_server, "b", None)
    await fail(any_server, "c", None, platform="reddit")
    client = await any_server.client_as(Role.EDITOR)

    counted = {(one["reason"], one["platform"]): one["jobs"] for one in await needs(client)}

    assert counted == {("gone", "plaza"): 1, (None, "plaza"): 1, (None, "reddit"): 1}
    assert await titles(client, "needs=true&reason=none&platform=plaza") == ["b"]
    assert await titles(client, "needs=true&reason=none&reason=gone") == ["c", "b", "a"]
    asked = {"needs": True, "reason": ["none"], "platform": "plaza"}
    _, told = await call(client, "POST", "/jobs/batch", {"action": "dismiss", "filter": asked})
    assert told["changed"] == 1
    assert await titles(client, "needs=true") == ["c", "a"]


async def test_every_source_that_fails_is_counted_however_many_there_are(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs_route, "PAGE", 2)
    for name in "abcde":
        url = f"https://plaza.example/{name}"
        target = Target(platform="plaza", feed="user", key=name, url=url)
        await server.app.subscriptions.follow(target)
    broken = sa.update(SubscriptionRow).values(reason="gone", checked_at=1e9)
    await server.app.database.write(lambda tx: tx.execute(broken))
    client = await server.client_as(Role.EDITOR)

    (told,) = await needs(client)

    assert (told["count"], len(set(told["subscriptions"]))) == (5, 5)


async def test_a_failure_that_was_dismissed_or_done_once_more_needs_nobody(
    any_server: Server,
) -> None:
    await fail(any_server, "a", "gone")
    again = await fail(any_server, "b", "gone")
    await fail(any_server, "c", "refused")
    client = await any_server.client_as(Role.EDITOR)

    asked = {"action": "dismiss", "filter": {"needs": True, "reason": ["refused"]}}
    status, told = await call(client, "POST", "/jobs/batch", asked)
    assert (status, told["changed"]) == (200, 1)
    assert (await call(client, "POST", f"/jobs/{again}/retry"))[0] == 200

    assert await titles(client, "needs=true") == ["a"]
    await add(any_server, "a", lane=Lane.INTERACTIVE)  # the same link, handed in again
    assert await needs(client) == []


async def test_damaged_files_are_counted_found_and_downloaded_again(any_server: Server) -> None:
    media = await store(any_server.app, b"a")
    whole = await store(any_server.app, b"b")
    client = await any_server.client_as(Role.EDITOR)
    assert await needs(client) == []
    assert (await call(client, "POST", "/needs/files"))[1] == {"media": 0, "job": None}
    broken = sa.update(FileRow).where(FileRow.id == media.file).values(damage="damaged")
    await any_server.app.database.write(lambda tx: tx.execute(broken))

    (told,) = await needs(client)

    assert (told["kind"], told["count"], told["q"]) == ("files", 1, "is:damaged")
    _, found = await call(client, "GET", "/media?q=is:damaged")
    assert [one["id"] for one in found["items"]] == [str(media.id)]
    _, others = await call(client, "GET", "/media?q=-is:damaged")
    assert [one["id"] for one in others["items"]] == [str(whole.id)]
    status, job = await call(client, "POST", "/needs/files")
    assert (status, job["media"]) == (200, 1)
    _, queued = await call(client, "GET", f"/jobs/{job['job']}")
    assert queued["job"]["kind"] == "MediaFetch"


async def test_a_viewer_is_told_what_viewers_may_see(server: Server) -> None:
    await fail(server, "a", "gone")
    client = await server.client_as(Role.VIEWER)

    assert await needs(client) == []
    assert (await call(client, "POST", "/needs/files"))[0] == 403
