# ruff: noqa: INP001
"""Draw the README's picture from a real run: `.venv/bin/python docs/pictures/make.py`.

It starts the demo platform, runs the real program against it, and saves what that said.
"""

import asyncio
import io
import os
import re
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from rich.console import Console
from rich.text import Text

from gatherum.demo import running

PICTURE = Path(__file__).with_name("get.svg")
COLUMNS = 104
PORT = 8421
COMMANDS = (
    "explain https://www.reddit.com/user/gatherum_demo",
    "get http://127.0.0.1:8421/@ada --limit 6",
    "get http://127.0.0.1:8421/@ada --limit 6",
    "get http://127.0.0.1:8421/@mishap",
)


async def main() -> None:
    """Run the commands and save the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "COLUMNS": str(COLUMNS),
            "GATHERUM_DATA_DIR": folder,
            "GATHERUM_NETWORK_ALLOW": "127.0.0.1",
        }
        async with running(port=PORT):
            for command in COMMANDS:
                console.print(Text.assemble(("$ ", "green"), (f"gatherum {command}", "bold")))
                said, code = await _run(command, environment)
                console.print(Text(said))
                console.print(Text(f"exit code {code}\n", style="dim"))
    drawn = console.export_svg(title="Gatherum and its demo platform")
    # A picture must not make its reader's browser ask another host for a font.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    PICTURE.write_text(re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE), encoding="utf-8")


async def _run(command: str, environment: dict[str, str]) -> tuple[str, int]:
    """Return what a command said, and its exit code."""
    program = Path(sys.executable).with_name("gatherum")
    process = await asyncio.create_subprocess_exec(
        program, *command.split(), env=environment, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    return said.decode().rstrip(), await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
