"""The handlers of the jobs that bring media in: what a worker does for each kind."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from pydantic import BaseModel, ConfigDict

from gatherum.acquiring.acquisition import Ending
from gatherum.acquiring.links import Links, Select, place_of
from gatherum.acquiring.turns import Turn
from gatherum.db import Database
from gatherum.errors import Busy, NotFound, SourceError, Unavailable
from gatherum.fetching.http import Meter
from gatherum.jobs.queue import Done, Handler, JobContext, JobQueue, Lane, Later, NewJob
from gatherum.library.catalogue import Catalogue
from gatherum.library.holdings import Holdings
from gatherum.library.ledger import find_unfetched, tally
from gatherum.library.recycle import Recycle
from gatherum.model import Decision, Part, Target, Wanted
from gatherum.ports import Clock
from gatherum.providers.urls import normalise
from gatherum.query.filter import Filter
from gatherum.subscriptions.follow import KIND as SUBSCRIPTION_SYNC
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.model import Subscription
from gatherum.subscriptions.selection import LimitedSelection, check_fetched, select

LINK_GET = "LinkGet"
MEDIA_FETCH = "MediaFetch"
SUBSCRIPTION_BACKFILL = "SubscriptionBackfill"
TRASH_PURGE = "TrashPurge"
NEWEST = 20  # posts that say how often somebody posts
SLICE = 100  # posts of a back-fill's slice
SLICE_PAUSE_S = 60.0  # between two slices, so that the budget is not eaten up
DAY_S = 86_400.0
SHORTEST_WAIT_S = 900.0  # until files whose host said nothing are tried again
REPORT_S = 1.0
REPORT_SHARE = 50  # to count a long ledger takes a while: no more than a 50th part of the time
BACKFILL_PRIORITY = 200  # new posts go first


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LinkGet(_Payload):
    """Bring in what is behind links; several are direct links to files."""

    urls: tuple[str, ...]
    limit: int | None = None
    login: int | None = None


class MediaFetch(_Payload):
    """Fetch wanted media anew."""

    media: tuple[int, ...]
    login: int | None = None


class SubscriptionPayload(_Payload):
    """Which subscription."""

    subscription: int


class Handlers:
    """What a worker can do."""

    def __init__(
        self,
        *,
        links: Links,
        subscriptions: Subscriptions,
        catalogue: Catalogue,
        holdings: Holdings,
        recycle: Recycle,
        queue: JobQueue,
        database: Database,
        clock: Clock,
        trash_days: Callable[[], int],
        pace: Callable[[], float],
    ) -> None:
        self._links = links
        self._subscriptions = subscriptions
        self._catalogue = catalogue
        self._holdings = holdings
        self._recycle = recycle
        self._queue = queue
        self._db = database
        self._clock = clock
        self._trash_days = trash_days
        self._pace = pace

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {
            LINK_GET: self.get_links,
            MEDIA_FETCH: self.fetch_media,
            SUBSCRIPTION_SYNC: self.sync,
            SUBSCRIPTION_BACKFILL: self.back_fill,
            TRASH_PURGE: self.purge,
        }

    async def get_links(self, job: JobContext) -> Done | Later:
        """Perform `LinkGet`."""
        payload = LinkGet.model_validate(job.payload)
        async with self._metered(job) as meter:
            limit = payload.limit

            async def work(turn: Turn) -> Ending:
                if len(payload.urls) == 1:
                    return await self._links.acquire_link(
                        job.id, payload.urls[0], turn=turn, limit=limit, meter=meter
                    )
                return await self._links.acquire_files(
                    job.id, payload.urls, turn=turn, limit=limit, meter=meter
                )

            ending = await self._in_turn(payload.login, place_of(payload.urls[0]), work)
        return await self._settled(job, ending)

    async def fetch_media(self, job: JobContext) -> Done | Later:
        """Perform `MediaFetch`."""
        payload = MediaFetch.model_validate(job.payload)
        async with self._metered(job) as meter:

            async def work(turn: Turn) -> Ending:
                return await self._links.acquire_again(
                    job.id, payload.media, turn=turn, meter=meter
                )

            ending = await self._in_turn(payload.login, ("", ""), work)
        return await self._settled(job, ending)

    async def sync(self, job: JobContext) -> Done | Later:
        """Perform `SubscriptionSync`: what is new; then let the back-fill go on."""
        number = SubscriptionPayload.model_validate(job.payload).subscription
        try:
            followed = await self._subscriptions.get(number)
        except NotFound:
            return Done(detail="This is not followed any more.")
        ending = await self._acquire(job, followed, from_top=True, back=False)
        if ending.reason is None:
            done = await self._is_complete(followed)
            await self._subscriptions.record_sync(number, backfill_done=done)
            if followed.adaptive is not None:
                posted = await self._holdings.posted(number, NEWEST)
                await self._subscriptions.adapt(number, followed.adaptive, posted)
            if not done:
                await self._queue.enqueue(_back_fill(followed), unattended=True)
            return await self._ended(job, followed)
        if ending.begun:
            await self._subscriptions.record_failure(number, ending.reason, ending.detail)
        return await self._settled(job, ending)

    async def back_fill(self, job: JobContext) -> Done | Later:
        """Perform `SubscriptionBackfill`: one slice, then another a while later."""
        number = SubscriptionPayload.model_validate(job.payload).subscription
        try:
            followed = await self._subscriptions.get(number)
        except NotFound:
            return Done(detail="This is not followed any more.")
        if followed.paused:
            return Done(detail="The subscription is paused.")
        ending = await self._acquire(job, followed, from_top=False, back=True)
        if ending.reason is None and not await self._is_complete(followed):
            return Later(delay_s=SLICE_PAUSE_S * self._pace())
        if ending.reason is None:
            await self._subscriptions.record_sync(number, backfill_done=True)
            return await self._ended(job, followed)
        return await self._settled(job, ending)

    async def purge(self, job: JobContext) -> Done | Later:
        """Perform `TrashPurge`: let go of what has been in the recycle bin for long enough."""
        days = self._trash_days()
        if days == 0:
            return Done(detail="The recycle bin keeps everything.")
        due = await self._recycle.due_for_purge(self._clock.now() - days * DAY_S)
        purged = await self._recycle.purge(due)
        job.report({"purged": purged})
        return Done(detail=f"{purged} files purged.")

    async def _acquire(
        self, job: JobContext, followed: Subscription, *, from_top: bool, back: bool
    ) -> Ending:
        listing = await self._catalogue.listing(followed.target, followed.selection)
        chosen: Select = partial(select, wanted=followed.filter)
        if followed.limit is not None and (back or not listing.begun):  # new posts have no limit
            chosen = LimitedSelection(followed.filter, followed.limit - listing.listed)
        async with self._metered(job) as meter:

            async def work(turn: Turn) -> Ending:
                return await self._links.acquire(
                    job.id,
                    followed.target,
                    turn=turn,
                    meter=meter,
                    select=chosen,
                    check=partial(_check, wanted_filter=followed.filter),
                    chosen=followed.selection,
                    from_top=from_top,
                    back=back,
                    posts=min(SLICE, followed.limit or SLICE),
                    subscription=followed.id,
                )

            place = (followed.target.platform, followed.target.host)
            return await self._in_turn(followed.login, place, work)

    async def _in_turn(
        self,
        login: int | None,
        place: tuple[str, str],
        work: Callable[[Turn], Awaitable[Ending]],
    ) -> Ending:
        """Do work when the login's turn has come; what keeps all of them from it is how it ends."""
        platform, host = place
        try:
            async with self._links.turns.take(login, platform, host=host) as turn:
                return await work(turn)
        except Busy as error:
            return Ending(
                reason=error.reason, detail=str(error), later=error.retry_after, begun=False
            )
        except SourceError as error:
            wait = error.retry_after if isinstance(error, Unavailable) else None
            return Ending(reason=error.reason, detail=str(error), later=wait)

    async def _is_complete(self, followed: Subscription) -> bool:
        listing = await self._catalogue.listing(followed.target, followed.selection)
        enough = followed.limit is not None and listing.listed >= followed.limit
        return listing.complete or listing.cursor is None or enough

    async def _ended(self, job: JobContext, followed: Subscription) -> Done:
        """End a job whose listing went well, with what it could not fetch: that is tried again.

        The waits grow: each is as long as the files have been missing.
        """
        unfetched = await find_unfetched(self._db, job.id)
        if unfetched is None:
            return Done()
        now = self._clock.now()
        wait = max(SHORTEST_WAIT_S, now - unfetched.since)
        await self._subscriptions.check_by(followed.id, now + wait * self._pace())
        count = await tally(self._db, job.id)
        return Done(detail=unfetched.told(count.stored))

    async def _settled(self, job: JobContext, ending: Ending) -> Done | Later:
        if ending.reason is None:
            return Done()
        if ending.later is not None:
            return Later(delay_s=ending.later, reason=ending.reason, detail=ending.detail)
        await self._catalogue.give_up_pending(job.id, ending.reason, ending.detail or "")
        return Done(reason=ending.reason, detail=ending.detail, failed=True)

    @asynccontextmanager
    async def _metered(self, job: JobContext) -> AsyncGenerator[Meter]:
        """Report now and then how far the job is, and once more at its end."""
        meter = Meter()
        reporter = asyncio.create_task(self._report(job, meter))
        try:
            yield meter
        finally:
            reporter.cancel()
            await self._report_once(job, meter, 0.0)

    async def _report(self, job: JobContext, meter: Meter) -> None:
        before, since, cost = 0, time.monotonic(), 0.0
        stored: int | None = None  # when this attempt was first counted
        while True:
            await asyncio.sleep(max(REPORT_S, REPORT_SHARE * cost))
            now = time.monotonic()
            speed, before, since = (meter.bytes - before) / (now - since), meter.bytes, now
            counted = await self._report_once(job, meter, speed, since=stored)
            stored = counted if stored is None else stored
            cost = time.monotonic() - now

    async def _report_once(
        self, job: JobContext, meter: Meter, speed: float, *, since: int | None = None
    ) -> int:
        """Report, and return how many files are stored; more than `since` is work done for good."""
        count = await tally(self._db, job.id)
        job.report(
            {
                "requests": meter.requests,
                "bytes": meter.bytes,
                "speed": speed,
                "stored": count.stored,
                "known": count.known,
                "skipped": count.skipped,
                "failed": count.failed,
                "pending": count.pending,
            },
            is_further=since is not None and count.stored > since,
        )
        return count.stored


