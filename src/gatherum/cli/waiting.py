"""Jobs that a command waits for: performed here or elsewhere, until they have ended or rest for long."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from gatherum.app import App, run_worker
from gatherum.cli.output import say
from gatherum.errors import DataDirBusy
from gatherum.jobs.queue import JobState, JobView
from gatherum.model import Reason

POLL_S = 0.2
SUCCEED_S = 0.5  # how often a process that only follows looks whether the work is left to it
LONGEST_WAIT_S = 150.0  # a job that waits longer is left to the next run
PAUSED = "Its lane is paused: it goes on when somebody resumes it."


@dataclass(frozen=True, slots=True)
class Look:
    """A job as it stands. `over`: it is waited for no longer, ended or not."""

    view: JobView
    over: bool


async def wait_for(
    app: App,
    job_ids: Sequence[str],
    tell: Callable[[Sequence[Look]], Awaitable[None]],
    *,
    longest_s: float = LONGEST_WAIT_S,
    held_is_over: bool = False,
) -> None:
    """Look at jobs and tell of them, again and again, until each is over.

    That is one that has ended, or would wait longer than `longest_s`. With `held_is_over` it is one
    whose lane is paused, too; else that is waited for, however long.
    """
    going = list(job_ids)
    while going:
        views = [await app.queue.get(job_id) for job_id in going]
        now = app.clock.now()
        looks = [
            Look(view, _is_over(view, now, longest_s) or (held_is_over and view.held))
            for view in views
        ]
        await tell(looks)
        going = [look.view.id for look in looks if not look.over]
        if going:
            await asyncio.sleep(POLL_S)


def _is_over(view: JobView, now: float, longest_s: float) -> bool:
    if not view.is_live:
        return True
    waits_long = view.reason is Reason.DISK_FULL or view.not_before - now > longest_s
    return view.state is JobState.WAITING and waits_long


@asynccontextmanager
async def worker_here(app: App) -> AsyncGenerator[None]:
    """Perform jobs in this process; while another does on the same data folder, wait for its end."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(run_worker(app))
        except DataDirBusy:
            await app.queue.prepare()
            say("Another Gatherum works on this data folder; following its progress.")
            await stack.enter_async_context(_succession(app))
        yield


@asynccontextmanager
async def _succession(app: App) -> AsyncGenerator[None]:
    """Take over the jobs when the process that performs them ends, as a `get` does before a server."""
    over = asyncio.Event()

    async def succeed() -> None:
        while not over.is_set():
            with suppress(DataDirBusy):
                async with run_worker(app):
                    await over.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), SUCCEED_S)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(succeed())
            try:
                yield
            finally:
                over.set()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
