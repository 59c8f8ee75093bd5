"""Bring one claimed media into staging: resumed, hashed while it streams, verified, durable."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import aiohttp
import structlog

from gatherum.errors import (
    Corrupt,
    DiskFull,
    Expired,
    LoginRequired,
    TooLarge,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.cookies import Jar
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.threads import in_thread
from gatherum.fetching.verify import verify
from gatherum.model import Part, Wanted
from gatherum.ports import Fs
from gatherum.settings import free_space_reserve

log = structlog.get_logger()
# A checkpoint comes after so many bytes and so many seconds: what a power cut may cost again.
CHECKPOINT = 8 << 20
CHECKPOINT_S = 1.0
BUFFER = 1 << 20  # what is handed to the disk at once
SPACE_FRESH_S = 1.0
Checkpoint = Callable[[int, str | None, int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What the settings say of sizes."""

    reserve: int | None = None  # bytes to leave free; None: min(1 GB, 5 %)
    largest: int | None = None  # bytes of one file


@dataclass(slots=True)
class _Stream:
    """A part that is being written. Its file is opened when there is something to write."""

    wanted: Wanted
    fd: int | None = None
    size: int = 0  # bytes received, what was resumed included
    written: int = 0  # bytes handed to the disk
    marked: int = 0  # bytes surely on the disk, and the row says so
    marked_at: float = field(default_factory=time.monotonic)
    etag: str | None = None
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    chunks: list[bytes] = field(default_factory=list)  # received, not written

    def take(self) -> list[bytes]:
        """Return what is to be written next."""
        taken, self.chunks = self.chunks, []
        return taken


@dataclass(frozen=True, slots=True)
class _Own:
    """What a login adds to a request."""

    jar: Jar
    headers: dict[str, str]


