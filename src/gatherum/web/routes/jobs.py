"""The queue: jobs as they stand, what became of their media, and how they are steered."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from pydantic import AwareDatetime, Field

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.queue import LIVE, JobFilter, JobState, Lane
from gatherum.jobs.steering import LOWEST_PRIORITY
from gatherum.library.ledger import Tally
from gatherum.library.outcomes import MediaOutcome
from gatherum.model import Outcome, Reason
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.queueing import JobItem, job_item
from gatherum.web.routes.media import show_to
from gatherum.web.routing import AppDep, Body, CallerDep, Routes

routes = Routes("Queue")
BITE = 250  # jobs steered in one transaction
MOST = 10_000  # jobs steered by one request
USUAL = {
    "cancel": LIVE,
    "retry": (JobState.WAITING, JobState.FAILED),
    "dismiss": (JobState.FAILED,),
}
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="`id` of a job, as listed.")]
Name = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]
NoReason = Literal["none"]  # of a job that tells no reason
AnyName = Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, slots=True)
class JobDetail:
    """A job, and how many of its media came to which end. `media` is where they are listed."""

    job: JobItem
    tally: Tally
    media: str


class Priority(Body):
    """When a job comes among those of its lane and platform: 1 is first, 100 is as usual."""

    priority: Annotated[int, Field(ge=1, le=LOWEST_PRIORITY)]


class WhichJobs(Body):
    """Which jobs; what is not sent is not asked for."""

    state: Annotated[tuple[JobState, ...], Field(max_length=len(JobState))] | None = None
    kind: AnyName = None
    lane: Lane | None = None
    platform: AnyName = None
    reason: Annotated[tuple[Reason | NoReason, ...], Field(max_length=len(Reason) + 1)] | None = (
        None
    )
    needs: bool = False


class JobBatch(Body):
    """What to do with many jobs: those named by `ids`, or all that `filter` finds."""

    action: Literal["cancel", "retry", "dismiss"]
    ids: Annotated[tuple[str, ...], Field(max_length=1000)] | None = None
    filter: WhichJobs | None = None


@dataclass(frozen=True, slots=True)
class Steered:
    """How many jobs were changed, which, and how many were not: there was nothing to change in them."""

    changed: int
    ids: tuple[str, ...]
    left: int


@routes.add("GET", "/jobs", scope=Scope.QUEUE_READ, rate=Rate.READ, errors=(InvalidInput,))
async def list_jobs(
    *,
    app: AppDep,
    state: Annotated[tuple[JobState, ...], Query(description="One of these; none: any.")] = (),
    kind: Name = None,
    lane: Lane | None = None,
    platform: Name = None,
    reason: Annotated[
        tuple[Reason | NoReason, ...],
        Query(description="One of these, `none` for jobs that tell no reason; without it: any."),
    ] = (),
    needs: Annotated[
        bool, Query(description="Only those that need a person, as `/needs` counts them.")
    ] = False,
    ended_since: Annotated[
        AwareDatetime | None,
        Query(description="ISO 8601, with a zone: only what ended then or later."),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[JobItem]:
    """List jobs, newest first."""
    which = JobFilter(
        states=tuple(dict.fromkeys(state)) or None,
        kind=kind,
        lane=lane,
        partition=platform,
        reasons=_reasons(reason),
        needs=needs,
        ended_since=None if ended_since is None else ended_since.timestamp(),
    )
    page = await app.queue.list(which, limit=limit, cursor=cursor)
    return Page(tuple(map(job_item, page.jobs)), page.cursor)


@routes.add(
    "POST",
    "/jobs/batch",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.BATCH,
    errors=(InvalidInput, Conflict),
)
async def steer_jobs(body: JobBatch, app: AppDep) -> Steered:
    """Cancel, retry or dismiss many jobs. A failed one that is dismissed needs nobody any longer.

    A filter without a state finds live ones to cancel, waiting and failed ones to retry, and failed
    ones to dismiss.
    """
    if (body.ids is None) == (body.filter is None):
        raise InvalidInput("Send either `ids` or `filter`.")
    ids = list(dict.fromkeys(body.ids or ()))
    if body.filter is not None:
        ids = await _find(app, body.filter, USUAL[body.action])
    act = {
        "cancel": app.queue.cancel_all,
        "retry": app.queue.retry_all,
        "dismiss": app.queue.dismiss_all,
    }[body.action]
    changed: list[str] = []
    for start in range(0, len(ids), BITE):
        changed += await act(ids[start : start + BITE])
    return Steered(changed=len(changed), ids=tuple(changed), left=len(ids) - len(changed))


@routes.add("GET", "/jobs/{job_id}", scope=Scope.QUEUE_READ, rate=Rate.READ, errors=(NotFound,))
async def get_job(request: Request, app: AppDep, job_id: JobId) -> JobDetail:
    """Show a job: its progress, why it waits and until when, and what came of its media."""
    job = await app.queue.get(job_id)
    base: str = request.app.state.site.base_path
    return JobDetail(
        job=job_item(job),
        tally=await app.outcomes.tally(job_id),
        media=f"{base}/api/v1/jobs/{job_id}/media",
    )


@routes.add(
    "GET",
    "/jobs/{job_id}/media",
    scope=Scope.QUEUE_READ,
    rate=Rate.READ,
    errors=(NotFound, InvalidInput),
    model=Page[MediaOutcome],
)
async def list_job_media(
    *,
    request: Request,
    app: AppDep,
    caller: CallerDep,
    job_id: JobId,
    outcome: Outcome | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """List what became of each media that a job met."""
    await app.queue.get(job_id)
    found = await app.outcomes.of_job(
        job_id, show_to(caller, request), outcome=outcome, after=_after(cursor), limit=limit + 1
    )
    following = found[limit - 1].media.id if len(found) > limit else None
    return Json(Page(found[:limit], following))


@routes.add(
    "POST",
    "/jobs/{job_id}/cancel",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
)
async def cancel_job(app: AppDep, job_id: JobId) -> JobItem:
    """End a job; one that runs is stopped within two seconds. To cancel it twice does no harm."""
    cancelled = await app.queue.cancel(job_id)
    job = await app.queue.get(job_id)
    if not cancelled and job.state is not JobState.CANCELLED:
        raise Conflict("This job has come to its end already.")
    return job_item(job)


@routes.add(
    "POST",
    "/jobs/{job_id}/retry",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
)
async def retry_job(app: AppDep, job_id: JobId) -> JobItem:
    """Let a job that waits go on at once; do once more what one did that has ended.

    The answer is the job that does it: another one, if this one has ended. One that is queued or
    runs is left to it.
    """
    job = await app.queue.get(job_id)
    if job.state is JobState.WAITING:
        await app.queue.retry_now(job_id)
    elif not job.is_live:
        job_id = await app.queue.run_again(job_id)
    return job_item(await app.queue.get(job_id))


@routes.add(
    "POST",
    "/jobs/{job_id}/priority",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict, InvalidInput),
)
async def prioritise_job(body: Priority, app: AppDep, job_id: JobId) -> JobItem:
    """Let a job come sooner or later than others; one that runs goes on."""
    changed = await app.queue.set_priority(job_id, body.priority)
    job = await app.queue.get(job_id)
    if not changed:
        raise Conflict("This job has come to its end already.")
    return job_item(job)


async def _find(app: App, asked: WhichJobs, usual: tuple[JobState, ...]) -> list[str]:
    which = JobFilter(
        states=tuple(dict.fromkeys(asked.state)) if asked.state else usual,
        kind=asked.kind,
        lane=asked.lane,
        partition=asked.platform,
        reasons=_reasons(asked.reason),
        needs=asked.needs,
    )
    ids: list[str] = []
    cursor: str | None = None
    while len(ids) < MOST:
        page = await app.queue.list(which, limit=500, cursor=cursor)
        ids += (job.id for job in page.jobs)
        cursor = page.cursor
        if cursor is None:
            break
    return ids[:MOST]


def _reasons(asked: tuple[Reason | NoReason, ...] | None) -> tuple[Reason | None, ...] | None:
    return tuple(None if one == "none" else one for one in asked) if asked else None


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidInput("This cursor did not come from here.")
    return int(cursor)
