"""One page of a forum, read: the posts of a topic or the topics of a section, and where to go on."""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import Gone, LoginRequired, RateLimited, SourceError, UnexpectedResponse
from gatherum.model import Post
from gatherum.ports import Document
from gatherum.providers.engines.reading import date_of
from gatherum.providers.forums.content import Reader
from gatherum.providers.forums.dates import Calendar, calendar_of, zone_in
from gatherum.providers.forums.dialect import Dialect, Search, name_in
from gatherum.providers.urls import host_of, resolve

UNKNOWN = "This forum shows its pages in an unknown form."
MEMBER = 'a[href*="logout"]'  # only who is logged in is offered a way out

_LATER = re.compile(r"(?:again in|wait(?: another)?) (\d{1,4}) second")  # searches are not for free


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSheet:
    """A page of a topic. `posts` are those with media, newest first."""

    posts: tuple[Post, ...]
    numbers: tuple[int, ...]  # of all its posts, also of those without media
    earlier: int | None  # the place of the page before; None on the first one
    last: int | None  # the place of the last page, if this is not that


class TopicRow(NamedTuple):
    """A topic as a section shows it."""

    number: str
    pinned: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSheet:
    """A page of a section, newest activity first."""

    topics: tuple[TopicRow, ...]
    later: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSheet:
    """A page of what a search has found: posts and topics by their numbers, in its order."""

    found: tuple[tuple[str, str], ...]  # ("post" or "topic", number)
    later: int | None


def read_results(dialect: Dialect, search: Search, document: Document) -> ResultSheet:
    """Return a page of a search; raises what its message says if it is none."""
    tree = LexborHTMLParser(document.text)
    base = _base(tree, document)
    found: dict[tuple[str, str], None] = {}
    for row in tree.css(search.results):
        links = [resolve(base, one.attributes.get("href") or "") for one in row.css(search.found)]
        things = [thing for link in links if (thing := _thing(dialect, link)) is not None]
        if things:
            found[min(things)] = None  # a post rather than its topic
    if not found and tree.css_first(search.frame) is None:
        raise _refusal(dialect, tree)
    return ResultSheet(found=tuple(found), later=_place(dialect, tree.css_first(dialect.later)))


def read_topic(dialect: Dialect, document: Document, root: str) -> TopicSheet:
    """Return a page of a topic; raises what its message says if it shows no posts."""
    tree = LexborHTMLParser(document.text)
    rows = tree.css(dialect.posts)
    if not rows:
        raise _refusal(dialect, tree)
    withheld = dialect.withheld.format(root=root)
    if withheld and tree.css_first(withheld) and not tree.css_first(MEMBER):
        raise LoginRequired("This forum shows its attachments to members only.")
    base = _base(tree, document)
    found = dict(_posts(dialect, tree, rows, root=root, base=base, asked_at=document.at))
    numbers = sorted(found, reverse=True)  # a number is given once, in the order of writing
    posts = tuple(post for number in numbers if (post := found[number]) is not None)
    has_later = tree.css_first(dialect.later) is not None
    return TopicSheet(
        posts=posts,
        numbers=tuple(numbers),
        earlier=_place(dialect, tree.css_first(dialect.earlier)),
        last=max(_places(dialect, tree)) if has_later else None,
    )


def read_section(dialect: Dialect, document: Document) -> SectionSheet:
    """Return a page of a section; raises what its message says if that is none."""
    tree = LexborHTMLParser(document.text)
    base = _base(tree, document)
    topics: dict[str, TopicRow] = {}
    for row in tree.css(dialect.topics):
        link = row.css_first(dialect.topic)
        is_moved = bool(dialect.moved) and row.css_first(dialect.moved) is not None
        if link is not None and not is_moved:
            number = _number(dialect, resolve(base, link.attributes.get("href") or ""))
            pinned = row.css_matches(dialect.pinned) or row.css_first(dialect.pinned) is not None
            topics.setdefault(number, TopicRow(number, pinned, _text(link)))
    if not topics and (tree.css_first(dialect.section) is None or tree.css_first(dialect.wall)):
        raise _refusal(dialect, tree)
    return SectionSheet(
        topics=tuple(topics.values()),
        later=_place(dialect, tree.css_first(dialect.later)),
    )


