"""Does a way still work? One page of a target, listed by each of its ways; nothing is stored of it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from gatherum.acquiring.desk import Desk
from gatherum.acquiring.links import Links
from gatherum.acquiring.turns import is_for
from gatherum.errors import (
    Gone,
    RateLimited,
    SourceError,
    Unavailable,
    Unsupported,
    Withheld,
)
from gatherum.fetching.http import Meter
from gatherum.fetching.logins import Logins
from gatherum.model import Reason, Target
from gatherum.providers import Provider
from gatherum.providers.breakers import is_its_own

LONGEST_S = 120.0  # for one page by one way
CONSENT, LOGIN, TURN = "consent", "login", "turn"  # why a way was not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one page by one way. `skipped` says why it was not asked at all.

    It has a `reason` too where that does not end by itself: a login that rests until somebody sees to it.
    """

    target: Target
    provider: Provider
    posts: int = 0
    media: int = 0
    requests: int = 0
    seconds: float = 0.0
    skipped: str = ""
    reason: Reason | None = None
    detail: str | None = None
    at_fault: bool = False  # the way itself: neither a login nor a source that wants us to wait
    withheld: bool = False  # the source does not show this here and now, by whichever way

    @property
    def ok(self) -> bool:
        """Whether the way has listed something, or was rightly left alone."""
        return self.reason is None


class Probing:
    """Asks the ways of a link in turn, within the budget, with the consents and logins that there are."""

    def __init__(
        self, *, desk: Desk, links: Callable[[], Awaitable[Links]], logins: Logins
    ) -> None:
        self._desk = desk
        self._links = links
        self._logins = logins

    async def probe(
        self,
        url: str,
        *,
        login: int | None = None,
        counted: bool,
        only: Callable[[Provider], bool] = lambda _provider: True,
    ) -> AsyncGenerator[Finding]:
        """Yield what came of each way of a link, in their order.

        Without a `login` a way that needs one is given the platform's newest. `counted` tries count
        for the rates and circuits of the ways like those of jobs; `only` leaves ways out. Raises the `SourceError` of a link
        that nobody can name.
        """
        target = await self._desk.resolve(url, login)
        links = await self._links()
        for provider, own in links.steps(target):
            if not only(provider):
                continue
            found = Finding(target=own, provider=provider)
            chosen = login
            if chosen is None and provider.needs.login:
                chosen = await self._newest_login(target)
            if not links.may_ask(provider):
                yield replace(found, skipped=CONSENT)
            elif provider.needs.login and chosen is None:
                yield replace(found, skipped=LOGIN)
            else:
                seen = await self._list(links, found, chosen, host=target.host, counted=counted)
                if seen.reason is Reason.LOGIN_REQUIRED and chosen is None:
                    # As a job's visitor, who comes in with a login that is kept for the place.
                    chosen = await self._newest_login(target)
                    if chosen is not None:
                        seen = await self._list(
                            links, found, chosen, host=target.host, counted=counted
                        )
                yield seen

    async def _newest_login(self, target: Target) -> int | None:
        every = await self._logins.list()
        fitting = (one.id for one in every if is_for(one, target.platform, target.host))
        return max(fitting, default=None)

    async def _list(
        self, links: Links, found: Finding, login: int | None, *, host: str, counted: bool
    ) -> Finding:
        meter, begun = Meter(), time.monotonic()
        trouble: SourceError | None = None
        posts = media = 0
        asked = at_fault = False
        try:
            async with (
                asyncio.timeout(LONGEST_S),
                links.turns.take(login, found.target.platform, host=host) as turn,
            ):
                asked = True
                pages = links.pages_by(
                    found.provider,
                    found.target,
                    login=turn.login,
                    meter=meter,
                    counted=counted,
                )
                async with aclosing(pages):
                    async for page in pages:
                        posts = len(page.posts)
                        media = sum(len(post.media) for post in page.posts)
                        break
        except TimeoutError:
            trouble = Unavailable("The source did not answer in time.")
        except SourceError as error:
            if not asked:
                lasting = None if isinstance(error, RateLimited) else error.reason
                return replace(found, skipped=TURN, reason=lasting, detail=str(error))
            trouble = error
            at_fault = is_its_own(error) or isinstance(error, Gone | Unsupported)
        return replace(
            found,
            posts=posts,
            media=media,
            requests=meter.requests,
            seconds=time.monotonic() - begun,
            reason=trouble.reason if trouble else None,
            detail=str(trouble) if trouble else None,
            withheld=isinstance(trouble, Withheld),
            at_fault=at_fault or (trouble is None and not posts),
        )
