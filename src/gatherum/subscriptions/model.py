"""What a subscription is, as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gatherum.errors import InvalidInput
from gatherum.jobs.scheduler import LONGEST_S, SHORTEST_S, Timing
from gatherum.model import Reason, Target
from gatherum.ports import Json
from gatherum.query.filter import Filter

EVERYTHING = Filter()
NOTHING: Mapping[str, Json] = MappingProxyType({})
PASSING = (Reason.RATE_LIMITED, Reason.DISK_FULL, Reason.CANCELLED)  # nobody has to do anything


class Health(StrEnum):
    """How a subscription does."""

    OK = "ok"
    RESTING = "resting"  # paused, or held up by what passes by itself
    FAILING = "failing"  # its last sync did not end well


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptive:
    """Bounds, in seconds, within which the interval follows the speed of posting."""

    shortest_s: float
    longest_s: float

    def __post_init__(self) -> None:
        """Refuse bounds that no schedule could have."""
        if not SHORTEST_S <= self.shortest_s <= self.longest_s <= LONGEST_S:
            raise InvalidInput(
                "Adaptive checking needs a shortest and a longest interval, from a minute to a year."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it stands. `version` counts what people have changed."""

    id: int
    target: Target
    title: str
    filter: Filter
    limit: int | None  # posts a back-fill goes back at most
    options: Mapping[str, Json]
    timing: Timing
    paused: bool
    next_at: float
    created_at: float
    synced_at: float | None  # the last sync that ended well
    checked_at: float | None  # the last sync, however it ended
    reason: Reason | None  # why the last sync did not end well
    detail: str | None
    backfill_done: bool
    version: int

    @property
    def selection(self) -> str:
        """What is taken, as text: a listing for another one looks at everything anew."""
        return str(self.filter) if self.limit is None else f"{self.filter} limit:{self.limit}"

    @property
    def login(self) -> int | None:
        """The login that it is checked with."""
        chosen = self.options.get("login")
        return chosen if isinstance(chosen, int) else None

    @property
    def adaptive(self) -> Adaptive | None:
        """The bounds of its interval, if that follows the speed of posting."""
        chosen = self.options.get("adaptive")
        if not isinstance(chosen, Mapping):
            return None
        return Adaptive(
            shortest_s=float(str(chosen["shortest_s"])), longest_s=float(str(chosen["longest_s"]))
        )

    @property
    def health(self) -> Health:
        """How it does."""
        if self.paused or self.reason in PASSING:
            return Health.RESTING
        return Health.OK if self.reason is None else Health.FAILING


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionQuery:
    """Which subscriptions; what is None is not asked for."""

    platform: str | None = None
    paused: bool | None = None
    failing: bool | None = None
    reasons: tuple[Reason, ...] | None = None  # why the last sync did not end well
    text: str | None = None  # somewhere in the title or the link


def options_of(*, login: int | None, adaptive: Adaptive | None) -> dict[str, Json]:
    """Return the options of a subscription in the form in which they are kept."""
    options: dict[str, Json] = {}
    if login is not None:
        options["login"] = login
    if adaptive is not None:
        bounds = {"shortest_s": adaptive.shortest_s, "longest_s": adaptive.longest_s}
        options["adaptive"] = bounds
    return options
