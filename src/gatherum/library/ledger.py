"""The ledger of a job: what became of each media it met, in the order it was settled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.tables import LedgerRow, MediaRow
from gatherum.model import Outcome, Reason

HOSTS_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many media of a job came to which end."""

    stored: int = 0
    known: int = 0
    skipped: int = 0
    failed: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfetched:
    """What a job could not fetch although it may be there: how many from which host."""

    hosts: Counter[str]
    since: float  # when the newest of these was met

    def told(self, stored: int) -> str:
        """Say how the job has ended: "2 new, 1 could not be fetched from example.net."."""
        hosts = sorted(self.hosts, key=lambda host: (-self.hosts[host], host))
        more = len(hosts) - HOSTS_NAMED
        where = ", ".join(hosts[:HOSTS_NAMED]) + (f" and {more} other hosts" if more > 0 else "")
        return f"{stored} new, {self.hosts.total()} could not be fetched from {where}."


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


async def find_unfetched(database: Database, job_id: str) -> Unfetched | None:
    """Return what a job could not fetch for now, None if nothing is left."""

    def tx(tx: Tx) -> Unfetched | None:
        rows = tx.execute(
            sa.select(MediaRow.url, MediaRow.created_at)
            .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
            .where(
                LedgerRow.job_id == job_id,
                LedgerRow.outcome == Outcome.FAILED,
                MediaRow.state == "failed",
                MediaRow.reason == Reason.UNAVAILABLE,
            )
        ).all()
        if not rows:
            return None
        hosts = Counter(urlsplit(row.url).hostname or "" for row in rows)
        return Unfetched(hosts=hosts, since=max(row.created_at for row in rows))

    return await database.read(tx)
