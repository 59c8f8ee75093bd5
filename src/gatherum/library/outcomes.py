"""What became of media: in one job, and in all of them since a time."""

from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.items import MediaItem, Show, read_items
from gatherum.library.ledger import Tally, tally
from gatherum.library.tables import LedgerRow
from gatherum.model import Outcome
from gatherum.moments import Moment, iso


@dataclass(frozen=True, slots=True)
class MediaOutcome:
    """What became of a media in a job."""

    outcome: str
    reason: str | None
    settled_at: Moment | None
    media: MediaItem


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many media came to this end."""

    outcome: str
    reason: str | None
    count: int


class Outcomes:
    """The reader of the ledger."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def tally(self, job_id: str) -> Tally:
        """Count a job's outcomes."""
        return await tally(self._db, job_id)

    async def of_job(
        self,
        job_id: str,
        show: Show,
        *,
        outcome: Outcome | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> tuple[MediaOutcome, ...]:
        """Return what became of a job's media, by number, beginning behind `after`."""
        query = (
            sa.select(LedgerRow.media_id, LedgerRow.outcome, LedgerRow.reason, LedgerRow.settled_at)
            .where(LedgerRow.job_id == job_id, LedgerRow.media_id > after)
            .order_by(LedgerRow.media_id)
            .limit(limit)
        )
        if outcome is not None:
            query = query.where(LedgerRow.outcome == outcome)

        def tx(tx: Tx) -> tuple[MediaOutcome, ...]:
            rows = tx.execute(query).all()
            items = {int(one.id): one for one in read_items(tx, [row[0] for row in rows], show)}
            return tuple(
                MediaOutcome(outcome, reason, iso(settled_at), items[number])
                for number, outcome, reason, settled_at in rows
                if number in items
            )

        return await self._db.read(tx)

    async def count_since(self, since: float) -> tuple[OutcomeCount, ...]:
        """Count what was settled at `since` or later, the most first. Only these rows are read."""
        count = sa.func.count()
        query = (
            sa.select(LedgerRow.outcome, LedgerRow.reason, count)
            .where(LedgerRow.settled_at >= since, LedgerRow.outcome != sa.text("'pending'"))
            .group_by(LedgerRow.outcome, LedgerRow.reason)
            .order_by(count.desc(), LedgerRow.outcome, LedgerRow.reason)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(OutcomeCount(*row) for row in rows)
