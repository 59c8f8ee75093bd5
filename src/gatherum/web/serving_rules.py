"""What a request for a file gets: all of it, a part, nothing new, or no such part (RFC 9110)."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from gatherum.safety.names import clean_name

SHOWN: Final = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("image/heic", "image/heif", "image/jxl", "image/jp2", "image/tiff", "image/x-icon"),
        *("video/mp4", "video/webm", "video/quicktime", "video/x-matroska", "video/ogg"),
        *("video/mpeg", "video/mp2t", "video/3gpp", "video/x-msvideo", "video/x-ms-wmv"),
        *("video/x-flv", "video/x-m4v", "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg"),
        *("audio/flac", "audio/wav", "audio/aiff", "audio/webm", "audio/x-matroska"),
        *("audio/x-ms-wma", "audio/amr", "audio/midi", "audio/opus"),
    }
)
OTHER: Final = "application/octet-stream"
REVISION: Final = 16  # hexadecimal digits of the content that make a revision
IMMUTABLE: Final = "private, max-age=31536000, immutable"
CHECKED: Final = "private, no-cache"
# Whatever a browser makes of the bytes, it runs nothing of them and asks for nothing in our name.
GUARDS: Final = (
    ("content-security-policy", "sandbox; default-src 'none'"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
)
_RANGE: Final = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})[ \t]*", re.ASCII)
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


class NoSuchPartError(Exception):
    """The range that is asked for begins behind the end."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file: from `start` up to, not including, `end`."""

    start: int
    end: int


def media_type(mime: str) -> str:
    """Return what a file is sent as: its own type if that is shown, else bytes to be saved."""
    return mime if mime in SHOWN else OTHER


def cache_control(sha256: str, revision: str | None) -> str:
    """Return how long an answer may be kept: for ever under an address that names the content."""
    return IMMUTABLE if revision == sha256[:REVISION] else CHECKED


def disposition(name: str, *, inline: bool) -> str:
    """Return a Content-Disposition with a name that anybody may have written (RFC 6266)."""
    name = clean_name(name)
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Return whether the client has this already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)


def find_span(wanted: str | None, if_range: str | None, etag: str, size: int) -> Span | None:
    """Return the part that is asked for, None for all of it; raises `NoSuchPartError`.

    What is no single range of bytes, or is asked for of another version, gets everything.
    """
    if wanted is None or (if_range is not None and if_range.strip() != etag):
        return None
    match = _RANGE.fullmatch(wanted.strip())
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        if not int(last) or not size:
            raise NoSuchPartError
        return Span(max(0, size - int(last)), size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise NoSuchPartError
    return Span(start, min(int(last) + 1, size) if last else size)
