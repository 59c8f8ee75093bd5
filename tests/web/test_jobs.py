"""The queue over HTTP: jobs are found, explained, steered; lanes say what waits, and for what."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.db import Tx
from gatherum.fetching.tables import BudgetRow
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.scheduler import Cron, Every
from gatherum.jobs.tables import Job
from gatherum.library.tables import LedgerRow
from gatherum.moments import moment
from tests.web.conftest import Server
from tests.web.stored import store

HOUR_S = 3600.0
DAY_S = 86_400.0


async def call(
    client: aiohttp.ClientSession, method: str, path: str, body: object = None
) -> tuple[int, dict[str, Any]]:
    async with client.request(method, f"/api/v1{path}", json=body) as answer:
        return answer.status, await answer.json(content_type=None)


async def add(
    server: Server, title: str, *, state: str = "queued", lane: Lane = Lane.SYNC, **rest: object
) -> str:
    """Record a job, and bring it into a state."""
    new = NewJob(
        kind=str(rest.pop("kind", "note")),
        lane=lane,
        partition=str(rest.pop("platform", "plaza")),
        title=title,
        dedup_key=title,
        payload={"subscription": 7},
    )
    job_id = await server.app.queue.enqueue(new)
    assert job_id is not None
    change = sa.update(Job).where(Job.id == job_id).values({"state": state, **rest})
    await server.app.database.write(lambda tx: tx.execute(change))
    return job_id


async def titles(client: aiohttp.ClientSession, query: str) -> list[str]:
    """Read all pages of a list of jobs."""
    found, cursor = [], ""
    while True:
        status, page = await call(client, "GET", f"/jobs?{query}{cursor}")
        assert status == 200, page
        found += [job["title"] for job in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_jobs_are_found_by_what_they_are_page_by_page(any_server: Server) -> None:
    await add(any_server, "a", state="done", finished_at=1.0)
    await add(any_server, "b", kind="other", lane=Lane.INTERACTIVE)
    await add(any_server, "c", state="waiting", platform="reddit")
    await add(any_server, "d", state="done", finished_at=1.0)
    client = await any_server.client_as(Role.EDITOR)

    assert await titles(client, "limit=1") == ["d", "c", "b", "a"]
    assert await titles(client, "state=done&limit=1") == ["d", "a"]
    assert await titles(client, "state=done&state=waiting&limit=2") == ["d", "c", "a"]
    assert await titles(client, "kind=other") == ["b"]
    assert await titles(client, "lane=interactive") == ["b"]
    assert await titles(client, "platform=reddit&state=queued&state=waiting") == ["c"]
    assert await titles(client, "platform=reddit&lane=interactive") == []


async def test_jobs_are_found_by_their_reason_and_by_when_they_ended(any_server: Server) -> None:
    await add(any_server, "old", state="failed", reason="gone", finished_at=1e9)
    await add(any_server, "new", state="failed", reason="gone", finished_at=2e9)
    await add(any_server, "login", state="waiting", reason="login_required", not_before=2e9)
    await add(any_server, "slow", state="waiting", reason="rate_limited", not_before=2e9)
    client = await any_server.client_as(Role.EDITOR)

    assert await titles(client, "reason=gone&limit=1") == ["new", "old"]
    assert await titles(client, "reason=gone&reason=login_required") == ["login", "new", "old"]
    assert await titles(client, "state=waiting&reason=login_required") == ["login"]
    assert await titles(client, "ended_since=2033-05-18T03:33:20Z") == ["new"]
    assert await titles(client, "ended_since=2033-05-18T03:33:21Z") == []


@pytest.mark.parametrize(
    "query",
    [
        "state=lost",
        "reason=bad",
        "ended_since=2026-01-01T00:00:00",
        "lane=fast",
        "cursor=nonsense",
        "limit=0",
        "limit=501",
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(server: Server, query: str) -> None:
    client = await server.client_as(Role.ADMIN)

    status, told = await call(client, "GET", f"/jobs?{query}")

    assert (status, told["status"]) == (422, 422)


async def test_a_job_says_why_it_waits_and_until_when(server: Server) -> None:
    begun = moment(server.app.clock.now())
    job_id = await add(
        server,
        "a",
        state="waiting",
        attempt=2,
        not_before=2e9,
        reason="rate_limited",
        detail="The source asked us to wait.",
        progress={"stored": 3, "speed": 1.5},
    )
    client = await server.client_as(Role.EDITOR)

    status, told = await call(client, "GET", f"/jobs/{job_id}")

    assert status == 200
    created_at = told["job"].pop("created_at")
    assert begun <= created_at <= moment(server.app.clock.now())
    assert told == {
        "job": {
            "id": job_id,
            "kind": "note",
            "lane": "sync",
            "platform": "plaza",
            "title": "a",
            "state": "waiting",
            "attempt": 2,
            "priority": 100,
            "held": False,
            "next_at": "2033-05-18T03:33:20Z",
            "started_at": None,
            "finished_at": None,
            "reason": "rate_limited",
            "detail": "The source asked us to wait.",
            "progress": {"stored": 3, "speed": 1.5},
            "subscription": 7,
        },
        "tally": {"stored": 0, "known": 0, "skipped": 0, "failed": 0, "pending": 0},
        "media": f"/api/v1/jobs/{job_id}/media",
    }


async def test_what_became_of_a_jobs_media_is_listed_page_by_page(any_server: Server) -> None:
    job_id = await add(any_server, "a", state="done", finished_at=1.0)
    media = [(await store(any_server.app, bytes([n]))).id for n in range(5)]
    await settle(
        any_server,
        job_id,
        [
            (media[0], "stored", None, 10.0),
            (media[1], "failed", "gone", 20.0),
            (media[2], "stored", None, 30.0),
            (media[3], "pending", None, None),
            (media[4], "known", "known", 40.0),
        ],
    )
    client = await any_server.client_as(Role.EDITOR)

    async def listed(query: str) -> list[tuple[str, str, str | None]]:
        found, cursor = [], ""
        while True:
            _, page = await call(client, "GET", f"/jobs/{job_id}/media?limit=2{query}{cursor}")
            found += [(one["media"]["id"], one["outcome"], one["reason"]) for one in page["items"]]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    assert await listed("") == [
        (str(media[0]), "stored", None),
        (str(media[1]), "failed", "gone"),
        (str(media[2]), "stored", None),
        (str(media[3]), "pending", None),
        (str(media[4]), "known", "known"),
    ]
    assert await listed("&outcome=stored") == [
        (str(media[0]), "stored", None),
        (str(media[2]), "stored", None),
    ]
    _, told = await call(client, "GET", f"/jobs/{job_id}")
    assert told["tally"] == {"stored": 2, "known": 1, "skipped": 0, "failed": 1, "pending": 1}


async def test_a_job_that_is_not_there_is_not_found(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    unknown = "0" * 32

    for method, path, body in (
        ("GET", "", None),
        ("GET", "/media", None),
        ("POST", "/cancel", None),
        ("POST", "/retry", None),
        ("POST", "/priority", {"priority": 1}),
    ):
        assert (await call(client, method, f"/jobs/{unknown}{path}", body))[0] == 404, path
    assert (await call(client, "GET", "/jobs/..%2fjobs"))[0] in (404, 422)
    assert (await call(client, "GET", "/jobs/A%00"))[0] in (400, 422)


async def test_a_job_is_cancelled_once_and_what_has_ended_is_not(server: Server) -> None:
    live, done = await add(server, "a"), await add(server, "b", state="done", finished_at=1.0)
    client = await server.client_as(Role.EDITOR)

    first = await call(client, "POST", f"/jobs/{live}/cancel")
    second = await call(client, "POST", f"/jobs/{live}/cancel")

    assert (first[0], first[1]["state"], first[1]["reason"]) == (200, "cancelled", "cancelled")
    assert second == first
    assert (await call(client, "POST", f"/jobs/{done}/cancel"))[0] == 409


async def test_a_waiting_job_goes_on_at_once_and_an_ended_one_is_done_once_more(
    server: Server,
) -> None:
    waiting = await add(server, "a", state="waiting", not_before=2e9)
    failed = await add(server, "b", state="failed", finished_at=1.0, priority=7)
    queued = await add(server, "c")
    client = await server.client_as(Role.EDITOR)

    _, went_on = await call(client, "POST", f"/jobs/{waiting}/retry")
    _, again = await call(client, "POST", f"/jobs/{failed}/retry")
    _, equal = await call(client, "POST", f"/jobs/{failed}/retry")
    _, left = await call(client, "POST", f"/jobs/{queued}/retry")

    assert (went_on["id"], went_on["state"]) == (waiting, "queued")
    assert went_on["next_at"] < "2033-05-18T03:33:20Z"
    assert again["id"] not in (waiting, failed, queued)
    assert {name: again[name] for name in ("title", "kind", "state", "priority")} == {
        "title": "b",
        "kind": "note",
        "state": "queued",
        "priority": 7,
    }
    assert equal["id"] == again["id"]  # an equal one is live: it counts
    assert left["id"] == queued
    assert await titles(client, "") == ["b", "c", "b", "a"]


async def test_a_priority_is_changed_while_a_job_is_live(server: Server) -> None:
    live, done = await add(server, "a"), await add(server, "b", state="done", finished_at=1.0)
    client = await server.client_as(Role.EDITOR)

    status, told = await call(client, "POST", f"/jobs/{live}/priority", {"priority": 1})

    assert (status, told["priority"]) == (200, 1)
    assert (await call(client, "POST", f"/jobs/{done}/priority", {"priority": 1}))[0] == 409
    assert (await call(client, "POST", f"/jobs/{live}/priority", {"priority": 0}))[0] == 422
    assert (await call(client, "POST", f"/jobs/{live}/priority", {"priority": 1001}))[0] == 422


async def test_many_jobs_are_steered_by_one_request(any_server: Server) -> None:
    reddit = [await add(any_server, f"r{n}", platform="reddit") for n in range(3)]
    await add(any_server, "p")
    waiting = await add(any_server, "w", state="waiting", not_before=2e9)
    failed = await add(any_server, "f", state="failed", finished_at=1.0)
    client = await any_server.client_as(Role.EDITOR)

    async def steered(body: object) -> tuple[set[str], int, int]:
        _, told = await call(client, "POST", "/jobs/batch", body)
        return set(told["ids"]), told["changed"], told["left"]

    by_filter = {"action": "cancel", "filter": {"platform": "reddit"}}
    by_id = {"action": "cancel", "ids": [*reddit, failed, "nobody"]}
    assert await steered({"action": "cancel", "ids": [reddit[0], failed]}) == ({reddit[0]}, 1, 1)
    assert await steered(by_filter) == ({*reddit[1:]}, 2, 0)
    assert await steered(by_id) == (set(), 0, 5)
    assert await steered({"action": "retry", "filter": {}}) == ({waiting, failed}, 2, 0)

    assert await titles(client, "state=cancelled") == ["r2", "r1", "r0"]
    assert await titles(client, "state=queued") == ["f", "w", "p"]
    for wrong in (
        {"action": "cancel"},
        {"action": "cancel", "ids": [], "filter": {}},
        {"action": "purge", "ids": []},
        {"action": "cancel", "filter": {"title": "x"}},
    ):
        assert (await call(client, "POST", "/jobs/batch", wrong))[0] == 422, wrong


async def test_lanes_say_what_runs_and_waits_and_what_holds_it_back(any_server: Server) -> None:
    await add(any_server, "a", state="running")
    await add(any_server, "b")
    await add(any_server, "c", state="waiting", not_before=2e9)
    await add(any_server, "d", state="waiting", not_before=1.9e9)
    await add(any_server, "e", platform="reddit", held=True)
    await add(any_server, "f", state="done", finished_at=1.0)
    now = any_server.app.clock.now()
    await budget(any_server, "reddit|www.reddit.example|3|", now + 60, now + 900, 8)
    await budget(any_server, "x|x.example||", now - 2 * HOUR_S, 0.0, 0)  # long ago
    client = await any_server.client_as(Role.EDITOR)

    _, told = await call(client, "POST", "/lanes/sync/pause", {"platform": "reddit"})
    await call(client, "POST", "/lanes/interactive/pause")

    lanes = {lane["lane"]: lane for lane in told["lanes"]}
    assert list(lanes) == ["interactive", "sync", "housekeeping"]
    paused = lanes["sync"]["platforms"][1].pop("paused_since")
    assert moment(now) <= paused <= moment(any_server.app.clock.now())
    assert lanes["sync"] == {
        "lane": "sync",
        "limit": 8,
        "limit_of_platform": 2,
        "running": 1,
        "queued": 2,
        "waiting": 2,
        "paused_since": None,
        "platforms": [
            {
                "platform": "plaza",
                "running": 1,
                "queued": 1,
                "waiting": 2,
                "held": 0,
                "next_at": "2030-03-17T17:46:40Z",
                "paused_since": None,
            },
            {
                "platform": "reddit",
                "running": 0,
                "queued": 1,
                "waiting": 0,
                "held": 1,
                "next_at": None,
            },
        ],
    }
    assert told["budgets"] == [
        {
            "platform": "reddit",
            "host": "www.reddit.example",
            "login": "3",
            "next_at": moment(now + 60),
            "blocked_until": moment(now + 900),
            "failures": 8,
            "interval_s": 1.0,
            "broken": True,
        }
    ]
    _, told = await call(client, "POST", "/lanes/sync/resume", {"platform": "reddit"})
    assert told["lanes"][0]["paused_since"] is not None
    assert told["lanes"][1]["platforms"][1]["held"] == 0
    assert told["lanes"][1]["platforms"][1]["paused_since"] is None
    assert (await call(client, "POST", "/lanes/fast/pause"))[0] == 422


async def test_the_load_to_come_is_counted_hour_by_hour(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = server.app
    start = app.clock.now() // HOUR_S * HOUR_S
    monkeypatch.setattr(type(app.clock), "now", lambda _: start + 60)

    def new(platform: str) -> NewJob:
        return NewJob(kind="note", lane=Lane.SYNC, partition=platform, title=platform)

    def tx(tx: Tx) -> None:
        app.scheduler.set_schedule(
            tx, "1", new("daily"), Every(seconds=DAY_S), first_at=start + 30 * 60 + HOUR_S
        )
        app.scheduler.set_schedule(
            tx, "2", new("often"), Every(seconds=900), first_at=start + HOUR_S
        )
        cron = Cron(expression="*/30 * * * *")
        app.scheduler.set_schedule(tx, "3", new("cron"), cron, first_at=start + 3 * HOUR_S)
        app.scheduler.set_schedule(tx, "4", new("rests"), Every(seconds=3600))
        app.scheduler.enable(tx, "4", enabled=False)

    await app.database.write(tx)
    client = await server.client_as(Role.EDITOR)

    status, told = await call(client, "GET", "/lanes/load?days=2")

    assert (status, told["start"], told["hours"]) == (200, start, 48)
    due = {load["platform"]: load["due"] for load in told["platforms"]}
    assert due == {
        "cron": [0, 0, 0, *[2] * 45],
        "daily": [0, 1, *[0] * 23, 1, *[0] * 22],
        "often": [0, *[4] * 47],
    }
    assert told["total"] == [0, 5, 4, *[6] * 22, 7, *[6] * 22]
    assert (await call(client, "GET", "/lanes/load?days=32"))[0] == 422


async def test_outcomes_are_counted_by_reason_since_a_time(any_server: Server) -> None:
    now = any_server.app.clock.now()
    media = [(await store(any_server.app, bytes([n]))).id for n in range(4)]
    await settle(
        any_server,
        "one",
        [
            (media[0], "stored", None, now - 10),
            (media[1], "failed", "gone", now - 10),
            (media[2], "failed", "gone", now - 10),
            (media[3], "pending", None, None),
        ],
    )
    await settle(any_server, "two", [(media[0], "known", "known", now - DAY_S)])
    await add(any_server, "a", state="failed", reason="login_required", finished_at=now - 10)
    await add(any_server, "b", state="failed", reason="gone", finished_at=now - DAY_S)
    client = await any_server.client_as(Role.EDITOR)

    _, told = await call(client, "GET", f"/outcomes?since={moment(now - 60)}")
    _, longer = await call(client, "GET", f"/outcomes?since={moment(now - 2 * DAY_S)}")

    assert told == {
        "since": moment(now - 60),
        "media": [
            {"outcome": "failed", "reason": "gone", "count": 2},
            {"outcome": "stored", "reason": None, "count": 1},
        ],
        "failed_jobs": [{"reason": "login_required", "count": 1}],
    }
    assert [(one["outcome"], one["count"]) for one in longer["media"]] == [
        ("failed", 2),
        ("known", 1),
        ("stored", 1),
    ]
    assert {one["reason"] for one in longer["failed_jobs"]} == {"login_required", "gone"}
    assert (await call(client, "GET", f"/outcomes?since={moment(now - 33 * DAY_S)}"))[0] == 422


async def test_who_only_looks_at_the_library_sees_no_queue(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    for path in ("/jobs", "/lanes", "/lanes/load", "/outcomes", f"/jobs/{'0' * 32}"):
        assert (await call(client, "GET", path))[0] == 403, path
    assert (await call(client, "POST", "/lanes/sync/pause"))[0] == 403
    assert await server.app.queue.paused() == ()


async def settle(
    server: Server, job_id: str, rows: Sequence[tuple[int, str, str | None, float | None]]
) -> None:
    names = ("media_id", "outcome", "reason", "settled_at")
    values = [{"job_id": job_id, **dict(zip(names, row, strict=True))} for row in rows]
    await server.app.database.write(lambda tx: tx.execute(sa.insert(LedgerRow), values))


async def budget(
    server: Server, key: str, next_at: float, blocked_until: float, failures: int
) -> None:
    row = sa.insert(BudgetRow).values(
        key=key, next_at=next_at, blocked_until=blocked_until, failures=failures, probing_until=0
    )
    await server.app.database.write(lambda tx: tx.execute(row))
    await asyncio.sleep(0)
