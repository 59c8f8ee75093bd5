"""What FastDL's interface answers, and the posts in it: of Instagram's API, and of its own for a link."""

from datetime import UTC, datetime

from pydantic import AliasChoices, BaseModel, Field

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post
from gatherum.providers.instagram.ids import moment_of, pk_of
from gatherum.providers.instagram.posts import Pk, make_post, make_story
from gatherum.providers.instagram.viewers import number_in, original_of


class Refusal(BaseModel):
    success: bool = True
    code: str = ""
    response_type: str = ""


class Person(BaseModel):
    username: str = ""
    is_private: bool = False


class Shown(BaseModel):
    user: Person


class UserInfo(BaseModel):
    result: list[Shown]


class Version(BaseModel):
    url: str
    width: int = 0
    height: int = 0


class Candidates(BaseModel):
    candidates: list[Version] = []


class Caption(BaseModel):
    text: str = ""


class Item(BaseModel):
    """A file as Instagram's API describes it."""

    id: Pk = Field(
        validation_alias=AliasChoices("pk", "id")
    )  # its number, often with its owner's behind it
    taken_at: float | None = None
    image_versions2: Candidates | None = None
    video_versions: list[Version] | None = None


class Node(Item):
    """A post as Instagram's API describes it."""

    code: str
    caption: Caption | str | None = None
    user: Person | None = None
    owner: Person | None = None
    carousel_media: list[Item] | None = None
    timeline_pinned_user_ids: list[int] | None = None


class Edge(BaseModel):
    node: Node


class PageInfo(BaseModel):
    has_next_page: bool = True
    end_cursor: str | None = None

    @property
    def behind(self) -> str | None:
        """Return where the listing goes on."""
        none = self.end_cursor in {None, "", "None"}  # the last is Python's own word
        return self.end_cursor if self.has_next_page and not none else None


class Part(BaseModel):
    edges: list[Edge]
    page_info: PageInfo = PageInfo()


class Listed(BaseModel):
    result: Part


class Stories(BaseModel):
    result: list[Item]


class File(BaseModel):
    url: str
    quality: float | None = None


class Meta(BaseModel):
    title: str | None = None
    username: str | None = None
    taken_at: float | None = None


class Converted(BaseModel):
    """One file behind a link."""

    url: list[File] = Field(min_length=1)
    thumb: str | None = None
    meta: Meta = Meta()

    @property
    def best(self) -> str:
        """Return the address of the file in its best quality."""
        return max(self.url, key=lambda one: one.quality or 0).url


def listed_post(node: Node) -> Post:
    """Return a post of a listing."""
    pk = pk_of(node.code)
    files = [_file(item) for item in node.carousel_media or ()]
    if not files:
        files = [_file(node, number=pk)]  # the number of an only file is its post's
    words = node.caption.text if isinstance(node.caption, Caption) else node.caption
    return make_post(
        pk,
        files,
        author=(node.user or node.owner or Person()).username,
        caption=words or "",
        posted_at=moment_of(pk) if node.taken_at is None else _moment(node.taken_at),
        pinned=bool(node.timeline_pinned_user_ids),
    )


def story_of(item: Item, author: str) -> Post:
    """Return one item of a story."""
    at = None if item.taken_at is None else _moment(item.taken_at)
    return make_story(_file(item), author=author, posted_at=at)


def converted_post(code: str, files: list[Converted]) -> Post:
    """Return the post of a link, from its files."""
    pk, meta = pk_of(code), files[0].meta
    several = len(files) > 1
    return make_post(
        pk,
        [
            _converted(one, (several and _number(one)) or (f"{pk}_{place}" if several else pk))
            for place, one in enumerate(files, start=1)
        ],
        author=meta.username or "",
        caption=meta.title or "",
        posted_at=moment_of(pk) if meta.taken_at is None else _moment(meta.taken_at),
    )


def _file(item: Item, number: str = "") -> Media:
    is_video = bool(item.video_versions)
    pictures = item.image_versions2.candidates if item.image_versions2 else []
    versions = item.video_versions or pictures
    if not versions:
        raise UnexpectedResponse("FastDL shows Instagram's files in an unknown form.")
    best = max(versions, key=lambda one: one.width * one.height)
    return Media(
        id=number or item.id.partition("_")[0],
        url=best.url,
        kind=MediaKind.VIDEO if is_video else MediaKind.IMAGE,
        width=best.width or None,
        height=best.height or None,
    )


def _converted(one: Converted, number: str) -> Media:
    shown = one.best
    address = original_of(shown, "uri")
    is_video = ".mp4" in address.partition("?")[0]
    return Media(
        id=number,
        url=address,
        kind=MediaKind.VIDEO if is_video else MediaKind.IMAGE,
        mirrors=() if address == shown else (shown,),
    )


def _number(one: Converted) -> str | None:
    """Return the number of a file, which the address of a picture holds, and that of a video's cover."""
    addresses = (one.best, one.thumb or "")
    return next(filter(None, (number_in(original_of(each, "uri")) for each in addresses)), None)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
