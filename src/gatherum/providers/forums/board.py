"""A forum by its pages: the `Board` of all that show themselves in HTML."""

from gatherum.errors import UnexpectedResponse
from gatherum.model import Target
from gatherum.ports import Client
from gatherum.providers.forums.dialect import Dialect
from gatherum.providers.forums.sheets import (
    ResultSheet,
    SectionSheet,
    TopicRow,
    TopicSheet,
    read_results,
    read_section,
    read_topic,
)

AGAIN = "This forum shows the same page again and again."


class Pages:
    """Asks for pages by their place. A page leads back only to earlier ones, a section only on."""

    def __init__(self, dialect: Dialect, client: Client, target: Target) -> None:
        self.first = dialect.first
        self._dialect = dialect
        self._client = client
        self._root = target["root"]

    async def last(self, topic: str) -> TopicSheet:
        """Return the last page of a topic."""
        sheet = await self._topic(self._dialect.last_page.format(id=topic))
        if sheet.last is None:
            return sheet
        return await self.page(topic, sheet.last)

    async def page(self, topic: str, place: int) -> TopicSheet:
        """Return the page of a topic that starts at a place."""
        sheet = await self._topic(self._dialect.topic_page.format(id=topic, place=place))
        if sheet.earlier is not None and sheet.earlier >= place:
            raise UnexpectedResponse(AGAIN)
        return sheet

    async def around(self, post: str) -> TopicSheet:
        """Return the page of a topic that holds a post."""
        return await self._topic(self._dialect.homes["post"].format(id=post))

    async def section(self, section: str, place: int) -> SectionSheet:
        """Return the page of a section that starts at a place."""
        link = self._dialect.section_page.format(id=section, place=place)
        sheet = read_section(self._dialect, await self._client.text(self._root + link))
        if sheet.later is not None and sheet.later <= place:
            raise UnexpectedResponse(AGAIN)
        return sheet

    async def results(self, asked: str, place: int) -> ResultSheet:
        """Return a page of what a search has found."""
        search = self._dialect.search
        if search is None:
            raise UnexpectedResponse(AGAIN)
        link = self._root + search.page.format(id=asked, place=place)
        sheet = read_results(self._dialect, search, await self._client.text(link))
        if sheet.later is not None and sheet.later <= place:
            raise UnexpectedResponse(AGAIN)
        return sheet

    async def _topic(self, link: str) -> TopicSheet:
        return read_topic(self._dialect, await self._client.text(self._root + link), self._root)


class FoundTopics:
    """What a search for topics has found, as a section of these alone."""

    def __init__(self, board: Pages) -> None:
        self.first = board.first
        self.last = board.last
        self.page = board.page
        self._board = board

    async def section(self, asked: str, place: int) -> SectionSheet:
        """Return a page of what was found."""
        results = await self._board.results(asked, place)
        if any(feed != "topic" for feed, _ in results.found):
            raise UnexpectedResponse("This forum shows posts among the topics that it found.")
        topics = tuple(TopicRow(name, pinned=False, title="") for _, name in results.found)
        return SectionSheet(topics=topics, later=results.later)
