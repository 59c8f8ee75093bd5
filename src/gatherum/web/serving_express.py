"""The short way of thumbnails: a gallery asks for hundreds, and each passes the same checks.

Who was let through the gate a moment ago, and what was found a moment ago, is not asked for again.
Whatever is not plain goes the long way, through the gate and the route, which says what is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatherum.accounts.model import Caller
from gatherum.accounts.model import Scope as Right
from gatherum.app import App
from gatherum.errors import GatherumError
from gatherum.library.originals import Original
from gatherum.web.limits import Rate
from gatherum.web.serving_rules import is_known
from gatherum.web.serving_thumbnails import TYPE, make_thumbnail, thumbnail_headers

FRESH_S: Final = 1.0  # as long may another process have ended a session, or trashed a media
MOST_CALLERS: Final = 1_000
MOST_FILES: Final = 20_000
LONGEST: Final = 4_096  # bytes of what a caller brings along
A_MINUTE: Final = int(Rate.FILES.partition("/")[0])
_PATH: Final = re.compile(r"/api/v1/files/([1-9][0-9]{0,17})/thumbnail", re.ASCII)
_QUERY: Final = re.compile(rb"size=(320|640|1280)(?:&v=([0-9a-f]{16}))?")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MARK: Final = "gatherum.express"
Key = tuple[bytes, bytes, bytes]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Ask:
    id: int
    size: int
    revision: str | None
    key: Key
    if_none_match: str | None


class Recent:
    """What was checked within the last second, in this process.

    Every request that may change something empties it, before its answer goes out and when it has
    ended; so what ends here, ends at once.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._age = 0  # how often it was emptied
        self._callers: dict[Key, tuple[Caller, float]] = {}
        self._files: dict[int, tuple[Original, float]] = {}
        self._counts: dict[int, tuple[float, int]] = {}  # by account: a minute, and how often

    @property
    def age(self) -> int:
        """Return a number that is another one after anything was forgotten."""
        return self._age

    def forget(self) -> None:
        """Forget who was let through, and what was found."""
        self._age += 1
        self._callers.clear()
        self._files.clear()

    def find_caller(self, key: Key) -> Caller | None:
        """Return who brings these credentials, and count it; None if the gate must be asked."""
        known = self._callers.get(key)
        now = self._now()
        if known is None or known[1] <= now:
            return None
        account = known[0].account.id
        minute, count = self._counts.get(account, (now, 0))
        if minute + 60.0 <= now:
            minute, count = now, 0
        if count >= A_MINUTE:
            return None
        self._counts[account] = (minute, count + 1)
        return known[0]

    def keep_caller(self, key: Key, caller: Caller, age: int) -> None:
        """Remember who was let through; not if anything was forgotten since `age`."""
        if age == self._age and sum(map(len, key)) <= LONGEST:
            _put(self._callers, key, (caller, self._now() + FRESH_S), MOST_CALLERS)
            if len(self._counts) > MOST_CALLERS:
                self._counts.clear()

    def find_file(self, media_id: int) -> Original | None:
        """Return the file of a media."""
        known = self._files.get(media_id)
        return known[0] if known is not None and known[1] > self._now() else None

    def keep_file(self, media_id: int, original: Original, age: int) -> None:
        """Remember a file; not if anything was forgotten since `age`."""
        if age == self._age:
            _put(self._files, media_id, (original, self._now() + FRESH_S), MOST_FILES)


class Express:
    """ASGI middleware that answers for thumbnails, if it can, and lets all else pass."""

    def __init__(self, application: ASGIApp, *, app: App, recent: Recent) -> None:
        self._application = application
        self._app = app
        self._recent = recent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass it on."""
        if scope["type"] == "http":
            if scope["method"] == "GET":
                ask = _read(scope)
                if ask is not None and await self._answer(ask, scope, receive, send):
                    return
            elif scope["method"] not in _SAFE:
                await self._pass_change(scope, receive, send)
                return
        await self._application(scope, receive, send)

    async def _answer(self, ask: _Ask, scope: Scope, receive: Receive, send: Send) -> bool:
        age = self._recent.age
        caller = self._recent.find_caller(ask.key)
        if caller is None:
            scope[_MARK] = (self._recent, ask.key, age)
            return False
        try:
            original = self._recent.find_file(ask.id)
            if original is None:
                original = await self._app.originals.get(ask.id)
                self._recent.keep_file(ask.id, original, age)
            if original.trashed and Right.LIBRARY_WRITE not in caller.scopes:
                return False
            headers = thumbnail_headers(original, ask.size, ask.revision)
            if is_known(ask.if_none_match, headers["etag"]):
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

    async def _pass_change(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._recent.forget()
            await send(message)

        try:
            await self._application(scope, receive, send_changed)
        finally:
            self._recent.forget()


def remember(request: Request, caller: Caller) -> None:
    """Let who has passed the gate for thumbnails take the short way for a moment."""
    mark = request.scope.get(_MARK)
    if mark is not None:
        recent, key, age = mark
        recent.keep_caller(key, caller, age)


def _read(scope: Scope) -> _Ask | None:
    """Return what is asked for, None if it is nothing for the short way."""
    path = _PATH.fullmatch(get_route_path(scope))
    if path is None:
        return None
    query = _QUERY.fullmatch(scope["query_string"])
    if query is None:
        return None
    cookie = bearer = key = b""
    if_none_match: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"cookie":
            if cookie:  # which one counts is not for us to say
                return None
            cookie = value
        elif name == b"authorization":
            bearer = value
        elif name == b"x-api-key":
            key = value
        elif name == b"if-none-match":
            if_none_match = value
    revision = query[2]
    return _Ask(
        id=int(path[1]),
        size=int(query[1]),
        revision=revision.decode() if revision is not None else None,
        key=(cookie, bearer, key),
        if_none_match=if_none_match.decode("latin-1") if if_none_match is not None else None,
    )


async def _send(send: Send, status: int, headers: dict[str, str], data: bytes) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": data})


def _put(entries: dict[K, V], key: K, value: V, most: int) -> None:
    entries.pop(key, None)
    entries[key] = value
    if len(entries) > most:
        del entries[next(iter(entries))]
