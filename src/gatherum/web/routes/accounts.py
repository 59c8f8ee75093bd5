"""Everybody's accounts, for administrators."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field, SecretStr

from gatherum.accounts.admission import Invitation
from gatherum.accounts.audit import Event
from gatherum.accounts.model import Account, Caller, Role, Scope
from gatherum.accounts.passwords import LONGEST
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from gatherum.moments import Moment, iso, moment
from gatherum.web.limits import Rate
from gatherum.web.paging import Page
from gatherum.web.routes.keys import KeyId, KeyView, key_view
from gatherum.web.routes.me import SessionId, SessionView, view_of
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Accounts")
AccountId = Annotated[int, Path(ge=1, le=2**53)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account."""

    id: int
    name: str
    role: Role
    disabled: bool
    created_at: Moment
    signed_in_at: Moment | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """A token to hand to the owner of an account; `POST /invitations/accept` takes it. Told once."""

    token: str
    expires_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedAccount:
    """An account that was made; with an invitation if it has no password yet."""

    account: AccountView
    invitation: InvitationView | None


class NewAccount(Body):
    """Who gets an account. Without a password an invitation is made."""

    name: Name
    role: Role = Role.VIEWER
    password: SecretStr | None = Field(default=None, max_length=LONGEST)


class AccountChange(Body):
    """What is to be different."""

    name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


@routes.add("GET", "/accounts", scope=Scope.ACCOUNTS_READ, rate=Rate.READ)
async def list_accounts(app: AppDep) -> Page[AccountView]:
    """List all accounts, by name."""
    return Page(items=tuple(_view(one) for one in await app.people.accounts.list()), next=None)


@routes.add(
    "GET", "/accounts/{number}", scope=Scope.ACCOUNTS_READ, rate=Rate.READ, errors=(NotFound,)
)
async def get_account(number: AccountId, app: AppDep, response: Response) -> AccountView:
    """Show an account, and its version as ETag."""
    account = await app.people.accounts.get(number)
    set_etag(response, account.version)
    return _view(account)


@routes.add(
    "POST",
    "/accounts",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict),
    sudo=True,
    status=201,
)
async def add_account(
    body: NewAccount, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> AddedAccount:
    """Make an account, with a password or with an invitation to choose one."""
    password = body.password.get_secret_value() if body.password is not None else None
    account, invitation = await app.people.admission.add(
        body.name, body.role, password, visitor, by=caller
    )
    return AddedAccount(
        account=_view(account), invitation=_invitation(invitation) if invitation else None
    )


@routes.add(
    "PATCH",
    "/accounts/{number}",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Conflict, Stale),
    sudo=True,
)
async def change_account(
    number: AccountId,
    body: AccountChange,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    response: Response,
    if_match: IfMatch = None,
) -> AccountView:
    """Change an account. Its own role nobody changes, and nobody disables themselves."""
    if body.role is not None or body.disabled is not None:
        _check_other(caller, number)
    changes = body.model_dump(mode="json", exclude_none=True)
    event = app.people.audit.entry(
        Event.ACCOUNT_CHANGED, visitor, by=caller, account=number, changes=changes
    )
    account = await app.people.accounts.change(
        number,
        name=body.name,
        role=body.role,
        disabled=body.disabled,
        version=version_of(if_match),
        also=event,
    )
    set_etag(response, account.version)
    return _view(account)


@routes.add(
    "DELETE",
    "/accounts/{number}",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
    sudo=True,
    status=204,
)
async def remove_account(
    number: AccountId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> None:
    """Remove an account with its sessions, keys and factors. The library stays as it is."""
    _check_other(caller, number)
    account = await app.people.accounts.get(number)
    event = app.people.audit.entry(
        Event.ACCOUNT_REMOVED, visitor, by=caller, account=number, name=account.name
    )
    await app.people.accounts.remove(number, also=event)


@routes.add(
    "POST",
    "/accounts/{number}/reset",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.SECRET,
    errors=(NotFound,),
    sudo=True,
    status=201,
)
async def offer_reset(
    number: AccountId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> InvitationView:
    """Make a token with which its owner chooses a new password. Second factors stay."""
    return _invitation(await app.people.admission.offer_reset(number, visitor, by=caller))


@routes.add(
    "DELETE",
    "/accounts/{number}/factors",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def reset_factors(
    number: AccountId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> None:
    """Take all second factors from somebody who has lost them; their sessions end."""
    _check_other(caller, number)
    event = app.people.audit.entry(
        Event.FACTOR_REMOVED, visitor, by=caller, account=number, factor="all"
    )
    await app.people.accounts.reset_factors(number, also=event)


@routes.add(
    "GET",
    "/accounts/{number}/sessions",
    scope=Scope.ACCOUNTS_READ,
    rate=Rate.READ,
    errors=(NotFound,),
)
async def list_sessions(number: AccountId, app: AppDep, caller: CallerDep) -> Page[SessionView]:
    """List the browsers that are signed in to an account."""
    await app.people.accounts.get(number)
    sessions = await app.people.sessions.list(number)
    return Page(items=tuple(view_of(one, caller) for one in sessions), next=None)


@routes.add(
    "DELETE",
    "/accounts/{number}/sessions",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def end_sessions(
    number: AccountId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> None:
    """Sign an account out everywhere, but for the browser that asks."""
    await app.people.accounts.get(number)
    event = app.people.audit.entry(
        Event.SESSION_ENDED, visitor, by=caller, account=number, ended="all"
    )
    await app.people.sessions.revoke_others(number, keep=caller.via, also=event)


@routes.add(
    "DELETE",
    "/accounts/{number}/sessions/{session_id}",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def end_session(
    number: AccountId, session_id: SessionId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> None:
    """Sign one browser of an account out."""
    event = app.people.audit.entry(
        Event.SESSION_ENDED, visitor, by=caller, account=number, ended=session_id
    )
    await app.people.sessions.revoke(number, session_id, also=event)


@routes.add(
    "GET",
    "/accounts/{number}/api-keys",
    scope=Scope.ACCOUNTS_READ,
    rate=Rate.READ,
    errors=(NotFound,),
)
async def list_keys_of(number: AccountId, app: AppDep) -> Page[KeyView]:
    """List the API keys of an account."""
    await app.people.accounts.get(number)
    keys = await app.people.api_keys.list(number)
    return Page(items=tuple(key_view(one) for one in keys), next=None)


@routes.add(
    "DELETE",
    "/accounts/{number}/api-keys/{key_id}",
    scope=Scope.ACCOUNTS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def remove_key_of(
    number: AccountId, key_id: KeyId, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> None:
    """Remove an API key of an account; it is void at once."""
    event = app.people.audit.entry(
        Event.KEY_REMOVED, visitor, by=caller, account=number, key=key_id
    )
    await app.people.api_keys.revoke(number, key_id, also=event)


def _check_other(caller: Caller, number: int) -> None:
    if caller.account.id == number:
        raise Forbidden("Another administrator must do this to your account.")


def _view(account: Account) -> AccountView:
    return AccountView(
        id=account.id,
        name=account.name,
        role=account.role,
        disabled=account.disabled,
        created_at=moment(account.created_at),
        signed_in_at=iso(account.signed_in_at),
        version=account.version,
    )


def _invitation(invitation: Invitation) -> InvitationView:
    return InvitationView(token=invitation.token, expires_at=moment(invitation.expires_at))
