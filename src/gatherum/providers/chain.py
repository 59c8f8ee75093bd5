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
# helps most: from what one can do, to nothing. That a page has changed says more than that
# another way was not answered.
_TELL = (Withheld, LoginRequired, RateLimited, Unreadable, UnexpectedResponse, Unavailable)


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


class Misread:
    """The ways that did not understand what they were shown: who lists again passes them by."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], UnexpectedResponse] = {}

    def note(self, provider: Provider, target: Target, error: SourceError) -> None:
        """Remember a way by its failure, if that is one of not understanding."""
        if isinstance(error, UnexpectedResponse):
            self._known[provider.name, target.host] = error

    def find(self, provider: Provider, target: Target) -> UnexpectedResponse | None:
        """Return what a way did not understand, None if that did not happen."""
        return self._known.get((provider.name, target.host))


async def tell_nobody(_tried: Try) -> None:
    """Keep nothing of a try."""


class Chain:
    """Lists targets by their providers in order; one that needs a consent only if it is given.

    A provider that fails half way is followed by the next one from the beginning: since identity
    belongs to the platform, nothing is taken twice. One that is asked to slow down is not followed
    by another that asks the same servers. Only a direct provider may say that something is gone or
    withheld. That there is nothing is believed only where the source itself shows it (`Page.empty`),
    and no way before has met what it did not understand.
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
        self,
        target: Target,
        client: Client,
        *,
        start: Position | None = None,
        spare: bool = False,
        misread: Misread | None = None,
    ) -> AsyncGenerator[tuple[str, Page]]:
        """Yield pages with the name of who listed them, newest first.

        They begin at `start` if its provider is the one used, else at the top. With a `spare` login
        at hand, what is the login's trouble at the platform itself is raised before another way is
        tried; not so where the platform has said that it withholds this. Ways in `misread` are not
        asked again, and those that do not understand what they see are added to it.
        """
        steps = self.steps(target)
        misread = misread or Misread()
        failures: list[SourceError] = []
        for provider, own in steps:
            if _is_limited(provider, failures) or not self.may_ask(provider):
                continue
            if (known := misread.find(provider, own) or self._resting(provider, own)) is not None:
                failures.append(known)
                continue
            cursor = start.cursor if start and start.provider == provider.name else None
            begun, shown = False, cursor is not None
            in_doubt = any(isinstance(each, UnexpectedResponse) for each in failures)
            try:
                async with aclosing(self._listed(provider, own, client, cursor)) as pages:
                    async for page in pages:
                        begun, shown = True, shown or bool(page.posts)
                        if shown or not in_doubt:
                            yield provider.name, page
            except SourceError as error:
                log.warning(
                    "provider_failed",
                    provider=provider.name,
                    feed=provider.feed,
                    reason=error.reason.value,
                )
                error.site = provider.site
                misread.note(provider, own, error)
                if _final(error, provider, begun=begun) or (spare and is_of_login(error)):
                    raise
                failures.append(_doubted(error, provider))
                spare = spare and not isinstance(failures[-1], Withheld)
            else:
                if shown or not in_doubt:
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

    def _resting(self, provider: Provider, target: Target) -> Unavailable | None:
        """Return why a provider is left alone; None if it is let through, and must be settled."""
        if self._breakers.admit(provider, target):
            return None
        return self._breakers.why(provider, target)

    async def _listed(
        self, provider: Provider, target: Target, client: Client, cursor: str | None
    ) -> AsyncGenerator[Page]:
        """Yield the pages of one provider, and settle what became of the try."""
        failure: SourceError | None = None
        shown, posts = False, 0
        said, end = cursor is not None, list[Page]()
        try:
            async with aclosing(list_by(provider, target, client, cursor)) as pages:
                async for page in pages:
                    posts, said = posts + len(page.posts), said or page.empty
                    if not posts and page.cursor is None:
                        end.append(page)  # not the end, unless it is believed
                        continue
                    if not shown:
                        shown = True
                        self._breakers.answered(provider, target)
                    yield page
            if not posts and not said:
                raise UnexpectedResponse(
                    f"{provider.name} finds nothing here, and the source does not say that there is nothing."
                )
            shown = True
            for page in end:
                yield page
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


def _is_limited(provider: Provider, failures: Sequence[SourceError]) -> bool:
    """Return whether the servers of a provider have asked another one to slow down."""
    return any(isinstance(one, RateLimited) and one.site == provider.site for one in failures)


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
    if told := [each for each in failures if isinstance(each, _TELL)]:
        return min(told, key=_helps)
    # A way that lacks something says what must be installed; those stand at the end.
    lacking = (each for each in reversed(failures) if isinstance(each, Unsupported))
    return next(lacking, Unsupported("Nothing here finds any media behind this link."))


def _helps(failure: SourceError) -> tuple[bool, int]:
    """Return the place of a failure among others; that strangers have changed comes last."""
    is_strange = isinstance(failure, UnexpectedResponse) and failure.site != ""
    return is_strange, next(n for n, kind in enumerate(_TELL) if isinstance(failure, kind))
