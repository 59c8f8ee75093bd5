"""How it stands: for supervisors in a word, for people in full, for Prometheus in numbers."""

import asyncio
import math
import shutil
import time

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.tables import Executor
from gatherum.settings import BootSettings
from tests.web.conftest import Server, serving


async def perform_jobs(server: Server) -> None:
    alive = sa.insert(Executor).values(id="a", seen_at=server.app.clock.now(), started_at=0)
    await server.app.database.write(lambda tx: tx.execute(alive))


async def test_a_supervisor_is_told_in_a_word_and_a_stranger_no_more(any_server: Server) -> None:
    client = await any_server.client()

    async with client.get("/health/live") as live:
        alive = await live.json()
    async with client.get("/health/ready") as failing:
        words = await failing.json()
    await perform_jobs(any_server)
    await asyncio.sleep(1.1)  # an answer holds for a second
    async with client.get("/health/ready") as well:
        fine = await well.json()

    assert (live.status, alive) == (200, {"status": "ok"})
    assert (failing.status, words) == (503, {"status": "failing"})  # nobody performs jobs
    assert (well.status, fine) == (200, {"status": "ok"})


async def test_a_supervisor_is_told_while_the_database_is_damaged(
    settings: BootSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatherum.db.soundness.EVERY_S", 0.0)
    monkeypatch.setattr("gatherum.db.soundness.SHARE", math.inf)
    place = settings.data_dir / "gatherum.db"
    async with serving(settings) as server:
        client = await server.client()
        await perform_jobs(server)
        await answered(client, 200)
        whole = place.read_bytes()

        third = len(whole) // 3
        with place.open("r+b") as file:  # what is open already still answers from memory
            file.seek(third)
            file.write(b"\xa5" * third)
        await answered(client, 503)
        with place.open("r+b") as file:
            file.write(whole)
        await answered(client, 200)


async def test_a_supervisor_is_told_when_the_program_stood_still(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await server.client()
    await perform_jobs(server)
    with server.app.watchdog.watching():
        await answered(client, 200)

        time.sleep(2.8)  # noqa: ASYNC251 - on purpose: the loop stands still
        await answered(client, 503)
        monkeypatch.setattr("gatherum.watchdog.RECENT_S", 0.0)

        await answered(client, 200)


async def answered(client: aiohttp.ClientSession, status: int) -> None:
    """Wait until a supervisor is answered so."""
    end = time.monotonic() + 30
    while True:
        async with client.get("/health/ready") as answer:
            if answer.status == status:
                return
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def test_people_see_every_check_and_every_alarm(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    await any_server.app.health.watch()

    async with client.get("/api/v1/health") as answer:
        told = await answer.json()

    assert told["status"] == "failing"
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["executor"]
    assert [alarm["name"] for alarm in told["alarms"]] == ["executor"]
    assert "/" not in " ".join(check["detail"] for check in told["checks"])


async def test_prometheus_reads_what_happened(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    for number in range(3):
        job = NewJob(kind="K", lane=Lane.SYNC, partition="plaza", title=str(number))
        await any_server.app.queue.enqueue(job)
    for _ in range(5):
        async with client.get("/api/v1/stats"):
            pass
    async with client.get("/api/v1/nothing/secret-looking"):
        pass

    async with (await any_server.client()).get("/metrics") as answer:
        lines = (await answer.text()).splitlines()

    assert answer.status == 200
    route = 'route="/api/v1/stats",status="200"'
    assert f'gatherum_requests_total{{method="GET",{route}}} 5.0' in lines
    assert 'gatherum_jobs{lane="sync",partition="plaza",state="queued"} 3.0' in lines
    assert "gatherum_executors 0.0" in lines
    assert not any("secret-looking" in line for line in lines)


async def test_metrics_are_not_for_who_comes_through_a_proxy(server: Server) -> None:
    stranger = await server.client(**{"X-Forwarded-For": "203.0.113.5"})
    viewer = await server.client_as(Role.VIEWER)

    async with stranger.get("/metrics") as unknown:
        pass
    async with viewer.get("/metrics", headers={"Via": "1.1 proxy"}) as known:
        pass

    assert (unknown.status, known.status) == (401, 403)


async def test_metrics_are_not_for_who_comes_by_our_public_name(settings: BootSettings) -> None:
    public = settings.model_copy(update={"public_url": "https://gatherum.example.org"})
    async with serving(public) as server, aiohttp.ClientSession() as client:
        told = {}
        for name in ("gatherum.example.org", "10.0.0.2:80", "127.0.0.1:8420", "localhost", "[::1]"):
            async with client.get(
                f"http://127.0.0.1:{server.port}/metrics", headers={"Host": name}
            ) as answer:
                told[name] = answer.status

    assert list(told.values()) == [401, 401, 200, 200, 200]


async def test_statistics_come_from_what_is_maintained(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    async with client.get("/api/v1/stats") as answer:
        told = await answer.json()

    assert told["library"]["stored"] == 0
    assert told["disk"]["total"] == shutil.disk_usage(server.app.settings.data_dir).total


async def test_the_description_is_for_who_is_signed_in(server: Server) -> None:
    async with (await server.client()).get("/api/v1/openapi.json") as closed:
        pass
    async with (await server.client_as(Role.VIEWER)).get("/api/v1/openapi.json") as open_:
        told = await open_.json()

    assert (closed.status, open_.status, told["openapi"]) == (401, 200, "3.1.0")
