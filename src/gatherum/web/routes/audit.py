"""The audit, for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from gatherum.accounts.audit import Entry
from gatherum.accounts.model import Scope
from gatherum.errors import InvalidInput
from gatherum.moments import Moment, moment
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit. `account_id` may be of an account that is gone; `name` is from then."""

    id: int
    at: Moment
    event: str
    account_id: int | None
    name: str
    address: str
    session: str
    detail: Mapping[str, object]


@routes.add("GET", "/audit", scope=Scope.AUDIT_READ, rate=Rate.HEAVY, errors=(InvalidInput,))
async def list_audit(
    app: AppDep,
    limit: Limit = 100,
    cursor: Cursor = None,
    event: EventName = None,
    account: OfAccount = None,
) -> Page[AuditEntry]:
    """List what was done that matters for safety, the newest first."""
    entries, following = await app.people.audit.list(
        limit=limit, cursor=cursor, event=event, account_id=account
    )
    return Page(items=tuple(map(_view, entries)), next=following)


def _view(entry: Entry) -> AuditEntry:
    return AuditEntry(
        id=entry.id,
        at=moment(entry.at),
        event=entry.event,
        account_id=entry.account_id,
        name=entry.name,
        address=entry.address,
        session=entry.session,
        detail=entry.detail,
    )
