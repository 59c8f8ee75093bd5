"""A web server of raw sockets that can be made to fail, once, in each of the ways that servers do.

async with FaultySite() as site:
    url = site.put("/a.jpg", body, fault=Fault.RESET)
    ... fetch url twice ...
    assert site.bodies["/a.jpg"] == 2
"""

import asyncio
import gzip
import re
import socket
import struct
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from tests.testsites import wire
from tests.testsites.samples import sha256

LOGIN_PAGE = b"<!doctype html><title>Log in</title><form action='/login' method=post></form>"


class Fault(StrEnum):
    """What goes wrong on the first contact with a path; the second is served as it should be.

    The `RESUME_` ones cut the first answer short and go wrong on the Range request that follows.
    """

    CUT = "body cut, Content-Length right"
    RESET = "TCP reset in mid-body"
    CUT_CHUNKED = "chunked, cut before the end"
    NO_LENGTH = "no length, connection closed early"
    SHORT_LENGTH = "Content-Length shorter than the file"
    STALL = "stall"
    TOO_MANY = "429 Retry-After: 2"
    DOWN = "503 once"
    EMPTY = "200 with 0 bytes"
    LOGIN_PAGE = "200 text/html log-in page instead of media"
    RESUME_WRONG = "resume: 206 with wrong bytes"
    RESUME_IGNORED = "resume: range ignored (200)"
    RESUME_CHANGED = "resume: file changed on the server"


