"""Few children that draw, kept warm: replaced when they break, have done their share, or idle."""

import asyncio
from collections.abc import Sequence

from gatherum.processing.child import (
    COMMAND,
    Child,
    ChildBrokenError,
    Drawn,
    NotDrawnError,
    TooLongError,
)
from gatherum.processing.frames import Order


class Children:
    """Draws one file a child at a time, in as many children as it is asked at once.

    A child that breaks takes nothing with it but the file it was at.
    """

    def __init__(
        self,
        *,
        command: Sequence[str] = COMMAND,
        patience: float = 30.0,
        idle: float = 120.0,
        files: int = 500,
        niceness: int = 5,
    ) -> None:
        self._command = command
        self._patience = patience
        self._idle = idle
        self._files = files
        self._niceness = niceness
        self._resting: list[Child] = []
        self._timers: dict[Child, asyncio.TimerHandle] = {}
        self._ends: set[asyncio.Task[None]] = set()

    async def draw(self, fd: int, order: Order) -> Drawn:
        """Draw what is asked of an open file, which stays the caller's.

        Raises `NotDrawnError` if there is nothing to be shown in it, `ChildBrokenError` if it breaks a child
        that has seen no other file before, and `NoChildError` if there is no child at all.
        """
        child = self._take() or await self._start()
        was_fresh = child.files == 0
        try:
            return await self._draw(child, fd, order)
        except TooLongError:
            raise
        except ChildBrokenError:
            # It may have died between two files, or of the one before: a fresh one is asked.
            if was_fresh:
                raise
        return await self._draw(await self._start(), fd, order)

    async def close(self) -> None:
        """End the children that rest; those at work end with their callers."""
        while self._resting:
            await self._forget(self._resting[-1]).kill()
        if self._ends:
            await asyncio.wait(self._ends)

    async def _draw(self, child: Child, fd: int, order: Order) -> Drawn:
        try:
            drawn = await child.draw(fd, order, patience=self._patience)
        except NotDrawnError:
            await self._rest(child)
            raise
        except BaseException:
            await child.kill()
            raise
        await self._rest(child)
        return drawn

    async def _start(self) -> Child:
        return await Child.start(self._command, niceness=self._niceness)

    def _take(self) -> Child | None:
        while self._resting:
            child = self._forget(self._resting[-1])
            if child.alive:
                return child
            self._retire(child)
        return None

    async def _rest(self, child: Child) -> None:
        if child.files >= self._files:
            await child.kill()
            return
        self._resting.append(child)
        loop = asyncio.get_running_loop()
        self._timers[child] = loop.call_later(self._idle, lambda: self._retire(self._forget(child)))

    def _forget(self, child: Child) -> Child:
        self._resting.remove(child)
        self._timers.pop(child).cancel()
        return child

    def _retire(self, child: Child) -> None:
        task = asyncio.get_running_loop().create_task(child.kill())
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)
