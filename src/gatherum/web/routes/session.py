"""Signing in and out, and proving again who one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Path, Request, Response
from pydantic import Field, JsonValue, SecretStr

from gatherum.accounts.model import Scope
from gatherum.accounts.passwords import LONGEST
from gatherum.errors import InvalidInput, NotFound, NotSignedIn
from gatherum.ports import Json as JsonData
from gatherum.web.answers import Json
from gatherum.web.cookies import CookieDep
from gatherum.web.enrolment import check_session
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("Signing in")
FactorName = Annotated[str, Path(max_length=40, description="totp, passkey, duo or recovery")]


class Credentials(Body):
    """A name and its password."""

    name: str = Field(min_length=1, max_length=256)
    password: SecretStr = Field(min_length=1, max_length=LONGEST)


class Proof(Body):
    """The password, or a second factor with its answer."""

    password: SecretStr | None = Field(default=None, min_length=1, max_length=LONGEST)
    factor: str | None = Field(default=None, max_length=40)
    answer: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactorsDue:
    """The second factors that one may choose from; one of them must follow within 5 minutes."""

    factors: tuple[str, ...]


@routes.add(
    "POST",
    "/session",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=(NotSignedIn,),
    model=FactorsDue,
    described={204: {"description": "Signed in: the cookie is set."}},
)
async def sign_in(
    body: Credentials, app: AppDep, visitor: VisitorDep, cookie: CookieDep
) -> Response:
    """Sign in by name and password. Where a second factor is due, say which there are."""
    entered = await app.people.signing_in.by_password(
        body.name, body.password.get_secret_value(), visitor, replaces=cookie.token
    )
    full = not entered.factors
    response = Response(status_code=204) if full else Json(FactorsDue(entered.factors))
    await cookie.set(response, entered.token, full=full)
    return response


@routes.add("DELETE", "/session", scope=OPEN, rate=Rate.WRITE, status=204)
async def sign_out(
    app: AppDep, visitor: VisitorDep, cookie: CookieDep, request: Request
) -> Response:
    """Sign out: the session ends, and the browser forgets what it kept of ours."""
    if cookie.token is not None:
        await app.people.signing_in.sign_out(cookie.token, visitor, caller=request.state.caller)
    response = Response(status_code=204)
    cookie.clear(response)
    return response


@routes.add(
    "POST",
    "/session/sudo",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput, NotFound),
    status=204,
)
async def enter_sudo(
    body: Proof, app: AppDep, caller: CallerDep, visitor: VisitorDep, cookie: CookieDep
) -> Response:
    """Prove again who one is: for ten minutes the session may do what matters most."""
    check_session(caller)
    if (body.password is None) is (body.factor is None):
        raise InvalidInput("Send the password, or a factor with its answer.")
    if body.password is not None:
        token = await app.people.signing_in.sudo_by_password(
            caller, body.password.get_secret_value(), visitor
        )
    else:
        answer = cast(Mapping[str, JsonData], body.answer)
        token = await app.people.signing_in.sudo_by_factor(
            caller, body.factor or "", answer, visitor
        )
    response = Response(status_code=204)
    await cookie.set(response, token)
    return response


@routes.add(
    "POST",
    "/session/sudo/{factor}",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(NotFound,),
)
async def begin_sudo(factor: FactorName, app: AppDep, caller: CallerDep) -> dict[str, JsonValue]:
    """Begin a factor for the sudo mode: answer what the browser needs, {} for codes."""
    check_session(caller)
    return cast(dict[str, JsonValue], dict(await app.people.signing_in.begin_sudo(caller, factor)))
