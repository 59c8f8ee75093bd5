"""The command line: the table of all commands, and how it ends."""

import sys

import typer

from gatherum.cli.commands import (
    accounts,
    bringing,
    config,
    extractors,
    installation,
    keeping,
    library,
    logins,
    queue,
    subscriptions,
)

app = typer.Typer(
    name="gatherum",
    help="Follow the posts you care about, and keep their pictures and videos in a library you own.",
    epilog="Begin with: gatherum get LINK. Everything lives in GATHERUM_DATA_DIR "
    "(without it: ~/.local/share/gatherum). Exit codes: 0 all well, 1 something failed, 2 bad usage, "
    "3 a login is needed, 4 the disk is full or read-only, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    bringing.get,
    bringing.explain,
    bringing.follow,
    bringing.sync,
    library.media,
    library.posts,
    library.trash,
    library.restore,
    keeping.backup,
    library.purge,
    library.allow,
    keeping.check,
    keeping.process,
    keeping.export,
    keeping.import_,
    installation.doctor,
    installation.providers,
    installation.serve,
    installation.worker,
    installation.demo,
    installation.version,
):
    app.command(command.__name__.strip("_"))(command)
for several in (subscriptions, queue, config, accounts, logins, extractors):
    app.add_typer(several.group)


def main() -> None:
    """Run the command line; errors of ours become one sentence and an exit code."""
    from gatherum.errors import GatherumError, StorageError, UserError  # noqa: PLC0415

    try:
        app()
    except StorageError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(4)
    except UserError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(2)
    except GatherumError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(1)
