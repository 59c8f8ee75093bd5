"""`gatherum logins`: how Gatherum signs in to platforms."""

from typing import Annotated

import typer

from gatherum.cli.running import FromStdin, Json, run

group = typer.Typer(name="logins", help="Show and make logins of platforms.", no_args_is_help=True)


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Show where there are logins; what their cookies say is never shown."""
    from gatherum.cli import setup, signing_in  # noqa: PLC0415

    run(signing_in.show(setup.begin(), as_json=json))


@group.command("sign-in")
def sign_in(
    forum: Annotated[str, typer.Argument(help="A forum's host, or any link to it.")],
    *,
    name: Annotated[str, typer.Option(help="Your name there.")] = "",
    password_stdin: FromStdin = False,
    code: Annotated[
        str | None, typer.Option(help="The code of a second factor, if you have one there.")
    ] = None,
) -> None:
    """Sign in to a forum once, and keep its cookies as a login. The password is kept nowhere."""
    from gatherum.cli import setup, signing_in  # noqa: PLC0415

    run(signing_in.sign_in(setup.begin(), forum, name=name, from_stdin=password_stdin, code=code))
