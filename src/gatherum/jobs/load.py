"""How many jobs will be due in each hour to come, as the schedules stand: where they crowd."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from gatherum.jobs.queue import Lane
from gatherum.jobs.scheduler import Cron, Every, ScheduleView

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How often jobs of a lane and partition are due in each hour from the first one on."""

    lane: Lane
    partition: str
    due: tuple[int, ...]


def read_ahead(schedules: Iterable[ScheduleView], *, start: float, hours: int) -> tuple[Load, ...]:
    """Return the load of the hours from `start` on. Blocks for a while: use it in a thread."""
    found: dict[tuple[Lane, str], list[int]] = {}
    for schedule in schedules:
        if schedule.enabled:
            due = found.setdefault((schedule.lane, schedule.partition), [0] * hours)
            _add(due, schedule, start)
    return tuple(
        Load(lane=lane, partition=partition, due=tuple(due))
        for (lane, partition), due in sorted(found.items())
    )


def _add(due: list[int], schedule: ScheduleView, start: float) -> None:
    first = max(schedule.next_at, start)
    if isinstance(schedule.timing, Every):
        _add_interval(due, schedule.timing, first - start)
    else:
        hour = int((first - start) // HOUR_S)
        for number, count in enumerate(_cron_hours(schedule.timing, start, len(due))):
            due[number] += count if number >= hour else 0


def _add_interval(due: list[int], every: Every, first: float) -> None:
    step = every.seconds + every.jitter_s / 2  # as it is on the average
    if step >= HOUR_S:
        while first < len(due) * HOUR_S:
            due[int(first // HOUR_S)] += 1
            first += step
        return
    for number in range(int(first // HOUR_S), len(due)):
        due[number] += _count(first, step, (number + 1) * HOUR_S)
        due[number] -= _count(first, step, number * HOUR_S)


def _count(first: float, step: float, end: float) -> int:
    """Return how many runs come before `end`."""
    return max(0, math.ceil((end - first) / step))


@lru_cache(maxsize=1024)
def _cron_hours(cron: Cron, start: float, hours: int) -> tuple[int, ...]:
    counts = [0] * hours
    end = start + hours * HOUR_S
    for moment in CronSim(cron.expression, datetime.fromtimestamp(start - 1, ZoneInfo(cron.zone))):
        if (at := moment.timestamp()) >= end:
            break
        counts[int((at - start) // HOUR_S)] += 1
    return tuple(counts)
