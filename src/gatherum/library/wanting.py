"""Want media that had come to an end without a file, and take that back, in the caller's transaction."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.library.editing import Change
from gatherum.library.ledger import settle
from gatherum.library.recording import outcome_of
from gatherum.library.tables import MediaRow
from gatherum.model import Outcome, Reason

ENDED = ("failed", "skipped")


def want_again(tx: Tx, media_ids: Sequence[int]) -> dict[int, Change]:
    """Let media that failed or were skipped be wanted; return how they stood."""
    query = (
        sa.select(MediaRow.id, MediaRow.state, MediaRow.reason, MediaRow.detail)
        .where(MediaRow.id.in_(media_ids), MediaRow.state.in_(ENDED))
        .order_by(MediaRow.id)
    )
    rows = tx.execute(query.with_for_update()).all()
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.id.in_([row.id for row in rows]))
        .values(state="wanted", reason=None, detail=None, attempt=0, not_before=0.0)
    )
    return {
        row.id: Change(
            before={"state": row.state, "reason": row.reason, "detail": row.detail},
            after={"state": "wanted"},
        )
        for row in rows
    }


def leave_again(tx: Tx, changes: Mapping[int, Change], now: float) -> list[int]:
    """Take `want_again` back for those that are still wanted; return which."""
    left = []
    for number, change in sorted(changes.items()):
        state, reason = str(change.before["state"]), change.before["reason"]
        changed = tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.id == number, MediaRow.state == "wanted")
            .values(state=state, reason=reason, detail=change.before["detail"])
        )
        if changed.rowcount == 1:
            outcome, why = outcome_of(state, None if reason is None else str(reason))
            settle(tx, [number], outcome, why, now)
            left.append(number)
    return left


def forbid_again(tx: Tx, media_ids: Sequence[int], now: float) -> list[int]:
    """Make tombstones again of media that were allowed, unless their bytes came; return which."""
    made = (
        sa.update(MediaRow)
        .where(
            MediaRow.id.in_(media_ids),
            MediaRow.state.in_(("wanted", *ENDED)),
            MediaRow.file_id.is_(None),
        )
        .values(state="trashed", reason=Reason.DELETED, detail=None, trashed_at=now)
    )
    found = list(tx.scalars(made.returning(MediaRow.id)))
    settle(tx, found, Outcome.SKIPPED, Reason.DELETED, now)
    return found
