"""Jobs and lanes as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatherum.jobs.queue import JobState, JobView


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """A job as it stands. Times are seconds since 1970, UTC."""

    id: str
    kind: str
    lane: str
    platform: str  # what the lane's limit counts: a platform, mostly
    title: str
    state: str
    attempt: int
    priority: int  # 1 is first
    held: bool  # waits for its paused lane
    next_at: float | None  # when it goes on, if it waits
    created_at: float
    started_at: float | None
    finished_at: float | None
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
        next_at=job.not_before if job.state in (JobState.WAITING, JobState.QUEUED) else None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        reason=job.reason,
        detail=job.detail,
        progress=job.progress,
        subscription=subscription if isinstance(subscription, int) else None,
    )
