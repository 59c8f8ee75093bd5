"""Where we are seen from outside: the addresses that count as ours, and the cookie's name."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from gatherum.errors import InvalidInput
from gatherum.settings import BootSettings, is_loopback

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The public face. `origins` by Host header: a Host that is not in it is not ours."""

    url: str  # without a slash at the end; with the base path
    origins: dict[str, str]
    base_path: str = ""  # '' or '/gatherum'
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()  # proxies whose X-Forwarded-* is believed

    @property
    def secure(self) -> bool:
        """Whether people reach us by https."""
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; `__Host-` binds it to https and to this very host."""
        return "__Host-sid" if self.secure else "sid"

    @property
    def origin(self) -> str:
        """The origin of `url`."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The host name of `url`, without a port: what passkeys are bound to."""
        return urlsplit(self.url).hostname or ""


def make_site(settings: BootSettings, port: int) -> Site:
    """Return how we are seen, listening on `port`; `InvalidInput` if the environment does not suit."""
    base = settings.base_path.strip("/")
    base_path = f"/{base}" if base else ""
    trusted = _networks(settings.trusted_proxies)
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise InvalidInput(
                "GATHERUM_PUBLIC_URL is an address such as https://gatherum.example.org."
            )
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        base_path = parts.path.rstrip("/") or base_path
        return Site(
            url=origin + base_path,
            origins={parts.netloc.lower(): origin},
            base_path=base_path,
            trusted=trusted,
        )
    if not is_loopback(settings.host):
        raise InvalidInput(
            "To listen on a network, set GATHERUM_PUBLIC_URL to the address people use."
        )
    hosts = [f"{name}:{port}" for name in LOOPBACK_NAMES]
    if port == 80:
        hosts += LOOPBACK_NAMES
    return Site(
        url=f"http://localhost:{port}{base_path}",
        origins={host: f"http://{host}" for host in hosts},
        base_path=base_path,
        trusted=trusted,
    )


def check_plain_http(settings: BootSettings, site: Site, *, allowed: bool) -> None:
    """Raise `InvalidInput` where passwords would cross a network in the clear, unless it is allowed."""
    if not (allowed or site.secure or is_loopback(settings.host)):
        raise InvalidInput(
            "By plain http, everybody on the network can read passwords. Put a proxy with https in "
            "front and give its address as GATHERUM_PUBLIC_URL, or allow it: "
            "GATHERUM_SECURITY_ALLOW_PLAIN_HTTP=true."
        )


def _networks(names: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(name, strict=False) for name in names)
    except ValueError as error:
        raise InvalidInput(
            "GATHERUM_TRUSTED_PROXIES holds addresses or networks, such as 10.0.0.2, fd00::/8."
        ) from error
