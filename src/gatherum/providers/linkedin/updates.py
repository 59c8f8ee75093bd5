"""Posts in the words of Voyager, LinkedIn's own interface."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Post
from gatherum.ports import Client
from gatherum.providers.linkedin.cards import document, document_at
from gatherum.providers.linkedin.posts import NUMBERED, address_of, author_at, make_post

# The names are LinkedIn's own.
# ruff: noqa: N815


class Text(BaseModel):
    text: str = ""


class Commentary(BaseModel):
    text: Text | None = None


class Navigation(BaseModel):
    actionTarget: str = ""


class Actor(BaseModel):
    name: Text | None = None
    navigationContext: Navigation | None = None


class Artifact(BaseModel):
    width: int = 0
    height: int = 0
    fileIdentifyingUrlPathSegment: str


class Vector(BaseModel):
    rootUrl: str = ""
    artifacts: list[Artifact]


class Address(BaseModel):
    url: str


class Detail(BaseModel):
    vectorImage: Vector | None = None
    imageUrl: Address | None = None


class Attribute(BaseModel):
    detailData: Detail | None = None


class Image(BaseModel):
    attributes: list[Attribute]


class Images(BaseModel):
    images: list[Image]


class Stream(BaseModel):
    streamingLocations: list[Address] = []
    width: int | None = None
    height: int | None = None
    size: int | None = None


class Film(BaseModel):
    entityUrn: str = ""
    media: str = ""
    duration: float | None = None  # milliseconds
    progressiveStreams: list[Stream]


class Shown(BaseModel):
    reference: str | None = Field(default=None, alias="*videoPlayMetadata")
    inline: Film | None = Field(default=None, alias="videoPlayMetadata")


class Paper(BaseModel):
    transcribedDocumentUrl: str | None = None
    manifestUrl: str | None = None
    title: str | None = None


class Papers(BaseModel):
    document: Paper


class Elsewhere(BaseModel):
    navigationContext: Navigation | None = None


class Content(BaseModel):
    imageComponent: Images | None = None
    linkedInVideoComponent: Shown | None = None
    documentComponent: Papers | None = None
    articleComponent: Elsewhere | None = None
    externalVideoComponent: Elsewhere | None = None


class Names(BaseModel):
    urn: str | None = None
    backendUrn: str | None = None
    shareUrn: str | None = None


class Update(BaseModel):
    entityUrn: str
    updateMetadata: Names | None = None
    metadata: Names | None = None
    actor: Actor | None = None
    commentary: Commentary | None = None
    content: Content | None = None
    reshared: str | None = Field(default=None, alias="*resharedUpdate")
    header: Commentary | None = None  # "Ann reposted this"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the urns that this post goes by."""
        given = [one for one in (self.updateMetadata, self.metadata) if one is not None]
        named = [name for one in given for name in (one.urn, one.backendUrn, one.shareUrn) if name]
        own = NUMBERED.search(self.entityUrn)
        return (*named, own[0]) if own else tuple(named)

    @property
    def urn(self) -> str:
        """Return the one of them that all ways know: that of the activity."""
        found = next((name for name in self.names if NUMBERED.fullmatch(name)), None)
        if found is None:
            raise UnexpectedResponse("LinkedIn does not say which post this is.")
        return found

    @property
    def is_passed_on(self) -> bool:
        """Return whether this is another's, shown with no word of one's own."""
        headed = self.header is not None and self.header.text is not None
        return headed or (self.reshared is not None and not self.words)

    @property
    def words(self) -> str:
        """Return what was written."""
        return self.commentary.text.text if self.commentary and self.commentary.text else ""


async def post_of(update: Update, films: Mapping[str, Film], client: Client) -> Post:
    """Return a post with its files; what it shares of others is a link, and theirs."""
    content = update.content or Content()
    elsewhere = [content.articleComponent, content.externalVideoComponent]
    links = [
        one.navigationContext.actionTarget for one in elsewhere if one and one.navigationContext
    ]
    if update.reshared and (found := NUMBERED.search(update.reshared)):
        links.append(address_of(found[0]))
    actor = update.actor or Actor()
    return make_post(
        update.urn,
        [*_pictures(content), *_films(content, films), *await _papers(content, client)],
        author=author_at(
            actor.navigationContext.actionTarget if actor.navigationContext else "",
            actor.name.text if actor.name else "",
        ),
        caption=update.words,
        links=[link for link in links if link],
    )


def _pictures(content: Content) -> list[Media]:
    images = content.imageComponent.images if content.imageComponent else []
    details = (one.detailData for image in images for one in image.attributes[:1])
    return [_picture(detail) for detail in details if detail is not None]


def _picture(detail: Detail) -> Media:
    """Return a picture in its largest size. All of its addresses end together, after some weeks."""
    if detail.vectorImage is None or not detail.vectorImage.artifacts:
        if detail.imageUrl is None:
            raise UnexpectedResponse("LinkedIn does not say where a picture is.")
        return Media(id="", url=detail.imageUrl.url, kind=MediaKind.IMAGE)
    root = detail.vectorImage.rootUrl
    best, *smaller = sorted(detail.vectorImage.artifacts, key=lambda one: -one.width)
    return Media(
        id="",
        url=root + best.fileIdentifyingUrlPathSegment,
        kind=MediaKind.IMAGE,
        mirrors=tuple(root + one.fileIdentifyingUrlPathSegment for one in smaller[:1]),
        width=best.width or None,
        height=best.height or None,
    )


def _films(content: Content, films: Mapping[str, Film]) -> list[Media]:
    shown = content.linkedInVideoComponent
    if shown is None:
        return []
    film = shown.inline or films.get(shown.reference or "")
    streams = [one for one in film.progressiveStreams if one.streamingLocations] if film else []
    if film is None or not streams:
        raise UnexpectedResponse("LinkedIn does not say where a film is.")
    best = max(streams, key=lambda one: ((one.width or 0) * (one.height or 0), one.size or 0))
    first, *others = (one.url for one in best.streamingLocations)
    return [
        Media(
            id="",
            url=first,
            kind=MediaKind.VIDEO,
            mirrors=tuple(others),
            size=best.size,
            width=best.width,
            height=best.height,
            duration=film.duration / 1000 if film.duration else None,
        )
    ]


async def _papers(content: Content, client: Client) -> tuple[Media, ...]:
    if content.documentComponent is None:
        return ()
    paper = content.documentComponent.document
    if paper.transcribedDocumentUrl:
        return (document(paper.transcribedDocumentUrl, paper.title or ""),)
    if not paper.manifestUrl:
        raise UnexpectedResponse("LinkedIn does not say where a document is.")
    return await document_at(paper.manifestUrl, paper.title or "", client)
