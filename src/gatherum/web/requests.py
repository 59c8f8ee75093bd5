"""What a request says of itself, and how much of that we believe."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from gatherum.web.bodies import Refusal
from gatherum.web.site import Site

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
RawHeaders = Sequence[tuple[bytes, bytes]]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# What supervisors ask, which know the machine by its address only.
SUPERVISED: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
CREDENTIALS: Final = (b"authorization", b"x-api-key")
ONCE: Final = (b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"content-type")

CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")

NOT_OURS: Final = Refusal(421, "Not our address", "This is not the address of this Gatherum.")
CROSS_SITE: Final = Refusal(
    403,
    "From another site",
    "This request comes from another site, or does not say that it does not.",
)
CONTROL_CHARACTERS: Final = Refusal(
    422, "The input does not fit", "There are control characters in the address."
)
MALFORMED: Final = Refusal(400, "Not understood", "The request is not in form.")


def find_refusal(
    method: str, path: str, query: bytes, raw: RawHeaders, site: Site
) -> Refusal | None:
    """Return why a request must not reach a route, or None. `path` is decoded, without the base."""
    names = [name for name, _ in raw]
    if any(names.count(name) > 1 for name in ONCE):
        return MALFORMED
    headers = dict(raw)
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if host not in site.origins and not (path in SUPERVISED and _is_address(host)):
        return NOT_OURS
    if CONTROLS.search(path) or b"%00" in query:
        return CONTROL_CHARACTERS
    if method in SAFE:
        return _judge_reading(path, headers)
    return _judge_writing(headers, site.origins.get(host))


def _judge_writing(headers: Mapping[bytes, bytes], ours: str | None) -> Refusal | None:
    """Refuse what a page of another site makes a browser send."""
    cookie = b"cookie" in headers
    if not cookie and any(name in headers for name in CREDENTIALS):
        return None  # no browser adds those by itself
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
    if origin is not None and (ours is None or origin.decode("latin-1") != ours):
        return CROSS_SITE
    if site is not None and site != b"same-origin":
        return CROSS_SITE
    if origin is None and site is None and cookie:
        return CROSS_SITE
    return None


def _judge_reading(path: str, headers: Mapping[bytes, bytes]) -> Refusal | None:
    """Refuse what another site embeds; that somebody follows a link to us is fine."""
    foreign = headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
    if not foreign or b"cookie" not in headers or not path.startswith("/api/"):
        return None
    return None if headers.get(b"sec-fetch-mode") == b"navigate" else CROSS_SITE


def client_of(peer: str, raw: RawHeaders, trusted: Sequence[Network]) -> str:
    """Return the address of who really asks.

    From the nearest hop backwards, a hop is believed only if the one before it is trusted. What is
    no address ends the search.
    """
    client = _address(peer)
    if client is None:
        return ""
    told = b",".join(value for name, value in raw if name == b"x-forwarded-for")
    for hop in reversed(told.decode("latin-1").split(",")):
        if not _is_trusted(client, trusted):
            break
        before = _address(_without_port(hop.strip()))
        if before is None:
            break
        client = before
    return str(client)


def scheme_of(peer: str, raw: RawHeaders, trusted: Sequence[Network], otherwise: str) -> str:
    """Return http or https; a proxy in front of us is believed if it is trusted."""
    told = [value for name, value in raw if name == b"x-forwarded-proto"]
    address = _address(peer)
    if address is None or not _is_trusted(address, trusted) or len(told) != 1:
        return otherwise
    scheme = told[0].decode("latin-1").strip().lower()
    return scheme if scheme in ("http", "https") else otherwise


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


@lru_cache(maxsize=4096)  # the same few ask again and again
def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_address(host: str) -> bool:
    """Return whether a Host names this machine by number: no name, so nobody can point it here."""
    name = _without_port(host)
    return name == "localhost" or _address(name) is not None
