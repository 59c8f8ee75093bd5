"""What is wanted, claimed and settled: the rows of posts, media and jobs' ledgers.

Invariants: a row exists before the first byte of its file; a media is known by (platform, host,
platform's id) once, whoever found it; a state changes only from the state that was seen.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from gatherum.db import Database, Tx, insert_new
from gatherum.library.ledger import settle
from gatherum.library.listings import (
    ListingState,
    Way,
    come_through,
    find_listing,
    move_on,
    take_over,
)
from gatherum.library.recording import Recorded, outcome_of, record_page, remember
from gatherum.library.removals import find_missing, mark_removed, posts_at
from gatherum.library.sources import key_of, record_source, unmet
from gatherum.library.tables import LedgerRow, MediaRow, PostRow
from gatherum.model import (
    Decision,
    Media,
    MediaKind,
    Outcome,
    Page,
    Post,
    Reason,
    Target,
    Transport,
    Wanted,
)
from gatherum.ports import Clock

LEASE_S = 120.0


class Catalogue:
    """The repository of posts, media and ledgers. `owner` names this process in its claims."""

    def __init__(self, database: Database, clock: Clock, owner: str) -> None:
        self._db = database
        self._clock = clock
        self.owner = owner

    async def record(
        self,
        job_id: str,
        target: Target,
        page: Page,
        decisions: Sequence[Decision],
        *,
        provider: str,
        way: Way,
        chosen: str = "",
        subscription: int | None = None,
        since: float | None = None,
    ) -> Recorded:
        """Record a page: posts, media `wanted` or `skipped`, the job's ledger, and the cursor, at once.

        `decisions` holds one entry a media, in the order of the page. `way` says what the page is
        for the listing of the target with the filter `chosen`. `subscription` has met the posts.
        A listing from the top that comes through knows what was seen by `since`, else by now: what
        others brought while it went on may hide what it has not looked at.
        """
        now = self._clock.now()

        def tx(tx: Tx) -> Recorded:
            listing = find_listing(tx, target, chosen)
            new = unmet(tx, subscription, page.posts, by_date=page.by_date)
            recorded = record_page(
                tx,
                job_id,
                page.posts,
                decisions,
                now,
                listing=listing if page.by_date else replace(listing, top_at=None, bottom_at=None),
                from_top=way is Way.FROM_TOP,
                unmet=new,
            )
            if subscription is not None:
                # They are met once a look from the top has come through: what breaks off begins anew.
                left = new if way is not Way.ONWARD else ()
                record_source(tx, subscription, [p for p in page.posts if key_of(p) not in left])
            if way is Way.ONWARD:
                move_on(
                    tx,
                    target,
                    chosen,
                    page,
                    listing=listing,
                    provider=provider,
                    job_id=job_id,
                    now=now,
                )
            elif way is Way.FROM_TOP and (recorded.newest_known or page.cursor is None):
                come_through(tx, target, chosen, now if since is None else since)
            return recorded

        return await self._db.write(tx)

    async def note_met(self, subscription: int, posts: Sequence[Post]) -> None:
        """Note that a subscription has met posts of the library."""
        await self._db.write(lambda tx: record_source(tx, subscription, posts))

    async def remember(self, posts: Sequence[Post]) -> dict[str, Post]:
        """Return those of some posts of one platform that are known, with the words that are known."""
        return await self._db.read(lambda tx: remember(tx, posts))

    async def missing(
        self, subscription: int, shown: Sequence[Post], since: float
    ) -> list[tuple[int, str]]:
        """Return posts of a subscription, by number and link, that should be among the `shown`."""
        return await self._db.read(lambda tx: find_missing(tx, subscription, shown, since))

    async def posts_at(self, target: Target) -> list[tuple[int, str]]:
        """Return the posts, by number and link, that may be what a target is."""
        return await self._db.read(lambda tx: posts_at(tx, target))

    async def removed(self, post: int) -> None:
        """Note that a post, by its number, is gone at its source."""
        now = self._clock.now()
        await self._db.write(lambda tx: mark_removed(tx, [post], now))

    async def listing(self, target: Target, chosen: str = "") -> ListingState:
        """Return how far `target` was listed with the filter `chosen`."""
        return await self._db.read(lambda tx: find_listing(tx, target, chosen))

    async def begin_listing(
        self, job_id: str, target: Target, chosen: str, *, again: Collection[Reason] = ()
    ) -> ListingState:
        """Return how far `target` was listed, and take over what the last job has left unfetched.

        `again` are the reasons for which a media that failed there is fetched anew.
        """

        def tx(tx: Tx) -> ListingState:
            take_over(tx, target, chosen, job_id, again=again)
            return find_listing(tx, target, chosen)

        return await self._db.write(tx)

    async def claim(self, job_id: str, limit: int) -> list[Wanted]:
        """Claim up to `limit` media that the job still waits for and that are due."""
        now = self._clock.now()

        def tx(tx: Tx) -> list[Wanted]:
            due = (
                sa.select(MediaRow.id)
                .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
                .where(
                    LedgerRow.job_id == job_id,
                    LedgerRow.outcome == Outcome.PENDING,
                    sa.or_(
                        sa.and_(MediaRow.state == "wanted", MediaRow.not_before <= now),
                        sa.and_(MediaRow.state == "fetching", MediaRow.lease_until < now),
                    ),
                )
                .order_by(MediaRow.id)
                .limit(limit)
            )
            if tx.dialect.name == "postgresql":
                due = due.with_for_update(skip_locked=True, of=MediaRow)
            ids = list(tx.scalars(due))
            if not ids:
                return []
            tx.execute(
                sa.update(MediaRow)
                .where(MediaRow.id.in_(ids))
                .values(state="fetching", owner=self.owner, lease_until=now + LEASE_S)
            )
            rows = tx.execute(
                sa.select(
                    MediaRow.__table__,
                    PostRow.remote_id.label("post_remote_id"),
                    PostRow.url.label("post_url"),
                    PostRow.author,
                    PostRow.caption,
                )
                .join(PostRow, PostRow.id == MediaRow.post_id)
                .where(MediaRow.id.in_(ids))
                .order_by(MediaRow.id)
            )
            return [_wanted(row) for row in rows]

        # A claim that a power cut takes back is no loss: the row says `wanted` again.
        return await self._db.write(tx, durable=False)

    async def checkpoint(self, media_id: int, etag: str | None, part_ok: int) -> None:
        """Note that the first `part_ok` bytes of the part are on the disk, as `etag` has them."""

        def tx(tx: Tx) -> None:
            tx.execute(
                sa.update(MediaRow)
                .where(*self._held(media_id))
                .values(etag=etag, part_ok=part_ok, lease_until=self._clock.now() + LEASE_S)
            )

        await self._db.write(tx)

    async def expect(self, job_id: str, media_ids: Sequence[int]) -> None:
        """Let a job wait for media that are wanted already."""
        rows = [
            {"job_id": job_id, "media_id": media_id, "outcome": Outcome.PENDING}
            for media_id in media_ids
        ]
        await self._db.write(lambda tx: insert_new(tx, LedgerRow, rows))

    async def post_urls(self, media_ids: Sequence[int]) -> list[str]:
        """Return the links of the posts of these media, each once."""
        query = (
            sa.select(PostRow.url)
            .join(MediaRow, MediaRow.post_id == PostRow.id)
            .where(MediaRow.id.in_(media_ids))
            .distinct()
        )
        return await self._db.read(lambda tx: list(tx.scalars(query)))

    async def renew(self, media_ids: Sequence[int]) -> None:
        """Prolong the leases of what is being fetched."""

        def tx(tx: Tx) -> None:
            tx.execute(
                sa.update(MediaRow)
                .where(
                    MediaRow.id.in_(media_ids),
                    MediaRow.state == "fetching",
                    MediaRow.owner == self.owner,
                )
                .values(lease_until=self._clock.now() + LEASE_S)
            )

        await self._db.write(tx, durable=False)

    async def release(self, owner: str) -> None:
        """Let go of everything that a dead process was fetching."""
        await self._db.write(lambda tx: _release(tx, MediaRow.owner == owner))

    async def let_go(self, media_ids: Sequence[int]) -> None:
        """Give claimed media back untouched (the job was stopped)."""
        mine = sa.and_(MediaRow.owner == self.owner, MediaRow.id.in_(media_ids))
        await self._db.write(lambda tx: _release(tx, mine))

    async def retry(
        self,
        media_id: int,
        reason: Reason,
        detail: str,
        *,
        not_before: float,
        counts: bool,
        keep_part: bool,
    ) -> None:
        """Put a claimed media back to `wanted`, for later; `counts` as a failed try or not."""

        def tx(tx: Tx) -> None:
            values: dict[str, object] = {} if keep_part else {"etag": None, "part_ok": 0}
            tx.execute(
                sa.update(MediaRow)
                .where(*self._held(media_id))
                .values(
                    state="wanted",
                    owner=None,
                    lease_until=None,
                    reason=reason,
                    detail=detail[:500],
                    not_before=not_before,
                    attempt=MediaRow.attempt + int(counts),
                    **values,
                )
            )

        await self._db.write(tx)

    async def fail(
        self, media_id: int, reason: Reason, detail: str, *, skipped: bool = False
    ) -> bool:
        """Give a claimed media up, with the reason that a person will read; False if it was not ours."""
        now = self._clock.now()
        state = "skipped" if skipped else "failed"

        def tx(tx: Tx) -> bool:
            changed = tx.execute(
                sa.update(MediaRow)
                .where(*self._held(media_id))
                .values(
                    state=state,
                    owner=None,
                    lease_until=None,
                    reason=reason,
                    detail=detail[:500],
                    etag=None,
                    part_ok=0,
                )
            )
            if changed.rowcount == 1:
                outcome = Outcome.SKIPPED if skipped else Outcome.FAILED
                settle(tx, [media_id], outcome, reason, now)
            return changed.rowcount == 1

        return await self._db.write(tx)

    async def give_up_pending(self, job_id: str, reason: Reason, detail: str) -> None:
        """Settle all that the job still waits for as failed; the media stay `wanted` for a later job."""
        now = self._clock.now()

        def tx(tx: Tx) -> None:
            pending = sa.select(LedgerRow.media_id).where(
                LedgerRow.job_id == job_id, LedgerRow.outcome == Outcome.PENDING
            )
            tx.execute(
                sa.update(MediaRow)
                .where(MediaRow.id.in_(pending), MediaRow.state == "wanted")
                .values(reason=reason, detail=detail[:500])
            )
            tx.execute(
                sa.update(LedgerRow)
                .where(LedgerRow.job_id == job_id, LedgerRow.outcome == Outcome.PENDING)
                .values(outcome=Outcome.FAILED, reason=reason, settled_at=now)
            )

        await self._db.write(tx)

    async def next_due(self, job_id: str) -> float | None:
        """Return when the job should look again for work, None if nothing is pending."""

        def tx(tx: Tx) -> float | None:
            when = sa.case(
                (MediaRow.state == "wanted", MediaRow.not_before),
                (MediaRow.state == "fetching", MediaRow.lease_until),
                else_=0.0,
            )
            found: float | None = tx.scalar(
                sa.select(sa.func.min(when))
                .select_from(LedgerRow)
                .join(MediaRow, MediaRow.id == LedgerRow.media_id)
                .where(LedgerRow.job_id == job_id, LedgerRow.outcome == Outcome.PENDING)
            )
            return found

        return await self._db.read(tx)

    async def catch_up(self, job_id: str) -> None:
        """Settle what the job still waits for although it has come to its end.

        Another worker may have ended it in the moment in which this job began to wait for it.
        """

        def tx(tx: Tx) -> None:
            rows = tx.execute(
                sa.select(MediaRow.id, MediaRow.state, MediaRow.reason)
                .join(LedgerRow, LedgerRow.media_id == MediaRow.id)
                .where(
                    LedgerRow.job_id == job_id,
                    LedgerRow.outcome == Outcome.PENDING,
                    MediaRow.state.in_(("stored", "failed", "skipped", "trashed")),
                )
            ).all()
            for row in rows:
                outcome, reason = outcome_of(row.state, row.reason)
                settle(tx, [row.id], outcome, reason, self._clock.now())

        await self._db.write(tx)

    def _held(self, media_id: int) -> tuple[sa.ColumnElement[bool], ...]:
        return (MediaRow.id == media_id, MediaRow.state == "fetching", MediaRow.owner == self.owner)


def _release(tx: Tx, which: sa.ColumnElement[bool]) -> None:
    tx.execute(
        sa.update(MediaRow)
        .where(MediaRow.state == "fetching", which)
        .values(state="wanted", owner=None, lease_until=None)
    )


def _wanted(row: sa.Row[tuple[object, ...]]) -> Wanted:
    recipe = row.recipe
    posted = row.posted_at
    return Wanted(
        id=row.id,
        post=Post(
            platform=row.platform,
            host=row.host,
            id=row.post_remote_id,
            url=row.post_url,
            author=row.author,
            caption=row.caption,
            posted_at=None if posted is None else datetime.fromtimestamp(posted, UTC),
            media=(),
        ),
        media=Media(
            id=row.remote_id,
            url=row.url,
            kind=MediaKind(row.kind),
            transport=Transport(row.transport),
            headers=recipe.get("headers", {}),
            mirrors=tuple(recipe.get("mirrors", ())),
            filename=row.filename,
            size=row.expected_size,
            width=row.width,
            height=row.height,
            duration=row.duration,
        ),
        position=row.position,
        attempt=row.attempt,
        etag=row.etag,
        part_ok=row.part_ok,
    )
