"""Which addresses of the network may be reached: asked where the socket is made.

The check sees the very address that is then connected to. So redirects, odd spellings of an
address, a name that resolves to a private one, and an answer that changes between check and use
all pass through it. What a URL says is never trusted.
"""

import errno
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Self
from urllib.parse import urlsplit

from gatherum.errors import InvalidInput, Refused
from gatherum.settings import parse_allowed, plain_host

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
AddrInfo = tuple[int, int, int, str, tuple[str | int, ...]]

URL_LIMIT: Final = 8_000
# What IANA's registries of special-purpose addresses call not globally reachable, and multicast.
_DENIED: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "3fff::/20"),
    )
)
_NUMBER: Final = re.compile(r"\d+|0x[\da-f]*", re.IGNORECASE | re.ASCII)
_NAT64: Final = ip_network("64:ff9b::/96")
# All other IPv6 is local, reserved, or not given out yet.
_PUBLIC_V6: Final[tuple[Network, ...]] = (ip_network("2000::/3"), _NAT64)
# Services that a web request must never be spoken at. Forums and feeds do live on odd ports.
_BAD_PORTS: Final = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95}
    | {101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161}
    | {179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563}
    | {587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376}
    | {2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379}
    | {6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9100, 9200, 9300, 10080, 10250}
    | {11211, 27017, 27018, 27019}
)


class Blocked(PermissionError):
    """The policy does not let us reach this address.

    An `OSError`, so that a connector goes on to the next address of the name.
    """


class Doors:
    """Servers of this very process that may be reached as well: an address and a port each.

    Whoever serves there opens the door, and closes it before the port is let go. With a proxy on
    the way out no door is to be opened: the address would be one of the proxy's machine.
    """

    def __init__(self) -> None:
        self.places: frozenset[tuple[str, int]] = frozenset()

    def open(self, address: str, port: int) -> None:
        """Let requests through to this place, and to no other."""
        self.places |= {(address, port)}

    def close(self, address: str, port: int) -> None:
        """Let them through no more."""
        self.places -= {(address, port)}


@dataclass(frozen=True, slots=True)
class Policy:
    """The addresses that may be reached: public ones, and those that were allowed by name."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()  # in lower case, without a dot at the end
    doors: Doors = field(default_factory=Doors, compare=False)

    @classmethod
    def from_names(cls, allow: tuple[str, ...], doors: Doors | None = None) -> "Policy":
        """Return the policy that also allows these networks and host names, and what `doors` do."""
        networks, hosts = parse_allowed(allow)
        found = tuple(ip_network(text) for text in networks)
        return cls(found, frozenset(hosts), doors or Doors())

    def check(self, address: str, port: int, *, host: str | None = None) -> None:
        """Raise `Blocked` unless this address and port may be connected to.

        `host` is the name that resolved to the address, where the caller knows it.
        """
        ip = _parse(address)
        if self.allows_host(host) or _in(ip, self.networks):
            return
        if (str(ip), port) in self.doors.places:
            return
        for form in _forms(ip):
            if _is_private(form) and not _in(form, self.networks):
                raise Blocked(errno.EACCES, "The address is private or reserved.")
        _check_port(port)

    def check_name(self, host: str, port: int) -> None:
        """Raise `Blocked` for what must not even be asked of a proxy that finds addresses itself.

        That is an address, or a name of this machine; all other names are the proxy's to judge.
        """
        name = host.lower().rstrip(".")
        if self.allows_host(name):
            return
        if name == "localhost" or name.endswith(".localhost"):
            name = "127.0.0.1"
        try:
            found = socket.getaddrinfo(name, port, flags=socket.AI_NUMERICHOST)  # asks nobody
        except UnicodeError as error:
            raise Blocked(errno.EINVAL, "No host can be called so.") from error
        except socket.gaierror:
            _check_port(port)
        else:
            self.check(str(found[0][4][0]), port)

    def allows_host(self, host: str | None) -> bool:
        """Return whether a name was allowed, whatever it resolves to."""
        return host is not None and host.lower().rstrip(".") in self.hosts

    def socket_for(self, addr_info: AddrInfo) -> socket.socket:
        """Return a socket to connect to this address with: aiohttp's `socket_factory`."""
        family, kind, protocol, _, address = addr_info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise Blocked(errno.EACCES, "This is no address of the Internet.")
        host = address[0].host if isinstance(address[0], NamedAddress) else None
        self.check(str(address[0]), int(address[1]), host=host)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


class NamedAddress(str):
    """An address that remembers the name it was resolved from."""

    __slots__ = ("host",)
    host: str

    def __new__(cls, address: str, host: str) -> Self:
        """Return `address`, resolved from `host`."""
        made = super().__new__(cls, address)
        made.host = host
        return made


def check_url(url: str) -> None:
    """Refuse a link that is no plain web address; the address behind it is checked at the socket."""
    if len(url) > URL_LIMIT:
        raise InvalidInput(f"The link is longer than {URL_LIMIT} characters.")
    if not url.isprintable():
        raise InvalidInput("The link contains control characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput("The link cannot be read.") from error
    if not parts.scheme:
        raise InvalidInput("The link has no scheme such as https://.")
    if parts.scheme not in ("http", "https"):
        raise Refused("Only links that begin with http:// or https:// are followed.")
    if parts.username is not None or parts.password is not None:
        raise Refused("Links that contain a name or a password are not followed.")
    if not host or port == 0 or not set(" \\").isdisjoint(parts.netloc):
        raise InvalidInput("The link has no host.")
    plain_host(host)
    # 0x7f.1 and 2130706433 are addresses to some programs and names to others.
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not _is_plain_address(host):
        raise Refused("The link writes an address in a way that hides it.")


def find_blocked(error: BaseException | None) -> Blocked | None:
    """Return the policy's refusal behind a connector's error, if there is one."""
    while error is not None and not isinstance(error, Blocked):
        # aiohttp's connector keeps the cause in a field of its own.
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return error


def _check_port(port: int) -> None:
    if port in _BAD_PORTS:
        raise Blocked(errno.EACCES, f"Port {port} is not one for the web.")


def _is_plain_address(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _parse(address: str) -> Address:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError as error:
        raise Blocked(errno.EACCES, "This is no address of the Internet.") from error
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _forms(ip: Address) -> Iterable[Address]:
    """Yield the address, and every IPv4 address that it may lead to."""
    yield ip
    if not isinstance(ip, IPv6Address):
        return
    number = int(ip)
    if ip.sixtofour is not None:
        yield ip.sixtofour
    if ip.teredo is not None:
        yield from ip.teredo
    # NAT64, and ISATAP (whatever its prefix, with the bit for a global identifier or without).
    if ip in _NAT64 or (number >> 32) & 0xFDFF_FFFF == 0x0000_5EFE:
        yield IPv4Address(number & 0xFFFF_FFFF)


def _is_private(ip: Address) -> bool:
    return _in(ip, _DENIED) or (ip.version == 6 and not _in(ip, _PUBLIC_V6))


def _in(ip: Address, networks: Iterable[Network]) -> bool:
    return any(ip in network for network in networks if network.version == ip.version)
