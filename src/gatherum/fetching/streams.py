"""Bring in what must be merged or pieced together (HLS, DASH): yt-dlp downloads, we verify and adopt."""

import asyncio
import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from gatherum.errors import Unavailable
from gatherum.fetching.fetcher import BUFFER, Fetcher
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.threads import in_thread
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Part, Wanted
from gatherum.ports import Fs

log = structlog.get_logger()
LOOK_S = 1.0  # between two looks at how much has come


class StreamFetcher:
    """Like `Fetcher`, for media whose transport is yt-dlp."""

    def __init__(
        self,
        *,
        engines: EnginePool,
        http: Http,
        fs: Fs,
        fetcher: Fetcher,
        root: Path,
        largest: int | None,
    ) -> None:
        self._engines = engines
        self._http = http
        self._fs = fs
        self._fetcher = fetcher
        self._root = root
        self._largest = largest

    async def fetch(
        self,
        wanted: Wanted,
        *,
        scope: Scope,
        cookies: str | None,
        meter: Meter,
        user_agent: str = "",
    ) -> Part:
        """Return the part of `wanted`; raises as `Fetcher.fetch` does.

        `scope` is the platform's: what is asked of another host than its pages' is the plain
        download of a file, and does not keep to the platform's pace.
        """
        pages = urlsplit(wanted.post.url).hostname

        def scope_of(host: str) -> Scope:
            return scope if host == pages else replace(scope, platform="")

        async def permit(host: str) -> None:
            await self._http.permit(host, scope_of(host), meter)

        async def answered(host: str, status: int, wait: float | None) -> None:
            await self._http.answered(host, status, wait, scope=scope_of(host))

        self._fetcher.require_space(wanted.media.size or 0)
        folder = f".staging/{wanted.id}.d"
        try:
            # What a crash has left there is not gone on with: nobody knows which bytes are sure.
            await in_thread(self._fs.remove_folder, folder)
            await in_thread(self._fs.make_dirs, folder)
            growth = _Growth(self._fs, folder, meter)
            following = asyncio.create_task(growth.follow())
            try:
                path = await self._engines.download(
                    wanted.media.url,
                    self._root / folder,
                    max_bytes=self._largest,
                    cookies=cookies,
                    user_agent=user_agent,
                    permit=permit,
                    answered=answered,
                )
            finally:
                following.cancel()
            await in_thread(growth.count)
            return await in_thread(self._take, wanted, path.name)
        finally:
            await in_thread(self._clear, folder)

    def _clear(self, folder: str) -> None:
        try:
            self._fs.remove_folder(folder)
        except OSError as error:  # the sweep at the next start removes it
            log.warning("folder_not_removed", folder=folder, error=error.strerror)

    def _take(self, wanted: Wanted, name: str) -> Part:
        """Move the finished download to the part's place, and read it once for its hash."""
        with contextlib.suppress(FileNotFoundError):
            self._fs.unlink(wanted.part)
        self._fs.rename_new(f".staging/{wanted.id}.d/{name}", wanted.part)
        try:
            fd = self._fs.open_part(wanted.part)
        except BlockingIOError as error:
            raise Unavailable("Another worker still holds this file.") from error
        try:
            digest, size = hashlib.sha256(), 0
            while block := self._fs.read_at(fd, BUFFER, size):
                digest.update(block)
                size += len(block)
            return self._fetcher.seal(fd, wanted, size, digest.hexdigest())
        finally:
            self._fs.close(fd)


class _Growth:
    """Counts what arrives in a folder, so that people see that a download is alive."""

    def __init__(self, fs: Fs, folder: str, meter: Meter) -> None:
        self._fs = fs
        self._folder = folder
        self._meter = meter
        self._most = 0

    async def follow(self) -> None:
        """Count now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await in_thread(self.count)
            except OSError as error:  # the download itself meets it, too, and says so
                log.debug("growth_not_seen", folder=self._folder, error=error.strerror)

    def count(self) -> None:
        """Count what has come since the last time; what is only merged is not received again."""
        size = sum(max(0, self._fs.size(path) or 0) for path in self._fs.list(self._folder))
        self._meter.bytes += max(0, size - self._most)
        self._most = max(self._most, size)
