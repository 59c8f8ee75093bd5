"""Commands that keep the library whole: backups, checks, exports."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gatherum.cli.running import Json, run


class What(StrEnum):
    """What an export holds."""

    ALL = "all"
    SETTINGS = "settings"
    SUBSCRIPTIONS = "subscriptions"
    POSTS = "posts"
    MEDIA = "media"
    HISTORY = "history"


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


def backup(
    *,
    to: Annotated[Path | None, typer.Option(help="The file to write; never replaces one.")] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put the key of stored secrets beside it.")
    ] = False,
) -> None:
    """Copy the database while it runs, and verify the copy. Files of the library are not in it."""
    from gatherum.cli import backing_up, setup  # noqa: PLC0415

    run(backing_up.back_up(setup.begin(), to, with_key=with_key))


def check(
    *,
    json: Json = False,
    quick: Annotated[bool, typer.Option("--quick", help="Compare presence and size only.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch damaged and missing files again.")
    ] = False,
) -> None:
    """Read every byte of the library again, and tell what is damaged, missing or a stranger."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    run(librarian.check(setup.begin(), as_json=json, quick=quick, repair=repair))


def process(
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Try files again that could not be shown.")
    ] = False,
) -> None:
    """Look into stored files that nobody has looked into, for facts and thumbnails, and wait for it."""
    from gatherum.cli import processing, setup  # noqa: PLC0415

    run(processing.process(setup.begin(), again=again))


def export(
    *,
    what: Annotated[
        What, typer.Option(help="all, settings, subscriptions, posts, media or history.")
    ] = What.ALL,
    form: Annotated[
        Form, typer.Option("--format", help="jsonl, or csv for one table.")
    ] = Form.JSONL,
) -> None:
    """Write what was put in as lines, to standard output; neither secrets nor files are in it."""
    from gatherum.cli import setup, transferring  # noqa: PLC0415

    run(transferring.export(setup.begin(), what.value, form.value))


def import_(
    file: Annotated[
        str, typer.Argument(help="Lines as `gatherum export` writes them; - is stdin.")
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell only what would be done.")
    ] = False,
) -> None:
    """Take in lines of an export. What is known here stays as it is."""
    from gatherum.cli import setup, transferring  # noqa: PLC0415

    run(transferring.take_in(setup.begin(), file, dry_run=dry_run))
