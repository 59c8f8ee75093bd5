"""The short way of thumbnails: a gallery asks for hundreds, and each passes the same checks.

It asks the same authenticator and the same counts as the gate. Whatever is not plain goes the long
way, through the gate and the route, which says what is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Final

from fastapi import FastAPI, Request
from starlette.types import Message, Receive, Scope, Send

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.model import Caller
from gatherum.accounts.model import Scope as Right
from gatherum.app import App
from gatherum.errors import GatherumError
from gatherum.library.originals import Original
from gatherum.web.gate import Gate
from gatherum.web.limits import Rate
from gatherum.web.serving_rules import REVISION, is_known
from gatherum.web.serving_thumbnails import TYPE, make_thumbnail, thumbnail_headers

FRESH_S: Final = 2.0  # as long may another process have trashed or moved a media
MOST: Final = 20_000
ROUTE: Final = "/api/v1/files/{id}/thumbnail"
_PATH: Final = re.compile(r"/api/v1/files/([1-9][0-9]{0,17})/thumbnail", re.ASCII)
_QUERY: Final = re.compile(rb"size=(320|640|1280)(?:&v=([0-9a-f]{16}))?")
_ROUTE: Final = SimpleNamespace(path=ROUTE)
RawHeaders = tuple[tuple[bytes, bytes], ...]
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Found:
    """Files of media that were looked up within the last two seconds, in this process.

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
    cookie: str | None  # None if there is none, or something beside it
    if_none_match: str | None


class Express:
    """Answers for thumbnails, if it can."""

    def __init__(self, app: App, gate: Gate, now: Callable[[], float], *, cookie: str) -> None:
        self._app = app
        self._gate = gate
        self._found = Found(now)
        self._cookie = f"{cookie}="

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a GET; return False, with nothing sent, if it must go the long way."""
        ask = _read(scope)
        if ask is None:
            return False
        try:
            caller = await self._admit(scope, ask)
            if caller is None:
                return False
            original = await self._found.get(self._app, ask.id)
            if original.trashed and not caller.may(Right.LIBRARY_WRITE):
                return False
            etag, headers = _headers(original, ask.size, ask.revision)
            scope["route"] = _ROUTE  # what meters and the log call it
            # A line for each would drown all others in the log.
            scope.setdefault("state", {}).update(caller=caller, quiet=True)
            if is_known(ask.if_none_match, etag):
                await _send(send, 304, headers, b"")
                return True
            data = await make_thumbnail(self._app, original, ask.size, receive)
        except GatherumError:
            return False  # the long way says what is wrong
        if data is not None:
            await _send(send, 200, (*headers, *_of_body(data)), data)
        return True

    def watching(self, send: Send) -> Send:
        """Return a way to answer a change that first forgets what may not be so any more."""

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._found.forget()
            await send(message)

        return send_changed

    def forget(self) -> None:
        """Forget what was looked up."""
        self._found.forget()

    async def _admit(self, scope: Scope, ask: _Ask) -> Caller | None:
        """Do what the gate does before the route; None if it is for the gate to say no."""
        given = self._plain_cookie(ask) or self._gate.credentials(Request(scope))
        caller = await self._app.people.authenticator.identify(given)
        if caller.must_enrol or not caller.may(Right.LIBRARY_READ):
            return None
        address, _ = scope["client"] or ("", 0)
        self._gate.limits.count(
            Rate.FILES, f"GET {ROUTE}", account=caller.account.id, address=address
        )
        return caller

    def _plain_cookie(self, ask: _Ask) -> Credentials | None:
        """Return the session's cookie, if it is all that a request brings along."""
        text = ask.cookie
        if text is None or ";" in text or '"' in text or not text.startswith(self._cookie):
            return None
        return Credentials(cookie=text[len(self._cookie) :].strip())


class Web(FastAPI):
    """An application with a short way before its own."""

    express: Express | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the short way, or the long one."""
        express = self.express
        if express is None or scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif scope["method"] == "GET":
            if not await express.answer(scope, receive, send):
                await super().__call__(scope, receive, send)
        elif scope["method"] in _SAFE:
            await super().__call__(scope, receive, send)
        else:
            try:
                await super().__call__(scope, receive, express.watching(send))
            finally:
                express.forget()


def _read(scope: Scope) -> _Ask | None:
    """Return what is asked for, None if it is nothing for the short way."""
    path = _PATH.fullmatch(scope["path"])
    query = path and _QUERY.fullmatch(scope["query_string"])
    if path is None or query is None:
        return None
    cookie = if_none_match = None
    alone = True
    for name, value in scope["headers"]:
        if name == b"cookie":
            alone = alone and cookie is None
            cookie = value.decode("latin-1")
        elif name in (b"authorization", b"x-api-key"):
            alone = False
        elif name == b"if-none-match":
            if_none_match = value.decode("latin-1")
    revision = query[2]
    return _Ask(
        id=int(path[1]),
        size=int(query[1]),
        revision=revision.decode() if revision is not None else None,
        cookie=cookie if alone else None,
        if_none_match=if_none_match,
    )


def _headers(original: Original, size: int, revision: str | None) -> tuple[str, RawHeaders]:
    sent = None if original.trashed else revision
    return _encoded(original.sha256, size, sent == original.sha256[:REVISION])


@lru_cache(maxsize=4096)
def _encoded(sha256: str, size: int, kept: bool) -> tuple[str, RawHeaders]:  # noqa: FBT001
    """Return the ETag, and the headers as they go over the wire."""
    told = thumbnail_headers(sha256, size, sha256[:REVISION] if kept else None)
    return told["etag"], tuple((name.encode(), value.encode()) for name, value in told.items())


def _of_body(data: bytes) -> RawHeaders:
    return ((b"content-type", TYPE.encode()), (b"content-length", b"%d" % len(data)))


async def _send(send: Send, status: int, headers: RawHeaders, data: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
