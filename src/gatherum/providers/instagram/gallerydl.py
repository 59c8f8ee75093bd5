"""Instagram through gallery-dl, with the cookies of somebody who is logged in."""

from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import BaseModel, ValidationError

from gatherum.errors import SourceError, UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, EngineFile, EngineRequest, Json, Listing
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import YTDL, date_of, kind_of_file
from gatherum.providers.instagram.answers import Ask, doubt, explain
from gatherum.providers.instagram.lines import REELS, OrderedClient
from gatherum.providers.instagram.posts import Pk, make_post, make_story

# One file for each video, with its sound: the larger ones come in pieces that only yt-dlp could
# join, and it cannot be told which item of a post or story is meant.
OPTIONS: dict[str, Json] = {"videos": "merged"}


class Said(BaseModel):
    post_id: Pk
    username: str
    description: str = ""
    date: str = ""
    pinned: list[Pk] = []
    type: str = ""


class Shown(BaseModel):
    media_id: Pk
    date: str = ""
    video_url: str | None = None
    width: int = 0
    height: int = 0
    filename: str = ""
    extension: str = ""


def listing(
    form: str, *, resumable: bool = True, by_date: bool = False, ask: Ask = doubt
) -> Listing:
    """Return a listing of what gallery-dl finds at an address, a template over the target's values.

    `by_date` tells that Instagram shows it in the order in which it was published. When gallery-dl finds
    nothing, `ask` finds out why: it says "not found" also of pages that it did not understand, and trips
    over those that are really missing.
    """

    async def read(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        url = form.format_map({**target.values, "url": target.url})
        request = EngineRequest(engine="gallerydl", url=url, options=OPTIONS)
        ordered = OrderedClient(client=client, resumable=resumable)
        found = False
        try:
            async for page in pages(ordered, request, post_of, cursor, by_date=by_date):
                found = found or bool(page.posts)
                yield page
        except SourceError as error:
            failure = await explain(error, target, client, ask, found=found)
            if failure is error:
                raise
            raise failure from error

    return read


@reads("gallerydl", "instagram")
def post_of(draft: Draft) -> Post | None:
    """Return the post, or the item of a story, that gallery-dl speaks of; None if it has no files."""
    if not draft.files:
        return None
    try:
        said = Said.model_validate(draft.meta)
        shown = [Shown.model_validate(file.meta) for file in draft.files]
    except ValidationError as error:
        raise UnexpectedResponse("Instagram describes its posts in an unknown form.") from error
    media = [_media(one, file) for one, file in zip(shown, draft.files, strict=True)]
    if said.type in REELS and len(media) == 1:
        return make_story(
            media[0],
            author=said.username,
            posted_at=_moment(shown[0].date or said.date),
            kept=said.type == "highlight",
        )
    return make_post(
        said.post_id,
        media,
        author=said.username,
        caption=said.description,
        posted_at=_moment(said.date),
        pinned=bool(said.pinned),
    )


def _media(shown: Shown, file: EngineFile) -> Media:
    # With the mark of gallery-dl, the file in one piece is among the mirrors.
    url, *mirrors = file.mirrors if file.url.startswith(YTDL) else (file.url, *file.mirrors)
    return Media(
        id=shown.media_id,
        url=url,
        kind=MediaKind.VIDEO if shown.video_url else kind_of_file(file),
        headers=file.headers,
        mirrors=tuple(mirrors),
        filename=f"{shown.filename}.{shown.extension}" if shown.filename else None,
        width=shown.width or None,
        height=shown.height or None,
    )


def _moment(text: str) -> datetime | None:
    moment = date_of(text)
    return moment if moment is not None and moment.year > 1 else None  # gallery-dl's "no date"
