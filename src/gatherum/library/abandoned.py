"""What an ended job still waited for comes to an end: it is not left as if it were on its way.

A handler settles that itself, unless it had no chance to: its job was cancelled, took its worker
down too often, or was ended because it made no progress.
"""

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import aliased

from gatherum.db import Database, Tx
from gatherum.errors import DatabaseAway
from gatherum.jobs.queue import JobState
from gatherum.jobs.tables import Job
from gatherum.library.tables import LedgerRow, MediaRow
from gatherum.model import Outcome, Reason
from gatherum.ports import Clock

log = structlog.get_logger()
BITE = 500  # media in one transaction
LOOK_S = 5.0
LATE_S = 3600.0  # a claim is let go within seconds, or when its worker is found dead
STOPPED = {
    "state": "failed",
    "reason": Reason.CANCELLED,
    "detail": "You stopped the job that was to fetch it.",
    "etag": None,
    "part_ok": 0,
}


class Abandoned:
    """Gives media of cancelled and failed jobs their outcome. Many processes may do this at once.

    What is being fetched is left until it is let go. Media of a cancelled job that no other job
    waits for fail; those of a failed one stay `wanted` for a later job, as when a handler gives up.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def settle(self, *, since: float = 0.0) -> int:
        """Settle what jobs that ended at `since` or later still wait for; return how many media."""
        total, count = 0, BITE
        while count >= BITE:
            waiting = await self._db.read(lambda tx: tx.execute(_waiting(since)).first())
            if waiting is None:  # most of the time there is nothing, and nothing is written
                break
            count = await self._db.write(lambda tx: self._settle(tx, since))
            total += count
        return total

    async def keep_settling(self) -> None:
        """Settle what is there and what comes, until cancelled."""
        since = 0.0
        while True:
            now = self._clock.now()
            try:
                await self.settle(since=since)
                since = now - LATE_S
            except DatabaseAway:
                log.debug("ended jobs settled later")
            except sa.exc.SQLAlchemyError as error:  # its disk may be full
                log.warning("ended jobs not settled", error=str(error))
            await self._clock.sleep(LOOK_S)

    def _settle(self, tx: Tx, since: float) -> int:
        rows = tx.execute(_waiting(since).limit(BITE)).all()
        by_job: dict[str, list[int]] = {}
        for job_id, media_id in rows:
            by_job.setdefault(job_id, []).append(media_id)
        ended = sa.select(Job.id, Job.state, Job.reason, Job.detail).where(Job.id.in_(by_job))
        for job_id, state, reason, detail in tx.execute(ended).all():
            media = by_job[job_id]
            if state == JobState.CANCELLED:
                self._end(tx, job_id, media, Reason.CANCELLED)
                tx.execute(_unless_awaited(media).values(**STOPPED))
            else:
                self._end(tx, job_id, media, reason)
                tx.execute(_unless_awaited(media).values(reason=reason, detail=detail))
        return len(rows)

    def _end(self, tx: Tx, job_id: str, media: list[int], reason: str | None) -> None:
        which = sa.and_(
            LedgerRow.job_id == job_id,
            LedgerRow.media_id.in_(media),
            LedgerRow.outcome == Outcome.PENDING,
        )
        ended = {"outcome": Outcome.FAILED, "reason": reason, "settled_at": self._clock.now()}
        tx.execute(sa.update(LedgerRow).where(which).values(ended))


def _unless_awaited(media: list[int]) -> sa.Update:
    """Return the update of those media that are not on their way for another job."""
    other = aliased(LedgerRow)
    awaited = sa.exists().where(
        other.media_id == MediaRow.id, other.outcome == sa.text("'pending'")
    )
    return sa.update(MediaRow).where(MediaRow.id.in_(media), MediaRow.state == "wanted", ~awaited)


def _waiting(since: float) -> sa.Select[str, int]:
    """Return the query for what ended jobs wait for, and nobody is at."""
    return (
        sa.select(LedgerRow.job_id, LedgerRow.media_id)
        .join(Job, Job.id == LedgerRow.job_id)
        .join(MediaRow, MediaRow.id == LedgerRow.media_id)
        .where(
            Job.state.in_((JobState.CANCELLED, JobState.FAILED)),
            Job.finished_at >= since,
            LedgerRow.outcome == sa.text("'pending'"),
            MediaRow.state.not_in(("fetching", "staged")),
        )
    )
