"""`gatherum process`: look into stored files, and wait until it is done."""

from collections.abc import Mapping, Sequence

from gatherum.app import App, open_app
from gatherum.cli.output import Exit, say
from gatherum.cli.waiting import PAUSED, Look, wait_for, worker_here
from gatherum.errors import Conflict
from gatherum.jobs.queue import JobState, JobView
from gatherum.ports import Clock, Json
from gatherum.settings import BootSettings
from gatherum.upkeep.processing import PROCESS, PROCESS_KEY

TOLD_EVERY_S = 10.0
LONGEST_WAIT_S = 10.0  # between two slices it is a second; longer, and something is wrong


async def process(settings: BootSettings, *, again: bool) -> Exit:
    """Look into what nobody has looked into; with `again` into what could not be shown, too."""
    async with open_app(settings) as app:
        if again:
            say(f"{await app.learning.try_again():,} files are tried again.")
        teller = _Teller(app.clock)
        async with worker_here(app):
            job_id = await app.queue.enqueue(PROCESS) or await _live(app)
            await wait_for(app, [job_id], teller.tell, longest_s=LONGEST_WAIT_S, held_is_over=True)
    return teller.code


async def _live(app: App) -> str:
    job = await app.queue.find_live(PROCESS_KEY)
    if job is None:
        raise Conflict("The job that was at it has just ended: ask once more.")
    await app.queue.retry_now(job.id)  # it may wait for what has been mended meanwhile
    return job.id


class _Teller:
    """Says how a job stands when that has changed, and now and then how far it is."""

    def __init__(self, clock: Clock) -> None:
        self.code = Exit.FAILED
        self._clock = clock
        self._told: tuple[JobState, str | None] = (JobState.RUNNING, None)
        self._told_at = clock.now()

    async def tell(self, looks: Sequence[Look]) -> None:
        """Tell what is new."""
        for look in looks:
            if look.over:
                self._end(look.view)
            else:
                self._go_on(look.view)

    def _end(self, job: JobView) -> None:
        if job.held:
            say(f"The job is held. {PAUSED}")
        elif job.is_live:
            say(f"The job is {job.state}. {job.detail or ''}".strip())
            say("It is left to the next run, or to `gatherum serve`.")
        else:
            say(job.detail or f"The job is {job.state}.")
        self.code = Exit.OK if job.state is JobState.DONE else Exit.FAILED

    def _go_on(self, job: JobView) -> None:
        # Between two slices it waits without a word, for a second.
        state = job.state if job.detail or job.state is JobState.QUEUED else JobState.RUNNING
        if (state, job.detail) != self._told:
            self._told = state, job.detail
            say(f"The job is {state}. {job.detail or ''}".strip())
        now = self._clock.now()
        if job.progress and now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            say(_how_far(job.progress))


def _how_far(progress: Mapping[str, Json]) -> str:
    return f"{progress.get('done'):,} done, {progress.get('left'):,} left."
