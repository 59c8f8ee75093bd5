"""The real program under strace: killed, or refused room, at its system calls on our data folder.

Long, so only `make soak` runs it. `GATHERUM_SOAK_STEP=5` takes every fifth call of
those that are made often.
"""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.crash.test_kills import ROOT, Lives, flaws, offer_files
from tests.crash.worker import Life
from tests.testsites.faulty import FaultySite
from tests.testsites.samples import photo

STEP = int(os.environ.get("GATHERUM_SOAK_STEP", "1"))
CALLS = (
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "renameat2"),
    *("unlinkat", "unlink", "openat", "openat2", "mkdirat"),
)
FAULTS = [
    *((call, "signal=SIGKILL") for call in CALLS),
    *(("write", "error=ENOSPC"), ("pwrite64", "error=ENOSPC")),
    *(("fsync", "error=EIO"), ("fdatasync", "error=EIO"), ("ftruncate", "error=EIO")),
    *(("renameat2", "error=EACCES"), ("renameat2", "error=ENOSPC"), ("unlinkat", "error=EIO")),
    *(("mkdirat", "error=ENOSPC"), ("openat2", "error=EMFILE")),
]
FIRST_START = [("pwrite64", "signal=SIGKILL"), ("pwrite64", "error=ENOSPC")]
FIRST_CALLS = 1000
STRUCK = re.compile(r"\(INJECTED\)|killed by SIGKILL")
LIFE_S = 40  # a life that has not ended by then (its database had a fault) is killed
RUNS, FILES, KILLS = 30, 500, 3

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]


@pytest.fixture(scope="module")
async def new(lives: Lives, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was only made."""
    data = tmp_path_factory.mktemp("new") / "data"
    assert (await lives(Life(data=str(data), urls=[]))).status == 0
    return data


@pytest.fixture(scope="module")
async def lives() -> AsyncIterator[Lives]:
    async with Lives.open() as opened:
        yield opened


@pytest.fixture(scope="module")
async def counts(new: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How often, at most, one thread makes each of the calls."""
    folder = tmp_path_factory.mktemp("count")
    data = folder / "data"
    shutil.copytree(new, data)
    async with FaultySite() as site:
        options = ["-o", str(folder / "log"), "-e", trace(*CALLS)]
        assert await traced(data, offer_files(site), options) == 0
    seen: Counter[tuple[str, str]] = Counter(
        re.findall(r"^(\d+) +(\w+)\(", (folder / "log").read_text(), re.MULTILINE)
    )
    most: Counter[str] = Counter()
    for (_, call), count in seen.items():
        most[call] = max(most[call], count)
    return most


@pytest.mark.parametrize("what", FAULTS, ids=":".join)
async def test_a_system_call_that_kills_or_fails_loses_nothing(
    what: tuple[str, str], counts: Counter[str], new: Path, lives: Lives, tmp_path: Path
) -> None:
    call, fault = what
    failures, struck = [], 0
    for at in range(1, counts[call] + 1, STEP if counts[call] > 4 * STEP else 1):
        data = tmp_path / "data"
        shutil.copytree(new, data)
        async with FaultySite() as site:
            urls = offer_files(site)
            inject = f"inject={call}:{fault}:when={at}"
            log = tmp_path / "log"
            await traced(data, urls, ["-o", str(log), "-e", trace(call), "-e", inject])
            struck += bool(STRUCK.search(log.read_text()))
            again = await lives(Life(data=str(data), urls=urls))
            # An error strikes once in every thread, and may cost a file its way each time.
            most = 1 if "signal" in fault else 16
            found = [again.error] if again.status else await flaws(data, site, urls, kills=most)
        if found:
            failures.append((at, found))
        shutil.rmtree(data)

    sys.stderr.write(f"{call} {fault}: {struck} struck, {len(failures)} broken\n")
    assert failures == []
    assert struck  # threads share their work out anew each time, so the last ones may be missed


@pytest.mark.parametrize("what", FIRST_START, ids=":".join)
async def test_the_very_first_start_can_be_cut_off_anywhere(
    what: tuple[str, str], lives: Lives, tmp_path: Path
) -> None:
    call, fault = what
    failures = []
    for at in range(1, FIRST_CALLS, STEP):
        data, log = tmp_path / "data", tmp_path / "log"
        data.mkdir(mode=0o700)
        async with FaultySite() as site:
            urls = offer_files(site)
            inject = f"inject={call}:{fault}:when={at}"
            await traced(data, urls, ["-o", str(log), "-e", trace(call), "-e", inject])
            struck = bool(STRUCK.search(log.read_text()))
            again = await lives(Life(data=str(data), urls=urls))
            found = [again.error] if again.status else await flaws(data, site, urls, kills=16)
        if found:
            failures.append((at, found))
        shutil.rmtree(data)
        if not struck:
            break

    assert failures == []
    assert at > 1


async def test_random_kills_over_many_files_lose_nothing(
    new: Path, lives: Lives, tmp_path: Path
) -> None:
    failures, kills = [], 0
    for run in range(1, RUNS + 1, STEP):
        rng = random.Random(run)  # noqa: S311
        data = tmp_path / "data"
        shutil.copytree(new, data)
        async with FaultySite() as site:
            urls = [site.put(f"/{n}.jpg", photo(f"many {n}", 64)) for n in range(FILES)]
            for _ in range(KILLS):
                kills += await killed_after(rng.uniform(0.3, 1.6), data, urls)
            again = await lives(Life(data=str(data), urls=urls))
            found = [again.error] if again.status else await flaws(data, site, urls, kills=KILLS)
            refetched = sum(site.bodies.values()) - FILES
        if found:
            failures.append((run, found))
        sys.stderr.write(f"run {run}: {kills} kills so far, {refetched} fetched again\n")
        shutil.rmtree(data)

    assert failures == []
    assert kills


async def killed_after(seconds: float, data: Path, urls: Sequence[str]) -> bool:
    """Live for so long after the beginning; False if the life was over before."""
    process = await asyncio.create_subprocess_exec(
        *_command(data, urls), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    await process.stdout.readline()
    await asyncio.sleep(seconds)
    if process.returncode is None:
        process.kill()
    await process.communicate()
    return process.returncode == -signal.SIGKILL


async def traced(data: Path, urls: Sequence[str], options: Sequence[str]) -> int | None:
    """Live once under strace, which looks at nothing but the data folder; return the exit status."""
    root = data / "library-root"
    paths = [data / f"gatherum.db{end}" for end in ("", "-wal", "-shm")]
    paths += [root, *(root / name for name in ("library", ".staging", ".trash"))]
    paths += [root / ".staging" / f"{n}.part" for n in range(1, len(urls) + 1)]
    paths += [root / "library" / "direct", root / "library" / "direct" / "127.0.0.1"]
    shown = [option for path in paths for option in ("-P", str(path))]
    # A signal cannot be injected where the kernel's filter stops a call: then every call is looked at.
    fast = () if any("signal=" in option for option in options) else ("--seccomp-bpf",)
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", *fast, "-q", *shown, *options, *_command(data, urls)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        await asyncio.wait_for(process.communicate(), LIFE_S)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return process.returncode


def trace(*calls: str) -> str:
    return f"trace={','.join(calls)}"


def _command(data: Path, urls: Sequence[str]) -> tuple[str, ...]:
    life = Life(data=str(data), urls=list(urls))
    return (sys.executable, "-m", "tests.crash.worker", json.dumps(asdict(life)))
