"""The chain: the first provider that works lists a target; when one breaks, the next goes on."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import structlog

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    Refused,
    SourceError,
    TooLarge,
    Unavailable,
    UnexpectedResponse,
    Unreadable,
    Unsupported,
    Withheld,
)
from gatherum.model import Page, Target
from gatherum.ports import Client
from gatherum.providers import Provider, Step, get_chain
from gatherum.providers.breakers import Breakers, is_its_own

log = structlog.get_logger()

# When all have failed, the person is told what the platform itself says of the target, else what
# helps most: from what one can do, to nothing.
_TELL = (Withheld, LoginRequired, RateLimited, Unreadable, Unavailable, UnexpectedResponse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a listing may go on: a cursor is in the terms of its provider alone."""

    provider: str
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """How one try of a provider has ended: with so many posts, and a failure or none."""

    provider: Provider
    host: str
    posts: int
    failure: SourceError | None
    resting_until: float | None  # set if its circuit is open now

    @property
    def is_its_own(self) -> bool:
        """Whether the failure may be the provider's own."""
        return self.failure is not None and is_its_own(self.failure)


Told = Callable[[Try], Awaitable[None]]


async def tell_nobody(_tried: Try) -> None:
    """Keep nothing of a try."""


class Chain:
    """Lists targets by their providers in order; one that needs a consent only if it is given.

    A provider that fails half way is followed by the next one from the beginning: since identity
    belongs to the platform, nothing is taken twice. One that is asked to slow down is not followed
    by another that asks the same servers. Only a direct provider may say that something is gone or
    withheld.
    """

    def __init__(
        self,
        breakers: Breakers,
        consents: Callable[[str], bool] = lambda _setting: False,
        servers: Callable[[str], Sequence[str]] = lambda _setting: (),
        told: Told = tell_nobody,
    ) -> None:
        self._breakers = breakers
        self._consents = consents
        self._servers = servers
        self._told = told

    async def pages(
        self, target: Target, client: Client, *, start: Position | None = None, spare: bool = False
    ) -> AsyncGenerator[tuple[str, Page]]:
        """Yield pages with the name of who listed them, newest first.

        They begin at `start` if its provider is the one used, else at the top. With a `spare` login
        at hand, what is the login's trouble at the platform itself is raised before another way is
        tried; not so where the platform has said that it withholds this.
        """
        steps = self.steps(target)
        failures: list[SourceError] = []
        limited: set[str] = set()
        for provider, own in steps:
            if provider.site in limited or not self.may_ask(provider):
                continue
            if not self._breakers.admit(provider, own):
                failures.append(self._breakers.why(provider, own))
                continue
            cursor = start.cursor if start and start.provider == provider.name else None
            begun = False
            try:
                async with aclosing(self._listed(provider, own, client, cursor)) as pages:
                    async for page in pages:
                        begun = True
                        yield provider.name, page
            except SourceError as error:
                log.warning(
                    "provider_failed",
                    provider=provider.name,
                    feed=provider.feed,
                    reason=error.reason.value,
                )
                error.site = provider.site
                if _final(error, provider, begun=begun) or (spare and is_of_login(error)):
                    raise
                failures.append(_doubted(error, provider))
                spare = spare and not isinstance(failures[-1], Withheld)
                if isinstance(error, RateLimited):
                    limited.add(provider.site)
            else:
                return
        raise _most_helpful(failures)

    def steps(self, target: Target) -> Iterator[Step]:
        """Yield the providers; one whose servers a setting names once for each of these."""
        for provider, own in get_chain(target):
            if not provider.servers:
                yield provider, own
                continue
            for server in self._servers(provider.servers):
                host = urlsplit(server).netloc
                values = {**own.values, "server": server}
                yield replace(provider, site=host), replace(own, host=host, values=values)

    def may_ask(self, provider: Provider) -> bool:
        """Return whether somebody has agreed that the provider is asked, where that is needed."""
        consent = provider.needs.consent
        return not consent or self._consents(consent)

    async def pages_by(
        self, provider: Provider, target: Target, client: Client
    ) -> AsyncGenerator[Page]:
        """Yield the pages of one provider alone, even if it rests; the try counts like any other."""
        async with aclosing(self._listed(provider, target, client, None)) as pages:
            async for page in pages:
                yield page

    async def _listed(
        self, provider: Provider, target: Target, client: Client, cursor: str | None
    ) -> AsyncGenerator[Page]:
        """Yield the pages of one provider, and settle what became of the try."""
        failure: SourceError | None = None
        shown, posts = False, 0
        try:
            async with aclosing(list_by(provider, target, client, cursor)) as pages:
                async for page in pages:
                    if not shown:
                        shown = True
                        self._breakers.answered(provider, target)
                    posts += len(page.posts)
                    yield page
            shown = True
        except SourceError as error:
            failure = error
            raise
        finally:
            self._breakers.settle(provider, target, shown=shown, failure=failure)
            if shown or failure is not None:  # else it was given up, which says nothing
                await self._told(
                    Try(
                        provider=provider,
                        host=target.host,
                        posts=posts,
                        failure=failure,
                        resting_until=self._breakers.resting_until(provider, target),
                    )
                )


async def list_by(
    provider: Provider, target: Target, client: Client, cursor: str | None
) -> AsyncGenerator[Page]:
    """Yield a provider's pages; what it trips over counts as an answer in an unknown form."""
    pages = provider.listing(target, client, cursor)
    try:
        async for page in pages:
            yield page
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        log.exception("provider_tripped", provider=provider.name, feed=provider.feed)
        raise UnexpectedResponse(f"{provider.name} did not understand the answer.") from error
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()


def is_of_login(error: SourceError) -> bool:
    """Return whether another login may be served where this one met `error`."""
    return not error.site and isinstance(error, RateLimited | Challenge | LoginRequired)


def _final(error: SourceError, provider: Provider, *, begun: bool) -> bool:
    """Return whether no other provider should be asked after this failure."""
    match error:
        case Refused() | TooLarge():
            return True
        case Challenge() | Gone() | Unreadable():
            return provider.direct
        case RateLimited():
            return begun  # the way on is to wait, and to go on at the cursor
        case _:
            return False


def _doubted(error: SourceError, provider: Provider) -> SourceError:
    match error:
        case Withheld() if not provider.direct:
            return Unavailable(str(error))
        case Gone():
            return Unavailable(f"{provider.name} finds nothing here, which proves nothing.")
        case Challenge():
            return Unavailable(f"{provider.name} wants to see a person first.")
        case _:
            return error


def _most_helpful(failures: Sequence[SourceError]) -> SourceError:
    for kind in _TELL:
        for failure in failures:
            if isinstance(failure, kind):
                return failure
    # A way that lacks something says what must be installed; those stand at the end.
    lacking = (each for each in reversed(failures) if isinstance(each, Unsupported))
    return next(lacking, Unsupported("Nothing here finds any media behind this link."))
