"""What a setting may hold, beside what pydantic knows: sizes, lists of names, servers."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from gatherum.errors import InvalidInput
from gatherum.settings.hosts import plain_host


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_SERVER = re.compile(
    r"(?:(https?)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?)/?", re.IGNORECASE
)
_LARGEST = 2**63  # what a database counts up to


def parse_size(text: str) -> int:
    """Return the bytes that a text such as `50MB`, `1.5 GiB` or `4096` means."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"{text!r} is not a size, such as 50MB or 1.5GiB.")
    number, unit, binary = match.groups()
    size = float(number) * (1024 if binary else 1000) ** " kmgt".index(unit.lower() or " ")
    if size >= _LARGEST:
        raise InvalidInput("No file and no disk is that large.")
    return int(size)


def _size(value: object) -> object:
    try:
        size = parse_size(value) if isinstance(value, str) else value
    except InvalidInput as error:
        raise ValueError(str(error)) from error  # what pydantic expects
    if isinstance(size, int) and size >= _LARGEST:
        raise ValueError("No file and no disk is that large.")
    return size


Size = Annotated[int, BeforeValidator(_size)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def parse_allowed(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split `GATHERUM_NETWORK_ALLOW` into (networks, host names), each in normal form.

    Raises `InvalidInput` for what is neither. A name of one word is taken for a slip of the pen, unless
    it is `localhost` or ends with a dot.
    """
    networks, hosts = [], []
    for name in names:
        try:
            networks.append(str(ip_network(name, strict=False)))
        except ValueError:
            hosts.append(_allowed_host(name))
    return tuple(networks), tuple(hosts)


def _allowed_host(name: str) -> str:
    try:
        host = plain_host(name)
    except InvalidInput as error:
        raise InvalidInput(f"{name!r} is no address, network or host. {error}") from error
    if host.rpartition(".")[2].isdigit():
        raise InvalidInput(f"{name!r} is no address, such as 192.168.1.20 or 192.168.1.0/24.")
    if "." not in name and host != "localhost":
        raise InvalidInput(
            f"{name!r} is no address, no network and no host with a dot in its name. "
            f"Write {name + '.'!r} if a host is really called that."
        )
    return host


def is_loopback(host: str) -> bool:
    """Return whether a bind address is this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def free_space_reserve(chosen: int | None, total: int) -> int:
    """Return the bytes that stay free on a disk of `total` bytes; None chooses by its size."""
    return min(10**9, total // 20) if chosen is None else chosen


def parse_servers(text: str) -> tuple[str, ...]:
    """Return the addresses of the servers that a text names between commas; https if it says none."""
    return tuple(_server(name.strip()) for name in text.split(",") if name.strip())


def _server(name: str) -> str:
    found = _SERVER.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no server, such as nitter.example.")
    return f"{(found[1] or 'https').lower()}://{found[2].lower()}"
