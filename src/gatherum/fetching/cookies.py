"""Cookies of a login: read from a cookies.txt or a JSON export, sent only to their own hosts."""

import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, FiniteFloat, TypeAdapter, ValidationError

from gatherum.errors import InvalidInput

# The cookies that say who is signed in, by platform.
SESSIONS: Final[Mapping[str, frozenset[str]]] = {
    "instagram": frozenset({"sessionid"}),
    "linkedin": frozenset({"li_at"}),
    "pinterest": frozenset({"_pinterest_sess"}),
    "reddit": frozenset({"reddit_session"}),
    "tiktok": frozenset({"sessionid", "sessionid_ss"}),
    "x": frozenset({"auth_token"}),
    "xenforo": frozenset({"xf_user"}),
    "youtube": frozenset({"SID", "__Secure-1PSID", "__Secure-3PSID"}),
}

MOST: Final = 300  # cookies of a login
LAST: Final = 253_402_300_799.0  # the end of the year 9999

# What a host wants to have of a cookie in a header too, to know the request for its own page's.
ECHOED: Final[Mapping[str, tuple[str, str]]] = {"www.linkedin.com": ("Csrf-Token", "JSESSIONID")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie; `domain` has no leading dot, `subdomains` says whether it counts below, too."""

    domain: str
    subdomains: bool
    path: str
    secure: bool
    expires: float | None
    name: str
    value: str


class _Exported(BaseModel):
    domain: str
    name: str
    value: str
    path: str = "/"
    secure: bool = False
    hostOnly: bool = False  # noqa: N815 - the browsers' own word
    expirationDate: FiniteFloat | None = None  # noqa: N815


@dataclass(frozen=True, slots=True)
class Jar:
    """The cookies of one login."""

    cookies: tuple[Cookie, ...] = ()

    def header(self, url: str) -> str:
        """Return the Cookie header for a request to `url`; '' for none."""
        return "; ".join(f"{c.name}={c.value}" for c in self._sent_to(url))

    def headers(self, url: str) -> dict[str, str]:
        """Return all headers that the cookies make for a request to `url`."""
        cookies = self.header(url)
        sent = {"Cookie": cookies} if cookies else {}
        header, name = ECHOED.get(urlsplit(url).hostname or "", ("", ""))
        for cookie in self._sent_to(url):
            if cookie.name == name:
                sent[header] = cookie.value.strip('"')
        return sent

    def _sent_to(self, url: str) -> Iterator[Cookie]:
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        now = time.time()
        return (
            c
            for c in self.cookies
            if (host == c.domain or (c.subdomains and host.endswith(f".{c.domain}")))
            and _is_below(path, c.path)
            and (not c.secure or parts.scheme == "https")
            and (c.expires is None or c.expires > now)
        )

    @property
    def sites(self) -> frozenset[str]:
        """The domains that it has cookies for."""
        return frozenset(cookie.domain for cookie in self.cookies)

    def netscape(self) -> str | None:
        """Return the jar as a cookies.txt, for the extractors; None if it is empty."""
        if not self.cookies:
            return None
        lines = (
            "\t".join(
                (
                    f".{c.domain}" if c.subdomains else c.domain,
                    "TRUE" if c.subdomains else "FALSE",
                    c.path,
                    "TRUE" if c.secure else "FALSE",
                    str(int(c.expires or 0)),
                    c.name,
                    c.value,
                )
            )
            for c in self.cookies
        )
        return "# Netscape HTTP Cookie File\n" + "\n".join(lines) + "\n"


def renew(jar: Jar, given: Iterable[Cookie]) -> Jar:
    """Return the jar with what its own sites have given anew.

    A site takes nothing away: who was signed out is told so by what is not shown, and the cookies
    that a person has brought stay. Cookies of other sites are not taken in.
    """
    now, kept = time.time(), {(c.domain, c.path, c.name): c for c in jar.cookies}
    for cookie in given:
        own = any(cookie.domain == s or cookie.domain.endswith(f".{s}") for s in jar.sites)
        lives = cookie.value and (cookie.expires is None or cookie.expires > now)
        fits = len(kept) < MOST or (cookie.domain, cookie.path, cookie.name) in kept
        if own and lives and fits:
            kept[cookie.domain, cookie.path, cookie.name] = cookie
    return Jar(tuple(kept.values()))


def parse_set_cookie(header: str, url: str) -> Cookie | None:
    """Read a Set-Cookie header of an answer from `url`; None if it is not for that host."""
    host = (urlsplit(url).hostname or "").lower()
    first, *rest = (part.strip() for part in header.split(";"))
    name, _, value = first.partition("=")
    told = {key.strip().lower(): text.strip() for key, _, text in (r.partition("=") for r in rest)}
    domain = told.get("domain", "").lstrip(".").lower()
    path = told["path"] if told.get("path", "").startswith("/") else "/"
    if not name or not f"{name}{value}{domain}{path}".isprintable():
        return None
    if domain and (not _is_within(host, domain) or "." not in domain):
        return None
    return Cookie(
        domain=domain or host,
        subdomains=bool(domain),
        path=path,
        secure="secure" in told,
        expires=_expires(told),
        name=name,
        value=value,
    )


def _is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _expires(told: Mapping[str, str]) -> float | None:
    age = told.get("max-age", "")
    if re.fullmatch(r"-?\d{1,12}", age, re.ASCII):
        return _until(time.time() + int(age))
    try:
        return parsedate_to_datetime(told["expires"]).timestamp()
    except (KeyError, ValueError):
        return None


def ends_at(jar: Jar, platform: str) -> float | None:
    """Return when the cookies of a login stop to open its platform; None: they do not tell.

    Where the platform's cookies of a session are known by name and there are some, that is when the
    last of those ends; else when the last of all ends. That one ends soon says nothing: beside what
    counts there are always some that live for minutes. One without an end is no end.
    """
    names = SESSIONS.get(platform, frozenset())
    sessions = [cookie.expires for cookie in jar.cookies if cookie.name in names]
    if None in sessions:
        return None
    ends = sessions or [cookie.expires for cookie in jar.cookies]
    return max((end for end in ends if end is not None), default=None)


def parse_cookies(text: str) -> Jar:
    """Read a Netscape cookies.txt or a JSON export of a browser extension."""
    read = _from_json if text.lstrip().startswith(("[", "{")) else _from_netscape
    jar = Jar(tuple(read(text)))
    if not jar.cookies:
        raise InvalidInput(
            "No cookies were found: a cookies.txt (Netscape form) or a JSON export is needed."
        )
    if any(not f"{c.domain}{c.path}{c.name}{c.value}".isprintable() for c in jar.cookies):
        raise InvalidInput("The cookies hold control characters, as no real ones do.")
    return jar


def _until(seconds: float) -> float | None:
    """Return an end as a moment that a calendar has; 0 is none. `ValueError` if it is no number."""
    if not math.isfinite(seconds):
        raise ValueError(seconds)
    return min(seconds, LAST) or None


def _is_below(path: str, folder: str) -> bool:
    """Return whether a cookie of `folder` is meant for `path`: /a is not meant for /ab."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _from_netscape(text: str) -> Iterable[Cookie]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.removeprefix("#HttpOnly_")
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 7:
            raise InvalidInput(f"Line {number} of the cookies is not of the Netscape form.")
        domain, subdomains, path, secure, expires, name, value = fields
        try:
            until = _until(float(expires))
        except ValueError as error:
            raise InvalidInput(f"Line {number} of the cookies has no sensible time.") from error
        yield Cookie(
            domain=domain.lstrip(".").lower(),
            subdomains=subdomains == "TRUE" or domain.startswith("."),
            path=path,
            secure=secure == "TRUE",
            expires=until,
            name=name,
            value=value,
        )


def _from_json(text: str) -> Iterable[Cookie]:
    try:
        data = json.loads(text)
        listed = data.get("cookies", []) if isinstance(data, dict) else data
        exported = TypeAdapter(list[_Exported]).validate_python(listed)
    except (ValueError, ValidationError) as error:
        raise InvalidInput(
            "The cookies are not of the form that browser extensions export."
        ) from error
    for cookie in exported:
        yield Cookie(
            domain=cookie.domain.lstrip(".").lower(),
            subdomains=not cookie.hostOnly,
            path=cookie.path,
            secure=cookie.secure,
            expires=_until(cookie.expirationDate or 0.0),
            name=cookie.name,
            value=cookie.value,
        )
