"""What is followed, over HTTP: made, seen, changed with a version, tried before it is chosen."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.app import run_worker
from gatherum.db import Tx
from gatherum.demo import running
from gatherum.jobs.tables import Schedule
from gatherum.library.tables import MediaRow, PostRow, SourceRow
from gatherum.model import Reason
from gatherum.settings import BootSettings
from tests.web.conftest import Server, serving
from tests.web.stored import store
from tests.web.times import seconds

BOB = "https://www.reddit.com/user/bob"
HOUR, DAY = 3600.0, 86_400.0
Told = dict[str, Any]
WRONG: tuple[tuple[Told, int, str], ...] = (
    ({"url": "http://127.0.0.1/posts"}, 422, "private"),
    ({"url": "http://0x7f000001/posts"}, 422, "private"),
    ({"url": "http://169.254.169.254/latest"}, 422, "private"),
    ({"url": "file:///etc/passwd"}, 422, "http"),
    ({"url": "https://a:b@example.org/"}, 422, "password"),
    ({"url": "no link"}, 422, "no link"),
    ({"url": "https://example.org/a.jpg"}, 422, "single file"),
    ({"url": BOB, "timing": "sometimes"}, 422, "no interval"),
    ({"url": BOB, "timing": "10s"}, 422, "no interval"),
    ({"url": BOB, "timing": "0 6 * * *", "zone": "Europe/Atlantis"}, 422, "time zone"),
    ({"url": BOB, "timing": "0 25 * * *"}, 422, "cron"),
    ({"url": BOB, "filter": "colour:red"}, 422, "colour"),
    ({"url": BOB, "limit": 0}, 422, "limit"),
    ({"url": BOB, "login": 9}, 404, "no such login"),
    ({"url": BOB, "adaptive": {"shortest": "1w", "longest": "1h"}}, 422, "shortest"),
    ({"url": BOB, "adaptive": {"shortest": "0 6 * * *", "longest": "1h"}}, 422, "intervals"),
    ({"url": BOB, "owner": 1}, 422, "owner"),
    ({}, 422, "url"),
)


async def send(
    client: aiohttp.ClientSession,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Told]:
    """Send a request; return the status and what was answered, with the ETag."""
    async with client.request(
        method, f"/api/v1/subscriptions{path}", json=body, headers=headers
    ) as answer:
        told: Told = await answer.json(content_type=None) if answer.status != 204 else {}
        return answer.status, told | {"etag": answer.headers.get("ETag")}


async def follow(client: aiohttp.ClientSession, url: str = BOB, **more: object) -> Told:
    status, told = await send(client, "POST", "", {"url": url, **more})
    assert status == 201, told
    return told


async def put_posts(
    server: Server, subscription: int, posts: Sequence[Sequence[Mapping[str, object]]]
) -> None:
    """Put posts that a subscription has met, each with its media, into the library."""
    now = time.time()

    def write(tx: sa.Connection) -> None:
        for number, media in enumerate(posts):
            post = tx.scalar(
                sa.insert(PostRow)
                .values(
                    platform="reddit",
                    host="",
                    remote_id=f"p{number}",
                    url=f"{BOB}/p{number}",
                    author="bob",
                    caption=f"Post {number}",
                    links=[],
                    posted_at=now - number * DAY,
                    seen_at=now,
                    versions=1,
                )
                .returning(PostRow.id)
            )
            tx.execute(sa.insert(SourceRow).values(subscription_id=subscription, post_id=post))
            for place, values in enumerate(media, 1):
                row: dict[str, object] = {
                    "post_id": post,
                    "platform": "reddit",
                    "host": "",
                    "remote_id": f"m{number}_{place}",
                    "position": place,
                    "kind": "image",
                    "state": "skipped",
                    "url": "https://i.example.org/a.jpg",
                    "transport": "http",
                    "recipe": {},
                    "attempt": 0,
                    "not_before": 0.0,
                    "part_ok": 0,
                    "created_at": now,
                    "author_key": "bob",
                }
                tx.execute(sa.insert(MediaRow).values(row | dict(values)))

    await server.app.database.write(write)


async def test_what_is_followed_is_told_whole(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    begun = time.time()

    made = await follow(
        client,
        title=" Bob ",
        filter="kind:image size<50MB",
        timing="1d12h",
        jitter_s=60,
        limit=500,
        adaptive={"shortest": "30m", "longest": "1w"},
    )

    status, shown = await send(client, "GET", f"/{made['id']}")
    assert (status, shown) == (200, made)
    assert made["etag"] == '"1"'
    assert int(begun) <= seconds(made["created_at"]) <= time.time()
    expected = {
        "platform": "reddit",
        "host": "",
        "feed": "user",
        "key": "bob",
        "url": BOB,
        "title": "Bob",
        "filter": "kind:image size<50MB",
        "limit": 500,
        "login": None,
        "adaptive": {"shortest": "30m", "longest": "1w"},
        "timing": "1d12h",
        "zone": "UTC",
        "jitter_s": 60.0,
        "schedule": "every 1 day 12 hours",
        "paused": False,
        "health": "ok",
        "reason": None,
        "detail": None,
        "synced_at": None,
        "checked_at": None,
        "backfill_done": False,
        "version": 1,
        "brought": {"posts": 0, "oldest": None, "stored": 0, "bytes": 0, "open": 0, "reasons": {}},
    }
    assert {name: made[name] for name in expected} == expected
    assert made["next_runs"] == [{"at": made["next_at"], "words": "now"}]


async def test_the_next_five_runs_are_told_in_words(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)

    made = await follow(client, timing="0 6 * * *", zone="Europe/Berlin")

    runs = [
        datetime.fromisoformat(run["at"]).astimezone(ZoneInfo("Europe/Berlin"))
        for run in made["next_runs"]
    ]
    assert made["schedule"] == "At 06:00 every day (Europe/Berlin)"
    assert len(runs) == 5
    assert made["next_runs"][0]["words"] == "now"
    assert [(run.hour, run.minute) for run in runs[1:]] == [(6, 0)] * 4
    assert all(run["words"].endswith("at 06:00") for run in made["next_runs"][2:])


async def test_the_same_is_not_followed_twice(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    await follow(client)

    status, told = await send(client, "POST", "", {"url": f"{BOB}/?sort=new"})

    assert (status, told["detail"]) == (409, "This is followed already.")


async def test_what_cannot_be_followed_says_why(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)

    for body, status, words in WRONG:
        answered, told = await send(client, "POST", "", body)

        assert (answered, words in told["detail"]) == (status, True), (body, told)
    assert await server.app.subscriptions.list() == ()


async def test_a_change_needs_the_version_that_was_seen(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = await follow(client, limit=5, timing="6h")
    path = f"/{made['id']}"

    status, changed = await send(
        client, "PATCH", path, {"title": "Robert"}, headers={"If-Match": made["etag"]}
    )
    late, problem = await send(
        client, "PATCH", path, {"title": "Rob"}, headers={"If-Match": made["etag"]}
    )
    removed, _ = await send(client, "DELETE", path, headers={"If-Match": made["etag"]})
    nothing, same = await send(client, "PATCH", path, {})

    assert (status, changed["title"], changed["etag"]) == (200, "Robert", '"2"')
    assert (late, problem["title"]) == (412, "It has changed meanwhile")
    assert removed == 412
    assert (nothing, same["etag"]) == (200, '"2"')
    _, shown = await send(client, "GET", path)
    kept = ("limit", "timing", "filter", "next_at", "key")
    assert {name: shown[name] for name in kept} == {name: made[name] for name in kept}


async def test_everything_that_may_be_changed_can_be(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    login = await any_server.app.logins.keep("reddit", "bob", "a.example\tTRUE\t/\tTRUE\t0\tn\tv")
    made = await follow(client, limit=5, timing="0 6 * * *", zone="Europe/Berlin")
    path = f"/{made['id']}"
    await any_server.app.subscriptions.record_sync(made["id"], backfill_done=True)

    _, zone = await send(client, "PATCH", path, {"zone": "Asia/Tokyo"})
    _, timing = await send(client, "PATCH", path, {"timing": "3h", "jitter_s": 0})
    _, more = await send(client, "PATCH", path, {"login": login, "filter": "kind:video"})
    _, less = await send(
        client, "PATCH", path, {"login": None, "limit": None, "filter": "", "adaptive": None}
    )

    assert (zone["timing"], zone["zone"], zone["backfill_done"]) == (
        "0 6 * * *",
        "Asia/Tokyo",
        True,
    )
    assert (timing["timing"], timing["jitter_s"], timing["schedule"]) == ("3h", 0, "every 3 hours")
    assert (more["login"], more["filter"], more["backfill_done"]) == (login, "kind:video", False)
    assert (less["login"], less["limit"], less["filter"], less["version"]) == (None, None, "", 5)


async def test_one_that_rests_has_no_next_run_and_is_checked_by_hand(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = await follow(client)
    path = f"/{made['id']}"

    _, rests = await send(client, "POST", f"{path}/pause")
    status, one = await send(client, "POST", f"{path}/sync")
    _, two = await send(client, "POST", f"{path}/sync")
    _, goes_on = await send(client, "POST", f"{path}/resume")

    assert (rests["paused"], rests["health"], rests["next_runs"]) == (True, "resting", [])
    assert (status, one["job"]) == (202, two["job"])
    job = await any_server.app.queue.get(one["job"])
    assert job.payload == {"subscription": made["id"]}
    assert (goes_on["paused"], goes_on["health"], len(goes_on["next_runs"])) == (False, "ok", 5)


async def test_what_is_followed_no_longer_is_gone(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = await follow(client)
    path = f"/{made['id']}"

    status, _ = await send(client, "DELETE", path)

    assert status == 204
    for method, more in (("GET", ""), ("DELETE", ""), ("PATCH", ""), ("POST", "/sync")):
        body: Told | None = {} if method == "PATCH" else None
        missing, told = await send(client, method, f"{path}{more}", body)
        assert (missing, told["detail"]) == (404, "There is no such subscription.")
    again = await follow(client)
    assert again["id"] > made["id"]


async def test_the_list_has_pages_and_filters(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = [await follow(client, f"https://www.reddit.com/user/u{n}") for n in range(5)]
    numbers = [one["id"] for one in made]
    failing, limited, paused, *_ = numbers
    subscriptions = any_server.app.subscriptions
    await subscriptions.record_failure(failing, Reason.LOGIN_REQUIRED, "Log in.")
    await subscriptions.record_failure(limited, Reason.RATE_LIMITED, "Later.")
    await subscriptions.record_failure(paused, Reason.GONE, "It is gone.")
    await subscriptions.pause(paused)

    async def ids(query: str) -> list[int]:
        _, told = await send(client, "GET", query)
        return [one["id"] for one in told["items"]]

    _, first = await send(client, "GET", "?limit=2")
    _, second = await send(client, "GET", f"?limit=2&cursor={first['next']}")
    _, third = await send(client, "GET", f"?limit=2&cursor={second['next']}")
    pages = [[one["id"] for one in page["items"]] for page in (first, second, third)]
    assert pages == [numbers[:2:-1], numbers[2:0:-1], numbers[:1]]
    assert third["next"] is None
    assert await ids("?failing=true") == [failing]
    assert await ids("?failing=false") == numbers[:0:-1]
    assert await ids("?paused=true") == [paused]
    assert await ids("?paused=false") == [n for n in numbers[::-1] if n != paused]
    assert await ids("?text=USER%20U3") == [numbers[3]]
    assert await ids("?text=%25") == []
    assert await ids("?platform=reddit&text=u1") == [numbers[1]]
    assert await ids("?platform=x") == []
    for cursor in ("x", "-1", "1e3", "9" * 40, "%D9%A1"):
        status, _ = await send(client, "GET", f"?cursor={cursor}")
        assert status == 422


async def test_what_is_due_next_comes_first_and_is_counted(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = [await follow(client, f"https://www.reddit.com/user/u{n}") for n in range(5)]
    first, second, third, fourth, paused = (one["id"] for one in made)
    subscriptions = any_server.app.subscriptions
    await subscriptions.record_failure(third, Reason.LOGIN_REQUIRED, "Log in.")
    await subscriptions.record_failure(fourth, Reason.DISK_FULL, "No room.")
    await subscriptions.pause(paused)
    due = {first: 50.0, second: 20.0, third: 20.0, fourth: 10.0, paused: 1.0}

    def put(tx: Tx) -> None:
        for number, at in due.items():
            schedule = sa.update(Schedule).where(Schedule.id == f"subscription:{number}")
            tx.execute(schedule.values(next_at=at))

    await any_server.app.database.write(put)

    found: list[int] = []
    more = ""
    while len(found) < len(made):
        _, page = await send(client, "GET", f"?order=next&paused=false&limit=1{more}")
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        more = f"&cursor={page['next']}"
    _, counted = await send(client, "GET", "/count?paused=false")
    _, of_reason = await send(client, "GET", "?reason=login_required&reason=disk_full")

    assert found == [fourth, second, third, first]
    assert counted["count"] == 4
    assert [one["id"] for one in of_reason["items"]] == [fourth, third]
    for cursor in ("x", "5", "1.0:", "1.0:-1", f"1.0:{'9' * 40}", ":1"):
        status, _ = await send(client, "GET", f"?order=next&cursor={cursor}")
        assert status == 422, cursor


async def test_health_says_how_the_last_check_went(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = await follow(client)
    path, subscriptions = f"/{made['id']}", any_server.app.subscriptions

    await subscriptions.record_failure(made["id"], Reason.GONE, "It is gone.")
    _, failing = await send(client, "GET", path)
    await subscriptions.record_failure(made["id"], Reason.RATE_LIMITED, "Later.")
    _, resting = await send(client, "GET", path)
    await subscriptions.record_sync(made["id"], backfill_done=True)
    _, well = await send(client, "GET", path)

    told = [(one["health"], one["reason"], one["detail"]) for one in (failing, resting, well)]
    assert told == [
        ("failing", "gone", "It is gone."),
        ("resting", "rate_limited", "Later."),
        ("ok", None, None),
    ]
    assert failing["synced_at"] is None
    assert well["synced_at"] == well["checked_at"] >= failing["checked_at"]
    assert well["version"] == 1  # nobody has changed it


async def test_what_it_has_brought_is_counted(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    made = await follow(client)
    left_out = {"reason": "filtered"}
    await put_posts(
        any_server,
        made["id"],
        [
            [left_out, {"state": "failed", "reason": "gone"}, {"state": "wanted"}],
            [left_out, {"state": "trashed", "reason": "deleted"}],
        ],
    )
    await put_posts_of_others(any_server)

    _, told = await send(client, "GET", f"/{made['id']}")

    assert seconds(told["brought"].pop("oldest")) == pytest.approx(time.time() - DAY, abs=60)
    assert told["brought"] == {
        "posts": 2,
        "stored": 0,
        "bytes": 0,
        "open": 1,
        "reasons": {"filtered": 2, "gone": 1, "deleted": 1},
    }


async def test_what_came_lately_is_told_of_many_at_once(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    editor = await any_server.client_as(Role.EDITOR)
    first, second = await follow(editor), await follow(editor, f"{BOB}by")
    old = await store(any_server.app, b"old", media={"stored_at": time.time() - 20 * DAY})
    new = await store(any_server.app, b"new", media={"shown_at": time.time()})
    later = await store(any_server.app, b"sound", kind="audio", mime="audio/mpeg")
    await meet(any_server, first["id"], old.id, new.id, later.id)
    asked = f"/brought?number={second['id']}&number={first['id']}"

    status, told = await send(client, "GET", asked)
    _, since = await send(client, "GET", f"{asked}&since=2020-01-01T00:00:00Z")

    assert status == 200
    assert [one["subscription"] for one in told["items"]] == [second["id"], first["id"]]
    nothing, brought = told["items"]
    assert (nothing["posts"], nothing["fresh"], sum(nothing["weeks"])) == (0, 0, 0)
    assert (brought["posts"], brought["fresh"]) == (3, 2)
    assert brought["weeks"] == [0] * 9 + [1, 0, 2]
    assert [picture["media"] for picture in brought["pictures"]] == [str(new.id), str(old.id)]
    assert brought["pictures"][0]["thumbnail"].endswith(f"/{new.id}/thumbnail?v={new.revision}")
    assert since["items"][1]["fresh"] == 3
    assert (await send(client, "GET", "/brought"))[0] == 422
    assert (await send(client, "GET", "/brought?" + "number=1&" * 61))[0] == 422


async def test_it_is_told_when_the_newest_post_of_each_was_published(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    editor = await any_server.client_as(Role.EDITOR)
    silent, lively, dateless, new = [
        (await follow(editor, link))["id"] for link in (BOB, f"{BOB}by", f"{BOB}o", f"{BOB}a")
    ]
    now = float(int(time.time()))
    days = {"old": 400, "older": 500, "fresh": 2}
    posts = {
        name: await store(any_server.app, name.encode(), post={"posted_at": now - ago * DAY})
        for name, ago in days.items()
    }
    undated = await store(
        any_server.app, b"undated", post={"posted_at": None, "seen_at": now - 9 * DAY}
    )
    await meet(any_server, silent, posts["old"].id, posts["older"].id)
    await meet(any_server, lively, posts["older"].id, posts["fresh"].id)
    await meet(any_server, dateless, undated.id)

    status, told = await send(client, "GET", "/newest")

    assert status == 200
    assert {one["subscription"]: seconds(one["at"]) for one in told["items"]} == {
        silent: now - 400 * DAY,
        lively: now - 2 * DAY,
        dateless: now - 9 * DAY,
    }
    assert new not in {one["subscription"] for one in told["items"]}


async def meet(server: Server, subscription: int, *media: int) -> None:
    """Let a subscription have met the posts of media."""

    def write(tx: sa.Connection) -> None:
        posts = tx.scalars(sa.select(MediaRow.post_id).where(MediaRow.id.in_(media))).all()
        rows = [{"subscription_id": subscription, "post_id": post} for post in posts]
        tx.execute(sa.insert(SourceRow), rows)

    await server.app.database.write(write)


async def put_posts_of_others(server: Server) -> None:
    def write(tx: sa.Connection) -> None:
        tx.execute(sa.update(PostRow).values(remote_id=PostRow.remote_id + "_"))
        tx.execute(sa.update(MediaRow).values(remote_id=MediaRow.remote_id + "_"))

    await server.app.database.write(write)
    await put_posts(server, 10_000, [[{"state": "wanted"}]])


async def test_a_timing_can_be_tried(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    begun = time.time()

    status, told = await send(client, "POST", "/next-runs", {"timing": "every 6 h"})
    _, cron = await send(
        client, "POST", "/next-runs", {"timing": "30 7 * * 1", "zone": "America/New_York"}
    )
    refused, problem = await send(client, "POST", "/next-runs", {"timing": "whenever"})

    assert (status, told["description"]) == (200, "every 6 hours")
    gaps = [
        seconds(later["at"]) - seconds(sooner["at"])
        for sooner, later in zip(told["runs"], told["runs"][1:], strict=False)
    ]
    assert gaps == [6 * HOUR] * 4
    assert seconds(told["runs"][0]["at"]) == pytest.approx(begun + 6 * HOUR, abs=60)
    zone = ZoneInfo("America/New_York")
    runs = [datetime.fromisoformat(run["at"]).astimezone(zone) for run in cron["runs"]]
    assert [(run.weekday(), run.hour, run.minute) for run in runs] == [(0, 7, 30)] * 5
    assert (refused, "no interval" in problem["detail"]) == (422, True)
    _, many = await send(client, "POST", "/next-runs", {"timing": "1h", "count": 168})
    assert len(many["runs"]) == 168
    assert (await send(client, "POST", "/next-runs", {"timing": "1h", "count": 201}))[0] == 422


async def test_a_filter_is_tried_on_the_posts_of_the_past(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    editor = await any_server.client_as(Role.EDITOR)
    made = await follow(editor)
    small, large = {"expected_size": 10}, {"expected_size": 10_000_000}
    video = {"kind": "video", "expected_size": 10}
    posts = [[small, large]] * 471 + [[large, large]] * 20 + [[video]] * 9 + [[small]] * 40
    await put_posts(any_server, made["id"], posts[::-1])  # the 40 are the oldest
    wanted = "kind:image size<1MB"

    bodies: list[Told] = [
        {"filter": wanted, "subscription": made["id"]},
        {"filter": wanted},
    ]
    for body in bodies:
        status, told = await send(client, "POST", "/test-filter", body)

        assert status == 200
        counts = {name: told[name] for name in ("posts", "kept", "left_out")}
        assert counts == {"posts": 500, "kept": 471, "left_out": 29}
        assert (told["media_kept"], told["media_left_out"]) == (471, 471 + 40 + 9)
        assert told["conditions"] == [
            {"condition": "size<1MB", "media": 511},
            {"condition": "kind:image", "media": 9},
        ]
        assert [one["kept"] for one in told["examples"]] == [False] * 29 + [True] * 5


async def test_a_filter_is_tried_on_an_author_whose_media_are_stored(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)
    body = {"filter": "kind:video", "platform": "reddit", "author": "Bob"}

    status, told = await send(client, "POST", "/test-filter", body)
    alone, _ = await send(client, "POST", "/test-filter", {"filter": "", "author": "bob"})
    missing, _ = await send(client, "POST", "/test-filter", {"filter": "", "subscription": 99})
    wrong, problem = await send(client, "POST", "/test-filter", {"filter": "kind:"})

    assert (status, told["posts"], told["examples"]) == (200, 0, [])
    assert (alone, missing, wrong) == (422, 404, 422)
    assert problem["detail"]


async def test_one_that_adapts_is_due_by_the_speed_of_posting(tmp_path: Path) -> None:
    settings = BootSettings(
        data_dir=tmp_path / "data", port=0, network_allow=("127.0.0.1",), _env_file=None
    )
    async with running() as plaza, serving(settings) as server, run_worker(server.app):
        await server.app.preferences.set("network.pace", "0")
        client = await server.client_as(Role.EDITOR)
        bounds = {"shortest": "1h", "longest": "3d"}
        made = await follow(client, f"{plaza}/@chiyo", adaptive=bounds, limit=2)
        _, sync = await send(client, "POST", f"/{made['id']}/sync")
        while (await server.app.queue.get(sync["job"])).is_live:  # noqa: ASYNC110  # the worker's
            await asyncio.sleep(0.05)

        _, told = await send(client, "GET", f"/{made['id']}")

    # The newest posts of the demonstration are older than a week: who is silent can wait.
    assert seconds(told["next_at"]) == pytest.approx(time.time() + 3 * DAY, abs=120)
    assert [run["at"] for run in told["next_runs"]] == [told["next_at"]]
    assert (told["health"], told["brought"]["stored"] > 0) == ("ok", True)
    assert told["synced_at"] is not None


async def test_who_may_only_look_changes_nothing(server: Server) -> None:
    editor, viewer = await server.client_as(Role.EDITOR), await server.client_as(Role.VIEWER)
    made = await follow(editor)
    path = f"/{made['id']}"

    refused = [
        await send(viewer, "POST", "", {"url": f"{BOB}2"}),
        await send(viewer, "PATCH", path, {"title": "x"}),
        await send(viewer, "DELETE", path),
        *[await send(viewer, "POST", f"{path}/{verb}") for verb in ("sync", "pause", "resume")],
    ]

    assert [status for status, _ in refused] == [403] * 6
    assert (await send(viewer, "GET", path))[1] == made
