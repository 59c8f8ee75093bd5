"""The short way of thumbnails: a gallery asks for hundreds, and each passes the same checks.

It asks the same authenticator and the same counts as the gate. Whatever is not plain goes the long
way, through the gate and the route, which says what is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatherum.accounts.model import Scope as Right
from gatherum.app import App
from gatherum.errors import GatherumError
from gatherum.library.originals import Original
from gatherum.web.gate import Gate
from gatherum.web.limits import Rate
from gatherum.web.serving_rules import is_known
from gatherum.web.serving_thumbnails import TYPE, make_thumbnail, thumbnail_headers

FRESH_S: Final = 1.0  # as long may another process have trashed or moved a media
MOST: Final = 20_000
ROUTE: Final = "/api/v1/files/{id}/thumbnail"
_PATH: Final = re.compile(r"/api/v1/files/([1-9][0-9]{0,17})/thumbnail", re.ASCII)
_QUERY: Final = re.compile(rb"size=(320|640|1280)(?:&v=([0-9a-f]{16}))?")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Found:
    """Files of media that were looked up within the last second, in this process.

    Every request that may change something empties it, before its answer goes out and when it has
    ended: what is trashed here is hidden at once.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._files: dict[int, tuple[float, Original]] = {}
        self._generation = 0

    async def get(self, app: App, media_id: int) -> Original:
        """Return the file of a media; `NotFound` as the library says."""
        known, now = self._files.get(media_id), self._now()
        if known is not None and 0 <= now - known[0] < FRESH_S:
            return known[1]
        generation = self._generation
        original = await app.originals.get(media_id)
        if generation == self._generation:  # else it may have changed since it was read
            self._files.pop(media_id, None)
            self._files[media_id] = (now, original)
            if len(self._files) > MOST:
                del self._files[next(iter(self._files))]
        return original

    def forget(self) -> None:
        """Forget all of them."""
        self._generation += 1
        self._files.clear()


@dataclass(frozen=True, slots=True)
class _Ask:
    id: int
    size: int
    revision: str | None


class Express:
    """ASGI middleware that answers for thumbnails, if it can, and lets all else pass."""

    def __init__(self, application: ASGIApp, *, app: App, gate: Gate, found: Found) -> None:
        self._application = application
        self._app = app
        self._gate = gate
        self._found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass it on."""
        if scope["type"] == "http":
            if scope["method"] not in _SAFE:
                await self._pass_change(scope, receive, send)
                return
            ask = _read(scope) if scope["method"] == "GET" else None
            if ask is not None and await self._answer(ask, scope, receive, send):
                return
        await self._application(scope, receive, send)

    async def _answer(self, ask: _Ask, scope: Scope, receive: Receive, send: Send) -> bool:
        request = Request(scope)
        try:
            if not await self._admits(request):
                return False
            original = await self._found.get(self._app, ask.id)
            if original.trashed and not request.state.caller.may(Right.LIBRARY_WRITE):
                return False
            headers = thumbnail_headers(original, ask.size, ask.revision)
            if is_known(request.headers.get("if-none-match"), headers["etag"]):
                await _send(send, 304, headers, b"")
                return True
            data = await make_thumbnail(self._app, original, ask.size, receive)
        except GatherumError:
            return False  # the long way says what is wrong
        if data is not None:
            headers["content-type"] = TYPE
            headers["content-length"] = str(len(data))
            await _send(send, 200, headers, data)
        return True

    async def _admits(self, request: Request) -> bool:
        """Do what the gate does before the route."""
        caller = await self._app.authenticator.identify(self._gate.credentials(request))
        if caller.must_enrol or not caller.may(Right.LIBRARY_READ):
            return False
        address = request.client.host if request.client else ""
        self._gate.limits.count(
            Rate.FILES, f"GET {ROUTE}", account=caller.account.id, address=address
        )
        request.state.caller = caller
        return True

    async def _pass_change(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._found.forget()
            await send(message)

        try:
            await self._application(scope, receive, send_changed)
        finally:
            self._found.forget()


def _read(scope: Scope) -> _Ask | None:
    """Return what is asked for, None if it is nothing for the short way."""
    path = _PATH.fullmatch(scope["path"])
    query = path and _QUERY.fullmatch(scope["query_string"])
    if path is None or query is None:
        return None
    revision = query[2]
    return _Ask(
        id=int(path[1]),
        size=int(query[1]),
        revision=revision.decode() if revision is not None else None,
    )


async def _send(send: Send, status: int, headers: dict[str, str], data: bytes) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": data})
