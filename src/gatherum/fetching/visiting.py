"""A visit of a site, as a browser makes it: forms are sent, and cookies that it sets are kept."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from gatherum.errors import InvalidInput, UnexpectedResponse
from gatherum.fetching.bodies import read_body
from gatherum.fetching.cookies import Cookie, Jar, parse_set_cookie
from gatherum.fetching.http import REDIRECTS, Http, Meter, Scope, redirect_of
from gatherum.safety.policy import check_url

LARGEST_PAGE = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A page of a visit; `url` is where redirects have led to."""

    url: str
    status: int
    text: str


class Visit:
    """Whoever makes one is nobody at first. Forms go to https only, and to nobody but their site."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._scope = Scope(platform="")
        self._meter = Meter()
        self._cookies: dict[tuple[str, str, str], Cookie] = {}

    @property
    def jar(self) -> Jar:
        """The cookies that were set so far."""
        return Jar(tuple(self._cookies.values()))

    def holds(self, cookie: re.Pattern[str]) -> bool:
        """Return whether there is such a cookie, as `name=value`."""
        return any(cookie.search(f"{one.name}={one.value}") for one in self._cookies.values())

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Visited:
        """Return the page at a link, whatever its status below 500."""
        return await self._go(url, None, headers or {})

    async def post(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Visited:
        """Send a form, and return the page that it leads to."""
        if urlsplit(url).scheme != "https":
            raise InvalidInput("This site has no encryption: no password is sent there.")
        return await self._go(url, form, headers or {})

    async def _go(
        self, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Visited:
        for _ in range(REDIRECTS):
            cookies = self.jar.header(url)
            sent = {**headers, "Cookie": cookies} if cookies else dict(headers)
            async with self._http.hop(
                url, scope=self._scope, meter=self._meter, headers=sent, form=form
            ) as answer:
                self._keep(url, answer)
                target = redirect_of(answer)
                if target is None:
                    return Visited(url=url, status=answer.status, text=await _text(answer))
            if answer.status in (307, 308) and form is not None:
                raise UnexpectedResponse("The site wants the form to be sent somewhere else.")
            form, url = None, target
            try:
                check_url(url)
            except InvalidInput as error:
                raise UnexpectedResponse("The site redirects to what is no link.") from error
        raise UnexpectedResponse("The site redirects in a circle.")

    def _keep(self, url: str, answer: aiohttp.ClientResponse) -> None:
        """Keep the cookies of an answer that its host may set; one that has ended goes."""
        for header in answer.headers.getall("Set-Cookie", ()):
            cookie = parse_set_cookie(header, url)
            if cookie is None:
                continue
            key = (cookie.domain, cookie.path, cookie.name)
            if cookie.expires is not None and cookie.expires <= time.time():
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = cookie


async def _text(answer: aiohttp.ClientResponse) -> str:
    body = await read_body(answer, largest=LARGEST_PAGE)
    try:
        return body.decode(answer.charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")
