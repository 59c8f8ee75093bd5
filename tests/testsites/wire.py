"""HTTP/1.1 on a raw stream, with nothing that a well-behaved server would insist on."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; names of headers are in small letters."""

    method: str
    path: str  # with the query, as sent
    headers: Mapping[str, str]
    at: float  # time.monotonic()


class HangUp(Exception):
    """Close the connection now; `reset` sends an RST instead of a FIN."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


async def read(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request, None when the client has gone."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, time.monotonic())


async def send(
    writer: asyncio.StreamWriter,
    request: Request,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    piece: int = 64 * 1024,
    drip: float = 0.0,
) -> None:
    """Send a whole answer; to a HEAD, its headers only."""
    await open_with(writer, status, {**headers, "Content-Length": str(len(body))})
    if request.method != "HEAD":
        await pour(writer, body, piece=piece, drip=drip)


async def open_with(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str]) -> None:
    """Send the status line and the headers."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    await writer.drain()


async def pour(
    writer: asyncio.StreamWriter, body: bytes, *, piece: int = 64 * 1024, drip: float = 0.0
) -> None:
    """Send bytes, `piece` by piece with `drip` seconds between."""
    for at in range(0, len(body), piece):
        writer.write(body[at : at + piece])
        await writer.drain()
        if drip:
            await asyncio.sleep(drip)


async def pour_chunk(writer: asyncio.StreamWriter, body: bytes) -> None:
    """Send one chunk; an empty one is the end."""
    writer.write(b"%x\r\n%b\r\n" % (len(body), body))
    await writer.drain()
