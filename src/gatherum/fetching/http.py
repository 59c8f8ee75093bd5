"""The one HTTP client: every request passes the policy, the budget and our own redirect loop."""

import asyncio
import contextlib
import email.utils
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
import certifi
from multidict import CIMultiDict
from yarl import URL

from gatherum.errors import (
    Challenge,
    InvalidInput,
    RateLimited,
    Refused,
    Silent,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.budget import SCRIPT_HOSTS, Budget
from gatherum.ports import Clock
from gatherum.safety.policy import AddrInfo, Blocked, Policy, check_url, find_blocked

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REDIRECTS = 8
CREDENTIALS = ("Authorization", "Cookie", "Csrf-Token", "X-Api-Key", "Proxy-Authorization")
RETRY_AFTER_DEFAULT_S = 60.0
# Where a 429 tells when to come again; the last two are Reddit's and X's.
WAITS = ("Retry-After", "X-RateLimit-Reset", "X-Rate-Limit-Reset")
MOMENTS = 1_000_000_000.0  # a number above it is a moment, not so many seconds
CONNECT_S = 15.0
WALL = 999  # LinkedIn's own status: its page leads to a wall of registration


@dataclass(slots=True)
class Meter:
    """What one job has asked of the network."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose budget a request is counted on."""

    platform: str  # '' for the plain download of a file: then the host counts alone
    login: str = ""
    turn: str = ""  # who has the login for himself; '' if nobody asks for that
    sites: frozenset[str] = frozenset()  # where the cookies of the login go

    def reaches(self, host: str) -> bool:
        """Return whether a request to `host` carries cookies of the login."""
        return any(host == site or host.endswith(f".{site}") for site in self.sites)


Count = Callable[[str, Scope], Awaitable[None]]  # a host, and for whom it is asked


async def count_nothing(_host: str, _scope: Scope) -> None:
    """Let every request go, as far as logins are concerned."""


class Http:
    """Opens URLs. Lives as long as the program; `close` it."""

    def __init__(
        self,
        *,
        policy: Policy,
        budget: Budget,
        clock: Clock,
        proxy: str,
        ca_bundle: Path | None,
        connections: int,
        per_host: int,
        stall_s: float,
        count: Count = count_nothing,
    ) -> None:
        self._policy = policy
        self._budget = budget
        self._count = count
        self._clock = clock
        self._proxy = proxy or None
        self._way_out = proxy.rpartition("@")[2]  # in keys of the budget, without a password
        self._per_host = per_host
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._tls = ssl.create_default_context(cafile=certifi.where())
        if ca_bundle is not None:
            self._tls.load_verify_locations(cafile=ca_bundle)
        self._connections = connections
        self._stall_s = stall_s
        self._guarded = self._session(policy.socket_for)
        # For sockets whose end was chosen by name: the configured proxy, and hosts allowed by name.
        self._trusted = self._session(None)

    def _session(
        self, factory: Callable[[AddrInfo], socket.socket] | None
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=factory,
                limit=self._connections,
                limit_per_host=0,
                ssl=self._tls,
                ttl_dns_cache=60,
            ),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT},
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_S, sock_read=self._stall_s
            ),
            max_line_size=16_384,
            max_field_size=16_384,
            read_bufsize=1 << 19,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._guarded.close()
        await self._trusted.close()

    @asynccontextmanager
    async def open(
        self,
        url: str,
        *,
        scope: Scope,
        meter: Meter,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a GET and follow redirects, each hop checked; credentials stay with their origin.

        Yields any answer but 429, 5xx and challenges: those raise what should happen next.
        """
        sent: CIMultiDict[str] = CIMultiDict(headers or {})
        for _ in range(REDIRECTS):
            async with self.hop(
                url, scope=scope, meter=meter, headers=sent, params=params
            ) as response:
                target = redirect_of(response)
                if target is None:
                    yield response
                    return
            params = None
            if _origin(target) != _origin(url):
                for name in CREDENTIALS:
                    sent.pop(name, None)
            url = target
            try:
                check_url(url)
            except InvalidInput as error:
                raise UnexpectedResponse("The source redirects to what is no link.") from error
        raise UnexpectedResponse("The source redirects in a circle.")

    @asynccontextmanager
    async def hop(
        self,
        url: str,
        *,
        scope: Scope,
        meter: Meter,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one GET, or a POST of a form, and follow nothing; else as `open`."""
        host = self._check(url)
        async with self._gate(host):
            await self.permit(host, scope, meter)
            async with self._send(
                url, host, scope, headers=headers or {}, params=params, form=form
            ) as response:
                if redirect_of(response) is None:
                    await self._judge(response, host, scope)
                with _translated():
                    yield response

    async def permit(self, host: str, scope: Scope, meter: Meter) -> None:
        """Wait until the budget lets one request to `host` go, and count it."""
        await self._count(host, scope)
        platform = "" if host in SCRIPT_HOSTS else scope.platform
        await self._budget.permit(self._key(host, scope), platform)
        meter.requests += 1

    async def answered(self, host: str, status: int, wait: float | None, *, scope: Scope) -> None:
        """Teach the budget what a request got; status 0 is no answer at all."""
        key = self._key(host, scope)
        if status == 429 or (status == 503 and wait is not None):
            await self._budget.limited(key, RETRY_AFTER_DEFAULT_S if wait is None else wait)
        elif status == 0 or status >= 500:
            await self._budget.failed(key)
        else:
            await self._budget.succeeded(key)

    def _key(self, host: str, scope: Scope) -> str:
        return "|".join((scope.platform or "host", host, scope.login, self._way_out))

    def _check(self, url: str) -> str:
        """Return the host of a URL that the policy lets us ask."""
        check_url(url)
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if self._proxy:
            try:
                self._policy.check_name(
                    host, parts.port or (443 if parts.scheme == "https" else 80)
                )
            except Blocked as error:
                raise _refused() from error
        return host

    def _gate(self, host: str) -> asyncio.Semaphore:
        return self._gates.setdefault(host, asyncio.Semaphore(self._per_host))

    @asynccontextmanager
    async def _send(
        self,
        url: str,
        host: str,
        scope: Scope,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        trusted = self._proxy is not None or self._policy.allows_host(host)
        session = self._trusted if trusted else self._guarded
        try:
            response = await session.request(
                "GET" if form is None else "POST",
                _as_written(url),
                headers=headers,
                params=params,
                data=form,
                allow_redirects=False,
                proxy=self._proxy,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if find_blocked(error):
                raise _refused() from error
            await self.answered(host, 0, None, scope=scope)
            if isinstance(error, aiohttp.ClientConnectorError | TimeoutError):
                raise Silent(_why(error), host=urlsplit(url).netloc) from error
            raise Unavailable(_why(error)) from error
        async with response:
            yield response

    async def _judge(self, response: aiohttp.ClientResponse, host: str, scope: Scope) -> None:
        """Teach the budget, and raise for the answers that mean "later"."""
        status = response.status
        names = WAITS if status == 429 else WAITS[:1]
        told = next((response.headers[name] for name in names if name in response.headers), None)
        wait = None if told is None else retry_after(told, self._clock.now())
        if status == 429 and wait is None:
            wait = RETRY_AFTER_DEFAULT_S
        await self.answered(host, status, wait, scope=scope)
        if response.headers.get("cf-mitigated") == "challenge":
            raise Challenge("The source wants to see a person in a browser first.")
        if wait is not None and status in (429, 503):
            raise RateLimited("The source asks us to slow down.", retry_after=wait)
        if status >= 500 and status != WALL:
            raise Unavailable(f"The source has a fault of its own (HTTP {status}).")


def retry_after(value: str, now: float) -> float:
    """Read when to come again: seconds, a moment or a date; a default where it is none of them."""
    if value.strip().isdecimal():
        seconds = float(value)
        if seconds > MOMENTS * 1000:  # in milliseconds
            seconds /= 1000
        return min(max(seconds - now if seconds > MOMENTS else seconds, 1.0), 86_400.0)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return RETRY_AFTER_DEFAULT_S
    return min(max(date.timestamp() - now, 1.0), 86_400.0)


def redirect_of(response: aiohttp.ClientResponse) -> str | None:
    """Return where an answer leads on to, None if it does not."""
    if response.status not in (301, 302, 303, 307, 308):
        return None
    location = response.headers.get("Location")
    return None if location is None else urljoin(str(response.url), location)


def _as_written(url: str) -> URL:
    """Return a URL that is sent as it stands: to quote a signed one anew would break it."""
    return URL(url, encoded=url.isascii() and " " not in url)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what breaks while a body is read into what should happen next."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        raise Unavailable(_why(error)) from error


def _refused() -> Refused:
    return Refused("This address is in a private or special network, which is not allowed.")


def _why(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "The name of the source cannot be found."
    if isinstance(error, aiohttp.ClientSSLError):
        return "The source has no certificate that can be trusted."
    if isinstance(error, TimeoutError):
        return "The source did not answer in time."
    if isinstance(error, aiohttp.ClientPayloadError):
        return "The source broke off in the middle of its answer."
    return "The connection to the source failed."
