"""One client's stream of events: what it wants, and what it is still to be sent."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.model import Caller, Role, Scope
from gatherum.db.events import Position
from gatherum.web.live_things import SCOPES

MOST_FRAMES: Final = 1000
MOST_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An event as it is sent. `account` is whose thing it tells of, where it is somebody's.

    `outside` is what is sent to who cannot change the library.
    """

    position: Position
    kind: str
    ref: str
    account: int | None
    data: bytes
    outside: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Frames that are sent in one piece; the client stands at `position` then."""

    position: Position
    frames: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a stream shows. Streams of equal views get the very same chunks.

    `behind`: what stands there or before it has been sent already, by another process.
    """

    kinds: frozenset[str]
    job: str | None
    account: int
    everyone: bool  # an administrator sees the decisions of all
    inside: bool  # may change the library
    behind: Position | None = None

    def shows(self, frame: Frame) -> bool:
        """Return whether a stream of this view is told."""
        if frame.kind not in self.kinds:
            return False
        if self.behind is not None and frame.position <= self.behind:
            return False
        if frame.kind == "job" and self.job is not None:
            return frame.ref == self.job
        return frame.kind != "decision" or self.everyone or frame.account == self.account

    def cut(self, frames: Sequence[Frame]) -> Chunk | None:
        """Return those of `frames` that are shown, in one piece."""
        shown = [frame for frame in frames if self.shows(frame)]
        if not shown:
            return None
        data = b"".join(frame.data if self.inside else frame.outside for frame in shown)
        return Chunk(position=shown[-1].position, frames=len(shown), data=data)


def view_for(
    caller: Caller, *, kinds: frozenset[str], job: str | None, behind: Position | None
) -> View:
    """Return what a caller sees of what they wish to see; no kinds are all kinds."""
    allowed = frozenset(kind for kind, scope in SCOPES.items() if caller.may(scope))
    return View(
        kinds=allowed & kinds if kinds else allowed,
        job=job,
        account=caller.account.id,
        everyone=caller.account.role is Role.ADMIN,
        inside=caller.may(Scope.LIBRARY_WRITE),
        behind=behind,
    )


class Stream:
    """A queue with an end: a client that does not keep up is dropped, and comes back later."""

    def __init__(
        self, caller: Caller, credentials: Credentials, view: View, *, since: Position
    ) -> None:
        self.caller = caller
        self.credentials = credentials
        self.view = view
        self.since = since  # what came up to here is not in the queue
        self.ended = False
        self.dropped = False
        self._chunks: deque[Chunk] = deque()
        self._frames = 0
        self._bytes = 0
        self._wake = asyncio.Event()
        self._on_end: list[Callable[[], object]] = []

    def on_end(self, callback: Callable[[], object]) -> None:
        """Call back when the stream ends, for whatever reason; at once if it has ended."""
        if self.ended:
            callback()
        else:
            self._on_end.append(callback)

    def offer(self, chunk: Chunk) -> None:
        """Queue a chunk; too much of what is not taken ends the stream."""
        if self.ended:
            return
        self._frames += chunk.frames
        self._bytes += len(chunk.data)
        if self._chunks and (self._frames > MOST_FRAMES or self._bytes > MOST_BYTES):
            self.dropped = True
            self.end()
            return
        self._chunks.append(chunk)
        self._wake.set()

    async def take(self, *, within_s: float) -> Chunk | None:
        """Return the next chunk; None if the stream has ended, or nothing came in time."""
        if not self._chunks and not self.ended:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._wake.wait()
        if not self._chunks:  # looked at anew: a chunk may come while the time runs out
            return None
        chunk = self._chunks.popleft()
        self._frames -= chunk.frames
        self._bytes -= len(chunk.data)
        return chunk

    def end(self) -> None:
        """End the stream and let go of all that was queued. To end it twice does no harm."""
        if self.ended:
            return
        self.ended = True
        self._chunks.clear()
        self._wake.set()
        for callback in self._on_end:
            callback()
        self._on_end.clear()
