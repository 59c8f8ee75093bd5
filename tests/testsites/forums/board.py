"""What the forums have in common: the people of the world as topics of one section."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tests.testsites.world import START, Entry, Item, World

PAGE = 10  # posts
ROWS = 2  # topics
NOW = START + timedelta(hours=45)  # when the pages are looked at
CHATTER = 50  # what a reply's number has more than that of the post it answers


def post_id(entry: Entry) -> int:
    """Return the number of a post: forums count them over all topics, in the order of writing."""
    return int((entry.at - START).total_seconds() // 3600) * 100 + entry.id // 1_000_000


def thumb_id(item: Item) -> int:
    """Return the number of an attachment's small picture, where that has one of its own."""
    return item.id + 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One post of a topic. `shown` says how each of its files stands in it."""

    id: int
    number: int  # in its topic, from 1
    at: datetime
    author: str
    text: str
    items: tuple[Item, ...] = ()
    quoted: "Message | None" = None

    def shown(self, item: Item) -> Literal["below", "within", "far"]:
        """Attached below the words, attached and shown in them, or a picture from elsewhere."""
        place = self.items.index(item)
        if item.kind == "image" and place:
            return "far"
        return "within" if (self.id // 100) % 2 else "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic, its posts oldest first."""

    id: int
    title: str
    author: str
    messages: tuple[Message, ...]

    @property
    def pages(self) -> int:
        return (len(self.messages) + PAGE - 1) // PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The forum of a world. Every third post is answered in words alone, with a quote.

    The topics `closed` are for members, `pinned` ones stand above the others.
    """

    world: World
    host: str
    closed: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()  # their attachments are for members
    deleted: set[str] = field(default_factory=set)

    def topic(self, number: int) -> Topic | None:
        """Return a topic that is there."""
        names = list(self.world.people)
        if not 1 <= number <= len(names) or names[number - 1] in self.deleted:
            return None
        return self._topic(names[number - 1], number)

    def find(self, post: int) -> Topic | None:
        """Return the topic of a post."""
        topics = (self.topic(number) for number in range(1, len(self.world.people) + 1))
        return next(
            (topic for topic in topics if topic and any(m.id == post for m in topic.messages)), None
        )

    def listed(self) -> list[Topic]:
        """Return what the section shows: pinned topics first, then by their newest post."""
        topics = [self.topic(number) for number in range(1, len(self.world.people) + 1)]
        open_ones = [one for one in topics if one is not None and one.author not in self.closed]
        return sorted(
            open_ones, key=lambda one: (one.author not in self.pinned, -one.messages[-1].id)
        )

    def search(self, words: str) -> list[tuple[Topic, Message]]:
        """Return the posts with these words, newest first."""
        found = [
            (topic, message)
            for topic in self.listed()
            for message in topic.messages
            if all(word.lower() in message.text.lower() for word in words.split())
        ]
        return sorted(found, key=lambda one: -one[1].id)

    def _topic(self, name: str, number: int) -> Topic:
        messages: list[Message] = []
        for place, entry in enumerate(reversed(self.world.people[name])):
            messages.append(
                Message(
                    id=post_id(entry),
                    number=len(messages) + 1,
                    at=entry.at,
                    author=name,
                    text=entry.text,
                    items=entry.items,
                    quoted=messages[-1] if messages else None,
                )
            )
            if place % 3 == 2:
                messages.append(
                    Message(
                        id=messages[-1].id + CHATTER,
                        number=len(messages) + 1,
                        at=entry.at + timedelta(minutes=10),
                        author="reader",
                        text="How nice",
                        quoted=messages[-1],
                    )
                )
        return Topic(id=number, title=f"All of {name}", author=name, messages=tuple(messages))


def page_of(topic: Topic, post: int) -> int:
    """Return the page of a topic, from 1, that holds a post."""
    place = next(place for place, one in enumerate(topic.messages) if one.id == post)
    return place // PAGE + 1


def window(topic: Topic, page: int) -> tuple[Message, ...]:
    """Return the posts of a page, from 1."""
    return topic.messages[(page - 1) * PAGE : page * PAGE]


def pictures(message: Message) -> list[Item]:
    """Return the files that are pictures."""
    return [item for item in message.items if item.kind == "image"]
