"""Jobs and schedules, as rows. The job table is the truth that people see; the engine has its own."""

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base

LIVE = "state in ('queued', 'running', 'waiting')"
UNSETTLED = "state = 'failed' and dismissed_at is null"


class Job(Base):
    """A unit of queued work: one acquisition, not one file.

    States: queued -> running -> (waiting -> running)* -> done | failed | cancelled.
    """

    __tablename__ = "job"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str]
    lane: Mapped[str]  # interactive | sync | housekeeping
    partition: Mapped[str]  # what the lane's concurrency counts: a platform, mostly
    title: Mapped[str] = mapped_column(Text)  # for people: the link, the subscription's name
    dedup_key: Mapped[str | None]
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    state: Mapped[str]
    attempt: Mapped[int]  # from 1; what was only interrupted counts as the same attempt
    run: Mapped[int]  # how often it was handed to the engine; of older runs nothing is heard
    starts: Mapped[int] = mapped_column(server_default="0")  # in a row that came to no orderly end
    held: Mapped[bool]  # not to be performed, because its lane is paused
    priority: Mapped[int]  # 1 is first
    not_before: Mapped[float]
    created_at: Mapped[float]
    started_at: Mapped[float | None]
    finished_at: Mapped[float | None]
    executor: Mapped[str | None]
    reason: Mapped[str | None]  # one of model.Reason
    detail: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[dict[str, object] | None] = mapped_column(JSON)  # for display only
    dismissed_at: Mapped[float | None]  # when its failure was settled: dismissed, or done once more

    __table_args__ = (
        Index(
            "uq_job_live_key",
            "dedup_key",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_job_state_created_at", "state", "created_at", "id"),
        Index("ix_job_created_at", "created_at", "id"),
        Index("ix_job_state_finished_at", "state", "finished_at"),
        Index(
            "ix_job_unsettled",
            "dedup_key",
            sqlite_where=text(UNSETTLED),
            postgresql_where=text(UNSETTLED),
        ),
        Index("ix_job_live", "id", sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
    )


class Executor(Base):
    """A process that performs jobs; one that was not seen for a while is dead."""

    __tablename__ = "executor"
    id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[float]
    started_at: Mapped[float]


class PausedLane(Base):
    """A lane, or one partition of it, that a person has paused."""

    __tablename__ = "paused_lane"
    lane: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[str] = mapped_column(primary_key=True)  # '' is the whole lane
    paused_at: Mapped[float]


class Schedule(Base):
    """When a job is due again: an interval or a cron expression, with jitter.

    `next_at` is changed only from the value that was seen, in the transaction that submits the job.
    """

    __tablename__ = "schedule"
    id: Mapped[str] = mapped_column(primary_key=True)  # 'subscription:12', 'library:scrub'
    kind: Mapped[str]
    lane: Mapped[str]
    partition: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    every_s: Mapped[float | None]
    cron: Mapped[str | None]
    zone: Mapped[str]  # IANA name; counts for cron only
    jitter_s: Mapped[float]
    next_at: Mapped[float] = mapped_column(index=True)
    enabled: Mapped[bool]
