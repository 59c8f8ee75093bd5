"""The headers on every answer, whoever gives it."""

from typing import Final

from gatherum.web.site import Site

Headers = tuple[tuple[bytes, bytes], ...]

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
ALWAYS: Final[Headers] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
)
HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
NO_STORE: Final = (b"cache-control", b"no-store")


def headers_of(site: Site) -> Headers:
    """Return what every answer of a site carries."""
    return (*ALWAYS, HTTPS_ONLY) if site.secure else ALWAYS


def completed(given: Headers, standing: Headers, *, api: bool) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers with the standing ones; what an answer says itself it keeps."""
    have = {name.lower() for name, _ in given}
    more = (*standing, NO_STORE) if api else standing
    return [*given, *(each for each in more if each[0] not in have)]
