"""Names to addresses, for aiohttp: each address remembers its name, so that the policy sees both."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from gatherum.safety.policy import NamedAddress


class NamingResolver(AbstractResolver):
    """A resolver whose answers let `Policy.socket_for` allow a host by its name.

    An address that is written in the link itself never passes here, so it has no name.
    """

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name."""
        found = await self._inner.resolve(host, port, family)
        for result in found:
            result["host"] = NamedAddress(result["host"], host)
        return found

    async def close(self) -> None:
        """Let go of the resolver behind."""
        await self._inner.close()
