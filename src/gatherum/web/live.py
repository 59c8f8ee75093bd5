"""What changes, told to those who look on: one reader of events for all streams of a process."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from gatherum.accounts.authenticator import Authenticator, Credentials
from gatherum.accounts.model import Caller
from gatherum.app import App
from gatherum.db import DatabaseFault
from gatherum.db.events import Event, Events, Position
from gatherum.errors import DatabaseAway, NotSignedIn, StorageError, TooManyRequests
from gatherum.safety.serving import allow_connections
from gatherum.web.answers import encode
from gatherum.web.live_stream import Chunk, Frame, Stream, View, view_for
from gatherum.web.live_things import ACCESS, SCOPES, Thing, Things
from gatherum.web.site import Site

log = structlog.get_logger()
Load = Callable[[str, Sequence[str]], Awaitable[Mapping[str, Thing]]]
BITE: Final = 250  # events told in one piece
CATCH_UP: Final = 5000  # missed events; who missed more reloads
FULL_S: Final = 30.0  # until it is worth while to ask again for a place


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often is looked, and for how many."""

    poll_s: float = 0.25
    check_s: float = 30.0  # whether who looks on still may
    beat_s: float = 15.0
    streams: int = 2000
    of_account: int = 20


class Full(TooManyRequests):
    """There are as many streams as this process serves."""


