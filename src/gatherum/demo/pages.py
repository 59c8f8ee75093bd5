"""Plaza's pages for people: plain HTML in light and dark, no scripts; feeds and an open folder."""

from collections.abc import Sequence
from email.utils import format_datetime
from html import escape
from urllib.parse import quote, urlencode

from gatherum.demo.content import BROKEN, PEOPLE, Entry, Item, Person
from gatherum.demo.serving import TYPES

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#ddd, #333); --soft: light-dark(#666, #aaa) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem;
  background: light-dark(#fafafa, #16181c); color: light-dark(#1a1a1a, #eaeaea) }
a { color: inherit } header a { text-decoration: none; font-weight: 700; letter-spacing: .02em }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .75rem }
.grid img, .grid video { width: 100%; aspect-ratio: 4/5; object-fit: cover; border-radius: .5rem }
article > img, article > video { max-width: 100%; display: block; margin: .5rem 0;
  border-radius: .5rem } small, time { color: var(--soft) } nav { margin: 1.5rem 0 }
p { white-space: pre-line; overflow-wrap: anywhere } ul { padding-left: 1.2rem }
"""


def home() -> str:
    """Return the front page: who is here, and where to look."""
    people = "".join(
        f'<li><a href="/@{p.name}">{escape(p.title)}</a> <small>{escape(p.about)}</small></li>'
        for p in PEOPLE
    )
    links = '<li><a href="/gallery/">/gallery/</a></li><li><a href="/broken/">/broken/</a></li>'
    return _page("Plaza", f"<h1>Plaza</h1><ul>{people}</ul><ul>{links}</ul>")


def profile(person: Person, posts: Sequence[Entry], cursor: str, *, stories: bool) -> str:
    """Return somebody's profile, with a link to the next page."""
    feed = f"/@{person.name}/feed.xml"
    top = f'<h1>{escape(person.title)}</h1><p>{escape(person.about)} <a href="{feed}">Feed</a>'
    if stories:
        top += f' · <a href="/@{person.name}/stories">Stories</a>'
    head = f'<link rel="alternate" type="application/rss+xml" href="{feed}">'
    return _listing(person.title, f"{top}</p>", posts, f"/@{person.name}", cursor, head)


def tag(name: str, posts: Sequence[Entry], cursor: str) -> str:
    """Return the posts with a tag."""
    return _listing(f"#{name}", f"<h1>#{escape(name)}</h1>", posts, f"/tag/{quote(name)}", cursor)


def stories(person: Person, entries: Sequence[Entry]) -> str:
    """Return somebody's living stories."""
    body = "".join(_show(item) for entry in entries for item in entry.items)
    title = f"Stories of {person.title}"
    return _page(title, f"<h1>{escape(title)}</h1><article>{body}</article>")


def post(entry: Entry) -> str:
    """Return one post with all its media, in order."""
    tags = " ".join(f'<a href="/tag/{quote(t)}">#{escape(t)}</a>' for t in entry.tags)
    body = "".join(_show(item) for item in entry.items)
    when = f'<time datetime="{entry.at.isoformat()}">{entry.at:%d %B %Y, %H:%M}</time>'
    return _page(
        f"{entry.author} on Plaza",
        f'<article id="{entry.id}"><h1><a href="/@{entry.author}">@{entry.author}</a></h1>{body}'
        f"<p>{escape(entry.caption)}</p><p>{tags}</p>{when} · {entry.likes} likes</article>",
    )


def folder(title: str, names: Sequence[str]) -> str:
    """Return a plain index of files, as a file server lists a folder."""
    rows = "".join(f'<a href="{quote(name)}">{escape(name)}</a>\n' for name in names)
    head = f"<title>Index of {escape(title)}</title>"
    return (
        f"<!doctype html><html><head>{head}</head><body><h1>Index of {escape(title)}</h1>"
        f"<hr><pre>{rows}</pre><hr></body></html>"
    )


def broken() -> str:
    """Return the list of broken downloads."""
    rows = "".join(
        f'<li><a href="/broken/{name}.jpg">{name}.jpg</a> <small>{escape(what)}</small></li>'
        for name, what in BROKEN.items()
    )
    return _page("The broken corner", f"<h1>The broken corner</h1><ul>{rows}</ul>")


def refusal(message: str) -> str:
    """Return a page that says why there is nothing to see."""
    return _page(message, f"<h1>{escape(message)}</h1>")


def feed(person: Person, posts: Sequence[Entry], base: str) -> str:
    """Return somebody's posts as RSS with one enclosure for each media."""
    items = "".join(
        f"<item><title>{escape(entry.caption[:80])}</title><link>{base}/p/{entry.id}</link>"
        f'<guid isPermaLink="false">{entry.id}</guid><pubDate>{format_datetime(entry.at)}</pubDate>'
        f"<description>{escape(entry.caption)}</description>"
        + "".join(
            f'<enclosure url="{base}{item.path}" length="{len(item.body())}"'
            f' type="{TYPES[item.suffix]}"/>'
            for item in entry.items
        )
        + "</item>"
        for entry in posts
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(person.title)}</title><link>{base}/@{person.name}</link>"
        f"<description>{escape(person.about)}</description>{items}</channel></rss>"
    )


def _listing(  # noqa: PLR0917 - the parts of a page in their order
    title: str, top: str, posts: Sequence[Entry], here: str, cursor: str, head: str = ""
) -> str:
    cards = "".join(f'<a href="/p/{entry.id}">{_show(entry.items[0])}</a>' for entry in posts)
    following = ""
    if cursor:
        link = f"{here}?{urlencode({'before': cursor})}"
        head += f'<link rel="next" href="{link}">'
        following = f'<nav><a rel="next" href="{link}">Older posts</a></nav>'
    return _page(title, f'{top}<div class="grid">{cards}</div>{following}', head)


def _show(item: Item) -> str:
    size = f'width="{item.width}" height="{item.height}"'
    if item.kind == "video":
        return f'<video src="{item.path}" {size} controls preload="metadata"></video>'
    return f'<img src="{item.path}" {size} alt="" loading="lazy">'


def _page(title: str, body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="generator" content="Plaza">'
        f"<title>{escape(title)}</title>{head}<style>{STYLE}</style></head>"
        f'<body><header><a href="/">Plaza</a></header>{body}</body></html>'
    )
