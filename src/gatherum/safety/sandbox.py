"""Start other programs: without a shell, with an environment made from nothing, and shut in.

A child reads the system and our own Python, writes only where it is told to, connects only to the
port of the egress proxy, and dies with us. Nothing of it outlives its time-out.
"""

import asyncio
import errno
import functools
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

import gatherum
from gatherum.safety import launch
from gatherum.safety.root import Guard

log = structlog.get_logger()

LINE_LIMIT: Final = 64 << 20  # of a worker: the longest line it may say
_BLOCK: Final = 1 << 16
_LAUNCHER: Final = str(Path(launch.__file__))
_SYSTEM: Final = (
    *("/usr", "/lib", "/lib64", "/bin", "/nix/store", "/gnu/store"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/localtime"),
    *("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/mime.types", "/etc/fonts"),
    *("/dev/urandom", "/dev/random", "/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat"),
    "/sys/devices/system/cpu",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use of the machine; None: as much as it wants."""

    memory: int | None = 4 << 30  # bytes of address space
    cpu_s: int | None = 3600
    file_size: int | None = 64 << 30
    open_files: int | None = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What became of a tool: its exit code (negative: the signal), and what it said."""

    code: int
    out: bytes
    err: bytes
    cut: bool  # it said more than was kept


async def run_tool(
    argv: Sequence[str],
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
    readable: Sequence[Path] = (),
    writable: Sequence[Path] = (),
    proxy_port: int | None = None,
    pass_fds: Sequence[int] = (),
    stdin: bytes = b"",
    output_limit: int = 1 << 20,
) -> Finished:
    """Run a program to its end and return what it said, up to `output_limit` bytes a stream.

    `TimeoutError` if it takes longer. However this ends, no process of it is left.
    """
    process = await start_worker(
        argv,
        env=env,
        limits=limits,
        readable=readable,
        writable=writable,
        proxy_port=proxy_port,
        pass_fds=pass_fds,
    )
    try:
        async with asyncio.timeout(timeout_s):
            _, (out, cut_out), (err, cut_err) = await asyncio.gather(
                _feed(process, stdin),
                _read(process.stdout, output_limit),
                _read(process.stderr, output_limit),
            )
            code = await process.wait()
    finally:
        await kill(process)
    return Finished(code=code, out=out, err=err, cut=cut_out or cut_err)


async def start_worker(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
    readable: Sequence[Path] = (),
    writable: Sequence[Path] = (),
    proxy_port: int | None = None,
    pass_fds: Sequence[int] = (),
    quiet: bool = False,
    sockets: bool = False,
    limit: int = LINE_LIMIT,
) -> Process:
    """Start a program that stays, in its own session, with pipes; end it with `kill`.

    It starts in the first writable folder, which is its home as well. `pass_fds` it has under the
    same numbers. Its standard error must be read, unless it is `quiet`: then nobody hears it.
    """
    program = shutil.which(argv[0])
    if program is None:
        raise FileNotFoundError(errno.ENOENT, "The program is not installed", argv[0])
    home = str(writable[0]) if writable else "/"
    rules = _rules(home, limits, readable, writable, proxy_port, sockets=sockets)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", _LAUNCHER, json.dumps(rules), program, *argv[1:]),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL if quiet else PIPE,
        env=_environment(home) | dict(env or {}),
        start_new_session=True,
        pass_fds=pass_fds,
        limit=limit,
    )


async def kill(process: Process) -> None:
    """End a program and all that it started, and wait until it is gone."""
    # PermissionError: macOS says so of a group that has only zombies left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def python_command(module: str) -> tuple[str, ...]:
    """Return how to run one of our modules as a program, deaf to the environment's `PYTHON*`."""
    return (sys.executable, "-I", "-m", module)


def sandbox_status() -> Guard:
    """Return whether children are shut in here."""
    if os.environ.get("GATHERUM_TEST_NO_LANDLOCK") == "1":
        return Guard("sandbox", ok=False, detail="switched off by GATHERUM_TEST_NO_LANDLOCK")
    version = launch.landlock_version()
    if version == 0:
        detail = "no Landlock in this kernel: children can read and write what we can"
        return Guard("sandbox", ok=False, detail=detail)
    if version < 4 or not launch.has_seccomp():
        detail = f"Landlock {version} confines files, but children can reach the whole network"
        return Guard("sandbox", ok=False, detail=detail)
    return Guard("sandbox", ok=True, detail=f"Landlock {version} and seccomp confine children")


def has_landlock() -> bool:
    """Return whether children are kept from the files of others here."""
    return os.environ.get("GATHERUM_TEST_NO_LANDLOCK") != "1" and launch.landlock_version() > 0


def _rules(
    home: str,
    limits: Limits,
    readable: Sequence[Path],
    writable: Sequence[Path],
    port: int | None,
    *,
    sockets: bool,
) -> launch.Rules:
    status = sandbox_status()
    if not status.ok:
        _warn_once(status.detail)
    landlock = has_landlock()
    on = os.environ.get("GATHERUM_TEST_NO_LANDLOCK") != "1"
    package = Path(gatherum.__file__).parent
    ours = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, str(package)}
    wanted = {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_CPU": limits.cpu_s,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
    }
    return launch.Rules(
        parent=os.getpid(),
        folder=home,
        read=[*_SYSTEM, *sorted(ours), *map(str, readable)],
        names=[str(package.parent)],  # Python finds our package by looking at its folder
        write=[str(path) for path in writable],
        port=port,
        limits={name: value for name, value in wanted.items() if value is not None},
        landlock=landlock,
        # Without Landlock, who makes sockets has a sandbox of its own, which ours would keep it from.
        seccomp=on and launch.has_seccomp() and (landlock or not sockets),
        sockets=sockets,
    )


def _environment(home: str) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@functools.cache
def _warn_once(detail: str) -> None:
    log.warning("child programs are not fully shut in", detail=detail)


async def _feed(process: Process, data: bytes) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it does not care to read
            process.stdin.write(data)
            await process.stdin.drain()
        process.stdin.close()


async def _read(stream: asyncio.StreamReader | None, limit: int) -> tuple[bytes, bool]:
    """Return the first `limit` bytes and whether there were more; reads to the end anyway."""
    kept = bytearray()
    cut = False
    while stream is not None and (block := await stream.read(_BLOCK)):
        cut = cut or len(kept) + len(block) > limit
        kept += block[: limit - len(kept)]
    return bytes(kept), cut
