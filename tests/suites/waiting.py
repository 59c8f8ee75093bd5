"""Waiting for what nothing tells of: tests go on when it is so, and not after some while."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 30.0


async def until(is_so: Callable[[], object], *, within: float = PATIENCE_S) -> None:
    """Wait until something is true, and fail if it does not become so."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)
