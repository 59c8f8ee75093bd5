"""Our own calls to services that somebody configured: OpenID, Duo. Under the policy, small, bounded.

No redirect is followed: an address that was configured is the address that is asked.
"""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import certifi

from gatherum.errors import Refused, TooLarge, Unavailable
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy, check_url, find_blocked
from gatherum.safety.resolver import NamingResolver

DEADLINE_S: Final = 10.0
MOST_BYTES: Final = 1_000_000
AGENT: Final = "Gatherum"
PRIVATE: Final = (
    "This address is in a private or special network. Allow it by GATHERUM_NETWORK_ALLOW, "
    "if it is yours."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The guarded way out for a library that brings its own client."""

    proxy: str  # its URL, with the token
    authorities: Path  # a PEM file of who is trusted
    refused: Callable[[], bool]  # whether the policy refused something on it


class Outgoing:
    """Opens connections for one call and closes them behind it; the addresses pass the policy."""

    def __init__(
        self,
        policy: Policy,
        *,
        proxy: str = "",
        ca_bundle: Path | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._policy = policy
        self._proxy = proxy or None
        self._ca_bundle = ca_bundle
        self._deadline_s = deadline_s

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=certifi.where())
        if self._ca_bundle is not None:
            context.load_verify_locations(cafile=self._ca_bundle)
        return context

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a GET. Raises `Refused`, `Unavailable` (no answer in time), `TooLarge`."""
        return await self._send("GET", url, headers=headers or {}, body=None)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a POST with a form or with ready bytes; raises as `get` does."""
        sent = aiohttp.FormData(dict(form)) if form is not None else body
        return await self._send("POST", url, headers=headers or {}, body=sent)

    async def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: aiohttp.FormData | bytes | None,
    ) -> Answer:
        check_url(url)
        try:
            async with (
                asyncio.timeout(self._deadline_s),
                self._client(url) as client,
                client.request(
                    method,
                    url,
                    headers=headers,
                    data=body,
                    allow_redirects=False,
                    proxy=self._proxy,
                ) as response,
            ):
                return Answer(
                    status=response.status,
                    headers=response.headers.copy(),
                    body=await _read(response.content),
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if find_blocked(error):
                raise Refused(PRIVATE) from error
            raise Unavailable(_words(error)) from error

    def _client(self, url: str) -> aiohttp.ClientSession:
        if self._proxy is not None:  # it finds the addresses, and its own was configured
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            self._policy.check_name(parts.hostname or "", port)
        connector = aiohttp.TCPConnector(
            resolver=NamingResolver(),
            socket_factory=None if self._proxy else self._policy.socket_for,
            ssl=self._tls,
            use_dns_cache=False,
        )
        return aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": AGENT},
        )

    @asynccontextmanager
    async def way_out(self, label: str, *, authorities: Path) -> AsyncIterator[Way]:
        """Offer a proxy under the policy; what goes through it is cut off when the context ends.

        `authorities` are trusted, and our own bundle with them.
        """
        async with Egress(self._policy, upstream=self._proxy or "") as egress:
            with tempfile.NamedTemporaryFile(prefix="gatherum-", suffix=".pem") as trusted:
                for path in filter(None, (authorities, self._ca_bundle)):
                    trusted.write(path.read_bytes() + b"\n")
                trusted.flush()
                yield Way(
                    proxy=egress.url(label),
                    authorities=Path(trusted.name),
                    refused=lambda: bool(egress.refusals(label)),
                )


async def _read(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for piece in content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge("The service's answer is larger than what is taken.")
    return bytes(body)


def _words(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "The name of the service cannot be found."
    if isinstance(error, aiohttp.ClientSSLError):
        return "The service has no certificate that can be trusted."
    if isinstance(error, TimeoutError):
        return "The service did not answer in time."
    return "The connection to the service failed."
