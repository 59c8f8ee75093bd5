"""`gatherum logins`: where there are logins, and how one is made of a name and a password."""

import sys

import typer

from gatherum.app import open_app
from gatherum.cli.output import Exit, one_line, print_json, say
from gatherum.errors import InvalidInput
from gatherum.fetching.logins import Login
from gatherum.moments import iso
from gatherum.providers.forums.login_form import CodeNeeded, Credentials
from gatherum.settings import BootSettings


async def show(settings: BootSettings, *, as_json: bool) -> Exit:
    """List logins."""
    async with open_app(settings) as app:
        for one in await app.logins.list():
            if as_json:
                print_json(_line(one))
                continue
            ends = iso(one.expires_at) or "not told"
            typer.echo(
                f"{one.id:5}  {one.platform or 'any':12}  {one_line(one.name, width=40):40}  "
                f"its cookies end: {ends}"
            )
    return Exit.OK


async def sign_in(
    settings: BootSettings, forum: str, *, name: str, from_stdin: bool, code: str | None
) -> Exit:
    """Sign in to a forum, and keep the cookies that it sets as a login."""
    async with open_app(settings) as app:
        name = name or _ask("Name", hidden=False)
        password = sys.stdin.readline().rstrip("\r\n") if from_stdin else _ask("Password")
        try:
            made = await app.forum_sign_in.sign_in(
                forum, Credentials(name=name, password=password, code=code)
            )
        except CodeNeeded as error:
            if code is not None or from_stdin or not sys.stdin.isatty():
                raise
            say(str(error))
            given = Credentials(name=name, password=password, code=_ask("Code", hidden=False))
            made = await app.forum_sign_in.sign_in(forum, given)
        say(
            f"Login {made.id} for {made.platform}: {one_line(made.name)}. The password is kept nowhere."
        )
    return Exit.OK


def _ask(what: str, *, hidden: bool = True) -> str:
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask: use --name and --password-stdin.")
    return str(typer.prompt(what, hide_input=hidden, err=True))


def _line(login: Login) -> dict[str, object]:
    return {
        "type": "login",
        "id": login.id,
        "platform": login.platform,
        "name": login.name,
        "sites": list(login.sites),
        "created_at": iso(login.created_at),
        "expires_at": iso(login.expires_at),
    }
