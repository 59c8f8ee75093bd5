"""The pages of Nitter, by its marks of August 2026: posts of X, and where their files are at X."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import (
    Challenge,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import Media, MediaKind, Post, Transport
from gatherum.ports import Document
from gatherum.providers.engines.reading import text_of
from gatherum.providers.urls import kind_of
from gatherum.providers.x.posts import address_of, media_id_of, moment_of, sizes_at
from gatherum.safety import foreign

PICTURES = "https://pbs.twimg.com/"
POST = ".timeline-item"
PAUSE = 900.0  # seconds: X counts its limits by the quarter of an hour
# What stands on a page that wants to see a browser first: Anubis, Cloudflare, and Xcancel's own.
WALLS = ("not a bot", "just a moment", "verifying your")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows, and the query of the one behind it; None: this is the end."""

    posts: tuple[Post, ...]
    count: int  # posts on it, those included that are left out here
    more: str | None


def read_timeline(document: Document) -> Shown:
    """Return the posts of a timeline that have files; what somebody only shared is left out."""
    tree = _tree(document)
    items = [node for node in tree.css(POST) if node.css_first(".tweet-date") is not None]
    if not items and tree.css_first(".timeline-end") is None:
        raise _meant(tree)
    own = (node for node in items if node.css_first(".retweet-header") is None)
    links = [node.attributes.get("href") for node in tree.css(f".show-more:not({POST}) a")]
    return Shown(
        posts=tuple(post for post in (_post(node, document.url) for node in own) if post.media),
        count=len(items),
        more=links[-1].partition("?")[2] if items and links and links[-1] else None,
    )


def read_single(document: Document) -> Post:
    """Return the post that a page is of, without those before and behind it in its thread."""
    tree = _tree(document)
    shown = tree.css_first(f".main-tweet {POST}")
    if shown is None or shown.css_first(".tweet-date") is None:
        raise _meant(tree)
    return replace(_post(shown, document.url), pinned=False)


def media_at(shown: str, post: int, index: int, *, streamed: bool) -> Media:
    """Return the file behind an address of an instance: it is X's own, and is had from X."""
    address = original_of(shown)
    media = Media(
        id=media_id_of(address, post, index),
        url=address,
        kind=MediaKind.VIDEO if streamed else kind_of(address) or MediaKind.UNKNOWN,
        transport=Transport.YTDLP if streamed else Transport.HTTP,
        mirrors=(shown,) if shown != address else (),
    )
    if media.kind is not MediaKind.IMAGE:
        return media
    name, _, form = address.partition("?")[0].rpartition(".")
    best, *smaller = sizes_at(f"{name}?format={form}")
    return replace(media, url=best, mirrors=(*smaller, *media.mirrors))


def original_of(url: str) -> str:
    """Return the address at X that stands within one of an instance."""
    parts = urlsplit(url)
    if (parts.hostname or "").endswith(".twimg.com"):
        return url  # this instance lets its visitors fetch films from X
    _, kind, *rest = parts.path.split("/")
    rest = [part for part in rest if part != "orig"]
    inner = rest[-1] if rest else ""
    if rest[:1] == ["enc"]:
        try:
            inner = base64.urlsafe_b64decode(inner + "=" * (-len(inner) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnexpectedResponse("Nitter hides where a file is.") from error
    inner = unquote(inner)
    if kind == "video" or inner.startswith("https://"):
        return inner
    host = inner.partition("/")[0]
    return f"https://{inner}" if "." in host else PICTURES + inner


def _tree(document: Document) -> LexborHTMLParser:
    tree = foreign.html(document.text)
    for quoted in tree.css(".quote"):
        quoted.decompose()  # with files of its own, which belong to another post
    return tree


def _post(node: LexborNode, page: str) -> Post:
    link = node.css_first(".tweet-date a")
    path = urlsplit(link.attributes.get("href") or "").path if link else ""
    _, author, _, number = (*path.split("/"), "", "", "")[:4]
    words = node.css_first(".tweet-content")
    if not number.isdecimal() or words is None:
        raise UnexpectedResponse("Nitter shows posts in an unknown form.")
    return Post(
        platform="x",
        id=number,
        url=address_of(author, int(number)),
        author=author,
        caption=text_of(words.html or ""),
        posted_at=moment_of(int(number)),
        media=_media(node, page, int(number)),
        pinned=node.css_first(".pinned") is not None,
    )


def _media(node: LexborNode, page: str, post: int) -> tuple[Media, ...]:
    """Return the files of a post in order. A film stands there twice: as a stream, and whole."""
    found: dict[str, Media] = {}
    for address, streamed in _addresses(node):
        media = media_at(urljoin(page, address), post, len(found) + 1, streamed=streamed)
        known = found.get(media.id)
        if known is None or (known.transport is Transport.YTDLP and not streamed):
            found[media.id] = media
    return tuple(found.values())


def _addresses(node: LexborNode) -> Iterator[tuple[str, bool]]:
    """Yield every address among the attachments, and whether there is a stream."""
    files = "a.still-image, a.video-download, video, video source"
    for one in node.css(files):
        attributes = one.attributes
        if plain := attributes.get("href") or attributes.get("src"):
            yield plain, plain.partition("?")[0].endswith(".m3u8")
        elif stream := attributes.get("data-url"):
            yield stream, True


def _meant(tree: LexborHTMLParser) -> SourceError:
    """Return what a page without posts means. None of it proves that something is gone."""
    panel = tree.css_first(".error-panel")
    said = panel.text(strip=True).lower() if panel else ""
    title = tree.css_first("title")
    front = title.text(strip=True).lower() if title else ""
    if "rate limited" in said or "no auth tokens" in said:
        return RateLimited("This instance of Nitter is at X's limit.", retry_after=PAUSE)
    if tree.css_first(".timeline-protected") is not None:
        return LoginRequired("This account shows its posts to its followers only.")
    if said or tree.css_first(".timeline-none, .unavailable") is not None:
        return Unavailable("This instance of Nitter does not show this, which proves nothing.")
    if tree.css_first("#anubis_challenge") is not None or any(wall in front for wall in WALLS):
        return Challenge("This instance of Nitter wants to see a browser first.")
    return UnexpectedResponse("This is no page of Nitter, or one in an unknown form.")
