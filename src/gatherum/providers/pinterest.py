"""Pinterest: people's pins, boards and their sections, single pins, searches. No login for what is public.

By gallery-dl, and by yt-dlp, which brings the videos alone. A pin's file has the pin's own number.
Where there are several it is that of the first video, which is the one that yt-dlp finds; the others
have their place behind it.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ValidationError

from gatherum.errors import UnexpectedResponse, Unsupported
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client, EngineFile, EngineRequest, Listing
from gatherum.providers import Needs, add_way, provider
from gatherum.providers.engines.drafts import AFTER, Draft, pages
from gatherum.providers.engines.readers import listing_by, reads
from gatherum.providers.engines.reading import YTDL, date_of, is_web_address, kind_of_file

ROOT = "https://www.pinterest.com"
_SITE = r"https?://(?:[\w-]+\.)*pinterest\.(?:com|info|[a-z]{2}|com?\.[a-z]{2})"
# First parts of a path that are places of Pinterest's own, and second ones that are no boards.
_OURS = (
    r"(?!(?:_|about|business|categories|explore|ideas|invited|login|logout|oauth|password|pin"
    r"|pin-builder|pin-creation-tool|resource|search|settings|shopping|signup|static|today|topics"
    r"|videos)(?:/|\?|$))"
)
_USER = _OURS + r"(?P<user>[^/?]+)"
_BOARD = r"(?!(?:_\w*|boards|feed\.rss|followers|following|pins)(?:/|\?|$))(?P<board>[^/?]+?)"
_TEXT = "text:"  # gallery-dl's mark for words that stand where a file could
_FORMS = (".jpg", ".png", ".webp", ".gif")

Text = Annotated[str, BeforeValidator(lambda value: (value or "").strip())]


class Person(BaseModel):
    username: str


class Embed(BaseModel):
    src: str | None = None


class Pin(BaseModel):
    id: str
    created_at: str | None = None
    pinner: Person | None = None  # who put it on this board
    native_creator: Person | None = None
    title: Text = ""
    grid_title: Text = ""
    description: Text = ""
    embed: Embed | None = None


class Shown(BaseModel):
    filename: str = ""
    extension: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None  # milliseconds


class Video(BaseModel):
    id: str
    title: Text = ""
    description: Text = ""
    uploader: Text = ""
    timestamp: float | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None


@reads("gallerydl", "pinterest")
def post_of(draft: Draft) -> Post | None:
    """Return the pin that gallery-dl speaks of; None for what else stands between pins."""
    if draft.meta.get("type", "pin") != "pin":
        return None
    try:
        pin = Pin.model_validate(draft.meta)
        media = tuple(_media(pin, draft.files))
        posted_at = parsedate_to_datetime(pin.created_at) if pin.created_at else None
    except ValueError as error:
        raise UnexpectedResponse("Pinterest describes its pins in an unknown form.") from error
    # A story may hold nothing but stickers, and a picture may have been taken away.
    if not media and draft.meta.get("images", True) and not draft.meta.get("story_pin_data"):
        raise UnexpectedResponse("Pinterest describes its pictures in an unknown form.")
    words = (file.url.removeprefix(_TEXT) for file in draft.files if file.url.startswith(_TEXT))
    told = [pin.title, pin.description] if pin.title or pin.description else [pin.grid_title]
    author = pin.pinner or pin.native_creator
    elsewhere = pin.embed.src if pin.embed is not None and pin.embed.src else ""
    return Post(
        platform="pinterest",
        id=pin.id,
        url=_address(pin.id),
        author=author.username if author is not None else "",
        caption=_joined(*told, *words),
        posted_at=posted_at and date_of(posted_at.isoformat()),
        media=media,
        links=(elsewhere,) if is_web_address(elsewhere) else (),
    )


@reads("ytdlp", "pinterest")
def video_of(draft: Draft) -> Post | None:
    """Return the video pin that yt-dlp speaks of; None for a picture, and for a player of others."""
    if draft.meta.get("extractor_key") != "Pinterest":
        return None
    try:
        video = Video.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("Pinterest describes its pins in an unknown form.") from error
    file = draft.files[0] if draft.files else None
    if file is None and video.duration is None:
        return None  # yt-dlp knows a picture by name only
    plain = file is not None and file.meta.get("merged") is False
    # yt-dlp makes a title where there is none.
    title = "" if video.title == f"Pinterest video #{video.id}" else video.title
    return Post(
        platform="pinterest",
        id=video.id,
        url=_address(video.id),
        author=video.uploader,
        caption=_joined(title, video.description),
        posted_at=date_of(video.timestamp),
        media=(
            Media(
                id=video.id,
                url=file.url if file is not None and plain else _address(video.id),
                kind=MediaKind.VIDEO,
                transport=Transport.HTTP if plain else Transport.YTDLP,
                headers=file.headers if file is not None and plain else {},
                width=video.width,
                height=video.height,
                duration=video.duration,
            ),
        ),
    )


def _media(pin: Pin, files: Sequence[EngineFile]) -> Iterator[Media]:
    known = [file for file in files if is_web_address(file.url.removeprefix(YTDL))]
    kinds = [kind_of_file(file) for file in known]
    first = kinds.index(MediaKind.VIDEO) if MediaKind.VIDEO in kinds else -1
    before = Shown()
    for index, (file, kind) in enumerate(zip(known, kinds, strict=True)):
        shown = Shown.model_validate(file.meta)
        # gallery-dl lets a page of a story inherit what it does not say from the one before.
        sized = kind is not MediaKind.AUDIO and (shown.width, shown.height) != (
            before.width,
            before.height,
        )
        before = shown
        streamed = file.url.startswith(YTDL)
        clip = kind is MediaKind.VIDEO
        yield Media(
            id=pin.id if len(known) == 1 or index == first else f"{pin.id}_{index + 1}",
            url=file.url.removeprefix(YTDL),
            kind=kind,
            transport=Transport.YTDLP if streamed else Transport.HTTP,
            headers={} if streamed else file.headers,
            mirrors=tuple(_mirrors(file, kind, several=len(known) > 1)),
            filename=f"{shown.filename}.{shown.extension}" if shown.filename else None,
            width=shown.width if sized else None,
            height=shown.height if sized else None,
            duration=shown.duration / 1000 if clip and shown.duration is not None else None,
        )


def _mirrors(file: EngineFile, kind: MediaKind, *, several: bool) -> Iterator[str]:
    """Yield other addresses of the same file, and none that gallery-dl took from the one before."""
    own = file.url.removeprefix(YTDL)
    name = PurePosixPath(urlsplit(own).path)
    told = [
        url
        for url in file.mirrors
        if url != own and PurePosixPath(urlsplit(url).path).stem == name.stem
    ]
    if kind is MediaKind.IMAGE and several and not told:
        # Only a picture made smaller is shown, as JPEG: what form the original has must be tried.
        stem = own.removesuffix(name.suffix)
        told = [stem + form for form in _FORMS if form != name.suffix]
    yield from told


def _joined(*parts: str) -> str:
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _address(pin: str) -> str:
    return f"{ROOT}/pin/{pin}/"


def search(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the pins that a search finds, in Pinterest's order."""
    # gallery-dl takes a plus for what is searched for.
    words = target["query"].replace("+", "%20")
    return _unpaid(f"/search/pins/?q={words}", None, client, cursor)


