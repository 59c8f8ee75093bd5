"""What feeds of all forms have in common: from what an entry states to posts and media."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gatherum.model import Media, MediaKind, Post
from gatherum.providers.page import content_of, media_of
from gatherum.providers.urls import kind_of, name_of, resolve, transport_of
from gatherum.safety import foreign


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a feed."""

    posts: tuple[Post, ...]
    following: str | None  # the address of the older entries (RFC 5005)


def numbered(media: list[Media], identity: str) -> tuple[Media, ...]:
    """Give media their ids: the entry's own if there is one file, with a number if there are more."""
    if len(media) == 1:
        return (replace(media[0], id=identity),)
    return tuple(replace(one, id=f"{identity}_{place}") for place, one in enumerate(media, 1))


def pictured(html: str, base: str) -> list[Media]:
    """Return the media that stand in an entry's text."""
    return list(media_of(content_of(html, base).files))


def files_of(found: Iterable[tuple[str, MediaKind]], base: str) -> Iterator[Media]:
    """Return media at addresses that may be relative; each address once."""
    urls = {url: kind for link, kind in found if (url := resolve(base, link))}
    return (media_at(url, kind) for url, kind in urls.items())


def media_at(
    url: str,
    kind: MediaKind,
    *,
    width: int | None = None,
    height: int | None = None,
    duration: float | None = None,
) -> Media:
    """Return a media that has no id of its own yet.

    Its size stays open: what feeds state as length is wrong so often that it says nothing.
    """
    return Media(
        id=url,
        url=url,
        kind=kind,
        transport=transport_of(url),
        filename=name_of(url) or None,
        width=width,
        height=height,
        duration=duration,
    )


def stated_kind(url: str, stated: str, medium: str = "") -> MediaKind | None:
    """Return what a file is, by what the feed states, else by its name; None if it is no media."""
    start = stated.partition("/")[0].lower() or medium
    if start in {"image", "video", "audio"}:
        return MediaKind(start)
    return kind_of(url)


def caption_of(title: str, html: str) -> str:
    """Return a title and the words of an HTML text; once, where they are the same."""
    tree = foreign.html(html)
    tree.strip_tags(["script", "style"], recursive=True)
    body = tree.body
    text = re.sub(r"\s+", " ", body.text(separator=" ")).strip() if body else ""
    return "\n\n".join(part for part in dict.fromkeys((title, text)) if part)


def number_of(text: str) -> int | None:
    """Return a number that an attribute states; None if it states none, or 0."""
    return int(text) or None if text.isdecimal() else None


def seconds_of(text: str) -> float | None:
    """Return a duration that is written as seconds or as h:mm:ss."""
    total = 0.0
    for part in text.split(":"):
        try:
            total = total * 60 + float(part)
        except ValueError:
            return None
    return total
