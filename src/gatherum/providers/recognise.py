"""What a link is that nobody claims: decided from the start of the answer to one request."""

import re
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from gatherum.errors import (
    Gone,
    InvalidInput,
    LoginRequired,
    Refused,
    SourceError,
    Unavailable,
    Unsupported,
    Withheld,
)
from gatherum.model import MediaKind, Target, Transport
from gatherum.ports import Client, Probe
from gatherum.providers import find_targets
from gatherum.providers.forums.links import find_forum
from gatherum.providers.urls import host_of, normalise, plain_form
from gatherum.safety import foreign

_SHORT = ("snac", "pleroma", "akkoma")  # they show a person at host/name
_MASTODONS = ("mastodon", "gotosocial", "hometown", "glitch", *_SHORT)
_ACTIVITY = "application/activity+json"
_FEEDS = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
)
_STREAMS = (
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/mpegurl",
    "audio/x-mpegurl",
    "application/dash+xml",
)
_WEB = r"(?:/(?:web|deck))?"  # what stands before the path of a page in Mastodon's interface
_PERSON = re.compile(
    _WEB + r"/(?:@|users/)(?P<user>[\w.-]+(?:@[\w.:-]+)?)(?:/media|/with_replies)?/?"
)
_SHORT_PERSON = re.compile(r"/(?P<user>[\w.-]+)/?")
_STATUS = re.compile(
    _WEB
    + r"(?P<path>/(?:@[^/]+|users/[^/]+/statuses|@[^/]+/statuses|statuses|notice)/(?P<id>\w+))(?:/embed)?/?"
)
_SNAC_POST = re.compile(r"/(?P<user>[\w.-]+)/p/(?P<id>[\d.]+)/?")
_XENFORO = (
    ("album", re.compile(r"(?:/|\?)media/albums/(?:[^/?]*\.)?(?P<id>\d+)")),
    ("media", re.compile(r"(?:/|\?)media/(?:[^/?]*\.)?(?P<id>\d+)")),
    ("profile", re.compile(r"(?:/|\?)members/(?:[^/?]*\.)?(?P<id>\d+)")),
)
_PLAZA = (
    ("stories", re.compile(r"/@(?P<user>[\w.-]+)/stories/?")),
    ("user", re.compile(r"/@(?P<user>[\w.-]+)/?")),
    ("tag", re.compile(r"/tag/(?P<tag>[^/]+)/?")),
    ("post", re.compile(r"/p/(?P<id>\w+)/?")),
)
# Short links of platforms; those that stand for nothing lead to the platform's front page.
_SHORTENERS = ("vm.tiktok.com", "vt.tiktok.com", "pin.it")
_SAME = re.compile(r"https?://(?:www\.)?")  # what is added to a link without leading elsewhere
# Where hosts send those to whom they show nothing.
_NOTHING = re.compile(
    r"/(?:(?:.*/)?(?:(?:log|sign)[-_]?(?:in|up|on)|register|auth\w*|40[0-9]|error|not[-_]?found|consent|checkpoint"
    r"|unsupportedbrowser|dashboard|home)(?:\.\w+)?/?)?",
    re.IGNORECASE,
)
# What a file starts with, for servers that call everything the same.
_MAGIC = (
    (re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF.{4}WEBP|BM.{4}\0{4}", re.DOTALL), MediaKind.IMAGE),
    (re.compile(rb".{4}ftyp(?:avif|avis|heic|heix|mif1|msf1)", re.DOTALL), MediaKind.IMAGE),
    (re.compile(rb".{4}ftypM4[AB]", re.DOTALL), MediaKind.AUDIO),
    (re.compile(rb".{4}ftyp|\x1aE\xdf\xa3|RIFF.{4}AVI |FLV\x01", re.DOTALL), MediaKind.VIDEO),
    (re.compile(rb"ID3|fLaC|OggS|RIFF.{4}WAVE|\xff[\xfb\xf3\xf2]", re.DOTALL), MediaKind.AUDIO),
    (re.compile(rb"%PDF-"), MediaKind.DOCUMENT),
)  # fmt: skip


async def recognise(url: str, client: Client) -> Target:
    """Return what `url` points to, by one request.

    Raises `Unsupported` if that is nothing we can list, `Withheld` if it is a short link that stands
    for nothing, `Gone` or `LoginRequired` if the host says so. What the caller remembers of a host is the platform of the target.
    A page that a link has led to stands in the value "led": an engine may know that one by its form.
    """
    url = normalise(url)
    return classify(url, await client.probe(url))


def classify(url: str, probe: Probe) -> Target:
    """Return what an answer shows a normal link to be."""
    final = _final(probe.url)
    if final != url and (claims := find_targets(final)):
        return claims[0][1]  # a short link to something that we know by its form
    if host_of(url) in _SHORTENERS and urlsplit(final).path in {"", "/"}:
        raise Withheld(
            "This short link leads to the front page: what it stood for is not shown (any more)."
        )
    stated = probe.content_type.partition(";")[0].strip().lower()
    start = probe.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    html = _is_html(start, stated)
    if html and (target := _known_software(final, probe.head, asked=url)):
        return target
    if probe.status >= 400:
        raise _refusal(probe.status)
    if html:
        led = {"led": final} if _is_elsewhere(final, url) else {}
        return Target(platform="web", feed="page", key=url, url=url, values=MappingProxyType(led))
    if stated in _FEEDS or _is_feed(start, stated):
        return Target(platform="feed", feed="entries", key=url, url=url, host=host_of(url))
    if stated in _STREAMS or start.startswith((b"#EXTM3U", b"<MPD")):
        return _file(url, MediaKind.VIDEO, Transport.YTDLP)
    if kind := _kind(start, stated):
        return _file(url, kind, Transport.HTTP)
    raise Unsupported("This link leads to no page, feed or media file.")


def _final(url: str) -> str:
    """Return the normal form of the address of an answer, which may carry what is no link of its own."""
    try:
        return normalise(url)
    except (InvalidInput, Refused):
        return plain_form(url).partition("?")[0]


def _is_elsewhere(final: str, url: str) -> bool:
    """Return whether a link has led to another page, one that stands for something."""
    page, asked = (_SAME.sub("", one).rstrip("/") for one in (final, url))
    return page != asked and _NOTHING.fullmatch(urlsplit(final).path) is None


def _known_software(url: str, head: bytes, *, asked: str) -> Target | None:
    """Return the target if the page is made by a platform that lives on many hosts."""
    if target := find_forum(url, head, asked=asked):
        return target
    tree = foreign.html(head.decode("utf-8", "replace"))
    root = tree.css_first("html")
    if root is not None and root.attributes.get("id") == "XF" and b"data-xf" in head:
        return _xenforo(url)
    generator = tree.css_first('meta[name="generator"]')
    name = ((generator.attributes.get("content") or "") if generator else "").lower()
    if name.startswith(_MASTODONS) or tree.css_first("div#mastodon"):
        return _mastodon(url, short=name.startswith(_SHORT))
    if name == "plaza":
        return _plaza(url)
    # Blogs speak ActivityPub too, and name their own generator.
    if not name and tree.css_first(f'link[rel="alternate"][type="{_ACTIVITY}"]'):
        return _mastodon(url, short=False)
    return None


def _mastodon(url: str, *, short: bool) -> Target | None:
    parts = urlsplit(url)
    person = _PERSON.fullmatch(parts.path) or (short and _SHORT_PERSON.fullmatch(parts.path))
    if person:
        key = f"@{person['user']}"
        values = {"user": person["user"]}
        home = f"{parts.scheme}://{parts.netloc}/{key}"
        if _PERSON.fullmatch(parts.path) is None:  # such a server may show nobody at the other form
            values["asked"], home = home, f"{parts.scheme}://{parts.netloc}/{person['user']}"
        return _target("mastodon", "user", key, home, values)
    if short and (post := _SNAC_POST.fullmatch(parts.path)):
        link = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        asked = f"{parts.scheme}://{parts.netloc}/@{post['user']}"
        key = f"{post['user']}/{post['id']}"
        return _target("mastodon", "status", key, link, {"id": post["id"], "listed": asked})
    if status := _STATUS.fullmatch(parts.path):
        link = f"{parts.scheme}://{parts.netloc}{status['path']}"
        return _target("mastodon", "status", status["id"], link, {"id": status["id"]})
    return None


def _xenforo(url: str) -> Target | None:
    for feed, pattern in _XENFORO:
        if match := pattern.search(url):
            start = url[: match.end()] + "/"
            return _target("xenforo", feed, match["id"], start, {"id": match["id"]})
    return None


def _plaza(url: str) -> Target | None:
    parts = urlsplit(url)
    path = unquote(parts.path)
    for feed, pattern in _PLAZA:
        if match := pattern.fullmatch(path):
            home = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
            return _target("plaza", feed, match[1], home, match.groupdict())
    return None


def _target(platform: str, feed: str, key: str, url: str, values: dict[str, str]) -> Target:
    return Target(
        platform=platform,
        feed=feed,
        key=key,
        url=url,
        host=host_of(url),
        values=MappingProxyType(values),
    )


def _file(url: str, kind: MediaKind, transport: Transport) -> Target:
    return _target("direct", "file", url, url, {"kind": kind, "transport": transport})


def _is_html(start: bytes, stated: str) -> bool:
    if re.match(rb"<!doctype\s+html|<html[\s>]", start, re.IGNORECASE):
        return True
    if stated not in {"text/html", "application/xhtml+xml"}:
        return False
    return not _is_feed(start, stated) and _sniffed(start) is None


def _is_feed(start: bytes, stated: str) -> bool:
    if start.startswith(b"{"):
        return b"https://jsonfeed.org/version/" in start[:1024]
    if "xml" not in stated and not start.startswith((b"<?xml", b"<rss", b"<feed")):
        return False
    return re.search(rb"<(?:rss|(?:\w+:)?feed|rdf:RDF)[\s>]", start[:4096]) is not None


def _kind(start: bytes, stated: str) -> MediaKind | None:
    """Return what a file is: by its bytes, else as the server states it."""
    if kind := _sniffed(start):
        return kind
    if stated.startswith(("image/", "video/", "audio/")) and "svg" not in stated:
        return MediaKind(stated.partition("/")[0])
    return MediaKind.DOCUMENT if stated in {"application/pdf", "application/epub+zip"} else None


def _sniffed(start: bytes) -> MediaKind | None:
    return next((kind for magic, kind in _MAGIC if magic.match(start)), None)


def _refusal(status: int) -> SourceError:
    match status:
        case 404 | 410:
            return Gone("There is nothing at this link.")
        case 401 | 403:
            return LoginRequired("The host shows this only to somebody who is logged in.")
        case _:
            return Unavailable(f"The host answers with error {status}.")
