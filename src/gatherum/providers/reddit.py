"""Reddit, through its public JSON listings. No login."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Discriminator, RootModel, Tag, model_validator

from gatherum.errors import Gone, LoginRequired, UnexpectedResponse, Withheld
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client
from gatherum.providers import Needs, provider

ROOT = "https://www.reddit.com"
OWN = {"i.redd.it", "preview.redd.it"}
_SITE = r"https?://(?:\w+\.)?reddit\.com"
# They show a submission to other programs under its own path.
_EMBEDDERS = r"https?://(?:\w+\.)?(?:rxddit|vxreddit)\.com"


class Told(BaseModel):
    """What Reddit says by null is as good as left out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, told: object) -> object:
        if not isinstance(told, Mapping):
            return told
        return {name: value for name, value in told.items() if value is not None}


class Source(Told):
    u: str = ""
    gif: str = ""
    mp4: str = ""
    x: int | None = None
    y: int | None = None


class MediaMetadata(Told):
    status: str = "valid"
    e: str = ""
    s: Source | None = None
    dashUrl: str = ""  # noqa: N815  # Reddit's own name


class GalleryItem(BaseModel):
    media_id: str


class Gallery(BaseModel):
    items: list[GalleryItem] | None  # in their order; no default: without it the form has changed


class Video(Told):
    dash_url: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None


class SecureMedia(Told):
    reddit_video: Video | None = None


class Submission(Told):
    id: str
    author: str = "[deleted]"  # Reddit's own word for somebody it no longer names
    title: str = ""
    permalink: str = ""
    created_utc: float
    url: str = ""
    selftext: str = ""
    is_self: bool = False
    is_video: bool = False
    stickied: bool = False
    pinned: bool = False
    removed_by_category: str | None = None
    gallery_data: Gallery | None = None
    media_metadata: Mapping[str, MediaMetadata] | None = None
    secure_media: SecureMedia | None = None
    crosspost_parent_list: list["Submission"] = []


class Link(BaseModel):
    kind: Literal["t3"]
    data: Submission


class Other(BaseModel):
    kind: str


def _tag(child: object) -> str:
    kind = child.get("kind") if isinstance(child, Mapping) else getattr(child, "kind", None)
    return "link" if kind == "t3" else "other"


Child = Annotated[
    Annotated[Link, Tag("link")] | Annotated[Other, Tag("other")], Discriminator(_tag)
]


class Children(BaseModel):
    children: list[Child]


class Listing(Children):
    after: str | None


class Thing(BaseModel):
    data: Listing


class Thread(BaseModel):
    data: Children


class Refusal(BaseModel):
    error: int
    reason: str = ""


class Account(Told):
    is_suspended: bool = False


class About(Told):
    data: Account = Account()


class Answer(RootModel[Thing | Refusal]):
    pass


class Comments(RootModel[tuple[Thread, Thread] | Refusal]):
    pass


@provider(
    platform="reddit",
    feed="user",
    pattern=_SITE + r"/u(?:ser)?/(?P<user>[\w-]+)(?:/submitted)?",
    example="https://www.reddit.com/user/gatherum_demo",
    needs=Needs(),
    canonical=ROOT + "/user/{user}",
    ignore_case=True,
)
async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield a user's submissions, newest first, one listing page at a time."""
    home = f"{ROOT}/user/{target['user']}"
    try:
        async for page in _pages(client, f"{home}/submitted/.json", {"sort": "new"}, cursor):
            yield page
    except LoginRequired:
        # Reddit refuses the posts of a suspended user in the same words as private ones.
        about = await client.get(f"{home}/about.json", About, accept=(403, 404))
        if about.data.is_suspended:
            raise Withheld("Reddit has suspended this user.") from None
        raise


