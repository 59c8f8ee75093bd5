"""Logins of platforms: that they exist, where they count and who uses them; never their cookies."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import Field, SecretStr

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Caller, Scope
from gatherum.acquiring.login_use import LoginUse
from gatherum.app import App
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused, Stale, Unavailable
from gatherum.fetching.logins import Login
from gatherum.fetching.standings import Standing
from gatherum.model import Reason
from gatherum.providers.forums.login_form import Credentials
from gatherum.web.leaving import unless_gone
from gatherum.web.limits import Rate
from gatherum.web.login_views import LoginList, LoginView, Woken, login_view
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Logins of platforms")
LoginId = Annotated[int, Field(ge=1, le=2**53)]
Number = Annotated[int, Path(ge=1, le=2**53)]
Cookies = Annotated[str, Field(min_length=1, max_length=1 << 20)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Platform = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_.-]*$")]
UserAgent = Annotated[str, Field(max_length=500, pattern=r"^[\x20-\x7e]*$")]


class NewLogin(Body):
    """Cookies of somebody who is logged in: a cookies.txt, or the JSON of a browser extension.

    `user_agent` is what the browser calls itself that they are from: requests with them say the same.
    """

    platform: Platform = ""  # '' for any
    name: Name
    cookies: Cookies
    user_agent: UserAgent = ""


class LoginChange(Body):
    """What a login is called."""

    name: Name


class NewCookies(Body):
    """The cookies of a login, anew, and what their browser calls itself; none: as it was."""

    cookies: Cookies
    user_agent: UserAgent | None = None


class ForumKey(Body):
    """Who somebody is on a forum: it is sent there once, and the password is kept nowhere."""

    url: Annotated[str, Field(min_length=1, max_length=8192)]  # the forum's host, or a link to it
    name: Name
    password: SecretStr = Field(min_length=1, max_length=1000)
    code: Annotated[str, Field(min_length=1, max_length=32)] | None = None  # of a second factor


class LinkToTest(Body):
    """The link that a login should open; none: one that it is used for."""

    url: Annotated[str, Field(max_length=8192)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTest:
    """What is seen of a link with a login. `reason` says why that is nothing, or less."""

    ok: bool
    url: str
    posts: int  # on the first page
    reason: Reason | None
    detail: str | None


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
    used, standings = await app.subscriptions.by_login(), await app.standings.all()
    now = app.clock.now()
    return LoginList(
        tuple(
            login_view(one, used, standings.get(one.id, Standing()), now=now)
            for one in await app.logins.list()
        )
    )


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
    """Keep the cookies of a login; what waits for one on its platform gets it and goes on."""
    name = body.name.strip()
    event = app.people.audit.entry(Event.LOGIN_CHANGED, visitor, by=caller, added=name)
    made = await app.logins.add(
        body.platform, name, body.cookies, user_agent=body.user_agent, also=event
    )
    return await _woken(app, caller, made, response)


@routes.add(
    "POST",
    "/logins/sign-in",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict, Refused, Unavailable),
    sudo=True,
    status=201,
)
async def sign_in_to_forum(
    body: ForumKey,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    request: Request,
    response: Response,
) -> LoginView:
    """Sign in to a forum, and keep the cookies that it sets; an older login of this name gets them.

    A wrong password is refused as input, and so is a second factor without its code (the problem
    `code-needed`); a captcha is for a person with a browser.
    """
    given = Credentials(
        name=body.name.strip(), password=body.password.get_secret_value(), code=body.code
    )
    event = app.people.audit.entry(
        Event.LOGIN_CHANGED, visitor, by=caller, added=given.name, signed_in=True
    )
    made = await unless_gone(request, app.forum_sign_in.sign_in(body.url, given, also=event))
    return await _woken(app, caller, made, response)


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
    """Give a login new cookies; what waits for it, or for one on its platform, goes on with them."""
    event = app.people.audit.entry(
        Event.LOGIN_CHANGED, visitor, by=caller, login=number, renewed=True
    )
    version = version_of(if_match)
    changed = await app.logins.renew(
        number, body.cookies, user_agent=body.user_agent, version=version, also=event
    )
    return await _woken(app, caller, changed, response)


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


@routes.add(
    "POST",
    "/logins/{number}/resume",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
)
async def resume_login(
    number: Number, *, app: AppDep, caller: CallerDep, visitor: VisitorDep, response: Response
) -> LoginView:
    """Use a login again that was parked: its person has seen to what the platform wanted."""
    login = await app.logins.get(number)
    await app.people.audit.record(
        Event.LOGIN_CHANGED, visitor, by=caller, login=number, resumed=True
    )
    await app.standings.resume(number)
    return await _woken(app, caller, login, response)


@routes.add(
    "POST",
    "/logins/{number}/test",
    scope=Scope.LOGINS_WRITE,
    rate=Rate.HEAVY,
    errors=(InvalidInput, NotFound, Conflict),
)
async def test_login(
    number: Number,
    body: LinkToTest,
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    request: Request,
) -> LoginTest:
    """Look at the first page behind a link with a login. It ends when the client goes away.

    Without a link it is that of the newest subscription that uses the login, else of the newest job.
    What everybody sees is no test: name a link that only the login opens.
    """
    login = await app.logins.get(number)
    if not login.readable:
        raise Conflict("This login was sealed with another key: give it fresh cookies.")
    url = body.url or await _use(app).link(number)
    await app.people.audit.record(Event.LOGIN_TESTED, visitor, by=caller, login=number)
    seen = await unless_gone(request, app.previews.look(url, number))
    return LoginTest(
        ok=seen.reason is None,
        url=seen.url,
        posts=seen.posts,
        reason=seen.reason,
        detail=seen.detail,
    )


def _use(app: App) -> LoginUse:
    return LoginUse(
        desk=app.desk, queue=app.queue, subscriptions=app.subscriptions, clock=app.clock
    )


async def _woken(app: App, caller: Caller, login: Login, response: Response) -> LoginView:
    """Wake what waits, as far as the caller may, and show the login."""
    use = _use(app)
    woken = Woken(
        subscriptions=await use.wake_subscriptions(login)
        if caller.may(Scope.FOLLOWING_WRITE)
        else 0,
        jobs=await use.wake_jobs(login) if caller.may(Scope.QUEUE_WRITE) else 0,
    )
    return replace(await _show(app, login, response), woken=woken)


async def _show(app: App, login: Login, response: Response) -> LoginView:
    set_etag(response, login.version)
    standings = await app.standings.all()
    return login_view(
        login,
        await app.subscriptions.by_login(),
        standings.get(login.id, Standing()),
        now=app.clock.now(),
    )
