"""The shared request budget: pace, Retry-After and the breaker, for all workers together."""

import asyncio
import heapq
import itertools
from typing import Any

import pytest

from gatherum.db import Database
from gatherum.errors import RateLimited, Unavailable
from gatherum.fetching.budget import BREAKER_AT, INTERVALS, JITTER, Budget
from tests.suites.waiting import until

KEY = "reddit|www.reddit.com||"


class SharedClock:
    """Once all who use it sleep, goes on to when the first of them wakes.

    The first time it may oversleep, as the machine does; then all wake at once.
    """

    def __init__(self, users: int, *, oversleeps: float) -> None:
        self._time = 1_000_000.0
        self._awake = users
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._oversleeps = oversleeps

    def now(self) -> float:
        return self._time

    async def sleep(self, seconds: float) -> None:
        until = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (self._time + seconds, next(self._count), until))
        self.leave()
        await until

    def leave(self) -> None:
        """Be awake no more."""
        self._awake -= 1
        if self._awake == 0 and self._asleep:
            self._time = self._asleep[0][0] + self._oversleeps
            self._oversleeps = 0.0
            while self._asleep and self._asleep[0][0] <= self._time:
                heapq.heappop(self._asleep)[2].set_result(None)
                self._awake += 1


class SteppedClock:
    """Stands still until told; a sleep goes by at once and is noted."""

    def __init__(self, *, oversleeps: float = 0.0) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []
        self._oversleeps = oversleeps

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds + self._oversleeps


def full_pace() -> float:
    return 1.0


@pytest.mark.parametrize("oversleeps", [0.0, 600.0])
async def test_a_site_that_bans_fast_clients_never_bans_four_workers_together(
    database: Database, oversleeps: float
) -> None:
    clock = SharedClock(4, oversleeps=oversleeps)
    workers = [Budget(database, clock, full_pace) for _ in range(4)]
    sent: list[float] = []

    async def work(budget: Budget) -> None:
        for _ in range(6):
            await budget.permit(KEY, "tiktok")
            sent.append(clock.now())
        clock.leave()

    await asyncio.gather(*(work(budget) for budget in workers))

    shortest = INTERVALS["tiktok"] * JITTER[0]
    assert len(sent) == 24
    assert sent[-1] - sent[0] >= 23 * shortest + oversleeps
    assert all(later - earlier >= shortest for earlier, later in itertools.pairwise(sent))


async def test_a_retry_after_is_waited_out_by_every_worker(database: Database) -> None:
    clock = SteppedClock()
    told, other = (Budget(database, clock, full_pace) for _ in range(2))

    await told.limited(KEY, 30.0)
    await other.permit(KEY, "")

    assert clock.now() >= 1_000_030


async def test_a_wait_that_is_too_long_to_sit_out_is_handed_to_the_job(database: Database) -> None:
    budget = Budget(database, SteppedClock(), full_pace)

    await budget.limited(KEY, 3600.0)

    with pytest.raises(RateLimited) as caught:
        await budget.permit(KEY, "")
    assert caught.value.retry_after == pytest.approx(3600, abs=1)


async def test_a_broken_source_is_left_alone_then_asked_once_then_used_again(
    database: Database,
) -> None:
    clock = SteppedClock()
    budget, other = (Budget(database, clock, full_pace) for _ in range(2))
    for _ in range(BREAKER_AT):
        await budget.failed(KEY)

    await budget.permit(KEY, "")
    first_probe = clock.now()
    asked = asyncio.create_task(other.permit(KEY, ""))
    await until(lambda: clock.slept.count(1.0))  # the other waits while the probe is out
    assert not asked.done()
    await budget.succeeded(KEY)
    await asked

    assert first_probe >= 1_000_030


async def test_one_that_the_database_kept_waiting_does_not_ask_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, write = SteppedClock(), database.write
    budget = Budget(database, clock, full_pace)

    async def slowly(*args: Any, **options: Any) -> Any:
        told = await write(*args, **options)
        clock.time += 1.5
        return told

    monkeypatch.setattr(database, "write", slowly)
    for _ in range(3):
        await budget.permit(KEY, "instagram")

    assert len(clock.slept) == 2  # once for each but the first


async def test_one_that_finds_out_how_a_source_is_does_not_wait_for_itself(
    database: Database,
) -> None:
    clock, pace = SteppedClock(oversleeps=5.0), iter([20.0, *[0.01] * BREAKER_AT])
    budget = Budget(database, clock, lambda: next(pace, 1.0))
    await budget.permit(KEY, "tiktok")  # the next turn is far away
    for _ in range(BREAKER_AT):
        await budget.failed(KEY)

    await budget.permit(KEY, "tiktok")

    assert clock.slept[-1] > 20
    assert 1.0 not in clock.slept


async def test_a_breaker_that_another_worker_opened_is_closed_by_a_success_here(
    database: Database,
) -> None:
    clock = SteppedClock()
    dead, fresh = (Budget(database, clock, full_pace) for _ in range(2))
    for _ in range(BREAKER_AT):
        await dead.failed(KEY)
    await fresh.permit(KEY, "reddit")
    await fresh.succeeded(KEY)
    clock.slept.clear()

    for _ in range(3):
        await fresh.permit(KEY, "reddit")

    assert sum(clock.slept) <= 3 * INTERVALS["reddit"] * JITTER[1]


async def test_failures_on_their_way_when_the_breaker_opens_do_not_lengthen_its_rest(
    database: Database,
) -> None:
    clock = SteppedClock()
    budget = Budget(database, clock, full_pace)

    for _ in range(BREAKER_AT * 3):
        await budget.failed(KEY)
    await budget.permit(KEY, "")

    assert clock.now() == pytest.approx(1_000_030, abs=2)


async def test_a_source_that_rests_for_long_is_called_unavailable_not_rate_limited(
    database: Database,
) -> None:
    clock = SteppedClock()
    budget = Budget(database, clock, full_pace)
    for _ in range(BREAKER_AT + 3):
        await budget.failed(KEY)
        clock.time += 600

    await budget.failed(KEY)

    with pytest.raises(Unavailable, match="left alone") as caught:
        await budget.permit(KEY, "")
    assert not isinstance(caught.value, RateLimited)


async def test_a_pace_of_zero_waits_nowhere(database: Database) -> None:
    clock = SteppedClock()
    budget = Budget(database, clock, lambda: 0.0)

    for _ in range(20):
        await budget.permit(KEY, "instagram")

    assert clock.slept == []
