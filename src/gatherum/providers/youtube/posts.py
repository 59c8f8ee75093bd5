"""YouTube's videos as posts: the film, and the subtitles that belong to it.

The film is known as in yt-dlp's own archive files, so that these can be adopted; subtitles by that
and their language. What people wrote is kept, else what YouTube's machines heard, in the language
that is spoken. yt-dlp brings the film, from the video's page: its addresses last for six hours.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post, Transport
from gatherum.ports import EngineFile
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.youtube.watch import ROOT, Player, Track

LIVE = frozenset({"is_live", "is_upcoming"})  # not over, or not even begun
HIDDEN = frozenset({"[Private video]", "[Deleted video]"})  # what stands in a list instead


class Video(BaseModel):
    id: str
    title: str = ""
    description: str = ""
    uploader: str = ""
    uploader_id: str = ""
    timestamp: float | None = None
    upload_date: str = ""
    live_status: str = ""
    listed: bool = False
    width: int | None = None
    height: int | None = None
    duration: float | None = None


@reads("ytdlp", "youtube")
def post_of(draft: Draft) -> Post | None:
    """Return the video that yt-dlp speaks of; None while there is nothing of it to be had."""
    try:
        video = Video.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("YouTube describes its videos in an unknown form.") from error
    if video.live_status in LIVE or (video.listed and video.title in HIDDEN):
        return None
    film = _film(video.id, video.width, video.height, video.duration)
    return Post(
        platform="youtube",
        id=video.id,
        url=f"{ROOT}/watch?v={video.id}",
        author=video.uploader_id or video.uploader,
        caption=_caption(video.title, video.description),
        posted_at=_date(video),
        media=(film, *_written(video.id, draft.files)),
        brief=video.listed,
    )


def whole(post: Post, player: Player) -> Post | None:
    """Return a listed video with what its page says; None while there is nothing of it to be had."""
    details, micro = player.details, player.format.micro
    if details is None or micro.uploaded is None or micro.uploaded.tzinfo is None:
        raise UnexpectedResponse("YouTube describes its videos in an unknown form.")
    if details.live or details.upcoming:
        return None
    film = _film(post.id, None, None, float(details.seconds) or None)
    return Post(
        platform="youtube",
        id=post.id,
        url=post.url,
        author=micro.owner.rpartition("/")[2] or post.author,
        caption=_caption(details.title, details.description),
        posted_at=micro.uploaded.astimezone(UTC),
        media=(film, *_tracks(post.id, player.captions.list.tracks)),
        pinned=post.pinned,
    )


def _film(video: str, width: int | None, height: int | None, seconds: float | None) -> Media:
    return Media(
        id=f"youtube {video}",
        url=f"{ROOT}/watch?v={video}",
        kind=MediaKind.VIDEO,
        transport=Transport.YTDLP,
        width=width,
        height=height,
        duration=seconds,
    )


def _written(video: str, files: Iterable[EngineFile]) -> Iterator[Media]:
    for file in files:
        language = file.meta.get("subtitles")
        if isinstance(language, str):
            yield _subtitles(video, language, file.url)


def _tracks(video: str, tracks: Iterable[Track]) -> Iterator[Media]:
    # Those marked so are given to nobody but the website's own player.
    open_ = [track for track in tracks if track.url and not _is_guarded(track.url)]
    by_people = [track for track in open_ if track.kind != "asr"]
    for track in by_people or open_[:1]:
        name = track.name.removeprefix("a.").removeprefix(".").replace(".", "-") or track.language
        address = urlsplit(track.url)
        query = urlencode({**parse_qs(address.query), "fmt": ["vtt"]}, doseq=True)
        yield _subtitles(video, name, f"{ROOT}{address.path}?{query}")


def _subtitles(video: str, language: str, url: str) -> Media:
    return Media(
        id=f"youtube {video} {language}",
        url=url,
        kind=MediaKind.DOCUMENT,
        filename=f"{video}.{language}.vtt",
    )


def _is_guarded(url: str) -> bool:
    return bool(
        {"xpe", "xpv"} & {*",".join(parse_qs(urlsplit(url).query).get("exp", [])).split(",")}
    )


def _caption(title: str, description: str) -> str:
    return "\n\n".join(part for part in (title, description) if part)


def _date(video: Video) -> datetime | None:
    if video.timestamp is not None:
        return datetime.fromtimestamp(video.timestamp, UTC)
    try:
        return datetime.strptime(video.upload_date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
