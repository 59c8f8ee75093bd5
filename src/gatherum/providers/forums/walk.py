"""The way through a section: its topics page by page, always that with the newest posts."""

from typing import NamedTuple, Protocol

from pydantic import BaseModel

from gatherum.errors import Gone, Withheld
from gatherum.providers.forums.sheets import SectionSheet, TopicSheet
from gatherum.providers.forums.words import Words

PATIENCE = 20  # pages of a section on which no topic fits


class Board(Protocol):
    """A forum as one job asks it: pages by their place, however the software counts them."""

    first: int  # the place of the first page of a section

    async def last(self, topic: str) -> TopicSheet:
        """Return the last page of a topic."""
        ...

    async def page(self, topic: str, place: int) -> TopicSheet:
        """Return another page of a topic."""
        ...

    async def section(self, section: str, place: int) -> SectionSheet:
        """Return a page of a section."""
        ...


class Head(NamedTuple):
    """The page of a topic that comes next in it. `newest`: no post with media on it has a higher number."""

    newest: int
    topic: str
    place: int | None  # None: the last page


class Position(BaseModel):
    """Where the way stands behind a page; written down, it is the cursor."""

    later: int | None = None  # the place of the section's next page
    waiting: list[tuple[str, bool]] = []  # topics that were not opened yet, and whether pinned
    heads: list[Head] = []
    newest: int | None = None  # no waiting topic has a newer post than this
    met: list[str] = []  # topics that a page of the section has shown; pinned ones are on each

    def next_head(self, *, on: bool) -> Head | None:
        """Return the page that comes next; None if a topic must be opened before one can tell.

        `on`: further pages of the section are looked at.
        """
        head = max(self.heads, default=None)
        if head is None or not (self.waiting or on):
            return head
        return head if self.newest is not None and head.newest >= self.newest else None


class Walk:
    """Goes through a section.

    It shows the topics by their newest posts and does not tell these: a topic is opened when it
    could have the newest post of all that was not read yet, and then waits for its turn. That one
    comes by its newest post with media: a reply of words alone puts no topic before another.
    """

    def __init__(self, board: Board, section: str, position: Position, words: Words) -> None:
        self.position = position
        # Topics that nobody had come to may have moved to the first pages since, and be on no later one.
        self._moved = board.first if position.met and position.later is not None else None
        self._front = 0  # how many of those wait, before all others
        self._words = words
        self._quiet = 0  # pages of the section, since one had a topic that fits
        self._board = board
        self._section = section
        self._opened: dict[Head, TopicSheet] = {}

    @property
    def tired(self) -> bool:
        """Whether the section goes on, but no topic of its last pages was one to open."""
        return self._quiet >= PATIENCE and self.position.later is not None

    async def next_sheet(self) -> TopicSheet | None:
        """Return the next page of posts, None at the end."""
        position = self.position
        while self._moved is not None:
            self._moved = await self._look_back(self._moved)
        while True:
            head = position.next_head(on=position.later is not None and not self.tired)
            if head is not None and head in self._opened:
                return self._take(head)
            if head is not None:
                position.heads.remove(head)
                await self._open(head.topic, head.place)
            elif position.waiting:
                await self._open_waiting()
            elif position.later is not None and not self.tired:
                await self._turn(position.later)
            else:
                return None

    def _take(self, head: Head) -> TopicSheet:
        sheet = self._opened.pop(head)
        self.position.heads.remove(head)
        if sheet.earlier is not None:
            self.position.heads.append(Head(sheet.numbers[-1] - 1, head.topic, sheet.earlier))
        return sheet

    async def _open(self, topic: str, place: int | None) -> TopicSheet | None:
        """Look at a page of a topic; None if that was taken away since the section showed it."""
        try:
            sheet = await (
                self._board.last(topic) if place is None else self._board.page(topic, place)
            )
        except (Gone, Withheld):
            return None
        head = Head(sheet.newest, topic, place)
        self._opened[head] = sheet
        self.position.heads.append(head)
        return sheet

    async def _open_waiting(self) -> None:
        position = self.position
        topic, pinned = position.waiting[0]
        sheet = await self._open(topic, None)
        del position.waiting[0]
        if sheet is not None and not pinned:
            known, last = position.newest, sheet.numbers[0]
            position.newest = last if known is None else min(known, last)

    async def _turn(self, place: int) -> None:
        """Look at the next page of the section."""
        sheet = await self._board.section(self._section, place)
        fresh = self._note(sheet)
        self._quiet = 0 if fresh or not self._words.text else self._quiet + 1
        self.position.waiting += fresh
        self.position.later = sheet.later

    async def _look_back(self, place: int) -> int | None:
        """Look at an earlier page of the section; return the place of the next to look at, if any."""
        position, known = self.position, set(self.position.met)
        sheet = await self._board.section(self._section, place)
        before = len(position.met)
        fresh = self._note(sheet)
        if fresh:
            position.waiting[self._front : self._front] = fresh
            position.newest = None
        self._front += len(fresh)
        is_reached = any(one.number in known and not one.pinned for one in sheet.topics)
        if (is_reached and len(position.met) == before) or sheet.later == position.later:
            return None
        return sheet.later

    def _note(self, sheet: SectionSheet) -> list[tuple[str, bool]]:
        """Return the topics of a page to open that were not met before, and whether they are pinned."""
        known = set(self.position.met)
        unknown = [one for one in sheet.topics if one.number not in known]
        self.position.met += [one.number for one in unknown]
        return [(one.number, one.pinned) for one in unknown if self._words.fit(one.title)]
