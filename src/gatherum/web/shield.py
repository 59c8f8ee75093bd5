"""The shield round the whole application: whatever answers, it answers behind these rules."""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog
from fastapi import FastAPI

from gatherum.db.presence import patience
from gatherum.web.answers import encode
from gatherum.web.bodies import BodyReader, Message, Receive, Refusal, intake_of
from gatherum.web.errors import PROBLEM, Problem
from gatherum.web.headers import Headers, completed, headers_of
from gatherum.web.requests import client_of, find_refusal, scheme_of
from gatherum.web.site import Site

log = structlog.get_logger()

Scope = MutableMapping[str, Any]  # by the ASGI protocol, as are the next two
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Observe = Callable[[str, str, int, float], None]  # method, route, status, seconds
PATIENCE_S: Final = 2.0  # how long a request waits for a database that is away

CRASHED: Final = Refusal(
    500, "Something went wrong here", "Something went wrong inside Gatherum; the log knows more."
)
RAW: Final = {
    400: ("Bad Request", "Not understood"),
    405: ("Method Not Allowed", "This address does not do that"),
    408: ("Request Timeout", "Too slow"),
    414: ("URI Too Long", "The address is too long"),
    431: ("Request Header Fields Too Large", "The head is too large"),
    503: ("Service Unavailable", "All places are taken"),
}


def shielded(application: FastAPI, site: Site) -> "Shield":
    """Return the application behind the shield, which lets its meters count the answers."""
    return Shield(application, site, application.state.meters.observe)


class Shield:
    """An ASGI application round another one. Nothing is answered but through it.

    Every answer has the headers of security and an id of ours; what comes from another site, under
    another name, in another form or too slowly never reaches a route; an unexpected error is told
    under an id and nothing else.
    """

    def __init__(self, application: Application, site: Site, observe: Observe) -> None:
        self._application = application
        self._observe = observe
        self._site = site
        self._headers = headers_of(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1008})  # there are none here
            case _:
                await self._application(scope, receive, send)

    def refuse(self, status: int) -> bytes:
        """Return the whole answer to what never becomes a request."""
        phrase, title = RAW[status]
        number = secrets.token_hex(8)
        body = _problem(Refusal(status, title, f"{title}."), number)
        head = completed(
            (
                (b"content-type", PROBLEM.encode()),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                (b"x-request-id", number.encode()),
            ),
            self._headers,
            api=True,
        )
        log.info("request_refused", status=status, request=number)
        lines = b"".join(b"%s: %s\r\n" % each for each in head)
        return f"HTTP/1.1 {status} {phrase}\r\n".encode() + lines + b"\r\n" + body

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        number = secrets.token_hex(8)
        self._settle(scope)
        raw = scope["headers"]
        body = BodyReader(receive, dict(raw), intake_of(scope["method"], scope["path"]))
        answer = Answer(send, body, self._headers, scope, number)
        refusal = (
            find_refusal(scope["method"], scope["path"], scope["query_string"], raw, self._site)
            or body.refusal
        )
        bound = structlog.contextvars.bind_contextvars(request=number)
        try:
            if refusal is not None:
                await answer.refuse(refusal)
            else:
                with patience(PATIENCE_S):
                    await self._attempt(scope, body, answer)
        finally:
            seconds = time.perf_counter() - begun
            _log(scope, answer, seconds)
            route = getattr(scope.get("route"), "path", "")
            self._observe(scope["method"], route, answer.status, seconds)
            structlog.contextvars.reset_contextvars(**bound)

    async def _attempt(self, scope: Scope, body: BodyReader, answer: "Answer") -> None:
        try:
            await self._application(scope, body.receive, answer.send)
        except Exception:  # the last boundary: no error of ours is told outside
            if body.refusal is not None:
                await answer.refuse(body.refusal)
            elif not body.gone:
                log.exception("request_crashed")
                await answer.refuse(CRASHED)

    def _settle(self, scope: Scope) -> None:
        """Put what the way to us has changed back: the address, the scheme, the path."""
        peer, port = scope["client"] or ("", 0)
        raw, trusted = scope["headers"], self._site.trusted
        scope["client"] = (client_of(peer, raw, trusted), port)
        scope["scheme"] = scheme_of(peer, raw, trusted, scope["scheme"])
        base = self._site.base_path
        if base and (scope["path"] == base or scope["path"].startswith(f"{base}/")):
            scope["path"] = scope["path"].removeprefix(base) or "/"
            scope["raw_path"] = scope["raw_path"].removeprefix(base.encode()) or b"/"


class Answer:
    """What goes out to one client: once, with all headers, or a refusal in its place."""

    def __init__(
        self, send: Send, body: BodyReader, headers: Headers, scope: Scope, number: str
    ) -> None:
        self._send = send
        self._body = body
        self._headers = headers
        self._api = scope["path"].startswith("/api/")
        self._silent = False  # a refusal has been sent instead
        self.number = number
        self.started = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass on what the application answers."""
        if self._silent:
            return
        if message["type"] == "http.response.start" and self._body.refusal is not None:
            # Whoever read the body made an error of its own of what it was told.
            await self.refuse(self._body.refusal)
        elif message["type"] == "http.response.start" and _is_unhandled(message):
            return  # the framework's own words on an error; the error itself follows
        elif message["type"] == "http.response.start":
            await self._start(message["status"], tuple(message.get("headers", ())))
        elif self.started:
            await self._continue(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a problem, unless an answer is under way: then it is cut off."""
        self._silent = True
        if self.started:
            return  # it stays short of what it promised, and the connection is closed
        content = _problem(refusal, self.number)
        await self._start(
            refusal.status,
            (
                (b"content-type", PROBLEM.encode()),
                (b"content-length", str(len(content)).encode()),
            ),
        )
        await self._continue({"type": "http.response.body", "body": content})

    async def _start(self, status: int, given: Headers) -> None:
        self.started, self.status = True, status
        head = completed(given, self._headers, api=self._api)
        head.append((b"x-request-id", self.number.encode()))
        if not self._body.complete:
            head.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": head})

    async def _continue(self, message: Message) -> None:
        if message.get("more_body", False) or self._body.complete:
            await self._send(message)
            return
        # The answer is whole; the line is closed only when the client has had time to read it.
        await self._send({**message, "more_body": True})
        await self._body.drain()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_unhandled(message: Message) -> bool:
    """Return whether this is what the framework says before it raises an unexpected error."""
    kind = dict(message.get("headers", ())).get(b"content-type", b"")
    return bool(message["status"] == 500 and kind.startswith(b"text/plain"))


def _problem(refusal: Refusal, number: str) -> bytes:
    return encode(
        Problem(
            type=f"urn:gatherum:problem:{refusal.status}",
            title=refusal.title,
            status=refusal.status,
            detail=refusal.detail,
            id=number,
        )
    )


def _log(scope: Scope, answer: Answer, seconds: float) -> None:
    """Say who asked for what, and how it went: never a query, never what was sent."""
    state = scope.get("state", {})
    caller = state.get("caller")
    tell = log.debug if state.get("quiet") and answer.status < 400 else log.info
    tell(
        "request",
        method=scope["method"],
        path=getattr(scope.get("route"), "path", scope["path"]),
        status=answer.status,
        ms=round(seconds * 1000, 1),
        address=scope["client"][0],
        account=None if caller is None else caller.account.id,
        via=None if caller is None else caller.via,
        _in_detail=True,
    )
