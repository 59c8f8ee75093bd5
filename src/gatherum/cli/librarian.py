"""The commands that look at the library, clean it and check it."""

from collections.abc import Sequence

import typer

from gatherum.accounts.audit import CONSOLE, Event
from gatherum.acquiring.jobs import new_fetch_job
from gatherum.app import App, open_app
from gatherum.cli.getting import Followed, Printer, Summary, follow_jobs
from gatherum.cli.output import Exit, media_line, one_line, post_line, print_json, say
from gatherum.cli.waiting import worker_here
from gatherum.errors import InvalidInput
from gatherum.library.browse import MediaQuery
from gatherum.library.conditions import parts_of, rows_of
from gatherum.library.integrity import Finding, Flaw
from gatherum.query.clauses import All, Clause, Contains, OneOf
from gatherum.query.search import Query
from gatherum.settings import BootSettings

STATES = ("stored", "failed", "skipped", "trashed", "wanted")


def query(
    *,
    platform: str | None,
    author: str | None,
    kind: str | None,
    text: str | None,
    state: str,
    query: str | None = None,
) -> MediaQuery:
    """Return the query of the options; a search says itself in which state it looks."""
    if state != "all" and state not in STATES:
        raise InvalidInput(f"There is no state {state}; there are all, {', '.join(STATES)}.")
    asked: list[Clause] = []
    states: tuple[str, ...] = () if state == "all" else (state,)
    if query is not None:
        search = Query.parse(query)
        states = rows_of(search.states)
        asked += parts_of(search)
    words = {"platform": platform, "author": author, "kind": kind}
    asked += [OneOf(field, (word,)) for field, word in words.items() if word is not None]
    if text is not None:
        asked.append(Contains((text,)))
    return MediaQuery(states=states, clause=All(tuple(asked)) if asked else None)


async def media(
    settings: BootSettings, wanted: MediaQuery, *, as_json: bool, limit: int | None
) -> Exit:
    """List media."""
    async with open_app(settings) as app:
        async for view in app.browse.media(wanted, limit=limit):
            if as_json:
                print_json(media_line(view))
            else:
                what = view.path or f"{view.state} ({view.reason}): {one_line(view.url)}"
                typer.echo(f"{view.id:6}  {what}")
    return Exit.OK


async def posts(
    settings: BootSettings, *, platform: str | None, as_json: bool, limit: int | None
) -> Exit:
    """List posts."""
    async with open_app(settings) as app:
        async for view in app.browse.posts(platform=platform, limit=limit):
            if as_json:
                print_json(post_line(view))
            else:
                typer.echo(
                    f"{view.url}  {len(view.media)} media  {one_line(view.caption, width=60)}"
                )
    return Exit.OK


async def trash(settings: BootSettings, ids: Sequence[int]) -> Exit:
    """Trash media."""
    async with open_app(settings) as app:
        count = await app.recycle.trash(ids)
    typer.echo(
        f"{count} of {len(ids)} are in the recycle bin. `gatherum restore` brings them back."
    )
    return Exit.OK if count == len(ids) else Exit.FAILED


async def restore(settings: BootSettings, ids: Sequence[int]) -> Exit:
    """Restore media."""
    async with open_app(settings) as app:
        count = await app.recycle.restore(ids)
    typer.echo(f"{count} of {len(ids)} are back where they were.")
    return Exit.OK if count == len(ids) else Exit.FAILED


async def purge(settings: BootSettings, ids: Sequence[int], *, everything: bool, yes: bool) -> Exit:
    """Purge trashed media."""
    if not ids and not everything:
        raise InvalidInput("Give the numbers of media in the recycle bin, or --all.")
    async with open_app(settings) as app:
        chosen = list(ids)
        if everything:
            chosen = [view.id async for view in app.browse.media(MediaQuery(states=("trashed",)))]
        if not yes:
            typer.confirm(f"Delete the files of {len(chosen)} media for ever?", abort=True)
        await app.people.audit.record(Event.PURGED, CONSOLE, by="console", media=len(chosen))
        count = await app.recycle.purge(chosen)
    typer.echo(f"{count} files are deleted. `gatherum allow` lifts the mark that they were.")
    return Exit.OK


async def allow(settings: BootSettings, ids: Sequence[int]) -> Exit:
    """Lift tombstones and fetch again."""
    async with open_app(settings) as app:
        wanted = await app.recycle.allow_again(ids)
        if not wanted:
            raise InvalidInput("None of these was purged. One in the bin comes back by `restore`.")
        return await _fetch(app, wanted, as_json=False)


async def check(settings: BootSettings, *, as_json: bool, quick: bool, repair: bool) -> Exit:
    """Check the library; with `repair` fetch again what is damaged or missing."""
    async with open_app(settings) as app:
        findings = []
        async for finding in app.integrity.check(quick=quick):
            findings.append(finding)
            _tell(finding, as_json=as_json)
        miscounted = await app.aggregates.differences()
        for wrong in miscounted:
            findings.append(Finding(flaw=Flaw.MISCOUNTED, path=wrong))
            _tell(findings[-1], as_json=as_json)
        if repair and miscounted:
            await app.aggregates.rebuild()
            say("The days and counts of the gallery are made anew.")
        broken = [f for f in findings if f.flaw is not Flaw.STRANGER and f.file_id is not None]
        if repair and broken:
            wanted = await app.integrity.want_again([f.file_id for f in broken if f.file_id])
            code = await _fetch(app, wanted, as_json=as_json)
            left = [finding async for finding in app.integrity.check(quick=quick)]
            still = [f for f in left if f.flaw is not Flaw.STRANGER]
            say(f"{len(broken) - len(still)} of {len(broken)} are repaired.")
            return code if not left else Exit.FAILED
    if not findings:
        say("Every file is as it was stored.")
    return Exit.FAILED if findings else Exit.OK


async def _fetch(app: App, wanted: list[int], *, as_json: bool) -> Exit:
    summary = Summary()
    printer = Printer(summary, as_json=as_json)
    async with worker_here(app):
        job_id = await app.queue.enqueue(new_fetch_job(wanted))
        jobs = [Followed(job_id, "again")] if job_id else []
        await follow_jobs(app, jobs, printer)
    printer.end(requests=sum(job.requests for job in jobs))
    return summary.code


def _tell(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "type": "finding",
                "flaw": finding.flaw,
                "path": finding.path,
                "media": list(finding.media),
            }
        )
    else:
        typer.echo(f"{finding.flaw}: {finding.path}")
