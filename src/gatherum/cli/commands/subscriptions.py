"""`gatherum subscriptions`: what is followed."""

from enum import StrEnum
from typing import Annotated

import typer

from gatherum.cli.running import Json, run

group = typer.Typer(
    name="subscriptions", help="Show and change what is followed.", no_args_is_help=True
)


class What(StrEnum):
    """What an export holds."""

    ALL = "all"
    SETTINGS = "settings"
    SUBSCRIPTIONS = "subscriptions"
    POSTS = "posts"
    MEDIA = "media"
    HISTORY = "history"


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Show what is followed, and when it is checked next."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.show(setup.begin(), as_json=json))


@group.command("pause")
def pause(number: int) -> None:
    """Let a subscription rest."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.pause(setup.begin(), number))


@group.command("resume")
def resume(number: int) -> None:
    """Let a subscription go on; what it missed is caught up once."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.resume(setup.begin(), number))


@group.command("remove")
def remove(number: int) -> None:
    """Follow no longer. What it brought stays in the library."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.remove(setup.begin(), number))


@group.command("set")
def set_(
    number: int,
    *,
    every: Annotated[str | None, typer.Option(help="An interval or a cron expression.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of a cron expression.")] = "UTC",
    wanted: Annotated[str | None, typer.Option("--filter", help="What to keep.")] = None,
) -> None:
    """Change when a subscription is checked, or what it keeps."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.change(setup.begin(), number, every=every, zone=zone, wanted=wanted))
