"""A loop that stands still is told with where it does, and a process that stays so is ended."""

import asyncio
import os
import signal
import time

import pytest

from gatherum import watchdog
from gatherum.watchdog import Watchdog
from tests.suites.warm import launch


def ran(how: str, seconds: float) -> tuple[int | None, str, str]:
    """Run the program, and return how it ended and what it wrote."""
    process = launch([how, str(seconds)], module="tests.watchdog_process")
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_loop_that_stands_still_is_told_once_with_where_and_goes_on() -> None:
    code, out, err = ran("sleep", 3.2)

    assert (code, out.splitlines()) == (0, ["begin", "end, told 3"])
    assert err.count("the event loop stands still") == 1
    assert "in _stand_still" in err
    assert err.count("the event loop turns again") == 1


def test_a_loop_that_stays_still_ends_its_process() -> None:
    code, out, err = ran("sleep", 60)

    assert (code, out) == (os.EX_SOFTWARE, "begin\n")
    assert "ended: the event loop stood still" in err


def test_code_that_lets_nothing_else_run_is_told_and_ended_by_the_kernel() -> None:
    code, out, err = ran("regex", 0)

    assert (code, out) == (-signal.SIGPROF, "begin\n")
    assert "re/__init__.py" in err
    assert "in main" in err


def test_work_in_a_thread_is_no_hang() -> None:
    code, out, err = ran("thread", 5)

    assert (code, out.splitlines()) == (0, ["begin", "end, told 0"])
    assert err == ""


def test_a_process_that_was_stopped_has_not_hung() -> None:
    process = launch(["thread", "1"], module="tests.watchdog_process")
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"

    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(5)
    os.kill(process.pid, signal.SIGCONT)

    out, err = process.communicate(timeout=60)
    assert (out, err) == ("end, told 0\n", "")


async def test_a_hang_that_is_over_is_soon_no_longer_told(monkeypatch: pytest.MonkeyPatch) -> None:
    dog = Watchdog()
    with dog.watching(), dog.watching():
        time.sleep(2.8)  # noqa: ASYNC251 - on purpose
        await asyncio.sleep(1)
        assert 2.0 <= dog.recent() <= 3.0

    monkeypatch.setattr(watchdog, "RECENT_S", 0.5)
    await asyncio.sleep(0.6)

    assert dog.recent() == 0
