"""One child with one browser: started shut in, asked by lines, watched, and killed when it misbehaves."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog
from pydantic import JsonValue, TypeAdapter

from gatherum.errors import UnexpectedResponse
from gatherum.fetching.browser.lines import LINE, Done, Failed, Line
from gatherum.fetching.workers.child import Permit
from gatherum.fetching.workers.pipe import Died, Pipe
from gatherum.fetching.workers.protocol import Answer, Ready, Want
from gatherum.fetching.workers.verdict import Answered
from gatherum.safety.sandbox import Limits, python_command, start_worker

log = structlog.get_logger()

COMMAND: Final = python_command("gatherum.fetching.workers.browser_worker")
# Chromium reserves far more address space than it uses, so what it really uses is looked at instead.
LIMITS: Final = Limits(memory=None, cpu_s=None, file_size=256 << 20, open_files=4096)
READABLE: Final = (Path("/proc"), Path("/etc/chromium"), Path("/etc/chromium.d"))
LOOK_S: Final = 2.0
START_S: Final = 90.0
LONGEST_LINE: Final = 32 << 20


class BrowserChild:
    """Serves one job at a time, of one profile. After a fault of its own making it is dead."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, most: int) -> None:
        self.folder = folder
        self._pipe = Pipe(process, "The browser", LINE)
        self._most = most
        self._fat = False
        self._watch = asyncio.get_running_loop().create_task(self._keep_watching())

    @classmethod
    async def start(
        cls, folder: Path, *, port: int, order: Mapping[str, JsonValue], readable: Path, most: int
    ) -> "BrowserChild":
        """Start a browser in `folder`, where alone it may write, and wait until it is ready.

        It may connect to `port` of this machine and to nothing else, and use `most` bytes.
        """
        process = await start_worker(
            COMMAND,
            limits=LIMITS,
            readable=(*READABLE, readable),
            writable=(folder,),
            proxy_port=port,
            quiet=True,
            sockets=True,
            limit=LONGEST_LINE,
        )
        child = cls(process, folder, most)
        try:
            await child._write(order)
            line = await child._read(START_S)
        except BaseException:
            await child.kill()
            raise
        if isinstance(line, Ready):
            return child
        await child.kill()
        raise UnexpectedResponse("The browser did not start as it should.")

    @property
    def alive(self) -> bool:
        """Return whether the process runs, as far as has been noticed."""
        return self._pipe.alive

    @property
    def pid(self) -> int:
        """Return the number of the process, and of its session."""
        return self._pipe.pid

    async def ask(
        self,
        order: Mapping[str, JsonValue],
        *,
        permit: Permit | None,
        answered: Answered,
        within: float,
    ) -> Done | Failed:
        """Give an order and return what became of it. Waiting for a permit does not count.

        Without a `permit` no request goes out.
        """
        await self._write({**order, "within": within})
        while True:
            match await self._read(within + 30.0):
                case Want() as line:
                    if permit is not None:
                        await permit(line.host)
                    await self._write({"go": permit is not None})
                case Answer() as line:
                    await answered(line.host, line.status, line.retry_after)
                case Done() | Failed() as line:
                    return line
                case _:
                    raise UnexpectedResponse("The browser said something that is no answer.")

    async def kill(self) -> None:
        """End the browser and all that it started."""
        self._watch.cancel()
        await self._pipe.kill()

    async def _read(self, patience: float) -> Line:
        try:
            return await self._pipe.read(patience)
        except Died as error:
            if not self._fat:
                raise
            raise Died("The page took more memory than a browser may have here.") from error

    async def _write(self, line: Mapping[str, JsonValue]) -> None:
        await self._pipe.write(TypeAdapter(dict).dump_json(dict(line)))

    async def _keep_watching(self) -> None:
        """Kill the browser once all its processes together take more memory than they may."""
        while self.alive:
            await asyncio.sleep(LOOK_S)
            used = await asyncio.to_thread(memory_of, self.pid)
            if used > self._most:
                log.warning("browser_too_large", pid=self.pid, bytes=used)
                self._fat = True
                await self._pipe.kill()


def memory_of(session: int) -> int:
    """Return the bytes that the processes of a session take, 0 where the system does not tell.

    What several of them share is counted once.
    """
    used = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) != session:
                continue
            rollup = (folder / "smaps_rollup").read_text()
            used += sum(
                int(line.split()[1]) * 1024
                for line in rollup.splitlines()
                if line.startswith("Pss:")
            )
    return used
