"""Uvicorn inside our own event loop: one way to listen, with what it trusts switched off."""

import asyncio
import resource
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final, cast

import uvicorn

from gatherum.errors import Conflict
from gatherum.safety.wire import Connection, House, Patience, Refuse

Application = Callable[..., object]  # by the ASGI protocol
OPEN_FILES: Final = 8192
OWN_FILES: Final = 512  # for the database, the library and what is fetched


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


def allow_connections() -> int:
    """Let the process open more files, and return how many of them connections may use up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    # Half of what is left: a connection that gives way to a new one is closed a moment later.
    room = OPEN_FILES if soft == resource.RLIM_INFINITY else min(soft, OPEN_FILES)
    return max(64, (room - OWN_FILES) // 2)


def answer_bare(status: int) -> bytes:
    """Return an answer without a body: what a refused client gets where nobody says it better."""
    return f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@asynccontextmanager
async def listening(
    application: Application,
    *,
    on: socket.socket,
    grace_s: int = 3,
    refuse: Refuse = answer_bare,
    patience: Patience | None = None,
) -> AsyncGenerator[int]:
    """Serve on a bound socket while the context lasts; yields its port.

    Nobody's X-Forwarded-For is believed. `refuse` says what a client is told whose request never
    becomes one. When the context ends, requests that go on have `grace_s` seconds left.
    """
    house = House(patience or Patience(connections=allow_connections()), refuse)
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="critical",  # what a request trips over is logged by the application
        access_log=False,
        http=cast("Any", partial(Connection, house=house)),
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
