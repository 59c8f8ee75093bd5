"""The real program as a process, on a data folder of its own."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Self, TypeVar

from tests.e2e.contract import LINES, AnyLine, Explained, LinkLine, MediaLine, SummaryLine
from tests.suites.warm import Warm, launch

COMMAND = (sys.executable, "-m", "gatherum")
L = TypeVar("L", bound=AnyLine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str
    seconds: float

    def all(self, kind: type[L]) -> list[L]:
        """Return the JSON lines of one kind; every line of standard output must be of the contract."""
        lines = [LINES.validate_json(line) for line in self.out.splitlines()]
        return [line for line in lines if isinstance(line, kind)]

    @property
    def media(self) -> list[MediaLine]:
        return self.all(MediaLine)

    @property
    def links(self) -> list[LinkLine]:
        return self.all(LinkLine)

    @property
    def outcomes(self) -> list[MediaLine | LinkLine]:
        """Return everything that has come to an outcome."""
        return [*self.media, *self.links]

    @property
    def explained(self) -> list[Explained]:
        return [Explained.model_validate_json(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> SummaryLine:
        """Return the summary, which must be the last line and agree with the others."""
        summary = LINES.validate_json(self.out.splitlines()[-1])
        assert isinstance(summary, SummaryLine)
        told = [line.state for line in self.outcomes]
        for state in ("stored", "known", "skipped", "failed"):
            assert getattr(summary, state) == told.count(state), (state, self.out[-3000:])
        return summary

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return (stored, known, skipped, failed)."""
        summary = self.summary
        return summary.stored, summary.known, summary.skipped, summary.failed

    def only(self) -> MediaLine:
        """Return the one media that the command told of."""
        (media,) = self.media
        return media


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatherum:
    """The program with one data folder and one environment."""

    data: Path
    env: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()  # a command that runs the program
    cold: bool = False  # started as people start it, imports and all

    def __call__(self, *arguments: str, stdin: str | bytes = "", timeout: float = 90) -> Ran:
        """Run a command to its end."""
        begun = time.monotonic()
        with tempfile.TemporaryFile() as given:
            given.write(stdin.encode() if isinstance(stdin, str) else stdin)
            given.seek(0)
            process = self._launch(arguments, given)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert "Traceback" not in err, err
        assert process.returncode is not None
        return Ran(code=process.returncode, out=out, err=err, seconds=time.monotonic() - begun)

    def get(self, *arguments: str, stdin: str | bytes = "", timeout: float = 90) -> Ran:
        return self("get", "--json", *arguments, stdin=stdin, timeout=timeout)

    def start(self, *arguments: str) -> "Running":
        """Start a command and let it run; `Running` as a context ends it."""
        return Running(self._launch(arguments, None))

    def under(self, **env: str) -> Self:
        """Return the same folder in another environment."""
        return replace(self, env={**self.env, **env})

    def within(self, script: str, *arguments: str) -> Self:
        """Return the same, run by a script in a mount namespace of its own; `"$@"` is the program.

        The arguments of the script are `$A`, `$B` and so on.
        """
        named = [f"{name}={value}" for name, value in zip("ABCD", arguments, strict=False)]
        user = () if os.getuid() == 0 else ("-r",)
        before = ("env", *named, "unshare", "-m", *user, "sh", "-eu", "-c", script, "sh")
        return replace(self, before=before)

    def held(self) -> dict[str, str]:
        """Return the SHA-256 of every file in the library by its path, read from the disk."""
        root = self.root
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((root / "library").rglob("*"))
            if path.is_file()
        }

    def body(self, media: MediaLine) -> bytes:
        """Return the bytes that the library holds of a media."""
        assert media.path is not None
        return (self.root / media.path).read_bytes()

    @property
    def root(self) -> Path:
        return self.data / "library-root"

    def _launch(
        self, arguments: Sequence[str], given: IO[bytes] | None
    ) -> "subprocess.Popen[str] | Warm":
        if not self.cold and not self.before:
            return launch(arguments, env=self._environment(), cwd=self.data.parent, stdin=given)
        return subprocess.Popen(  # noqa: S603
            [*self.before, *COMMAND, *arguments],
            stdin=given or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self._environment(),
            cwd=self.data.parent,
        )

    def _environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH")
            if name in os.environ
        }
        home = str(self.data.parent)
        return {**kept, "HOME": home, "GATHERUM_DATA_DIR": str(self.data), **self.env}


class Running:
    """A command that runs. Read its output with `line`; end it with `stop` or the context."""

    def __init__(self, process: subprocess.Popen[str] | Warm) -> None:
        self.process = process
        self.begun = time.monotonic()
        self._heard = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def line(self) -> str:
        """Wait for the next line of standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def hear(self, words: str) -> None:
        """Wait until the command has said some words on standard error."""
        assert self.process.stderr is not None
        while words not in self._heard:
            line = self.process.stderr.readline()
            assert line, self._heard
            self._heard += line

    def stop(self, number: int = signal.SIGTERM, *, timeout: float = 30) -> Ran:
        """Send a signal and wait for the end; `seconds` counts from the signal."""
        begun = time.monotonic()
        self.process.send_signal(number)
        return replace(self.wait(timeout), seconds=time.monotonic() - begun)

    def wait(self, timeout: float = 90) -> Ran:
        """Wait for the end."""
        out, err = self.process.communicate(timeout=timeout)
        err = self._heard + err
        assert "Traceback" not in err, err
        seconds = time.monotonic() - self.begun
        assert self.process.returncode is not None
        return Ran(code=self.process.returncode, out=out, err=err, seconds=seconds)


def fresh(template: Path, folder: Path, env: Mapping[str, str]) -> Gatherum:
    """Return the program with a copy of a data folder that was set up before."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(template, folder / "data")
    return Gatherum(data=folder / "data", env=env)


def digests(bodies: Sequence[bytes]) -> list[str]:
    """Return the digests of some files, sorted."""
    return sorted(hashlib.sha256(body).hexdigest() for body in bodies)
