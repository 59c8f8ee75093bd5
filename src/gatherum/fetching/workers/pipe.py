"""The lines to and from one child process, whatever they mean; it is killed with all that it started."""

import asyncio
from typing import Generic, TypeVar

import structlog
from pydantic import TypeAdapter

from gatherum.errors import Unavailable, UnexpectedResponse
from gatherum.safety.sandbox import kill

log = structlog.get_logger()
L = TypeVar("L")


class Died(Unavailable):
    """The child ended in the middle of a job."""


class Pipe(Generic[L]):
    """Speaks with a child that `called` is the word for: "The extractor", "The browser".

    `forms`: what it may say. Whoever gets an error from here kills the child.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, called: str, forms: TypeAdapter[L]
    ) -> None:
        self._process = process
        self._called = called
        self._forms = forms

    @property
    def alive(self) -> bool:
        """Return whether the process runs, as far as has been noticed."""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """Return the number of the process, and of its session."""
        return self._process.pid

    async def read(self, patience: float) -> L:
        """Return the next line; `Died`, `Unavailable` or `UnexpectedResponse` if there is none."""
        assert self._process.stdout is not None  # noqa: S101  # it was started with a pipe
        try:
            async with asyncio.timeout(patience):
                raw = await self._process.stdout.readline()
        except TimeoutError as error:
            raise Unavailable(f"{self._called} has been silent for too long.") from error
        except ValueError as error:  # a line without end
            told = f"{self._called} said more than we are willing to hear."
            raise UnexpectedResponse(told) from error
        if not raw.endswith(b"\n"):
            raise Died(f"{self._called} ended in the middle of its work.")
        try:
            return self._forms.validate_json(raw)
        except ValueError as error:
            log.warning("child_garbage", pid=self.pid, line=raw[:200].decode(errors="replace"))
            raise UnexpectedResponse(f"{self._called} said something that is no answer.") from error

    async def write(self, line: bytes) -> None:
        """Say one thing to the child."""
        assert self._process.stdin is not None  # noqa: S101  # it was started with a pipe
        try:
            self._process.stdin.write(line + b"\n")
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise Died(f"{self._called} ended in the middle of its work.") from error

    async def kill(self) -> None:
        """End the process and all that it started."""
        await kill(self._process)
        # asyncio closes the pipes only when somebody has read them to the end.
        transport = getattr(self._process, "_transport", None)
        if isinstance(transport, asyncio.SubprocessTransport):
            transport.close()
