"""The short-lived cookies that bind a handshake to the browser that began it."""

import secrets
from typing import Final

from fastapi import Request, Response

from gatherum.accounts.handshakes import LIFE_S
from gatherum.web.site import Site

PASSKEY: Final = "passkey"
OPENID: Final = "openid"


def set_handshake(response: Response, site: Site, kind: str) -> str:
    """Give the browser a new random value for a kind of handshake, and return it.

    It is Lax: a log-in page elsewhere sends the browser back by a link, and then it must be there.
    """
    value = secrets.token_urlsafe(32)
    response.set_cookie(
        _name(site, kind),
        value,
        max_age=int(LIFE_S),
        path="/",
        secure=site.secure,
        httponly=True,
        samesite="lax",
    )
    return value


def find_handshake(request: Request, site: Site, kind: str) -> str | None:
    """Return the value that the browser was given."""
    return request.cookies.get(_name(site, kind)) or None


def clear_handshake(response: Response, site: Site, kind: str) -> None:
    """Let the browser forget the value."""
    response.delete_cookie(
        _name(site, kind), path="/", secure=site.secure, httponly=True, samesite="lax"
    )


def _name(site: Site, kind: str) -> str:
    return f"__Host-{kind}" if site.secure else kind
