"""Forums on any host, by their pages: one engine, and one dialect for each software."""

from collections.abc import AsyncIterator

from gatherum.model import Page, Target
from gatherum.ports import Client, Listing
from gatherum.providers import Needs, provider
from gatherum.providers.forums.board import Pages
from gatherum.providers.forums.dialect import Dialect
from gatherum.providers.forums.links import DIALECTS
from gatherum.providers.forums.listing import list_post, list_section, list_topic

NEVER = r"(?!)"  # a link does not show that a host is a forum: the caller has asked it


def _topic(dialect: Dialect) -> Listing:
    async def topic(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        async for page in list_topic(Pages(dialect, client, target), target["id"], cursor):
            yield page

    return topic


def _section(dialect: Dialect) -> Listing:
    async def section(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        async for page in list_section(Pages(dialect, client, target), target["id"], cursor):
            yield page

    return section


def _post(dialect: Dialect) -> Listing:
    async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
        async for page in list_post(Pages(dialect, client, target), target["id"]):
            yield page

    return post


_LISTINGS = {"topic": _topic, "forum": _section, "post": _post}
for _dialect in DIALECTS:
    for _feed in sorted({feed for feed, _ in _dialect.links}):
        _name = "12-holiday" if _dialect.permalink else "12"
        provider(
            platform=_dialect.name,
            feed=_feed,
            pattern=NEVER,
            example=f"https://forum.example/{_dialect.homes[_feed].format(id=_name)}",
            needs=Needs(probe=True),
        )(_LISTINGS[_feed](_dialect))
