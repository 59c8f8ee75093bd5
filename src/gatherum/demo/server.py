"""Plaza as a server on loopback, for a first run without the internet, tests and screenshots."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gatherum.demo.api import Budget
from gatherum.demo.platform import build_platform
from gatherum.safety.serving import bound, listening

SHOWN = (
    "/@ada",
    "/@ada/stories",
    "/@bruno",
    "/@mishap",
    "/tag/fog",
    "/gallery/",
    "/@chiyo/feed.xml",
)


@asynccontextmanager
async def running(
    *, host: str = "127.0.0.1", port: int = 0, budget: Budget | None = None
) -> AsyncIterator[str]:
    """Serve Plaza while the block runs; the value is its address, without a slash at the end.

    Raises `Conflict` if the port is taken.
    """
    platform = build_platform(budget or Budget())
    with bound(host, port) as place:
        async with listening(platform, on=place, grace_s=1) as chosen:
            yield f"http://{host}:{chosen}"


def shown(address: str) -> tuple[str, ...]:
    """Return the links that show the most: a person, stories, clips, a tag, a folder, a feed."""
    return tuple(address + path for path in SHOWN)
