"""When a subscription is due, as people write and read it: `6h`, `1d`, `0 6 * * *`."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from gatherum.errors import InvalidInput
from gatherum.jobs.scheduler import Cron, Every, Timing

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
NAMED = {"hourly": HOUR, "daily": DAY, "weekly": WEEK}
SPAN = re.compile(r"(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m(?:in)?)?")
UNITS = ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
INTERVAL_JITTER = 0.1  # of an interval: subscriptions made together drift apart
CRON_JITTER_S = 120.0


def parse_timing(text: str, *, zone: str = "UTC", jitter_s: float | None = None) -> Timing:
    """Return the interval (`30m`, `6h`, `1d12h`, `daily`) or cron expression that a text means.

    Raises `InvalidInput` for anything else. `zone` counts for cron expressions only.
    """
    words = text.strip().lower().removeprefix("every ").strip()
    if len(words.split()) == 5:
        jitter = CRON_JITTER_S if jitter_s is None else jitter_s
        return Cron(expression=" ".join(text.split()), zone=zone, jitter_s=jitter)
    span = SPAN.fullmatch(words.replace(" ", ""))
    if words in NAMED:
        seconds = NAMED[words]
    elif span is not None and any(span.groups()):
        weeks, days, hours, minutes = (int(part or 0) for part in span.groups())
        seconds = weeks * WEEK + days * DAY + hours * HOUR + minutes * MINUTE
    else:
        raise InvalidInput(
            f"{text!r} is no interval, such as 30m, 6h or 1d, and no cron expression, "
            "such as '0 6 * * *' for 6:00 every day."
        )
    return Every(
        seconds=seconds, jitter_s=seconds * INTERVAL_JITTER if jitter_s is None else jitter_s
    )


def write_timing(timing: Timing) -> str:
    """Return the text that `parse_timing` reads as this: `1d12h`, `0 6 * * *`."""
    if not isinstance(timing, Every):
        return timing.expression
    text, left = "", round(timing.seconds)
    for length, unit in ((WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        number, left = divmod(left, length)
        text += f"{number}{unit}" if number else ""
    return text


def describe(timing: Timing) -> str:
    """Say when something is due: `every 6 hours`, `At 06:00 every day (Europe/Berlin)`."""
    if isinstance(timing, Every):
        words = _span(timing.seconds)
        return f"every {words.removeprefix('1 ') if words.count(' ') == 1 else words}"
    start = datetime.fromtimestamp(0, ZoneInfo(timing.zone))
    return f"{CronSim(timing.expression, start).explain()} ({timing.zone})"


def describe_next(at: float, *, now: float, zone: str = "UTC") -> str:
    """Say when a time is: `now`, `in 5 minutes`, `tomorrow at 06:00`, `on Tue 12 Mar at 06:00`."""
    if at <= now:
        return "now"
    if at - now < 6 * HOUR:
        return f"in {_span(max(at - now, MINUTE), parts=1)}"
    there, here = (datetime.fromtimestamp(moment, ZoneInfo(zone)) for moment in (at, now))
    days = (there.date() - here.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {there:%a} {there.day} {there:%b}")
    if there.year != here.year and days > 1:
        day += f" {there.year}"
    return f"{day} at {there:%H:%M}"


def _span(seconds: float, *, parts: int = 2) -> str:
    words: list[str] = []
    left = round(seconds)
    for length, name in UNITS:
        number, left = divmod(left, length)
        if number and len(words) < parts:
            words.append(f"{number} {name}{'s' if number > 1 else ''}")
    return " ".join(words)
