"""Uvicorn inside our own event loop: one way to listen, with what it trusts switched off."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from gatherum.errors import Conflict

Application = Callable[..., object]  # by the ASGI protocol


@asynccontextmanager
async def listening(
    application: Application, *, host: str, port: int, grace_s: int = 3
) -> AsyncGenerator[int]:
    """Serve while the context lasts; yields the port, which 0 lets the system choose.

    Nobody's X-Forwarded-For is believed. Raises `Conflict` if the port is taken. When the context
    ends, requests that go on have `grace_s` seconds left.
    """
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
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
    task = asyncio.create_task(_serve(server))
    try:
        while not server.started:
            if task.done():
                raise Conflict(f"Port {port} of {host} is taken by another program.")
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program around us."""
        yield


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn ends the whole program when it cannot bind; `listening` notices it and says why.
    with suppress(SystemExit):
        await server.serve()
