"""One page of a forum, read: the posts of a topic or the topics of a section, and where to go on."""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import (
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.model import Post
from gatherum.ports import Document
from gatherum.providers.engines.reading import date_of
from gatherum.providers.forums.content import Reader
from gatherum.providers.forums.dates import Calendar, calendar_of, zone_in
from gatherum.providers.forums.dialect import Dialect, Search, at, name_in
from gatherum.providers.urls import host_of, resolve
from gatherum.safety import foreign

UNKNOWN = "This forum shows its pages in an unknown form."
MEMBER = 'a[href*="logout"]'  # only who is logged in is offered a way out

_LATER = re.compile(
    r"(?:again in|wait(?: another| at least)?) (\d{1,4}) (?:more )?second"
)  # searches are not for free


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSheet:
    """A page of a topic. `posts` are those with media, newest first."""

    posts: tuple[Post, ...]
    numbers: tuple[int, ...]  # of all its posts, newest first, also of those without media
    newest: int  # that of the first of `posts`; without any the lowest, above all earlier pages
    earlier: int | None  # the place of the page before; None on the first one
    last: int | None  # the place of the last page, if this is not that
    day_first: bool | None = (
        None  # whether its dates, or others of the board, show that they are so
    )


class TopicRow(NamedTuple):
    """A topic as a section shows it."""

    number: str
    pinned: bool  # stands higher than its newest post would put it
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSheet:
    """A page of a section, newest activity first."""

    topics: tuple[TopicRow, ...]
    later: int | None


class Found(NamedTuple):
    """What a search has found, a post or a topic, and what links call it."""

    feed: str
    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSheet:
    """A page of what a search has found: posts and topics by their numbers, in its order."""

    found: tuple[Found, ...]
    later: int | None


def read_results(dialect: Dialect, search: Search, document: Document) -> ResultSheet:
    """Return a page of a search; raises what its message says if it is none."""
    tree = foreign.html(document.text)
    base = _base(tree, document)
    found: dict[Found, None] = {}
    for row in tree.css(search.results):
        links = [resolve(base, one.attributes.get("href") or "") for one in row.css(search.found)]
        things = [thing for link in links if (thing := _thing(dialect, search, link)) is not None]
        if things:
            # A post rather than its topic.
            found[min(things, key=lambda thing: thing.feed != "post")] = None
    said = _message(dialect, tree)
    rows = tree.css_first(search.results) is not None
    framed = tree.css_first(search.frame) is not None
    if not found and (rows or not framed) and not search.nothing.search(said):
        raise _refusal(dialect, tree)
    return ResultSheet(found=tuple(found), later=_place(dialect, tree.css_first(dialect.later)))


def read_topic(
    dialect: Dialect, document: Document, root: str, *, day_first: bool | None = None
) -> TopicSheet:
    """Return a page of a topic; raises what its message says if it shows no posts.

    `day_first` is how the board writes its dates as far as its pages have shown it.
    """
    tree = foreign.html(document.text)
    rows = tree.css(dialect.posts)
    if not rows:
        raise _refusal(dialect, tree)
    withheld = dialect.withheld.format(root=root)
    if withheld and tree.css_first(withheld) and not tree.css_first(MEMBER):
        raise LoginRequired("This forum shows its attachments to members only.")
    base = _base(tree, document)
    earlier = _place(dialect, tree.css_first(dialect.earlier))
    if earlier is not None and dialect.repeated:
        rows = [row for row in rows if not row.css_matches(dialect.repeated)]
    calendar = _calendar(dialect, tree, rows, asked_at=document.at, day_first=day_first)
    found = dict(_posts(dialect, tree, rows, root=root, base=base, calendar=calendar))
    numbers = sorted(found, reverse=True)  # a number is given once, in the order of writing
    posts = tuple(post for number in numbers if (post := found[number]) is not None)
    has_later = tree.css_first(dialect.later) is not None
    return TopicSheet(
        posts=posts,
        numbers=tuple(numbers),
        newest=int(posts[0].id) if posts else numbers[-1],
        earlier=earlier,
        last=max(_places(dialect, tree)) if has_later else None,
        day_first=calendar.day_first,
    )


def read_section(dialect: Dialect, document: Document) -> SectionSheet:
    """Return a page of a section; raises what its message says if that is none."""
    tree = foreign.html(document.text)
    base = _base(tree, document)
    topics: dict[str, TopicRow] = {}
    newest: dict[str, int] = {}
    strange = False
    for row in tree.css(dialect.topics):
        link = row.css_first(dialect.topic)
        is_moved = bool(dialect.moved) and row.css_first(dialect.moved) is not None
        if link is None:  # a row without any link says that there are no topics
            strange = strange or (not is_moved and row.css_first("a[href]") is not None)
        elif not is_moved:
            number = _number(dialect, resolve(base, link.attributes.get("href") or ""))
            pinned = row.css_matches(dialect.pinned) or row.css_first(dialect.pinned) is not None
            topics.setdefault(number, TopicRow(number, pinned, _text(link)))
            if (post := _newest(dialect, row, base)) is not None:
                newest.setdefault(number, post)
    if not topics and (tree.css_first(dialect.section) is None or tree.css_first(dialect.wall)):
        raise _refusal(dialect, tree)
    unread = tree.css_first(dialect.topics) is None and _leads_to_topics(dialect, tree, base)
    if not topics and (strange or unread):
        raise UnexpectedResponse(UNKNOWN)
    return SectionSheet(
        topics=_with_bumped(list(topics.values()), newest),
        later=_place(dialect, tree.css_first(dialect.later)),
    )


def _posts(
    dialect: Dialect,
    tree: LexborHTMLParser,
    rows: list[LexborNode],
    *,
    root: str,
    base: str,
    calendar: Calendar,
) -> Iterator[tuple[int, Post | None]]:
    reader = Reader(dialect, root=root, base=base)
    title = _text(tree.css_first(dialect.title))
    for row in rows:
        number = _post_number(dialect, row)
        author = row.css_first(dialect.author)
        content = reader.read(row, number)
        if not number.isdecimal() or author is None or content is None:
            raise UnexpectedResponse(UNKNOWN)
        if dialect.void and row.css_matches(dialect.void):
            yield int(number), None
            continue
        post = Post(
            platform=dialect.name,
            host=host_of(root),
            id=number,
            url=_permalink(dialect, row, base) or at(root, dialect.homes["post"].format(id=number)),
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


def _post_number(dialect: Dialect, row: LexborNode) -> str:
    return (row.attributes.get(dialect.number) or "").lstrip(string.ascii_letters + "_-")


def _calendar(
    dialect: Dialect,
    tree: LexborHTMLParser,
    rows: list[LexborNode],
    *,
    asked_at: datetime | None,
    day_first: bool | None,
) -> Calendar:
    clock = tree.css_first(dialect.clock) if dialect.clock else None
    zone = zone_in(_text(tree.css_first(dialect.zone))) if dialect.zone else None
    numbered = {int(n): row for row in rows if (n := _post_number(dialect, row)).isdecimal()}
    dates = (numbered[number].css_first(dialect.date) for number in sorted(numbered))
    return calendar_of(
        [_words(node) for node in dates if node is not None],
        now=asked_at if clock is None else date_of(clock.attributes.get("datetime")) or asked_at,
        clock=_text(clock),
        zone=zone,
        day_signs=dialect.day_first,
        day_first=day_first,
    )


def _stamp(dialect: Dialect, row: LexborNode) -> datetime | None:
    told = (row.attributes.get(dialect.stamp) or "") if dialect.stamp else ""
    return date_of(int(told)) if told.isdecimal() else None


def _date(node: LexborNode | None, calendar: Calendar) -> datetime | None:
    if node is None:
        return None
    titled = calendar.read(node.attributes.get("title") or "")  # with the time, if there is one
    return date_of(node.attributes.get("datetime")) or titled or calendar.read(_words(node))


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
        if feed == dialect.topic_feed and (match := pattern.fullmatch(link or "")):
            return name_in(match)
    raise UnexpectedResponse(UNKNOWN)


def _leads_to_topics(dialect: Dialect, tree: LexborHTMLParser, base: str) -> bool:
    """Return whether links to topics stand in the frame of a section, as rows or not."""
    links = (
        resolve(base, link.attributes.get("href") or "")
        for frame in tree.css(dialect.section)
        for link in frame.css("a[href]")
    )
    forms = [pattern for feed, pattern in dialect.links if feed == dialect.topic_feed]
    return any(form.fullmatch(link or "") for link in links for form in forms)


def _newest(dialect: Dialect, row: LexborNode, base: str) -> int | None:
    """Return the number of a topic's newest post, where the section tells it."""
    link = row.css_first(dialect.recent) if dialect.recent else None
    address = resolve(base, link.attributes.get("href") or "") if link is not None else None
    for feed, pattern in dialect.links:
        if feed == "post" and (match := pattern.fullmatch(address or "")):
            return int(match["id"])
    return None


def _with_bumped(topics: list[TopicRow], newest: Mapping[str, int]) -> tuple[TopicRow, ...]:
    """Return topics of which those stand apart, too, that have an older newest post than one below."""
    shown: list[TopicRow] = []
    highest = 0
    for topic in reversed(topics):
        number = newest.get(topic.number, highest)
        shown.append(topic._replace(pinned=topic.pinned or number < highest))
        highest = max(highest, number)
    return tuple(reversed(shown))


def _thing(dialect: Dialect, search: Search, link: str | None) -> Found | None:
    own = (("post", search.post),) if search.post is not None else ()
    for feed, pattern in (*own, *dialect.links):
        if feed in {"post", dialect.topic_feed} and (match := pattern.fullmatch(link or "")):
            return Found(feed, name_in(match), match["id"])
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
    if dialect.shelf and tree.css_first(dialect.shelf) is not None:
        return Unsupported("This holds sections and no topics: give the link of one of those.")
    said = _message(dialect, tree)
    if later := _LATER.search(said):
        return RateLimited("This forum wants to be asked later.", retry_after=float(later[1]))
    if dialect.gone.search(said):
        return Gone("This forum says that this does not exist (any more).")
    if dialect.closed.search(said):
        return LoginRequired("This forum does not show this to everybody.")
    return UnexpectedResponse(UNKNOWN)


def _message(dialect: Dialect, tree: LexborHTMLParser) -> str:
    return " ".join(_text(node) for node in tree.css(dialect.message))


def _base(tree: LexborHTMLParser, document: Document) -> str:
    node = tree.css_first("base[href]")
    return urljoin(document.url, node.attributes["href"] or "") if node else document.url


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
