"""Edits of one media or thousands, of subscriptions in bulk; each is a decision that can be undone."""

from typing import Annotated, Any, Final

from fastapi import Path, Response
from pydantic import AwareDatetime, Field

from gatherum.accounts.model import Caller, Scope
from gatherum.app import App
from gatherum.curating.actions import (
    AllowMedia,
    EditMedia,
    EditSubscriptions,
    MediaAction,
    RestoreMedia,
    SubscriptionAction,
    Tags,
    TrashMedia,
    Why,
)
from gatherum.curating.preview import BatchPreview
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.library.editing import LONGEST_DESCRIPTION
from gatherum.web.deciding import Decision, Ids, Which, answer, decision_of
from gatherum.web.limits import Rate
from gatherum.web.routes.logins import check_login
from gatherum.web.routing import AppDep, Body, CallerDep, Routes
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Editing")
Number = Annotated[int, Path(ge=1, le=2**62, description="Our own number of it.")]
ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": Decision, "description": "A job is at it."}
}


class MediaEdit(Body):
    """What is to be otherwise; what is not sent stays as it is. Null takes a value away."""

    date: AwareDatetime | None = Field(None, description="null gives the platform's date back.")
    description: Annotated[str, Field(max_length=LONGEST_DESCRIPTION)] | None = None
    favourite: bool | None = None
    tags: Tags | None = Field(None, description="These and no others.")
    tags_add: Tags = ()
    tags_remove: Tags = ()


class MediaBatch(Which):
    """What is to be done to which media; `preview` only says what would be."""

    action: Annotated[MediaAction, Field(discriminator="kind")]
    preview: bool = False


class SubscriptionBatch(Body):
    """What is to be done to which subscriptions; `preview` only says what would be."""

    ids: Ids
    action: Annotated[SubscriptionAction, Field(discriminator="kind")]
    preview: bool = False


class Trashing(Body):
    """Why a media goes into the bin."""

    why: Why = ""


@routes.add(
    "PATCH",
    "/media/{media_id}",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict, Stale, InvalidInput),
)
async def edit_media(
    *,
    media_id: Number,
    body: MediaEdit,
    app: AppDep,
    caller: CallerDep,
    response: Response,
    if_match: IfMatch = None,
) -> Decision:
    """Change what people say of a media. The answer's ETag is the version that it has then."""
    try:
        action = EditMedia(kind="edit", **body.model_dump(exclude_unset=True))
    except ValueError as error:
        raise InvalidInput("Say what is to change, and each thing once.") from error
    view, version = await app.batches.run_one(
        action, media_id, author=caller.account.id, version=version_of(if_match)
    )
    set_etag(response, version)
    return answer(view, caller, response)


@routes.add(
    "POST",
    "/media/batch",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.BATCH,
    errors=(NotFound, InvalidInput),
    described=ACCEPTED,
)
async def batch_media(
    body: MediaBatch, app: AppDep, caller: CallerDep, response: Response
) -> Decision | BatchPreview:
    """Do something to many media, or say what it would do; a large one goes on as a job (202)."""
    ids = body.ids if body.query is None else await app.batches.find(body.query)
    if body.preview:
        return await app.batch_previews.preview(body.action, ids or ())
    view = await app.batches.run(body.action, ids or (), author=caller.account.id)
    return answer(view, caller, response)


@routes.add(
    "POST",
    "/media/{media_id}/trash",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
)
async def trash_media(
    *, media_id: Number, app: AppDep, caller: CallerDep, body: Trashing | None = None
) -> Decision:
    """Put a media into the recycle bin."""
    why = body.why if body is not None else ""
    return await _do(app, caller, TrashMedia(kind="trash", why=why), media_id)


@routes.add(
    "POST",
    "/media/{media_id}/restore",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
)
async def restore_media(media_id: Number, app: AppDep, caller: CallerDep) -> Decision:
    """Bring a trashed media back to where it was."""
    return await _do(app, caller, RestoreMedia(kind="restore"), media_id)


@routes.add(
    "POST",
    "/media/{media_id}/allow",
    scope=Scope.LIBRARY_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict),
)
async def allow_media(media_id: Number, app: AppDep, caller: CallerDep) -> Decision:
    """Lift the tombstone of a media that was deleted for ever, and fetch it again."""
    return await _do(app, caller, AllowMedia(kind="allow"), media_id)


@routes.add(
    "POST",
    "/subscriptions/batch",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.BATCH,
    errors=(NotFound, InvalidInput),
    described=ACCEPTED,
)
async def batch_subscriptions(
    body: SubscriptionBatch, app: AppDep, caller: CallerDep, response: Response
) -> Decision | BatchPreview:
    """Do something to many subscriptions, or say what it would do."""
    if isinstance(body.action, EditSubscriptions):
        await check_login(app, caller, body.action.login)
    if body.preview:
        return await app.batch_previews.preview(body.action, body.ids)
    view = await app.batches.run(body.action, body.ids, author=caller.account.id)
    return answer(view, caller, response)


async def _do(
    app: App, caller: Caller, action: TrashMedia | RestoreMedia | AllowMedia, media_id: int
) -> Decision:
    view, _ = await app.batches.run_one(action, media_id, author=caller.account.id)
    return decision_of(view, caller)
