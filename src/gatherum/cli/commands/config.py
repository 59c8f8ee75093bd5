"""`gatherum config`: the settings."""

from typing import Annotated

import typer

from gatherum.cli.running import Json, run

group = typer.Typer(name="config", help="Read and change the settings.", no_args_is_help=True)


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Show all settings, their defaults and what they mean."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    run(configuring.show(setup.begin(), as_json=json))


@group.command("get")
def get(key: Annotated[str, typer.Argument(metavar="SECTION.KEY")]) -> None:
    """Print one setting."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    run(configuring.get(setup.begin(), key))


@group.command("set")
def set_(
    key: Annotated[str, typer.Argument(metavar="SECTION.KEY")],
    value: Annotated[str | None, typer.Argument(help="Without it: back to the default.")] = None,
) -> None:
    """Change one setting."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    run(configuring.change(setup.begin(), key, value))