class Fetcher:
    """Fetches over HTTP.

    Invariants: a part goes on only from the last checkpoint, and only if the server proves by its
    strong ETag that it is the same file; what is returned is whole, of its kind, and on the disk.
    """

    def __init__(self, http: Http, fs: Fs, checkpoint: Checkpoint, limits: FetchLimits) -> None:
        self._http = http
        self._fs = fs
        self._checkpoint = checkpoint
        self._limits = limits
        self._space: tuple[float, int] = (float("-inf"), 0)

    async def fetch(
        self,
        wanted: Wanted,
        *,
        login: str,
        jar: Jar,
        meter: Meter,
        turn: str = "",
        user_agent: str = "",
    ) -> Part:
        """Return the part of `wanted`; the `SourceError` raised says what should happen next."""
        self.require_space(wanted.media.size or 0)
        stream = _Stream(wanted)
        try:
            have = await in_thread(self._resumable, stream) if wanted.part_ok else 0
            scope = Scope(platform="", login=login, turn=turn, sites=jar.sites)
            own = _Own(jar, {"User-Agent": user_agent} if user_agent else {})
            *others, last = (wanted.media.url, *wanted.media.mirrors)
            for url in others:
                try:
                    await self._download(stream, url, have, scope=scope, own=own, meter=meter)
                except Expired:
                    continue
                break
            else:
                await self._download(stream, last, have, scope=scope, own=own, meter=meter)
            return await in_thread(self._finish, stream)
        finally:
            if stream.fd is not None:
                await in_thread(self._close, stream)

    def require_space(self, size: int) -> None:
        """Raise `DiskFull` if `size` more bytes would go below the reserve."""
        now = time.monotonic()
        if now - self._space[0] > SPACE_FRESH_S:
            free, total = self._fs.free()
            self._space = (now, free - free_space_reserve(self._limits.reserve, total))
        if size >= self._space[1]:
            raise DiskFull("The disk is full: less than the free-space reserve would be left.")

    # -- the parts that wait for the network

    async def _download(
        self, stream: _Stream, url: str, have: int, *, scope: Scope, own: _Own, meter: Meter
    ) -> None:
        wanted = stream.wanted
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **own.headers}
        headers |= wanted.media.headers
        if cookies := own.jar.header(url):
            headers["Cookie"] = cookies
        if have and wanted.etag:
            headers |= {"Range": f"bytes={have}-", "If-Range": wanted.etag}
        async with self._http.open(url, scope=scope, meter=meter, headers=headers) as answer:
            if answer.status == 416:
                await self._start_over(stream, None)
                raise Unavailable("The file at the source is shorter than it was.")
            _expect_file(answer)
            total = _total(answer)
            start = _start(answer, have, wanted.etag)
            stream.etag = _strong(answer.headers.get("ETag"))
            if start == 0:
                await self._start_over(stream, stream.etag)
            elif start is None:
                await self._start_over(stream, None)
                raise Unavailable("The source continued with another file than it began with.")
            self._admit(total, start)
            await self._read_body(stream, answer, meter)
            if total is not None and stream.size != total:
                raise Unavailable("The source sent less than it announced.")

    async def _read_body(
        self, stream: _Stream, answer: aiohttp.ClientResponse, meter: Meter
    ) -> None:
        """Read to the end; while one buffer is written, hashed and made durable, the next one fills."""
        writing: asyncio.Task[None] | None = None
        waiting = 0
        try:
            async for chunk, _ in answer.content.iter_chunks():
                stream.chunks.append(chunk)
                stream.size += len(chunk)
                waiting += len(chunk)
                meter.bytes += len(chunk)
                if waiting >= BUFFER:
                    if self._limits.largest is not None and stream.size > self._limits.largest:
                        raise TooLarge("The file is larger than the settings allow.")
                    if writing is not None:
                        await writing
                    writing = asyncio.create_task(self._store(stream, stream.take()))
                    waiting = 0
            if writing is not None:
                await writing
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            if writing is not None:
                await writing
            if stream.etag and stream.size - stream.marked >= BUFFER:
                await in_thread(self._flush, stream, stream.take())
                await self._mark(stream)  # a broken connection need not cost what came through
            raise
        finally:
            if writing is not None:
                await _ended(writing)

    async def _store(self, stream: _Stream, chunks: list[bytes]) -> None:
        await in_thread(self._flush, stream, chunks)
        if (
            stream.written - stream.marked >= CHECKPOINT
            and time.monotonic() - stream.marked_at >= CHECKPOINT_S
        ):
            await self._mark(stream)

    async def _mark(self, stream: _Stream) -> None:
        """Make what is written durable, then say so: later tries go on from here."""
        if stream.etag is None:
            return  # without a strong validator nothing can be gone on with
        written = stream.written
        await in_thread(self._sync, stream)
        await self._checkpoint(stream.wanted.id, stream.etag, written)
        stream.marked, stream.marked_at = written, time.monotonic()

    async def _start_over(self, stream: _Stream, etag: str | None) -> None:
        """Forget the part: first in the row, then on the disk."""
        if stream.wanted.part_ok or stream.marked:
            await self._checkpoint(stream.wanted.id, etag, 0)
        if stream.fd is not None:
            await in_thread(self._fs.truncate, stream.fd, 0)
        stream.size = stream.written = stream.marked = 0
        stream.digest = hashlib.sha256()
        stream.chunks.clear()

    def _admit(self, total: int | None, start: int) -> None:
        if total is None:
            return
        if self._limits.largest is not None and total > self._limits.largest:
            raise TooLarge(f"The file has {total} bytes, more than the settings allow.")
        self.require_space(total - start)

    # -- the parts that block, for threads

    def _resumable(self, stream: _Stream) -> int:
        """Cut the part to its last checkpoint and hash that; return how much it is."""
        wanted = stream.wanted
        if not (wanted.etag and wanted.part_ok):
            return 0
        on_disk = self._fs.size(wanted.part) or 0
        if on_disk < wanted.part_ok:
            return 0
        fd = self._opened(stream, keep=wanted.part_ok)
        offset = 0
        while offset < wanted.part_ok:
            block = self._fs.read_at(fd, min(BUFFER, wanted.part_ok - offset), offset)
            if not block:
                return 0
            stream.digest.update(block)
            offset += len(block)
        stream.size = stream.written = stream.marked = wanted.part_ok
        return wanted.part_ok

    def _opened(self, stream: _Stream, *, keep: int = 0) -> int:
        """Return the part's descriptor; a part that was not open yet is cut to `keep` bytes."""
        if stream.fd is None:
            try:
                stream.fd = self._fs.open_part(stream.wanted.part)
            except BlockingIOError as error:
                raise Unavailable("Another worker still holds this file.") from error
            self._fs.truncate(stream.fd, keep)
        return stream.fd

    def _flush(self, stream: _Stream, chunks: list[bytes]) -> None:
        fd = self._opened(stream)
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        stream.digest.update(data)
        self._fs.write(fd, data)
        stream.written += len(data)

    def _sync(self, stream: _Stream) -> None:
        self._fs.fsync(self._opened(stream))
        self._fs.fsync_dir(".staging")

    def _close(self, stream: _Stream) -> None:
        fd, stream.fd = stream.fd, None
        if fd is not None:
            self._fs.close(fd)

    def _finish(self, stream: _Stream) -> Part:
        """Do all that is left in one go: for a small file this is the only visit to a thread."""
        self._flush(stream, stream.take())
        fd = self._opened(stream)
        part = self.seal(fd, stream.wanted, stream.size, stream.digest.hexdigest())
        told = stream.wanted.media.size
        if told is not None and part.size != told:
            raise Corrupt(f"The source sent {part.size} bytes where the post promises {told}.")
        self._close(stream)
        return part

    def seal(self, fd: int, wanted: Wanted, size: int, sha256: str) -> Part:
        """Verify a complete part, give it the post's time, and make its bytes durable."""
        verified = verify(
            partial(self._fs.read_at, fd),
            size,
            expected=wanted.media.kind,
            url_hint=wanted.media.url,
        )
        if wanted.post.posted_at is not None:
            try:
                self._fs.set_mtime(fd, wanted.post.posted_at.timestamp())
            except OSError as error:
                log.warning("file_time_not_set", media=wanted.id, error=error.strerror)
        self._fs.fsync(fd)
        return Part(
            path=wanted.part,
            size=size,
            sha256=sha256,
            mime=verified.mime,
            extension=verified.extension,
            kind=verified.kind,
            width=verified.width,
            height=verified.height,
            duration=verified.duration,
        )


