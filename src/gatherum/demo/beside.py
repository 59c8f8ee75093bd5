"""Plaza beside the program itself: what somebody can try who has neither a link nor the internet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from gatherum.demo.server import running
from gatherum.safety.policy import Doors


@asynccontextmanager
async def running_beside(doors: Doors) -> AsyncIterator[str]:
    """Serve Plaza on a free port of loopback, which our own requests may reach meanwhile.

    The value is its address. Nothing else of this machine can be reached by it.
    """
    async with running() as address:
        place = urlsplit(address)
        host, port = place.hostname or "", place.port or 0
        doors.open(host, port)
        try:
            yield address
        finally:
            doors.close(host, port)
