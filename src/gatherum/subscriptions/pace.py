"""How often somebody posts, and how often it pays to look."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from gatherum.jobs.scheduler import Every
from gatherum.subscriptions.model import Adaptive
from gatherum.subscriptions.timing import DAY, HOUR, INTERVAL_JITTER, MINUTE, WEEK

LOOKS = 2  # looks between two posts, on average
# What a person would choose: the suggestion is the longest of these that is not too long.
STEPS = (30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, WEEK)
USUAL = Every(seconds=DAY, jitter_s=DAY * INTERVAL_JITTER)


def suggest(posted: Sequence[float]) -> Every:
    """Return how often to look after posts of these times; daily where they say too little."""
    gap = _gap(posted)
    if gap is None:
        return USUAL
    seconds = max((step for step in STEPS if step <= gap / LOOKS), default=STEPS[0])
    return Every(seconds=seconds, jitter_s=seconds * INTERVAL_JITTER)


def next_check(posted: Sequence[float], bounds: Adaptive, *, now: float) -> float:
    """Return when to look next, within the bounds; posts long ago make it later."""
    gap = _gap(posted)
    quiet = now - max(posted, default=now)
    wanted = max(gap or 0.0, quiet) / LOOKS if gap is not None else bounds.longest_s
    return now + min(max(wanted, bounds.shortest_s), bounds.longest_s)


def _gap(posted: Sequence[float]) -> float | None:
    times = sorted(posted)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return median(gaps) if gaps else None
