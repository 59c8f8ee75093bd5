"""`gatherum queue`: the jobs."""

import typer

from gatherum.app import open_app
from gatherum.cli.output import Exit, one_line, print_json
from gatherum.errors import InvalidInput, NotFound
from gatherum.jobs.queue import EVERY, LIVE, JobFilter, JobView, Lane
from gatherum.moments import iso
from gatherum.settings import BootSettings
from gatherum.subscriptions.timing import describe_next

LIVING = JobFilter(states=LIVE)


async def show(settings: BootSettings, *, as_json: bool, everything: bool) -> Exit:
    """List jobs."""
    async with open_app(settings) as app:
        now, cursor = app.clock.now(), None
        while True:
            page = await app.queue.list(EVERY if everything else LIVING, cursor=cursor)
            for job in page.jobs:
                if as_json:
                    print_json(_line(job))
                else:
                    typer.echo(f"{job.id[:8]}  {job.state:9}  {one_line(job.title, width=60)}")
                    if job.reason or job.state == "waiting":
                        due = describe_next(job.not_before, now=now)
                        typer.echo(f"          {job.reason}: {job.detail or ''} Next try {due}.")
            cursor = page.cursor
            if cursor is None:
                break
        for pause in await app.queue.paused():
            typer.echo(f"paused: {pause.lane} {pause.partition}".rstrip(), err=as_json)
    return Exit.OK


async def cancel(settings: BootSettings, start: str) -> Exit:
    """End the job whose id begins with `start`."""
    async with open_app(settings) as app:
        page = await app.queue.list(LIVING, limit=1000)
        found = [job for job in page.jobs if job.id.startswith(start)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} jobs that are not over have an id beginning with {start}."
            )
        await app.queue.cancel(found[0].id)
    typer.echo("Cancelled.")
    return Exit.OK


async def pause(settings: BootSettings, lane: str, platform: str) -> Exit:
    """Pause a lane."""
    async with open_app(settings) as app:
        await app.queue.pause(_lane(lane), platform)
    return Exit.OK


async def resume(settings: BootSettings, lane: str, platform: str) -> Exit:
    """Resume a lane."""
    async with open_app(settings) as app:
        await app.queue.prepare()
        await app.queue.resume(_lane(lane), platform)
    return Exit.OK


def _lane(text: str) -> Lane:
    try:
        return Lane(text)
    except ValueError as error:
        raise InvalidInput(f"There is no lane {text}; there are {', '.join(Lane)}.") from error


def _line(job: JobView) -> dict[str, object]:
    return {
        "type": "job",
        "id": job.id,
        "kind": job.kind,
        "lane": job.lane,
        "partition": job.partition,
        "title": job.title,
        "state": job.state,
        "attempt": job.attempt,
        "reason": job.reason,
        "detail": job.detail,
        "not_before": iso(job.not_before),
        "created_at": iso(job.created_at),
        "finished_at": iso(job.finished_at),
        "progress": job.progress,
    }