class Live:
    """The hub of a process. It reads events while there are streams, and not otherwise."""

    def __init__(
        self, events: Events, authenticator: Authenticator, load: Load, pace: Pace | None = None
    ) -> None:
        self.pace = pace or Pace()
        self.position = Position()  # all streams have been offered what came up to here
        self._events = events
        self._authenticator = authenticator
        self._load = load
        self._away = False  # what was told last of the database
        self._streams: set[Stream] = set()
        self._of_account: Counter[int] = Counter()
        self._joining = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def count(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    @property
    def is_reading(self) -> bool:
        """Whether events are being read."""
        return bool(self._tasks)

    async def newest(self) -> Position:
        """Return a position from which a stream may be asked for; what is read later is as it was there, or newer."""
        return self.position if self.is_reading else await self._events.newest()

    @asynccontextmanager
    async def join(
        self,
        caller: Caller,
        credentials: Credentials,
        *,
        kinds: frozenset[str] = frozenset(),
        job: str | None = None,
        after: Position | None = None,
    ) -> AsyncGenerator[Stream]:
        """Offer a stream of what changes from now on, while the context lasts.

        Raises `TooManyRequests` for one stream too many of an account, `Full` for one too many at all.
        """
        async with self._joining:
            self._check_room(caller)
            if not self._tasks:
                self.position, self._away = await self._events.newest(), False
                loops = (self._keep_reading(), self._keep_checking())
                self._tasks = [asyncio.create_task(loop) for loop in loops]
                for task in self._tasks:
                    task.add_done_callback(self._see_end)
            behind = after if after is not None and after > self.position else None
            view = view_for(caller, kinds=kinds, job=job, behind=behind)
            stream = Stream(caller, credentials, view, since=self.position)
            self._streams.add(stream)
            self._of_account[caller.account.id] += 1
        try:
            yield stream
        finally:
            self._leave(stream)

    async def missed(self, stream: Stream, after: Position) -> list[Event] | None:
        """Return what a client at `after` has missed before its stream began; None if not known."""
        span = await self._events.span()
        if not span.oldest <= after <= span.newest:
            return None
        events: list[Event] = []
        while after < stream.since:
            page = await self._events.after(after)
            events += (event for event in page if event.position <= stream.since)
            if len(events) > CATCH_UP:
                return None
            if not page:
                break
            after = page[-1].position
        return events

    async def chunks(self, view: View, events: Iterable[Event]) -> AsyncGenerator[Chunk]:
        """Yield what a view shows of events, as the things stand now."""
        latest = list(_latest(events).items())
        for start in range(0, len(latest), BITE):
            chunk = view.cut(await self._frames(dict(latest[start : start + BITE])))
            if chunk is not None:
                yield chunk

    def close(self) -> None:
        """End all streams."""
        for stream in tuple(self._streams):
            stream.end()

    def _check_room(self, caller: Caller) -> None:
        if self._of_account[caller.account.id] >= self.pace.of_account:
            raise TooManyRequests(
                "Your account has as many streams of events open as it may.", retry_after=FULL_S
            )
        if len(self._streams) >= self.pace.streams:
            raise Full("As many streams of events are open as there may be.", retry_after=FULL_S)

    def _leave(self, stream: Stream) -> None:
        stream.end()
        self._streams.discard(stream)
        account = stream.caller.account.id
        self._of_account[account] -= 1
        if not self._of_account[account]:
            del self._of_account[account]
        if not self._streams:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(self.pace.poll_s)
            try:
                while await self._read_once():
                    pass
                self._tell_presence(away=False)
            except DatabaseAway:
                self._tell_presence(away=True)
            except (
                DatabaseFault,
                StorageError,
            ) as error:  # it is read from the same position when it is back
                log.warning("events not read", error=str(error))

    def _tell_presence(self, *, away: bool) -> None:
        """Tell all streams that the database went away, or came back; once each."""
        if away == self._away:
            return
        self._away = away
        data = tell("database", {"away": away}, self.position)
        for stream in tuple(self._streams):
            stream.offer(Chunk(position=self.position, frames=1, data=data))

    def _see_end(self, task: asyncio.Task[None]) -> None:
        """Let no stream hang on a hub that has a fault: those who look on come back."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("events not told", exc_info=error)
            self.close()

    async def _read_once(self) -> bool:
        """Tell a bite of what has changed; return whether there may be more."""
        events = await self._events.after(self.position, limit=BITE)
        if not events:
            return False
        latest = _latest(events)
        frames = await self._frames(latest)
        # From here on nothing waits: a stream that joins stands before all of this, or behind it.
        self.position = events[-1].position
        chunks: dict[View, Chunk | None] = {}
        for stream in tuple(self._streams):
            if stream.view not in chunks:
                chunks[stream.view] = stream.view.cut(frames)
            if (chunk := chunks[stream.view]) is not None:
                stream.offer(chunk)
        if accounts := {int(ref) for kind, ref in latest if kind == ACCESS}:
            self._authenticator.forget()
            await self._check([one for one in self._streams if one.caller.account.id in accounts])
        return len(events) == BITE

    async def _frames(self, latest: Mapping[tuple[str, str], Position]) -> list[Frame]:
        """Return what is told of things, in the order of their positions."""
        refs: dict[str, list[str]] = {}
        for kind, ref in latest:
            if kind in SCOPES:
                refs.setdefault(kind, []).append(ref)
        things = {kind: await self._load(kind, of_kind) for kind, of_kind in refs.items()}
        return [
            _frame(position, kind, ref, things[kind][ref])
            for (kind, ref), position in latest.items()
            if kind in things
        ]

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self.pace.check_s)
            await self._check(self._streams)

    async def _check(self, streams: Iterable[Stream]) -> None:
        """End the streams of those who may not look on any more, or not at the same things."""
        by_credentials: dict[Credentials, list[Stream]] = {}
        for stream in streams:
            by_credentials.setdefault(stream.credentials, []).append(stream)
        for credentials, theirs in by_credentials.items():
            try:
                caller = await self._identify(credentials)
            except StorageError as error:
                log.warning("streams not checked", error=str(error))
                return
            for stream in theirs:
                if caller is None or not _is_same(caller, stream.caller):
                    stream.end()

    async def _identify(self, credentials: Credentials) -> Caller | None:
        try:
            return await self._authenticator.identify(credentials)
        except NotSignedIn:
            return None


def make_live(app: App, site: Site, pace: Pace | None = None) -> Live:
    """Return the hub over an opened program."""
    if pace is None:  # most connections are for requests that come to an end
        pace = Pace(streams=min(Pace.streams, allow_connections() // 2))
    things = Things(app, files=f"{site.base_path}/api/v1/files")
    return Live(Events(app.database), app.people.authenticator, things.load, pace)


def _latest(events: Iterable[Event]) -> dict[tuple[str, str], Position]:
    """Return each thing that has changed with its last event, in the order of those."""
    latest: dict[tuple[str, str], Position] = {}
    for event in events:
        latest.pop((event.kind, event.ref), None)
        latest[event.kind, event.ref] = event.position
    return latest


def _frame(position: Position, kind: str, ref: str, thing: Thing) -> Frame:
    data = tell(kind, thing.value, position)
    return Frame(
        position=position,
        kind=kind,
        ref=ref,
        account=thing.account,
        data=data,
        outside=data if thing.outside is None else tell(kind, thing.outside, position),
    )


def tell(kind: str, value: object, position: Position) -> bytes:
    """Return an event in the form of a stream; JSON has no line break in it."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        str(position).encode(),
        kind.encode(),
        encode(value),
    )


def _is_same(caller: Caller, before: Caller) -> bool:
    return (
        not caller.must_enrol
        and caller.account.id == before.account.id
        and caller.account.role == before.account.role
        and caller.scopes == before.scopes
    )
