"""A worker as a process of its own, for tests that kill it: `python -m tests.jobs.worker_process`.

Its jobs write a line to the file they are given when they begin, and one when they end. They take
`seconds`, or those of `again` if somebody has begun them before. Those of the kind `poison` take the
process down, by what their `by` says: memory, signal or hang.
"""

import asyncio
import contextlib
import os
import resource
import signal
import sys
import time
from pathlib import Path

from gatherum.db import Database
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.queue import Done, JobContext
from gatherum.jobs.worker import REPORT_S, Worker
from gatherum.log import configure
from gatherum.watchdog import Watchdog
from tests.jobs.conftest import fast

TTL_S = 5.0
HANG_S = 2.5  # until the watchdog ends it


async def note(context: JobContext) -> Done:
    path, name = Path(str(context.payload["path"])), str(context.payload.get("name", ""))
    begin = f"begin {name} {context.attempt}"
    is_first = not path.exists() or begin not in path.read_text().splitlines()
    _write(path, begin)
    seconds = context.payload.get("seconds", 0)
    if not is_first:
        seconds = context.payload.get("again", seconds)
    try:
        await asyncio.sleep(float(str(seconds)))
    except asyncio.CancelledError:
        _write(path, f"cancelled {name}")
        raise
    _write(path, f"end {name}")
    return Done()


async def poison(context: JobContext) -> Done:
    _write(Path(str(context.payload["path"])), "poison")
    if context.payload.get("further"):
        context.report({"stored": 1}, is_further=True)
        await asyncio.sleep(2 * REPORT_S)  # until it is written
    match context.payload["by"]:
        case "memory":
            _take_all_memory()
        case "signal":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(1_000)  # noqa: ASYNC251 - on purpose: the loop stands still
    return Done()


async def main(url: str) -> None:
    dead = []

    async def callback(executor: str) -> None:
        dead.append(executor)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        # PostgreSQL is reached by libpq, not by Python: so nothing should ever connect.
        if event == "socket.connect":
            sys.stdout.write(f"connects to {arguments[1]}\n")

    configure(level="warning", form="console")
    sys.addaudithook(watch)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(url)
    worker = Worker(DbosQueue(database), heartbeat_s=0.3, ttl_s=TTL_S, lanes=fast())
    worker.register("note", note)
    worker.register("poison", poison)
    worker.on_executor_dead(callback)
    with Watchdog(end_s=HANG_S).watching():
        async with worker:
            sys.stdout.write(f"ready {worker.id}\n")
            sys.stdout.flush()
            await stop.wait()
    database.close()
    sys.stdout.write(f"dead {dead}\n")


def _take_all_memory() -> None:
    """Ask for more and more until there is none, and end as the kernel then ends a process."""
    with Path("/proc/self/statm").open() as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + (64 << 20), now + (64 << 20)))
    taken = []
    try:
        while True:
            taken.append(bytearray(8 << 20))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)


def _write(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(f"{line}\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1]))
