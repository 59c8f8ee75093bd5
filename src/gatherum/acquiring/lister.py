"""Steps 2 to 4 of the straight line, in order: list, select, record."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from gatherum.acquiring.acquisition import Acquisition, Run
from gatherum.acquiring.missing import Missing
from gatherum.acquiring.outcome import LONGEST_WAIT_S, backoff
from gatherum.errors import Gone, SourceError, Unavailable, Withheld
from gatherum.library.catalogue import Catalogue
from gatherum.library.listings import ListingState, Way
from gatherum.library.recording import Recorded
from gatherum.model import Decision, Media, Page, Post, Reason
from gatherum.ports import Clock

log = structlog.get_logger()
AHEAD = 400  # media recorded but not fetched before the listing waits
# What may have passed by itself, and what somebody may have done something about who asks again.
FAILED_FOR_A_WHILE = (Reason.UNAVAILABLE, Reason.RATE_LIMITED)
FAILED_FOR_NOW = (
    *FAILED_FOR_A_WHILE,
    Reason.LOGIN_REQUIRED,
    Reason.CHALLENGE,
    Reason.SITE_CHANGED,
    Reason.CORRUPT,
)


@dataclass(slots=True)
class _Look:
    """One look through a list, and which way may say that it has come through to what is known.

    That is the one that has shown posts first. Another one that goes on in its place may show an older
    state: it counts once it shows the newest post, too. An answer that shows nothing at all has come
    through to nothing.
    """

    since: float | None = None  # when the first posts of it were in the library
    _way: str | None = None
    _newest: str | None = None

    def takes(self, way: str, posts: Sequence[Post]) -> bool:
        """Take a page of a way in; return whether it counts."""
        loose = [post.id for post in posts if not post.pinned]
        if self._newest is None and loose:
            self._newest = loose[0]
        if (self._way is None and posts) or self._newest in loose:
            self._way = way
        return way == self._way


class Lister:
    """Lists what is behind a target and records it, ahead of those who fetch."""

    def __init__(
        self, catalogue: Catalogue, clock: Clock, pace: Callable[[], float], *, tries: int
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._pace = pace
        self._tries = tries
        self._missing = Missing(catalogue, clock)

    async def list(self, run: Run) -> None:
        """List to the end, or to what is known; how it went stands in the run."""
        try:
            if not run.plan.tracked:
                await self._list_with_retries(run, None, stop_at_known=False)
                return
            known = await self._begin(run.plan)
            if run.plan.from_top:
                reached = await self._list_with_retries(run, None, stop_at_known=known.begun)
                if known.begun and run.plan.subscription is not None:
                    await self._missing.settle(run.plan.subscription, run.shown, run.plan.ask)
                if reached or not known.begun:
                    return
            if run.plan.back and not known.complete and known.cursor is not None:
                await self._list_with_retries(run, known.cursor, stop_at_known=False)
        except SourceError as error:
            run.trouble = error
            if isinstance(error, Gone) and run.plan.tracked and not run.posts:
                await self._missing.settle_target(run.plan.target)
        finally:
            run.listed = True
            run.wake.set()

    async def renew_addresses(self, run: Run) -> None:
        """Extract the posts of expired addresses again; what waits gets its new address.

        A way that has its browser to itself gives it to this only when the listing has come to its
        end: so that one no longer waits for room meanwhile.
        """
        run.renewing = True
        run.room.set()
        try:
            await self._renew_addresses(run)
        finally:
            run.renewing = False

    async def _renew_addresses(self, run: Run) -> None:
        sought, run.stale = run.stale, set()
        theirs, run.stale_posts = run.stale_posts, set()
        plan = run.plan
        try:
            async with aclosing(plan.pages(None)) as pages:
                async for provider, listed in pages:
                    page = await _finished(
                        listed, {one.id: one for one in listed.posts if one.id not in theirs}
                    )
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
                        subscription=plan.subscription,
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

    async def _begin(self, plan: Acquisition) -> ListingState:
        if plan.limit is None:
            again = FAILED_FOR_NOW if plan.from_top and plan.back else FAILED_FOR_A_WHILE
            return await self._catalogue.begin_listing(
                plan.job_id, plan.target, plan.chosen, again=again
            )
        return await self._catalogue.listing(plan.target, plan.chosen)

    async def _list_with_retries(
        self, run: Run, cursor: str | None, *, stop_at_known: bool
    ) -> bool:
        """List from `cursor`; True if the end (or the limit) was reached, False at what is known."""
        start, taken = cursor, run.taken
        for attempt in range(self._tries):
            if cursor == start:
                run.taken = taken  # the same pages come again
            try:
                return await self._list_pages(run, cursor, stop_at_known=stop_at_known)
            except Unavailable as error:
                wait, last = error.retry_after or 0.0, attempt + 1 == self._tries
                if last or wait > LONGEST_WAIT_S or isinstance(error, Withheld):
                    raise
                await self._clock.sleep(max(wait, backoff(attempt, self._pace())))
            if not stop_at_known:
                listing = await self._catalogue.listing(run.plan.target, run.plan.chosen)
                cursor = listing.cursor or cursor
        raise AssertionError  # the last try returns or raises

    async def _list_pages(self, run: Run, cursor: str | None, *, stop_at_known: bool) -> bool:
        plan = run.plan
        run.shown.clear()
        way = Way.FROM_TOP if stop_at_known else Way.ONWARD
        if not plan.tracked or plan.limit is not None:
            way = Way.ASIDE  # a limit cuts where it will: that is no place to go on from
        look = _Look()
        async with aclosing(plan.pages(cursor)) as pages:
            async for provider, listed in pages:
                brief = [post for post in listed.posts if post.brief]
                whole = await _finished(listed, await self._catalogue.remember(brief))
                page, decisions = whole, plan.select(whole.posts)
                if stop_at_known and plan.subscription is not None:
                    run.shown.append(_in_outline(whole))
                if plan.limit is not None:
                    page, decisions = _cut(whole, decisions, plan.limit - run.taken)
                    run.taken += sum(decision.reason is None for decision in decisions)
                counts = look.takes(provider, whole.posts)
                recorded = await self._catalogue.record(
                    plan.job_id,
                    plan.target,
                    page,
                    decisions,
                    provider=provider,
                    way=way if counts or not stop_at_known else Way.ASIDE,
                    chosen=plan.chosen,
                    subscription=plan.subscription,
                    since=look.since,
                )
                if look.since is None and whole.posts:
                    look.since = self._clock.now()
                log.info("listed", provider=provider, posts=recorded.posts, _in_detail=True)
                await self._heed(run, recorded)
                run.posts += sum(not post.pinned for post in page.posts)
                if page is not whole or run.taken == plan.limit:
                    return True
                if stop_at_known and counts and (recorded.newest_known or page.cursor is None):
                    await self._note_met(run, recorded)
                if stop_at_known and recorded.newest_known:
                    return False
                if not stop_at_known and plan.posts is not None and run.posts >= plan.posts:
                    return True
        return True

    async def _note_met(self, run: Run, recorded: Recorded) -> None:
        """Note what a look from the top has shown, now that it has come through."""
        if run.plan.subscription is not None:
            shown = [post for page in run.shown[:-1] for post in page.posts]
            shown += [post for page in run.shown[-1:] for post in page.posts[: recorded.posts]]
            await self._catalogue.note_met(run.plan.subscription, shown)

    async def _heed(self, run: Run, recorded: Recorded) -> None:
        """Wake the fetching, and let it catch up before more is listed."""
        run.waiting += recorded.pending
        run.wake.set()
        while run.waiting > AHEAD and not run.renewing:
            run.room.clear()
            await run.room.wait()


def _in_outline(page: Page) -> Page:
    """Return a page without what is large in its posts: a long listing holds many."""
    posts = tuple(replace(post, caption="", links=(), media=()) for post in page.posts)
    return replace(page, posts=posts)


async def _finished(page: Page, known: Mapping[str, Post]) -> Page:
    """Return a page that says all of its posts; what the source says briefly of `known` ones suffices."""
    if page.finish is None:
        return page
    posts: list[Post] = []
    for post in page.posts:
        said = known.get(post.id, post)
        found = await page.finish(post) if post.brief and post.id not in known else said
        posts += [] if found is None else [found]
    return replace(page, posts=tuple(posts))


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
