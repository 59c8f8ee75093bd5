"""Who was let in a moment ago: so that a page full of thumbnails asks the database once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from gatherum.accounts.model import Caller

SECONDS: Final = 2.0
MOST: Final = 2048


class Recent:
    """Callers by the hash of what they brought. Invariant: nothing in it is older than 2 seconds.

    Whoever changes sessions, accounts or keys in this process calls `drop` behind the change; what
    another process changes is seen after 2 seconds at most.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._callers: OrderedDict[str, tuple[float, Caller]] = OrderedDict()
        self.generation = 0

    def find(self, key: str) -> Caller | None:
        """Return the caller who was kept under a key."""
        kept, now = self._callers.get(key), self._now()
        if kept is None or not 0 <= now - kept[0] < SECONDS:
            return None
        return kept[1] if kept[1].until is None or now < kept[1].until else None

    def keep(self, key: str, caller: Caller, *, generation: int, at: float) -> None:
        """Keep a caller whom the database was asked for at `at`, unless something changed since.

        `generation` is the one from before the database was asked.
        """
        if generation != self.generation:
            return
        self._callers[key] = (at, caller)
        self._callers.move_to_end(key)
        while len(self._callers) > MOST:
            self._callers.popitem(last=False)

    def drop(self) -> None:
        """Forget everybody."""
        self.generation += 1
        self._callers.clear()
