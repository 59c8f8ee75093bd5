"""How far a target was listed: where the way to the end goes on, and what counts as known.

A target is listed from its newest post to its end, in slices maybe, by a cursor. Later listings
begin at the top and stop at what is known. A post is not known for being in the library: another
target may have brought it, or a listing that broke off above posts that nobody has seen. It counts
from the moment in which a listing from the top has come through to what was known before it.
Each filter has a listing of its own, since what one leaves out another may want.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.tables import LedgerRow, ListingRow, MediaRow
from gatherum.model import Outcome, Page, Reason, Target


class Way(StrEnum):
    """How a page stands in the listing of its target."""

    ONWARD = "onward"  # the next one on the way to the end: the cursor moves behind it
    FROM_TOP = "from_top"  # one of a later listing, on its way to what is known
    ASIDE = "aside"  # neither: a listing with a limit, or one that looks for certain posts


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingState:
    """How far a target was listed before."""

    provider: str | None = None
    cursor: str | None = None
    complete: bool = False
    listed: int = 0
    known_until: float | None = None  # what was seen up to then is known

    @property
    def begun(self) -> bool:
        """Whether the first listing has left something to go on from."""
        return self.complete or self.cursor is not None


def find_listing(tx: Tx, target: Target, chosen: str) -> ListingState:
    """Return how far `target` was listed with the filter `chosen`."""
    row = tx.execute(sa.select(ListingRow.__table__).where(*_same(target, chosen))).one_or_none()
    if row is None:
        return ListingState()
    return ListingState(
        provider=row.provider,
        cursor=row.cursor,
        complete=row.complete_at is not None,
        listed=row.listed,
        known_until=row.known_until,
    )


def take_over(
    tx: Tx, target: Target, chosen: str, job_id: str, *, again: Collection[Reason]
) -> None:
    """Let a job wait for what the last job of this listing has left unfetched: it was cancelled.

    What failed there with a reason of `again` is wanted again: it may stand further down than this
    listing goes.
    """
    last = tx.scalar(sa.select(ListingRow.job_id).where(*_same(target, chosen)))
    if last is None or last == job_id:
        return
    failed = sa.select(LedgerRow.media_id).where(
        LedgerRow.job_id == last, LedgerRow.outcome == Outcome.FAILED
    )
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.id.in_(failed), MediaRow.state == "failed", MediaRow.reason.in_(again))
        .values(state="wanted", reason=None, detail=None, attempt=0, not_before=0.0)
    )
    left = (
        sa.select(MediaRow.id)
        .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
        .where(
            LedgerRow.job_id == last,
            LedgerRow.outcome.in_((Outcome.PENDING, Outcome.FAILED)),
            MediaRow.state.in_(("wanted", "fetching", "staged")),
        )
    )
    rows = [
        {"job_id": job_id, "media_id": media_id, "outcome": Outcome.PENDING}
        for media_id in tx.scalars(left)
    ]
    insert_new(tx, LedgerRow, rows)
    tx.execute(sa.update(ListingRow).where(*_same(target, chosen)).values(job_id=job_id))


def move_on(
    tx: Tx, target: Target, chosen: str, page: Page, *, provider: str, job_id: str, now: float
) -> None:
    """Move the cursor behind a page."""
    values = {
        "provider": provider,
        "cursor": page.cursor,
        "complete_at": now if page.cursor is None else None,
    }
    changed = tx.execute(
        sa.update(ListingRow)
        .where(*_same(target, chosen))
        .values(listed=ListingRow.listed + len(page.posts), **values)
    )
    if changed.rowcount == 0:
        tx.execute(
            sa.insert(ListingRow).values(
                platform=target.platform,
                host=target.host,
                feed=target.feed,
                key=target.key,
                filter=chosen,
                listed=len(page.posts),
                known_until=now,
                job_id=job_id,
                **values,
            )
        )


def come_through(tx: Tx, target: Target, chosen: str, now: float) -> None:
    """Note that a listing from the top has met what was known, or the end."""
    tx.execute(sa.update(ListingRow).where(*_same(target, chosen)).values(known_until=now))


def _same(target: Target, chosen: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ListingRow.platform == target.platform,
        ListingRow.host == target.host,
        ListingRow.feed == target.feed,
        ListingRow.key == target.key,
        ListingRow.filter == chosen,
    )
