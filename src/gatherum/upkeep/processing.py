"""The job that looks into every stored file that nobody has looked into yet."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from gatherum.errors import StorageError
from gatherum.jobs.queue import Done, Handler, JobContext, JobQueue, Lane, Later, NewJob
from gatherum.library.learning import Learning, Unprocessed
from gatherum.ports import Clock, Json
from gatherum.processing.processor import Processor
from gatherum.processing.studio import Subject
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
    broken off anywhere goes on with the files that were under way, and does no other twice.
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
        tally = await self._resume(job)
        until = self._clock.now() + SLICE_S
        try:
            async with aclosing(self._files(until)) as files:
                await self._work(files, tally, job)
        except StorageError as error:  # nothing can be made or read just now
            return Later(detail=str(error))
        if self._clock.now() >= until and await self._learning.next(after=(-1, 0), limit=1):
            return Later(delay_s=PAUSE_S)
        failed = f" {tally.failed:,} of them cannot be shown." if tally.failed else ""
        return Done(detail=f"{tally.done:,} files looked into.{failed}")

    async def _resume(self, job: JobContext) -> _Tally:
        told = (await self._queue.get(job.id)).progress or {}
        done, failed = (int(str(told.get(name, 0))) for name in ("done", "failed"))
        return _Tally(await self._learning.count(), done, failed)

    async def _work(
        self, files: AsyncIterator[Unprocessed], tally: _Tally, job: JobContext
    ) -> None:
        settings, turn = self._settings(), asyncio.Lock()

        async def work() -> None:
            while True:
                async with turn:
                    file = await anext(files, None)
                if file is None:
                    return
                subject = Subject(sha256=file.sha256, paths=file.paths, kind=file.kind)
                trouble = await self._processor.process(subject, previews=settings.previews)
                tally.done += 1
                tally.left -= 1
                tally.failed += trouble is not None
                job.report(tally.told())

        working = [asyncio.create_task(work()) for _ in range(settings.workers)]
        try:
            await asyncio.gather(*working)
        finally:
            for task in working:
                task.cancel()
            await asyncio.wait(working)

    async def _files(self, until: float) -> AsyncGenerator[Unprocessed]:
        place = (-1, 0)
        while page := await self._learning.next(after=place, limit=PAGE):
            for file in page:
                if self._clock.now() >= until:
                    return
                yield file
            place = page[-1].place


class Starting:
    """Queues the job when files were stored since the last look.

    So what a person cancels rests until there is something new.
    """

    def __init__(self, learning: Learning, queue: JobQueue) -> None:
        self._learning = learning
        self._queue = queue
        self._seen = 0  # the number of the newest file that was taken into account

    async def look(self) -> bool:
        """Queue the job if there is anything new for it; return whether there was."""
        newest = await self._learning.newest(above=self._seen)
        if newest is None:
            return False
        self._seen = newest
        await self._queue.enqueue(PROCESS)
        return True
