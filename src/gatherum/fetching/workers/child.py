"""One child worker: a process that answers orders by lines, killed when it misbehaves."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path

from gatherum.errors import Unavailable, UnexpectedResponse
from gatherum.fetching.workers.pipe import Pipe
from gatherum.fetching.workers.protocol import (
    LINE,
    Done,
    Failed,
    Key,
    Line,
    Order,
    Ready,
    Want,
    Word,
)
from gatherum.safety.sandbox import start_worker

WIND_DOWN = 2.0  # seconds
Permit = Callable[[str], Awaitable[None]]


class Child:
    """Serves one job at a time. After any error of its own making it is dead, never half-alive."""

    def __init__(
        self, process: asyncio.subprocess.Process, folder: Path, beside: Path | None = None
    ) -> None:
        self.folder = folder
        self.beside = beside
        self.jobs = 0
        self.busy = False
        self._pipe = Pipe(process, "The extractor", LINE)

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        folder: Path,
        *,
        port: int,
        ca_bundle: Path | None,
        patience: float,
        beside: Path | None = None,
    ) -> "Child":
        """Start a worker in `folder`, where alone it may write, and wait until it is ready.

        It may connect to `port` of this machine and to nothing else. `beside` it may read, too.
        """
        environment = {"YTDLP_NO_PLUGINS": "1"}
        if ca_bundle is not None:
            environment |= {"SSL_CERT_FILE": str(ca_bundle), "REQUESTS_CA_BUNDLE": str(ca_bundle)}
        process = await start_worker(
            command,
            env=environment,
            readable=(beside,) if beside else (),
            writable=(folder,),
            proxy_port=port,
            quiet=True,
        )
        child = cls(process, folder, beside)
        try:
            line = await child._pipe.read(patience)
        except BaseException:
            await child.kill()
            raise
        if isinstance(line, Ready):
            return child
        await child.kill()
        raise UnexpectedResponse("The extractor did not start as it should.")

    @property
    def alive(self) -> bool:
        """Return whether the process runs, as far as has been noticed."""
        return self._pipe.alive

    @property
    def memory(self) -> int:
        """Return its resident bytes, 0 where the system does not tell."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def pid(self) -> int:
        """Return the number of the process (and of its session)."""
        return self._pipe.pid

    async def lines(
        self, order: Order, *, permit: Permit, patience: float
    ) -> AsyncGenerator[Line, None]:
        """Give an order and yield all that the child says to it; `want` lines are answered here.

        `patience` is the longest silence, in seconds; waiting for a permit does not count.
        """
        self.jobs += 1
        self.busy = True
        await self._write(order)
        while self.busy:
            line = await self._pipe.read(patience)
            if isinstance(line, Want):
                await permit(line.host)
                await self._write(Word(go=True))
            else:
                self.busy = not isinstance(line, Done | Failed | Key)
                yield line

    async def wind_down(self) -> None:
        """Let the child leave its job at its next request; it stays `busy` if it does not soon."""
        with contextlib.suppress(Unavailable, UnexpectedResponse, TimeoutError):
            async with asyncio.timeout(WIND_DOWN):
                while self.busy:
                    line = await self._pipe.read(WIND_DOWN)
                    if isinstance(line, Want):
                        await self._write(Word(go=False))
                    self.busy = not isinstance(line, Done | Failed | Key)

    async def _write(self, line: Order | Word) -> None:
        await self._pipe.write(line.model_dump_json(exclude_none=True).encode())

    async def kill(self) -> None:
        """End the process and all that it started."""
        await self._pipe.kill()
