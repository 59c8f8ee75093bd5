"""How often to look follows how often somebody posts, within bounds."""

from collections.abc import Sequence

import pytest

from gatherum.errors import InvalidInput
from gatherum.subscriptions.model import Adaptive
from gatherum.subscriptions.pace import next_check, suggest

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
NOW = 1_800_000_000.0
BOUNDS = Adaptive(shortest_s=HOUR, longest_s=WEEK)


def posts(gap: float, *, count: int = 10, quiet: float = 0.0) -> list[float]:
    """Return the times of posts that came every `gap` seconds, the last one `quiet` seconds ago."""
    return [NOW - quiet - number * gap for number in range(count)]


@pytest.mark.parametrize(
    ("posted", "seconds"),
    [
        ([], DAY),
        ([NOW], DAY),
        (posts(60), 1800),
        (posts(HOUR), 1800),
        (posts(13 * HOUR), 6 * HOUR),
        (posts(DAY), 12 * HOUR),
        (posts(5 * DAY), 2 * DAY),
        (posts(90 * DAY), WEEK),
        ([*posts(DAY), NOW - 900 * DAY], 12 * HOUR),  # an old one does not count for much
        ([NOW] * 5, 1800),
    ],
)
def test_a_person_is_looked_at_about_twice_between_two_posts(
    posted: Sequence[float], seconds: float
) -> None:
    suggested = suggest(posted)

    assert (suggested.seconds, suggested.jitter_s) == (seconds, seconds / 10)


@pytest.mark.parametrize(
    ("posted", "wait"),
    [
        (posts(10 * HOUR), 5 * HOUR),
        (posts(60), HOUR),  # the shortest
        (posts(90 * DAY), WEEK),  # the longest
        (posts(10 * HOUR, quiet=4 * DAY), 2 * DAY),  # who falls silent is looked at less
        ([], WEEK),
        ([NOW], WEEK),
    ],
)
def test_the_next_look_stays_within_its_bounds(posted: Sequence[float], wait: float) -> None:
    assert next_check(posted, BOUNDS, now=NOW) == NOW + wait


@pytest.mark.parametrize(("shortest", "longest"), [(59, DAY), (DAY, HOUR), (HOUR, 400 * DAY)])
def test_bounds_that_no_schedule_could_have_are_refused(shortest: float, longest: float) -> None:
    with pytest.raises(InvalidInput):
        Adaptive(shortest_s=shortest, longest_s=longest)
