"""Hosts: one form for each name or address, and what can be none."""

import re
from ipaddress import IPv6Address
from typing import Final

import idna

from gatherum.errors import InvalidInput

LONGEST_LABEL: Final = 63  # RFC 1035; a resolver does not even ask for a longer one
LONGEST_NAME: Final = 253
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


def plain_host(name: str) -> str:
    """Return the one form of a host: a name in ASCII, an IPv4 address, or an IPv6 one in brackets.

    Raises `InvalidInput` for what no host can be called.
    """
    if ":" in name:
        try:
            return f"[{IPv6Address(name).compressed}]"
        except ValueError as error:
            raise InvalidInput("It is no IPv6 address.") from error
    name = name.removesuffix(".")
    try:
        name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise InvalidInput("Its name cannot be written as the DNS writes names.") from error
    labels = name.split(".")
    if not all(labels):
        raise InvalidInput("A part of its name is empty.")
    if max(map(len, labels)) > LONGEST_LABEL:
        raise InvalidInput(f"A part of its name is longer than {LONGEST_LABEL} characters.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"Its name is longer than {LONGEST_NAME} characters.")
    if not _NAME.fullmatch(name):
        raise InvalidInput("Names of hosts consist of letters, digits, hyphens and dots.")
    return name
