"""Steps 2 to 7 of the straight line, in order: list, select, record, fetch, adopt, store."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import structlog

from gatherum.acquiring.outcome import TRIES, GiveUp, Halt, Retry, backoff, halt_for, judge
from gatherum.errors import GatherumError, Gone, SourceError, Unavailable
from gatherum.library.catalogue import LEASE_S, Catalogue
from gatherum.library.files import Adoption, Files
from gatherum.library.listings import ListingState, Way
from gatherum.library.recording import Recorded
from gatherum.model import KEEP, Decision, Media, Page, Part, Post, Reason, Target, Wanted
from gatherum.ports import Clock

log = structlog.get_logger()
SLOTS = 64  # media of one job in flight: some download, the others are being adopted in groups
BITE = 128  # media claimed at once
DRY_S = 0.5
RENEW_S = 1.0  # how long expired addresses are gathered before a new extraction
AHEAD = 400  # media recorded but not fetched before the listing waits
LOOK_AGAIN_S = 2.0  # how often a job looks for media that another worker holds
LONGEST_WAIT_S = 120.0  # a longer one gives the slot back

Pages = Callable[
    [str | None], AsyncGenerator[tuple[str, Page], None]
]  # cursor -> (provider, page)s
Fetch = Callable[[Wanted], Awaitable[Part]]  # brings a claimed media into staging


def keep_fetched(_wanted: Wanted, _part: Part) -> Decision:
    """Keep whatever was fetched."""
    return KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One job's way along the line."""

    job_id: str
    target: Target
    pages: Pages
    select: Callable[[Sequence[Post]], Sequence[Decision]]
    fetch: Fetch
    path: Callable[[Wanted, Part], str]
    check: Callable[[Wanted, Part], Decision] = keep_fetched  # sizes are known only now
    chosen: str = ""  # the filter, as text: each has its own way through the target
    tracked: bool = True  # whether it counts how far the target was listed before
    from_top: bool = True  # begin with what is newest
    back: bool = True  # go back to the end, where an earlier listing left off
    limit: int | None = None  # media at most
    posts: int | None = None  # posts on the way to the end: a slice of a back-fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an acquisition ended; `later` is set if it should go on after so many seconds."""

    reason: Reason | None = None
    detail: str | None = None
    later: float | None = None


@dataclass(slots=True)
class _Run:
    """The state of one acquisition while it runs."""

    plan: Acquisition
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # there is something to fetch
    room: asyncio.Event = field(default_factory=asyncio.Event)  # there is room to list more
    claimed: deque[Wanted] = field(default_factory=deque)
    held: set[int] = field(default_factory=set)
    waiting: int = 0  # recorded and not claimed yet, as far as this run knows
    posts: int = 0  # listed so far
    taken: int = 0  # media that the limit has let through
    stale: set[str] = field(default_factory=set)  # media whose address has expired
    stale_since: float = 0.0
    addresses: dict[str, str] = field(default_factory=dict)  # by a new extraction; '' if left out
    renewed: float = field(default_factory=time.monotonic)
    waits: Retry | None = None  # why the last media waits
    listed: bool = False
    trouble: SourceError | None = None  # of the listing
    halt: Halt | None = None
    dry_until: float = 0.0  # when to ask again for work, where the last look found too little
    ended: list[asyncio.Task[None]] = field(default_factory=list)

    def end(self, task: asyncio.Task[None]) -> None:
        """Note that a media came to its outcome, or to its next try."""
        self.ended.append(task)
        self.wake.set()


