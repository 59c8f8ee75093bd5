"""The bytes of a forward proxy: one request in, one answer out, or a tunnel."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

HEAD_LIMIT: Final = 1 << 16
_BLOCK: Final = 1 << 16
_END: Final = b"\r\n\r\n"
# What belongs to one connection and is not handed on.
_HOP: Final = frozenset(
    {"connection", "keep-alive", "upgrade", "expect", "te", "trailer"}
    | {"proxy-authorization", "proxy-authenticate", "proxy-connection"}
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks of the proxy."""

    method: str
    target: str  # as it was written
    host: str
    port: int
    headers: tuple[bytes, ...]
    length: int  # of the body

    def header(self, name: str) -> str | None:
        """Return the first header of this name."""
        for line in self.headers:
            key, _, value = line.decode("latin-1").partition(":")
            if key.lower() == name:
                return value.strip()
        return None


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Return the lines of a head, without its end."""
    return (await reader.readuntil(_END)).removesuffix(_END)


def parse_request(head: bytes) -> Request:
    """Read a request's head; `ValueError` if it is none that a forward proxy serves."""
    first, *lines = head.split(b"\r\n")
    method, target, version = first.decode("ascii").split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(version)
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    if method != "CONNECT" and parts.scheme != "http":
        raise ValueError(parts.scheme)
    port = parts.port if method == "CONNECT" else parts.port or 80
    if not parts.hostname or not port:
        raise ValueError(target)
    request = Request(method, target, parts.hostname, port, tuple(lines), 0)
    if request.header("transfer-encoding") is not None:
        raise ValueError("A body of unknown length is not handed on.")
    length = int(request.header("content-length") or 0)
    if length < 0 or any(b"\n" in line or line[:1] in b" \t" for line in lines):
        raise ValueError("The head is not well formed.")
    return Request(method, target, parts.hostname, port, tuple(lines), length)


async def answer(near: Streams, status: str) -> None:
    """Answer a request ourselves, with nothing but a status."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close"]
    if status.startswith("407"):
        lines.append('Proxy-Authenticate: Basic realm="egress"')
    near[1].write("\r\n".join((*lines, "", "")).encode("latin-1"))
    await near[1].drain()


async def forward(
    near: Streams, far: Streams, request: Request, upstream: Sequence[bytes] | None
) -> None:
    """Hand on one request and its answer; then the connection is done with.

    `upstream` are the headers for a proxy behind us, None if we speak to the origin itself.
    """
    path = request.target
    if upstream is None:
        parts = urlsplit(request.target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = [f"{request.method} {path} HTTP/1.1".encode(), *_kept(request.headers)]
    far[1].write(b"\r\n".join((*head, *(upstream or ()), b"Connection: close", b"", b"")))
    left = request.length
    while left and (block := await near[0].read(min(left, _BLOCK))):
        left -= len(block)
        far[1].write(block)
        await far[1].drain()
    status = b"1"
    while status.startswith(b"1"):  # interim answers are ours, not the client's
        first, *lines = (await read_head(far[0])).split(b"\r\n")
        status = first.partition(b" ")[2]
    near[1].write(b"\r\n".join((first, *_kept(lines), b"Connection: close", b"", b"")))
    # The client closes when it has the whole body, or has had enough: nothing may come from it.
    copying = asyncio.create_task(_copy(far[0], near[1]))
    leaving = asyncio.create_task(near[0].read(1))
    try:
        await asyncio.wait({copying, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (copying, leaving):
            task.cancel()
        await asyncio.gather(copying, leaving, return_exceptions=True)


async def tunnel(near: Streams, far: Streams) -> None:
    """Copy both ways until both sides have ended, or one breaks."""
    ways = [
        asyncio.create_task(_copy(near[0], far[1])),
        asyncio.create_task(_copy(far[0], near[1])),
    ]
    try:
        await asyncio.gather(*ways)
    finally:
        for task in ways:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK):
        if writer.is_closing():
            raise ConnectionResetError  # which uvloop calls a RuntimeError
        writer.write(block)
        await writer.drain()
    if not writer.is_closing():
        writer.write_eof()


def _kept(lines: Sequence[bytes]) -> list[bytes]:
    return [
        line
        for line in lines
        if line.partition(b":")[0].strip().decode("latin-1").lower() not in _HOP
    ]
