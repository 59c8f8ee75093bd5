"""Plaza as a server on loopback, for a first run without the internet, tests and screenshots."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from gatherum.demo.api import Budget
from gatherum.demo.platform import build_platform
from gatherum.errors import Conflict

SHOWN = (
    "/@ada",
    "/@ada/stories",
    "/@bruno",
    "/tag/fog",
    "/gallery/",
    "/@chiyo/feed.xml",
    "/@mishap",
)


@asynccontextmanager
async def running(
    *, host: str = "127.0.0.1", port: int = 0, budget: Budget | None = None
) -> AsyncIterator[str]:
    """Serve Plaza while the block runs; the value is its address, without a slash at the end.

    Raises `Conflict` if the port is taken.
    """
    config = uvicorn.Config(
        build_platform(budget or Budget()),
        host=host,
        port=port,
        log_config=None,
        log_level="critical",  # the cut answers of the broken corner are no news
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(_serve(server))
    try:
        while not server.started:
            if task.done():
                raise Conflict(f"Port {port} is taken by another program.")
            await asyncio.sleep(0.01)
        address = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{address[1]}"
    finally:
        server.should_exit = True
        await task


async def serve_demo(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve Plaza until cancelled; `ready` is told its address."""
    async with running(host=host, port=port) as address:
        ready(address)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


def shown(address: str) -> tuple[str, ...]:
    """Return the links that show the most: a person, stories, clips, a tag, a folder, a feed."""
    return tuple(address + path for path in SHOWN)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program around us."""
        yield


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn ends the whole program when it cannot bind; `running` notices it and says why.
    with suppress(SystemExit):
        await server.serve()
