"""What a server says while its PostgreSQL is away, and how it goes on."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from structlog.testing import capture_logs

from gatherum.app import run_worker
from gatherum.jobs.queue import JobState
from gatherum.settings import BootSettings
from gatherum.upkeep.handlers import WATCH
from tests.conftest import Postgres
from tests.suites.waiting import until
from tests.web.conftest import Server, serving

LIMIT_S = 15.0  # promised are five; this machine may be busy


@pytest.fixture
async def own(postgres: Postgres, settings: BootSettings) -> AsyncIterator[Server]:
    """A server that performs jobs, on a PostgreSQL that may be stopped."""
    if not postgres.is_ours:
        pytest.skip("the server of GATHERUM_TEST_DATABASE_URL is not ours to stop")
    url = postgres.make()
    on_it = settings.model_copy(update={"database_url": url})
    async with serving(on_it) as server, run_worker(server.app):
        yield server
    postgres.drop(url)


async def ask(client: aiohttp.ClientSession, path: str) -> tuple[int, str, str]:
    """Return the status, what kind of problem it is, and after how long to come back."""
    async with client.get(path) as answer:
        told = await answer.json() if answer.status == 503 and path.startswith("/api") else {}
        after = answer.headers.get("Retry-After", "")
        return answer.status, told.get("type", "").rpartition(":")[2], after


async def ready(client: aiohttp.ClientSession) -> None:
    end = time.monotonic() + 60
    while (await ask(client, "/health/ready"))[0] != 200:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


async def test_requests_under_way_are_answered_when_the_database_falls_silent(
    postgres: Postgres, own: Server
) -> None:
    client = await own.client_as()
    await ready(client)

    with postgres.frozen(), capture_logs() as log:
        begun = time.monotonic()
        under_way = await asyncio.gather(*(ask(client, "/api/v1/media") for _ in range(30)))
        took = time.monotonic() - begun
        later = await ask(client, "/api/v1/media")
        health = await ask(client, "/health/ready")
        async with client.post(
            "/api/v1/session", json={"name": "ada", "password": "no such password"}
        ) as signing_in:
            refused = signing_in.status

    assert set(under_way) == {(503, "database-away", "2")} == {later}
    assert took < LIMIT_S
    assert (health[0], refused) == (503, 503)
    loud = [line["event"] for line in log if line["log_level"] in ("warning", "error")]
    assert loud == ["the database is away"]
    await until(lambda: not own.app.database.presence.is_away)
    assert (await ask(client, "/api/v1/media"))[0] == 200


async def test_health_never_hangs_on_a_database_that_is_silent(
    postgres: Postgres, own: Server
) -> None:
    client = await own.client_as()  # with a cookie, as a browser sends it
    await ready(client)

    longest = 0.0
    with postgres.frozen():
        while not own.app.database.presence.is_away:
            begun = time.monotonic()
            await ask(client, "/health/ready")
            longest = max(longest, time.monotonic() - begun)
        away = await ask(client, "/health/ready")

    assert longest < 1.8  # promised is one; the silence is noticed after two
    assert away[0] == 503
    await ready(client)


async def test_who_looks_on_is_told_that_the_database_is_away_and_back(
    postgres: Postgres, own: Server
) -> None:
    client = await own.client_as()
    await ready(client)

    async with client.get("/api/v1/events") as stream, asyncio.timeout(60):
        await told(stream, "hello")
        with postgres.frozen():
            away = await told(stream, "database")
        back = await told(stream, "database")

    assert (away, back) == ('{"away":true}', '{"away":false}')


async def told(stream: aiohttp.ClientResponse, kind: str) -> str:
    """Return the data of the next event of a kind."""
    async for line in stream.content:
        if line.decode().strip() == f"event: {kind}":
            return (await stream.content.readline()).decode().removeprefix("data: ").strip()
    raise AssertionError("the stream has ended")


async def test_jobs_that_were_queued_before_an_outage_are_performed_after_it(
    postgres: Postgres, own: Server
) -> None:
    job_id = await own.app.queue.enqueue(WATCH)
    postgres.stop()
    await until(lambda: own.app.database.presence.is_away)
    await asyncio.to_thread(postgres.start)

    async def state() -> JobState:
        return (await own.app.queue.get(job_id or "")).state

    end = time.monotonic() + 60
    while await state() is not JobState.DONE:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert "locks" not in {alarm.name for alarm in await own.app.health.alarms()}