def _list_of(form: str) -> Listing:
    """Return a listing of somebody's pins; `form` is where they stand, a template over the values."""

    def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        return _unpaid(form.format_map(target.values), target["user"], client, cursor)

    return listing


def _unpaid(
    path: str, owner: str | None, client: Client, cursor: str | None
) -> AsyncIterator[Page]:
    """Yield the pins of a list, without those that stand in it because somebody pays for that.

    What the owner of the list advertises elsewhere stands there by right; None owns what is searched
    for.
    """
    name = None if owner is None else owner.lower()

    def read(draft: Draft) -> Post | None:
        post = post_of(draft)
        paid = draft.meta.get("is_promoted") is True
        return None if post and paid and post.author.lower() != name else post

    request = EngineRequest(engine="gallerydl", url=ROOT + path)
    return pages(client, request, read, cursor)


async def video_pin(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield one video pin. What has no number yt-dlp would take for a board that does not exist."""
    if not target["id"].isdecimal():
        raise Unsupported("yt-dlp knows pins by their numbers only.")
    async for page in listing_by("ytdlp", video_of)(target, client, cursor):
        yield page


async def videos(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the videos of a board; if it holds more than those, that is no listing to its end."""
    passed, left_out = 0, False

    def read(draft: Draft) -> Post | None:
        nonlocal passed, left_out
        post = video_of(draft)
        passed, left_out = passed + 1, left_out or post is None
        return post

    request = EngineRequest(engine="ytdlp", url=target.url)
    async for page in pages(client, request, read, cursor):
        if page.cursor is not None or not left_out:
            yield page
        elif page.posts:
            yield replace(page, cursor=f"{AFTER}{passed}:{page.posts[-1].id}")
    if left_out:
        raise Unsupported("yt-dlp brings the videos of a board alone.")


def _follow(
    feed: str,
    links: str,
    link: str,
    example: str,
    *,
    listing: Listing | None = None,
    ignore_case: bool = False,
) -> None:
    provider(
        platform="pinterest",
        feed=feed,
        pattern=f"{_SITE}/{links}",
        example=ROOT + example,
        canonical=ROOT + link,
        needs=Needs(),
        via="gallerydl",
        ignore_case=ignore_case,
    )(listing or _list_of(link))


# Whoever looks at a person sees all their pins: those they made and those they saved.
_follow(
    "user",
    _USER + r"(?:/(?:_?pins|_?boards|_saved|feed\.rss))?",
    "/{user}/",
    "/gatherum/",
    listing=_list_of("/{user}/pins/"),
    ignore_case=True,
)
_follow(
    "created", _USER + "/_created", "/{user}/_created/", "/gatherum/_created/", ignore_case=True
)
_follow("board", rf"{_USER}/{_BOARD}(?:\.rss|/_[^?]*)?", "/{user}/{board}/", "/gatherum/walks/")
_follow(
    "section",
    rf"{_USER}/{_BOARD}/(?P<section>[^/?_][^/?]*)",
    "/{user}/{board}/{section}/",
    "/gatherum/walks/woods/",
)
_follow(
    "pin",
    r"pin/(?!(?:create|find)(?:/|\?|$))(?:[^/?]*--)?(?P<id>\w+|[\w-]{50,})(?:/.*)?",
    "/pin/{id}/",
    "/pin/664281013778109217/",
    listing=listing_by("gallerydl", post_of, ROOT + "/pin/{id}/"),
)
_follow(
    "search",
    r"search(?:/pins)?/?\?(?:.*&)?q=(?P<query>[^&]+)(?:&.*)?",
    "/search/pins/?q={query}",
    "/search/pins/?q=walks",
    listing=search,
)
for _feed, _listing, _example in (
    ("pin", video_pin, "/pin/664281013778109217/"),
    ("board", videos, "/gatherum/walks/"),
):
    add_way(
        _listing,
        platform="pinterest",
        feed=_feed,
        via="ytdlp",
        example=ROOT + _example,
        order=200,
    )
