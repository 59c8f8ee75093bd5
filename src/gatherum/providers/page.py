"""Any page: the pictures, videos and sounds that stand in its HTML, in order, each once."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import Unsupported
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, Document
from gatherum.providers import Needs, provider
from gatherum.providers.sizes import sized
from gatherum.providers.urls import kind_of, name_of, normalise, resolve, transport_of
from gatherum.safety import foreign

SMALLEST = 100  # a picture that is declared smaller, in either direction, is an icon
DEEPEST = 60  # elements around one that are looked at

_ELEMENTS = "a[href], img, video, audio, source, iframe[src]"
_FRAME = frozenset({"nav", "footer", "noscript", "template"})  # around the content, or a copy of it
# What galleries keep for the moment in which a picture is opened.
_FULL = (
    "data-orig-file",
    "data-full",
    "data-full-url",
    "data-highres",
    "data-zoom-image",
    "data-original",
    "data-large",
    "data-large-file",
)
# Lazy pages keep the true address in one of these and a placeholder in src.
_LAZY = ("data-lazy-src", "data-image", "data-src", "src")
_FILE_PAGE = "#file.fullImageLink"  # of a wiki, which shows one picture in several sizes
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_TRACKER = re.compile(
    r"//[^/]*\b(?:doubleclick|google-analytics|googletagmanager|scorecardresearch|quantserve)\."
    r"|//(?:www\.)?facebook\.com/tr\b|//pixel\.|/pixel\.(?:gif|png)\b|\b1x1\.(?:gif|png)\b"
)
_DRAWN = re.compile(r"\.(?:svgz?|ico)(?:[?#]|$)", re.IGNORECASE)
_SIZE = re.compile(r"\s([\d.]+)[wx],")


class File(NamedTuple):
    """A file at its address in normal form; `shown` is a smaller size of it that the page itself shows."""

    url: str
    kind: MediaKind
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was found on a page: files, and embedded players. Of a picture's sizes the largest counts."""

    files: tuple[File, ...]
    embeds: tuple[str, ...]


