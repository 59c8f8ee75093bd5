"""Our own calls to configured services: where they may lead, how large and how long they may be."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from gatherum.errors import InvalidInput, Refused, TooLarge, Unavailable
from gatherum.safety.egress import Egress
from gatherum.safety.outgoing import MOST_BYTES, Outgoing
from gatherum.safety.policy import Policy

LOOPBACK = Policy.from_names(("127.0.0.1",))


async def answer(request: web.Request) -> web.Response:
    match request.path:
        case "/moved":
            raise web.HTTPFound("/other")
        case "/large":
            return web.Response(body=bytes(MOST_BYTES + int(request.query["over"])))
        case "/slow":
            await asyncio.sleep(30)
    headers = {name: value for name, value in request.headers.items() if name != "Host"}
    told = {"method": request.method, "body": await request.text(), "headers": headers}
    return web.json_response(told, headers={"Set-Cookie": "a=b"})


@asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving() as port:
        yield port


async def test_a_call_says_no_more_than_it_was_told_to(port: int) -> None:
    outgoing = Outgoing(LOOPBACK)

    first = await outgoing.get(f"http://127.0.0.1:{port}/", headers={"X-A": "b"})
    second = await outgoing.post(f"http://127.0.0.1:{port}/", form={"c": "d e"})
    third = await outgoing.post(f"http://127.0.0.1:{port}/", body=b"{}")

    assert first.status == 200
    assert b'"X-A": "b"' in first.body
    assert b'"User-Agent": "Gatherum"' in first.body
    assert b'"body": "c=d+e"' in second.body
    assert b'"body": "{}"' in third.body
    assert b"Cookie" not in second.body


async def test_a_redirect_is_an_answer_and_is_not_followed(port: int) -> None:
    told = await Outgoing(LOOPBACK).get(f"http://127.0.0.1:{port}/moved")

    assert (told.status, told.headers["Location"]) == (302, "/other")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "[::1]", "0.0.0.0"])
async def test_a_private_address_is_refused(host: str, port: int) -> None:
    with pytest.raises(Refused, match="GATHERUM_NETWORK_ALLOW"):
        await Outgoing(Policy()).get(f"http://{host}:{port}/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "http://0x7f.1/"])
async def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        await Outgoing(LOOPBACK).get(url)
    with pytest.raises(InvalidInput):
        await Outgoing(LOOPBACK).get("nothing")


async def test_a_host_that_is_allowed_by_name_is_reached_by_that_name_alone(port: int) -> None:
    outgoing = Outgoing(Policy.from_names(("localhost",)))

    assert (await outgoing.get(f"http://localhost:{port}/")).status == 200
    with pytest.raises(Refused):
        await outgoing.get(f"http://127.0.0.1:{port}/")


async def test_an_answer_has_an_end(port: int) -> None:
    outgoing = Outgoing(LOOPBACK)

    assert len((await outgoing.get(f"http://127.0.0.1:{port}/large?over=0")).body) == MOST_BYTES
    with pytest.raises(TooLarge):
        await outgoing.get(f"http://127.0.0.1:{port}/large?over=1")
    with pytest.raises(Unavailable, match="in time"):
        await Outgoing(LOOPBACK, deadline_s=0.5).get(f"http://127.0.0.1:{port}/slow")


async def test_what_does_not_answer_is_told_in_words() -> None:
    async with serving() as port:
        pass

    with pytest.raises(Unavailable, match="connection"):
        await Outgoing(LOOPBACK).get(f"http://127.0.0.1:{port}/")


async def test_a_certificate_must_be_of_an_authority_that_is_trusted(tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with serving(context) as port:
        url = f"https://127.0.0.1:{port}/"

        assert (await Outgoing(LOOPBACK, ca_bundle=bundle).get(url)).status == 200
        with pytest.raises(Unavailable, match="certificate"):
            await Outgoing(LOOPBACK).get(url)


async def test_a_proxy_that_is_set_is_used_and_asked_for_no_private_address(port: int) -> None:
    async with Egress(LOOPBACK) as proxy:
        url = proxy.url("ours")

        told = await Outgoing(LOOPBACK, proxy=url).get(f"http://127.0.0.1:{port}/")
        assert (told.status, [each.port for each in proxy.passages]) == (200, [port])
        with pytest.raises(Refused):
            await Outgoing(Policy(), proxy=url).get(f"http://127.0.0.1:{port}/")
        assert len(proxy.passages) == 1


async def test_a_library_with_a_client_of_its_own_goes_out_under_the_policy(
    port: int, tmp_path: Path
) -> None:
    pins, bundle = tmp_path / "pins.pem", tmp_path / "bundle.pem"
    pins.write_text("of its own")
    bundle.write_text("of ours")
    outgoing = Outgoing(LOOPBACK, ca_bundle=bundle)

    async with outgoing.way_out("theirs", authorities=pins) as way, aiohttp.ClientSession() as it:
        assert way.authorities.read_text().split("\n")[:2] == ["of its own", "of ours"]
        async with it.get(f"http://127.0.0.1:{port}/", proxy=way.proxy) as told:
            assert (told.status, way.refused()) == (200, False)
        async with it.get(f"http://127.0.0.2:{port}/", proxy=way.proxy) as told:
            assert (told.status, way.refused()) == (403, True)
    assert not way.authorities.exists()
