"""The straight line in order: what is listed and recorded is fetched, adopted and stored."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from gatherum.acquiring.acquisition import Acquisition, Ending, Run
from gatherum.acquiring.lister import Lister
from gatherum.acquiring.outcome import (
    LONGEST_WAIT_S,
    TRIES,
    GiveUp,
    Halt,
    Retry,
    halt_for,
    judge,
)
from gatherum.errors import Busy, GatherumError, Silent, Unavailable
from gatherum.library.catalogue import LEASE_S, Catalogue
from gatherum.library.files import Files
from gatherum.library.staging import Adoption
from gatherum.model import Part, Reason, Wanted
from gatherum.ports import Clock
from gatherum.providers.urls import host_of

log = structlog.get_logger()
SLOTS = 64  # media of one job in flight: some download, the others are being adopted in groups
BITE = 128  # media claimed at once
DRY_S = 0.5
RENEW_S = 1.0  # how long expired addresses are gathered before a new extraction
LOOK_AGAIN_S = 2.0  # how often a job looks for media that another worker holds


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
        self._lister = Lister(catalogue, clock, pace, tries=tries)

    async def run(self, plan: Acquisition) -> Ending:
        """Take everything behind the target to its outcome; can be run again after any crash."""
        run = Run(plan)
        lister = asyncio.create_task(self._lister.list(run))
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
            begun = not isinstance(run.trouble, Busy)
            return Ending(
                reason=run.trouble.reason, detail=str(run.trouble), later=wait, begun=begun
            )
        if later is not None:
            why = run.waits
            reason = why.reason if why else Reason.UNAVAILABLE
            return Ending(reason=reason, detail=why.detail if why else None, later=later)
        return Ending()

    async def _work(self, run: Run) -> float | None:
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
                    await self._lister.renew_addresses(run)
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

    async def _refill(self, run: Run) -> None:
        """Claim what is due, in large bites, and not anew for every file when there is no more."""
        now = time.monotonic()
        if now - run.renewed > LEASE_S / 4:
            run.renewed = now
            await self._catalogue.renew(sorted(run.held))
        is_dry = run.waiting == 0 and now < run.dry_until and len(run.held) > len(run.claimed)
        if run.halt is None and len(run.claimed) < SLOTS // 2 and not is_dry:
            claimed = await self._claim(run)
            run.claimed.extend(claimed)
            run.held.update(wanted.id for wanted in claimed)
            run.waiting = max(0, run.waiting - len(claimed)) if claimed else 0
            run.dry_until = now + DRY_S if len(claimed) < BITE else now
            run.room.set()

    async def _claim(self, run: Run) -> list[Wanted]:
        """Claim what is due; a cancel in between leaves no claim that nobody lets go of."""
        claiming = asyncio.create_task(self._catalogue.claim(run.plan.job_id, BITE))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            run.held.update(wanted.id for wanted in await claiming)
            raise

    async def _pause(self, run: Run) -> float | None:
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

    async def _acquire(self, run: Run, wanted: Wanted) -> None:
        """Take one media to its outcome, or to its next try."""
        try:
            part = await _fetch(run, wanted)
            if (refused := run.plan.check(wanted, part)).reason is not None:
                await self._give_up(
                    wanted, GiveUp(reason=refused.reason, detail=refused.detail or "", skipped=True)
                )
                run.held.discard(wanted.id)
                return
            adoption = Adoption(wanted=wanted, part=part, path=run.plan.path(wanted, part))
            if await self._files.adopt(adoption):
                log.info(
                    "stored", media=wanted.id, bytes=part.size, mime=part.mime, _in_detail=True
                )
        except (GatherumError, OSError) as error:
            await self._settle(run, wanted, error)
        run.held.discard(wanted.id)  # not when cancelled: then the run lets go of it

    async def _settle(self, run: Run, wanted: Wanted, error: GatherumError | OSError) -> None:
        newest = run.addresses.get(wanted.media.id)
        verdict = judge(
            error,
            wanted,
            pace=self._pace(),
            tries=self._tries,
            renewed=newest is not None and newest in ("", wanted.media.url),
            comes_again=run.plan.subscription is not None,
        )
        log.info(
            "not_fetched",
            media=wanted.id,
            verdict=verdict.reason,
            detail=verdict.detail,
            _in_detail=True,
        )
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
                    run.stale_posts.add(wanted.post.id)
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


async def _fetch(run: Run, wanted: Wanted) -> Part:
    """Fetch a media; a host that has said nothing to a followed source's job is not asked again by it."""
    if (silence := run.silent.get(host_of(wanted.media.url))) is not None:
        raise silence
    try:
        return await run.plan.fetch(wanted)
    except Silent as error:
        if run.plan.subscription is not None:
            run.silent[error.host] = error
        raise
