"""What subscriptions have brought lately, and when each had its newest post."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, Field, JsonValue

from gatherum.accounts.model import Scope
from gatherum.errors import InvalidInput
from gatherum.library.brought import Brought
from gatherum.moments import Moment, moment
from gatherum.web.answers import Json
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Routes

routes = Routes("Subscriptions")
AT_ONCE = 60  # subscriptions
CAPTION = 200  # letters
DAY_S = 86_400.0
NEWEST_S = 3600.0  # how old it may be what is told of the newest posts
Which = Annotated[int, Field(ge=1, le=2**53)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture that a subscription has brought; `thumbnail` is its address, without the host."""

    media: str
    thumbnail: str
    thumbhash: str | None
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtView:
    """What a subscription has brought lately."""

    subscription: int
    posts: int  # that it has met
    fresh: int  # media that were stored since the time that was asked for
    weeks: tuple[int, ...]  # media stored in each of the last twelve weeks, the oldest first
    pictures: tuple[PictureView, ...]  # the three newest


@dataclass(frozen=True, slots=True)
class BroughtList:
    """One for each subscription that was asked for, in that order."""

    items: tuple[BroughtView, ...]


@dataclass(frozen=True, slots=True)
class NewestView:
    """The newest post that a subscription has met."""

    subscription: int
    at: Moment  # published, else first seen


@dataclass(frozen=True, slots=True)
class NewestList:
    """One for each subscription that has met a post, those among them that are followed no longer."""

    items: tuple[NewestView, ...]


@routes.add(
    "GET",
    "/subscriptions/brought",
    scope=Scope.LIBRARY_READ,
    rate=Rate.HEAVY,
    errors=(InvalidInput,),
)
async def list_brought(
    app: AppDep,
    request: Request,
    number: Annotated[tuple[Which, ...], Query(min_length=1, max_length=AT_ONCE)],
    since: Annotated[
        AwareDatetime | None, Query(description="ISO 8601, with a zone; else a day ago.")
    ] = None,
) -> BroughtList:
    """Tell what subscriptions have brought lately, with their newest pictures."""
    now = app.clock.now()
    begun = now - DAY_S if since is None else since.timestamp()
    several = await app.bringing.read(number, since=begun, now=now)
    return _list(several, files=f"{request.app.state.site.base_path}/api/v1/files")


@routes.add(
    "GET",
    "/subscriptions/newest",
    scope=Scope.FOLLOWING_READ,
    rate=Rate.HEAVY,
    model=NewestList,
)
async def list_newest(app: AppDep) -> Response:
    """Tell when the newest post of each subscription was published: who has fallen silent."""

    async def make() -> JsonValue:
        newest = await app.bringing.newest()
        return {"items": [{"subscription": one, "at": moment(at)} for one, at in newest.items()]}

    return Json(await app.cache.get_or_make("newest", NEWEST_S, make, fresh=True))


def _list(several: Iterable[Brought], *, files: str) -> BroughtList:
    return BroughtList(
        tuple(
            BroughtView(
                subscription=one.subscription,
                posts=one.posts,
                fresh=one.fresh,
                weeks=one.weeks,
                pictures=tuple(
                    PictureView(
                        media=str(picture.id),
                        thumbnail=f"{files}/{picture.id}/thumbnail?v={picture.revision}",
                        thumbhash=picture.thumbhash,
                        caption=picture.caption[:CAPTION],
                    )
                    for picture in one.pictures
                ),
            )
            for one in several
        )
    )
