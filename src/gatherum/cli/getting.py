"""`gatherum get`: submit links, follow their jobs until everything has its outcome."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from gatherum.acquiring.links import read_links
from gatherum.app import App, open_app
from gatherum.cli.output import (
    Exit,
    exit_for,
    graver,
    media_line,
    one_line,
    print_json,
    say,
)
from gatherum.cli.resting import Rests
from gatherum.cli.waiting import PAUSED, Look, wait_for, worker_here
from gatherum.errors import InvalidInput
from gatherum.jobs.queue import JobState, JobView
from gatherum.library.browse import MediaView
from gatherum.model import Outcome, Reason
from gatherum.settings import BootSettings

OVERLAP_S = 2.0  # other workers' clocks and transactions may lag this much


@dataclass(slots=True)
class Followed:
    """A job that we follow, and what we have already told of it."""

    job_id: str
    url: str
    told: set[int] = field(default_factory=set)
    since: float = 0.0
    requests: int = 0
    held: bool = False  # its lane is paused, and that was told


@dataclass(slots=True)
class Summary:
    """What came of everything."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    code: Exit = Exit.OK

    def add(self, state: str, reason: str | None) -> None:
        """Count one outcome."""
        self.counts[state] += 1
        if state in (Outcome.FAILED, Outcome.SKIPPED):
            self.reasons[reason or "unknown"] += 1
        if state == Outcome.FAILED:
            self.code = graver(self.code, exit_for(reason or Reason.UNAVAILABLE))


def read_lines(urls: Sequence[str], source: str | None) -> list[str]:
    """Return the links of the arguments and of `--from` (a file, or - for standard input).

    Bytes that are not UTF-8 become lone surrogates, as they do in arguments: only the link that they
    stand in is none.
    """
    if source is None:
        return list(urls)
    try:
        held = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput(f"The list {one_line(source)} cannot be read.") from error
    return [*urls, *held.decode("utf-8-sig", "surrogateescape").splitlines()]


async def get(
    settings: BootSettings,
    lines: Sequence[str],
    *,
    as_json: bool,
    limit: int | None,
    cookies: Path | None,
) -> Exit:
    """Bring in what is behind the links; return the exit code."""
    links, nonsense = read_links(lines)
    for text in nonsense:
        say(f"Not a link: {one_line(text)}")
    summary = Summary()
    printer = Printer(summary, as_json=as_json)
    if not links:
        say("There is no link to get. Give one or more web addresses: gatherum get https://...")
        if as_json and nonsense:
            printer.no_links(nonsense)
            printer.end(requests=0)
        return Exit.USAGE
    async with open_app(settings) as app:
        login = await keep_cookies(app, cookies)
        if (await app.preferences.find("network.pace")).value == "0.0":
            say("The pace is 0: no pauses between requests. Only for servers of your own.")
        async with worker_here(app):
            printer.no_links(nonsense)
            jobs = await _submit(app, links, printer, limit=limit, login=login)
            await follow_jobs(app, jobs, printer)
        printer.end(requests=sum(job.requests for job in jobs))
    return summary.code


async def keep_cookies(app: App, path: Path | None) -> int | None:
    """Store the cookies of a file as a login; return its id. The same file is the same login."""
    if path is None:
        return None
    try:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The cookies in {path} cannot be read.") from error
    # Its whole path: many files are called cookies.txt, and one must not take another's place.
    whole = await asyncio.to_thread(path.resolve)
    return await app.logins.keep("", str(whole), text)


async def _submit(
    app: App, links: Sequence[str], printer: "Printer", *, limit: int | None, login: int | None
) -> list[Followed]:
    """Submit links; tell at once of those that nothing will come of."""
    titles: dict[str, str] = {}
    for receipt in await app.desk.take_anew(links, limit=limit, login=login):
        if receipt.reason is not None:
            printer.link(receipt.url, receipt.reason, receipt.detail or "")
        if receipt.job is not None:
            titles.setdefault(receipt.job, receipt.url)
    return [Followed(job_id, title) for job_id, title in titles.items()]


async def follow_jobs(app: App, jobs: Sequence[Followed], printer: "Printer") -> None:
    """Tell what comes of jobs until all are over, or wait for long."""
    followed = {job.job_id: job for job in jobs}
    rests = Rests(app)
    with printer.progress() as bar:

        async def tell(looks: Sequence[Look]) -> None:
            for look in looks:
                await _tell(app, followed[look.view.id], look, printer)
            bar.update(jobs, [look.view for look in looks])
            await rests.look(
                [(len(job.told), job.requests) for job in jobs],
                [(followed[look.view.id].url, look.view) for look in looks if not look.over],
            )

        await wait_for(app, list(followed), tell)


