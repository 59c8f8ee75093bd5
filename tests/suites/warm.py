"""The program without the second or two that its imports cost: each command is forked from one process.

`launch` starts `gatherum` as `subprocess.Popen` would: a process of its own, with its own arguments,
environment, folder and streams, which can be sent signals and killed. Only `exec` is left out: the
process that it is forked from (`python -m tests.suites.warm`) has imported the program, and has
started nothing of it. A few tests of each command start it for real (`tests/cli/test_help.py`).
"""

import array
import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import random
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

ROOT = Path(__file__).parents[2]
ORDER = 128 << 10  # bytes of an order at most: what a socket takes at once
STARTED_ALONE = (  # what a sandboxed child runs is never imported by the program
    "gatherum.fetching.workers.",
    "gatherum.processing.drawing.",
    "gatherum.__main__",
)


class Order(TypedDict):
    """What is to be started: a module as `python -m` would, or code as `python -c` would."""

    module: str
    code: str
    arguments: list[str]
    env: dict[str, str]
    cwd: str


@dataclass(slots=True)
class Warm:
    """A command that runs. `stdout` and `stderr` are set where they are pipes."""

    pid: int
    args: Sequence[str]
    stdout: IO[str] | None
    stderr: IO[str] | None
    _ended: Future[int]

    @property
    def returncode(self) -> int | None:
        """How it ended, `-SIGNAL` if by a signal; None while it runs."""
        return self.poll()

    def poll(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def wait(self, timeout: float | None = None) -> int:
        try:
            return self._ended.result(timeout)
        except NotYet:
            raise subprocess.TimeoutExpired(self.args, timeout or 0) from None

    def send_signal(self, number: int) -> None:
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError):  # it has ended, and is just being told
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return the rest of what it says, when it has ended."""
        told = {"out": "", "err": ""}

        def read(name: str, stream: IO[str]) -> None:
            with stream:
                told[name] = stream.read()

        readers = [
            threading.Thread(target=read, args=each, daemon=True)
            for each in (("out", self.stdout), ("err", self.stderr))
            if each[1] is not None and not each[1].closed
        ]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join()
        return told["out"], told["err"]


def launch(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str] = os.environ,
    cwd: Path = ROOT,
    module: str = "gatherum",
    code: str = "",
    stdin: int | IO[bytes] | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
) -> Warm:
    """Start `gatherum ARGUMENTS`, or another module, or `code`, that uses the program.

    A stream is an open file or `subprocess.PIPE`, or None for nothing.
    """
    order = Order(module=module, code=code, arguments=list(arguments), env=dict(env), cwd=str(cwd))
    given: list[int] = []
    ours: list[IO[str] | None] = []
    to_close: list[int] = []
    if stdin is None:
        given.append(os.open(os.devnull, os.O_RDONLY))
        to_close.append(given[0])
    else:
        given.append(stdin if isinstance(stdin, int) else stdin.fileno())
    for stream in (stdout, stderr):
        if stream == subprocess.PIPE:
            reading, writing = os.pipe()
            given.append(writing)
            to_close.append(writing)
            ours.append(os.fdopen(reading, encoding="utf-8"))
        else:
            given.append(stream if isinstance(stream, int) else stream.fileno())
            ours.append(None)
    try:
        pid, ended = _source().fork(order, given)
    finally:
        for fd in to_close:
            os.close(fd)
    return Warm(pid, (module, *arguments), ours[0], ours[1], ended)


class _Source:
    """The process that commands are forked from, as seen from the tests."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "tests.suites.warm", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._asking = threading.Lock()
        self._started: Future[int] = Future()
        self._ended: dict[int, Future[int]] = {}
        threading.Thread(target=self._hear, daemon=True, name="warm").start()
        atexit.register(self.close)

    def fork(self, order: Order, streams: Sequence[int]) -> tuple[int, Future[int]]:
        with self._asking:
            self._started = Future()
            fds = array.array("i", streams)
            self._ours.sendmsg(
                [json.dumps(order).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
            )
            pid = self._started.result(120)
            return pid, self._ended[pid]

    def close(self) -> None:
        self._ours.shutdown(socket.SHUT_RDWR)
        self._process.terminate()
        self._process.wait()

    def _hear(self) -> None:
        while told := self._ours.recv(ORDER):
            pid, status = json.loads(told)
            if status is None:
                self._ended[pid] = Future()
                self._started.set_result(pid)
            else:
                self._ended.pop(pid).set_result(status)


_lock = threading.Lock()
_sources: dict[int, _Source] = {}


def _source() -> _Source:
    """Return the one of this process: those of a parent are not ours to ask."""
    with _lock:
        if os.getpid() not in _sources:
            _sources[os.getpid()] = _Source()
        return _sources[os.getpid()]


def _import_all() -> None:
    import gatherum  # noqa: PLC0415

    for found in pkgutil.walk_packages(gatherum.__path__, "gatherum."):
        if not found.name.startswith(STARTED_ALONE) and ".migrations" not in found.name:
            importlib.import_module(found.name)
    for name in ("alembic.command", "dbos", "uvicorn", "uvloop", "psycopg", "rich.progress"):
        importlib.import_module(name)


def _serve(orders: socket.socket) -> Order | None:
    """Fork commands as they are ordered: the value in each of these, or None when all is over."""
    selector = selectors.DefaultSelector()
    selector.register(orders, selectors.EVENT_READ)
    running: dict[int, int] = {}
    while True:
        for key, _ in selector.select():
            if key.fileobj is not orders:
                descriptor = key.fd
                pid = running.pop(descriptor)
                selector.unregister(descriptor)
                os.close(descriptor)
                _, status = os.waitpid(pid, 0)
                orders.send(json.dumps([pid, os.waitstatus_to_exitcode(status)]).encode())
                continue
            order, streams, _, _ = socket.recv_fds(orders, ORDER, 3)
            if not order:
                for pid in running.values():
                    os.kill(pid, signal.SIGKILL)
                return None
            pid = os.fork()
            if pid == 0:
                selector.close()
                orders.close()
                for descriptor in running:
                    os.close(descriptor)
                wanted: Order = json.loads(order)
                _become(wanted, streams)
                return wanted
            for stream in streams:
                os.close(stream)
            descriptor = os.pidfd_open(pid)
            running[descriptor] = pid
            selector.register(descriptor, selectors.EVENT_READ)
            orders.send(json.dumps([pid, None]).encode())


def _become(order: Order, streams: list[int]) -> None:
    """Turn into a command that has just been started."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


if __name__ == "__main__":
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # it is meant for the tests, which close the socket
    _import_all()
    gc.freeze()
    ordered = _serve(socket.socket(fileno=int(sys.argv[1])))
    if ordered is not None:
        sys.argv = ["-", *ordered["arguments"]]
        if ordered["code"]:
            exec(ordered["code"], {"__name__": "__main__"})  # noqa: S102  # a test's own
        else:
            runpy.run_module(ordered["module"], run_name="__main__", alter_sys=True)
