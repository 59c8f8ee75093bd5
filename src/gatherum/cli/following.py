"""`gatherum follow`, `sync` and `subscriptions`: what is followed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from gatherum.app import App, open_app
from gatherum.cli.getting import Followed, Printer, Summary, follow_jobs, keep_cookies
from gatherum.cli.output import Exit, one_line, print_json
from gatherum.cli.waiting import worker_here
from gatherum.errors import Conflict, InvalidInput
from gatherum.moments import iso
from gatherum.query.filter import Filter
from gatherum.settings import BootSettings
from gatherum.subscriptions.model import Subscription
from gatherum.subscriptions.timing import describe, describe_next, parse_timing


async def follow(
    settings: BootSettings,
    url: str,
    *,
    every: str,
    zone: str,
    wanted: str,
    limit: int | None,
    title: str,
    cookies: Path | None,
) -> Exit:
    """Follow a link."""
    timing = parse_timing(every, zone=zone)
    chosen = Filter.parse(wanted)
    async with open_app(settings) as app:
        login = await keep_cookies(app, cookies)
        made = await app.desk.follow(
            url, title=title, wanted=chosen, timing=timing, limit=limit, login=login
        )
        typer.echo(
            f"Following {made.title} (number {made.id}), {describe(made.timing)}, beginning now. "
            "It is checked while `gatherum serve` runs, or by `gatherum sync`."
        )
    return Exit.OK


async def sync(settings: BootSettings, numbers: Sequence[int], *, as_json: bool) -> Exit:
    """Check subscriptions now and wait for them, and for their back-fills."""
    summary = Summary()
    async with open_app(settings) as app:
        chosen = [await app.subscriptions.get(number) for number in numbers]
        chosen = chosen or [one for one in await app.subscriptions.list() if not one.paused]
        if not chosen:
            raise InvalidInput("Nothing is followed yet. Begin with: gatherum follow LINK")
        printer = Printer(summary, as_json=as_json)
        begun = app.clock.now()
        async with worker_here(app):
            jobs = [Followed(await app.subscriptions.run_now(one.id), one.title) for one in chosen]
            await follow_jobs(app, jobs, printer)
            back = await _back_fills(app, chosen, begun)
            await follow_jobs(app, back, printer)
            jobs += back
        printer.end(requests=sum(job.requests for job in jobs))
    return summary.code


async def _back_fills(app: App, chosen: Sequence[Subscription], since: float) -> list[Followed]:
    """Return the back-fills that go on, and those that have ended `since` then."""
    keys = {f"backfill:{one.id}" for one in chosen}
    live = [await app.queue.find_live(key) for key in sorted(keys)]
    newest = (await app.queue.list()).jobs
    ended = [job for job in newest if job.dedup_key in keys and job.created_at >= since]
    found = {job.id: job.title for job in (*live, *ended) if job is not None}
    return [Followed(job_id, title) for job_id, title in found.items()]


async def show(settings: BootSettings, *, as_json: bool) -> Exit:
    """List subscriptions."""
    async with open_app(settings) as app:
        now = app.clock.now()
        for one in await app.subscriptions.list():
            if as_json:
                print_json(_line(one))
            else:
                due = "paused" if one.paused else describe_next(one.next_at, now=now)
                typer.echo(f"{one.id:4}  {one_line(one.title)}")
                typer.echo(f"      {describe(one.timing)}; next check {due}; {one.target.url}")
                if str(one.filter):
                    typer.echo(f"      keeps {one.filter}")
    return Exit.OK


async def pause(settings: BootSettings, number: int) -> Exit:
    """Pause one."""
    async with open_app(settings) as app:
        await app.subscriptions.pause(number)
    typer.echo(f"Subscription {number} rests.")
    return Exit.OK


async def resume(settings: BootSettings, number: int) -> Exit:
    """Resume one."""
    async with open_app(settings) as app:
        await app.subscriptions.resume(number)
    typer.echo(f"Subscription {number} goes on.")
    return Exit.OK


async def remove(settings: BootSettings, number: int) -> Exit:
    """Remove one."""
    async with open_app(settings) as app:
        await app.subscriptions.remove(number)
    typer.echo(f"Subscription {number} is removed. What it brought stays in the library.")
    return Exit.OK


async def change(
    settings: BootSettings, number: int, *, every: str | None, zone: str, wanted: str | None
) -> Exit:
    """Change timing or filter."""
    if every is None and wanted is None:
        raise Conflict("Nothing to change: give --every or --filter.")
    timing = None if every is None else parse_timing(every, zone=zone)
    chosen = None if wanted is None else Filter.parse(wanted)
    async with open_app(settings) as app:
        await app.subscriptions.change(
            number,
            lambda one: replace(one, timing=timing or one.timing, filter=chosen or one.filter),
        )
    return await show(settings, as_json=False)


def _line(one: Subscription) -> dict[str, object]:
    return {
        "type": "subscription",
        "id": one.id,
        "platform": one.target.platform,
        "feed": one.target.feed,
        "key": one.target.key,
        "url": one.target.url,
        "title": one.title,
        "filter": str(one.filter),
        "limit": one.limit,
        "timing": describe(one.timing),
        "paused": one.paused,
        "next_at": iso(one.next_at),
        "synced_at": iso(one.synced_at),
        "backfill_done": one.backfill_done,
    }
