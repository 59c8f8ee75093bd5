"""The log of decisions: what one did, how far it is, and the way back."""

from functools import partial
from typing import Annotated

from fastapi import Path, Response

from gatherum.accounts.model import Role, Scope
from gatherum.curating.settings import KIND as SETTINGS
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.web.deciding import Decision, answer, check_may_change, decision_of, may_see
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routes.editing import ACCEPTED
from gatherum.web.routing import AppDep, CallerDep, Routes, VisitorDep

routes = Routes("Decisions")
Number = Annotated[int, Path(ge=1, le=2**62, description="The number of a decision.")]


@routes.add("GET", "/decisions", scope=Scope.LIBRARY_READ, rate=Rate.READ, errors=(InvalidInput,))
async def list_decisions(
    app: AppDep, caller: CallerDep, limit: Limit = 100, cursor: Cursor = None
) -> Page[Decision]:
    """List one's own decisions, the latest first; for an administrator those of all."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput("This cursor did not come from here.")
    found = await app.decisions.list(
        author=None if caller.account.role is Role.ADMIN else caller.account.id,
        limit=limit + 1,
        before=None if cursor is None else min(int(cursor), 2**62),
    )
    items = tuple(decision_of(view, caller) for view in found[:limit])
    return Page(items, str(items[-1].id) if len(found) > limit else None)


@routes.add(
    "GET", "/decisions/{number}", scope=Scope.LIBRARY_READ, rate=Rate.READ, errors=(NotFound,)
)
async def get_decision(number: Number, app: AppDep, caller: CallerDep) -> Decision:
    """Show a decision, and how far it is."""
    view = await app.decisions.get(number)
    if not may_see(view, caller):
        raise NotFound("There is no such decision.")
    return decision_of(view, caller)


@routes.add(
    "POST",
    "/decisions/{number}/undo",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict, Stale),
    described=ACCEPTED,
)
async def undo_decision(
    number: Number, app: AppDep, caller: CallerDep, visitor: VisitorDep, response: Response
) -> Decision:
    """Give back what was before a decision, where nobody has changed it since: a new decision.

    To undo that one is to redo this one.
    """
    old, author = await app.decisions.get(number), caller.account.id
    check_may_change(old, caller)
    if old.kind == SETTINGS:
        told = partial(app.people.audit.settings_change, visitor=visitor, by=caller)
        view = await app.setting_decisions.undo(number, author=author, recorded=told)
    else:
        view = await app.batches.undo(number, author=author)
    return answer(view, caller, response)
