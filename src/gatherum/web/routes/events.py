"""Live events: a stream that says what has changed, and how it stands now."""

import asyncio
from typing import Annotated, Any, Final

import structlog
from fastapi import Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.model import Caller, Scope
from gatherum.db import DatabaseFault
from gatherum.db.events import Position
from gatherum.errors import DatabaseAway, InvalidInput
from gatherum.moments import moment
from gatherum.safety.wire import LINE
from gatherum.web.limits import Rate
from gatherum.web.live import Full, Live, tell
from gatherum.web.live_stream import Stream
from gatherum.web.live_things import SCOPES
from gatherum.web.routing import AppDep, CallerDep, Routes

log = structlog.get_logger()
routes = Routes("Live events")
RETRY_MS: Final = 2000  # when a browser comes back after a break
LAST_S: Final = 0.5  # for the last bytes of a stream that ends
HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
KINDS: Final = ", ".join(SCOPES)


class EventStream(Response):
    """The answer that does not end: it lasts until the client goes, may not look on, or lags behind."""

    media_type = "text/event-stream"

    def __init__(
        self,
        live: Live,
        caller: Caller,
        credentials: Credentials,
        *,
        kinds: frozenset[str],
        job: str | None,
        resume: str | None,
        now: float,
    ) -> None:
        super().__init__(headers=HEADERS)
        self._live = live
        self._who = (caller, credentials)
        self._kinds = kinds
        self._job = job
        self._resume = resume
        self._now = now

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Stream until something ends it; then nothing of it is left."""
        after, line = _position(self._resume), scope.get("extensions", {}).get(LINE, {})
        async with self._live.join(
            *self._who, kinds=self._kinds, job=self._job, after=after
        ) as stream:
            headers = [(n, v) for n, v in self.raw_headers if n != b"content-length"]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            writing = asyncio.create_task(self._write(stream, after, send))
            watching = asyncio.create_task(_gone(receive))
            stream.on_end(writing.cancel)
            watching.add_done_callback(lambda _: stream.end())
            if line:
                line["on_shutdown"](stream.end)
            try:
                await asyncio.wait([writing])
            finally:
                writing.cancel()
                watching.cancel()
                await asyncio.wait([writing, watching])
        if not writing.cancelled():
            _tell_fault(writing)
        if not stream.dropped:
            await _finish(send)
        elif line:
            line["abort"]()  # what the client has not read would be kept for it

    async def _write(self, stream: Stream, after: Position | None, send: Send) -> None:
        told = stream.since if after is None else after

        async def write(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        resumed = self._resume is not None
        hello = {"position": str(told), "now": moment(self._now), "resumed": resumed}
        await write(b"retry: %d\n%b" % (RETRY_MS, tell("hello", hello, told)))
        if resumed:
            missed = None if after is None else await self._live.missed(stream, after)
            if missed is None:
                told = stream.since
                await write(tell("reset", {"position": str(told)}, told))
            else:
                async for part in self._live.chunks(stream.view, missed):
                    await write(part.data)
                told = max(told, stream.since)
        while not stream.ended:
            chunk = await stream.take(within_s=self._live.pace.beat_s)
            if chunk is not None:
                told = chunk.position
                await write(chunk.data)
            else:
                # Nothing is queued: all that this stream shows is told, up to where the hub is.
                told = max(told, self._live.position)
                await write(b": beat\nid: %b\n\n" % str(told).encode())


@routes.add(
    "GET",
    "/events",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=(InvalidInput, Full),
    answer=EventStream,
    model=None,
)
async def get_events(  # noqa: PLR0917 - each is a part of the request
    request: Request,
    app: AppDep,
    caller: CallerDep,
    kinds: Annotated[
        str, Query(max_length=200, description=f"Only these, with commas between: {KINDS}.")
    ] = "",
    job: Annotated[
        str | None, Query(max_length=64, description="Of all jobs, only this one.")
    ] = None,
    since: Annotated[
        str | None,
        Query(max_length=64, description="Tell first what came after this `position` of `/me`."),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="Where an earlier stream broke off; goes before `since`.")
    ] = None,
) -> Response:
    """Stream what changes, as server-sent events: `hello` first, then one for each thing.

    An event's name is the kind of the thing, its data how the thing stands now, or
    `{"id": ..., "gone": true}`; its id is where to go on after a break, or in `since`. `reset`: too
    much was missed, load everything anew. `database`: it is away (`{"away": true}`), or back. What one may not see is left out. A line of comment comes at least
    every 15 seconds.
    """
    wanted = frozenset(kind for kind in kinds.split(",") if kind)
    if unknown := sorted(wanted - SCOPES.keys()):
        raise InvalidInput(f"There are no events of {unknown[0][:40]!r}: there are {KINDS}.")
    state: Any = request.app.state
    return EventStream(
        state.live,
        caller,
        state.gate.credentials(request),
        kinds=wanted,
        job=job,
        resume=since if last_event_id is None else last_event_id,
        now=app.clock.now(),
    )


def _position(text: str | None) -> Position | None:
    """Return the position that a client says it is at; None if it says none, or nonsense."""
    try:
        return None if text is None else Position.parse(text)
    except InvalidInput:
        return None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _tell_fault(writing: "asyncio.Task[None]") -> None:
    """Let a fault of ours out; a database that is away only ends the stream, to be resumed."""
    try:
        writing.result()
    except (DatabaseFault, DatabaseAway) as error:
        log.warning("stream ended", error=str(error))


async def _finish(send: Send) -> None:
    try:
        async with asyncio.timeout(LAST_S):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        return  # the client does not read: the connection is closed without