@provider(
    platform="reddit",
    feed="subreddit",
    pattern=_SITE + r"/r/(?P<subreddit>\w+)(?:/(?:new|hot|rising))?",
    example="https://www.reddit.com/r/gatherum_demo",
    needs=Needs(),
    canonical=ROOT + "/r/{subreddit}",
    ignore_case=True,
)
def subreddit(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield a subreddit's submissions, newest first; pinned ones where Reddit puts them."""
    return _pages(client, f"{ROOT}/r/{target['subreddit']}/new/.json", {}, cursor)


@provider(
    platform="reddit",
    feed="top",
    pattern=_SITE + r"/r/(?P<subreddit>\w+)/top/?(?:\?(?:.*&)?t=(?P<time>\w+)(?:&.*)?)?",
    example="https://www.reddit.com/r/gatherum_demo/top?t=month",
    needs=Needs(),
    canonical=ROOT + "/r/{subreddit}/top?t={time}",
    ignore_case=True,
)
async def top(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the best submissions of a time, the best page first, each page newest first."""
    url = f"{ROOT}/r/{target['subreddit']}/top/.json"
    async for page in _pages(client, url, {"t": target.values.get("time")}, cursor):
        posts = sorted(page.posts, key=lambda post: (post.posted_at is not None, post.posted_at))
        yield replace(page, posts=tuple(reversed(posts)), by_date=False)


@provider(
    platform="reddit",
    feed="submission",
    pattern=rf"(?:(?:{_SITE}|{_EMBEDDERS})/(?:(?:r|u|user)/[\w-]+/)?(?:comments|gallery)|https?://redd\.it)"
    r"/(?P<id>[a-zA-Z0-9]+)(?:/.*)?",
    example="https://www.reddit.com/r/gatherum_demo/comments/1abcde/a_walk",
    needs=Needs(),
    canonical=ROOT + "/comments/{id}/",
    ignore_case=True,
)
async def submission(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one submission."""
    url = f"{ROOT}/comments/{target['id']}/.json"
    params = {"limit": "1", "raw_json": "1"}
    answer = (await client.get(url, Comments, params=params, accept=(403, 404))).root
    if isinstance(answer, Refusal):
        raise _refused(answer)
    posts = _posts(answer[0].data)
    if not posts:
        raise UnexpectedResponse("Reddit shows no submission at this link.")
    yield Page(posts=posts, cursor=None)


async def _pages(
    client: Client, url: str, params: Mapping[str, str | None], cursor: str | None
) -> AsyncIterator[Page]:
    while True:
        query = {**params, "limit": "100", "raw_json": "1", "after": cursor}
        answer = (await client.get(url, Answer, params=query, accept=(403, 404))).root
        if isinstance(answer, Refusal):
            raise _refused(answer)
        if any(child.kind == "t5" for child in answer.data.children):
            # Reddit leads from a subreddit that does not exist to a search for subreddits.
            raise Gone("There is no such subreddit.")
        before, cursor = cursor, answer.data.after
        if cursor is not None and cursor == before:
            raise UnexpectedResponse("Reddit shows the same page again and again.")
        empty = not answer.data.children
        yield Page(posts=_posts(answer.data), cursor=cursor, by_date=True, empty=empty)
        if cursor is None:
            return


def _refused(refusal: Refusal) -> Gone | LoginRequired:
    match refusal.reason:
        case "banned":
            return Gone("Reddit has banned this subreddit.")
        case "private" | "gold_only" | "quarantined" | "gated" as reason:
            return LoginRequired(f"Reddit shows this only to members: it is {reason}.")
        case _ if refusal.error == 404:
            return Gone("Reddit knows nothing at this link.")
        case _:
            return LoginRequired("Reddit does not show this to visitors.")


def _posts(listing: Children) -> tuple[Post, ...]:
    return tuple(read_post(child.data) for child in listing.children if isinstance(child, Link))


def read_post(item: Submission) -> Post:
    """Return a submission as a post; its media have Reddit's ids whoever brings it."""
    # A crosspost shows the media of the first submission, whose ids they keep.
    shown = item.crosspost_parent_list[-1] if item.crosspost_parent_list else item
    media = tuple(_media(shown))
    outside = "" if media or shown.is_self or _is_reddit(shown.url) else shown.url
    return Post(
        platform="reddit",
        id=item.id,
        author=item.author,
        url=_address(item),
        posted_at=datetime.fromtimestamp(item.created_utc, UTC),
        caption="\n\n".join(text for text in (item.title, item.selftext) if text),
        media=media,
        links=(outside,) if outside else (),
        pinned=item.stickied or item.pinned,
        removed=item.removed_by_category is not None,
    )


def _media(item: Submission) -> Iterator[Media]:
    host, path = urlsplit(item.url).netloc, urlsplit(item.url).path
    embedded = item.media_metadata or {}
    if host in OWN:
        # Reddit names no media of single-image posts: post id and index.
        yield Media(id=f"{item.id}_1", url=f"https://i.redd.it{path}", kind=MediaKind.IMAGE)
    elif item.gallery_data is not None and item.gallery_data.items is not None:
        order = (one.media_id for one in item.gallery_data.items)
        yield from _embedded({name: embedded[name] for name in order if name in embedded})
    elif item.is_video:
        yield _video(item, path.strip("/"))
    else:
        yield from _embedded(embedded)  # in the text, or of a gallery that has no order


def _embedded(found: Mapping[str, MediaMetadata]) -> Iterator[Media]:
    for name, one in found.items():
        if one.status != "valid":
            continue
        if one.s is not None and (preview := one.s.u or one.s.gif or one.s.mp4):
            parts = urlsplit(preview)
            kind = MediaKind.VIDEO if parts.path.endswith(".mp4") else MediaKind.IMAGE
            # A preview has the original's name, and a query that makes it smaller; of what is from
            # elsewhere (a picture of Giphy, say) Reddit has no more than the preview.
            url = f"https://i.redd.it{parts.path}" if parts.netloc in OWN else preview
            yield Media(id=name, url=url, kind=kind, width=one.s.x, height=one.s.y)
        elif one.dashUrl:
            yield Media(id=name, url=one.dashUrl, kind=MediaKind.VIDEO, transport=Transport.YTDLP)


def _video(item: Submission, name: str) -> Media:
    video = (item.secure_media and item.secure_media.reddit_video) or Video()
    return Media(
        id=name or f"{item.id}_1",
        url=video.dash_url or _address(item),
        kind=MediaKind.VIDEO,
        transport=Transport.YTDLP,
        duration=video.duration,
        width=video.width,
        height=video.height,
    )


def _address(item: Submission) -> str:
    return ROOT + (item.permalink or f"/comments/{item.id}/")


def _is_reddit(url: str) -> bool:
    host = urlsplit(url).netloc
    return (
        not host or host in {"reddit.com", "redd.it"} or host.endswith((".reddit.com", ".redd.it"))
    )
