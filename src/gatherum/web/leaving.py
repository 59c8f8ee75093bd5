"""Clients that go away: nobody works on for them."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from fastapi import Request

from gatherum.errors import Conflict

T = TypeVar("T")


async def unless_gone(request: Request, work: Coroutine[object, object, T]) -> T:
    """Return what `work` does; when the client goes away first, it is cancelled."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_wait_for_leave(request))
    both: tuple[asyncio.Task[T] | asyncio.Task[None], ...] = (working, leaving)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Conflict("The client has gone away.")  # who could still read it?
        return working.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _wait_for_leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
