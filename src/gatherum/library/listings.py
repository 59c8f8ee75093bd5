"""How far a target was listed: where the way to the end goes on, and what counts as known.

A target is listed from its newest post to its end, in slices maybe, by a cursor. Later listings
begin at the top and stop at what is known. A post is not known for being in the library: another
target may have brought it, or a listing that broke off above posts that nobody has seen. It counts
once a listing from the top that has shown it on its first page, or seen it before, has come through
to what was known before it; for a subscription not at all while only others have met it, or, in a
listing that is in no order of dates, while it has not met it itself. What was published before the
newest post that the first listing began with is known by that one, in a listing by date.
Each filter has a listing of its own, since what one leaves out another may want.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.tables import LedgerRow, ListingRow, MediaRow
from gatherum.model import Outcome, Page, Post, Reason, Target


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
    top_at: float | None = None  # and so is what was published before, in a listing by date
    bottom_at: float | None = None  # what was published before that is still to come, likewise

    @property
    def begun(self) -> bool:
        """Whether the first listing has left something to go on from."""
        return self.complete or self.cursor is not None


UNLISTED = ListingState()


def find_listing(tx: Tx, target: Target, chosen: str) -> ListingState:
    """Return how far `target` was listed with the filter `chosen`."""
    row = tx.execute(sa.select(ListingRow.__table__).where(*_same(target, chosen))).one_or_none()
    if row is None:
        return UNLISTED
    return ListingState(
        provider=row.provider,
        cursor=row.cursor,
        complete=row.complete_at is not None,
        listed=row.listed,
        known_until=row.known_until,
        top_at=row.top_at,
        bottom_at=row.bottom_at,
    )


def ends_in_known(posts: Sequence[Post], seen: Mapping[int, float], listing: ListingState) -> bool:
    """Return whether a page shows that nothing behind it is new.

    `seen` says when posts of it were seen first, by `id`; without an end is what the listing has not
    met. Every post was seen before, or is left to the back-fill, and the newest one is known to the
    listing: nothing behind a page is newer than that. Others prove less: a page of a thread reaches
    over those of the next. Pinned posts, which stand out of order, do not count; a page whose oldest
    post comes first proves nothing.

    What is left to a back-fill is older than all that it has come to; in a listing that is not by
    date, where that cannot be told, it stands behind all that was seen.
    """
    loose = [post for post in posts if not post.pinned]
    dates = [post.posted_at for post in loose if post.posted_at is not None]
    if listing.known_until is None or not loose or (dates and dates[0] < dates[-1]):
        return False
    edge = listing.top_at if listing.bottom_at is None else listing.bottom_at
    last = max((place for place, post in enumerate(loose) if id(post) in seen), default=-1)
    for place, post in enumerate(loose):
        if id(post) in seen:
            continue
        to_come = place > last if edge is None else _is_before(post, edge)
        if listing.complete or not to_come:
            return False
    newest = loose[0]
    return _is_before(newest, listing.top_at) or seen.get(id(newest), inf) <= listing.known_until


def without_tail(
    posts: Sequence[Post], seen: Mapping[int, float], listing: ListingState
) -> Sequence[Post]:
    """Return a page that ends a listing without what stands at its end and is left to the back-fill."""
    if listing.complete:
        return posts
    end = len(posts)
    while end and not posts[end - 1].pinned and seen.get(id(posts[end - 1]), inf) == inf:
        end -= 1
    return posts[:end]


def _is_before(post: Post, moment: float | None) -> bool:
    return moment is not None and post.posted_at is not None and post.posted_at.timestamp() < moment


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
    tx: Tx,
    target: Target,
    chosen: str,
    page: Page,
    *,
    listing: ListingState,
    provider: str,
    job_id: str,
    now: float,
) -> None:
    """Move the cursor behind a page of a `listing` as it stands."""
    values = {
        "bottom_at": _oldest(page, listing.bottom_at),
        "provider": provider,
        "cursor": page.cursor,
        "complete_at": now if page.cursor is None else None,
    }
    changed = tx.execute(
        sa.update(ListingRow)
        .where(*_same(target, chosen))
        .values(
            listed=ListingRow.listed + len(page.posts),
            known_until=sa.func.coalesce(ListingRow.known_until, _begun(page, now)),
            top_at=sa.func.coalesce(ListingRow.top_at, _newest(page, now)),
            **values,
        )
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
                known_until=_begun(page, now),
                top_at=_newest(page, now),
                job_id=job_id,
                **values,
            )
        )


def _begun(page: Page, now: float) -> float | None:
    """Return `now` if a page shows what later listings can stop at, or the end; else None."""
    ends = page.cursor is None or not all(post.pinned for post in page.posts)
    return now if ends else None


def _newest(page: Page, now: float) -> float | None:
    """Return when the newest post of a page by date was published; None if the page does not tell."""
    loose = [post.posted_at for post in page.posts if not post.pinned]
    if not page.by_date or not loose or loose[0] is None:
        return None
    return min(loose[0].timestamp(), now)


def _oldest(page: Page, before: float | None) -> float | None:
    """Return when the oldest post was published that pages by date have come to so far."""
    loose = [post.posted_at for post in page.posts if not post.pinned]
    dates = [date.timestamp() for date in loose if date is not None and page.by_date]
    dates = dates[:1] if page.overlaps else dates
    return min([*dates, before] if before is not None else dates, default=None)


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
