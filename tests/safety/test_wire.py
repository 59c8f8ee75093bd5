"""Attacks on the connection itself: heads and bodies that never end, two requests in one, crowds."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from gatherum.safety.serving import allow_connections, bound, listening
from gatherum.safety.wire import Patience
from tests.attacks.raw import Line, connect, exchange, head

SOON = Patience(head_s=0.3, idle_s=0.3, unread_s=0.3, connections=50)
SLOW_S = 10.0  # what a busy machine may take for what is due in 0.3 s


class Site:
    """What is served, and what has reached it."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.port = 0
        self.hold = asyncio.Event()

    async def echo(self, request: Request) -> PlainTextResponse:
        body = await request.body()
        self.seen.append(f"{request.method} {request.url.path} {body.decode()}".strip())
        return PlainTextResponse(",".join(sorted(request.headers)))

    async def wait(self, _: Request) -> PlainTextResponse:
        self.seen.append("waits")
        await self.hold.wait()
        return PlainTextResponse("at last")

    async def flood(self, _: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65_536
                    await asyncio.sleep(0)
            finally:
                self.seen.append("flood ended")

        return StreamingResponse(pieces())


@asynccontextmanager
async def serving(patience: Patience | None) -> AsyncIterator[Site]:
    site = Site()
    methods = ["GET", "POST"]
    application = Starlette(
        routes=[
            Route("/wait", site.wait),
            Route("/flood", site.flood),
            Route("/{rest:path}", site.echo, methods=methods),
        ]
    )
    with bound("127.0.0.1", 0) as place:
        async with listening(application, on=place, grace_s=1, patience=patience) as port:
            site.port = port
            yield site
            site.hold.set()


async def pause() -> None:
    await asyncio.sleep(0.05)


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """The loop of the program, and the one that stands in for it elsewhere."""
    return "asyncio", {"use_uvloop": request.param == "uvloop"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving(SOON) as site:
        yield site


@pytest.fixture
async def usual() -> AsyncIterator[Site]:
    """With the patience that the program has."""
    async with serving(None) as site:
        yield site


# Two readers, two meanings.

POST = "POST /a HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: +0\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: -1\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: 0x4\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: 0, 40\r\n\r\n" + SMUGGLED,
        POST + "Content-Length: 99999999999999999999999\r\n\r\n" + SMUGGLED,
        POST + "Content-Length : 0\r\n\r\n" + SMUGGLED,
        POST + "X: y\r\n Content-Length: 0\r\n\r\n" + SMUGGLED,
        POST + "X: y\rContent-Length: 0\r\n\r\n" + SMUGGLED,
        POST + "X: a\x00b\r\n\r\n" + SMUGGLED,
        POST.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Host: y\r\n\r\n" + SMUGGLED,
        "GET /a HTTP/1.1\r\n\r\n" + SMUGGLED,  # no Host
        "GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
        "GET //y/a HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
        "GET * HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
        "GET /a HTTP/2.0\r\nHost: x\r\n\r\n" + SMUGGLED,
        "GET /a HTTP/0.9\r\nHost: x\r\n\r\n" + SMUGGLED,
        "GET /a\r\n\r\n" + SMUGGLED,
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\n\r\n4 x\r\nabcd\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SMUGGLED,
        POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" + SMUGGLED,
        "\x16\x03\x01\x02\x00\x01\x00",  # TLS
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x00" * 100,
    ],
)
async def test_what_has_two_readings_is_refused_and_nothing_behind_it_is_read(
    sent: str, usual: Site
) -> None:
    told = await exchange(usual.port, sent.encode("latin-1"))

    assert set(told.statuses) <= {400}
    assert told.closed
    assert usual.seen == []


async def test_what_comes_behind_a_body_is_not_taken_for_its_head(usual: Site) -> None:
    sent = head(usual.port, "POST", "/a", "Transfer-Encoding: chunked")
    sent += b"2\r\nhi\r\n0\r\nX-Api-Key: stolen\r\nCookie: sid=x\r\n\r\n"

    told = await exchange(usual.port, sent)

    assert (told.status, usual.seen) == (200, ["POST /a hi"])
    assert b"cookie" not in told.body
    assert b"x-api-key" not in told.body


async def test_requests_in_one_go_are_answered_one_by_one(usual: Site) -> None:
    ask = head(usual.port, "GET", "/{}").replace(b"Connection: close\r\n", b"").decode()

    told = await exchange(
        usual.port, (ask.format(1) + ask.format(2)).encode() + head(usual.port, "GET", "/3")
    )

    assert told.statuses == [200, 200, 200]
    assert usual.seen == ["GET /1", "GET /2", "GET /3"]


