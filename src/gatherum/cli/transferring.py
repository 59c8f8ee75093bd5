"""`gatherum export` and `gatherum import`: everything as lines, out and in."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import typer

from gatherum.accounts.audit import CONSOLE, Event
from gatherum.app import open_app
from gatherum.cli.output import Exit, say
from gatherum.curating.transfer import Form, Report, What
from gatherum.errors import InvalidInput
from gatherum.settings import BootSettings

CHUNK = 1 << 20


async def export(settings: BootSettings, what: What, form: Form) -> Exit:
    """Write everything to standard output."""
    async with open_app(settings) as app:
        async for chunk in await app.transfer.export(what, form):
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return Exit.OK


async def take_in(settings: BootSettings, source: str, *, dry_run: bool) -> Exit:
    """Take lines in from a file, or from standard input for `-`."""
    async with open_app(settings) as app:
        with _opened(source) as file:
            audit = app.people.audit
            report = await app.transfer.take_in(
                _chunks(file),
                dry_run=dry_run,
                recorded=lambda section: audit.settings_change(section, CONSOLE, by="console"),
                told=_progress,
            )
            if not dry_run:
                await audit.record(Event.IMPORTED, CONSOLE, by="console", new=report.new)
    for one in report.refused:
        say(f"Line {one.line}: {one.why}")
    if report.refused_count > len(report.refused):
        say(f"... and {report.refused_count - len(report.refused)} more lines.")
    words = "would be new" if dry_run else "are new"
    typer.echo(
        f"{report.read} lines: {report.new} {words}, {report.known} are known, "
        f"{report.refused_count} are refused."
    )
    return Exit.FAILED if report.refused_count else Exit.OK


def _opened(source: str) -> BinaryIO:
    if source == "-":
        return sys.stdin.buffer
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise InvalidInput(f"The file cannot be read: {error.strerror}.") from error


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk


def _progress(report: Report) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{report.read} lines, {report.new} new", nl=False, err=True)
