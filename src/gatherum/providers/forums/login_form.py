"""How one signs in to a forum by name and password: its own form, filled in and sent once."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from gatherum.errors import Challenge, InvalidInput, UnexpectedResponse
from gatherum.providers.forums.sheets import MEMBER
from gatherum.providers.urls import host_of, normalise, resolve
from gatherum.safety import foreign

WRONG = "The forum does not accept this name with this password."
WRONG_CODE = "The forum does not accept this code. Codes live for a minute: try the next one."
CODE = (
    "This forum asks for the code of a second factor as well: give it together with the password."
)
CAPTCHA = (
    "This forum lets nobody in without a captcha. Sign in with a browser, export its cookies, and give "
    "them here as a login."
)
UNKNOWN = "This forum asks for names and passwords in an unknown form."
ELSEWHERE = (
    "This leads to {}, which is not the forum that you named, so no password is sent there. Give the "
    "address of the forum itself, as its own pages have it."
)
_CAPTCHAS = (
    ".g-recaptcha, .h-captcha, .cf-turnstile, [data-sitekey], [data-xf-init*='captcha'], .js-captcha, "
    "input[name='confirm_code'], input[name='imagestring'], input[name*='_vv['], input[name='humanverify[input]']"
)


class CodeNeeded(InvalidInput):
    """The name and the password are right, and a code of a second factor is asked for."""


class Shown(Protocol):
    """A page of a visit."""

    @property
    def url(self) -> str:
        """Where redirects have led to."""
        ...

    @property
    def status(self) -> int:
        """The status that it came with."""
        ...

    @property
    def text(self) -> str:
        """The page."""
        ...


class Visitor(Protocol):
    """Who goes to a site as somebody new; what it sets as cookies is kept."""

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Shown:
        """Return the page at a link."""
        ...

    async def post(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Shown:
        """Send a form, and return the page that it leads to."""
        ...

    def holds(self, cookie: re.Pattern[str]) -> bool:
        """Return whether there is such a cookie, as `name=value`."""
        ...


class Pause(Protocol):
    """Waits."""

    async def __call__(self, seconds: float) -> None:
        """Wait so long."""
        ...


@dataclass(frozen=True, slots=True)
class Bound:
    """A visitor of one forum, by https alone: who is led to another host goes no further.

    With and without `www.` it is the same forum.
    """

    visitor: Visitor
    home: str  # any link of the forum

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Shown:
        """Return the page at a link; `InvalidInput` if that is not the forum's."""
        page = await self.visitor.get(self._checked(_encrypted(url)), headers=headers)
        self._checked(page.url)
        return page

    async def post(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Shown:
        """Send a form, as `get` asks for a page; where it leads to is looked at when more is sent."""
        return await self.visitor.post(self._checked(url), form, headers=headers)

    def holds(self, cookie: re.Pattern[str]) -> bool:
        """Return whether there is such a cookie, as `name=value`."""
        return self.visitor.holds(cookie)

    def _checked(self, url: str) -> str:
        if urlsplit(url).scheme != "https" or not is_same_forum(url, self.home):
            raise InvalidInput(ELSEWHERE.format(url.partition("?")[0]))
        return url


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginForm:
    """The form of a forum software: selectors, names of fields, and what tells how it went."""

    platform: str
    way: str  # the link to the page with the form
    page: str  # that page, where no link leads to it, behind the root of the board
    form: str
    name: str
    password: str
    sent: Mapping[str, str] = field(default_factory=dict)  # what a person ticks, and the button
    hashed: tuple[str, ...] = ()  # fields that get the password's MD5, in the place of itself
    pause_s: float = 0.0  # who answers sooner than any person could is refused
    cookie: re.Pattern[str]  # `name=value` of who is signed in
    second: str = ""  # the form of a second factor
    code: str = ""  # and its field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a person gives. It is sent, and kept nowhere."""

    name: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


async def enter(
    known: LoginForm, visitor: Visitor, page: Shown, given: Credentials, pause: Pause
) -> None:
    """Sign in, beginning at any page of the board; raises what a person can do if that fails."""
    form = await _form(known, visitor, page)
    fields = {**_hidden(form.node), **known.sent, known.name: given.name}
    if known.hashed and given.password.isascii():
        digest = hashlib.md5(given.password.encode(), usedforsecurity=False).hexdigest()
        fields |= {known.password: ""} | dict.fromkeys(known.hashed, digest)
    else:
        fields |= {known.password: given.password}
    if known.pause_s:
        await pause(known.pause_s)
    answer = await _send(visitor, form, fields)
    second = _find(known.second, answer) if known.second else None
    if second is not None:
        if given.code is None:
            raise CodeNeeded(CODE)
        answer = await _send(visitor, second, _hidden(second.node) | {known.code: given.code})
        if _find(known.second, answer) is not None:
            raise InvalidInput(WRONG_CODE)
    if not visitor.holds(known.cookie) and not foreign.html(answer.text).css_first(MEMBER):
        _refuse(known, answer)


def is_same_forum(one: str, other: str) -> bool:
    """Return whether two links are of one host, with or without `www.`, and port."""
    return _home_of(one) == _home_of(other)


def _home_of(url: str) -> str:
    return host_of(normalise(_encrypted(url))).removeprefix("www.")


def _encrypted(url: str) -> str:
    return re.sub(r"^http://", "https://", url)


@dataclass(frozen=True, slots=True)
class _Form:
    node: LexborNode
    page: Shown
    action: str


async def _form(known: LoginForm, visitor: Visitor, page: Shown) -> _Form:
    found = _find(known.form, page)
    if found is None:
        nodes = foreign.html(page.text).css(known.way)
        links = (resolve(page.url, node.attributes.get("href") or "") for node in nodes)
        # Of a theme without such a link, it is one that stands in a post.
        own = (link for link in links if link is not None and is_same_forum(link, page.url))
        link = next(own, None) or resolve(page.url, known.page) or ""
        found = _find(known.form, await visitor.get(link))
    if found is None:
        raise UnexpectedResponse(UNKNOWN)
    if found.node.css_first(_CAPTCHAS) is not None:
        raise Challenge(CAPTCHA)
    return found


def _find(form: str, page: Shown) -> _Form | None:
    tree = foreign.html(page.text)
    node = tree.css_first(form)
    if node is None:
        return None
    based = tree.css_first("base[href]")
    base = resolve(page.url, based.attributes.get("href") or "") if based is not None else None
    action = resolve(base or page.url, node.attributes.get("action") or page.url)
    if action is None or urlsplit(action).netloc != urlsplit(page.url).netloc:
        raise UnexpectedResponse(UNKNOWN)  # a password goes nowhere else
    return _Form(node, page, action)


def _hidden(form: LexborNode) -> dict[str, str]:
    return {
        name: node.attributes.get("value") or ""
        for node in form.css('input[type="hidden"]')
        if (name := node.attributes.get("name"))
    }


async def _send(visitor: Visitor, form: _Form, fields: Mapping[str, str]) -> Shown:
    parts = urlsplit(form.page.url)
    headers = {"Referer": form.page.url, "Origin": f"{parts.scheme}://{parts.netloc}"}
    return await visitor.post(form.action, fields, headers=headers)


def _refuse(known: LoginForm, answer: Shown) -> NoReturn:
    tree = foreign.html(answer.text)
    again = tree.css_first(known.form)
    if again is not None and again.css_first(_CAPTCHAS) is not None:
        raise Challenge(CAPTCHA)
    if again is not None or tree.css_first(_ERRORS) is not None:
        raise InvalidInput(WRONG)
    raise UnexpectedResponse(UNKNOWN)


_ERRORS = (
    ".blockMessage--error, .error, .errorbox, .standard_error, td.panelsurround, .ipsMessage_error"
)
