import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.testsites.gateway import Gateway
from tests.testsites.media import jpeg
from tests.testsites.world import Fault, World


async def show(request: Request) -> Response:
    return Response(jpeg("a"), media_type="image/jpeg", headers={"x-url": str(request.url)})


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.mount("pictures.example", Starlette(routes=[Route("/{name}", show)]))
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture
async def session(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    context = ssl.create_default_context(cafile=str(gateway.bundle))
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, proxy=gateway.url) as session:
        yield session


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_site_answers_under_its_real_name(
    gateway: Gateway, session: aiohttp.ClientSession, scheme: str
) -> None:
    async with session.get(f"{scheme}://pictures.example/a.jpg?x=1") as answer:
        assert await answer.read() == jpeg("a")

    assert answer.headers["x-url"] == f"{scheme}://pictures.example/a.jpg?x=1"
    assert gateway.world.hits == {("pictures.example", "/a.jpg"): 1}
    assert gateway.refused == []


async def test_a_host_that_nobody_claims_is_refused_and_recorded(
    gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    async with session.get("http://elsewhere.example/") as answer:
        assert answer.status == 403
    with pytest.raises(aiohttp.ClientHttpProxyError):
        await session.get("https://elsewhere.example/")

    assert gateway.refused == ["elsewhere.example"] * 2


async def test_a_planted_fault_happens_once_and_only_where_it_fits(
    gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    fault = Fault(status=429, headers={"Retry-After": "7"}, path="^/b")
    gateway.world.plant("pictures.example", fault)

    statuses = []
    for name in ("a", "b", "b"):
        async with session.get(f"https://pictures.example/{name}") as answer:
            statuses.append((answer.status, answer.headers.get("Retry-After")))

    assert statuses == [(200, None), (429, "7"), (200, None)]


async def test_a_cut_answer_ends_before_its_length(
    gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    gateway.world.plant("pictures.example", Fault(cut=1000))

    async with session.get("https://pictures.example/a") as answer:
        assert int(answer.headers["Content-Length"]) > 1000
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_real_server_on_loopback_is_reached_only_when_it_is_let_through(
    gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    async with Gateway() as other:
        address = other.url.removeprefix("http://")
        async with session.get(f"{other.url}/") as answer:
            assert answer.status == 403
        assert other.connects == []

        gateway.through.add(address)
        async with session.get(f"{other.url}/") as answer:
            assert answer.status == 403

        assert gateway.refused == ["127.0.0.1"]
