"""What cancelled jobs still waited for comes to an end: it is not left as if it were on its way."""

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
DETAIL = "You stopped the job that was to fetch it."


class Cancelled:
    """Gives media of cancelled jobs their outcome. Any number of processes may do this at once.

    What another job waits for stays `wanted`, and what is being fetched is left until it is let go.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def settle(self, *, since: float = 0.0) -> int:
        """Settle what jobs cancelled at `since` or later still wait for; return how many media."""
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
                log.debug("cancelled jobs settled later")
            except sa.exc.SQLAlchemyError as error:  # its disk may be full
                log.warning("cancelled jobs not settled", error=str(error))
            await self._clock.sleep(LOOK_S)

    def _settle(self, tx: Tx, since: float) -> int:
        rows = tx.execute(_waiting(since).limit(BITE)).all()
        media = [row.media_id for row in rows]
        jobs = {row.job_id for row in rows}
        tx.execute(
            sa.update(LedgerRow)
            .where(
                LedgerRow.job_id.in_(jobs),
                LedgerRow.media_id.in_(media),
                LedgerRow.outcome == Outcome.PENDING,
            )
            .values(outcome=Outcome.FAILED, reason=Reason.CANCELLED, settled_at=self._clock.now())
        )
        other = aliased(LedgerRow)
        awaited = sa.exists().where(
            other.media_id == MediaRow.id, other.outcome == sa.text("'pending'")
        )
        tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.id.in_(media), MediaRow.state == "wanted", ~awaited)
            .values(state="failed", reason=Reason.CANCELLED, detail=DETAIL, etag=None, part_ok=0)
        )
        return len(rows)


def _waiting(since: float) -> sa.Select[str, int]:
    """Return the query for what cancelled jobs wait for, and nobody is at."""
    return (
        sa.select(LedgerRow.job_id, LedgerRow.media_id)
        .join(Job, Job.id == LedgerRow.job_id)
        .join(MediaRow, MediaRow.id == LedgerRow.media_id)
        .where(
            Job.state == JobState.CANCELLED,
            Job.finished_at >= since,
            LedgerRow.outcome == sa.text("'pending'"),
            MediaRow.state.not_in(("fetching", "staged")),
        )
    )