def _posts(
    dialect: Dialect,
    tree: LexborHTMLParser,
    rows: list[LexborNode],
    *,
    root: str,
    base: str,
    asked_at: datetime | None,
) -> Iterator[tuple[int, Post | None]]:
    reader = Reader(dialect, root=root, base=base)
    calendar = _calendar(dialect, tree, rows, asked_at=asked_at)
    title = _text(tree.css_first(dialect.title))
    for row in rows:
        number = (row.attributes.get(dialect.number) or "").lstrip(string.ascii_letters + "_")
        author = row.css_first(dialect.author)
        content = reader.read(row, number)
        if not number.isdecimal() or author is None or content is None:
            raise UnexpectedResponse(UNKNOWN)
        post = Post(
            platform=dialect.name,
            host=host_of(root),
            id=number,
            url=_permalink(dialect, row, base) or root + dialect.homes["post"].format(id=number),
            author=_text(author),
            caption=content.text or title,
            posted_at=_stamp(dialect, row) or _date(row.css_first(dialect.date), calendar),
            media=content.media,
            links=content.links,
        )
        yield int(number), post if content.media else None


def _permalink(dialect: Dialect, row: LexborNode, base: str) -> str | None:
    link = row.css_first(dialect.permalink) if dialect.permalink else None
    return resolve(base, link.attributes.get("href") or "") if link is not None else None


def _calendar(
    dialect: Dialect, tree: LexborHTMLParser, rows: list[LexborNode], *, asked_at: datetime | None
) -> Calendar:
    clock = tree.css_first(dialect.clock) if dialect.clock else None
    zone = zone_in(_text(tree.css_first(dialect.zone))) if dialect.zone else None
    dates = (row.css_first(dialect.date) for row in rows)
    return calendar_of(
        [_words(node) for node in dates if node is not None],
        now=asked_at if clock is None else date_of(clock.attributes.get("datetime")),
        clock=_text(clock),
        zone=zone,
        day_signs=dialect.day_first,
    )


def _stamp(dialect: Dialect, row: LexborNode) -> datetime | None:
    told = (row.attributes.get(dialect.stamp) or "") if dialect.stamp else ""
    return date_of(int(told)) if told.isdecimal() else None


def _date(node: LexborNode | None, calendar: Calendar) -> datetime | None:
    if node is None:
        return None
    return date_of(node.attributes.get("datetime")) or calendar.read(_words(node))


def _words(node: LexborNode) -> str:
    """Return how a date is written; where it is `5 minutes ago`, a title has the date itself."""
    parts = []
    for part in node.iter(include_text=True):
        if part.tag != "span" or "time" in (part.attributes.get("class") or ""):
            parts.append(part.text())
        elif title := part.attributes.get("title"):
            parts.append(title)
    return "".join(parts).strip()


def _number(dialect: Dialect, link: str | None) -> str:
    for feed, pattern in dialect.links:
        if feed == "topic" and (match := pattern.fullmatch(link or "")):
            return name_in(match)
    raise UnexpectedResponse(UNKNOWN)


def _thing(dialect: Dialect, link: str | None) -> tuple[str, str] | None:
    for feed, pattern in dialect.links:
        if feed in {"post", "topic"} and (match := pattern.fullmatch(link or "")):
            return feed, name_in(match)
    return None


def _place(dialect: Dialect, link: LexborNode | None) -> int | None:
    """Return the place that a link leads to; the one to the first page does not name it."""
    if link is None:
        return None
    match = dialect.place.search(link.attributes.get("href") or "")
    return int(match[1]) if match else dialect.first


def _places(dialect: Dialect, tree: LexborHTMLParser) -> Iterator[int]:
    yield dialect.first
    for link in tree.css(dialect.pages):
        yield _place(dialect, link) or dialect.first


def _refusal(dialect: Dialect, tree: LexborHTMLParser) -> SourceError:
    """Say why a page does not show what was asked for."""
    if tree.css_first(dialect.wall) is not None:
        return LoginRequired("This forum shows this only to somebody who is logged in.")
    said = " ".join(_text(node) for node in tree.css(dialect.message))
    if later := _LATER.search(said):
        return RateLimited("This forum wants to be asked later.", retry_after=float(later[1]))
    if dialect.gone.search(said):
        return Gone("This forum says that this does not exist (any more).")
    if dialect.closed.search(said):
        return LoginRequired("This forum does not show this to everybody.")
    return UnexpectedResponse(UNKNOWN)


def _base(tree: LexborHTMLParser, document: Document) -> str:
    node = tree.css_first("base[href]")
    return urljoin(document.url, node.attributes["href"] or "") if node else document.url


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
