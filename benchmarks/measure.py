"""Runs a program to its end and tells what it cost, the programs that it started included."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: seconds on the clock and of the CPUs, MB of the largest process, requests."""

    wall: float
    cpu: float
    rss: float
    code: int
    complaint: str
    requests: int = 0
    files: int = 0


class Server:
    """The server process of a benchmark."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self.port = port

    def url(self, path: str) -> str:
        """Return the address of `path`."""
        return f"http://127.0.0.1:{self.port}{path}"

    def take_requests(self) -> int:
        """Return how many requests came since the last call."""
        with urllib.request.urlopen(self.url("/stats")) as answer:
            return int(json.load(answer)["requests"])


@contextmanager
def serving(latency_ms: float) -> Iterator[Server]:
    """Run a server that answers after `latency_ms`."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(latency_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Server(process, int(process.stdout.readline()))
        process.stdin.close()


def run(argv: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run `argv` in `folder` and wait for it; the usage is that of all its descendants together.

    The memory is that of the largest single process among them, as the kernel counts it.
    """
    env = {**os.environ, **(environment or {})}
    with tempfile.TemporaryFile() as noise:
        begun = time.perf_counter()
        process = subprocess.Popen(argv, cwd=folder, env=env, stdout=noise, stderr=noise)
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        watchdog.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        noise.seek(0)
        complaint = noise.read().decode(errors="replace")[-600:]
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        rss=usage.ru_maxrss / 1024,
        code=code,
        complaint=complaint if code else "",
    )
