"""Logins of platforms: that they exist, where they count and who uses them; never their cookies."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Caller, Scope
from gatherum.app import App
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from gatherum.fetching.logins import Login
from gatherum.moments import Moment, iso, moment
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Logins of platforms")
LoginId = Annotated[int, Field(ge=1, le=2**53)]
Number = Annotated[int, Path(ge=1, le=2**53)]
Cookies = Annotated[str, Field(min_length=1, max_length=1 << 20)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Platform = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_.-]*$")]


class NewLogin(Body):
    """Cookies of somebody who is logged in: a cookies.txt, or the JSON of a browser extension."""

    platform: Platform = ""  # '' for any
    name: Name
    cookies: Cookies


class LoginChange(Body):
    """What a login is called."""

    name: Name


class NewCookies(Body):
    """The cookies of a login, anew."""

    cookies: Cookies


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A subscription that uses a login."""

    id: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """A login. Its cookies are never told. Times are seconds since 1970."""

    id: int
    platform: str
    name: str
    created_at: Moment
    version: int
    sites: tuple[str, ...]
    expires_at: Moment | None
    readable: bool
    used_by: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class LoginList:
    """All logins."""

    items: tuple[LoginView, ...]


async def check_login(app: App, caller: Caller, login: int | None) -> None:
    """Raise unless the caller may use this login, and it exists; None is no login."""
    if login is None:
        return
    if not caller.may(Scope.LOGINS_READ):
        raise Forbidden("Your account, or this key, may not use logins.")
    await app.logins.get(login)


@routes.add("GET", "/logins", scope=Scope.LOGINS_READ, rate=Rate.READ)
async def list_logins(app: AppDep) -> LoginList:
    """Show all logins."""
    used = await app.subscriptions.by_login()
    return LoginList(tuple(_view(one, used) for one in await app.logins.list()))


@routes.add("GET", "/logins/{number}", scope=Scope.LOGINS_READ, rate=Rate.READ, errors=(NotFound,))
async def get_login(number: Number, app: AppDep, response: Response) -> LoginView:
    """Show a login."""
    return await _show(app, await app.logins.get(number), response)


@routes.add(
    "POST",
    "/logins",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict),
    sudo=True,
    status=201,
)
async def add_login(
    body: NewLogin, *, app: AppDep, caller: CallerDep, visitor: VisitorDep, response: Response
) -> LoginView:
    """Keep the cookies of a login."""
    name = body.name.strip()
    event = app.people.audit.entry(Event.LOGIN_CHANGED, visitor, by=caller, added=name)
    made = await app.logins.add(body.platform, name, body.cookies, also=event)
    return await _show(app, made, response)


@routes.add(
    "PATCH",
    "/logins/{number}",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Stale),
)
async def rename_login(
    number: Number,
    body: LoginChange,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    response: Response,
    if_match: IfMatch = None,
) -> LoginView:
    """Call a login by another name."""
    name = body.name.strip()
    event = app.people.audit.entry(
        Event.LOGIN_CHANGED, visitor, by=caller, login=number, renamed=name
    )
    version = version_of(if_match)
    changed = await app.logins.rename(number, name, version=version, also=event)
    return await _show(app, changed, response)


@routes.add(
    "PUT",
    "/logins/{number}/cookies",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.SECRET,
    errors=(InvalidInput, NotFound, Stale),
    sudo=True,
)
async def replace_cookies(
    number: Number,
    body: NewCookies,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    response: Response,
    if_match: IfMatch = None,
) -> LoginView:
    """Give a login new cookies; whoever uses it goes on with them."""
    event = app.people.audit.entry(
        Event.LOGIN_CHANGED, visitor, by=caller, login=number, renewed=True
    )
    version = version_of(if_match)
    changed = await app.logins.renew(number, body.cookies, version=version, also=event)
    return await _show(app, changed, response)


@routes.add(
    "DELETE",
    "/logins/{number}",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound, Stale, Conflict),
    sudo=True,
    status=204,
)
async def remove_login(
    number: Number,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    if_match: IfMatch = None,
) -> None:
    """Forget a login. What subscriptions use stays until they use another one."""
    if users := (await app.subscriptions.by_login()).get(number, ()):
        count = f"{len(users)} subscription{'s' if len(users) > 1 else ''}"
        raise Conflict(f"A login that is in use stays: {count} would have none.")
    event = app.people.audit.entry(
        Event.LOGIN_CHANGED, visitor, by=caller, login=number, removed=True
    )
    await app.logins.remove(number, version=version_of(if_match), also=event)


async def _show(app: App, login: Login, response: Response) -> LoginView:
    set_etag(response, login.version)
    return _view(login, await app.subscriptions.by_login())


def _view(login: Login, used: dict[int, tuple[tuple[int, str], ...]]) -> LoginView:
    return LoginView(
        id=login.id,
        platform=login.platform,
        name=login.name,
        created_at=moment(login.created_at),
        version=login.version,
        sites=login.sites,
        expires_at=iso(login.expires_at),
        readable=login.readable,
        used_by=tuple(User(id=number, title=title) for number, title in used.get(login.id, ())),
    )