async def _ended(task: "asyncio.Task[None]") -> None:
    """Wait until a write has ended, whatever came of it, before its file is closed."""
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("write_failed", error=type(error).__name__)


def _expect_file(answer: aiohttp.ClientResponse) -> None:
    status = answer.status
    if status in (200, 206):
        return
    if status == 401:
        raise LoginRequired("The source wants a log-in for this file.")
    if status == 403:
        text = "The source does not give this file out (HTTP 403): it wants a log-in, or its address ran out."
        raise Expired(text, status=status)
    if status in (404, 410):
        raise Expired(f"The address of this file no longer works (HTTP {status}).", status=status)
    raise UnexpectedResponse(f"The source answered with HTTP {status} where a file was expected.")


def _start(answer: aiohttp.ClientResponse, have: int, etag: str | None) -> int | None:
    """Return where the body begins; None if it is a part of something else."""
    if answer.status == 200:
        return 0
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != have:
        return None
    told = _strong(answer.headers.get("ETag"))
    return have if told == etag else None


def _total(answer: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file, if the answer tells."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        return None  # the length counts the packed bytes
    if answer.status == 206:
        tail = answer.headers.get("Content-Range", "").rpartition("/")[2]
        return int(tail) if tail.isdecimal() else None
    return answer.content_length


def _strong(etag: str | None) -> str | None:
    return etag if etag and not etag.startswith("W/") else None
