"""Short-lived bearer tokens, for programs in which a person is signed in."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Scope
from gatherum.errors import Forbidden
from gatherum.moments import Moment, moment
from gatherum.web.enrolment import check_session
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("Bearer tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerToken:
    """A token for `Authorization: Bearer`. It ends with its session, else at `expires_at`."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_at: Moment
    expires_in: int  # seconds


class NewToken(Body):
    """What a token may do; without scopes: all that one may do oneself."""

    scopes: set[Scope] | None = Field(default=None, min_length=1)


@routes.add("POST", "/tokens", scope=Scope.SELF, rate=Rate.SIGN_IN, errors=(Forbidden,), status=201)
async def make_token(
    body: NewToken, app: AppDep, caller: CallerDep, visitor: VisitorDep
) -> BearerToken:
    """Make a bearer token from the session that asks. It lasts ten minutes and is never in sudo mode."""
    check_session(caller)
    if body.scopes is not None and not body.scopes <= caller.scopes:
        raise Forbidden("Your account may not do all of this itself.")
    token, until = app.people.tokens.make(caller.account.id, caller.via, scopes=body.scopes)
    await app.people.audit.record(Event.TOKEN_MADE, visitor, by=caller)
    return BearerToken(
        access_token=token,
        token_type="Bearer",  # noqa: S106 - that is the kind's name
        expires_at=moment(until),
        expires_in=round(until - app.clock.now()),
    )