async def test_another_language_is_not_taken_up(usual: Site) -> None:
    for upgrade in ("websocket", "h2c"):
        sent = head(usual.port, "GET", "/a", f"Upgrade: {upgrade}", "HTTP2-Settings: AAMAAABk")
        sent = sent.replace(b"Connection: close", b"Connection: Upgrade")

        told = await exchange(usual.port, sent + SMUGGLED.encode())

        assert (told.status, told.closed) == (200, True)
    assert usual.seen == ["GET /a", "GET /a"]


# What never ends.


async def test_a_head_has_one_deadline_however_it_drips(site: Site) -> None:
    line = await connect(site.port)
    await line.send(b"GET / HTTP/1.1\r\nHost: x\r\n")

    async def drip() -> None:
        while await line.send(b"X: y\r\n"):
            await pause()

    dripping = asyncio.create_task(drip())
    told = await line.hear(SLOW_S)
    dripping.cancel()
    line.close()

    assert (told.status, told.closed, site.seen) == (408, True, [])


async def test_empty_lines_do_not_keep_a_connection(site: Site) -> None:
    line = await connect(site.port)
    await line.send(head(site.port).replace(b"close", b"keep-alive"))
    assert (await line.answer()).status == 200

    async def drip() -> None:
        while await line.send(b"\r\n"):
            await pause()

    dripping = asyncio.create_task(drip())
    told = await line.hear(SLOW_S)
    dripping.cancel()
    line.close()

    assert told.closed


@pytest.mark.parametrize("begun", [b"", b"G"])
async def test_a_connection_that_says_nothing_is_closed(begun: bytes, site: Site) -> None:
    told = await exchange(site.port, begun, seconds=SLOW_S)

    assert told.closed
    assert told.statuses == ([408] if begun else [])


async def test_a_connection_that_has_been_answered_is_closed_when_it_idles(site: Site) -> None:
    line = await connect(site.port)
    await line.send(head(site.port).replace(b"close", b"keep-alive"))

    told = await line.hear(SLOW_S)
    line.close()

    assert (told.status, told.closed) == (200, True)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200_000, 431),  # no end of it in sight
        (b"GET /" + b"x" * 200_000, 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 101, 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 8_192 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    ],
)
async def test_a_head_has_a_size(sent: bytes, status: int, usual: Site) -> None:
    told = await exchange(usual.port, sent)

    assert (told.status, told.closed, usual.seen) == (status, True, [])


async def test_a_trailer_has_a_size(usual: Site) -> None:
    line = await connect(usual.port)
    await line.send(head(usual.port, "POST", "/a", "Transfer-Encoding: chunked") + b"0\r\nX: ")

    sent = 0
    while sent < 10_000_000 and await line.send(b"x" * 65_536):
        sent += 65_536
    told = await line.hear(SLOW_S)
    line.close()

    assert told.closed
    assert sent < 10_000_000
    assert usual.seen == []


async def test_who_does_not_read_the_answer_is_left(site: Site) -> None:
    line = await connect(site.port)
    line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's has it
    await line.send(head(site.port, "GET", "/flood"))

    async with asyncio.timeout(SLOW_S):
        while site.seen != ["flood ended"]:
            await pause()
    line.close()


# Crowds.


async def crowd(port: int, sent: bytes, size: int) -> list[Line]:
    lines = []
    for _ in range(size):
        line = await connect(port)
        await line.send(sent)
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
    ],
)
async def test_a_crowd_that_waits_gives_way_to_who_asks(sent: bytes) -> None:
    patience = Patience(head_s=60, connections=50)
    async with serving(patience) as site:
        lines = await crowd(site.port, sent, 200)

        told = [await exchange(site.port, head(site.port)) for _ in range(10)]

        assert [each.status for each in told] == [200] * 10
        assert site.seen == ["GET /health/live"] * 10
        for line in lines:
            line.close()


async def test_who_is_being_answered_does_not_give_way() -> None:
    async with serving(Patience(connections=5)) as site:
        lines = await crowd(site.port, head(site.port, "GET", "/wait"), 5)
        async with asyncio.timeout(SLOW_S):
            while len(site.seen) < 5:
                await pause()

        told = await exchange(site.port, head(site.port))
        site.hold.set()
        answers = [await line.hear() for line in lines]

        assert (told.status, told.closed) == (503, True)
        assert [each.status for each in answers] == [200] * 5
        assert (await exchange(site.port, head(site.port))).status == 200
        for line in lines:
            line.close()


async def test_as_many_idle_connections_as_the_system_lets_us_make_starve_nobody() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = allow_connections()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    size = min(5000, (soft - allowed - 512) // 2 + allowed // 2)  # both ends are in this process
    async with serving(None) as site:
        lines = await crowd(site.port, b"", size)

        begun = time.monotonic()
        told = await exchange(site.port, head(site.port))

        assert told.status == 200
        assert time.monotonic() - begun < SLOW_S
        for line in lines:
            line.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert size >= 200
