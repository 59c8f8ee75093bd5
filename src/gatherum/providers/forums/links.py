"""Which forum software made a page, and what a link to it means there."""

import re
from types import MappingProxyType

from gatherum.model import Target
from gatherum.providers import Finder
from gatherum.providers.forums import discourse, nodebb
from gatherum.providers.forums.dialect import Dialect, at, name_in
from gatherum.providers.forums.invision import INVISION
from gatherum.providers.forums.mybb import MYBB
from gatherum.providers.forums.phpbb import PHPBB
from gatherum.providers.forums.smf import SMF
from gatherum.providers.forums.vbulletin import VBULLETIN
from gatherum.providers.forums.vbulletin5 import VBULLETIN5
from gatherum.providers.forums.words import take_words, with_words
from gatherum.providers.forums.xenforo import XENFORO
from gatherum.providers.urls import host_of

DIALECTS = (XENFORO, PHPBB, SMF, MYBB, INVISION, VBULLETIN, VBULLETIN5)
_TALKS: tuple[tuple[re.Pattern[bytes], Finder], ...] = (
    (discourse.SIGN, discourse.find_discourse),
    (nodebb.SIGN, nodebb.find_nodebb),
)


def find_forum(url: str, head: bytes, *, asked: str = "") -> Target | None:
    """Return what a normal link is, if the start of its page shows a forum that we know.

    `asked` is what led to that link: if to one post, it means this and not the page that shows it,
    and it still means something where that is a page to log in.
    """
    plain, words = take_words(url)
    target = _find(plain, head, asked)
    return with_words(target, words) if target is not None else None


def _find(url: str, head: bytes, asked: str) -> Target | None:
    for sign, find in _TALKS:
        if sign.search(head):
            return _talk(find, url, asked)
    dialect = next((one for one in DIALECTS if one.sign.search(head)), None)
    if dialect is None:
        return None
    target, meant = find_target(dialect, url), find_target(dialect, asked)
    if meant is None or meant.feed not in {"post", "search"}:
        return target
    # Forums may call their root otherwise than who asks; a section's link may be none of theirs.
    is_led = target is not None and target.feed in {meant.feed, dialect.topic_feed}
    root = target["root"] if target is not None and is_led else meant["root"]
    return _target(dialect, meant.feed, root, key=meant.key, name=meant["id"])


def _talk(find: Finder, url: str, asked: str) -> Target | None:
    target = find(url)
    if host_of(asked).removeprefix("www.") != host_of(url).removeprefix("www."):
        return target  # a short link of somebody else, whose numbers are others
    meant = find(asked)
    if target is None or meant is None or meant.feed != "post":
        return target or meant
    return find(target["root"] + meant.url.removeprefix(meant["root"]))


def find_target(dialect: Dialect, url: str) -> Target | None:
    """Return what a normal link is on a forum of this kind, None if it is nothing to list."""
    for feed, pattern in dialect.links:
        if match := pattern.fullmatch(url):
            return _target(dialect, feed, match["root"], key=match["id"], name=name_in(match))
    return _find_search(dialect, url)


def _find_search(dialect: Dialect, url: str) -> Target | None:
    match = dialect.search.link.fullmatch(url) if dialect.search is not None else None
    if dialect.search is None or match is None:
        return None
    asked = dialect.search.dropped.sub("", match["id"])
    for other, name in dialect.search.named.items():
        asked = re.sub(rf"(?<![^&]){other}=", f"{name}=", asked)
    asked = re.sub(r"(?<=\?)[&;]+|^[&;]+", "", asked)
    return _target(dialect, "search", match["root"], key=asked, name=asked)


def _target(dialect: Dialect, feed: str, root: str, *, key: str, name: str) -> Target:
    found = dialect.search if feed == "search" else None
    home = dialect.homes[feed] if found is None else found.home
    return Target(
        platform=dialect.name,
        feed=feed,
        key=key,
        url=at(root, home.format(id=name)),
        host=host_of(root),
        values=MappingProxyType({"root": root, "id": name}),
    )
