"""One connection of HTTP/1.1: strict about its form, with an end to all that a client may delay."""

import asyncio
from asyncio.events import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

LINGER_S: Final = 2.0  # a refused client may read its answer so long before the line is cut
LONGEST_URL: Final = 8 * 1024
LOOSE: Final = 64 * 1024  # bytes around a body's pieces that nobody counts

LINE: Final = "gatherum.line"  # the extension of the ASGI scope, see `Connection.on_message_begin`

Refuse = Callable[[int], bytes]  # the whole answer to what is no request of ours, by status


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a client may take: time, bytes and connections."""

    head_s: float = 10.0  # for a whole head, from its first byte or the connection's begin
    idle_s: float = 75.0  # between two requests
    unread_s: float = 60.0  # with an answer that the client does not read
    head_bytes: int = 32 * 1024
    headers: int = 100
    connections: int = 1000


@dataclass(slots=True)
class House:
    """All connections of a server. When it is full, who has sent no whole request gives way."""

    patience: Patience
    refuse: Refuse
    waiting: "dict[Connection, None]" = field(default_factory=dict)  # for a head, longest first
    sending: "dict[Connection, None]" = field(default_factory=dict)  # a body, longest first
    inside: "set[Connection]" = field(default_factory=set)

    def enter(self, connection: "Connection") -> bool:
        """Take a connection in; False: there is no room, for everybody inside is being answered."""
        if len(self.inside) >= self.patience.connections:
            oldest = next(iter(self.waiting or self.sending), None)
            if oldest is None:
                return False
            self.leave(oldest)
            oldest.transport.abort()
        self.inside.add(connection)
        return True

    def leave(self, connection: "Connection") -> None:
        """Forget a connection."""
        self.inside.discard(connection)
        self.waiting.pop(connection, None)
        self.sending.pop(connection, None)

    def note(self, connection: "Connection", *, waits: bool, sends: bool) -> None:
        """Note what a connection is at; how long counts from the first time it is noted."""
        for told, where in ((waits, self.waiting), (sends, self.sending)):
            if not told:
                where.pop(connection, None)
            elif connection in self.inside:
                where.setdefault(connection)


class Connection(HttpToolsProtocol):
    """Uvicorn's protocol, with deadlines, limits and a closed form of requests.

    Nothing reaches the application before its head is whole and in form; there is one deadline for
    the head, however it drips. What is refused here gets an answer of `House.refuse`.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        house: House,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.timeout_keep_alive = house.patience.idle_s  # type: ignore[assignment]  # any number does
        self._house = house
        self._patience = house.patience
        self._deadline: TimerHandle | None = None  # of the head
        self._unread: TimerHandle | None = None
        self._in_head = True
        self._raw = 0  # bytes since the head, or the body, began
        self._body = 0  # of those, what came out as body
        self._last_calls: list[Callable[[], None]] = []  # of answers without an end
        self._status = 400  # what the parser's refusal is answered with
        self._deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, or say that there is no room."""
        super().connection_made(transport)
        if not self._house.enter(self):
            self._refuse(503)
            return
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._house.leave(self)
        self._cancel_deadline()
        self._read_again()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and see that the client keeps within bounds."""
        if self._deaf or self.transport.is_closing():
            return
        self._raw += len(data)
        super().data_received(data)
        if self._deaf or self.transport.is_closing():
            return
        if self._in_head and self._raw > self._patience.head_bytes:
            self._refuse(431)
        elif not self._in_head and self._raw - self._body > LOOSE + 8 * self._body:
            self._refuse(400)  # pieces of nothing, or a trailer without an end
        else:
            self._settle()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what the parser, or one of our own checks, refuses."""
        self._refuse(self._status)

    def on_message_begin(self) -> None:
        """Begin a request. An answer without an end may ask for a last call, and cut the line."""
        super().on_message_begin()
        self.scope["extensions"] = {
            LINE: {"abort": self.transport.abort, "on_shutdown": self._last_calls.append}
        }

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the head. What comes behind the body is not taken."""
        if not self._in_head:
            return
        if len(self.headers) >= self._patience.headers:
            self._object(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the form of a head before the application sees it."""
        self._check_form()
        self._in_head, self._raw, self._body = False, 0, 0
        self._cancel_deadline()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what follows is in no language of ours

    def on_body(self, body: bytes) -> None:
        """Count what comes out as body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to wait for the next head."""
        self._in_head, self._raw = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait, if no other request is there already."""
        self._last_calls.clear()
        super().on_response_complete()
        self._settle()

    def shutdown(self) -> None:
        """Let the answer that is under way be the last one, and one without an end come to it."""
        super().shutdown()
        for call in tuple(self._last_calls):
            call()

    def pause_writing(self) -> None:
        """Give a client that does not read its answer some time."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self._patience.unread_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._read_again()
        super().resume_writing()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _settle(self) -> None:
        """Keep the books: what we wait for, and until when."""
        if self.transport.is_closing():
            return
        idle = self._is_idle
        self._house.note(self, waits=idle, sends=not idle and self.cycle.more_body)
        begun = self._raw > 0 or self.cycle is None
        # Never begun anew: a head, or empty lines before it, may drip as they like.
        if idle and begun and self._deadline is None:
            self._deadline = self.loop.call_later(self._patience.head_s, self._too_slow)

    def _check_form(self) -> None:
        """Refuse what two readers might understand in two ways."""
        names = [name for name, _ in self.headers]
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._object(405)
        if len(self.url) > LONGEST_URL:
            self._object(414)
        if len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers) > (
            self._patience.head_bytes
        ):
            self._object(431)
        if not self.url.startswith(b"/") or self.url.startswith(b"//"):
            self._object(400)
        if self.parser.get_http_version() not in ("1.0", "1.1") or names.count(b"host") != 1:
            self._object(400)
        codings = [value.strip().lower() for n, value in self.headers if n == b"transfer-encoding"]
        if codings and (
            codings != [b"chunked"]
            or b"content-length" in names
            or self.parser.get_http_version() == "1.0"
        ):
            self._object(400)
        if names.count(b"content-length") > 1:
            self._object(400)

    def _object(self, status: int) -> None:
        self._status = status
        raise ValueError  # the parser stops, and calls it a fault of the request

    def _too_slow(self) -> None:
        self._deadline = None
        if self._raw:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if not self._is_idle:
            self.transport.abort()  # an answer is under way: a second one would be read as its rest
            return
        self._deaf = True
        self._cancel_deadline()
        self._unset_keepalive_if_required()
        self.transport.write(self._house.refuse(status))
        # To close at once would throw away what the client sends still, and with it our answer.
        self.transport.write_eof()
        self._deadline = self.loop.call_later(LINGER_S, self.transport.abort)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _read_again(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
