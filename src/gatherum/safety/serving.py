"""Uvicorn inside our own event loop: one way to listen, with what it trusts switched off."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from gatherum.errors import Conflict

Application = Callable[..., object]  # by the ASGI protocol


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Hold a place to listen at; 0 lets the system choose the port. `Conflict` if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        held = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Conflict(
            f"Port {port} of {host} is taken by another program, or not ours to use."
        ) from error
    with held:
        yield held


@asynccontextmanager
async def listening(
    application: Application, *, on: socket.socket, grace_s: int = 3
) -> AsyncGenerator[int]:
    """Serve on a bound socket while the context lasts; yields its port.

    Nobody's X-Forwarded-For is believed. When the context ends, requests that go on have `grace_s`
    seconds left.
    """
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="critical",  # what a request trips over is logged by the application
        access_log=False,
        http="httptools",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace_s,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        while not server.started:
            if task.done():
                await task  # it says why
            await asyncio.sleep(0.01)
        yield on.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program around us."""
        yield
