"""`gatherum extractors`: the versions of yt-dlp and gallery-dl."""

from typing import Annotated

import typer

from gatherum.cli.running import Json, run

group = typer.Typer(
    name="extractors",
    help="Show and change the versions of yt-dlp and gallery-dl.",
    no_args_is_help=True,
)
Package = Annotated[
    str | None, typer.Argument(metavar="NAME", help="yt-dlp or gallery-dl; none: both.")
]


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Show which versions came with Gatherum, which are used, and which one went back to."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    run(updating.show(setup.begin(), as_json=json))


@group.command("check")
def check(name: Package = None) -> None:
    """Ask the package index whether there are newer versions; nothing is installed."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    run(updating.check(setup.begin(), name))


@group.command("update")
def update(
    name: Package = None,
    *,
    version: Annotated[
        str | None, typer.Option(help="This one rather than the newest; it needs a NAME.")
    ] = None,
) -> None:
    """Install a newer version beside, probe it, and use it if it is well."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    if version is not None and name is None:
        raise typer.BadParameter("A version is that of one extractor: name it.")
    run(updating.update(setup.begin(), name, version))


@group.command("rollback")
def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="yt-dlp or gallery-dl.")],
) -> None:
    """Use the version from before again."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    run(updating.roll_back(setup.begin(), name))