async def _tell(app: App, job: Followed, look: Look, printer: "Printer") -> None:
    """Tell what is new of a job; it was looked at first, so that nothing settled later is missed."""
    for media in await app.browse.settled(job.job_id, job.since - OVERLAP_S):
        job.since = max(job.since, media.settled_at or 0.0)
        if media.id not in job.told:
            job.told.add(media.id)
            printer.media(media)
    progress = look.view.progress or {}
    job.requests = int(str(progress.get("requests", 0)))
    if look.view.held and not job.held:
        say(PAUSED)
    job.held = look.view.held
    if look.over:
        await _tell_end(app, job, look.view, printer)


async def _tell_end(app: App, job: Followed, view: JobView, printer: "Printer") -> None:
    reason = view.reason
    if view.state is JobState.CANCELLED:
        reason = Reason.CANCELLED
    for media in await app.browse.pending(job.job_id):
        printer.media(
            replace(
                media,
                state=Outcome.FAILED,
                reason=reason or media.reason or Reason.UNAVAILABLE,
                detail=view.detail or media.detail,
            )
        )
        job.told.add(media.id)
    if reason is not None or view.state is JobState.FAILED:
        if job.told:
            printer.trouble(job.url, reason or Reason.UNAVAILABLE, view.detail or "")
        else:
            printer.link(job.url, reason or Reason.UNAVAILABLE, view.detail or "It failed.")
    elif view.detail:
        say(f"{one_line(job.url)}: {view.detail}")


class Printer:
    """Prints outcomes as they come, for people or for scripts, and counts them."""

    def __init__(self, summary: Summary, *, as_json: bool) -> None:
        self._summary = summary
        self._as_json = as_json
        self._console = Console(stderr=True)

    def media(self, view: MediaView) -> None:
        """Tell the outcome of a media."""
        self._summary.add(view.state, view.reason)
        if self._as_json:
            print_json(media_line(view))
        elif view.state == Outcome.STORED:
            sys.stdout.write(f"{view.path}\n")
            sys.stdout.flush()
        elif view.state == Outcome.FAILED:
            say(f"failed ({view.reason}): {one_line(view.url)}: {view.detail or ''}")

    def link(self, url: str, reason: Reason, detail: str) -> None:
        """Tell that a link failed before any media of it was known."""
        self._summary.add(Outcome.FAILED, reason)
        if self._as_json:
            print_json(
                {"type": "link", "url": url, "state": "failed", "reason": reason, "detail": detail}
            )
        else:
            say(f"failed ({reason}): {one_line(url)}: {detail}")

    def no_links(self, nonsense: Mapping[str, str]) -> None:
        """Tell what was given that is no link, and why."""
        for text, why in nonsense.items():
            self.link(text, Reason.UNSUPPORTED, why)

    def trouble(self, url: str, reason: Reason, detail: str) -> None:
        """Tell that a listing broke off after some media."""
        self._summary.code = graver(self._summary.code, exit_for(reason))
        say(f"not finished ({reason}): {one_line(url)}: {detail}")

    def end(self, *, requests: int) -> None:
        """Print the summary."""
        counts = self._summary.counts
        states = ("stored", "known", "skipped", "failed")
        if self._as_json:
            print_json(
                {
                    "type": "summary",
                    **{state: counts[state] for state in states},
                    "requests": requests,
                }
            )
            return
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(self._summary.reasons.items()))
        words = ", ".join(f"{counts[state]} {state}" for state in states)
        say(f"{words} ({reasons})." if reasons else f"{words}.")

    @contextmanager
    def progress(self) -> "Iterator[_Bar]":
        """Show a bar while the context lasts, on a terminal only."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=self._console, disable=not self._console.is_terminal, transient=True
        ) as progress:
            yield _Bar(progress)


class _Bar:
    """One line for all jobs: media done of media found, and what flows."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("listing", total=None, speed="")

    def update(self, jobs: Sequence[Followed], views: Sequence[JobView]) -> None:
        """Show how things stand."""
        pending = sum(int(str((view.progress or {}).get("pending", 0))) for view in views)
        done = sum(len(job.told) for job in jobs)
        waiting = next((v for v in views if v.state is JobState.WAITING), None)
        words = f"waiting ({waiting.reason})" if waiting else "getting"
        speed = sum(float(str((view.progress or {}).get("speed", 0))) for view in views)
        self._progress.update(
            self._task,
            description=words,
            completed=done,
            total=done + pending or None,
            speed=f"{speed / 1e6:.1f} MB/s" if speed else "",
        )
