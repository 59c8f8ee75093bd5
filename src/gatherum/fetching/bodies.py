"""The bodies of pages and answers, read to a limit of size and of time."""

import asyncio

import aiohttp

from gatherum.errors import Unreadable
from gatherum.safety.foreign import LARGEST_FEED

# A page of 5 MB over a slow line (64 KB a second) takes 80 seconds. A source that sends a byte now and
# then never runs into the time without data that the settings allow, but would hold its job for ever.
PATIENCE_S = 120.0

LARGE = "This page is larger than can be read safely."
ENDLESS = "This page did not come to its end in two minutes."


async def read_body(answer: aiohttp.ClientResponse, *, largest: int = LARGEST_FEED) -> bytes:
    """Return the body, unpacked; `Unreadable` if it is larger than `largest` bytes, or does not end."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in answer.content.iter_any():
                body += chunk
                if len(body) > largest:
                    raise Unreadable(LARGE)
    except TimeoutError as error:
        if isinstance(error, aiohttp.ServerTimeoutError):
            raise
        raise Unreadable(ENDLESS) from error
    return bytes(body)
