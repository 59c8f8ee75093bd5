"""The job that looks into every stored file that nobody has looked into yet."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Protocol

from gatherum.errors import StorageError
from gatherum.jobs.queue import (
    Done,
    Handler,
    JobContext,
    JobFilter,
    JobQueue,
    JobState,
    JobView,
    Lane,
    Later,
    NewJob,
)
from gatherum.library.learning import START, Learning, Unprocessed
from gatherum.ports import Clock, Json
from gatherum.processing.processor import Processor
from gatherum.processing.studio import Subject
from gatherum.processing.trouble import Trouble
from gatherum.settings import ProcessingSettings

MEDIA_PROCESS: Final = "MediaProcess"
PROCESS_KEY: Final = "media:process"  # there is one at a time
PROCESS: Final = NewJob(
    kind=MEDIA_PROCESS,
    lane=Lane.HOUSEKEEPING,
    partition="processing",
    title="Look into new files",
    dedup_key=PROCESS_KEY,
    priority=500,
)
PAGE: Final = 200
SLICE_S: Final = 300.0  # then others of its lane may come in between
PAUSE_S: Final = 1.0
RESTING: Final = (JobState.CANCELLED, JobState.FAILED)
Look = Callable[[Subject], Awaitable[Trouble | None]]


class Listing(Protocol):
    """One of the lists of files of `Learning`."""

    async def __call__(self, *, after: tuple[int, int], limit: int) -> list[Unprocessed]:
        """Return files behind a place."""
        ...


@dataclass(slots=True)
class _Tally:
    """How far the job is."""

    left: int
    done: int = 0
    failed: int = 0

    def told(self) -> dict[str, Json]:
        return {"done": self.done, "failed": self.failed, "left": max(0, self.left)}


class LibraryProcessing:
    """What a worker can do of it.

    A file counts as done in the transaction that keeps what was learned of it: so a job that is
    broken off anywhere goes on with the files that were under way, and does no other twice. A job
    is done when a last look finds nothing but what has failed before.
    """

    def __init__(
        self,
        *,
        learning: Learning,
        processor: Processor,
        queue: JobQueue,
        clock: Clock,
        settings: Callable[[], ProcessingSettings],
    ) -> None:
        self._learning = learning
        self._processor = processor
        self._queue = queue
        self._clock = clock
        self._settings = settings

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {MEDIA_PROCESS: self.process}

    async def process(self, job: JobContext) -> Done | Later:
        """Perform `MediaProcess`, slice after slice."""
        if job.attempt == 1:
            await self._learning.seek_missing()
        tally = await self._resume(job)
        until = self._clock.now() + SLICE_S
        try:
            await self._look(self._learning.next, until, tally, job)
            while self._clock.now() < until and await self._is_waiting():
                await self._look(self._learning.next_untried, until, tally, job)
                if self._settings().previews:
                    await self._preview(until, tally, job)
        except StorageError as error:  # nothing can be made or read just now
            return Later(detail=str(error))
        if self._clock.now() >= until and await self._is_left():
            return Later(delay_s=PAUSE_S)
        failed = f" {tally.failed:,} of them cannot be shown." if tally.failed else ""
        return Done(detail=f"{tally.done:,} files looked into.{failed}")

    async def _is_waiting(self) -> bool:
        return await is_waiting(self._learning, previews=self._settings().previews)

    async def _is_left(self) -> bool:
        left = await self._learning.next(after=START, limit=1)
        return bool(left) or await self._is_waiting()

    async def _resume(self, job: JobContext) -> _Tally:
        told = (await self._queue.get(job.id)).progress or {}
        done, failed = (int(str(told.get(name, 0))) for name in ("done", "failed"))
        left = await self._learning.count(previews=self._settings().previews)
        return _Tally(left, done, failed)

    async def _look(self, listing: Listing, until: float, tally: _Tally, job: JobContext) -> None:
        previews = self._settings().previews
        await self._work(
            self._files(listing, until),
            lambda subject: self._processor.process(subject, previews=previews),
            tally,
            job,
        )

    async def _preview(self, until: float, tally: _Tally, job: JobContext) -> None:
        files = self._files(self._learning.next_unpreviewed, until)
        await self._work(files, self._processor.preview, tally, job)

    async def _work(
        self, files: AsyncGenerator[Unprocessed], look: Look, tally: _Tally, job: JobContext
    ) -> None:
        turn = asyncio.Lock()

        async def work() -> None:
            while True:
                async with turn:
                    file = await anext(files, None)
                if file is None:
                    return
                trouble = await look(Subject(sha256=file.sha256, paths=file.paths, kind=file.kind))
                tally.done += 1
                tally.left -= 1
                tally.failed += trouble is not None
                job.report(tally.told(), is_further=True)

        async with aclosing(files):
            working = [asyncio.create_task(work()) for _ in range(self._settings().workers)]
            try:
                await asyncio.gather(*working)
            finally:
                for task in working:
                    task.cancel()
                await asyncio.wait(working)

    async def _files(self, listing: Listing, until: float) -> AsyncGenerator[Unprocessed]:
        place = START
        while page := await listing(after=place, limit=PAGE):
            for file in page:
                if self._clock.now() >= until:
                    return
                yield file
            place = page[-1].place


async def is_waiting(learning: Learning, *, previews: bool) -> bool:
    """Return whether there is a file that nobody has tried to look into, or to preview."""
    if await learning.next_untried(after=START, limit=1):
        return True
    return previews and bool(await learning.next_unpreviewed(after=START, limit=1))


class Starting:
    """Queues the job when there is something for it.

    What a person cancels rests until there is a new file, in the next process, too; so does what has
    failed.
    """

    def __init__(
        self,
        learning: Learning,
        queue: JobQueue,
        settings: Callable[[], ProcessingSettings] = ProcessingSettings,
    ) -> None:
        self._learning = learning
        self._queue = queue
        self._settings = settings
        self._seen: int | None = None  # the number of the newest file that was taken into account

    async def look(self) -> bool:
        """Queue the job if there is anything for it; return whether there was."""
        last = await self._last()
        if self._seen is None:
            self._seen = await self._seen_before(last)
        newest = await self._learning.newest(above=self._seen)
        is_free = last is None or not last.is_live
        is_wanted = is_free and await self._is_wanted(newest, last)
        if is_wanted:
            await self._queue.enqueue(PROCESS)
        if newest is not None:  # only now: the queue may have been away
            self._seen = newest
        return is_wanted

    async def _seen_before(self, last: JobView | None) -> int:
        """Return what an earlier process took into account: what rests, rests in the next one, too."""
        if last is None or last.state not in RESTING:
            return 0
        return await self._learning.newest(until=last.finished_at) or 0

    async def _is_wanted(self, newest: int | None, last: JobView | None) -> bool:
        if newest is not None:
            return True
        if last is not None and last.state in RESTING:
            return False
        # A file may have come behind the last look of the job, and previews may be wanted now.
        return await is_waiting(self._learning, previews=self._settings().previews)

    async def _last(self) -> JobView | None:
        page = await self._queue.list(JobFilter(kind=MEDIA_PROCESS), limit=1)
        return page.jobs[0] if page.jobs else None