RESUMES = (Fault.RESUME_WRONG, Fault.RESUME_IGNORED, Fault.RESUME_CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a path serves and how."""

    body: bytes = b""
    status: int = 200
    content_type: str = "image/jpeg"
    etag: str | None = None  # None: a strong one of the content; "": none; W/"...": a weak one
    last_modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    times: int = 1  # how often the fault strikes
    after: bytes | None = None  # RESUME_CHANGED: the file from the second contact on
    lie: bool = False  # RESUME_WRONG: claim the right offset for the wrong bytes
    cut_at: int = 0  # where the body breaks off; half of it if 0
    drip: float = 0.0  # seconds between two pieces of the body
    piece: int = 64 * 1024
    ranges: bool = True
    endless: bool = False  # the body over and over, chunked, until nobody listens

    @property
    def tag(self) -> str:
        """The ETag header."""
        return f'"{sha256(self.body)[:16]}"' if self.etag is None else self.etag

    @property
    def broken_at(self) -> int:
        """How many bytes come before the body breaks off."""
        return self.cut_at or len(self.body) // 2


class FaultySite:
    """The server. `log` holds every request; `bodies` counts per path the GETs that got a body.

    `latency` seconds pass before every answer; `busiest` is the most requests at one moment.
    """

    def __init__(self, *, host: str = "127.0.0.1", latency: float = 0.0) -> None:
        self.host = host
        self.latency = latency
        self.log: list[wire.Request] = []
        self.bodies: Counter[str] = Counter()
        self.busiest = 0
        self._busy = 0
        self._offers: dict[str, Offer] = {}
        self._open: set[asyncio.Task[None]] = set()
        self._port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str) -> str:
        """Return the full address of `path`."""
        return f"http://{self.host}:{self._port}{path}"

    def put(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str = "image/jpeg",
        fault: Fault | None = None,
        after: bytes | None = None,
    ) -> str:
        """Serve `body` at `path` and return the address; `offer` is for the odder wishes."""
        return self.offer(
            path, Offer(body=body, content_type=content_type, fault=fault, after=after)
        )

    def offer(self, path: str, offer: Offer) -> str:
        """Serve `offer` at `path` (without a query: any query will do) and return the address."""
        if offer.fault is Fault.RESUME_CHANGED and offer.after is None:
            raise ValueError("A file that changes needs its bytes `after` that.")
        self._offers[path] = offer
        return self.url(path)

    def redirect(self, path: str, location: str, *, status: int = 302) -> str:
        """Send whoever asks for `path` to `location`, whatever that is."""
        return self.offer(path, Offer(status=status, headers={"Location": location}, etag=""))

    def gzipped(self, path: str, body: bytes, *, content_type: str = "text/html") -> str:
        """Serve `body` with Content-Encoding: gzip."""
        headers = {"Content-Encoding": "gzip"}
        return self.offer(
            path, Offer(body=gzip.compress(body), content_type=content_type, headers=headers)
        )

    def asked(self, path: str, *, method: str = "") -> list[wire.Request]:
        """Return the requests for `path`, in order."""
        return [r for r in self.log if _plain(r.path) == path and method in ("", r.method)]

    def served(self, path: str) -> bytes:
        """Return the true bytes of `path`, as they are now."""
        return self._offers[path].body

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._talk(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(0)  # so that drain waits until all is sent
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while request := await wire.read(reader):
                    await self._answer(request, writer)
                    if request.headers.get("connection") == "close":
                        break
        except wire.HangUp as end:
            if end.reset:
                linger = struct.pack("ii", 1, 0)
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
        finally:
            writer.close()

    async def _answer(self, request: wire.Request, writer: asyncio.StreamWriter) -> None:
        self.log.append(request)
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            await asyncio.sleep(self.latency)
            path = _plain(request.path)
            offer = self._offers.get(path)
            if offer is None:
                await wire.send(writer, request, 404, {"Content-Type": "text/plain"}, b"not here")
            elif offer.fault and offer.times and request.method == "GET":
                await self._fail(path, offer, request, writer)
            else:
                await self._serve(path, offer, request, writer)
        finally:
            self._busy -= 1

    async def _serve(
        self, path: str, offer: Offer, request: wire.Request, writer: asyncio.StreamWriter
    ) -> None:
        headers = _headers(offer)
        if offer.endless:
            self.bodies[path] += 1
            await wire.open_with(writer, offer.status, headers | {"Transfer-Encoding": "chunked"})
            while True:
                await wire.pour_chunk(writer, offer.body)
                await asyncio.sleep(offer.drip)
        if request.headers.get("if-none-match") == offer.tag != "":
            await wire.send(writer, request, 304, headers, b"")
            return
        start, end = _range(offer, request)
        body, status = offer.body[start:end], offer.status
        if start is not None:
            if start >= len(offer.body):
                lengths = {"Content-Range": f"bytes */{len(offer.body)}"}
                await wire.send(writer, request, 416, headers | lengths, b"")
                return
            status = 206
            headers["Content-Range"] = f"bytes {start}-{start + len(body) - 1}/{len(offer.body)}"
        if request.method == "GET" and body:
            self.bodies[path] += 1
        await wire.send(writer, request, status, headers, body, piece=offer.piece, drip=offer.drip)

    async def _fail(
        self, path: str, offer: Offer, request: wire.Request, writer: asyncio.StreamWriter
    ) -> None:
        fault, begun = offer.fault, offer.broken_at
        if fault in RESUMES and "range" in request.headers and self.bodies[path]:
            self._spend(path, offer)
            await self._resume(path, offer, request, writer)
            return
        if fault not in RESUMES:
            self._spend(path, offer)
        headers, whole = _headers(offer), len(offer.body)
        match fault:
            case Fault.TOO_MANY:
                await wire.send(writer, request, 429, {"Retry-After": "2"}, b"slow down")
                return
            case Fault.DOWN:
                await wire.send(writer, request, 503, {"Content-Type": "text/plain"}, b"back soon")
                return
            case Fault.EMPTY:
                await wire.send(writer, request, 200, headers, b"")
                return
            case Fault.LOGIN_PAGE:
                page = {"Content-Type": "text/html; charset=utf-8"}
                await wire.send(writer, request, 200, page, LOGIN_PAGE)
                return
        self.bodies[path] += 1
        if fault is Fault.SHORT_LENGTH:
            await wire.send(writer, request, 200, headers, offer.body[:begun])
            return
        if fault is Fault.CUT_CHUNKED:
            await wire.open_with(writer, 200, headers | {"Transfer-Encoding": "chunked"})
            await wire.pour_chunk(writer, offer.body[:begun])
        else:
            closing = {"Connection": "close"}
            length = closing if fault is Fault.NO_LENGTH else {"Content-Length": str(whole)}
            await wire.open_with(writer, 200, headers | length)
            await wire.pour(writer, offer.body[:begun], piece=offer.piece, drip=offer.drip)
        if fault is Fault.RESUME_CHANGED and offer.after is not None:
            self._offers[path] = replace(offer, body=offer.after, fault=None)
        await asyncio.sleep(3600 if fault is Fault.STALL else 0.05)  # let the client read it
        raise wire.HangUp(reset=fault is Fault.RESET)

    async def _resume(
        self, path: str, offer: Offer, request: wire.Request, writer: asyncio.StreamWriter
    ) -> None:
        start, _ = _range(offer, request)
        if offer.fault is Fault.RESUME_IGNORED or start is None:
            await self._serve(path, replace(offer, ranges=False), request, writer)
            return
        # The bytes from the start of the file where those from `start` were asked for.
        self.bodies[path] += 1
        whole = len(offer.body)
        wrong = offer.body[: whole - start]
        said = start if offer.lie else 0
        headers = _headers(offer) | {
            "Content-Range": f"bytes {said}-{said + len(wrong) - 1}/{whole}"
        }
        await wire.send(writer, request, 206, headers, wrong)

    def _spend(self, path: str, offer: Offer) -> None:
        self._offers[path] = replace(offer, times=offer.times - 1)


def _plain(path: str) -> str:
    return path.partition("?")[0]


def _headers(offer: Offer) -> dict[str, str]:
    headers = {"Content-Type": offer.content_type, **offer.headers}
    if offer.tag:
        headers["ETag"] = offer.tag
    if offer.last_modified:
        headers["Last-Modified"] = offer.last_modified
    if offer.ranges:
        headers["Accept-Ranges"] = "bytes"
    return headers


def _range(offer: Offer, request: wire.Request) -> tuple[int | None, int | None]:
    """Return the slice that is asked for; (None, None) if all of the file is due."""
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    condition = request.headers.get("if-range")
    fresh = condition is None or (
        condition in (offer.tag, offer.last_modified) and not condition.startswith("W/")
    )
    if not (asked and fresh and offer.ranges):
        return None, None
    return int(asked[1]), int(asked[2]) + 1 if asked[2] else None
