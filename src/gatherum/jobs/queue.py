"""The port `JobQueue` and the values that go through it: what a job is, and what may become of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gatherum.db import Tx
from gatherum.model import Reason
from gatherum.ports import Json


class Lane(StrEnum):
    """Who waits for a job: lanes never wait for each other."""

    INTERACTIVE = "interactive"  # a person looks on
    SYNC = "sync"  # subscriptions and back-fills
    HOUSEKEEPING = "housekeeping"  # scrubs, backups, retention


class JobState(StrEnum):
    """queued -> running -> (waiting -> running)* -> done | failed | cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (JobState.QUEUED, JobState.RUNNING, JobState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What is to be done. Of equal `dedup_key`, only one job is live at a time."""

    kind: str
    lane: Lane
    partition: str  # what the lane's concurrency counts: a platform, mostly
    title: str  # for people
    payload: Mapping[str, Json] = field(default_factory=dict)
    dedup_key: str | None = None
    priority: int = 100  # 1 is first
    delay_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as it stands."""

    id: str
    kind: str
    lane: Lane
    partition: str
    title: str
    payload: Mapping[str, Json]
    dedup_key: str | None
    state: JobState
    attempt: int
    priority: int
    held: bool  # waits for its paused lane
    not_before: float
    created_at: float
    started_at: float | None
    finished_at: float | None
    executor: str | None
    reason: Reason | None
    detail: str | None
    progress: Mapping[str, Json] | None
    dismissed_at: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether anything may still happen to it."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Some jobs, newest first; `cursor` continues behind them, None is the end."""

    jobs: tuple[JobView, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs; what is None is not asked for, and nothing at all is every job."""

    ids: tuple[str, ...] | None = None
    states: tuple[JobState, ...] | None = None
    kind: str | None = None
    lane: Lane | None = None
    partition: str | None = None
    reasons: tuple[Reason | None, ...] | None = None  # with None among them: those that tell none
    needs: bool = False  # only those that need a person
    ended_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A lane that stands still; a partition of '' is the whole lane."""

    lane: Lane
    partition: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The job has come to its end, well or `failed`."""

    reason: Reason | None = None
    detail: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The job goes on in a new attempt; without `delay_s` the wait doubles with each attempt."""

    delay_s: float | None = None
    reason: Reason | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a handler knows of its job. `report` says how far it is: call it as often as you like.

    A report that moves is a sign of life; a job that gives none for its lane's limit is ended. Where
    `is_further`, some of the work is done for good: an end of the program later is not held against
    the job.
    """

    id: str
    kind: str
    payload: Mapping[str, Json]
    attempt: int
    report: "Report"


class Report(Protocol):
    """Says how far a job is."""

    def __call__(self, progress: Mapping[str, Json], *, is_further: bool = False) -> None:
        """Show `progress` to people, soon."""
        ...


EVERY = JobFilter()
# Runs on the event loop of the program. It may be cancelled at any await (a person cancels or
# pauses, the program closes) and may run again for the same job: after a crash, elsewhere.
Handler = Callable[[JobContext], Awaitable[Done | Later]]


class JobQueue(Protocol):
    """Submits, shows and steers jobs, from any process; performing them is the worker's part."""

    def submit(self, tx: Tx, job: NewJob, *, unattended: bool = False) -> str | None:
        """Record and queue a job in the caller's transaction; None if an equal one is live.

        What nobody asked for just now is `unattended`: None, too, if an equal one was set aside
        because it takes the program down, and no person has said what is to become of it.
        """
        ...

    async def enqueue(self, job: NewJob, *, unattended: bool = False) -> str | None:
        """`submit` in a transaction of its own."""
        ...

    async def get(self, job_id: str) -> JobView:
        """Return a job as it stands; raises `NotFound`."""
        ...

    async def find_live(self, dedup_key: str) -> JobView | None:
        """Return the live job of this key."""
        ...

    async def list(
        self, which: JobFilter = EVERY, *, limit: int = 100, cursor: str | None = None
    ) -> JobPage:
        """Return jobs, newest first."""
        ...

    async def cancel(self, job_id: str) -> bool:
        """End a live job; one that runs is stopped within two seconds. False if it had ended."""
        ...

    async def retry_now(self, job_id: str) -> bool:
        """Let a waiting job go on at once; False if it does not wait."""
        ...

    async def run_again(self, job_id: str) -> str:
        """Do once more what a job did that has ended; return the id of the job that does it."""
        ...

    async def set_priority(self, job_id: str, priority: int) -> bool:
        """Let a live job come sooner or later than others; one that runs goes on. False if it ended."""
        ...

    async def pause(self, lane: Lane, partition: str = "") -> None:
        """Let nothing of a lane (or of one partition of it) run until `resume`."""
        ...

    async def resume(self, lane: Lane, partition: str = "") -> None:
        """Let a paused lane go on."""
        ...

    async def paused(self) -> tuple[Pause, ...]:
        """Return what stands still."""
        ...
