"""Dates as forums write them in words, in English: without a zone, and with `Today`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WRITTEN = (
    re.compile(rf"\b{_NAME}\s+{_DAY},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_DAY}\s+{_NAME},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
)
_NUMBERS = re.compile(r"\b(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})\b")
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\b)?", re.IGNORECASE)
_ZONE = re.compile(r"\b(?:GMT|UTC)(?:\s*([+-])\s*(\d{1,2})(?:[.:](\d{1,2}))?)?")
_LONGEST = timedelta(hours=15)  # no zone is farther from UTC
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How a page writes its dates. `today` is known only from a page that shows a clock."""

    today: datetime | None = None  # the present time, in the page's zone and without naming it
    offset: timedelta = (
        timedelta()
    )  # of that zone from UTC; taken for UTC if the page does not tell
    day_first: bool | None = None  # None: the sign between the numbers tells
    day_signs: str = "."

    def read(self, text: str) -> datetime | None:
        """Return the moment that `text` tells, None if that is no English date."""
        local = self._local(text)
        try:
            return None if local is None else (local - self.offset).replace(tzinfo=UTC)
        except OverflowError:
            return None

    def _local(self, text: str) -> datetime | None:
        try:
            day = self._day(text)
            return None if day is None else datetime.combine(day, _time(text))
        except ValueError:
            return None

    def _day(self, text: str) -> datetime | None:
        for pattern in _WRITTEN:
            if match := pattern.search(text):
                parts = match.groupdict()
                name = parts.get("name")
                month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"])
                return datetime(int(parts["year"]), month, int(parts["day"]))  # noqa: DTZ001
        if match := _NUMBERS.search(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            day_first = match[2] in self.day_signs if self.day_first is None else self.day_first
            day, month = (first, second) if day_first else (second, first)
            return datetime(year if year > 99 else 2000 + year, month, day)  # noqa: DTZ001
        for word, days in (("today", 0), ("yesterday", 1)):
            if word in text.lower() and self.today is not None:
                return self.today - timedelta(days=days)
        return None


def calendar_of(
    texts: Iterable[str],
    *,
    now: datetime | None,
    clock: str,
    day_signs: str,
    zone: timedelta | None = None,
    day_first: bool | None = None,
) -> Calendar:
    """Return how a page writes dates: `texts` are all that it shows, in the order of writing.

    `now` is the present time in UTC, as the page or the server tells it, `clock` the same in the
    page's own words. A page that names its `zone` needs no clock. `day_first` is what other pages of
    the board have shown: it counts where this one does not show it.
    """
    shown = list(texts)
    if (told := _order(shown, clock, now)) is not None:
        day_first = told
    elif day_first is None:
        day_first = _only([order for order in (True, False) if _rises(shown, order, now)])
    plain = Calendar(day_first=day_first, day_signs=day_signs)
    local = plain.read(clock) if _TIME.search(clock) else None
    if zone is not None:
        offset = zone
    elif now is None or local is None or abs(local - now) > _LONGEST:
        return plain
    else:
        offset = round((local - now) / _QUARTER) * _QUARTER
    return Calendar(
        today=(now + offset).replace(tzinfo=None) if now is not None else None,
        offset=offset,
        day_first=day_first,
        day_signs=day_signs,
    )


def zone_in(text: str) -> timedelta | None:
    """Return the offset from UTC that a text names (`All times are GMT -5.`), None if it does not."""
    match = _ZONE.search(text)
    if match is None:
        return None
    part = match[3] or "0"
    # Half an hour is written as `.5` or as `:30`.
    minutes = int(part) if match[0][-len(part) - 1] == ":" else float(f"0.{part}") * 60
    offset = timedelta(hours=int(match[2] or 0), minutes=minutes)
    return -offset if match[1] == "-" else offset


def _order(texts: Sequence[str], clock: str, now: datetime | None) -> bool | None:
    """Return whether days come first: a number that is no month shows it, else the page's clock."""
    numbers = [
        (int(match[1]), int(match[3]))
        for text in (*texts, clock)
        for match in _NUMBERS.finditer(text)
    ]
    if any(two > 12 for _, two in numbers):
        return False
    if any(one > 12 for one, _ in numbers):
        return True
    return _only([order for order in (True, False) if _is_now(clock, order, now)])


def _is_now(clock: str, day_first: bool, now: datetime | None) -> bool:  # noqa: FBT001
    local = Calendar(day_first=day_first).read(clock) if _NUMBERS.search(clock) else None
    return now is not None and local is not None and abs(local - now) <= _LONGEST


def _rises(texts: Sequence[str], day_first: bool, now: datetime | None) -> bool:  # noqa: FBT001
    """Return whether dates, read so, could be those of posts: in order, and none in the future."""
    calendar = Calendar(day_first=day_first)
    dates = [date for text in texts if (date := calendar.read(text)) is not None]
    if now is not None and dates and dates[-1] > now + _LONGEST:
        return False
    return all(one <= two for one, two in pairwise(dates))


def _only(orders: Sequence[bool]) -> bool | None:
    return orders[0] if len(orders) == 1 else None


def _time(text: str) -> time:
    match = _TIME.search(text)
    if match is None:
        return time()
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    return time(hour, int(match[2]), int(match[3] or 0))
