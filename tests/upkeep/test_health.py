"""What is not well is said, stands as an alarm since it began, and goes when it is well again."""

import os
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.jobs.tables import Executor
from gatherum.settings import RetentionSettings
from gatherum.upkeep.health import Alarm, Health, Numbers

WELL = Numbers(
    sound=True,
    executors=1,
    queue_lag=0.0,
    disk_free=500 * 10**9,
    disk_total=1000 * 10**9,
    database_size=10**6,
    damaged=0,
    lock_wait=0.01,
    answer=0.001,
    stood_still=0.0,
)


class Disk:
    def free(self) -> tuple[int, int]:
        seen = os.statvfs("/")
        return seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize


class Time:
    at = 1_000_000.0

    def now(self) -> float:
        return self.at


def make(database: Database, time: Time) -> Health:
    return Health(
        database,
        Disk(),  # type: ignore[arg-type]  # of the file system only its space is asked
        time.now,
        reserve=lambda: None,
        limits=RetentionSettings,
        stood_still=lambda: 0.0,
    )


@pytest.mark.parametrize(
    ("changed", "failing"),
    [
        ({}, []),
        ({"stood_still": 9.5}, []),
        ({"stood_still": 10.0}, ["loop"]),
        ({"executors": 0}, ["executor"]),
        ({"queue_lag": 901.0}, ["queue"]),
        ({"disk_free": 10**9 - 1}, ["disk"]),
        ({"disk_free": 10**9 + 1}, []),
        ({"lock_wait": 11.0}, ["locks"]),
        ({"database_size": 21 * 10**9}, ["size"]),
        ({"damaged": 2}, ["files"]),
    ],
)
def test_each_number_is_judged(
    sqlite_database: Database, changed: dict[str, float], failing: list[str]
) -> None:
    numbers = replace(WELL, **changed)  # type: ignore[arg-type]

    checks = make(sqlite_database, Time()).judge(numbers)

    assert [check.name for check in checks if not check.ok] == failing


async def test_an_alarm_stands_since_it_began_and_goes_when_all_is_well(
    database: Database,
) -> None:
    time = Time()
    health = make(database, time)

    first = await health.watch()  # nobody performs jobs
    time.at += 300
    second = await health.watch()
    await database.write(
        lambda tx: tx.execute(sa.insert(Executor).values(id="a", seen_at=time.at, started_at=0))
    )
    third = await health.watch()

    told = "Nobody performs jobs: start gatherum serve or gatherum worker."
    assert first == second == (Alarm("executor", since=1_000_000.0, message=told),)
    assert third == ()


async def test_an_alarm_of_another_part_stays_until_that_part_clears_it(
    database: Database,
) -> None:
    health = make(database, Time())

    await health.raise_alarm("backup", "The last backup failed.")
    standing = {alarm.name for alarm in await health.watch()}
    await health.clear_alarm("backup")

    assert standing == {"backup", "executor"}
    assert {alarm.name for alarm in await health.alarms()} == {"executor"}
