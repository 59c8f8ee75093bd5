"""What people hand in: links to get, to follow or only to explain. Nobody waits for a job here."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from gatherum.acquiring.jobs import new_files_job, new_link_job
from gatherum.acquiring.links import Links
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, Refused, SourceError, Unavailable
from gatherum.fetching.http import Meter
from gatherum.fetching.memory import Memory
from gatherum.jobs.queue import JobQueue, NewJob
from gatherum.jobs.scheduler import Timing
from gatherum.model import Reason, Target
from gatherum.ports import Json
from gatherum.providers import Needs, find_chain, get_chain
from gatherum.providers.urls import normalise
from gatherum.query.filter import Filter
from gatherum.safety.policy import Blocked, Policy
from gatherum.subscriptions.follow import DAILY, Subscriptions
from gatherum.subscriptions.model import EVERYTHING, NOTHING, Subscription

BITE = 100  # jobs a transaction
ASK_S = 20.0  # how long a host may take to say what it is, while a person waits
ASKED_AT_ONCE = 8
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a link is, as far as can be said without any request."""

    url: str
    platform: str | None  # None: a page of no known platform, or a host that must be asked
    feed: str | None
    key: str | None
    providers: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a link that was handed in: a job, a subscription, or the reason why neither."""

    url: str
    target: Target | None = None  # None as well where a host must be asked first
    needs: tuple[str, ...] = ()
    job: str | None = None
    subscription: int | None = None
    reason: Reason | None = None
    detail: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether something will come of it."""
        return self.job is not None or self.subscription is not None


