"""The server that is measured against: as little work per request as Python can do.

It runs in its own process (`python -m benchmarks.server LATENCY_MS`) and prints its port. It serves
`/f/SIZE/N.jpg` and `/f/SIZE/N.mp4`, whole files that differ by N, a Mastodon-like account at `/@COUNT`
with as many posts of SIZE-byte pictures, and its own counters at `/stats`.
"""

import asyncio
import json
import re
import struct
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import cast

import uvloop

ID = 24  # bytes of a file that are its own
PIECE = 1 << 20
FIRST = datetime(2026, 1, 1, tzinfo=UTC)  # when the account's first post was made
STATUSES = 40  # of one page of the account
SIZE = 20_000  # of the account's pictures
ZEROS = memoryview(bytes(PIECE))
FILE = re.compile(rb"/f/(\d+)/(\d+)\.(jpg|mp4)")
ACCOUNT = re.compile(rb"/api/v1/accounts/(\d+)/statuses")
PAGE = b'<!doctype html><html><head><title>x</title></head><body><div id="mastodon"></div></body></html>'
TYPES = {"jpg": b"image/jpeg", "mp4": b"video/mp4"}


class Counters:
    """What was asked since the last look."""

    def __init__(self) -> None:
        self.requests = 0
        self.bodies = 0

    def take(self) -> bytes:
        """Return the counters as JSON and begin again."""
        told = json.dumps({"requests": self.requests, "bodies": self.bodies}).encode()
        self.requests = self.bodies = 0
        return told


class Connection(asyncio.Protocol):
    """One client; answers in order, each after the latency."""

    def __init__(self, counters: Counters, latency: float) -> None:
        self._counters = counters
        self._latency = latency
        self._input = b""
        self._busy = False
        self._room = asyncio.Event()
        self._room.set()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._out = cast("asyncio.Transport", transport)  # uvloop's own class is no child of it

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Stop what is being sent."""
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        self._room.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._room.set()

    def data_received(self, data: bytes) -> None:
        """Answer the next whole request."""
        self._input += data
        self._next()

    def _next(self) -> None:
        head, end, rest = self._input.partition(b"\r\n\r\n")
        if self._busy or not end:
            return
        self._input, self._busy = rest, True
        loop = asyncio.get_running_loop()
        if self._latency and not head.startswith(b"GET /stats"):
            loop.call_later(self._latency, self._answer, head)
        else:
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if self._out.is_closing():
            return
        method, path, _ = head.split(b" ", 2)
        if path != b"/stats":
            self._counters.requests += 1
        if match := FILE.fullmatch(path.partition(b"?")[0]):
            self._counters.bodies += method == b"GET"
            self._file(head, method, int(match[1]), int(match[2]), match[3].decode())
            return
        kind, body, extra = self._page(path)
        length = b"Content-Length: %d\r\n" % len(body)
        lines = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%b%b\r\n" % (kind, length, extra)
        self._out.write(lines + (body if method != b"HEAD" else b""))
        self._done(head)

    def _page(self, path: bytes) -> tuple[bytes, bytes, bytes]:
        host = b"127.0.0.1:%d" % self._out.get_extra_info("sockname")[1]
        if path == b"/stats":
            return b"application/json", self._counters.take(), b""
        if path.startswith(b"/api/v1/accounts/lookup"):
            count = re.search(rb"acct=u(\d+)", path)
            return b"application/json", b'{"id": "%b"}' % (count[1] if count else b"0"), b""
        if match := ACCOUNT.match(path):
            return _statuses(host, int(match[1]), path)
        return b"text/html", PAGE, b""

    def _file(self, head: bytes, method: bytes, size: int, number: int, suffix: str) -> None:
        start, shared, zeros = _content(size, suffix)
        own = b"%024d" % number
        asked = re.search(rb"\r\n[Rr]ange: bytes=(\d+)-", head)
        skip = int(asked[1]) if asked else 0
        status, extra = b"200 OK", b""
        if skip:
            status = b"206 Partial Content"
            extra = b"Content-Range: bytes %d-%d/%d\r\n" % (skip, size - 1, size)
        self._out.write(
            b'HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nETag: "%b-%d"\r\n'
            b"Accept-Ranges: bytes\r\n%b\r\n"
            % (status, TYPES[suffix], size - skip, own, size, extra)
        )
        if method == b"HEAD":
            self._done(head)
        elif zeros or skip:
            self._task = asyncio.create_task(self._stream(head, (start, own, shared), zeros, skip))
        else:
            self._out.writelines((start, own, shared))
            self._done(head)

    async def _stream(
        self, head: bytes, parts: tuple[bytes, bytes, bytes], zeros: int, skip: int
    ) -> None:
        first = b"".join(parts)
        self._out.write(first[skip:])
        left = zeros - max(skip - len(first), 0)
        while left > 0:
            await self._room.wait()
            self._out.write(ZEROS[: min(left, PIECE)])
            left -= PIECE
        self._done(head)

    def _done(self, head: bytes) -> None:
        if b"connection: close" in head.lower():
            self._out.close()
            return
        self._busy = False
        if self._input:
            self._next()


@lru_cache
def _content(size: int, suffix: str) -> tuple[bytes, bytes, int]:
    """Return what comes before and after a file's own bytes, and how many zeros at the end."""
    media = files("gatherum.demo") / "media"
    if suffix == "jpg":
        photo = (media / "glow.jpg").read_bytes()
        comments = bytearray()
        left = size - len(photo) - ID - 4
        while left >= 4:
            step = min(left, 65_537)
            step = step if left - step == 0 or left - step >= 4 else step - 4
            comments += b"\xff\xfe" + struct.pack(">H", step - 2) + bytes(step - 4)
            left -= step
        mark = b"\xff\xfe" + struct.pack(">H", ID + 2)
        return photo[:2] + mark, bytes(comments) + photo[2:], 0
    film = (media / "tide.mp4").read_bytes()
    mark = struct.pack(">I4s", 8 + ID, b"free")
    zeros = size - len(film) - len(mark) - ID - 16
    return film + mark, struct.pack(">I4sQ", 1, b"free", zeros + 16), zeros


def _statuses(host: bytes, count: int, path: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a page of the account: its newest posts below `max_id`."""
    below = re.search(rb"max_id=(\d+)", path)
    newest = min(int(below[1]) - 1 if below else count, count)
    numbers = range(newest, max(newest - STATUSES, 0), -1)
    body = json.dumps([_status(host.decode(), count, number) for number in numbers]).encode()
    extra = b""
    if newest > STATUSES:
        link = b"http://%b/api/v1/accounts/%d/statuses?max_id=%d" % (host, count, numbers[-1])
        extra = b'Link: <%b>; rel="next"\r\n' % link
    return b"application/json", body, extra


def _status(host: str, count: int, number: int) -> dict[str, object]:
    url = f"http://{host}/f/{SIZE}/{number}.jpg"
    return {
        "id": str(number),
        "url": f"http://{host}/@u{count}/{number}",
        "uri": f"http://{host}/users/u{count}/statuses/{number}",
        "created_at": (FIRST + timedelta(minutes=number)).isoformat(),
        "content": "<p>A post</p>",
        "account": {"id": str(count), "acct": f"u{count}", "username": f"u{count}"},
        "reblog": None,
        "in_reply_to_id": None,
        "tags": [],
        "media_attachments": [{"id": str(number), "type": "image", "url": url}],
    }


async def main() -> None:
    """Serve until standard input ends."""
    latency, counters = float(sys.argv[1]) / 1000, Counters()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(counters, latency), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(main())
