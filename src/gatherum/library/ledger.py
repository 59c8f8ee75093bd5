"""The ledger of a job: what became of each media it met, in the order it was settled."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.tables import LedgerRow
from gatherum.model import Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many media of a job came to which end."""

    stored: int = 0
    known: int = 0
    skipped: int = 0
    failed: int = 0
    pending: int = 0


def settle(
    tx: Tx, media_ids: Sequence[int], outcome: Outcome, reason: Reason | None, now: float
) -> None:
    """Settle media for every job that waits for them, whichever worker brought them in."""
    tx.execute(
        sa.update(LedgerRow)
        .where(LedgerRow.media_id.in_(media_ids), LedgerRow.outcome == Outcome.PENDING)
        .values(outcome=outcome, reason=reason, settled_at=now)
    )


async def tally(database: Database, job_id: str) -> Tally:
    """Count a job's ledger."""

    def tx(tx: Tx) -> Tally:
        rows = tx.execute(
            sa.select(LedgerRow.outcome, sa.func.count())
            .where(LedgerRow.job_id == job_id)
            .group_by(LedgerRow.outcome)
        )
        return Tally(**{str(outcome): count for outcome, count in rows})

    return await database.read(tx)
