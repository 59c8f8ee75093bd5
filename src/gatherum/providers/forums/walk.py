"""The way through a section: its topics page by page, always that with the newest posts."""

from typing import NamedTuple, Protocol

from pydantic import BaseModel

from gatherum.errors import Gone
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
    """The page of a topic that comes next in it. `newest`: no post on it has a higher number."""

    newest: int
    topic: str
    place: int | None  # None: the last page


class Position(BaseModel):
    """Where the way stands behind a page; written down, it is the cursor."""

    later: int | None = None  # the place of the section's next page
    waiting: list[tuple[str, bool]] = []  # topics that were not opened yet, and whether pinned
    heads: list[Head] = []
    newest: int | None = None  # no waiting topic has a newer post than this
    pinned: list[str] = []  # forums show these on each page of a section

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
    could have the newest post of all that was not read yet, and then waits for its turn.
    """

    def __init__(self, board: Board, section: str, position: Position, words: Words) -> None:
        self.position = position
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

    async def _open(self, topic: str, place: int | None) -> Head | None:
        """Look at a page of a topic; None if that was deleted since the section showed it."""
        try:
            sheet = await (
                self._board.last(topic) if place is None else self._board.page(topic, place)
            )
        except Gone:
            return None
        head = Head(sheet.numbers[0], topic, place)
        self._opened[head] = sheet
        self.position.heads.append(head)
        return head

    async def _open_waiting(self) -> None:
        position = self.position
        topic, pinned = position.waiting[0]
        head = await self._open(topic, None)
        del position.waiting[0]
        if head is not None and not pinned:
            known = position.newest
            position.newest = head.newest if known is None else min(known, head.newest)

    async def _turn(self, place: int) -> None:
        """Look at the next page of the section."""
        position = self.position
        sheet = await self._board.section(self._section, place)
        known = {head.topic for head in position.heads} | set(position.pinned)
        fresh = [
            (one.number, one.pinned)
            for one in sheet.topics
            if one.number not in known and self._words.fit(one.title)
        ]
        self._quiet = 0 if fresh or not self._words.text else self._quiet + 1
        position.waiting += fresh
        position.pinned += [topic for topic, pinned in fresh if pinned]
        position.later = sheet.later
