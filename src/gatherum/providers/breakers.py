"""Circuit breakers: a provider that keeps failing is left alone for a while, then tried once."""

from collections import OrderedDict
from dataclasses import dataclass

from gatherum.errors import RateLimited, SourceError, Unavailable, UnexpectedResponse, Withheld
from gatherum.model import Target
from gatherum.ports import Clock
from gatherum.providers import Provider

FAILURES = 5  # in a row, until a provider is left alone
REST = 300.0  # seconds of the first rest; each next one in a row is twice as long
LONGEST_REST = 3600.0
MOST = 5000  # circuits kept; those unused for longest go first


@dataclass(slots=True)
class _Circuit:
    in_a_row: int = 0
    rests: int = 0
    retry_at: float | None = None
    trial: bool = False
    told: str = ""  # by the last failure


class Breakers:
    """The circuits of this process, one per provider, feed and host.

    The host is there because on a platform of many hosts one broken host says nothing of the rest.
    Only failures that may be the provider's own are counted: a private account or a dead link
    says nothing of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._circuits: OrderedDict[tuple[str, str, str], _Circuit] = OrderedDict()

    def admit(self, provider: Provider, target: Target) -> bool:
        """Return whether the provider may be tried now; of a half-open circuit only one try is.

        Each admitted try must be settled.
        """
        circuit = self._circuit(provider, target)
        if circuit.retry_at is None:
            return True
        if circuit.trial or self._clock.now() < circuit.retry_at:
            return False
        circuit.trial = True
        return True

    def answered(self, provider: Provider, target: Target) -> None:
        """Note the first page of a try: others need not wait for its end."""
        circuit = self._circuit(provider, target)
        circuit.trial = False
        circuit.retry_at = None

    def settle(
        self, provider: Provider, target: Target, *, shown: bool, failure: SourceError | None
    ) -> None:
        """Note how a try ended; one that showed nothing and did not fail was given up."""
        circuit = self._circuit(provider, target)
        circuit.trial = False
        if failure is None:
            if shown:
                circuit.in_a_row = circuit.rests = 0
                circuit.retry_at = None
        elif is_its_own(failure):
            circuit.in_a_row += 1
            circuit.told = str(failure)
            if circuit.in_a_row >= FAILURES:  # still so if the one try on trial has failed
                rest = min(REST * 2**circuit.rests, LONGEST_REST)
                circuit.retry_at = self._clock.now() + rest
                circuit.rests += 1

    def resting_until(self, provider: Provider, target: Target) -> float | None:
        """Return when the next try is let through, if the provider is left alone."""
        return self._circuit(provider, target).retry_at

    def why(self, provider: Provider, target: Target) -> Unavailable:
        """Return why a provider is left alone: what it failed with last, and that it rests."""
        told = self._circuit(provider, target).told
        return Unavailable(
            f"{provider.name} has failed too often of late, it rests for a while. It said last: {told}"
        )

    def _circuit(self, provider: Provider, target: Target) -> _Circuit:
        key = (provider.name, provider.feed, target.host)
        circuit = self._circuits.setdefault(key, _Circuit())
        self._circuits.move_to_end(key)
        while len(self._circuits) > MOST:
            self._circuits.popitem(last=False)
        return circuit


def is_its_own(failure: SourceError) -> bool:
    """Return whether a failure may be the provider's: a dead link or a private account says nothing of it."""
    if isinstance(failure, RateLimited | Withheld):
        return False
    return isinstance(failure, Unavailable | UnexpectedResponse)
