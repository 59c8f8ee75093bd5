"""Raw HTTP/1.1 clients on kept connections: they read what comes and do nothing with it."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection that sends the next request when the answer to the last one is whole."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._head = b""
        self._left = -1  # bytes of the body; -1 while the head comes
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._next()

    def data_received(self, data: bytes) -> None:
        """Count what comes."""
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            if head[9:12] not in (b"200", b"206"):
                raise SystemExit(f"The server answers: {self._head[:400]!r}")
            at = head.index(b"content-length: ") + 16
            self._left = int(head[at:].partition(b"\r\n")[0])
            data, self._head = self._head[end + 4 :], b""
        self._left -= len(data)
        self.bytes += len(data)
        if self._left == 0:
            self._left = -1
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """End; early, if the server ended it."""
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("The server hung up."))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(request)


def ask(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, int]:
    """Send all requests; return the seconds that it took, and the bytes of all bodies."""

    async def run() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        waiting = iter(requests)
        ends = [loop.create_future() for _ in range(connections)]
        clients = [Client(waiting, end) for end in ends]
        begun = time.perf_counter()
        for client in clients:
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]  # the default binds it
        await asyncio.gather(*ends)
        return time.perf_counter() - begun, sum(client.bytes for client in clients)

    return uvloop.run(run())


def get(path: str, headers: dict[str, str]) -> bytes:
    """Return a request as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()
