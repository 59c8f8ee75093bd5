"""Jobs and lanes as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatherum.jobs.queue import JobState, JobView
from gatherum.moments import Moment, iso, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """A job as it stands."""

    id: str
    kind: str
    lane: str
    platform: str  # what the lane's limit counts: a platform, mostly
    title: str
    state: str
    attempt: int
    priority: int  # 1 is first
    held: bool  # waits for its paused lane
    next_at: Moment | None  # when it goes on, if it waits
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    reason: str | None
    detail: str | None
    progress: Mapping[str, object] | None
    subscription: int | None  # whose it is


def job_item(job: JobView) -> JobItem:
    """Return a job as the API shows it."""
    subscription = job.payload.get("subscription")
    return JobItem(
        id=job.id,
        kind=job.kind,
        lane=job.lane,
        platform=job.partition,
        title=job.title,
        state=job.state,
        attempt=job.attempt,
        priority=job.priority,
        held=job.held,
        next_at=iso(job.not_before) if job.state in (JobState.WAITING, JobState.QUEUED) else None,
        created_at=moment(job.created_at),
        started_at=iso(job.started_at),
        finished_at=iso(job.finished_at),
        reason=job.reason,
        detail=job.detail,
        progress=job.progress,
        subscription=subscription if isinstance(subscription, int) else None,
    )
