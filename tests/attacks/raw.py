"""Bytes on a socket, as no client of good manners would send them."""

import asyncio
import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """What came back before the line was closed, or in the time given."""

    raw: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The status of each answer that came."""
        return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.raw)]

    @property
    def status(self) -> int:
        """The status of the only answer."""
        (status,) = self.statuses
        return status

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the first answer, in small letters."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")
        lines = (line.partition(":") for line in head.split("\r\n")[1:])
        return {name.lower(): value.strip() for name, _, value in lines}

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]


@dataclass(slots=True)
class Line:
    """A connection to a server under test."""

    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)

    async def send(self, data: bytes) -> bool:
        """Send; False: the other side has closed."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            return False
        return True

    async def hear(self, seconds: float = 10.0) -> Told:
        """Read until the line is closed, or for so long."""
        heard = b""
        try:
            async with asyncio.timeout(seconds):
                while piece := await self.reader.read(65_536):
                    heard += piece
        except TimeoutError:
            return Told(heard, closed=False)
        except OSError:
            return Told(heard, closed=True)
        return Told(heard, closed=True)

    async def answer(self) -> Told:
        """Read one whole answer."""
        async with asyncio.timeout(20):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(Told(head, closed=False).headers.get("content-length", "0"))
            return Told(head + await self.reader.readexactly(length), closed=False)

    def close(self) -> None:
        self.writer.close()


async def connect(port: int) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", port))


async def exchange(port: int, data: bytes, *, seconds: float = 10.0) -> Told:
    """Send bytes on a new connection; return all that comes until it is closed."""
    line = await connect(port)
    try:
        await line.send(data)
        return await line.hear(seconds)
    finally:
        line.close()


def head(port: int, method: str = "GET", path: str = "/health/live", *more: str) -> bytes:
    """Return the head of a request, with the Host of a server on this port; the line closes after it."""
    host = f"Host: localhost:{port}"
    lines = (f"{method} {path} HTTP/1.1", host, "Connection: close", *more, "", "")
    return "\r\n".join(lines).encode("latin-1")
