"""One job's way along the line: what it is to do, how far it is, and how it ended."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from gatherum.acquiring.outcome import Halt, Retry
from gatherum.errors import Silent, SourceError
from gatherum.model import KEEP, Decision, Page, Part, Post, Reason, Target, Wanted

Pages = Callable[
    [str | None], AsyncGenerator[tuple[str, Page], None]
]  # cursor -> (provider, page)s
Fetch = Callable[[Wanted], Awaitable[Part]]  # brings a claimed media into staging
Ask = Callable[[str], Awaitable[None]]  # raises what the source says of the link to a post


def keep_fetched(_wanted: Wanted, _part: Part) -> Decision:
    """Keep whatever was fetched."""
    return KEEP


async def hear_nothing(_url: str) -> None:
    """Hear nothing of a post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One job's way along the line."""

    job_id: str
    target: Target
    pages: Pages
    select: Callable[[Sequence[Post]], Sequence[Decision]]
    fetch: Fetch
    path: Callable[[Wanted, Part], str]
    check: Callable[[Wanted, Part], Decision] = keep_fetched  # sizes are known only now
    ask: Ask = hear_nothing
    chosen: str = ""  # the filter, as text: each has its own way through the target
    tracked: bool = True  # whether it counts how far the target was listed before
    from_top: bool = True  # begin with what is newest
    back: bool = True  # go back to the end, where an earlier listing left off
    limit: int | None = None  # media at most
    posts: int | None = None  # posts on the way to the end: a slice of a back-fill
    subscription: int | None = None  # whose sync it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an acquisition ended; `later` is set if it should go on after so many seconds.

    `begun` is false if it only waited for its turn at a login.
    """

    reason: Reason | None = None
    detail: str | None = None
    later: float | None = None
    begun: bool = True


@dataclass(slots=True)
class Run:
    """The state of one acquisition while it runs."""

    plan: Acquisition
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # there is something to fetch
    room: asyncio.Event = field(default_factory=asyncio.Event)  # there is room to list more
    claimed: deque[Wanted] = field(default_factory=deque)
    held: set[int] = field(default_factory=set)
    waiting: int = 0  # recorded and not claimed yet, as far as this run knows
    posts: int = 0  # listed so far
    shown: list[Page] = field(default_factory=list)  # from the top down to what is known
    taken: int = 0  # media that the limit has let through
    stale: set[str] = field(default_factory=set)  # media whose address has expired
    stale_posts: set[str] = field(default_factory=set)  # whose they are
    stale_since: float = 0.0
    renewing: bool = False  # a second listing is under way, which may need what the first one holds
    addresses: dict[str, str] = field(default_factory=dict)  # by a new extraction; '' if left out
    renewed: float = field(default_factory=time.monotonic)
    silent: dict[str, Silent] = field(default_factory=dict)  # hosts that this job asks no more
    waits: Retry | None = None  # why the last media waits
    listed: bool = False
    trouble: SourceError | None = None  # of the listing
    halt: Halt | None = None
    dry_until: float = 0.0  # when to ask again for work, where the last look found too little
    ended: list[asyncio.Task[None]] = field(default_factory=list)

    def end(self, task: asyncio.Task[None]) -> None:
        """Note that a media came to its outcome, or to its next try."""
        self.ended.append(task)
        self.wake.set()