class Pipeline:
    """Runs acquisitions. Stateless between them: the ledger in the database is what remains."""

    def __init__(
        self,
        catalogue: Catalogue,
        files: Files,
        clock: Clock,
        pace: Callable[[], float],
        *,
        tries: int = TRIES,
    ) -> None:
        self._catalogue = catalogue
        self._files = files
        self._clock = clock
        self._pace = pace
        self._tries = tries

    async def run(self, plan: Acquisition) -> Ending:
        """Take everything behind the target to its outcome; can be run again after any crash."""
        run = _Run(plan)
        lister = asyncio.create_task(self._list(run))
        try:
            later = await self._work(run)
        finally:
            lister.cancel()
            await asyncio.wait([lister])
            if run.held:
                await self._catalogue.let_go(sorted(run.held))
        if not lister.cancelled():
            lister.result()  # a fault of ours, if it raises
        if run.halt is not None:
            return Ending(reason=run.halt.reason, detail=run.halt.detail, later=30.0)
        if run.trouble is not None:
            wait = run.trouble.retry_after if isinstance(run.trouble, Unavailable) else None
            return Ending(reason=run.trouble.reason, detail=str(run.trouble), later=wait)
        if later is not None:
            why = run.waits
            reason = why.reason if why else Reason.UNAVAILABLE
            return Ending(reason=reason, detail=why.detail if why else None, later=later)
        return Ending()

    # -- list, select, record

    async def _list(self, run: _Run) -> None:
        try:
            if not run.plan.tracked:
                await self._list_with_retries(run, None, stop_at_known=False)
                return
            known = await self._begin(run.plan)
            if run.plan.from_top:
                reached = await self._list_with_retries(run, None, stop_at_known=known.begun)
                if reached or not known.begun:
                    return
            if run.plan.back and not known.complete and known.cursor is not None:
                await self._list_with_retries(run, known.cursor, stop_at_known=False)
        except SourceError as error:
            run.trouble = error
        finally:
            run.listed = True
            run.wake.set()

    async def _begin(self, plan: Acquisition) -> ListingState:
        if plan.limit is None:
            return await self._catalogue.begin_listing(plan.job_id, plan.target, plan.chosen)
        return await self._catalogue.listing(plan.target, plan.chosen)

    async def _list_with_retries(
        self, run: _Run, cursor: str | None, *, stop_at_known: bool
    ) -> bool:
        """List from `cursor`; True if the end (or the limit) was reached, False at what is known."""
        start, taken = cursor, run.taken
        for attempt in range(self._tries):
            if cursor == start:
                run.taken = taken  # the same pages come again
            try:
                return await self._list_pages(run, cursor, stop_at_known=stop_at_known)
            except Unavailable as error:
                wait = error.retry_after or 0.0
                if wait > LONGEST_WAIT_S or attempt + 1 == self._tries:
                    raise
                await self._clock.sleep(max(wait, backoff(attempt, self._pace())))
            if not stop_at_known:
                listing = await self._catalogue.listing(run.plan.target, run.plan.chosen)
                cursor = listing.cursor or cursor
        raise AssertionError  # the last try returns or raises

    async def _list_pages(self, run: _Run, cursor: str | None, *, stop_at_known: bool) -> bool:
        plan = run.plan
        way = Way.FROM_TOP if stop_at_known else Way.ONWARD
        if not plan.tracked or plan.limit is not None:
            way = Way.ASIDE  # a limit cuts where it will: that is no place to go on from
        async with aclosing(plan.pages(cursor)) as pages:
            async for provider, whole in pages:
                page, decisions = whole, plan.select(whole.posts)
                if plan.limit is not None:
                    page, decisions = _cut(whole, decisions, plan.limit - run.taken)
                    run.taken += sum(decision.reason is None for decision in decisions)
                recorded = await self._catalogue.record(
                    plan.job_id,
                    plan.target,
                    page,
                    decisions,
                    provider=provider,
                    way=way,
                    chosen=plan.chosen,
                )
                await self._heed(run, recorded)
                run.posts += recorded.posts
                if page is not whole or run.taken == plan.limit:
                    return True
                if stop_at_known and recorded.newest_known:
                    return False
                if not stop_at_known and plan.posts is not None and run.posts >= plan.posts:
                    return True
        return True

    async def _heed(self, run: _Run, recorded: Recorded) -> None:
        """Wake the fetching, and let it catch up before more is listed."""
        run.waiting += recorded.pending
        run.wake.set()
        while run.waiting > AHEAD:
            run.room.clear()
            await run.room.wait()

    # -- fetch, adopt, store

    async def _work(self, run: _Run) -> float | None:
        """Fetch until nothing is pending; return the seconds to wait if that is too long to sit out."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                run.wake.clear()
                was_listed = run.listed
                while run.ended:
                    task = run.ended.pop()
                    tasks.discard(task)
                    task.result()
                if run.stale and (not tasks or time.monotonic() > run.stale_since + RENEW_S):
                    await self._renew_addresses(run)
                await self._refill(run)
                while run.claimed and len(tasks) < SLOTS and run.halt is None:
                    task = asyncio.create_task(self._acquire(run, run.claimed.popleft()))
                    task.add_done_callback(run.end)
                    tasks.add(task)
                if run.halt is not None and not tasks:
                    return None
                pause: float | None = LOOK_AGAIN_S
                if not tasks and was_listed:
                    pause = await self._pause(run)
                    if run.halt is not None or pause is None or pause > LONGEST_WAIT_S:
                        return pause
                    pause = min(pause, LOOK_AGAIN_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await run.wake.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _refill(self, run: _Run) -> None:
        """Claim what is due, in large bites, and not anew for every file when there is no more."""
        now = time.monotonic()
        if now - run.renewed > LEASE_S / 4:
            run.renewed = now
            await self._catalogue.renew(sorted(run.held))
        is_dry = run.waiting == 0 and now < run.dry_until and len(run.held) > len(run.claimed)
        if run.halt is None and len(run.claimed) < SLOTS // 2 and not is_dry:
            claimed = await self._catalogue.claim(run.plan.job_id, BITE)
            run.claimed.extend(claimed)
            run.held.update(wanted.id for wanted in claimed)
            run.waiting = max(0, run.waiting - len(claimed)) if claimed else 0
            run.dry_until = now + DRY_S if len(claimed) < BITE else now
            run.room.set()

    async def _pause(self, run: _Run) -> float | None:
        """Return how long until there may be work again; None if everything has its outcome."""
        due = await self._catalogue.next_due(run.plan.job_id)
        if due is None:
            return None
        if due == 0.0:
            await self._catalogue.catch_up(run.plan.job_id)
        try:
            await self._files.roll_staged()
        except OSError as error:
            run.halt = halt_for(error)
        return max(0.05, due - self._clock.now())

    async def _acquire(self, run: _Run, wanted: Wanted) -> None:
        """Take one media to its outcome, or to its next try."""
        try:
            part = await run.plan.fetch(wanted)
            if (refused := run.plan.check(wanted, part)).reason is not None:
                await self._give_up(
                    wanted, GiveUp(reason=refused.reason, detail=refused.detail or "", skipped=True)
                )
                run.held.discard(wanted.id)
                return
            adoption = Adoption(wanted=wanted, part=part, path=run.plan.path(wanted, part))
            await self._files.adopt(adoption)
        except (GatherumError, OSError) as error:
            await self._settle(run, wanted, error)
        run.held.discard(wanted.id)  # not when cancelled: then the run lets go of it

    async def _settle(self, run: _Run, wanted: Wanted, error: GatherumError | OSError) -> None:
        newest = run.addresses.get(wanted.media.id)
        verdict = judge(
            error,
            wanted,
            pace=self._pace(),
            tries=self._tries,
            renewed=newest is not None and newest in ("", wanted.media.url),
        )
        log.info("not_fetched", media=wanted.id, verdict=verdict.reason, detail=verdict.detail)
        match verdict:
            case Retry():
                run.waits = verdict
                await self._catalogue.retry(
                    wanted.id,
                    verdict.reason,
                    verdict.detail,
                    not_before=self._clock.now() + verdict.delay,
                    counts=verdict.counts,
                    keep_part=verdict.keep_part,
                )
                if verdict.wants_new_address:  # not before it waits: only then its row takes one
                    run.stale_since = run.stale_since if run.stale else time.monotonic()
                    run.stale.add(wanted.media.id)
            case GiveUp():
                await self._give_up(wanted, verdict)
            case Halt():
                run.halt = verdict
                run.wake.set()
                await self._catalogue.retry(
                    wanted.id,
                    verdict.reason,
                    verdict.detail,
                    not_before=0.0,
                    counts=False,
                    keep_part=True,
                )

    async def _give_up(self, wanted: Wanted, verdict: GiveUp) -> None:
        if await self._catalogue.fail(
            wanted.id, verdict.reason, verdict.detail, skipped=verdict.skipped
        ):
            await self._files.drop_part(wanted)

    async def _renew_addresses(self, run: _Run) -> None:
        """Extract the posts of expired addresses again; what waits gets its new address."""
        sought, run.stale = run.stale, set()
        plan = run.plan
        try:
            async with aclosing(plan.pages(None)) as pages:
                async for provider, page in pages:
                    offered = {m.id: m.url for post in page.posts for m in post.media}
                    kept = [post for post in page.posts if any(m.id in sought for m in post.media)]
                    await self._catalogue.record(
                        plan.job_id,
                        plan.target,
                        replace(page, posts=tuple(kept)),
                        plan.select(kept),
                        provider=provider,
                        way=Way.ASIDE,
                        chosen=plan.chosen,
                    )
                    run.addresses |= {name: offered[name] for name in sought & offered.keys()}
                    sought -= offered.keys()
                    if not sought:
                        return
        except Gone:
            pass  # nothing offers them any more
        except SourceError as error:
            log.info("no_new_addresses", reason=error.reason)
            return  # which says nothing of the media: they are tried again, and so is this
        run.addresses |= dict.fromkeys(sought, "")


def _cut(page: Page, decisions: Sequence[Decision], room: int) -> tuple[Page, Sequence[Decision]]:
    """Cut a page behind the last media that there is room for."""
    posts: list[Post] = []
    kept: list[Decision] = []
    fates = iter(decisions)
    for post in page.posts:
        media: list[Media] = []
        for one in post.media:
            decision = next(fates)
            if decision.reason is None and room <= 0:
                posts += [replace(post, media=tuple(media))] if media else []
                return replace(page, posts=tuple(posts)), kept
            room -= decision.reason is None
            media.append(one)
            kept.append(decision)
        posts.append(replace(post, media=tuple(media)))
    return page, decisions
