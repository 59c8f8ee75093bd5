"""Times are written and read in words."""

import pytest

from gatherum.errors import InvalidInput
from gatherum.jobs.scheduler import Cron, Every
from gatherum.subscriptions.timing import describe, describe_next, parse_timing

NOON = 1_710_158_400.0  # 2024-03-11 12:00 UTC, a Monday


@pytest.mark.parametrize(
    ("text", "seconds", "words"),
    [
        ("30m", 1800, "every 30 minutes"),
        ("6h", 21_600, "every 6 hours"),
        ("1d", 86_400, "every day"),
        ("every 2 w", 1_209_600, "every 2 weeks"),
        ("1d12h", 129_600, "every 1 day 12 hours"),
        ("Daily", 86_400, "every day"),
        ("90min", 5400, "every 1 hour 30 minutes"),
    ],
)
def test_an_interval_is_read_and_said_in_words(text: str, seconds: float, words: str) -> None:
    timing = parse_timing(text)

    assert timing == Every(seconds=seconds, jitter_s=seconds / 10)
    assert describe(timing) == words


def test_a_cron_expression_keeps_its_time_zone() -> None:
    timing = parse_timing(" 0  6 * * * ", zone="Europe/Berlin", jitter_s=0)

    assert timing == Cron(expression="0 6 * * *", zone="Europe/Berlin")
    assert describe(timing) == "At 06:00 every day (Europe/Berlin)"


@pytest.mark.parametrize(
    "text", ["", "6", "soon", "6x", "1m1m", "0 6 * *", "99 6 * * *", "10s", "0h", "9999w"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_timing(text)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        parse_timing("0 6 * * *", zone="Nowhere/At_All")


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (-5, "now"),
        (20, "in 1 minute"),
        (300, "in 5 minutes"),
        (3 * 3600 + 600, "in 3 hours"),
        (10 * 3600, "today at 22:00"),
        (18 * 3600, "tomorrow at 06:00"),
        (4 * 86_400, "on Fri 15 Mar at 12:00"),
        (300 * 86_400, "on Sun 5 Jan 2025 at 12:00"),
    ],
)
def test_the_next_run_is_said_in_words(after: float, words: str) -> None:
    assert describe_next(NOON + after, now=NOON) == words


def test_the_next_run_is_said_in_the_time_of_the_reader() -> None:
    assert describe_next(NOON + 10 * 3600, now=NOON, zone="Asia/Tokyo") == "tomorrow at 07:00"
