"""The pages that LinkedIn shows to visitors: posts in cards, by their marks of September 2026."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.model import Media, MediaKind, Post
from gatherum.ports import Client, Document
from gatherum.providers.engines.reading import text_of
from gatherum.providers.linkedin.posts import NUMBERED, address_of, author_at, make_post
from gatherum.safety import foreign

CARD: Final = "article[data-activity-urn]"
WORDS: Final = '[data-test-id="main-feed-activity-card__commentary"]'
PICTURES: Final = '[data-test-id="feed-images-content"] img'
RESHARED: Final = '[data-test-id="feed-reshare-content"]'
ARTICLE: Final = '[data-test-id="article-content"]'
AUTHOR: Final = '[data-test-id="main-feed-activity-card__entity-lockup"] a[href]'
PUBLISHED = "/feedshare-"  # in the address of a picture that belongs to a post


class Source(BaseModel):
    src: str
    bitrate: int = Field(default=0, alias="data-bitrate")


class Native(BaseModel):
    url: str = ""
    manifestUrl: str = ""  # noqa: N815  # LinkedIn's own name
    title: str = ""


class Config(BaseModel):
    doc: Native


class Manifest(BaseModel):
    transcribedDocumentUrl: str = ""  # noqa: N815


class Named(BaseModel):
    name: str = ""
    url: str = ""


class Picture(BaseModel):
    url: str = ""


class Told(BaseModel):
    """What a page says of its post for search engines."""

    kind: str = Field(default="", alias="@type")
    author: Named | None = None
    creator: Named | None = None
    articleBody: str = ""  # noqa: N815
    text: str = ""
    description: str = ""
    image: Picture | None = None


SOURCES = TypeAdapter(list[Source])
NOTHING = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A post as a page shows it; where its document is, is not looked for yet."""

    urn: str
    author: str
    caption: str
    pictures: tuple[str, ...]
    film: tuple[str, ...]  # its sizes, the largest first
    links: tuple[str, ...]
    native: Native | None  # its document


async def look_at(url: str, client: Client, headers: Mapping[str, str] | None = None) -> Document:
    """Return a page that is no wall. LinkedIn's own page for what is missing says that it is gone."""
    document = await client.text(url, headers=headers)
    match urlsplit(document.url).path.split("/")[1:]:
        case ["checkpoint", *_]:
            raise Challenge("LinkedIn wants to see the owner of this login in a browser first.")
        case ["authwall" | "login" | "uas" | "signup", *_]:
            raise LoginRequired("LinkedIn shows this only to somebody who is logged in.")
        case ["404", *_]:
            raise Gone("LinkedIn says that this does not exist.")
        case [_, "unavailable", *_]:
            raise Unavailable("LinkedIn does not show this page just now.")
        case _:
            return document


def is_public(document: Document) -> bool:
    """Return whether this is what visitors see, and somebody with a login never."""
    tree = foreign.html(document.text)
    key = tree.css_first('meta[name="pageKey"]')
    kind = (key.attributes.get("content") or "") if key else ""
    return tree.css_first(CARD) is not None or "public" in kind or "guest" in kind


def cards_on(document: Document) -> tuple[Card, ...]:
    """Return the posts of a page, in its order."""
    return tuple(_card(node, NOTHING) for node in foreign.html(document.text).css(CARD))


def single_on(document: Document) -> Card:
    """Return the post that a page is of: the first one on it."""
    tree = foreign.html(document.text)
    node = tree.css_first(CARD)
    if node is None and tree.css_first("code[id^='bpr-guid']") is not None:
        raise Unsupported("This is the page for those who are logged in.")
    if node is None:
        raise UnexpectedResponse("LinkedIn shows this post in an unknown form.")
    return _card(node, _told(tree))


async def post_of(card: Card, client: Client) -> Post:
    """Return the post; where its document is, is asked for now."""
    files = [Media(id="", url=url, kind=MediaKind.IMAGE) for url in card.pictures]
    files += [Media(id="", url=url, kind=MediaKind.VIDEO) for url in card.film[:1]]
    if card.native is not None and (manifest := card.native.url or card.native.manifestUrl):
        files += await document_at(manifest, card.native.title, client)
    return make_post(card.urn, files, author=card.author, caption=card.caption, links=card.links)


async def document_at(manifest: str, title: str, client: Client) -> tuple[Media, ...]:
    """Return the document that a manifest speaks of, if LinkedIn gives it out."""
    url = (await client.get(manifest, Manifest)).transcribedDocumentUrl
    return (document(url, title),) if url else ()


def document(url: str, title: str) -> Media:
    """Return a document."""
    name = f"{title}.pdf" if title else None
    return Media(id="", url=url, kind=MediaKind.DOCUMENT, filename=name)


def _card(node: LexborNode, told: Told) -> Card:
    found = NUMBERED.fullmatch(node.attributes.get("data-activity-urn") or "")
    if found is None:
        raise UnexpectedResponse("LinkedIn numbers this post in an unknown form.")
    links = []
    for other in node.css(RESHARED):
        if urn := other.attributes.get("data-activity-urn"):
            links.append(address_of(urn))
        other.decompose()  # its files belong to the post that is shared
    article = node.css_first(f"{ARTICLE} a[href], a[href]{ARTICLE}")
    links += [link] if article and (link := article.attributes.get("href")) else []
    film, native = _film(node), _native(node)
    pictures = tuple(dict.fromkeys(_pictures(node)))
    alone = not (pictures or film or native or links)
    shown = told.image.url if told.image else ""
    words, by = node.css_first(WORDS), told.author or told.creator
    lockup = node.css_first(AUTHOR)
    return Card(
        urn=found[0],
        author=author_at(by.url, by.name) if by else author_at(_href(lockup)),
        caption=text_of(words.html or "") if words else told.articleBody or told.text,
        pictures=(shown,) if alone and PUBLISHED in shown else pictures,
        film=film,
        links=tuple(links),
        native=native,
    )


def _href(node: LexborNode | None) -> str:
    return (node.attributes.get("href") or "") if node else ""


def _pictures(node: LexborNode) -> Iterator[str]:
    for image in node.css(PICTURES):
        if url := image.attributes.get("data-delayed-url") or image.attributes.get("src"):
            yield url


def _film(node: LexborNode) -> tuple[str, ...]:
    film = node.css_first("video[data-sources]")
    if film is None:
        return ()
    try:
        sources = foreign.adapted(SOURCES, film.attributes.get("data-sources") or "")
    except ValidationError as error:
        raise UnexpectedResponse("LinkedIn shows a film in an unknown form.") from error
    return tuple(one.src for one in sorted(sources, key=lambda one: -one.bitrate))


def _native(node: LexborNode) -> Native | None:
    frame = node.css_first("iframe[data-native-document-config]")
    if frame is None:
        return None
    try:
        return foreign.model(Config, frame.attributes["data-native-document-config"] or "").doc
    except ValidationError as error:
        raise UnexpectedResponse("LinkedIn shows a document in an unknown form.") from error


def _told(tree: LexborHTMLParser) -> Told:
    """Return what the page says of its post for others; its picture also where only they are told."""
    told = NOTHING
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            told = foreign.model(Told, script.text())
            break
        except ValidationError:
            continue
    meta = tree.css_first('meta[property="og:image"]')
    if told.image is None and meta is not None:
        told = told.model_copy(update={"image": Picture(url=meta.attributes.get("content") or "")})
    return told
