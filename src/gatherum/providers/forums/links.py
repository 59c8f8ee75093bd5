"""Which forum software made a page, and what a link to it means there."""

import re
from types import MappingProxyType

from gatherum.model import Target
from gatherum.providers.forums import discourse, nodebb
from gatherum.providers.forums.dialect import Dialect, name_in
from gatherum.providers.forums.invision import INVISION
from gatherum.providers.forums.mybb import MYBB
from gatherum.providers.forums.phpbb import PHPBB
from gatherum.providers.forums.smf import SMF
from gatherum.providers.forums.vbulletin import VBULLETIN
from gatherum.providers.forums.vbulletin5 import VBULLETIN5
from gatherum.providers.forums.words import take_words, with_words
from gatherum.providers.urls import host_of

DIALECTS = (PHPBB, SMF, MYBB, INVISION, VBULLETIN, VBULLETIN5)


def find_forum(url: str, head: bytes) -> Target | None:
    """Return what a normal link is, if the start of its page shows a forum that we know."""
    plain, words = take_words(url)
    target = _find(plain, head)
    return with_words(target, words) if target is not None else None


def _find(url: str, head: bytes) -> Target | None:
    if discourse.SIGN.search(head):
        return discourse.find_discourse(url)
    if nodebb.SIGN.search(head):
        return nodebb.find_nodebb(url)
    dialect = next((one for one in DIALECTS if one.sign.search(head)), None)
    return find_target(dialect, url) if dialect is not None else None


def find_target(dialect: Dialect, url: str) -> Target | None:
    """Return what a normal link is on a forum of this kind, None if it is nothing to list."""
    for feed, pattern in dialect.links:
        if match := pattern.fullmatch(url):
            root, name = match["root"], name_in(match)
            return Target(
                platform=dialect.name,
                feed=feed,
                key=match["id"],
                url=root + dialect.homes[feed].format(id=name),
                host=host_of(url),
                values=MappingProxyType({"root": root, "id": name}),
            )
    return _find_search(dialect, url)


def _find_search(dialect: Dialect, url: str) -> Target | None:
    match = dialect.search.link.fullmatch(url) if dialect.search is not None else None
    if dialect.search is None or match is None:
        return None
    asked = re.sub(r"(?<=\?)[&;]+", "", dialect.search.dropped.sub("", match["id"]))
    return Target(
        platform=dialect.name,
        feed="search",
        key=asked,
        url=match["root"] + asked,
        host=host_of(url),
        values=MappingProxyType({"root": match["root"], "id": asked}),
    )
