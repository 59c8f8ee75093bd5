"""Instagram through instaloader: its profiles and posts for visitors too, everything for a login.

A visitor's list costs a request for each post: the list itself says little more than where they stand.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ValidationError

from gatherum.errors import LoginRequired, SourceError, UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, EngineRequest, Listing
from gatherum.providers import Needs, add_way
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.instagram.answers import Ask, ask_post, ask_profile, doubt, explain
from gatherum.providers.instagram.feeds import find_post, one_story
from gatherum.providers.instagram.posts import ROOT, Pk, make_post, make_story


class File(BaseModel):
    url: str
    width: int = 0
    height: int = 0


class Picture(BaseModel):
    candidates: list[File] = []


class Part(BaseModel):
    """One file of a post: a picture, or a video with its cover."""

    pk: Pk
    image_versions2: Picture | None
    video_versions: list[File] | None = None
    video_duration: float | None = None


class Person(BaseModel):
    username: str


class Caption(BaseModel):
    text: str = ""


class Item(Part):
    """A post, or an item of a story."""

    user: Person
    caption: Caption | None = None
    taken_at: int | None = None
    carousel_media: list[Part] | None = None
    timeline_pinned_user_ids: list[Pk] | None = None
    clips_tab_pinned_user_ids: list[Pk] | None = None


class Said(BaseModel):
    kind: Literal["post", "user", "reels", "tagged", "saved", "story", "highlight", "avatar"]
    item: Item
    ahead: bool = False  # it stands above newer ones


def listing(
    form: str, *, by_date: bool = False, ask: Ask = doubt, visitors: bool = False
) -> Listing:
    """Return a listing of what instaloader finds at an address, a template over the target's values.

    `by_date` tells that Instagram shows it in the order in which it was published.
    """

    async def read(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        url = ROOT + form.format_map(target.values)
        request = EngineRequest(engine="instaloader", url=url)
        reader, found = _Reader(), False
        try:
            async for page in pages(client, request, reader.post_of, cursor, by_date=by_date):
                reader.check()
                found = found or bool(page.posts)
                yield page
        except SourceError as error:
            failure = await explain(error, target, client, ask, found=found, visitors=visitors)
            if failure is error:
                raise
            raise failure from error

    return read


@dataclass(slots=True)
class _Reader:
    """Reads posts. Some may have no file; that none has any is `UnexpectedResponse`."""

    full: int = 0
    empty: int = 0

    def post_of(self, draft: Draft) -> Post | None:
        """Return the post, or the item of a story, that instaloader speaks of; None if it has no file."""
        try:
            said = Said.model_validate(draft.meta)
        except ValidationError as error:
            raise UnexpectedResponse("Instagram describes its posts in an unknown form.") from error
        item = said.item
        media = [file for part in item.carousel_media or [item] for file in _files(part)]
        self.full += bool(media)
        self.empty += not media
        if not media:
            return None
        at = None if item.taken_at is None else datetime.fromtimestamp(item.taken_at, UTC)
        if said.kind in {"story", "highlight"}:
            kept = said.kind == "highlight"
            return make_story(media[0], author=item.user.username, posted_at=at, kept=kept)
        return make_post(
            item.pk,
            media,
            author=item.user.username,
            caption=item.caption.text if item.caption else "",
            posted_at=at,
            pinned=_is_pinned(said),
        )

    def check(self) -> None:
        """Raise `UnexpectedResponse` if posts came, and not a single file."""
        if self.empty and not self.full:
            raise UnexpectedResponse("Instagram shows its pictures in an unknown form.")


def _is_pinned(said: Said) -> bool:
    timeline, clips = said.item.timeline_pinned_user_ids, said.item.clips_tab_pinned_user_ids
    if timeline is None and clips is None:
        return said.ahead  # visitors are not told
    match said.kind:
        case "user":
            return bool(timeline)
        case "reels":
            return bool(clips)
        case _:
            return bool(timeline or clips)


def _files(part: Part) -> Iterator[Media]:
    pictures = part.image_versions2.candidates if part.image_versions2 else []
    # The sizes of a video are told in no order that could be relied on.
    versions = reversed(part.video_versions or [])
    file = max(versions, key=lambda one: one.width * one.height, default=next(iter(pictures), None))
    if file is None:
        return  # it is not shown, and has no address
    yield Media(
        id=part.pk,
        url=file.url,
        kind=MediaKind.VIDEO if part.video_versions else MediaKind.IMAGE,
        headers={"Referer": f"{ROOT}/"},
        filename=file.url.partition("?")[0].rpartition("/")[2] or None,
        width=file.width or None,
        height=file.height or None,
        duration=part.video_duration,
    )


_post = listing("/p/{code}/", ask=ask_post, visitors=True)
_stories = listing("/stories/{user}/", ask=ask_profile)


async def shared(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the post that a short link leads to, as the app shares it."""
    post = find_post((await client.text(target.url)).url)
    if post is None:
        raise LoginRequired("Instagram does not show visitors where this short link leads.")
    async for page in _post(post, client, cursor):
        yield page


for _feed, _read, _example in (
    ("user", listing("/{user}/", by_date=True, ask=ask_profile, visitors=True), "/gatherum_demo/"),
    ("post", _post, "/p/DPlabcdEFGH/"),
    ("share", shared, "/share/p/BAabcdefgh/"),
    ("reels", listing("/{user}/reels/", by_date=True, ask=ask_profile), "/gatherum_demo/reels/"),
    ("tagged", listing("/{user}/tagged/", ask=ask_profile), "/gatherum_demo/tagged/"),
    ("saved", listing("/{user}/saved/", ask=ask_profile), "/gatherum_demo/saved/"),
    ("avatar", listing("/{user}/avatar/", ask=ask_profile), "/gatherum_demo/avatar/"),
    ("highlights", listing("/{user}/highlights/", ask=ask_profile), "/gatherum_demo/highlights/"),
    ("stories", _stories, "/stories/gatherum_demo/"),
    ("story", one_story(_stories), "/stories/gatherum_demo/3741400000000000000/"),
    (
        "highlight",
        listing("/stories/highlights/{highlight}/"),
        "/stories/highlights/17900000000000001/",
    ),
):
    add_way(
        _read,
        platform="instagram",
        feed=_feed,
        via="instaloader",
        example=ROOT + _example,
        needs=Needs(login=_feed not in {"user", "post", "share"}),
        order=150,
    )
