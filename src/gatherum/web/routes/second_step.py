"""The second step of signing in, and the one that needs no first: a passkey."""

from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Path, Request, Response
from pydantic import Field, JsonValue

from gatherum.accounts.audit import Event
from gatherum.accounts.signing_in import due_factors
from gatherum.errors import Conflict, NotFound, NotSignedIn, Refused, Unavailable
from gatherum.web.answers import Json
from gatherum.web.cookies import CookieDep
from gatherum.web.handshake_cookies import PASSKEY, clear_handshake, find_handshake, set_handshake
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, Body, Routes, VisitorDep

routes = Routes("Signing in")
FactorName = Annotated[str, Path(max_length=40, description="totp, passkey, duo or recovery")]
Text = Annotated[str, Field(min_length=1, max_length=1024)]
Credential = Annotated[dict[str, Any], Field(description="PublicKeyCredential.toJSON()")]


class FactorAnswer(Body):
    """Empty, or `begin`: what does the browser need? Else the answer, in the factor's own words."""

    begin: bool = False
    code: Text | None = None  # of an app, a recovery code, or what Duo sent back
    state: Text | None = None  # what Duo sent back
    credential: Credential | None = None  # of a passkey


class PasskeyProof(Body):
    """What the device has signed."""

    credential: Credential


@dataclass(frozen=True, slots=True)
class FactorsLeft:
    """The second factors that the session may choose from."""

    factors: tuple[str, ...]


@routes.add("GET", "/session/factors", scope=OPEN, rate=Rate.SIGN_IN, errors=(NotSignedIn,))
async def list_factors_due(app: AppDep, cookie: CookieDep) -> FactorsLeft:
    """Say which second factors a sign-in that has begun may go on with."""
    session = await app.people.signing_in.pending(cookie.token)
    return FactorsLeft(await due_factors(app.people.factors, session.account.id))


@routes.add(
    "POST",
    "/session/factors/{factor}",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=(NotSignedIn, NotFound, Conflict, Refused, Unavailable),
    model=dict[str, JsonValue],
    described={204: {"description": "Signed in: the cookie is another one."}},
)
async def prove_factor(
    factor: FactorName, body: FactorAnswer, app: AppDep, visitor: VisitorDep, cookie: CookieDep
) -> Response:
    """Begin a second factor (`{}`), or answer it: then one is signed in."""
    answer = body.model_dump(exclude_unset=True, exclude={"begin"})
    if body.begin or not answer:
        return Json(dict(await app.people.signing_in.begin_factor(cookie.token, factor)))
    entered = await app.people.signing_in.by_factor(cookie.token, factor, answer, visitor)
    response = Response(status_code=204)
    await cookie.set(response, entered.token)
    return response


@routes.add("POST", "/session/passkey/options", scope=OPEN, rate=Rate.SIGN_IN)
async def begin_passkey_sign_in(
    app: AppDep, request: Request, response: Response
) -> dict[str, JsonValue]:
    """Give the browser what a passkey signs; no name is needed."""
    browser = set_handshake(response, request.app.state.site, PASSKEY)
    return cast(dict[str, JsonValue], dict(await app.people.passkeys.begin_sign_in(browser)))


@routes.add(
    "POST", "/session/passkey", scope=OPEN, rate=Rate.SIGN_IN, errors=(NotSignedIn,), status=204
)
async def sign_in_by_passkey(
    body: PasskeyProof, request: Request, app: AppDep, visitor: VisitorDep, cookie: CookieDep
) -> Response:
    """Sign in by a passkey: it is both factors at once."""
    site = request.app.state.site
    browser = find_handshake(request, site, PASSKEY)
    owner = browser and await app.people.passkeys.finish_sign_in(browser, body.credential)
    if not owner:
        await app.people.audit.record(Event.SIGN_IN_FAILED, visitor, method="passkey")
        raise NotSignedIn("This passkey does not open anything here: try again.")
    entered = await app.people.signing_in.by_proof(
        owner, visitor, method="passkey", strong=True, replaces=cookie.token
    )
    response = Response(status_code=204)
    await cookie.set(response, entered.token)
    clear_handshake(response, site, PASSKEY)
    return response
