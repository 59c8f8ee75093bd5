"""The one HTTP client: every request passes the policy, the budget and our own redirect loop."""

import asyncio
import contextlib
import email.utils
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
import certifi
from multidict import CIMultiDict

from gatherum.errors import RateLimited, Refused, Unavailable, UnexpectedResponse
from gatherum.fetching.budget import Budget
from gatherum.ports import Clock
from gatherum.safety.policy import Blocked, Policy

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REDIRECTS = 8
CREDENTIALS = ("Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization")
RETRY_AFTER_DEFAULT_S = 60.0
CONNECT_S = 15.0


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
    ) -> None:
        self._policy = policy
        self._budget = budget
        self._clock = clock
        self._proxy = proxy or None
        self._per_host = per_host
        self._gates: dict[str, asyncio.Semaphore] = {}
        context = ssl.create_default_context(cafile=certifi.where())
        if ca_bundle is not None:
            context.load_verify_locations(cafile=ca_bundle)
        connector = aiohttp.TCPConnector(
            # Behind a proxy every socket goes to it: its operator chose it, and it resolves names.
            socket_factory=(policy.allowing_proxy(proxy) if proxy else policy).socket_for,
            limit=connections,
            limit_per_host=0,
            ssl=context,
            ttl_dns_cache=60,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT},
            timeout=aiohttp.ClientTimeout(
                total=None, connect=None, sock_connect=CONNECT_S, sock_read=stall_s
            ),
            max_line_size=16_384,
            max_field_size=16_384,
            read_bufsize=1 << 18,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

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
            host = self._check(url)
            key = "|".join((scope.platform or "host", host, scope.login, self._proxy or ""))
            async with self._gate(host):
                await self._budget.permit(key, scope.platform)
                meter.requests += 1
                async with self._send(url, key, headers=sent, params=params) as response:
                    target = _redirect(response)
                    if target is None:
                        await self._judge(response, key)
                        with _translated():
                            yield response
                        return
            params = None
            if _origin(target) != _origin(url):
                for name in CREDENTIALS:
                    sent.pop(name, None)
            url = target
        raise UnexpectedResponse("The source redirects in a circle.")

    def _check(self, url: str) -> str:
        """Return the host of a URL that the policy lets us ask."""
        self._policy.check_url(url)
        host = (urlsplit(url).hostname or "").lower()
        if self._proxy:
            self._policy.check_literal(host, urlsplit(url).port or 0)
        return host

    def _gate(self, host: str) -> asyncio.Semaphore:
        return self._gates.setdefault(host, asyncio.Semaphore(self._per_host))

    @asynccontextmanager
    async def _send(
        self, url: str, key: str, *, headers: Mapping[str, str], params: Mapping[str, str] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            response = await self._session.get(
                url, headers=headers, params=params, allow_redirects=False, proxy=self._proxy
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            refused = _refusal(error)
            if refused is not None:
                raise refused from error
            await self._budget.failed(key)
            raise _unavailable(error) from error
        async with response:
            yield response

    async def _judge(self, response: aiohttp.ClientResponse, key: str) -> None:
        """Teach the budget, and raise for the answers that mean "later"."""
        status = response.status
        if status == 429 or (status == 503 and "Retry-After" in response.headers):
            wait = retry_after(response.headers.get("Retry-After"), self._clock.now())
            await self._budget.limited(key, wait)
            raise RateLimited("The source asks us to slow down.", retry_after=wait)
        if status >= 500:
            await self._budget.failed(key)
            raise Unavailable(f"The source has a fault of its own (HTTP {status}).")
        await self._budget.succeeded(key)


def retry_after(value: str | None, now: float) -> float:
    """Read a Retry-After header, seconds or a date; a default where it says nothing sensible."""
    if value is None:
        return RETRY_AFTER_DEFAULT_S
    if value.strip().isdecimal():
        return min(float(value), 86_400.0)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return RETRY_AFTER_DEFAULT_S
    return min(max(date.timestamp() - now, 1.0), 86_400.0)


def _redirect(response: aiohttp.ClientResponse) -> str | None:
    if response.status not in (301, 302, 303, 307, 308):
        return None
    location = response.headers.get("Location")
    return None if location is None else urljoin(str(response.url), location)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what breaks while a body is read into what should happen next."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        raise _unavailable(error) from error


def _refusal(error: BaseException) -> Refused | None:
    """Find the policy's word in what the connector raised."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, Blocked):
            return Refused("This address is in a private or special network, which is not allowed.")
        seen = getattr(seen, "os_error", None) or seen.__cause__ or seen.__context__
    return None


def _unavailable(error: BaseException) -> Unavailable:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unavailable("The name of the source cannot be found.")
    if isinstance(error, aiohttp.ClientSSLError):
        return Unavailable("The source has no certificate that can be trusted.")
    if isinstance(error, TimeoutError):
        return Unavailable("The source did not answer in time.")
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unavailable("The source broke off in the middle of its answer.")
    return Unavailable("The connection to the source failed.")
