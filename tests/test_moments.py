"""Times as programs read them."""

import pytest

from gatherum.moments import iso, moment


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_760_100_800.999, "2025-10-10T12:53:20Z"),  # never later than it is
        (-0.5, "1969-12-31T23:59:59Z"),
        (-62_135_596_800.0, "0001-01-01T00:00:00Z"),
        (-1e300, "0001-01-01T00:00:00Z"),
        (253_402_300_799.9, "9999-12-31T23:59:59Z"),
        (float("inf"), "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_told_in_utc_rounded_down_and_within_the_calendar(
    seconds: float, told: str
) -> None:
    assert moment(seconds) == told
    assert iso(seconds) == told


def test_a_time_that_is_not_known_is_none() -> None:
    assert iso(None) is None
