"""A preview shows what is behind a link, within the policy and a deadline, and records nothing."""

import asyncio
from itertools import pairwise
from statistics import median
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from yarl import URL

from gatherum.accounts.model import Role
from gatherum.acquiring import desk
from gatherum.acquiring.preview import AT_ONCE, WITH_YOURS
from gatherum.app import run_worker
from gatherum.demo.content import posts_of
from gatherum.library.tables import MediaRow, PostRow
from tests.suites.waiting import until
from tests.testsites.faulty import FaultySite
from tests.web.conftest import Server

ADA = posts_of("ada")


async def look(client: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with client.post("/api/v1/links/preview", json={"url": url}) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == 200, told
        return told


async def count(server: Server, table: type[MediaRow | PostRow]) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return await server.app.database.read(lambda tx: tx.execute(query).scalar_one())


async def test_the_newest_media_are_shown_and_nothing_is_recorded(near: Server, plaza: str) -> None:
    client = await near.client_as(Role.EDITOR)

    seen = await look(client, f"{plaza}/@ada")

    newest = [item for post in ADA if not post.pinned for item in post.items]
    assert (seen["platform"], seen["feed"], seen["key"]) == ("plaza", "user", "ada")
    assert [one["kind"] for one in seen["items"]] == [item.kind for item in newest[:8]]
    assert [one["thumbnail"] for one in seen["items"]] == [
        f"{plaza}{item.path}" if item.kind == "image" else None for item in newest[:8]
    ]
    assert seen["states"] == {"new": 66}  # a page holds all of hers
    assert {one["state"] for one in seen["items"]} == {"new"}
    assert seen["items"][0]["posted_at"] == "2026-10-24T09:29:00Z"
    assert (seen["subscription"], seen["reason"], seen["detail"]) == (None, None, None)
    assert await count(near, MediaRow) == await count(near, PostRow) == 0
    assert (await near.app.queue.list()).jobs == ()


async def test_it_says_how_much_of_it_we_have_and_that_it_is_followed(
    near: Server, plaza: str
) -> None:
    client = await near.client_as(Role.EDITOR)
    url = f"{plaza}/@ada"
    async with run_worker(near.app):
        async with client.post("/api/v1/links", json={"urls": [url], "limit": 10}) as answer:
            job = (await answer.json())["items"][0]["job"]
        while (await near.app.queue.get(job)).is_live:  # noqa: ASYNC110  # another process may end it
            await asyncio.sleep(0.05)
    followed = await near.app.desk.follow(url)

    seen = await look(client, url)

    assert seen["states"] == {"stored": 10, "new": 56}
    assert seen["subscription"] == followed.id
    pinned = sum(len(post.items) for post in ADA if post.pinned)  # it was taken, and is not newest
    states = [one["state"] for one in seen["items"]]
    assert states == ["stored"] * (10 - pinned) + ["new"] * (pinned - 2)
    assert [one["media"] is not None for one in seen["items"]] == [s == "stored" for s in states]


async def test_a_timing_is_suggested_by_the_speed_of_posting(near: Server, plaza: str) -> None:
    client = await near.client_as(Role.EDITOR)

    seen = await look(client, f"{plaza}/@ada")

    times = sorted(post.at.timestamp() for post in ADA if not post.pinned)
    gap = median(later - sooner for sooner, later in pairwise(times))
    assert 24 * 3600 < gap < 48 * 3600  # so two looks between two posts are one every half day
    assert (seen["timing"], seen["schedule"]) == ("12h", "every 12 hours")


async def test_what_only_friends_see_says_that_a_login_is_needed(near: Server, plaza: str) -> None:
    client = await near.client_as(Role.EDITOR)

    seen = await look(client, f"{plaza}/@vault")

    assert (seen["platform"], seen["items"], seen["reason"]) == ("plaza", [], "login_required")
    assert WITH_YOURS not in seen["detail"]

    host = URL(plaza).host
    cookies = f"# Netscape HTTP Cookie File\n{host}\tFALSE\t/\tFALSE\t1999999999\tfriend\tyes\n"
    await near.app.logins.add("plaza", "mine", cookies)

    assert WITH_YOURS in (await look(client, f"{plaza}/@vault"))["detail"]


async def test_a_redirect_to_a_private_address_is_refused(near: Server) -> None:
    client = await near.client_as(Role.EDITOR)
    async with FaultySite() as site:
        url = site.redirect("/posts", "http://10.255.255.1/secret")

        seen = await look(client, url)

    assert (seen["items"], seen["reason"]) == ([], "refused")


async def test_a_hostile_link_is_never_asked(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)
    hostile = {
        "http://127.0.0.1/a.jpg": "refused",
        "http://[::ffff:10.0.0.1]/": "refused",
        "file:///etc/passwd": "refused",
        "no link": "unsupported",
    }

    for url, reason in hostile.items():
        seen = await look(client, url)

        assert (seen["url"], seen["reason"], seen["items"]) == (url, reason, [])


async def test_a_source_that_does_not_answer_ends_at_the_deadline(
    near: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await near.client_as(Role.EDITOR)
    monkeypatch.setattr(near.app.previews, "_deadline_s", 0.3)

    async with FaultySite(latency=60) as site:
        seen = await look(client, site.url("/posts"))

    assert (seen["reason"], seen["items"]) == ("unavailable", [])


async def test_who_goes_away_ends_the_work(near: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await near.client_as(Role.EDITOR)
    gate = near.app.previews._gate
    monkeypatch.setattr(near.app.previews, "_deadline_s", 600)  # that is not what ends it
    monkeypatch.setattr(desk, "ASK_S", 600)

    async with FaultySite(latency=600) as site, asyncio.timeout(60):
        url = site.url("/posts")
        asking = [asyncio.create_task(look(client, url)) for _ in range(AT_ONCE + 1)]
        await until(gate.locked)
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await until(lambda: gate._value == AT_ONCE)


async def test_no_more_than_a_few_are_looked_at_at_once(near: Server) -> None:
    client = await near.client_as(Role.EDITOR)

    async with FaultySite(latency=0.2) as site:
        urls = [site.redirect(f"/{n}", "http://10.255.255.1/") for n in range(12)]
        await asyncio.gather(*(look(client, url) for url in urls))

        assert 1 <= site.busiest <= AT_ONCE
