"""`gatherum accounts`: who may use the server. Whoever may run this owns the data folder."""

import sys

import typer

from gatherum.accounts.audit import CONSOLE, Event
from gatherum.accounts.model import Account, Role
from gatherum.app import App, open_app
from gatherum.cli.output import Exit, one_line, print_json
from gatherum.errors import InvalidInput, NotFound
from gatherum.moments import iso
from gatherum.settings import BootSettings

BY = "console"


async def show(settings: BootSettings, *, as_json: bool) -> Exit:
    """List accounts."""
    async with open_app(settings) as app:
        for one in await app.people.accounts.list():
            if as_json:
                print_json(_line(one))
                continue
            seen = iso(one.signed_in_at) or "never"
            state = "disabled" if one.disabled else one.role
            typer.echo(f"{one_line(one.name, width=30):30}  {state:8}  signed in: {seen}")
    return Exit.OK


async def add(
    settings: BootSettings, name: str, *, role: str, from_stdin: bool, invite: bool
) -> Exit:
    """Make an account."""
    async with open_app(settings) as app:
        password = None if invite else _ask_password(from_stdin=from_stdin)
        made, invitation = await app.people.admission.add(
            name, _role(role), password, CONSOLE, by=BY
        )
        typer.echo(f"{made.name} is {made.role}.")
        if invitation is not None:
            typer.echo(f"Token for their password, for a day, once: {invitation.token}")
    return Exit.OK


async def set_role(settings: BootSettings, name: str, role: str) -> Exit:
    """Give an account another role."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        event = app.people.audit.entry(
            Event.ACCOUNT_CHANGED, CONSOLE, by=BY, account=account.id, changes={"role": role}
        )
        changed = await app.people.accounts.change(account.id, role=_role(role), also=event)
    typer.echo(f"{changed.name} is {changed.role}.")
    return Exit.OK


async def set_disabled(settings: BootSettings, name: str, *, disabled: bool) -> Exit:
    """Shut an account out, or let it in again."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        event = app.people.audit.entry(
            Event.ACCOUNT_CHANGED,
            CONSOLE,
            by=BY,
            account=account.id,
            changes={"disabled": disabled},
        )
        await app.people.accounts.change(account.id, disabled=disabled, also=event)
    typer.echo(f"{account.name} is {'disabled' if disabled else 'enabled'}.")
    return Exit.OK


async def remove(settings: BootSettings, name: str, *, yes: bool) -> Exit:
    """Remove an account."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        if not yes and not typer.confirm(f"Remove the account {account.name}?", err=True):
            return Exit.FAILED
        event = app.people.audit.entry(
            Event.ACCOUNT_REMOVED, CONSOLE, by=BY, account=account.id, name=account.name
        )
        await app.people.accounts.remove(account.id, also=event)
    typer.echo("Removed.")
    return Exit.OK


async def reset(settings: BootSettings, name: str, *, from_stdin: bool, token: bool) -> Exit:
    """Give an account a new password, or print a token to choose one with."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        if token:
            invitation = await app.people.admission.offer_reset(account.id, CONSOLE, by=BY)
            typer.echo(invitation.token)
            return Exit.OK
        password = _ask_password(from_stdin=from_stdin)
        await app.people.admission.set_password(account, password, CONSOLE, by=BY)
    typer.echo(f"{account.name} has a new password, and is signed out everywhere.")
    return Exit.OK


async def sign_out(settings: BootSettings, name: str) -> Exit:
    """End all sessions of an account."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        event = app.people.audit.entry(
            Event.SESSION_ENDED, CONSOLE, by=BY, account=account.id, ended="all"
        )
        ended = await app.people.sessions.revoke_others(account.id, also=event)
    typer.echo(f"{ended} sessions ended.")
    return Exit.OK


async def reset_factors(settings: BootSettings, name: str) -> Exit:
    """Take all second factors from an account."""
    async with open_app(settings) as app:
        account = await _find(app, name)
        event = app.people.audit.entry(
            Event.FACTOR_REMOVED, CONSOLE, by=BY, account=account.id, factor="all"
        )
        await app.people.accounts.reset_factors(account.id, also=event)
    typer.echo(f"{account.name} has no second factor now, and is signed out everywhere.")
    return Exit.OK


async def _find(app: App, name: str) -> Account:
    account = await app.people.accounts.find(name)
    if account is None:
        raise NotFound("There is no account of this name; `gatherum accounts list` shows all.")
    return account


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise InvalidInput(f"There is no role {text}; there are {', '.join(Role)}.") from error


def _ask_password(*, from_stdin: bool) -> str:
    """Return a password that nobody else sees: never from the arguments, which everybody can list."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for a password: use --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _line(account: Account) -> dict[str, object]:
    return {
        "type": "account",
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "disabled": account.disabled,
        "created_at": iso(account.created_at),
        "signed_in_at": iso(account.signed_in_at),
    }
