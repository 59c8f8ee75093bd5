"""What is sent to us: how much, of what type, in what time. Nothing is kept of what is refused."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

Message = MutableMapping[str, Any]  # by the ASGI protocol
Receive = Callable[[], Awaitable[Message]]

DRAIN_S: Final = 2.0
DRAIN_BYTES: Final = 8 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a route takes as a body."""

    types: frozenset[str] = frozenset({"application/json"})
    limit: int = 1024**2
    seconds: float = 30.0  # for the whole body, however it drips


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served."""

    status: int
    title: str
    detail: str


DEFAULT: Final = Intake()
# Routes that read their body as it comes.
STREAMS: Final[Mapping[tuple[str, str], Intake]] = MappingProxyType(
    {
        ("POST", "/api/v1/import"): Intake(
            types=frozenset(
                {"application/x-ndjson", "application/jsonl", "application/octet-stream"}
            ),
            limit=64 * 1024**3,
            seconds=6 * 3600.0,
        )
    }
)

TOO_LARGE: Final = Refusal(413, "Too large", "What was sent is larger than what is taken here.")
TOO_SLOW: Final = Refusal(408, "Too slow", "What was sent did not arrive in time.")
WRONG_TYPE: Final = Refusal(415, "Another type", "Send JSON, with its Content-Type.")
NO_FORM: Final = Refusal(400, "Not understood", "The length of what is sent is no number.")


def intake_of(method: str, path: str) -> Intake:
    """Return what an address takes."""
    return STREAMS.get((method, path), DEFAULT)


class BodyReader:
    """The body of one request, within its bounds; `refusal` says which one it broke.

    Whoever reads a body that is refused is told that the client has gone.
    """

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes], intake: Intake) -> None:
        self._receive = receive
        self._intake = intake
        self._taken = 0
        self._deadline = asyncio.get_running_loop().time() + intake.seconds
        length = headers.get(b"content-length", b"0")
        self.exists = b"transfer-encoding" in headers or length != b"0"
        self.complete = not self.exists
        self.gone = False
        self.refusal = self._judge(headers, length) if self.exists else None

    def _judge(self, headers: Mapping[bytes, bytes], length: bytes) -> Refusal | None:
        if not length.isdigit():
            return NO_FORM
        if int(length) > self._intake.limit:
            return TOO_LARGE
        kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        if kind not in self._intake.types:
            return WRONG_TYPE
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            return WRONG_TYPE
        return None

    async def receive(self) -> Message:
        """Return the next message, as the ASGI protocol has it."""
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        if self.complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self.refusal = TOO_SLOW
            return {"type": "http.disconnect"}
        self._note(message)
        if self._taken > self._intake.limit:
            self.refusal = TOO_LARGE
            return {"type": "http.disconnect"}
        return message

    async def drain(self, seconds: float = DRAIN_S) -> None:
        """Read what is still on its way and forget it, within bounds: a client sends before it reads."""
        taken, most = self._taken, DRAIN_BYTES
        try:
            async with asyncio.timeout(seconds):
                while not self.complete and self._taken - taken < most:
                    self._note(await self._receive())
        except TimeoutError:
            return

    def _note(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self.gone = self.complete = True
            return
        self._taken += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
