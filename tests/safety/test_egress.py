"""The way out for child programs: who may use it, and where it leads."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
import uvloop
from aiohttp import web

from gatherum.errors import InvalidInput
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from gatherum.safety.proxying import tunnel
from tests.testsites.gateway import Gateway
from tests.testsites.world import World

LOOPBACK = Policy.from_names(("127.0.0.1",))


async def echo(request: web.Request) -> web.Response:
    body = await request.text()
    names = sorted(name.lower() for name in request.headers)
    return web.json_response({"path": request.path_qs, "body": body, "headers": names})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def talk(egress: Egress, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", egress.port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.read(1 << 16)
    finally:
        writer.close()


def authorization(egress: Egress, label: str = "job") -> bytes:
    pair = egress.url(label).removeprefix("http://").partition("@")[0]
    return b"Proxy-Authorization: Basic " + base64.b64encode(pair.encode()) + b"\r\n"


async def test_a_plain_request_reaches_its_origin_as_the_origin_knows_it(port: int) -> None:
    async with Egress(LOOPBACK) as egress, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(
                f"http://127.0.0.1:{port}/a/b?c=d", data="hello" * 1000, proxy=egress.url("7")
            ) as answer:
                seen = await answer.json()

    assert seen["path"] == "/a/b?c=d"
    assert seen["body"] == "hello" * 1000
    assert not [name for name in seen["headers"] if name.startswith("proxy")]
    assert [(p.label, p.host, p.port, p.refused) for p in egress.passages] == [
        ("7", "127.0.0.1", port, None)
    ] * 2


async def test_a_tunnel_carries_both_ways(port: int) -> None:
    async with Egress(LOOPBACK) as egress:
        reader, writer = await asyncio.open_connection("127.0.0.1", egress.port)
        writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % port)
        writer.write(authorization(egress) + b"\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        for path in (b"/one", b"/two"):
            writer.write(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path)
            await reader.readuntil(b"\r\n\r\n")
            assert path in await reader.readuntil(b"}")
        writer.close()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Proxy-Authorization: Basic " + base64.b64encode(b"job:wrong") + b"\r\n",
        b"Proxy-Authorization: Basic !!!\r\n",
        b"Proxy-Authorization: Bearer token\r\n",
    ],
)
async def test_who_does_not_know_the_token_gets_nowhere(port: int, line: bytes) -> None:
    async with Egress(LOOPBACK, token="token") as egress:
        answer = await talk(egress, b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n%s\r\n" % (port, line))

    assert answer.startswith(b"HTTP/1.1 407")
    assert not egress.passages


@pytest.mark.parametrize("label", ["other", "", "job%20", "jo%62x"])
async def test_the_token_of_one_job_is_none_for_another(port: int, label: str) -> None:
    async with Egress(LOOPBACK) as egress:
        token = egress.url("job").partition("@")[0].rpartition(":")[2]
        pair = base64.b64encode(f"{label}:{token}".encode())
        line = b"Proxy-Authorization: Basic " + pair + b"\r\n"
        answer = await talk(egress, b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n%s\r\n" % (port, line))

    assert answer.startswith(b"HTTP/1.1 407")
    assert not egress.passages


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:7f00:1]", "[::1]", "0"]
)
async def test_a_private_address_is_refused_and_the_refusal_can_be_told(
    port: int, host: str
) -> None:
    async with Egress(Policy()) as egress:
        tail = authorization(egress, "job 7/é") + b"\r\n"
        first = await talk(egress, b"CONNECT %s:%d HTTP/1.1\r\n" % (host.encode(), port) + tail)
        second = await talk(
            egress, b"GET http://%s:%d/ HTTP/1.1\r\n" % (host.encode(), port) + tail
        )

    assert first.startswith(b"HTTP/1.1 403 Refused")
    assert second.startswith(b"HTTP/1.1 403 Refused")
    refusals = egress.refusals("job 7/é")
    assert [refusal.port for refusal in refusals] == [port, port]
    assert all(refusal.refused for refusal in refusals)
    assert egress.refusals("other") == ()


async def test_a_host_that_was_allowed_by_name_is_reached(port: int) -> None:
    async with Egress(Policy.from_names(("localhost",))) as egress:
        tail = authorization(egress) + b"\r\n"
        named = await talk(
            egress, b"GET http://localhost:%d/ HTTP/1.1\r\nHost: a\r\n" % port + tail
        )
        number = await talk(egress, b"GET http://127.0.0.1:%d/ HTTP/1.1\r\n" % port + tail)

    assert named.startswith(b"HTTP/1.1 200")
    assert number.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "line",
    [
        *(b"GET / HTTP/1.1", b"GET ftp://a.example/ HTTP/1.1", b"GET https://a.example/ HTTP/1.1"),
        *(b"CONNECT a.example HTTP/1.1", b"CONNECT a.example:0 HTTP/1.1", b"nonsense", b""),
        *(b"CONNECT a.example:x HTTP/1.1", b"GET http://a.example/ HTTP/2", b"\xff \xff \xff"),
        b"GET http://a.example/ HTTP/1.1\r\nTransfer-Encoding: chunked",
        b"GET http://a.example/ HTTP/1.1\r\nContent-Length: -1",
        b"GET http://a.example/ HTTP/1.1\r\nA: b\n c: d",
        b"GET http://a.example/ HTTP/1.1\r\nA: " + b"x" * 100_000,
    ],
)
async def test_what_is_no_request_for_a_proxy_is_answered_and_closed(line: bytes) -> None:
    async with Egress(LOOPBACK) as egress:
        answer = await talk(egress, line + b"\r\n" + authorization(egress) + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 400")


async def test_a_second_request_on_a_connection_never_reaches_the_first_origin(port: int) -> None:
    async with Egress(LOOPBACK) as egress:
        one = b"GET http://127.0.0.1:%d/one HTTP/1.1\r\nHost: a\r\n" % port
        two = b"GET http://evil.example/two HTTP/1.1\r\nHost: a\r\n"
        tail = authorization(egress) + b"\r\n"
        answer = await talk(egress, one + tail + two + tail)

    assert b"/two" not in answer
    assert len(egress.passages) == 1


async def test_an_origin_that_is_not_there_is_a_bad_gateway() -> None:
    async with Egress(LOOPBACK) as egress:
        tail = authorization(egress) + b"\r\n"
        answer = await talk(egress, b"CONNECT 127.0.0.1:1025 HTTP/1.1\r\n" + tail)

    assert answer.startswith(b"HTTP/1.1 502")
    assert egress.refusals("job") == ()


async def test_closing_cuts_what_is_open(port: int) -> None:
    async with Egress(LOOPBACK) as egress:
        reader, writer = await asyncio.open_connection("127.0.0.1", egress.port)
        writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % port)
        writer.write(authorization(egress) + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")

        async with asyncio.timeout(2):
            await egress.close()
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("method", ["CONNECT", "GET"])
async def test_behind_a_proxy_addresses_are_still_refused_and_names_are_its_own_to_judge(
    method: str,
) -> None:
    async with Gateway(World()) as gateway, Egress(Policy(), upstream=gateway.url) as egress:
        tail = authorization(egress) + b"\r\n"
        answers = {}
        for host in (b"127.0.0.1", b"0x7f.1", b"localhost", b"a.localhost", b"elsewhere.example"):
            target = host + b":443" if method == "CONNECT" else b"http://" + host + b"/"
            answers[host.decode()] = await talk(
                egress, b"%s %s HTTP/1.1\r\nHost: %s\r\n" % (method.encode(), target, host) + tail
            )

    assert all(answer.startswith(b"HTTP/1.1 403") for answer in answers.values())
    assert gateway.refused == ["elsewhere.example"]
    assert len(egress.refusals("job")) == 4


async def test_with_a_proxy_requests_go_through_it_with_its_own_password(port: int) -> None:
    async with (
        Egress(LOOPBACK, token="outer") as outer,
        Egress(LOOPBACK, upstream=outer.url("up"), token="inner") as inner,
    ):
        tail = authorization(inner) + b"\r\n"
        plain = await talk(
            inner, b"GET http://127.0.0.1:%d/x HTTP/1.1\r\nHost: a\r\n" % port + tail
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", inner.port)
        writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % port + tail)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        tunnelled = await reader.read()
        writer.close()

    assert b'"/x"' in plain
    assert b'"/y"' in tunnelled
    assert [passage.label for passage in outer.passages] == ["up", "up"]


@pytest.mark.parametrize("url", ["socks5://a.example:1080", "a.example:8080", "https://a.example"])
def test_a_proxy_of_another_kind_is_told(url: str) -> None:
    with pytest.raises(InvalidInput):
        Egress(Policy(), upstream=url)


@pytest.mark.parametrize("said", [b"", b"more"])
def test_a_tunnel_whose_other_end_has_gone_breaks_off_as_a_connection_does(said: bytes) -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        _, gone = await asyncio.open_connection(*address)
        gone.close()
        await asyncio.sleep(0.05)
        ended, late = asyncio.StreamReader(), asyncio.StreamReader()
        ended.feed_eof()
        late.feed_data(said)
        late.feed_eof()

        server.close()
        with contextlib.suppress(OSError):  # what whoever accepts connections expects of them
            await tunnel((ended, gone), (late, gone))

    uvloop.run(main())  # as the program runs; asyncio's own loop forgives it


async def test_a_job_that_is_confined_reaches_what_it_claims_alone(port: int) -> None:
    async with Egress(LOOPBACK) as egress, aiohttp.ClientSession() as session:

        async def status(label: str) -> int:
            url = f"http://127.0.0.1:{port}/"
            async with session.get(url, proxy=egress.url(label)) as answer:
                return answer.status

        egress.confine("7", ("claimed.example",))
        assert (await status("7"), await status("8")) == (403, 200)
        assert [(each.host, each.refused) for each in egress.refusals("7")] == [
            ("127.0.0.1", "Nobody claims this host.")
        ]

        egress.confine("7", ("127.0.0.1",))
        assert await status("7") == 200
        egress.confine("7", ())
        assert await status("7") == 403
        egress.confine("7", None)
        assert await status("7") == 200


@pytest.mark.parametrize(
    ("host", "claimed"),
    [
        ("site.example", True),
        ("API.Site.example", True),
        ("site.example.", True),
        ("evilsite.example", False),
        ("site.example.evil", False),
        ("example", False),
    ],
)
def test_a_claim_holds_for_a_host_and_what_is_below_it(host: str, *, claimed: bool) -> None:
    egress = Egress(Policy())
    egress.confine("7", ("site.example",))

    assert egress._is_unclaimed("7", host) is not claimed
