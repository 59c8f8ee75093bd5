"""The recycle bin: what lies there, and letting go of it for ever."""

from fastapi import Request, Response

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Scope
from gatherum.curating.actions import PurgeMedia
from gatherum.curating.bin import BinPage, read_place
from gatherum.errors import InvalidInput, NotFound
from gatherum.settings import LibrarySettings
from gatherum.web.answers import Json
from gatherum.web.deciding import Decision, Ids, answer
from gatherum.web.limits import Rate
from gatherum.web.paging import Cursor, Limit
from gatherum.web.routes.editing import ACCEPTED
from gatherum.web.routes.media import show_to
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("Recycle bin")
EVERYTHING = 10_000_000  # media that are let go of at once
PURGE = PurgeMedia(kind="purge")


class Purging(Body):
    """Which media of the bin."""

    ids: Ids


@routes.add(
    "GET",
    "/trash",
    scope=Scope.LIBRARY_READ,
    rate=Rate.READ,
    errors=(InvalidInput,),
    model=BinPage,
)
async def list_trash(
    *,
    request: Request,
    app: AppDep,
    caller: CallerDep,
    purged: bool = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """List what is in the bin, the latest first; `purged`: what was deleted for ever instead."""
    behind = None if cursor is None else read_place(cursor)
    if cursor is not None and behind is None:
        raise InvalidInput("This cursor did not come from here.")
    days = (await app.preferences.get(LibrarySettings)).trash_days
    show = show_to(caller, request)
    return Json(await app.bin.page(show, limit=limit, days=days, behind=behind, purged=purged))


@routes.add(
    "POST",
    "/trash/empty",
    scope=Scope.PURGE,
    rate=Rate.BATCH,
    sudo=True,
    errors=(NotFound,),
    described=ACCEPTED,
)
async def empty_trash(
    app: AppDep, caller: CallerDep, visitor: VisitorDep, response: Response
) -> Decision:
    """Remove the files of all media in the bin for ever. There is no way back."""
    ids = await app.bin.ids()
    if ids:
        await app.people.audit.record(Event.PURGED, visitor, by=caller, media=len(ids))
    view = await app.batches.run(PURGE, ids, author=caller.account.id, most=EVERYTHING)
    return answer(view, caller, response)


@routes.add(
    "POST",
    "/trash/purge",
    scope=Scope.PURGE,
    rate=Rate.BATCH,
    sudo=True,
    errors=(NotFound,),
    described=ACCEPTED,
)
async def purge_media(
    body: Purging, app: AppDep, caller: CallerDep, visitor: VisitorDep, response: Response
) -> Decision:
    """Remove the files of some media in the bin for ever. There is no way back."""
    # First of all: what cannot be written down is not done.
    await app.people.audit.record(Event.PURGED, visitor, by=caller, media=len(body.ids))
    view = await app.batches.run(PURGE, body.ids, author=caller.account.id)
    return answer(view, caller, response)
