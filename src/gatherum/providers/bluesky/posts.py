"""What a post of Bluesky is: the record as its author wrote it, whoever hands it on."""

from collections.abc import Iterator

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import date_of, is_web_address

ROOT = "https://bsky.app"
KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}


class Link(BaseModel):
    link: str = Field(alias="$link")


class Blob(BaseModel):
    ref: Link | None = None
    cid: str = ""  # how the oldest posts write it
    mime: str = Field(alias="mimeType")
    size: int | None = None

    @property
    def name(self) -> str:
        """The name of the file, made from its content."""
        return self.ref.link if self.ref else self.cid


class Ratio(BaseModel):
    width: int | None = None
    height: int | None = None


class Piece(BaseModel):
    image: Blob | None = None
    video: Blob | None = None
    ratio: Ratio = Field(alias="aspectRatio", default=Ratio())


class External(BaseModel):
    uri: str = ""


class Embed(Piece):
    images: list[Piece] = []
    items: list[Piece] = []
    external: External = External()
    media: "Embed | None" = None


class Record(BaseModel):
    text: str = ""
    created: str = Field(alias="createdAt")
    embed: Embed | None = None


class Author(BaseModel):
    did: str
    handle: str


class Said(Record):
    uri: str
    author: Author


def read_post(uri: str, author: Author, record: Record, address: str) -> Post:
    """Return a post whose files lie at `address` followed by the name of each."""
    key = uri.rpartition("/")[2]
    number = f"{key}@{author.did.removeprefix('did:plc:')}"  # a key is only its author's own
    outside = record.embed.external.uri if record.embed else ""
    return Post(
        platform="bluesky",
        id=number,
        url=f"{ROOT}/profile/{author.handle}/post/{key}",
        author=author.handle,
        caption=record.text,
        posted_at=date_of(record.created),
        media=tuple(_media(number, blob, ratio, address) for blob, ratio in blobs_of(record)),
        links=(outside,) if is_web_address(outside) else (),
    )


def blobs_of(record: Record) -> list[tuple[Blob, Ratio]]:
    """Return the files of a post, in order, each once."""
    return list({blob.name: (blob, ratio) for blob, ratio in _embedded(record.embed)}.values())


@reads("gallerydl", "bluesky")
def post_of(draft: Draft) -> Post:
    """Return the post that gallery-dl speaks of: it hands on the record as it was written."""
    try:
        said = Said.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("Bluesky describes its posts in an unknown form.") from error
    first = draft.files[0].url if draft.files else ""
    return read_post(said.uri, said.author, said, first.partition("&cid=")[0] + "&cid=")


def _embedded(embed: Embed | None) -> Iterator[tuple[Blob, Ratio]]:
    if embed is None:
        return
    for piece in (*embed.images, *embed.items, embed):
        for blob in (piece.image, piece.video):
            if blob is not None:
                yield blob, piece.ratio
    yield from _embedded(embed.media)


def _media(post: str, blob: Blob, ratio: Ratio, address: str) -> Media:
    kind, _, extension = blob.mime.partition("/")
    return Media(
        id=f"{post}/{blob.name}",
        url=address + blob.name,
        kind=KINDS.get(kind, MediaKind.UNKNOWN),
        filename=f"{blob.name}.{extension}" if extension else None,
        size=blob.size,
        width=ratio.width,
        height=ratio.height,
    )
