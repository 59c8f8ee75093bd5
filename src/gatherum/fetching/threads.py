"""Blocking calls on a descriptor, in threads, from tasks that may be cancelled at any moment."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

R = TypeVar("R")


async def in_thread(
    fn: Callable[..., R], *args: object, undo: Callable[[R], object] | None = None
) -> R:
    """Run `fn` in a thread; a cancelled caller is let go only when it has ended, and is undone.

    Else the caller would close a descriptor that the thread still writes to, and its number might
    belong to another file by then.
    """
    running = asyncio.ensure_future(asyncio.to_thread(fn, *args))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if undo is not None and not running.cancelled() and running.exception() is None:
            undo(running.result())
        raise
