"""A forum by its pages: the `Board` of all that show themselves in HTML."""

from gatherum.errors import Gone, LoginRequired, UnexpectedResponse, Withheld
from gatherum.model import Target
from gatherum.ports import Client, Document
from gatherum.providers.forums.dialect import Dialect, Search, at
from gatherum.providers.forums.sheets import (
    ResultSheet,
    SectionSheet,
    TopicRow,
    TopicSheet,
    read_results,
    read_section,
    read_topic,
)
from gatherum.safety import foreign

_TAIL = 4096  # characters behind which a page ends; some servers put a remark there
AGAIN = "This forum shows the same page again and again."


class Pages:
    """Asks for pages by their place. A page leads back only to earlier ones, a section only on."""

    def __init__(self, dialect: Dialect, client: Client, target: Target) -> None:
        self.first = dialect.first
        self.starts = dialect.search is not None and dialect.search.starts
        self._dialect = dialect
        self._client = client
        self._root = target["root"]
        self._day_first: bool | None = None  # as far as its pages have shown it
        self._results = ""  # where those of the search are kept

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
        document = await self._page(link)
        sheet = await foreign.apart(read_section, self._dialect, document)
        _check_end(document)
        if sheet.later is not None and sheet.later <= place:
            raise UnexpectedResponse(AGAIN)
        return sheet

    async def results(self, asked: str, place: int) -> ResultSheet:
        """Return a page of what a search has found."""
        search = self._dialect.search
        if search is None:
            raise UnexpectedResponse(AGAIN)
        link = at(self._root, search.page.format(id=asked, place=place))
        if search.kept and place > self.first:
            if not self._results:
                await self._found(search, link)
            link = f"{self._results}&page={place}"
        sheet = await self._found(search, link)
        if sheet.later is not None and sheet.later <= place:
            raise UnexpectedResponse(AGAIN)
        return sheet

    async def _found(self, search: Search, link: str) -> ResultSheet:
        document = await self._client.text(link)
        sheet = await foreign.apart(read_results, self._dialect, search, document)
        _check_end(document)
        self._results = self._results or document.url
        return sheet

    async def _topic(self, link: str) -> TopicSheet:
        document = await self._page(link)
        sheet = await foreign.apart(
            read_topic, self._dialect, document, self._root, day_first=self._day_first
        )
        self._day_first = sheet.day_first
        _check_end(document)
        return sheet

    async def _page(self, link: str) -> Document:
        url = at(self._root, link)
        try:
            return await self._client.text(url)
        except LoginRequired as error:
            lost = self._dialect.lost
            if lost is None:
                raise
            refused = await self._client.probe(url)
            if not lost.search(refused.head):
                raise
            if self._dialect.sure.search(refused.url):
                raise Gone("This forum says that this does not exist (any more).") from error
            raise Withheld("This forum says: missing, or off limits to this login.") from error


def _check_end(document: Document) -> None:
    """Raise if a page did not come to its end: what is missing would look as if it were not there."""
    if "</html" not in document.text[-_TAIL:].lower():
        raise UnexpectedResponse("A page of this forum breaks off in the middle.")


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
        if any(one.feed == "post" for one in results.found):
            raise UnexpectedResponse("This forum shows posts among the topics that it found.")
        topics = tuple(TopicRow(one.name, pinned=False, title="") for one in results.found)
        return SectionSheet(topics=topics, later=results.later)
