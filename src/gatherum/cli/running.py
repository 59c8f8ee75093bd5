"""How commands run, and the options that several of them have."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password's line from standard input.")
]


def run(command: Coroutine[object, object, int | None]) -> None:
    """Run a command to its end; what it returns is the exit code."""
    import uvloop  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(command)
    except KeyboardInterrupt as interrupt:  # before typer sees it, which says nothing
        typer.echo("Interrupted. What was begun goes on at the next run.", err=True)
        raise typer.Exit(130) from interrupt
    if code:
        raise typer.Exit(int(code))
