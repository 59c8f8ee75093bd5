"""`gatherum process`: look into stored files, and wait until it is done."""

import asyncio

from gatherum.app import App, open_app
from gatherum.cli.getting import worker_here
from gatherum.cli.output import Exit, say
from gatherum.errors import Conflict
from gatherum.jobs.queue import JobState, JobView
from gatherum.settings import BootSettings
from gatherum.upkeep.processing import PROCESS, PROCESS_KEY

POLL_S = 0.5
TOLD_EVERY_S = 10.0


async def process(settings: BootSettings, *, again: bool) -> Exit:
    """Look into what nobody has looked into; with `again` into what could not be shown, too."""
    async with open_app(settings) as app:
        if again:
            say(f"{await app.learning.try_again():,} files are tried again.")
        async with worker_here(app):
            job_id = await app.queue.enqueue(PROCESS) or await _live(app)
            job = await _follow(app, job_id)
    say(job.detail or f"The job is {job.state}.")
    return Exit.OK if job.state is JobState.DONE else Exit.FAILED


async def _live(app: App) -> str:
    job = await app.queue.find_live(PROCESS_KEY)
    if job is None:
        raise Conflict("The job that was at it has just ended: ask once more.")
    return job.id


async def _follow(app: App, job_id: str) -> JobView:
    told = 0.0
    while (job := await app.queue.get(job_id)).is_live:
        now = app.clock.now()
        if job.progress and now - told >= TOLD_EVERY_S:
            told = now
            say(f"{job.progress.get('done'):,} done, {job.progress.get('left'):,} left.")
        await asyncio.sleep(POLL_S)
    return job
