"""`gatherum queue`: the jobs."""

from typing import Annotated

import typer

from gatherum.cli.running import Json, run

group = typer.Typer(name="queue", help="Show and steer the jobs.", no_args_is_help=True)


@group.command("list")
def list_(
    *,
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Ended jobs, too.")] = False,
) -> None:
    """Show the jobs, newest first, with the reason and time of the next try."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    run(queueing.show(setup.begin(), as_json=json, everything=everything))


@group.command("cancel")
def cancel(job: str) -> None:
    """End a job; what it has stored stays."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    run(queueing.cancel(setup.begin(), job))


@group.command("pause")
def pause(
    lane: Annotated[str, typer.Argument(help="interactive, sync or housekeeping")],
    platform: Annotated[str, typer.Argument(help="One platform of it only.")] = "",
) -> None:
    """Let nothing of a lane run until it is resumed."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    run(queueing.pause(setup.begin(), lane, platform))


@group.command("resume")
def resume(
    lane: Annotated[str, typer.Argument(help="interactive, sync or housekeeping")],
    platform: Annotated[str, typer.Argument(help="One platform of it only.")] = "",
) -> None:
    """Let a paused lane go on."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    run(queueing.resume(setup.begin(), lane, platform))
