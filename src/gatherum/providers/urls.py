"""Links: one form for each, and what the end of a path says about a file."""

import re
import string
from pathlib import PurePosixPath
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from gatherum.errors import InvalidInput, Refused
from gatherum.model import MediaKind, Transport
from gatherum.providers.carried import find_carried
from gatherum.settings import plain_host

KINDS: dict[str, MediaKind] = {
    **dict.fromkeys(
        [
            "jpg",
            "jpeg",
            "jpe",
            "jfif",
            "png",
            "apng",
            "gif",
            "webp",
            "avif",
            "heic",
            "heif",
            "jxl",
            "bmp",
            "tif",
            "tiff",
        ],
        MediaKind.IMAGE,
    ),
    **dict.fromkeys(
        [
            "mp4",
            "m4v",
            "mov",
            "webm",
            "mkv",
            "avi",
            "wmv",
            "flv",
            "mpg",
            "mpeg",
            "ogv",
            "3gp",
            "m3u8",
            "mpd",
        ],
        MediaKind.VIDEO,
    ),
    **dict.fromkeys(
        [
            "mp3",
            "m4a",
            "m4b",
            "aac",
            "ogg",
            "oga",
            "opus",
            "flac",
            "wav",
            "aif",
            "aiff",
            "weba",
            "wma",
        ],
        MediaKind.AUDIO,
    ),
    **dict.fromkeys(["pdf", "epub"], MediaKind.DOCUMENT),
}
STREAMED = frozenset({"m3u8", "mpd"})  # lists of pieces, not files: yt-dlp brings them together
LONGEST = 8192
DEEPEST = 8  # links in links; each is a wall before the next

_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_SAFE = "!$&'()*+,;=:@/"  # what may stand in a path as it is
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# A button to follow a feed may say so in the scheme (draft-obasanjo-feed-URI-scheme-02):
# feed:https://host/, and for http feed://host/
_FEED = re.compile(r"feed:(?://)?(?=https?://)|(?P<plain>feed)(?=://)", re.IGNORECASE)


def normalise(url: str) -> str:
    """Return the one form of a link: two forms of one address become equal.

    A link that carries another one is that one. Raises `InvalidInput` for what is no link, `Refused`
    for a link that is never followed.
    """
    plain = plain_form(url)
    for _ in range(DEEPEST + 1):
        carried = find_carried(plain)
        if carried is None:
            return plain
        plain = plain_form(carried)
    raise Refused("A link within a link, over and over, is not followed.")


def plain_form(url: str) -> str:
    """Return the one form of a link for itself, whatever it carries. Raises as `normalise` does."""
    url = url.strip()
    if feed := _FEED.match(url):
        url = ("http" if feed["plain"] else "") + url[feed.end() :]
    if re.search(r"[\ud800-\udfff]", url):
        raise InvalidInput("This is no link: its bytes are not UTF-8.")
    if not url or len(url) > LONGEST or re.search(r"[\x00-\x20\x7f]", url):
        raise InvalidInput("This is no link: a link is one word that starts with https://")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInput("This link is not written as links are.") from error
    scheme = parts.scheme.lower()
    if not scheme or re.match(r"[^/:]+:\d+(/|$)", url):
        raise InvalidInput("This is no link: a link starts with https:// or http://")
    if scheme not in _PORTS:
        raise Refused(f"Only http and https links are followed, not {scheme}.")
    if not parts.hostname:
        raise InvalidInput("This link names no host.")
    if parts.username is not None or parts.password is not None:
        raise Refused("A link with a password in it is not followed: add a login instead.")
    host = _host(parts.hostname)
    if port is not None and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    path = _dotless(_escaped(parts.path, _SAFE)) or "/"
    return urlunsplit((scheme, host, path, _escaped(parts.query, _SAFE + "?"), ""))


def resolve(base: str, link: str) -> str | None:
    """Return the normal form of a link that stands on a page; None if it leads to no http address."""
    try:
        return normalise(urljoin(base, re.sub(r"[\t\r\n]", "", link.strip()).replace(" ", "%20")))
    except (InvalidInput, Refused, ValueError):
        return None


def host_of(url: str) -> str:
    """Return the host of a normal link, with its port if that is an unusual one."""
    return urlsplit(url).netloc


def name_of(url: str) -> str:
    """Return the last part of the path, decoded; '' if there is none."""
    return unquote(_split(url).path).rpartition("/")[2]


def extension_of(url: str) -> str:
    """Return the extension of a link to a file, lower-case and without its dot, else ''.

    A wiki's page about a file ("File:Cat.jpg") is no file.
    """
    name = name_of(url)
    return "" if ":" in name else PurePosixPath(name).suffix[1:].lower()


def kind_of(url: str) -> MediaKind | None:
    """Return what the extension of a link says it is; None if it names no media."""
    return KINDS.get(extension_of(url))


def transport_of(url: str) -> Transport:
    """Return how the bytes behind a link to a file are brought in."""
    return Transport.YTDLP if extension_of(url) in STREAMED else Transport.HTTP


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _host(name: str) -> str:
    try:
        return plain_host(name)
    except InvalidInput as error:
        raise InvalidInput(f"This link names no possible host. {error}") from error


def _escaped(text: str, safe: str) -> str:
    """Escape what must be, unescape what need not be, write escapes in capitals."""

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else f"%{match[1].upper()}"

    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(_ESCAPE.sub(one, text), safe=safe + "%")


def _dotless(path: str) -> str:
    """Resolve `.` and `..`; nothing leads above the root."""
    if "/." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    if parts[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
