"""An answer that is a file of the library: opened when it is sent, closed on every way out."""

import asyncio
import os
from collections.abc import Sequence
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gatherum.errors import NotFound, OutsideLibrary, StorageError
from gatherum.fetching.threads import in_thread
from gatherum.ports import Fs
from gatherum.web.serving_rules import Span
from gatherum.web.serving_thumbnails import until_gone

log = structlog.get_logger()

BLOCK: Final = 1 << 20  # a block goes out while the next one is read


class FileAnswer(Response):
    """Sends a file, or a part of it. Before the first byte it may still raise what is wrong.

    `paths` are tried in turn, beneath the library root; a file of another size than `size` is not
    sent at all. If the file ends early the connection is broken off: half an answer never looks
    like a whole one.
    """

    def __init__(
        self,
        fs: Fs,
        paths: Sequence[str],
        *,
        size: int,
        span: Span | None,
        headers: dict[str, str],
    ) -> None:
        part = span or Span(0, size)
        self._fs = fs
        self._paths = paths
        self._size = size
        self._part = part
        self.background = None
        self.status_code = 200 if span is None else 206
        self.body = b""
        if span is not None:
            headers = {**headers, "content-range": f"bytes {part.start}-{part.end - 1}/{size}"}
        self.init_headers({**headers, "content-length": str(part.end - part.start)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        # Cancelled meanwhile, the descriptor is closed by whoever waits for the thread.
        fd, block = await in_thread(self._open, undo=lambda opened: self._fs.close(opened[0]))
        sending = _Sending(self._fs, fd, self._part, block)
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b""})
            else:
                await sending.send(receive, send)
        finally:
            await sending.close()

    def _open(self) -> tuple[int, bytes]:
        """Return the descriptor of the whole file, and the first block of the part."""
        fd = self._find()
        try:
            self._check(fd)
            length = min(BLOCK, self._part.end - self._part.start)
            return fd, self._fs.read_at(fd, length, self._part.start)
        except OSError as error:
            self._fs.close(fd)
            raise StorageError("The file cannot be read just now.") from error
        except BaseException:
            self._fs.close(fd)
            raise

    def _check(self, fd: int) -> None:
        if os.fstat(fd).st_size != self._size:
            raise NotFound("The file of this media is not what it was: check the library.")

    def _find(self) -> int:
        for path in self._paths:
            try:
                return self._fs.open_read(path)
            except (FileNotFoundError, NotADirectoryError, OutsideLibrary):
                continue
            except OSError as error:
                raise StorageError("The file cannot be read just now.") from error
        raise NotFound("The file of this media is missing.")


class _Sending:
    """Owns a descriptor while its bytes go out."""

    def __init__(self, fs: Fs, fd: int, part: Span, block: bytes) -> None:
        self._fs = fs
        self._fd = fd
        self._part = part
        self._block = block
        self._reading: asyncio.Future[bytes] | None = None
        self._gone: asyncio.Task[None] | None = None

    async def send(self, receive: Receive, send: Send) -> None:
        """Send all of it, until the client goes."""
        at, block = self._part.start, self._block
        while True:
            at += len(block)
            more = at < self._part.end
            if not block and more:
                log.warning("file_ended_early", sent=at - self._part.start)
                return  # the answer stays short of what it promised, and the connection is closed
            if more:
                self._read(at)
                self._gone = self._gone or asyncio.create_task(until_gone(receive))
            await send({"type": "http.response.body", "body": block, "more_body": more})
            if not more or self._reading is None or (self._gone and self._gone.done()):
                return
            block = await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Let go of the descriptor, once nobody reads from it."""
        if self._gone is not None:
            self._gone.cancel()
        cancelled = False
        while self._reading is not None and not self._reading.done():
            try:
                await asyncio.wait([self._reading])
            except asyncio.CancelledError:
                cancelled = True
        self._fs.close(self._fd)
        if self._reading is not None and not self._reading.cancelled():
            self._reading.exception()  # it was raised already, or nobody asks any more
        if cancelled:
            raise asyncio.CancelledError

    def _read(self, at: int) -> None:
        length = min(BLOCK, self._part.end - at)
        loop = asyncio.get_running_loop()
        self._reading = loop.run_in_executor(None, self._fs.read_at, self._fd, length, at)
