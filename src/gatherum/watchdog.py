"""Notices when the event loop stands still: tells where, and ends a process that stays so.

A hang is what runs on the loop's thread and does not return. The time is counted by a thread's own
looks, not by a clock: a process that was stopped or a machine that slept has not hung. Where the hang
also keeps that thread from running (C code that holds the interpreter's lock, such as a regular
expression), the kernel counts the processor's time instead, and Python's fault handler writes the
stacks to standard error.
"""

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger()
EVERY_S = 0.5
TELL_S = 2.0
END_S = 600.0
HELD_S = 20.0  # of processor time without a look, until the fault handler writes
RECENT_S = 30.0  # how long a hang that is over is still told
BUSY = 0.8  # of a pause: with less processor time, the process was only not running
STDERR = 2


class Watchdog:
    """Watches the loop that it is started on. One process needs one; entering it again changes nothing."""

    def __init__(self, *, end_s: float = END_S, held_s: float = HELD_S) -> None:
        self._end_s = end_s
        self._held_s = held_s
        self._turned = False
        self._stood = 0.0  # how long the loop has not turned
        self._last = (0.0, 0.0)  # when the latest hang was last seen, and how long it was
        self._thread: int | None = None

    def recent(self) -> float:
        """Return for how many seconds the loop stood still within the last half minute, or 0."""
        seen, seconds = self._last
        return seconds if time.monotonic() - seen < RECENT_S else 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the running loop while the context lasts."""
        if self._thread is not None:
            yield
            return
        self._thread = threading.get_ident()
        self._turned, self._stood = True, 0.0
        stop = threading.Event()
        thread = threading.Thread(
            target=self._look_until, args=(stop,), name="watchdog", daemon=True
        )
        faulthandler.register(
            signal.SIGVTALRM, file=STDERR
        )  # for good: unheard, the signal would end us
        beating = asyncio.get_running_loop().create_task(self._keep_beating())
        thread.start()
        try:
            yield
        finally:
            beating.cancel()
            stop.set()
            thread.join()
            _set_timers(0.0, 0.0)
            self._thread = None

    async def _keep_beating(self) -> None:
        while True:
            self._turned = True
            await asyncio.sleep(EVERY_S)

    def _look_until(self, stop: threading.Event) -> None:
        pause = _Pause()
        _set_timers(self._held_s, self._end_s)
        while not stop.wait(EVERY_S):
            _set_timers(self._held_s, self._end_s)
            if (held := pause.next()) >= TELL_S:
                self._last = (time.monotonic(), held)
                log.warning(
                    "the program stood still, and nothing else could run", seconds=round(held, 1)
                )
            self._look()

    def _look(self) -> None:
        if self._turned:
            if self._stood >= TELL_S:
                log.warning("the event loop turns again", seconds=self._stood)
            self._turned, self._stood = False, 0.0
            return
        before, self._stood = self._stood, self._stood + EVERY_S
        if self._stood < TELL_S:
            return
        self._last = (time.monotonic(), self._stood)
        if before < TELL_S:
            log.warning("the event loop stands still", seconds=self._stood, stack=self._stack())
        if self._stood >= self._end_s:
            log.critical(
                "ended: the event loop stood still", seconds=self._stood, stack=self._stack()
            )
            os._exit(os.EX_SOFTWARE)

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread or 0)  # noqa: SLF001 - documented; there is no other
        return "".join(traceback.format_stack(frame)) if frame else ""


class _Pause:
    """Measures the time between two looks, as far as the process was running in it."""

    def __init__(self) -> None:
        self._seen = self._used = 0.0
        self.next()

    def next(self) -> float:
        """Return the seconds since the call before, or 0 if the process was mostly not running."""
        seen, used = time.monotonic(), time.process_time()
        passed, busy = seen - self._seen, used - self._used
        self._seen, self._used = seen, used
        return passed if busy >= BUSY * passed else 0.0


def _set_timers(write_s: float, end_s: float) -> None:
    """Let the kernel send a signal after so much processor time: one that writes, one that ends."""
    signal.setitimer(signal.ITIMER_VIRTUAL, write_s)
    signal.setitimer(signal.ITIMER_PROF, end_s)
