from datetime import UTC, datetime, timedelta

import pytest

from gatherum.providers.forums.dates import calendar_of, zone_in

NOW = datetime(2025, 10, 9, 23, 30, tzinfo=UTC)
LATE = datetime(2025, 10, 9, 20, 5, tzinfo=UTC)


def read(text: str, *others: str, clock: str = "", now: datetime | None = NOW) -> datetime | None:
    return calendar_of([text, *others], now=now, clock=clock, day_signs=".").read(text)


@pytest.mark.parametrize(
    "text",
    [
        "October 09, 2025, 08:05:00 PM",
        "Oct 09, 2025, 08:05 pm",
        "Oct 9th, 2025 20:05",
        "9 October 2025, 20:05",
        "2025-10-09 20:05",
        "10-09-2025, 08:05 PM",
        "10/09/25, 8:05 p.m.",
        "09.10.2025, 20:05",
    ],
)
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == LATE


def test_whether_the_day_comes_first_is_told_by_the_dates_around() -> None:
    assert read("09-10-2025, 20:05", "13-09-2025, 10:00") == LATE
    assert read("10.09.2025, 20:05", "09.13.2025, 10:00") == LATE


def test_the_clock_of_a_page_tells_its_zone() -> None:
    for clock, text in (
        ("October 10, 2025, 01:30:07 AM", "October 09, 2025, 10:05 PM"),
        ("Oct 09, 2025, 06:00 PM", "Oct 09, 2025, 02:35 PM"),  # half an hour beside the others
    ):
        assert read(text, clock=clock) == LATE


def test_today_and_yesterday_are_days_of_that_zone() -> None:
    clock = "October 10, 2025, 01:30:07 AM"

    assert read("Today at 01:05 AM", clock=clock) == LATE + timedelta(hours=3)
    assert read("Yesterday at 10:05:00 PM", clock=clock) == LATE
    assert read("Today at 01:05 AM", now=None) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("All times are GMT. The time now is 08:53 AM.", 0.0),
        ("All times are GMT -5. The time now is 08:53 AM.", -5.0),
        ("All times are GMT +5.5. The time now is 08:53 AM.", 5.5),
        ("All times are GMT-3:30. The time now is 08:53 AM.", -3.5),
        ("All times are GMT +5.75. The time now is 08:53 AM.", 5.75),
        ("The time now is 08:53 AM.", None),
    ],
)
def test_a_page_may_name_its_zone(text: str, hours: float | None) -> None:
    assert zone_in(text) == (None if hours is None else timedelta(hours=hours))


def test_days_are_those_of_the_zone_that_a_page_names() -> None:
    zone = timedelta(hours=2)
    page = calendar_of([], now=NOW, clock="", day_signs=".", zone=zone)
    blind = calendar_of([], now=None, clock="", day_signs=".", zone=zone)

    assert page.read("Yesterday, 10:05 PM") == blind.read("10-09-2025, 10:05 PM") == LATE
    assert blind.read("Yesterday, 10:05 PM") is None


@pytest.mark.parametrize(
    "text", ["", "gestern um 20:05", "9. Oktober 2025", "31-31-2025", "Oct 0, 2025", "Today 99:99"]
)
def test_what_is_no_english_date_is_none(text: str) -> None:
    assert read(text, clock="Oct 09, 2025, 11:30 PM") is None


def test_a_clock_that_cannot_be_right_is_not_believed() -> None:
    assert read("Oct 09, 2025, 08:05 PM", clock="Oct 11, 2025, 11:30 PM") == LATE


FIVE = datetime(2026, 12, 4, 4, 19, tzinfo=UTC)  # when the clock of a board at UTC+5 shows 9:19


def test_a_clock_tells_the_order_and_the_zone_of_dates_that_could_be_either() -> None:
    calendar = calendar_of(
        ["03-12-2026, 11:10 AM"],
        now=FIVE,
        clock="Current time: 04-12-2026, 09:19 AM",
        day_signs=".",
    )

    assert calendar.read("03-12-2026, 11:10 AM") == datetime(2026, 12, 3, 6, 10, tzinfo=UTC)


def test_a_clock_tells_that_months_come_first_as_well() -> None:
    calendar = calendar_of([], now=FIVE, clock="12.04.2026, 09:19 AM", day_signs=".")

    assert calendar.read("11.03.2026, 11:10 AM") == datetime(2026, 11, 3, 6, 10, tzinfo=UTC)


def test_posts_are_written_in_order_and_not_in_the_future() -> None:
    rising = calendar_of(["11-02-2026", "01-03-2026"], now=None, clock="", day_signs=".")
    past = calendar_of(
        ["03-12-2025"], now=datetime(2025, 4, 1, tzinfo=UTC), clock="", day_signs="-"
    )

    assert rising.read("03-04-2026") == datetime(2026, 4, 3, tzinfo=UTC)
    assert past.read("03-12-2025") == datetime(2025, 3, 12, tzinfo=UTC)


def test_what_other_pages_of_a_board_have_shown_counts_until_one_shows_otherwise() -> None:
    known = calendar_of(["03-12-2026"], now=None, clock="", day_signs=".", day_first=True)
    shown = calendar_of(["03-13-2026"], now=None, clock="", day_signs=".", day_first=True)

    assert known.read("03-12-2026") == datetime(2026, 12, 3, tzinfo=UTC)
    assert shown.read("03-12-2026") == datetime(2026, 3, 12, tzinfo=UTC)
