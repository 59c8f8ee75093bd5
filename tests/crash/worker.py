"""The real program, made to kill itself: `python -m tests.crash.worker` reads one life a line.

A life is JSON: the data folder, the links, and at which call of the disk it ends by SIGKILL (0: not
at all). Lives are forked from this process, which has imported everything but started nothing.
Each answer is a line of JSON: how it ended, and how many calls it made. With a life as its argument
it lives that one itself, for who kills it from outside, and writes `begun` when it begins.
"""

import asyncio
import itertools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

import dbos  # noqa: F401  # here once, not in every life
import uvloop

import gatherum.app.core
from gatherum.acquiring.jobs import new_files_job
from gatherum.app import App, open_app, run_worker
from gatherum.jobs.queue import JobState
from gatherum.library.browse import MediaQuery
from gatherum.log import configure
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from gatherum.settings import BootSettings

P = ParamSpec("P")
R = TypeVar("R")
CALLS = (
    *("open_part", "open_read", "read_at", "write", "truncate", "set_mtime", "fsync", "close"),
    *("fsync_dir", "rename_new", "unlink", "size", "list", "folders", "make_dirs"),
)
KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a life is to do."""

    data: str
    urls: list[str]
    kill_at: int = 0
    bin: bool = True  # use the recycle bin, too
    database_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a life ended: its exit status (KILLED if so), and the calls that it made."""

    status: int
    calls: list[str]
    error: str = ""


class MortalFs(DiskFs):
    """The disk of a process that dies at its `kill_at`-th call."""

    kill_at = 0
    counter = itertools.count(1)
    log: ClassVar[list[str]] = []

    def __init__(self, root: Root) -> None:
        super().__init__(root)
        for name in CALLS:
            setattr(self, name, self._mortal(name, getattr(self, name)))

    def _mortal(self, name: str, call: Callable[P, R]) -> Callable[P, R]:
        @wraps(call)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            self.log.append(name)
            if next(self.counter) == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return counted


async def live(life: Life) -> None:
    """Finish what an earlier life left, get all links, and use the bin: the same end every time."""
    data = Path(life.data)
    settings = BootSettings(
        data_dir=data,
        database_url=life.database_url,
        library_dir=data / "library-root",
        network_allow=("127.0.0.0/8",),
    )
    async with open_app(settings) as app:
        await app.preferences.set("network.pace", "0")
        await app.preferences.set("library.free_space_reserve", "0")
        async with run_worker(app):
            await all_over(app)
            if life.urls:
                await app.queue.enqueue(new_files_job(life.urls, limit=None, login=None))
            await all_over(app)
        if life.bin and life.urls:
            ids = await numbers(app, life.urls)
            await app.recycle.trash(ids[:4])
            await app.recycle.restore(ids[:1])
            await app.recycle.purge(ids[2:4])


async def all_over(app: App) -> None:
    while live := [job for job in (await app.queue.list()).jobs if job.is_live]:
        for job in live:
            if job.state is JobState.WAITING:  # for half a minute: the fault has passed
                await app.queue.retry_now(job.id)
        await asyncio.sleep(0.02)


async def numbers(app: App, urls: list[str]) -> list[int]:
    found = {view.url: view.id async for view in app.browse.media(MediaQuery(states=()))}
    return [found[url] for url in urls]


def be(life: Life, report: int) -> None:
    """Live in this process, and end it."""
    MortalFs.kill_at = life.kill_at
    setattr(gatherum.app.core, "DiskFs", MortalFs)  # noqa: B010  # a crash is planted from outside
    configure(level="error", form="console")
    status, error = 0, ""
    try:
        uvloop.run(live(life))
    except BaseException:  # noqa: BLE001  # the test shows it
        status, error = 1, traceback.format_exc()
    os.write(report, json.dumps({"calls": MortalFs.log, "error": error}).encode())
    os._exit(status)


def main() -> None:
    if len(sys.argv) > 1:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        be(Life(**json.loads(sys.argv[1])), sys.stdout.fileno())
    for line in sys.stdin:
        life = Life(**json.loads(line))
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            be(life, theirs)
        os.close(theirs)
        with os.fdopen(ours, "rb") as report:
            said = json.loads(report.read() or b"{}")
        _, status = os.waitpid(child, 0)
        ended = Ended(
            status=os.waitstatus_to_exitcode(status),
            calls=said.get("calls", []),
            error=said.get("error", ""),
        )
        sys.stdout.write(f"{json.dumps(asdict(ended))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
