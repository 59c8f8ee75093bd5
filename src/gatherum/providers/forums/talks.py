"""What forums share whose pages are made of JSON: their links, and the HTML of a post."""

import re
from collections.abc import Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

from gatherum.errors import UnexpectedResponse
from gatherum.model import Target
from gatherum.providers.forums.content import Content, Reader
from gatherum.providers.forums.dialect import Marks
from gatherum.providers.urls import host_of
from gatherum.safety import foreign

ROOT = r"(?P<root>https?://[^?]*?/)"
Forms = Sequence[tuple[str, re.Pattern[str], str]]  # a feed, its links, its path behind the root


def find_link(platform: str, forms: Forms, url: str) -> Target | None:
    """Return what a normal link to such a forum is, None if it is nothing to list."""
    for feed, pattern, path in forms:
        if match := pattern.fullmatch(url):
            return Target(
                platform=platform,
                feed=feed,
                key=match["id"],
                url=match["root"] + path.format_map(match.groupdict()),
                host=host_of(url),
                values=MappingProxyType(match.groupdict()),
            )
    return None


def read_html(html: str, number: str, *, marks: Marks, root: str) -> Content:
    """Return what the post with this number holds."""
    row = foreign.html(f"<section><div>{html}</div></section>").css_first("section")
    base = "{0.scheme}://{0.netloc}/".format(urlsplit(root))
    content = Reader(marks, root=root, base=base).read(row, number) if row else None
    if content is None:
        raise UnexpectedResponse("This forum describes its posts in an unknown form.")
    return content
