"""Links: get what is behind them, follow it, or be told what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from pydantic import Field

from gatherum.accounts.model import Scope
from gatherum.acquiring.desk import Receipt
from gatherum.acquiring.preview import NEW, Glimpse, Preview
from gatherum.errors import (
    Conflict,
    Forbidden,
    GatherumError,
    InvalidInput,
    NotFound,
    SourceError,
)
from gatherum.model import MediaKind, Reason
from gatherum.moments import Moment, iso
from gatherum.subscriptions.timing import describe, write_timing
from gatherum.web.leaving import unless_gone
from gatherum.web.limits import Rate
from gatherum.web.routes.logins import LoginId, check_login
from gatherum.web.routing import AppDep, Body, CallerDep, Routes

routes = Routes("Links")
CAPTION = 500  # letters
Urls = Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


class NewLinks(Body):
    """Links to get; with `follow`, to follow."""

    urls: Urls
    follow: bool = False
    limit: Annotated[int | None, Field(ge=1, le=1_000_000)] = None  # media; posts to follow back
    login: LoginId | None = None


class LinkToPreview(Body):
    """A link that somebody is about to get or to follow."""

    url: Annotated[str, Field(max_length=8192)]
    login: LoginId | None = None


class LinksToExplain(Body):
    """Links that somebody wants to know more of."""

    urls: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReceipt:
    """What became of one link. `reason` says why nothing will come of it."""

    url: str
    accepted: bool
    job: str | None
    subscription: int | None
    platform: str | None
    feed: str | None
    key: str | None
    needs: tuple[str, ...]
    reason: Reason | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class LinkReceipts:
    """One receipt for each link, in their order."""

    items: tuple[LinkReceipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExplanation:
    """What a link is, as far as can be said without any request."""

    url: str
    platform: str | None
    feed: str | None
    key: str | None
    providers: tuple[str, ...]
    needs: tuple[str, ...]
    reason: Reason | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class LinkExplanations:
    """One explanation for each link, in their order."""

    items: tuple[LinkExplanation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkItem:
    """A media behind a link. `thumbnail` is an address at the source, to be shown as text.

    `media` is the id of the media in the library, if that knows it; `state` is `new` if not.
    """

    post: str
    author: str
    caption: str
    posted_at: Moment | None
    kind: MediaKind
    thumbnail: str | None
    media: str | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreview:
    """What is behind a link. `reason` says why less could be seen than there may be."""

    url: str
    platform: str | None
    feed: str | None
    key: str | None
    title: str
    items: tuple[LinkItem, ...]
    states: Mapping[str, int]  # of all media that were looked at: `new`, `stored`, ...
    subscription: int | None  # that follows it already
    timing: str  # a suggestion
    schedule: str  # the same in words
    reason: Reason | None
    detail: str | None


@routes.add(
    "POST",
    "/links",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound),
    status=202,
)
async def add_links(body: NewLinks, app: AppDep, caller: CallerDep) -> LinkReceipts:
    """Queue links, or follow them. Each has its own outcome; one that fails holds up no other."""
    await check_login(app, caller, body.login)
    if not body.follow:
        receipts = await app.desk.take(body.urls, limit=body.limit, login=body.login)
    elif caller.may(Scope.FOLLOWING_WRITE):
        receipts = await app.desk.follow_all(body.urls, limit=body.limit, login=body.login)
    else:
        raise Forbidden("Your account, or this key, may not follow anything.")
    return LinkReceipts(tuple(map(receipt_view, receipts)))


@routes.add(
    "POST",
    "/links/preview",
    scope=Scope.QUEUE_WRITE,
    rate=Rate.HEAVY,
    errors=(InvalidInput, NotFound, Conflict),
)
async def preview_link(
    body: LinkToPreview, app: AppDep, caller: CallerDep, request: Request
) -> LinkPreview:
    """Look at what is behind a link, and record nothing. It ends when the client goes away."""
    await check_login(app, caller, body.login)
    return _previewed(await unless_gone(request, app.previews.look(body.url, body.login)))


@routes.add(
    "POST", "/links/explain", scope=Scope.QUEUE_READ, rate=Rate.HEAVY, errors=(InvalidInput,)
)
async def explain_links(body: LinksToExplain, app: AppDep) -> LinkExplanations:
    """Say what links are, without any request to them."""
    return LinkExplanations(tuple([await _explain(app, url) for url in body.urls]))


async def _explain(app: AppDep, url: str) -> LinkExplanation:
    try:
        found = await app.desk.explain(url)
    except InvalidInput as error:
        return _unexplained(url, Reason.UNSUPPORTED, error)
    except SourceError as error:
        return _unexplained(url, error.reason, error)
    return LinkExplanation(
        url=found.url,
        platform=found.platform,
        feed=found.feed,
        key=found.key,
        providers=found.providers,
        needs=found.needs,
    )


def _unexplained(url: str, reason: Reason, error: GatherumError) -> LinkExplanation:
    return LinkExplanation(
        url=url,
        platform=None,
        feed=None,
        key=None,
        providers=(),
        needs=(),
        reason=reason,
        detail=str(error),
    )


def _previewed(seen: Preview) -> LinkPreview:
    target = seen.target
    return LinkPreview(
        url=seen.url,
        platform=target.platform if target else None,
        feed=target.feed if target else None,
        key=target.key if target else None,
        title=seen.title,
        items=tuple(map(_item, seen.items)),
        states=seen.states,
        subscription=seen.subscription.id if seen.subscription else None,
        timing=write_timing(seen.timing),
        schedule=describe(seen.timing),
        reason=seen.reason,
        detail=seen.detail,
    )


def _item(one: Glimpse) -> LinkItem:
    posted_at = one.post.posted_at
    return LinkItem(
        post=one.post.url,
        author=one.post.author,
        caption=one.post.caption[:CAPTION],
        posted_at=None if posted_at is None else iso(posted_at.timestamp()),
        kind=one.media.kind,
        thumbnail=one.thumbnail,
        media=str(one.held.id) if one.held else None,
        state=one.held.state if one.held else NEW,
    )


def receipt_view(one: Receipt) -> LinkReceipt:
    """Return a receipt as it is told."""
    target = one.target
    return LinkReceipt(
        url=one.url,
        accepted=one.accepted,
        job=one.job,
        subscription=one.subscription,
        platform=target.platform if target else None,
        feed=target.feed if target else None,
        key=target.key if target else None,
        needs=one.needs,
        reason=one.reason,
        detail=one.detail,
    )
