"""The video sites that yt-dlp knows, and any page with a player that it can find."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import BaseModel, ValidationError

from gatherum.errors import InvalidInput, Refused, UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client, EngineRequest
from gatherum.providers import ANY, Needs, Provider, normalise, provider, register
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import find_reader
from gatherum.providers.engines.sites import platform_of

ANY_PAGE = frozenset({"Generic", "HTML5MediaEmbed"})  # extractors that belong to no site
LIVE = frozenset({"is_live", "is_upcoming"})  # not over, or not even begun


class Video(BaseModel):
    id: str
    extractor_key: str = ""
    ie_key: str = ""
    title: str = ""
    description: str = ""
    uploader: str = ""
    uploader_id: str = ""
    channel: str = ""
    timestamp: float | None = None
    upload_date: str = ""
    webpage_url: str = ""
    url: str = ""
    host: str = ""
    live_status: str = ""
    listed: bool = False
    vcodec: str = ""
    ext: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    filesize: int | None = None


async def site(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the video behind a link, or those of a list in the list's order."""
    request = EngineRequest(engine="ytdlp", url=target.url)
    async for page in pages(client, request, post_of, cursor):
        yield page


register(
    Provider(
        name="sites.ytdlp",
        platform=ANY,
        feed="ytdlp",
        example="https://www.youtube.com/@gatherum",
        needs=Needs(),
        listing=site,
        find=lambda _url: None,  # the engine itself says which links are its own
        order=710,
    )
)


@provider(
    platform="web",
    feed="page",
    pattern=r"(?!)",  # the last resort for what nobody else claims
    example="https://videos.example/watch/42",
    needs=Needs(probe=True),
    via="ytdlp",
    order=940,
)
async def any_page(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what yt-dlp finds on a page of any kind."""
    found: list[Post] = []
    empty = False
    async for page in site(target, client, cursor):
        found += page.posts
        empty = empty or page.empty
    yield Page(posts=tuple(_joined(found)), cursor=None, empty=empty and not found)


def post_of(draft: Draft) -> Post | None:
    """Return a video as a post with one media; None while it is still being broadcast."""
    if reader := find_reader("ytdlp", draft.meta):
        return reader(draft)
    try:
        video = Video.model_validate(draft.meta)
        page = normalise(video.webpage_url or video.url)
    except (ValidationError, InvalidInput, Refused) as error:
        raise UnexpectedResponse("This site describes its videos in an unknown form.") from error
    if video.live_status in LIVE:
        return None
    key = video.extractor_key or video.ie_key
    anywhere = key in ANY_PAGE or not key
    return Post(
        platform="web" if anywhere else platform_of(key),
        id=page if anywhere else video.id,
        url=page,
        author=video.uploader_id or video.uploader or video.channel,
        caption="\n\n".join(part for part in (video.title, video.description) if part),
        posted_at=_date(video),
        media=(_media(draft, video, page, "" if anywhere else platform_of(key)),),
    )


def _joined(posts: list[Post]) -> list[Post]:
    """Return one post a page, with all its players in order."""
    joined: dict[tuple[str, str], Post] = {}
    for post in posts:
        key = (post.platform, post.id)
        known = joined.get(key)
        if known is None:
            joined[key] = post
            continue
        names = {media.id for media in known.media}
        more = (
            replace(media, id=f"{post.id}_{len(names) + 1}") if media.id in names else media
            for media in post.media
        )
        joined[key] = replace(known, media=(*known.media, *more))
    return list(joined.values())


def _media(draft: Draft, video: Video, page: str, key: str) -> Media:
    file = draft.files[0] if draft.files else None
    plain = file is not None and file.meta.get("merged") is False
    address = file.url if file is not None and plain else page
    # As in yt-dlp's own archive files, so that these can be adopted. On a page of no known site
    # it is a file by its address, as every other provider knows it.
    name = f"{key} {video.id}" if key else normalise(address) if plain else f"{page}_1"
    return Media(
        id=name,
        url=address,
        kind=MediaKind.AUDIO if video.vcodec == "none" else MediaKind.VIDEO,
        transport=Transport.HTTP if plain else Transport.YTDLP,
        headers=file.headers if file is not None and plain else {},
        size=video.filesize if plain else None,
        width=video.width,
        height=video.height,
        duration=video.duration,
    )


def _date(video: Video) -> datetime | None:
    if video.timestamp is not None:
        return datetime.fromtimestamp(video.timestamp, UTC)
    try:
        return datetime.strptime(video.upload_date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
