"""Signing in at an OpenID provider, and linking one's account to it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from gatherum.accounts.model import Scope
from gatherum.accounts.oidc import Callback, Purpose
from gatherum.errors import (
    Conflict,
    Forbidden,
    GatherumError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.moments import Moment, moment
from gatherum.web.cookies import CookieDep
from gatherum.web.enrolment import check_session
from gatherum.web.errors import kind_of
from gatherum.web.handshake_cookies import OPENID, clear_handshake, find_handshake, set_handshake
from gatherum.web.limits import Rate
from gatherum.web.routing import (
    OPEN,
    AppDep,
    Body,
    CallerDep,
    Routes,
    VisitorDep,
    get_caller,
)
from gatherum.web.site import Site

routes = Routes("OpenID")
SIGN_IN = "/sign-in"  # the page where people begin, and are told what went wrong
SECOND_STEP = "/sign-in/factor"
After = Annotated[str, Query(max_length=500, description="The page of ours that comes next.")]
Told = Annotated[str, Field(max_length=4096)]
IdentityId = Annotated[str, Path(max_length=32, description="`id` of an identity, as listed.")]
FAILURES = (NotSignedIn, Forbidden, Conflict, Refused, Unavailable, UnexpectedResponse)


class Sent(BaseModel):
    """What a provider sends the browser back with; it may say more than we read."""

    state: Told = ""
    code: Told = ""
    iss: Told = ""
    error: Told = ""


class NextPage(Body):
    """Which page of ours comes next."""

    after: str = Field(default="/", max_length=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How one can sign in here. `openid`: what its button says, null where it is not offered."""

    password: bool
    passkey: bool
    openid: str | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the browser goes next: a page of the provider."""

    url: str


@dataclass(frozen=True, slots=True)
class IdentityView:
    """Who one is at an OpenID provider. `id` is for addresses."""

    id: str
    issuer: str
    subject: str
    created_at: Moment


@dataclass(frozen=True, slots=True)
class IdentityList:
    """Who one is at OpenID providers."""

    items: tuple[IdentityView, ...]


@routes.add("GET", "/session/ways", scope=OPEN, rate=Rate.READ)
async def list_ways(app: AppDep) -> Ways:
    """Say how one can sign in."""
    return Ways(password=True, passkey=True, openid=await app.people.openid.label())


@routes.add(
    "GET",
    "/session/oidc",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput, *FAILURES),
    status=303,
    answer=Response,
)
async def begin_oidc(request: Request, app: AppDep, after: After = "/") -> Response:
    """Send the browser to the provider; it comes back signed in, to the page `after`."""
    site: Site = request.app.state.site
    response = Response(status_code=303)
    browser = set_handshake(response, site, OPENID)
    try:
        response.headers["Location"] = await app.people.openid.begin(browser, after)
    except FAILURES as error:
        return _told(request, site, error)
    return response


@routes.add(
    "GET",
    "/session/oidc/callback",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=FAILURES,
    status=303,
    answer=Response,
)
async def finish_oidc(
    request: Request,
    app: AppDep,
    visitor: VisitorDep,
    cookie: CookieDep,
    sent: Annotated[Sent, Query()],
) -> Response:
    """Take what the provider has sent the browser back with: one is signed in, or linked."""
    site: Site = request.app.state.site
    callback = Callback(state=sent.state, code=sent.code, issuer=sent.iss, error=sent.error)
    browser = find_handshake(request, site, OPENID)
    try:
        arrival = await app.people.openid.finish(browser, callback, visitor, request.state.caller)
        response = _to(site, arrival.after)
        if arrival.purpose is Purpose.LINK:
            return _leave(response, site)
        if arrival.purpose is Purpose.SUDO:
            token = await app.people.signing_in.sudo_by_proof(
                get_caller(request), visitor, method="oidc"
            )
            await cookie.set(response, token)
            return _leave(response, site)
        entered = await app.people.signing_in.by_proof(
            arrival.account_id,
            visitor,
            method="oidc",
            strong=False,
            fresh=arrival.fresh,
            replaces=cookie.token,
        )
    except FAILURES as failure:
        return _leave(_told(request, site, failure), site)
    if entered.factors:
        response = _to(site, f"{SECOND_STEP}?{urlencode({'after': arrival.after})}")
    await cookie.set(response, entered.token, full=not entered.factors)
    return _leave(response, site)


@routes.add(
    "POST",
    "/me/identities",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput, Conflict, Refused, Unavailable, UnexpectedResponse),
    sudo=True,
)
async def begin_linking(
    body: NextPage, request: Request, response: Response, caller: CallerDep, app: AppDep
) -> Elsewhere:
    """Begin to link one's own account; the browser goes to the provider and comes back."""
    browser = set_handshake(response, request.app.state.site, OPENID)
    return Elsewhere(await app.people.openid.begin_for(caller, browser, body.after, Purpose.LINK))


@routes.add(
    "POST",
    "/session/oidc/sudo",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput, Conflict, Refused, Unavailable, UnexpectedResponse),
)
async def begin_oidc_sudo(
    body: NextPage, request: Request, response: Response, caller: CallerDep, app: AppDep
) -> Elsewhere:
    """Begin to prove again who one is, at the provider: it asks anew, whatever it remembers."""
    check_session(caller)
    browser = set_handshake(response, request.app.state.site, OPENID)
    return Elsewhere(await app.people.openid.begin_for(caller, browser, body.after, Purpose.SUDO))


@routes.add("GET", "/me/identities", scope=Scope.SELF, rate=Rate.READ)
async def list_identities(caller: CallerDep, app: AppDep) -> IdentityList:
    """Show who one is at OpenID providers."""
    found = await app.people.identities.list(caller.account.id)
    return IdentityList(
        tuple(
            IdentityView(
                id=one.id,
                issuer=one.issuer,
                subject=one.subject,
                created_at=moment(one.created_at),
            )
            for one in found
        )
    )


@routes.add(
    "DELETE",
    "/me/identities/{identity}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
    sudo=True,
    status=204,
)
async def unlink_identity(
    identity: IdentityId, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> None:
    """Remove a link; other sessions end."""
    await app.people.identities.unlink(caller, visitor, identity)


def _to(site: Site, path: str) -> Response:
    return Response(status_code=303, headers={"Location": f"{site.base_path}{path}"})


def _told(request: Request, site: Site, error: GatherumError) -> Response:
    """Tell what went wrong: a person on the page where they began, a program as everywhere."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    return _to(site, f"{SIGN_IN}?{urlencode({'problem': kind_of(type(error))})}")


def _leave(response: Response, site: Site) -> Response:
    clear_handshake(response, site, OPENID)
    return response