@provider(
    platform="web",
    feed="page",
    pattern=r"(?!)",  # claims no link by itself: the caller has asked what the page is
    example="https://gallery.example/holiday",
    needs=Needs(probe=True),
    order=920,
)
async def page(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield the page as one post; `Unsupported` if nothing on it can be brought in."""
    document = await client.text(target.url)
    post = await foreign.apart(_post, target, document)
    if not post.media:
        raise Unsupported("No picture, video or sound was found on this page.")
    yield Page(posts=(post,), cursor=None)


def content_of(html: str, base: str) -> Content:
    """Return the media in `html`, in the order of the page, each once."""
    tree = foreign.html(html)
    base = _base(tree, base)
    found = _Pictures()
    embeds: dict[str, None] = {}
    alone = tree.css_first(_FILE_PAGE)
    for node in (alone or tree).css(_ELEMENTS):
        if _within(node, _FRAME):
            continue
        if node.tag == "iframe" and (player := resolve(base, node.attributes["src"] or "")):
            embeds[player] = None
        for link, kind in _offers(node, base):
            file = resolve(base, link)
            if file and not _TRACKER.search(file) and not _DRAWN.search(file):
                found.add(file, kind_of(file) or kind)
    if not found.files:
        for file, kind in _announced(tree, base):
            found.add(file, kind)
    return Content(files=tuple(found.files.values()), embeds=tuple(embeds))


class _Pictures:
    """What was found on a page so far, each picture once: in the place of its first size."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._ranks: dict[str, float] = {}

    def add(self, url: str, kind: MediaKind) -> None:
        """Add a file, or let it stand for a smaller size of it."""
        if kind is not MediaKind.IMAGE:
            self.files.setdefault(url, File(url, kind))
            return
        one = sized(url)
        if one.rank > self._ranks.get(one.picture, -1.0):
            self._ranks[one.picture] = one.rank
            self.files[one.picture] = File(one.url, kind, url if url != one.url else "")


def media_of(files: tuple[File, ...]) -> tuple[Media, ...]:
    """Return found files as media that are known by their address alone.

    Where no original answers, the size that the page shows is taken.
    """
    return tuple(
        Media(
            id=url,
            url=url,
            kind=kind,
            transport=transport_of(url),
            filename=name_of(url) or None,
            mirrors=(shown,) if shown else (),
        )
        for url, kind, shown in files
    )


def _post(target: Target, document: Document) -> Post:
    content = content_of(document.text, document.url)
    tree = foreign.html(document.text)
    title = tree.css_first("title")
    url = normalise(target.url)
    return Post(
        platform="web",
        id=url,
        url=url,
        author=_meta(tree, "author") or _meta(tree, "article:author"),
        caption=_meta(tree, "og:title") or (title.text(strip=True) if title else ""),
        posted_at=_date(_meta(tree, "article:published_time")),
        media=media_of(content.files),
        links=content.embeds,
    )


def _offers(node: LexborNode, base: str) -> Iterator[tuple[str, MediaKind]]:
    """Yield the addresses that one element offers, with the kind that its tag speaks of."""
    attributes = node.attributes
    match node.tag:
        case "a":
            link = attributes["href"] or ""
            if kind := kind_of(resolve(base, link) or ""):
                yield link, kind
        case "img":
            if not _small(node) and not _behind_link(node, base) and (best := _largest(node)):
                yield best, MediaKind.IMAGE
        case "video" | "audio" as tag:
            if source := attributes.get("src") or attributes.get("data-src"):
                yield source, MediaKind(tag)
        case "source":
            parent = node.parent
            # A player's sources are one recording in several forms: the first is the author's.
            if parent is not None and parent.tag in {"video", "audio"}:
                first = parent.css_first("source[src]")
                if first is not None and first.mem_id == node.mem_id and not _has_src(parent):
                    yield attributes["src"] or "", MediaKind(parent.tag)


def _has_src(player: LexborNode) -> bool:
    return bool(player.attributes.get("src") or player.attributes.get("data-src"))


def _largest(image: LexborNode) -> str | None:
    """Return the best address of a picture: the one to open, of its sets the widest, the lazy one."""
    if full := _first(image, _FULL):
        return full
    nodes = [image]
    if image.parent is not None and image.parent.tag == "picture":
        nodes += image.parent.css("source")
    sizes: dict[str, float] = {}
    for node in nodes:
        for name in _SETS:
            for link, size in _candidates(node.attributes.get(name) or ""):
                if not link.startswith("data:"):
                    sizes.setdefault(link, size)
    if sizes:
        return max(sizes, key=lambda link: sizes[link])
    return _first(image, _LAZY)


def _first(image: LexborNode, names: tuple[str, ...]) -> str | None:
    links = (image.attributes.get(name) or "" for name in names)
    return next((link for link in links if link and not link.startswith("data:")), None)


def _candidates(srcset: str) -> Iterator[tuple[str, float]]:
    """Yield the addresses of a set with their sizes, in the set's own unit."""
    # A comma may stand in an address: only one before a space, or after a size, is a separator.
    for part in re.split(r",\s", _SIZE.sub(r" \1w, ", srcset)):
        words = part.split()
        size = words[-1][:-1] if len(words) > 1 else ""
        if words:
            yield words[0].rstrip(","), float(size) if size.replace(".", "", 1).isdecimal() else 1.0


def _small(image: LexborNode) -> bool:
    declared = (image.attributes.get(name) or "" for name in ("width", "height"))
    return any(value.isdecimal() and int(value) < SMALLEST for value in declared)


def _behind_link(image: LexborNode, base: str) -> bool:
    """Return whether the picture is the preview of a file that it links to."""
    link = next((node for node in _around(image) if node.tag == "a"), None)
    address = resolve(base, link.attributes.get("href") or "") if link is not None else None
    return kind_of(address or "") is not None


def _within(node: LexborNode, tags: frozenset[str]) -> bool:
    return any(around.tag in tags for around in _around(node))


def _around(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements around one, from the inside; not for ever on a page made to be deep."""
    parent = node.parent
    for _ in range(DEEPEST):
        if parent is None:
            return
        yield parent
        parent = parent.parent


def _announced(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, MediaKind]]:
    """Yield what the page announces to other sites, for pages that show nothing themselves."""
    for name, kind in (
        ("og:video:secure_url", MediaKind.VIDEO),
        ("og:video", MediaKind.VIDEO),
        ("og:image:secure_url", MediaKind.IMAGE),
        ("og:image", MediaKind.IMAGE),
    ):
        links = [node.attributes.get("content") or "" for node in _metas(tree, name)]
        found = [address for link in links if (address := resolve(base, link))]
        if kind is MediaKind.VIDEO:
            # A video is often announced as the page of its player, which is no file.
            found = [address for address in found if kind_of(address)]
        if found:
            yield from ((address, kind_of(address) or kind) for address in found)
            return


def _metas(tree: LexborHTMLParser, name: str) -> list[LexborNode]:
    return tree.css(f'meta[property="{name}"], meta[name="{name}"]')


def _meta(tree: LexborHTMLParser, name: str) -> str:
    return next((node.attributes.get("content") or "" for node in _metas(tree, name)), "").strip()


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return resolve(url, node.attributes["href"] or "") or url if node else url


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
