"""API keys of one's own."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path
from pydantic import AwareDatetime, Field

from gatherum.accounts.audit import Also, Event
from gatherum.accounts.keys import ApiKey
from gatherum.accounts.model import Scope
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound
from gatherum.moments import Moment, iso, moment
from gatherum.web.limits import Rate
from gatherum.web.paging import Page
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("API keys")
KeyId = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-z]+$", description="`id` of a key.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key; its text is never told again."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    expires_at: Moment | None
    used_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedKey:
    """A key that was made, and its text: told this once."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    expires_at: Moment | None
    key: str


class NewKey(Body):
    """What a key is called, what it may do, and until when."""

    name: str = Field(min_length=1, max_length=64)
    scopes: set[Scope] = Field(min_length=1)
    expires_at: AwareDatetime | None = None


@routes.add("GET", "/api-keys", scope=Scope.SELF, rate=Rate.READ)
async def list_keys(app: AppDep, caller: CallerDep) -> Page[KeyView]:
    """List one's keys, the newest first."""
    keys = await app.people.api_keys.list(caller.account.id)
    return Page(items=tuple(key_view(one) for one in keys), next=None)


@routes.add(
    "POST",
    "/api-keys",
    scope=Scope.SELF,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict, Forbidden),
    sudo=True,
    status=201,
)
async def add_key(body: NewKey, app: AppDep, caller: CallerDep, visitor: VisitorDep) -> AddedKey:
    """Make a key. It may do no more than its account, at any time; its text is told this once."""

    def also(key: ApiKey) -> Also:
        return app.people.audit.entry(
            Event.KEY_ADDED, visitor, by=caller, key=key.id, scopes=sorted(key.scopes)
        )

    until = body.expires_at.timestamp() if body.expires_at is not None else None
    key, text = await app.people.api_keys.create(
        caller.account, name=body.name, scopes=body.scopes, expires_at=until, also=also
    )
    return AddedKey(
        id=key.id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        expires_at=iso(key.expires_at),
        key=text,
    )


@routes.add(
    "DELETE",
    "/api-keys/{key_id}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound,),
    status=204,
)
async def remove_key(key_id: KeyId, app: AppDep, caller: CallerDep, visitor: VisitorDep) -> None:
    """Remove a key of one's own; it is void at once."""
    event = app.people.audit.entry(Event.KEY_REMOVED, visitor, by=caller, key=key_id)
    await app.people.api_keys.revoke(caller.account.id, key_id, also=event)


def key_view(key: ApiKey) -> KeyView:
    """Return a key as it is listed."""
    return KeyView(
        id=key.id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        created_at=moment(key.created_at),
        expires_at=iso(key.expires_at),
        used_at=iso(key.used_at),
    )
