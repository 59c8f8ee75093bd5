"""The one HTTP client: what it sends where, and what it makes of the answers."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from aiohttp import web

from gatherum.db import Database
from gatherum.errors import Challenge, RateLimited, Refused, UnexpectedResponse
from gatherum.fetching.budget import Budget
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.tables import BudgetRow
from gatherum.fetching.workers.engine import EnginePool
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from tests.suites.line import SystemClock

Answer = Callable[[web.Request], Awaitable[web.Response]]
SCOPE = Scope(platform="")


@asynccontextmanager
async def origin(answer: Answer) -> AsyncGenerator[str]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(database: Database, *, proxy: str = "", pace: float = 0.0) -> AsyncGenerator[Http]:
    clock = SystemClock()
    http = Http(
        policy=Policy() if proxy else Policy.from_names(("127.0.0.1",)),
        budget=Budget(database, clock, lambda: pace),
        clock=clock,
        proxy=proxy,
        ca_bundle=None,
        connections=8,
        per_host=4,
        stall_s=5,
    )
    try:
        yield http
    finally:
        await http.close()


async def ask(http: Http, url: str, **headers: str) -> int:
    async with http.open(url, scope=SCOPE, meter=Meter(), headers=headers) as answer:
        return answer.status


async def test_a_redirect_to_another_origin_gets_no_credentials(sqlite_database: Database) -> None:
    seen: list[web.Request] = []

    async def foreign(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response()

    async with origin(foreign) as other, client(sqlite_database) as http:

        async def own(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": other})

        async with origin(own) as first:
            secret = {"Cookie": "a=b", "X-Api-Key": "c", "Authorization": "Bearer d"}
            assert await ask(http, first, **secret) == 200

    assert not {"Cookie", "X-Api-Key", "Authorization"} & set(seen[0].headers)


async def test_a_redirect_to_nonsense_is_the_sources_fault_and_not_the_users(
    sqlite_database: Database,
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http:///nowhere"})

    async with origin(answer) as url, client(sqlite_database) as http:
        with pytest.raises(UnexpectedResponse):
            await ask(http, url)


@pytest.mark.parametrize("status", [403, 429, 503])
async def test_a_challenge_is_told_as_one_whatever_its_status(
    sqlite_database: Database, status: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"cf-mitigated": "challenge"})

    async with origin(answer) as url, client(sqlite_database) as http:
        with pytest.raises(Challenge):
            await ask(http, url)


@pytest.mark.parametrize("host", ["localhost", "localhost.", "x.localhost", "[::1]", "10.0.0.1"])
async def test_no_proxy_is_asked_for_this_machine(sqlite_database: Database, host: str) -> None:
    async with client(sqlite_database, proxy="http://127.0.0.1:9") as http:
        with pytest.raises(Refused):
            await ask(http, f"http://{host}/")


async def test_no_proxy_is_asked_for_a_port_that_is_not_one_for_the_web(
    sqlite_database: Database,
) -> None:
    async with client(sqlite_database, proxy="http://127.0.0.1:9") as http:
        with pytest.raises(Refused):
            await ask(http, "http://mail.example:25/")


async def test_the_database_never_holds_the_password_of_the_proxy(
    sqlite_database: Database,
) -> None:
    async with client(sqlite_database, proxy="http://me:hush@127.0.0.1:9") as http:
        await http.answered("x.example", 500, None, scope=SCOPE)

    keys = await sqlite_database.read(lambda tx: list(tx.scalars(sa.select(BudgetRow.key))))
    assert keys == ["host|x.example||127.0.0.1:9"]


@pytest.mark.parametrize(
    "page",
    [
        b'<?xml version="1.0" encoding="iso-8859-1"?><t>caf\xe9</t>',
        b"<?xml version='1.0' encoding='windows-1252' ?><t>caf\xe9</t>",
        b'<meta charset="latin-1"><t>caf\xe9</t>',
        b"<meta http-equiv=x content='text/html; charset=iso-8859-1'><t>caf\xe9</t>",
        b'<?xml version="1.0" encoding="nonsense"?><t>caf\xc3\xa9</t>',
        b"<t>caf\xc3\xa9</t>",
    ],
)
async def test_a_page_is_read_in_the_letters_that_it_says_it_is_in(
    sqlite_database: Database, page: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=page, headers={"Content-Type": "application/xml"})

    scratch = tmp_path_factory.mktemp("scratch")
    async with (
        Egress(Policy()) as egress,
        EnginePool(scratch, egress=egress) as engines,
        origin(answer) as url,
        client(sqlite_database) as http,
    ):
        job = JobClient(http, engines, platform="", login="", jar=Jar(), meter=Meter())
        document = await job.text(url)

    assert "<t>café</t>" in document.text


async def test_waiting_out_a_retry_after_is_the_business_of_everybody(
    sqlite_database: Database,
) -> None:
    async with client(sqlite_database) as first, client(sqlite_database) as second:
        begun = time.monotonic()
        await first.answered("x.example", 429, 0.4, scope=SCOPE)

        await second.permit("x.example", SCOPE, Meter())

    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ({"Retry-After": "7", "x-ratelimit-reset": "500"}, 7, 7),
        ({"x-ratelimit-reset": "540"}, 540, 540),  # Reddit counts seconds
        ({"x-rate-limit-reset": "{soon}"}, 600, 900),  # X names the moment
        ({"x-rate-limit-reset": "{soon}000"}, 600, 900),
        ({"x-ratelimit-reset": "0"}, 1, 1),
        ({}, 60, 60),
    ],
)
async def test_being_asked_to_slow_down_tells_for_how_long(
    sqlite_database: Database, told: dict[str, str], least: float, most: float
) -> None:
    async def answer(_: web.Request) -> web.Response:
        soon = int(time.time()) + 900
        headers = {name: value.format(soon=soon) for name, value in told.items()}
        return web.Response(status=429, headers=headers)

    async with origin(answer) as url, client(sqlite_database) as http:
        with pytest.raises(RateLimited) as caught:
            await ask(http, url)

    assert least <= (caught.value.retry_after or 0) <= most


@pytest.mark.parametrize(
    ("host", "waits"), [("static.cdninstagram.com", False), ("www.instagram.com", True)]
)
async def test_the_scripts_of_a_page_wait_for_nothing(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, *, host: str, waits: bool
) -> None:
    scope, meter = Scope(platform="instagram"), Meter()
    slept: list[float] = []

    async def sleep(_: SystemClock, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    async with client(sqlite_database, pace=1.0) as http:
        for _ in range(3):
            await http.permit(host, scope, meter)

    assert (sum(slept) > 9.0) is waits
    assert bool(slept) is waits
    assert meter.requests == 3
