"""What the styles of vBulletin have in common, whatever their markup."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from tests.testsites.forums.board import NOW, Message, Topic

DENIED = (
    "You are not logged in or you do not have permission to access this page. This could be due to "
    "one of several reasons:"
)
WAY = {True: "logout&amp;logouthash=0a1b", False: "login"}


class Style(Protocol):
    """How a version writes its pages."""

    def page(self, title: str, body: str, *, member: bool) -> str:
        """A whole page."""
        ...

    def thread(self, topic: Topic, messages: Sequence[Message], page: int) -> str:
        """A page of a thread."""
        ...

    def section(
        self, number: int, above: Sequence[Topic], topics: Sequence[Topic], *, page: int, pages: int
    ) -> str:
        """A page of a forum."""
        ...

    def results(
        self, found: Sequence[tuple[Topic, Message]], link: str, *, page: int, pages: int
    ) -> str:
        """A page of what a search has found."""
        ...

    def error(self, text: str) -> str:
        """What cannot be shown."""
        ...

    def refused(self) -> str:
        """What is for members, with the form to become one that is known."""
        ...


def day_of(at: datetime, zone: timedelta) -> str:
    """Return how a day is written."""
    days = ((NOW + zone).date() - (at + zone).date()).days
    if days in {0, 1}:
        return "Yesterday" if days else "Today"
    return (at + zone).strftime("%m-%d-%Y")
