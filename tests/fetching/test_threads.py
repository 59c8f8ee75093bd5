"""Who is cancelled waits for its thread: no descriptor is closed under one that still uses it."""

import asyncio
import threading
import time

import pytest

from gatherum.fetching.threads import in_thread
from tests.suites.line import cancel
from tests.suites.waiting import PATIENCE_S


async def test_a_cancelled_caller_goes_on_only_when_its_thread_has_ended() -> None:
    ended = []

    def write() -> None:
        time.sleep(0.2)
        ended.append("written")

    async def use() -> None:
        try:
            await in_thread(write)
        finally:
            ended.append("closed")

    task = asyncio.create_task(use())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.sleep(0)
    await cancel(task)

    assert ended == ["written", "closed"]


async def test_what_a_thread_opened_for_a_cancelled_caller_is_closed() -> None:
    closed: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def open_it() -> int:
        begun.set()
        go_on.wait(PATIENCE_S)
        return 7

    task = asyncio.create_task(in_thread(open_it, undo=closed.append))
    await asyncio.to_thread(begun.wait, PATIENCE_S)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await cancel(task)

    assert closed == [7]


async def test_an_error_in_the_thread_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0)