def new_link_job(
    url: str, target: Target | None, *, limit: int | None, login: int | None
) -> NewJob:
    """Return the job that brings in one link."""
    return NewJob(
        kind=LINK_GET,
        lane=Lane.INTERACTIVE,
        partition=target.platform if target else "web",
        title=url,
        payload={"urls": [url], "limit": limit, "login": login},
        dedup_key=f"link:{normalise(url)}|{limit}|{login}",
    )


def new_files_job(urls: list[str], *, limit: int | None, login: int | None) -> NewJob:
    """Return the one job that brings in many direct links."""
    return NewJob(
        kind=LINK_GET,
        lane=Lane.INTERACTIVE,
        partition="direct",
        title=f"{len(urls)} links to files",
        payload={"urls": list(urls), "limit": limit, "login": login},
    )


def new_fetch_job(media: list[int]) -> NewJob:
    """Return the job that fetches wanted media anew."""
    return NewJob(
        kind=MEDIA_FETCH,
        lane=Lane.INTERACTIVE,
        partition="again",
        title=f"{len(media)} media again",
        payload={"media": list(media)},
    )


def _check(wanted: Wanted, part: Part, *, wanted_filter: Filter) -> Decision:
    return check_fetched(wanted.post, wanted.media, part, wanted_filter)


def _back_fill(followed: Subscription) -> NewJob:
    return NewJob(
        kind=SUBSCRIPTION_BACKFILL,
        lane=Lane.SYNC,
        partition=followed.target.platform,
        title=f"{followed.title}: older posts",
        payload={"subscription": followed.id},
        dedup_key=f"backfill:{followed.id}",
        priority=BACKFILL_PRIORITY,
    )
