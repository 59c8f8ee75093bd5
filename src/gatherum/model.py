"""The frozen values that travel along the straight line. This module imports nothing of ours."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class MediaKind(StrEnum):
    """What a media is, as told by the platform or sniffed from its bytes."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why something was not fetched: the closed set that people, scripts and the interface see."""

    KNOWN = "known"
    FILTERED = "filtered"
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    RATE_LIMITED = "rate_limited"
    LOGIN_REQUIRED = "login_required"
    CHALLENGE = "challenge"
    GONE = "gone"
    SITE_CHANGED = "site_changed"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    TOO_LARGE = "too_large"
    CORRUPT = "corrupt"
    DISK_FULL = "disk_full"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of one media in one job."""

    PENDING = "pending"
    STORED = "stored"
    KNOWN = "known"
    SKIPPED = "skipped"
    FAILED = "failed"


class Transport(StrEnum):
    """How the bytes of a media are brought in."""

    HTTP = "http"  # by our own client
    YTDLP = "ytdlp"  # by yt-dlp in the sandbox: HLS, DASH, whatever must be merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file that a post offers.

    `id` is the platform's own media id: with the post's platform and host it is the identity,
    whichever provider found it. `url` may expire and is never an identity.
    """

    id: str
    url: str
    kind: MediaKind = MediaKind.UNKNOWN
    transport: Transport = Transport.HTTP
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mirrors: tuple[str, ...] = ()  # other addresses of the same bytes, tried in order
    filename: str | None = None  # the name at the source, for templates
    size: int | None = None  # bytes, if the platform tells
    width: int | None = None
    height: int | None = None
    duration: float | None = None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What an author published. `media` is in the order of the post."""

    platform: str
    id: str
    url: str
    media: tuple[Media, ...]
    host: str = ""  # only for platforms that live on many hosts (forums, Mastodon, feeds)
    author: str = ""
    caption: str = ""
    posted_at: datetime | None = None  # aware, UTC
    links: tuple[str, ...] = ()
    pinned: bool = False  # a pinned post stands out of order and never ends a listing
    removed: bool = False  # the platform itself says that this post is gone
    brief: bool = False  # a list told of it in few words: neither its date nor its whole text


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing, newest first.

    `cursor` continues behind this page, in the provider's own terms; None means the end. `by_date`:
    the listing is in the order in which its posts were published, whatever stands out of it being
    pinned. `overlaps`: posts behind the page may be newer than its oldest, if none than its newest.
    `empty`: there is nothing here, and the source itself shows that: in its own words, by an empty list
    where its form has one, or by posts that were all read and offer no media. Without it a listing that
    shows no post is not believed. `finish` says all of a brief post, at the price of requests, or None if there is nothing of it to
    be had yet: a provider never knows what the library has, so the caller asks it for what is new.
    """

    posts: tuple[Post, ...]
    cursor: str | None
    by_date: bool = False
    overlaps: bool = False
    empty: bool = False
    finish: Callable[[Post], Awaitable[Post | None]] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a link points to, in the platform's terms. Equal (platform, host, feed, key): the same."""

    platform: str
    feed: str
    key: str
    url: str
    host: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, name: str) -> str:
        """Return a named part of the link, as its provider's pattern caught it."""
        return self.values[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A media that this worker has claimed, with all that is needed to fetch and to name it."""

    id: int  # our own number of the media
    post: Post  # as the library knows it; `post.media` is empty
    media: Media
    position: int  # in the post, from 1
    attempt: int  # failed tries before this one
    etag: str | None = None
    part_ok: int = 0  # bytes of the part that are surely on the disk

    @property
    def part(self) -> str:
        """The path of its part file, relative to the library root."""
        return f".staging/{self.id}.part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A fetched file in staging: whole, verified, its bytes durable; not yet in the library."""

    path: str  # relative to the library root
    size: int
    sha256: str  # lower-case hex
    mime: str
    extension: str  # with no dot; '' if there is none
    kind: MediaKind
    width: int | None = None
    height: int | None = None
    duration: float | None = None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What selection said of one media: `reason` None keeps it."""

    reason: Reason | None = None
    detail: str | None = None


KEEP = Decision()
