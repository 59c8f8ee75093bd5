"""A real server that nobody here wrote: snac2 speaks Mastodon's language on a port of loopback."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

INSTALL = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q", "snac2")


class Missing(Exception):
    """snac is not here and cannot be installed; the message says how to."""


@dataclass(frozen=True)
class Snac:
    """A running server with one account."""

    host: str  # with its port
    user: str
    folder: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}/{self.user}"

    def note(self, text: str, files: Sequence[Path] = ()) -> None:
        """Publish a note with media."""
        _run("note", str(self.folder), self.user, text, *map(str, files))

    def rewrite(self, uri: str, old: str, new: str) -> None:
        """Edit a note as its interface does: in the file of it, which is newer then."""
        digest = hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()
        note = self.folder / "object" / digest[:2] / f"{digest}.json"
        written = note.stat().st_mtime
        note.write_text(note.read_text().replace(json.dumps(old)[1:-1], new))
        os.utime(note, (written + 60, written + 60))


@contextlib.contextmanager
def running_snac(folder: Path, *, user: str = "alice") -> Iterator[Snac]:
    """Set up a server in `folder`, run it, and end it. Raises `Missing` without the program."""
    ensure_installed()
    host, port = "127.0.0.1", _free_port()
    base = folder / "snac"
    _run("init", str(base), said=f"{host}\n{port}\n{host}:{port}\n\n\n")
    config = base / "server.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"protocol": "http"}))
    _run("adduser", str(base), user, said="\n")
    with (folder / "snac.log").open("wb") as log:
        server = subprocess.Popen([_snac(), "httpd", str(base)], stderr=log, stdout=log)  # noqa: S603
    try:
        _wait_for(f"http://{host}:{port}/{user}")
        yield Snac(host=f"{host}:{port}", user=user, folder=base)
    finally:
        server.kill()  # asked to end, it first does what it has queued, for a long time
        server.wait()


def ensure_installed() -> None:
    """Install the program if that can be done; one test process at a time."""
    if shutil.which("snac"):
        return
    command = " ".join(INSTALL)
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise Missing(f"snac2 is not installed; as root: {command}")
    with (Path(tempfile.gettempdir()) / "gatherum-snac.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shutil.which("snac"):
            done = subprocess.run(INSTALL, capture_output=True, check=False)  # noqa: S603
            if done.returncode != 0 or not shutil.which("snac"):
                raise Missing(f"snac2 could not be installed; try: {command}")


def _run(*arguments: str, said: str = "") -> None:
    subprocess.run(  # noqa: S603
        [_snac(), *arguments], input=said.encode(), check=True, capture_output=True, timeout=30
    )


def _snac() -> str:
    return shutil.which("snac") or "snac"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    until = time.monotonic() + 20
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
