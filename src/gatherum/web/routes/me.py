"""One's own account."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import Field, SecretStr

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Caller, Scope
from gatherum.accounts.passwords import LONGEST
from gatherum.accounts.sessions import Session
from gatherum.accounts.signing_in import due_factors
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.moments import Moment, iso, moment
from gatherum.web.cookies import CookieDep
from gatherum.web.limits import Rate
from gatherum.web.paging import Page
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("One's own account")
SessionId = Annotated[
    str, Path(max_length=64, pattern=r"^[0-9a-z]+$", description="`id` of a session, as listed.")
]


@dataclass(frozen=True, slots=True)
class Me:
    """Who one is here, and what one may do."""

    id: int
    name: str
    role: str
    scopes: tuple[str, ...]
    must_enrol: bool  # a second factor is asked for before anything else
    proof: str  # session, key or token
    sudo_until: Moment | None  # until then no new proof is asked for; None: never proven
    factors: tuple[str, ...]  # the second factors that are set up
    has_password: bool
    position: str  # of the live events: what is read after this answer is as it was then, or newer


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is signed in."""

    id: str
    current: bool  # the one that asks
    methods: str  # how it was proven, such as password+totp
    created_at: Moment
    seen_at: Moment
    address: str
    agent: str


class NewPassword(Body):
    """The present password, and the one to come."""

    current: SecretStr = Field(max_length=LONGEST)
    new: SecretStr = Field(max_length=LONGEST)


@routes.add("GET", "/me", scope=Scope.SELF, rate=Rate.READ)
async def get_me(caller: CallerDep, app: AppDep, request: Request) -> Me:
    """Say who is signed in."""
    position = await request.app.state.live.newest()
    return Me(
        id=caller.account.id,
        name=caller.account.name,
        role=caller.account.role,
        scopes=tuple(sorted(caller.scopes)),
        must_enrol=caller.must_enrol,
        proof=caller.proof,
        sudo_until=iso(caller.sudo_until or None),
        factors=await due_factors(app.people.factors, caller.account.id),
        has_password=await app.people.accounts.password_of(caller.account.id) is not None,
        position=str(position),
    )


@routes.add(
    "PUT",
    "/me/password",
    scope=Scope.SELF,
    rate=Rate.SECRET,
    sudo=True,
    errors=(InvalidInput, Conflict),
    status=204,
)
async def change_password(
    body: NewPassword, caller: CallerDep, app: AppDep, visitor: VisitorDep, cookie: CookieDep
) -> Response:
    """Change one's password. All other sessions end; this one goes on under another cookie."""
    token = await app.people.signing_in.change_password(
        caller, body.current.get_secret_value(), body.new.get_secret_value(), visitor
    )
    response = Response(status_code=204)
    await cookie.set(response, token)
    return response


@routes.add("GET", "/me/sessions", scope=Scope.SELF, rate=Rate.READ)
async def list_my_sessions(caller: CallerDep, app: AppDep) -> Page[SessionView]:
    """List the browsers that are signed in to one's account, the one seen last first."""
    sessions = await app.people.sessions.list(caller.account.id)
    return Page(items=tuple(view_of(one, caller) for one in sessions), next=None)


@routes.add(
    "DELETE",
    "/me/sessions/{session_id}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound,),
    status=204,
)
async def end_my_session(
    session_id: SessionId, caller: CallerDep, app: AppDep, visitor: VisitorDep
) -> None:
    """Sign a browser of one's own out."""
    event = app.people.audit.entry(Event.SESSION_ENDED, visitor, by=caller, ended=session_id)
    await app.people.sessions.revoke(caller.account.id, session_id, also=event)


def view_of(session: Session, caller: Caller) -> SessionView:
    """Return a session as the one who asks may see it."""
    return SessionView(
        id=session.id,
        current=session.id == caller.via,
        methods=session.methods,
        created_at=moment(session.created_at),
        seen_at=moment(session.seen_at),
        address=session.address,
        agent=session.agent,
    )
