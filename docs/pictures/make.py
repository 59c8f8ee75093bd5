# ruff: noqa: INP001
"""Draw the README's picture from a real run: `.venv/bin/python docs/pictures/make.py`.

It starts the demo platform, runs the real program against it in a terminal of its own, and saves what
that showed.
"""

import asyncio
import fcntl
import os
import pty
import struct
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

from gatherum.demo import running

PICTURE = Path(__file__).with_name("get.svg")
COLUMNS, LINES = 100, 40
PORT = 8421


async def main() -> None:
    """Run the commands of the README and save the picture."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123, ASYNC230
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "COLUMNS": str(COLUMNS),
            "LINES": str(LINES),
            "GATHERUM_DATA_DIR": folder,
            "GATHERUM_NETWORK_ALLOW": "127.0.0.1",
            "GATHERUM_LOG_LEVEL": "error",
        }
        async with running(port=PORT) as address:
            for command in (
                f"gatherum get {address}/@ada --limit 12",
                f"gatherum get {address}/@ada --limit 12",
                f"gatherum get {address}/@mishap --limit 4",
            ):
                console.print(Text(f"$ {command}", style="bold"))
                shown = await asyncio.to_thread(_run, command.split(), environment)
                console.print(Text.from_ansi(shown))
    console.save_svg(str(PICTURE), title="Gatherum")


def _run(command: list[str], environment: dict[str, str]) -> str:
    """Return what a command shows on a terminal, with its colours, in the end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the progress, which is gone in the end
        os.execvpe(command[0], command, environment)  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    shown = b""
    while True:
        try:
            block = os.read(terminal, 1 << 16)
        except OSError:  # how a terminal says that its program has ended
            break
        if not block:
            break
        shown += block
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n").rstrip()


if __name__ == "__main__":
    asyncio.run(main())
