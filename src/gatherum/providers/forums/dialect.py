"""What tells one forum software from another: the links and the marks of its pages, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How a post is written, as selectors within it."""

    body: str
    attached: str  # what stands below the words and holds the attachments
    called: str = ""  # in that, if it holds one alone: the name of its file
    asides: str  # in the words: what is not the author's
    emoticons: str
    notes: str  # in the words: what the forum writes around an attachment
    attachment: re.Pattern[str]  # the address of an attachment or of its small picture
    small: re.Pattern[str] = re.compile(r"(?!)")  # of one that has no number: a link tells it
    file: str = ""  # the address of an attachment in full size; '' keeps that which was found
    anywhere: bool = False  # attachments may lie on other hosts than the board
    numbered: str = ""  # the attribute that tells an attachment's number, where addresses do not
    sources: tuple[str, ...] = ("src", "data-src")  # of a picture, the best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a forum software shows what it has found; `first` and `place` are those of sections."""

    link: re.Pattern[str]  # with `root`, and `id` for what is asked
    dropped: re.Pattern[str]  # what in that says only how it is shown
    page: str  # a template over `id` and `place`, which asks for single posts, the newest first
    home: str = "{id}"  # the one form of such links
    results: str
    found: str  # in a result, the links to its post, or to its topic alone
    frame: str  # stands on each such page, also if nothing was found
    post: re.Pattern[str] | None = None  # a link to a post in its topic, where none means it alone
    nothing: re.Pattern[str] = re.compile(r"(?!)")  # a message in its place: nothing was found
    named: Mapping[str, str] = field(default_factory=dict)  # what that calls other than the link
    kept: bool = False  # the first page leads to an address that all pages have in common
    starts: bool = False  # a topic that was found stands for its first post


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(Marks):
    """How a forum software writes its links and its pages.

    Links are templates over `id` and `place`, behind the root of the board. A place is where a page
    starts, in the software's own numbers; `first` is that of the first page. The rest are selectors,
    those below `posts` and `topics` within one of them.
    """

    name: str
    sign: re.Pattern[bytes]  # stands at the start of each of its pages, and of no others

    # A feed and its links, with `root` and `id`, and with `name` where links need more than that.
    links: tuple[tuple[str, re.Pattern[str]], ...]
    homes: Mapping[str, str]  # a feed and the one form of its links
    topic_feed: str = "topic"  # the feed of a topic's posts
    topic_page: str
    last_page: str  # leads to the last page of a topic, or at least to some page of it
    section_page: str
    first: int
    place: re.Pattern[str]  # finds the place in a link to a page

    earlier: str  # the link to the page before
    later: str  # the link to the page behind
    pages: str  # all links to pages

    examples: Mapping[str, str] = field(default_factory=dict)  # a feed and what a link calls one
    number: str = "id"  # the attribute of a post that holds its number
    stamp: str = ""  # and that which holds its time, in seconds since 1970
    void: str = ""  # such a post was taken away; who looks after the forum sees it all the same
    permalink: str = ""  # the link to a post, where its number alone makes none
    title: str  # of a topic
    posts: str
    repeated: str = ""  # the post of a topic that stands on each of its pages
    author: str
    date: str
    withheld: str  # says that attachments are not shown to who asks; a template over `root`

    search: Search | None = None
    section: str  # the frame of a section's page, whether there are topics in it or not
    shelf: str = ""  # stands where a section holds sections and no topics
    topics: str
    topic: str  # the link to a topic
    pinned: str
    recent: str = ""  # the link to its newest post, where topics may stand higher than by that
    moved: str  # left behind by a topic that stands elsewhere now

    wall: str  # asks who does not see a page to log in
    message: str  # what a page says in the place of its content
    gone: re.Pattern[str]  # such a message: it is not there (any more)
    closed: re.Pattern[str]  # such a message: it is not for who asks
    # In a page that is refused: not there, or not for who asks.
    lost: re.Pattern[bytes] | None = None
    sure: re.Pattern[str] = re.compile(r"(?!)")  # the address of such a page that means: not there

    clock: str = ""  # the present time: in UTC as an attribute, in words as dates are written here
    zone: str = ""  # says in which zone dates are, for a page whose time of day the server tells
    day_first: str = "."  # signs between the numbers of a date that starts with its day


def at(root: str, link: str) -> str:
    """Return the address of what lies behind a root, which may be within a query already."""
    return root + (link.replace("?", "&", 1) if "?" in root else link)


def name_in(link: re.Match[str]) -> str:
    """Return what further links call the thing that a link leads to."""
    return link.groupdict().get("name") or link["id"]
