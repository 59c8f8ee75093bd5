"""Forums on any host, by their pages: one engine, and one dialect for each software."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from gatherum.model import Page, Target
from gatherum.ports import Client, Listing
from gatherum.providers.forums.board import Pages
from gatherum.providers.forums.dialect import Dialect
from gatherum.providers.forums.links import DIALECTS, find_target
from gatherum.providers.forums.listing import add_forum, list_post, list_search, sections, topics


def _rooted(dialect: Dialect, listing: Listing) -> Listing:
    """Return a listing for targets that were stored for another way, too: these have no root."""

    async def rooted(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        found = find_target(dialect, target.url) if "root" not in target.values else None
        if found is not None:
            values = MappingProxyType({**target.values, **found.values})
            target = replace(target, values=values)
        async for page in listing(target, client, cursor):
            yield page

    return rooted


def _post(dialect: Dialect) -> Listing:
    async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
        async for page in list_post(Pages(dialect, client, target), target["id"]):
            yield page

    return post


def _search(dialect: Dialect) -> Listing:
    async def search(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        async for page in list_search(Pages(dialect, client, target), target["id"], cursor):
            yield page

    return search


for _dialect in DIALECTS:
    _board = partial(Pages, _dialect)
    _listings = {
        _dialect.topic_feed: topics(_board),
        "forum": sections(_board),
        "post": _post(_dialect),
    }
    for _feed in sorted({feed for feed, _ in _dialect.links}):
        _name = _dialect.examples.get(_feed, "12")
        _example = f"https://forum.example/{_dialect.homes[_feed].format(id=_name)}"
        add_forum(_dialect.name, _feed, _rooted(_dialect, _listings[_feed]), _example)
    if _dialect.search is not None:
        _example = f"https://forum.example/{_dialect.examples.get('search', '')}"
        add_forum(_dialect.name, "search", _search(_dialect), _example)
