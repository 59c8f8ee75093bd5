"""A forward proxy on loopback: the one way out for child programs, under the network policy.

It speaks CONNECT and absolute-form requests. Who uses it must know a token, which is that of one
label: the label says for which job, so that a refusal can be told to the right person.
"""

import asyncio
import base64
import hmac
import secrets
import socket
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, unquote, urlsplit

import structlog

from gatherum.errors import InvalidInput
from gatherum.safety.policy import Blocked, NamedAddress, Policy
from gatherum.safety.proxying import (
    HEAD_LIMIT,
    Request,
    Streams,
    answer,
    forward,
    parse_request,
    read_head,
    tunnel,
)

log = structlog.get_logger()

_HEAD_S: Final = 10.0
_DIAL_S: Final = 20.0
_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What somebody asked of the proxy; `refused` says why the policy did not let it through."""

    label: str
    host: str
    port: int
    refused: str | None = None


class Egress:
    """The proxy, from `start` to `close`. With an `upstream` proxy, everything goes on to that."""

    def __init__(self, policy: Policy, *, upstream: str = "", token: str | None = None) -> None:
        self._policy = policy
        self._upstream = _Upstream.of(upstream) if upstream else None
        self._secret = (token or secrets.token_urlsafe(24)).encode()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._confined: dict[str, frozenset[str]] = {}
        self.passages: deque[Passage] = deque(maxlen=_REMEMBERED)
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut all connections and stop listening."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    def url(self, label: str) -> str:
        """Return the proxy's URL for one job; its token is good for that one alone."""
        return f"http://{quote(label, safe='')}:{self._token(label)}@127.0.0.1:{self.port}"

    def confine(self, label: str, hosts: Collection[str] | None) -> None:
        """Let one job reach these hosts, and what is below them, alone; None: whatever the policy does.

        What it has open stays open.
        """
        self._confined.pop(label, None)
        if hosts is not None:
            self._confined[label] = frozenset(host.lower() for host in hosts)

    def refusals(self, label: str) -> tuple[Passage, ...]:
        """Return what was refused to one job, of the last passages."""
        return tuple(each for each in self.passages if each.label == label and each.refused)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        try:
            await self._serve((reader, writer))
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            log.debug("a child's connection broke off")
        except asyncio.CancelledError:
            # By `close`, which waits for us. Only that cancels; a task that ended as cancelled would
            # make asyncio's server print a traceback.
            log.debug("a child's connection was cut")
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, near: Streams) -> None:
        async with asyncio.timeout(_HEAD_S):
            try:
                request = parse_request(await read_head(near[0]))
            except (ValueError, asyncio.LimitOverrunError):
                return await answer(near, "400 Bad Request")
        label = self._label(request)
        if label is None:
            return await answer(near, "407 Proxy Authentication Required")
        if self._is_unclaimed(label, request.host):
            self._record(label, request, refused="Nobody claims this host.")
            return await answer(near, "403 Refused by policy")
        try:
            async with asyncio.timeout(_DIAL_S):
                far = await self._dial(request)
        except Blocked as error:
            self._record(label, request, refused=error.strerror)
            return await answer(near, "403 Refused by policy")
        except (OSError, UnicodeError):  # of these, a name that cannot be one
            self._record(label, request)
            return await answer(near, "502 Bad Gateway")
        self._record(label, request)
        try:
            if request.method != "CONNECT":
                await forward(
                    near, far, request, self._upstream.headers if self._upstream else None
                )
            elif (status := await self._connect_through(far, request)) is not None:
                await answer(near, status)
            else:
                near[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await tunnel(near, far)
        finally:
            far[1].close()

    def _label(self, request: Request) -> str | None:
        """Return who asks, None if that is nobody who knows the token of the label."""
        kind, _, value = (request.header("proxy-authorization") or "").partition(" ")
        with suppress(ValueError):
            user, _, token = base64.b64decode(value, validate=True).decode().partition(":")
            label = unquote(user)
            known = hmac.compare_digest(token.encode(), self._token(label).encode())
            return label if known and kind.lower() == "basic" else None
        return None

    def _token(self, label: str) -> str:
        return hmac.digest(self._secret, label.encode(), "sha256").hex()

    def _is_unclaimed(self, label: str, host: str) -> bool:
        claimed = self._confined.get(label)
        if claimed is None:
            return False
        parts = host.lower().rstrip(".").split(".")
        return claimed.isdisjoint(".".join(parts[start:]) for start in range(len(parts)))

    def _record(self, label: str, request: Request, *, refused: str | None = None) -> None:
        self.passages.append(
            Passage(label=label, host=request.host, port=request.port, refused=refused)
        )
        if refused:
            log.warning("egress refused", label=label, host=request.host, port=request.port)

    async def _dial(self, request: Request) -> Streams:
        if self._upstream is not None:
            self._policy.check_name(request.host, request.port)
            return await asyncio.open_connection(
                self._upstream.host, self._upstream.port, limit=HEAD_LIMIT
            )
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(request.host, request.port, type=socket.SOCK_STREAM)
        failure = OSError("The name has no address.")
        for family, kind, protocol, _, address in found:
            named = NamedAddress(str(address[0]), request.host)
            try:
                made = self._policy.socket_for((family, kind, protocol, "", (named, request.port)))
                try:
                    await loop.sock_connect(made, address)
                except BaseException:
                    made.close()
                    raise
                return await asyncio.open_connection(sock=made, limit=HEAD_LIMIT)
            except OSError as error:
                failure = error
        raise failure

    async def _connect_through(self, far: Streams, request: Request) -> str | None:
        """Ask the upstream, if there is one, for a tunnel; return its status if it says no."""
        if self._upstream is None:
            return None
        lines = (f"CONNECT {request.target} HTTP/1.1".encode(), b"Host: " + request.target.encode())
        far[1].write(b"\r\n".join((*lines, *self._upstream.headers, b"", b"")))
        async with asyncio.timeout(_DIAL_S):
            status = (await read_head(far[0])).partition(b"\r\n")[0].decode("latin-1")
        code = status.partition(" ")[2]
        return None if code.startswith("2") else code


@dataclass(frozen=True, slots=True)
class _Upstream:
    host: str
    port: int
    headers: tuple[bytes, ...]

    @classmethod
    def of(cls, url: str) -> "_Upstream":
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise InvalidInput("The proxy's URL must look like http://host:port.")
        headers: tuple[bytes, ...] = ()
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers = (b"Proxy-Authorization: Basic " + base64.b64encode(pair.encode()),)
        return cls(parts.hostname, parts.port or 80, headers)
