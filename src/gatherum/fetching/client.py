"""What providers ask of the network (`ports.Client`), for one job with one login."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import aiohttp
from pydantic import ValidationError

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.bodies import read_body
from gatherum.fetching.browser import Browsers
from gatherum.fetching.cookies import Cookie, Jar, parse_set_cookie, renew
from gatherum.fetching.http import WALL, Http, Meter, Scope
from gatherum.fetching.workers.engine import EnginePool
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Document,
    EngineLine,
    EngineRequest,
    M,
    Probe,
)
from gatherum.safety import foreign

PROBE_BYTES = 256 << 10
CHALLENGED = "The source wants to see a person in a browser first."
_GUARDS = re.compile(rb"Just a moment|/ddos-guard/js-challenge/|<title>DDoS-Guard</title>")
_TOLD = re.compile(
    rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']?([\w.:-]+)|\bcharset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE | re.ASCII,
)


class JobClient:
    """The network as one job may use it: its platform's budget, its login's cookies, its meter."""

    def __init__(
        self,
        http: Http,
        engines: EnginePool,
        *,
        platform: str,
        login: str,
        jar: Jar,
        meter: Meter,
        browsers: Browsers | None = None,
        turn: str = "",
        user_agent: str = "",
        renewed: Callable[[Jar], None] = lambda _jar: None,
    ) -> None:
        self._http = http
        self._engines = engines
        self._browsers = browsers
        self._scope = Scope(platform=platform, login=login, turn=turn, sites=jar.sites)
        self._jar = jar
        self._meter = meter
        self._user_agent = user_agent
        self._renewed = renewed  # told of the cookies, when the platform has given some anew

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> M:
        """Return the JSON at `url` as `model`; see `ports.Client`."""
        sent = {"Accept": "application/json", **(headers or {})}
        given = {name: value for name, value in (params or {}).items() if value is not None}
        async with self._http.open(
            url,
            scope=self._scope,
            meter=self._meter,
            headers=self._with_cookies(url, sent),
            params=given,
        ) as answer:
            self._hear(answer)
            body = await read_body(answer)
            if answer.status != 200 and answer.status not in accept:
                raise _refusal(answer, body)
            try:
                return await foreign.apart(foreign.model, model, body)
            except ValidationError as error:
                if answer.status != 200:
                    raise _refusal(answer, body) from error
                raise UnexpectedResponse("The source answered in a form we do not know.") from error

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        """Return the page at `url`, decoded."""
        async with self._http.open(
            url,
            scope=self._scope,
            meter=self._meter,
            headers=self._with_cookies(url, dict(headers or {})),
        ) as answer:
            self._hear(answer)
            body = await read_body(answer)
            if answer.status != 200:
                raise _refusal(answer, body)
            return Document(
                url=str(answer.url),
                text=body.decode(_charset(answer, body), errors="replace"),
                content_type=answer.headers.get("Content-Type", ""),
                at=_date(answer.headers.get("Date", "")),
            )

    async def probe(self, url: str) -> Probe:
        """Return the start of what is at `url`; see `ports.Client`."""
        async with self._http.open(
            url, scope=self._scope, meter=self._meter, headers=self._with_cookies(url, {})
        ) as answer:
            head = bytearray()
            async for chunk in answer.content.iter_any():
                head += chunk
                if len(head) >= PROBE_BYTES:
                    break
            answer.close()  # the rest is not read
            if _checks_persons(answer.status, head):
                raise Challenge(CHALLENGED)
            return Probe(
                url=str(answer.url),
                status=answer.status,
                content_type=answer.headers.get("Content-Type", ""),
                head=bytes(head[:PROBE_BYTES]),
                length=answer.content_length,
            )

    def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        """Let an engine look at a link, in its sandboxed child process."""
        return self._engines.extract(
            request,
            cookies=self._jar.netscape(),
            user_agent=self._user_agent,
            renewed=self._take,
            permit=partial(self._http.permit, scope=self._scope, meter=self._meter),
            answered=partial(self._http.answered, scope=self._scope),
        )

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        """Lend a page of a browser, within the job's budget."""
        if self._browsers is None:
            raise Unsupported("There is no browser in this process.")
        return self._browsers.page(
            request,
            login=self._scope.login,
            jar=self._jar,
            permit=partial(self._http.permit, scope=self._scope, meter=self._meter),
            answered=partial(self._http.answered, scope=self._scope),
        )

    def _with_cookies(self, url: str, headers: dict[str, str]) -> dict[str, str]:
        own = {"User-Agent": self._user_agent} if self._user_agent else {}
        return headers | own | self._jar.headers(url)

    def _hear(self, answer: aiohttp.ClientResponse) -> None:
        """Take in the cookies that an answer gives."""
        url = str(answer.url)
        told = (parse_set_cookie(one, url) for one in answer.headers.getall("Set-Cookie", ()))
        self._take([cookie for cookie in told if cookie is not None])

    def _take(self, cookies: Sequence[Cookie]) -> None:
        jar = renew(self._jar, cookies) if self._scope.login else self._jar
        if jar != self._jar:
            self._jar = jar
            self._renewed(jar)


def _date(told: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _charset(answer: aiohttp.ClientResponse, body: bytes) -> str:
    """Return what the answer, the page or the XML says of its letters; UTF-8 if that is nothing."""
    told = answer.charset
    if told is None and (found := _TOLD.search(body[:2048])):
        told = (found[1] or found[2]).decode("ascii")
    try:
        "".encode(told or "utf-8")
    except LookupError:
        return "utf-8"
    return told or "utf-8"


def _checks_persons(status: int, body: bytes | bytearray) -> bool:
    """Return whether a guard before the source wants to see a browser with a person."""
    return status == 403 and _GUARDS.search(body[:4096]) is not None


def _wants_login(body: bytes) -> bool:
    # "CSRF check failed": LinkedIn to whom it has not given the cookie that is asked for.
    return b"log" in body or b"csrf" in body


def _refusal(
    answer: aiohttp.ClientResponse, body: bytes
) -> Challenge | Gone | LoginRequired | Unavailable | UnexpectedResponse:
    """Say what should happen after an answer that is no success."""
    status = answer.status
    if _checks_persons(status, body):
        return Challenge(CHALLENGED)
    if status in (401, 407, WALL) or (status == 403 and _wants_login(body[:65536].lower())):
        return LoginRequired("The source shows this only to somebody who is logged in.")
    if status == 403:
        return Unavailable("The source refuses to show this (HTTP 403).")
    if status in (404, 410):
        return Gone("The source says that this does not exist (any more).")
    return UnexpectedResponse(f"The source answered with HTTP {status}.")
