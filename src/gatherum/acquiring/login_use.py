"""What logins are used for: what goes on when one is there, and the link that tells whether it works."""

from dataclasses import dataclass, replace
from typing import Final

from gatherum.acquiring.desk import Desk
from gatherum.acquiring.jobs import LINK_GET, LinkGet
from gatherum.acquiring.turns import is_for
from gatherum.errors import InvalidInput, NotFound, SourceError
from gatherum.fetching.logins import Login
from gatherum.jobs.queue import LIVE, JobFilter, JobQueue, JobState, JobView
from gatherum.model import Reason
from gatherum.ports import Clock
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.model import Subscription

# What a login, or fresh cookies, settle.
REFUSALS: Final = (Reason.LOGIN_REQUIRED, Reason.CHALLENGE)
RECENT_S: Final = 86_400.0  # what has failed before that is history
MOST: Final = 1000  # jobs that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginUse:
    """Finds what waits for a login, and lets it go on with it."""

    desk: Desk
    queue: JobQueue
    subscriptions: Subscriptions
    clock: Clock

    async def wake_subscriptions(self, login: Login) -> int:
        """Check now what is followed and waits for this login; return how many those are.

        What waits on its platform without any login is given this one. What uses another one is left
        to that.
        """
        woken = 0
        for one in await self.subscriptions.list():
            if one.paused or one.reason not in REFUSALS or not _waits(login, one):
                continue
            try:
                if one.login is None:
                    await self.subscriptions.change(one.id, lambda old: _with(old, login))
                await self.subscriptions.run_now(one.id)
            except NotFound:  # it is followed no longer, just now
                continue
            woken += 1
        return woken

    async def wake_jobs(self, login: Login) -> int:
        """Get the links again that wait for this login, or failed for want of it within a day.

        Return how many jobs that makes. Those of its platform that had no login get this one.
        """
        which = JobFilter(
            states=(JobState.WAITING, JobState.FAILED), kind=LINK_GET, reasons=REFUSALS
        )
        since, seen, woken = self.clock.now() - RECENT_S, set[tuple[object, ...]](), 0
        for job in (await self.queue.list(which, limit=MOST)).jobs:
            asked = LinkGet.model_validate(job.payload)
            same = (asked.urls, asked.limit)
            if same in seen or (job.finished_at or since) < since:
                continue
            if asked.login != login.id and not await self._waits_for(job, asked, login):
                continue
            seen.add(same)
            taken = await self.desk.take(asked.urls, limit=asked.limit, login=login.id)
            if not any(one.accepted for one in taken):
                continue
            woken += 1
            if asked.login is None:  # else it would try without one once more
                await self.queue.cancel(job.id)
        return woken

    async def _waits_for(self, job: JobView, asked: LinkGet, login: Login) -> bool:
        """Return whether a job without a login may be given this one."""
        if asked.login is not None or not is_for(login, job.partition, ""):
            return False
        try:
            target = await self.desk.resolve(asked.urls[0], login.id)
        except (SourceError, InvalidInput):
            return False
        return is_for(login, job.partition, target.host)

    async def link(self, login_id: int) -> str:
        """Return a link that a login is used for: of the newest subscription, else of the newest job.

        Raises `InvalidInput` if there is none.
        """
        if users := (await self.subscriptions.by_login()).get(login_id):
            return max(users, key=lambda one: one.id).target.url
        which = JobFilter(states=(*LIVE, JobState.FAILED), kind=LINK_GET)
        for job in (await self.queue.list(which, limit=MOST)).jobs:
            if url := _link_of(job, login_id):
                return url
        raise InvalidInput("Nothing uses this login yet: name a link that it should open.")


def _waits(login: Login, one: Subscription) -> bool:
    if one.login is not None:
        return one.login == login.id
    return is_for(login, one.target.platform, one.target.host)


def _with(one: Subscription, login: Login) -> Subscription:
    return (
        one if one.login is not None else replace(one, options={**one.options, "login": login.id})
    )


def _link_of(job: JobView, login_id: int) -> str | None:
    asked = LinkGet.model_validate(job.payload)
    return asked.urls[0] if asked.login == login_id and asked.urls else None
