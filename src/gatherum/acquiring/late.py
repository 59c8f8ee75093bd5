"""What costs too much to open for a command that may never need it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

T = TypeVar("T")


class Late(Generic[T]):
    """Opened by whoever asks first, shared by all, and closed by the one task that opened it."""

    def __init__(self, opener: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._opener = opener
        self._closing = asyncio.Event()
        self._holder: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """Return it; a failure to open it is raised to all who wait, and tried again by the next."""
        if self._opened is None or self._holder is None or self._holder.done():
            self._opened = asyncio.get_running_loop().create_future()
            self._holder = asyncio.create_task(self._hold(self._opened))
        holder, opened = self._holder, self._opened
        both: tuple[asyncio.Future[None] | asyncio.Future[T], ...] = (holder, opened)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            holder.result()  # says what went wrong
        return opened.result()

    async def close(self) -> None:
        """Close it, if it was ever opened."""
        self._closing.set()
        if self._holder is not None:
            await asyncio.wait([self._holder])

    async def _hold(self, opened: asyncio.Future[T]) -> None:
        async with self._opener() as value:
            opened.set_result(value)
            await self._closing.wait()
