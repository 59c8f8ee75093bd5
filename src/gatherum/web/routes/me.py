"""One's own account."""

from dataclasses import dataclass

from gatherum.accounts.model import Scope
from gatherum.web.limits import Rate
from gatherum.web.routing import CallerDep, Routes

routes = Routes("One's own account")


@dataclass(frozen=True, slots=True)
class Me:
    """Who one is here, and what one may do."""

    id: int
    name: str
    role: str
    scopes: tuple[str, ...]
    must_enrol: bool  # a second factor is asked for before anything else


@routes.add("GET", "/me", scope=Scope.SELF, rate=Rate.READ)
async def get_me(caller: CallerDep) -> Me:
    """Say who is signed in."""
    return Me(
        id=caller.account.id,
        name=caller.account.name,
        role=caller.account.role,
        scopes=tuple(sorted(caller.scopes)),
        must_enrol=caller.must_enrol,
    )