class Desk:
    """Judges links and makes jobs and subscriptions of them.

    What the policy or the form of a link forbids ends here, before anything is queued. `links` is
    asked for only where a host, or an engine, must say what a link is.
    """

    def __init__(
        self,
        *,
        queue: JobQueue,
        database: Database,
        subscriptions: Subscriptions,
        memory: Memory,
        policy: Policy,
        links: Callable[[], Awaitable[Links]],
    ) -> None:
        self._queue = queue
        self._db = database
        self._subscriptions = subscriptions
        self._memory = memory
        self._policy = policy
        self._links = links

    async def take(
        self, urls: Sequence[str], *, limit: int | None, login: int | None
    ) -> list[Receipt]:
        """Queue links; direct links to files go together into one job. A receipt for each, in order.

        An equal job that is live already counts as the new one, and goes on at once if it waits.
        """
        return await self._take(urls, key=_files_key, limit=limit, login=login)

    async def take_anew(
        self, urls: Sequence[str], *, limit: int | None, login: int | None
    ) -> list[Receipt]:
        """`take`, but files come in a job of their own, which says what it finds known."""
        return await self._take(urls, key=lambda _: None, limit=limit, login=login)

    async def _take(
        self,
        urls: Sequence[str],
        *,
        key: Callable[[NewJob], str | None],
        limit: int | None,
        login: int | None,
    ) -> list[Receipt]:
        receipts = [await self._judge(url) for url in urls]
        fit = {one.url: one for one in receipts if one.reason is None}
        direct = [one.url for one in fit.values() if one.target and one.target.platform == "direct"]
        together = direct if len(direct) > 1 else []
        jobs: dict[str, NewJob] = {
            url: new_link_job(url, one.target, limit=limit, login=login)
            for url, one in fit.items()
            if url not in set(together)
        }
        if together:
            shared = new_files_job(together, limit=limit, login=login)
            jobs[together[0]] = replace(shared, dedup_key=key(shared))
        ids = dict(zip(jobs, await self._submit(list(jobs.values())), strict=True))
        ids |= dict.fromkeys(together, ids[together[0]]) if together else {}
        return [replace(one, job=ids.get(one.url)) for one in receipts]

    async def follow(
        self,
        url: str,
        *,
        title: str = "",
        wanted: Filter = EVERYTHING,
        timing: Timing = DAILY,
        limit: int | None = None,
        login: int | None = None,
        options: Mapping[str, Json] = NOTHING,
    ) -> Subscription:
        """Follow what is behind a link; a host that nobody knows is asked once.

        Raises `Conflict` if it is followed already, `InvalidInput` for a single file.
        """
        chosen = options if login is None else {**options, "login": login}
        return await self._begin(
            await self.resolve(url, login),
            title=title,
            wanted=wanted,
            timing=timing,
            limit=limit,
            options=chosen,
        )

    async def follow_all(
        self, urls: Sequence[str], *, limit: int | None, login: int | None
    ) -> list[Receipt]:
        """Follow links, with the usual timing. A receipt for each, in order.

        What is followed already counts as well. A host that does not say in time what it is has the
        reason `unavailable`: hand the link in again.
        """
        gate = asyncio.Semaphore(ASKED_AT_ONCE)

        async def follow(url: str) -> Receipt:
            receipt = await self._judge(url)
            if receipt.reason is not None:
                return receipt
            async with gate:
                return await self._follow(receipt, limit=limit, login=login)

        return list(await asyncio.gather(*(follow(url) for url in urls)))

    async def resolve(self, url: str, login: int | None) -> Target:
        """Return what a link is. `Unavailable` if the host that must be asked takes too long."""
        plain = self._check(url)
        if chain := find_chain(plain):
            return chain[0][1]
        if (known := await self._memory.find(plain)) is not None:
            return known
        links = await self._links()
        try:
            async with asyncio.timeout(ASK_S):
                return await links.resolve(plain, await links.login(login), Meter())
        except TimeoutError as error:
            raise Unavailable("The source did not say in time what this is. Try again.") from error

    async def explain(self, url: str) -> Explanation:
        """Say what a link is, without any request."""
        plain = self._check(url)
        if chain := find_chain(plain):
            return _explained(url, chain[0][1], chain[0][0].needs)
        known = await self._memory.find(plain)
        target = known or await (await self._links()).clients.find_site(plain)
        if target is not None:
            return _explained(url, target, Needs())
        platform = await self._memory.find_platform(urlsplit(plain).hostname or "")
        return Explanation(
            url=url, platform=platform, feed=None, key=None, providers=(), needs=("probe",)
        )

    async def _judge(self, url: str) -> Receipt:
        """Return what can be said of a link without a request; with a reason if it ends here."""
        try:
            plain = self._check(url)
            if chain := find_chain(plain):
                return Receipt(url=url, target=chain[0][1], needs=chain[0][0].needs.names())
        except InvalidInput as error:
            return Receipt(url=url, reason=Reason.UNSUPPORTED, detail=str(error))
        except SourceError as error:
            return Receipt(url=url, reason=error.reason, detail=str(error))
        if (known := await self._memory.find(plain)) is not None:
            return Receipt(url=url, target=known)
        return Receipt(url=url, needs=("probe",))

    async def _follow(self, receipt: Receipt, *, limit: int | None, login: int | None) -> Receipt:
        try:
            target = receipt.target or await self.resolve(receipt.url, login)
            if (found := await self._subscriptions.find(target)) is not None:
                return _followed(receipt, found, "This is followed already.")
            chosen = NOTHING if login is None else {"login": login}
            made = await self._begin(target, limit=limit, options=chosen)
        except InvalidInput as error:
            return replace(receipt, reason=Reason.UNSUPPORTED, detail=str(error))
        except SourceError as error:
            return replace(receipt, reason=error.reason, detail=str(error))
        except Conflict:  # the same link twice in one list
            return _followed(receipt, await self._subscriptions.find(target), "It came twice.")
        return _followed(receipt, made)

    async def _begin(
        self,
        target: Target,
        *,
        title: str = "",
        wanted: Filter = EVERYTHING,
        timing: Timing = DAILY,
        limit: int | None,
        options: Mapping[str, Json],
    ) -> Subscription:
        if target.platform in ("direct", ""):
            raise InvalidInput("This is a single file: nothing new will come. Get it instead.")
        return await self._subscriptions.follow(
            target, title=title, wanted=wanted, timing=timing, limit=limit, options=options
        )

    async def _submit(self, jobs: Sequence[NewJob]) -> list[str]:
        ids: list[str] = []
        for start in range(0, len(jobs), BITE):
            bite = jobs[start : start + BITE]
            made = await self._db.write(partial(self._submit_bite, bite))
            ids += [job_id or await self._join(job) for job, job_id in zip(bite, made, strict=True)]
        return ids

    def _submit_bite(self, bite: Sequence[NewJob], tx: Tx) -> list[str | None]:
        return [self._queue.submit(tx, job) for job in bite]

    async def _join(self, job: NewJob) -> str:
        """Return the live job that equals this one; one that has just ended is made anew."""
        while True:
            live = await self._queue.find_live(job.dedup_key or "")
            if live is not None:
                await self._queue.retry_now(live.id)
                return live.id
            if (job_id := await self._queue.enqueue(job)) is not None:
                return job_id

    def _check(self, url: str) -> str:
        """Return the normal form of a link; `InvalidInput`, or `Refused` by form or policy.

        A name is not resolved here: the address behind it is judged at the socket.
        """
        plain = normalise(url)
        parts = urlsplit(plain)
        try:
            self._policy.check_name(parts.hostname or "", parts.port or PORTS[parts.scheme])
        except Blocked as error:
            raise Refused(
                "This address is in a private or special network, which is not allowed."
            ) from error
        return plain


def _files_key(job: NewJob) -> str:
    """Return the key of which one job of files is live at a time: that of its payload."""
    payload = json.dumps(dict(job.payload), sort_keys=True, default=list)
    return f"files:{hashlib.sha256(payload.encode()).hexdigest()}"


def _explained(url: str, target: Target, needs: Needs) -> Explanation:
    return Explanation(
        url=url,
        platform=None if target.platform == "web" else target.platform,
        feed=target.feed,
        key=target.key,
        providers=tuple(one.name for one, _ in get_chain(target)),
        needs=tuple(need for need in needs.names() if need != "probe"),
    )


def _followed(receipt: Receipt, found: Subscription | None, detail: str | None = None) -> Receipt:
    if found is None:  # removed just now
        return replace(receipt, reason=Reason.UNAVAILABLE, detail="Try again.")
    return replace(receipt, target=found.target, subscription=found.id, detail=detail)
