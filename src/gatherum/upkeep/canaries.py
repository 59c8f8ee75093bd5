"""Canaries: links that are listed now and then by every way, so that one knows before it matters."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.acquiring.links import place_of
from gatherum.acquiring.probing import TURN, Finding, Probing
from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput, RateLimited, SourceError
from gatherum.jobs.queue import Done, Handler, JobContext, Lane, Later, NewJob
from gatherum.model import Reason
from gatherum.ports import Clock
from gatherum.settings import CanarySettings
from gatherum.subscriptions.follow import Subscriptions
from gatherum.upkeep.health import Health
from gatherum.upkeep.tables import CanaryRow

CANARIES_LIST = "CanariesList"
LIST = NewJob(
    kind=CANARIES_LIST,
    lane=Lane.HOUSEKEEPING,
    partition="canaries",
    title="See whether the ways to platforms work",
    dedup_key="canaries:list",
)
ALARM = "ways"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A link, and the login that it is listed with."""

    url: str
    platform: str  # '' where nobody knows it without asking
    login: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a canary by one way, the last time."""

    url: str
    provider: str
    platform: str
    at: float
    seconds: float
    requests: int
    posts: int
    media: int
    skipped: str
    reason: Reason | None
    detail: str | None


class Canaries:
    """Knows the canaries, lists them, and keeps what came of each the last time."""

    def __init__(
        self,
        *,
        database: Database,
        subscriptions: Subscriptions,
        probing: Probing,
        health: Health,
        clock: Clock,
        settings: Callable[[], CanarySettings],
    ) -> None:
        self._db = database
        self._subscriptions = subscriptions
        self._probing = probing
        self._health = health
        self._clock = clock
        self._settings = settings

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {CANARIES_LIST: self.look}

    async def known(self) -> tuple[Canary, ...]:
        """Return the canaries: the links that were named, then each further platform's newest subscription."""
        named = [
            Canary(url=url, platform=place_of(url)[0]) for url in self._settings().links.split()
        ]
        taken = {one.platform for one in named}
        newest = sorted(await self._subscriptions.list(), key=lambda one: -one.id)
        followed: dict[str, Canary] = {}
        for one in newest:
            platform = one.target.platform
            if platform not in taken and not one.paused:
                canary = Canary(url=one.target.url, platform=platform, login=one.login)
                followed.setdefault(platform, canary)
        return (*named, *(followed[name] for name in sorted(followed)))

    async def look(self, job: JobContext) -> Done | Later:
        """Perform `CanariesList`: list each canary by each of its ways, and keep what came of it."""
        if not self._settings().enabled:
            await self._health.clear_alarm(ALARM)
            return Done(detail="Canaries are switched off.")
        canaries = await self.known()
        dead: list[str] = []
        done = 0
        for canary in canaries:
            findings: list[Finding] = []
            try:
                async for found in self._probe(canary):
                    findings.append(found)
                    await self._keep(canary.url, found)
            except RateLimited:
                pass  # which says nothing of the ways
            except (SourceError, InvalidInput):
                dead.append(canary.platform or canary.url)  # nobody can say what it is any more
            else:
                asked = [found for found in findings if found.skipped in ("", TURN)]
                if asked and not any(_may_lead(found) for found in asked):
                    dead.append(asked[0].target.platform)
            done += 1
            job.report({"done": done, "left": len(canaries) - done})
        await self._forget(one.url for one in canaries)
        await self._tell(dead)
        failing = f" No way leads to {', '.join(sorted(set(dead)))}." if dead else ""
        return Done(detail=f"{done} canaries listed.{failing}")

    async def results(self) -> tuple[Result, ...]:
        """Return what came of the canaries the last time, by link and way."""
        query = sa.select(CanaryRow.__table__).order_by(CanaryRow.url, CanaryRow.provider)
        rows = await self._db.read(lambda tx: tx.execute(query).mappings().all())
        return tuple(
            Result(**{**row, "reason": Reason(row["reason"]) if row["reason"] else None})
            for row in rows
        )

    async def _probe(self, canary: Canary) -> AsyncGenerator[Finding]:
        probe = self._probing.probe(canary.url, login=canary.login, counted=True)
        async with aclosing(probe):
            async for found in probe:
                yield found

    async def _keep(self, url: str, found: Finding) -> None:
        row = CanaryRow.__table__
        values = {
            "url": url,
            "provider": found.provider.name,
            "platform": found.target.platform,
            "at": self._clock.now(),
            "seconds": found.seconds,
            "requests": found.requests,
            "posts": found.posts,
            "media": found.media,
            "skipped": found.skipped,
            "reason": found.reason.value if found.reason else None,
            "detail": found.detail,
        }

        def write(tx: Tx) -> None:
            mine = (row.c.url == url) & (row.c.provider == found.provider.name)
            tx.execute(sa.delete(CanaryRow).where(mine))
            tx.execute(sa.insert(CanaryRow).values(**values))

        await self._db.write(write, durable=False)

    async def _forget(self, kept: Iterable[str]) -> None:
        gone = sa.delete(CanaryRow).where(CanaryRow.url.not_in(list(kept)))
        await self._db.write(lambda tx: tx.execute(gone), durable=False)

    async def _tell(self, dead: list[str]) -> None:
        if dead:
            names = ", ".join(sorted(set(dead)))
            await self._health.raise_alarm(ALARM, f"No way leads to {names} just now.")
        else:
            await self._health.clear_alarm(ALARM)


def _may_lead(found: Finding) -> bool:
    """Return whether a way works, or nothing is said of it: not asked, told to wait, withheld."""
    waits = found.skipped == TURN or found.reason is Reason.RATE_LIMITED
    return found.ok or waits or found.withheld
