"""The internet in a box: a forward proxy on loopback that shows test sites under real host names.

TLS is ended with a throw-away CA (`bundle` holds it and the public ones). Hosts that no site claims
get 403 and are recorded in `refused`, so a test can assert that nothing tried to leave the machine.
"""

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import certifi
import trustme
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests.testsites.world import Fault, Hit, World

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Gateway:
    """`async with Gateway(world) as gateway:` and use `gateway.url` as proxy, `gateway.bundle` as CA.

    `through` names real servers on loopback ("127.0.0.1:8001") that may be reached as well.
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.refused: list[str] = []
        self.connects: list[str] = []
        self.through: set[str] = set()
        self.url = ""
        self.bundle = Path()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-")))
        authority = _Authority(folder)
        self.bundle = authority.bundle
        self._plain = await self._stack.enter_async_context(_served(self._app, None))
        self._tls = await self._stack.enter_async_context(
            _served(self._app, authority.server_context())
        )
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await self._stack.aclose()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError, ValueError):
            writer.transport.abort()  # the client went away, or the gateway closes
        finally:
            self._tasks.discard(task)
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        address = urlsplit(f"//{target}" if method == "CONNECT" else target)
        host, port = (address.hostname or "").lower(), address.port
        self.connects.append(host)
        if f"{host}:{port}" in self.through:
            upstream = await asyncio.open_connection(host, port)
        elif host in self.world.sites:
            upstream = await asyncio.open_connection(
                "127.0.0.1", self._tls if method == "CONNECT" else self._plain
            )
        else:
            self.refused.append(host)
            writer.write(
                b"HTTP/1.1 403 No Such Site\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            upstream[1].write(head)
        await _splice((reader, writer), upstream)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        host = (request.url.hostname or "").lower()
        fault = self.world.take_fault(host, request.url.path)
        log = _logged(self.world, request, host, send)
        if fault is not None:
            await asyncio.sleep(fault.delay)
        if host not in self.world.sites:
            self.refused.append(host)
            await PlainTextResponse("no such site", 403)(scope, receive, send)
        elif fault is not None and fault.status:
            answer = Response(fault.body, fault.status, headers=dict(fault.headers))
            await answer(scope, receive, log)
        else:
            await self.world.sites[host](scope, receive, _cut(log, fault))


class _Authority:
    """A CA of its own, and certificates by the name that a client asks for."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._folder = folder
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.bundle = folder / "bundle.pem"
        self.bundle.write_bytes(Path(certifi.where()).read_bytes() + self._ca.cert_pem.bytes())

    def server_context(self) -> ssl.SSLContext:
        context = self._context("localhost")

        def choose(sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                sock.context = self._context(name)

        context.sni_callback = choose
        return context

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            leaf = self._ca.issue_cert(host)
            path = self._folder / f"{len(self._contexts)}.pem"
            # The CA in the served chain lets a browser pin it.
            path.write_bytes(
                leaf.private_key_and_cert_chain_pem.bytes() + self._ca.cert_pem.bytes()
            )
            context.load_cert_chain(path)
            self._contexts[host] = context
        return self._contexts[host]


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the test runner


@contextlib.asynccontextmanager
async def _served(app: object, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # a bound method is an ASGI application too
        host="127.0.0.1",
        port=0,
        interface="asgi3",
        http="httptools",  # it takes the absolute form that proxies send
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,  # a site may live at another time
    )
    config.load()
    config.ssl = context
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn offers no event
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await task


def _logged(world: World, request: Request, host: str, send: Send) -> Send:
    async def write(message: Message) -> None:
        if message["type"] == "http.response.start":
            world.log.append(
                Hit(
                    method=request.method,
                    host=host,
                    path=request.url.path,
                    query=request.url.query,
                    headers=dict(request.headers),
                    status=message["status"],
                )
            )
        await send(message)

    return write


def _cut(send: Send, fault: Fault | None) -> Send:
    if fault is None or fault.cut is None:
        return send
    left = fault.cut

    async def write(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.body":
            body = message.get("body", b"")[:left]
            left -= len(body)
            # more_body stays true: the server then hangs up on an unfinished answer.
            message = {**message, "body": body, "more_body": True}
        await send(message)

    return write


async def _splice(client: Streams, upstream: Streams) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    try:
        answers = asyncio.create_task(pump(upstream[0], client[1]))
        asks = asyncio.create_task(pump(client[0], upstream[1]))
        try:
            # Once the server has hung up there is nothing more to ask.
            await answers
        finally:
            for task in (answers, asks):
                task.cancel()
            await asyncio.gather(answers, asks, return_exceptions=True)
    finally:
        await _close(upstream[1])


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await writer.wait_closed()
