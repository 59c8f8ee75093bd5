"""The audit, for administrators."""

from typing import Annotated

from fastapi import Query

from gatherum.accounts.audit import Entry
from gatherum.accounts.model import Scope
from gatherum.errors import InvalidInput
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit, Page
from gatherum.web.routing import AppDep, Routes

routes = Routes("The audit")
EventName = Annotated[
    str | None,
    Query(
        max_length=40,
        pattern=r"^[a-z_.]+$",
        description="Only events that begin so: `sign_in`, `sudo.failed`.",
    ),
]
OfAccount = Annotated[
    int | None, Query(ge=1, le=2**53, description="Only what one account did, though it be gone.")
]


@routes.add("GET", "/audit", scope=Scope.AUDIT_READ, rate=Rate.HEAVY, errors=(InvalidInput,))
async def list_audit(
    app: AppDep,
    limit: Limit = 100,
    cursor: Cursor = None,
    event: EventName = None,
    account: OfAccount = None,
) -> Page[Entry]:
    """List what was done that matters for safety, the newest first."""
    entries, following = await app.people.audit.list(
        limit=limit, cursor=cursor, event=event, account_id=account
    )
    return Page(items=entries, next=following)
