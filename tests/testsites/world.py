"""One deterministic world that every test site shows in its platform's own dialect."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from starlette.types import ASGIApp

from tests.testsites.media import jpeg, mp4

START = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
MIX: tuple[tuple[Literal["image", "video"], ...], ...] = (
    ("image",),
    ("video",),
    ("image", "video", "image"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of the world."""

    id: int
    kind: Literal["image", "video"] = "image"

    @property
    def body(self) -> bytes:
        """The very bytes that every site serves for it."""
        return jpeg(str(self.id)) if self.kind == "image" else mp4(str(self.id % 7))

    @property
    def name(self) -> str:
        """A file name."""
        return f"{self.id}.jpg" if self.kind == "image" else f"{self.id}.mp4"

    @property
    def content_type(self) -> str:
        """What the site calls it."""
        return "image/jpeg" if self.kind == "image" else "video/mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an author of the world published."""

    id: int
    at: datetime
    author: str
    text: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request, instead of, or on top of, the site's own answer.

    With `status` the site is not asked. `cut` sends that many bytes of the true body and hangs up.
    `path` is a pattern that the path must match; others pass by.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    delay: float = 0.0
    path: str = ""

    def fits(self, path: str) -> bool:
        """Return whether the fault concerns this request."""
        return re.search(self.path, path) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request that reached a site; `status` is what it got."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int


class World:
    """People and their posts, the sites that show them, the faults planted, the requests seen."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[Entry, ...]] = {}
        self.sites: dict[str, ASGIApp] = {}
        self.faults: dict[str, deque[Fault]] = {}
        self.log: list[Hit] = []

    def add_person(self, name: str, posts: int) -> tuple[Entry, ...]:
        """Let somebody publish: one, one and three files in turn; return it newest first."""
        first = (len(self.people) + 1) * 1_000_000
        entries = [
            Entry(
                id=first + number * 10,
                at=START + timedelta(hours=number),
                author=name,
                text=f"{name} post {number} #tag{number % 4}",
                items=tuple(
                    Item(id=first + number * 10 + place, kind=kind)
                    for place, kind in enumerate(MIX[number % len(MIX)])
                ),
            )
            for number in range(posts)
        ]
        self.people[name] = tuple(reversed(entries))
        return self.people[name]

    def mount(self, host: str, site: ASGIApp) -> None:
        """Show `site` under a host name."""
        self.sites[host] = site

    def plant(self, host: str, *faults: Fault) -> None:
        """Let the next fitting requests to `host` go wrong, one fault each."""
        self.faults.setdefault(host, deque()).extend(faults)

    def take_fault(self, host: str, path: str) -> Fault | None:
        """Return, and use up, the next fault for this request."""
        waiting = self.faults.get(host, deque())
        for fault in waiting:
            if fault.fits(path):
                waiting.remove(fault)
                return fault
        return None

    def count(self, host: str, path: str = "", *, method: str = "") -> int:
        """Return how many requests reached `host` whose path matches the pattern."""
        return sum(
            hit.host == host
            and re.search(path, hit.path) is not None
            and method in ("", hit.method)
            for hit in self.log
        )

    @property
    def hits(self) -> Counter[tuple[str, str]]:
        """The number of requests by (host, path)."""
        return Counter((hit.host, hit.path) for hit in self.log)


def items(entries: Iterable[Entry]) -> tuple[Item, ...]:
    """Return every file of some entries, in order."""
    return tuple(item for entry in entries for item in entry.items)
