"""`gatherum accounts`: who may use the server."""

from typing import Annotated

import typer

from gatherum.cli.running import FromStdin, Json, run

group = typer.Typer(
    name="accounts", help="Show and change who may use the server.", no_args_is_help=True
)
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="admin, editor or viewer.")]


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Show all accounts."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.show(setup.begin(), as_json=json))


@group.command("add")
def add(
    name: str,
    *,
    role: Annotated[str, typer.Option(help="admin, editor or viewer.")] = "viewer",
    password_stdin: FromStdin = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Print a token with which they choose a password.")
    ] = False,
) -> None:
    """Make an account. The password is asked for, never an argument."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.add(setup.begin(), name, role=role, from_stdin=password_stdin, invite=invite))


@group.command("role")
def role(name: str, role: RoleName) -> None:
    """Give an account another role."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.set_role(setup.begin(), name, role))


@group.command("disable")
def disable(name: str) -> None:
    """Shut an account out: its sessions end, its keys do nothing."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.set_disabled(setup.begin(), name, disabled=True))


@group.command("enable")
def enable(name: str) -> None:
    """Let a disabled account in again."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.set_disabled(setup.begin(), name, disabled=False))


@group.command("remove")
def remove(
    name: str, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove an account with its sessions, keys and factors. The library stays as it is."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.remove(setup.begin(), name, yes=yes))


@group.command("reset")
def reset(
    name: str,
    *,
    password_stdin: FromStdin = False,
    token: Annotated[
        bool, typer.Option("--token", help="Print a token with which they choose a password.")
    ] = False,
) -> None:
    """Give an account a new password. Its second factors stay."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.reset(setup.begin(), name, from_stdin=password_stdin, token=token))


@group.command("sign-out")
def sign_out(name: str) -> None:
    """Sign an account out everywhere."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.sign_out(setup.begin(), name))


@group.command("reset-factors")
def reset_factors(name: str) -> None:
    """Take all second factors from somebody who has lost them."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    run(accounting.reset_factors(setup.begin(), name))
