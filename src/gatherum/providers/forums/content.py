"""What one post of a forum holds: its media, the links that lead out of it, its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from gatherum.model import Media, MediaKind
from gatherum.providers.engines.reading import text_of
from gatherum.providers.forums.dialect import Marks
from gatherum.providers.urls import host_of, kind_of, name_of, resolve, transport_of

DEEPEST = 60  # elements around one that are looked at

_ELEMENTS = "a[href], img, video, audio, iframe[src], iframe[data-embed-src], [data-video-src]"
_PLAYERS = {"video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_NAME = re.compile(
    r"^(?:(?:[^\n]*\n\s*)?\w+:\s+)?(?P<name>[^\n/\\]*?[^\s/\\]\.[A-Za-z0-9]{2,5})(?=\s|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands in a post, in its order, each once; what it quotes does not."""

    media: tuple[Media, ...]
    links: tuple[str, ...]
    text: str


@dataclass(slots=True)
class _File:
    url: str
    kind: MediaKind = MediaKind.UNKNOWN
    name: str = ""


class _Link(NamedTuple):
    """A link around a picture, and the attachment that it leads to."""

    link: str
    name: str | None


class _Numbered(NamedTuple):
    """An attachment that an element offers."""

    link: str
    name: str


class _Found:
    """What was found in one post so far."""

    def __init__(self, post: str) -> None:
        self.files: dict[str, _File] = {}  # by their number or place
        self.links: dict[str, None] = {}
        self._post = post
        self._shown: set[str] = set()

    def show(self, link: str, kind: MediaKind, said: str = "") -> None:
        """Add what stands in the words: it has no number, so its place names it."""
        if link not in self._shown:
            self._shown.add(link)
            name = f"{self._post}_{len(self._shown)}"
            known = kind_of(link)
            self.files[name] = _File(
                link, known or kind, name_of(link) if known else said or name_of(link)
            )


class Reader:
    """Reads posts of one page; `root` is where the board lives, `base` where its links start."""

    def __init__(self, marks: Marks, *, root: str, base: str) -> None:
        self._marks = marks
        self._root = root
        self._base = base

    def read(self, row: LexborNode, post: str) -> Content | None:
        """Return what a post holds, None if it has no body where there is always one."""
        body = row.css_first(self._marks.body)
        if body is None:
            return None
        for node in body.css(self._marks.asides):
            node.decompose()
        found = _Found(post)
        for node in body.css(_ELEMENTS):
            self._take(node, found)
        for region in row.css(self._marks.attached) if self._marks.attached else ():
            called = region.css_first(self._marks.called) if self._marks.called else None
            for node in region.css(_ELEMENTS):
                if (link := self._address(node)) and (offered := self._offered(node, link)):
                    self._attach(node, offered, found, called)
        for node in body.css(self._marks.notes):
            node.decompose()
        media = tuple(_media(name, file) for name, file in found.files.items())
        return Content(media=media, links=tuple(found.links), text=text_of(body.inner_html or ""))

    def _take(self, node: LexborNode, found: _Found) -> None:
        link = self._address(node)
        if link is None:
            return
        if offered := self._offered(node, link):
            self._attach(node, offered, found)
        elif node.tag == "iframe":
            found.links[link] = None
        elif node.tag == "a":
            if node.css_first("img") is not None and kind_of(link) is MediaKind.IMAGE:
                found.show(link, MediaKind.IMAGE)  # the picture in it is a small copy
            elif host_of(link) != host_of(self._root):
                found.links[link] = None
        elif node.tag in _PLAYERS:
            found.show(link, _PLAYERS[node.tag])
        elif "data-video-src" in node.attributes:
            found.show(link, MediaKind.VIDEO)
        elif not node.css_matches(self._marks.emoticons) and not self._is_copy(node):
            found.show(link, MediaKind.IMAGE, next(_names(node), ""))

    def _attach(
        self,
        node: LexborNode,
        offered: _Numbered,
        found: _Found,
        called: LexborNode | None = None,
    ) -> None:
        url = self._large(offered.link, offered.name)
        file = found.files.setdefault(offered.name, _File(url))
        if node.tag == "img":
            file.kind = MediaKind.IMAGE
        elif node.tag in _PLAYERS:
            file.kind = _PLAYERS[node.tag]
        elif "data-video-src" in node.attributes:
            file.kind = MediaKind.VIDEO
        for one in (node, called):
            file.name = file.name or (next(_names(one), "") if one is not None else "")

    def _address(self, node: LexborNode) -> str | None:
        """Return the address that an element offers; of a player's sources the first."""
        attributes = node.attributes
        match node.tag:
            case "a":
                names: tuple[str, ...] = ("href",)
            case "img":
                names = self._marks.sources
            case _:
                names = ("src", "data-video-src", "data-embed-src")
        offered = (attributes.get(name) or "" for name in names)
        link = next((one for one in offered if one and not one.startswith("data:")), None)
        if not link and node.tag in _PLAYERS:
            source = node.css_first("source[src]")
            link = source.attributes["src"] if source is not None else None
        if not link or link.startswith("#"):
            return None
        return resolve(self._base, link)

    def _large(self, link: str, name: str) -> str:
        """Return the address of an attachment in full size."""
        return self._root + self._marks.file.format(id=name) if self._marks.file else link

    def _offered(self, node: LexborNode, link: str) -> _Numbered | None:
        """Return the board's own attachment that an element offers."""
        number = self._attachment(node, link)
        # A small picture may have a number of its own, or none: the link around it counts.
        if node.tag == "img" and (number or self._marks.small.search(link)):
            around = self._link_around(node)
            if around is not None and around.name:
                return _Numbered(around.link, around.name)
        return _Numbered(link, number) if number else None

    def _attachment(self, node: LexborNode, link: str) -> str | None:
        """Return the number of the board's own attachment that an element offers."""
        if self._marks.numbered and (number := node.attributes.get(self._marks.numbered)):
            return number
        inside = link.partition("://")[2].startswith(self._root.partition("://")[2])
        inside = inside or self._marks.anywhere
        match = self._marks.attachment.search(link) if inside else None
        return match[match.lastindex or 0] if match else None

    def _is_copy(self, image: LexborNode) -> bool:
        around = self._link_around(image)
        if around is None:
            return False
        return kind_of(around.link) is MediaKind.IMAGE or around.name is not None

    def _link_around(self, node: LexborNode) -> _Link | None:
        parent = node.parent
        for _ in range(DEEPEST):
            if parent is None:
                return None
            if parent.tag == "a":
                link = self._address(parent)
                return _Link(link, self._attachment(parent, link)) if link else None
            parent = parent.parent
        return None


def _names(node: LexborNode) -> Iterator[str]:
    """Yield what an element calls its file, the surest first."""
    said = [node.text(), node.attributes.get("alt"), node.attributes.get("title")]
    for text in said:
        if text and (match := _NAME.search(re.sub(r"[\r\n]+", "\n", text.strip()))):
            yield match["name"].strip()


def _media(name: str, file: _File) -> Media:
    named = kind_of(f"https://x.example/{file.name.rpartition('/')[2]}") if file.name else None
    return Media(
        id=name,
        url=file.url,
        kind=named or (kind_of(file.url) if file.kind is MediaKind.UNKNOWN else None) or file.kind,
        transport=transport_of(file.url),
        filename=file.name or None,
    )
