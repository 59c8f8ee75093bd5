"""The parts that a parsed filter is made of. Each judges a media: yes, no, or not known yet."""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from math import gcd
from typing import Self

from gatherum.model import Media, MediaKind, Post

Judgement = bool | None  # None: the platform has not told what is asked

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
PLAIN = re.compile(r"[^\s\"|,()*\\-][^\s\"|,()*]*")
UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True, slots=True)
class OneOf:
    """A word of the media is one of several: `kind:image,video`."""

    field: str  # kind, author, platform or host; what only the library knows has classes of its own
    values: tuple[str, ...]

    def judge(self, post: Post, media: Media) -> Judgement:
        """Return whether it is one of them; upper and lower case are the same."""
        told = {"kind": media.kind, "author": post.author, "platform": post.platform}
        value = told.get(self.field, post.host)
        if value in ("", MediaKind.UNKNOWN):
            return None
        return author_key(value) in {known.casefold() for known in self.values}

    def __str__(self) -> str:
        return f"{self.field}:{','.join(map(quote, self.values))}"


@dataclass(frozen=True, slots=True)
class Contains:
    """The caption has one of several texts in it: `text:"sunset beach"`."""

    values: tuple[str, ...]

    def judge(self, post: Post, _media: Media) -> Judgement:
        """Return whether one is in it; upper and lower case are the same."""
        caption = post.caption.casefold()
        return any(value.casefold() in caption for value in self.values)

    def __str__(self) -> str:
        return f"text:{','.join(map(quote, self.values))}"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of the media compares: `size<50MB`, `duration<=10m`, `width>=1000`."""

    field: str  # size, duration, width or height
    operator: str
    value: int

    def judge(self, _post: Post, media: Media) -> Judgement:
        """Return whether it holds."""
        told = {"size": media.size, "duration": media.duration, "width": media.width}
        value = told.get(self.field, media.height)
        return None if value is None else OPERATORS[self.operator](value, self.value)

    def __str__(self) -> str:
        form = {"size": _bytes, "duration": _time}.get(self.field, str)
        return f"{self.field}{self.operator}{form(self.value)}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Width against height: `ratio>1` is wider than high, `ratio=16:9`. It is in lowest terms."""

    operator: str
    wide: int
    high: int

    @classmethod
    def of(cls, operator: str, wide: int, high: int) -> Self:
        """Return the condition with the ratio in lowest terms."""
        shared = gcd(wide, high) or 1
        return cls(operator, wide // shared, high // shared)

    def judge(self, _post: Post, media: Media) -> Judgement:
        """Return whether it holds."""
        if not media.width or not media.height:
            return None
        return OPERATORS[self.operator](media.width * self.high, media.height * self.wide)

    def __str__(self) -> str:
        return f"ratio{self.operator}{self.wide}:{self.high}"


@dataclass(frozen=True, slots=True)
class Dated:
    """A day compares with a day, a month or a year: `date>=2024-01-01`, `added=2024-03`.

    The date of a media is its post's, and in the library its place in the gallery.
    """

    operator: str
    year: int
    month: int | None = None
    day: int | None = None
    field: str = "date"  # or added: when it was stored

    def judge(self, post: Post, _media: Media) -> Judgement:
        """Return whether it holds, in UTC; a month or a year counts as all its days."""
        if post.posted_at is None or self.field != "date":
            return None
        moment = post.posted_at.astimezone(UTC)
        seen: tuple[int, ...] = (moment.year, moment.month, moment.day)
        whole = tuple(part for part in (self.year, self.month, self.day) if part is not None)
        order = _compare(seen[: len(whole)], whole)
        return OPERATORS[self.operator](order, 0)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return f"{self.field}{self.operator}{'-'.join(parts)}"


@dataclass(frozen=True, slots=True)
class _OfLibrary:
    """What no platform can tell."""

    def judge(self, _post: Post, _media: Media) -> Judgement:
        """Return that it is not known."""
        return None


@dataclass(frozen=True, slots=True)
class Words(_OfLibrary):
    """Words stand somewhere in the texts of a media: `sunset`, `"golden hour"`.

    Those of a phrase stand side by side. `begins`: the last one need only begin so.
    """

    text: str
    begins: bool = False

    def __str__(self) -> str:
        plain = self.begins and not set(self.text) & set(":=<>")  # else it may read as a condition
        text = quote(self.text) if plain else _between(self.text)
        return f"{text}*" if self.begins else text


@dataclass(frozen=True, slots=True)
class Kept(_OfLibrary):
    """The library says one of several of it: `tag:beach`, `reason:gone`, `source:3`, `file:img_`."""

    field: str  # tag, reason, source, file or type
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field}:{','.join(map(quote, self.values))}"


@dataclass(frozen=True, slots=True)
class Is(_OfLibrary):
    """A yes or no of the library: `is:favourite`, `is:gone`, `is:edited`."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"is:{','.join(self.values)}"


@dataclass(frozen=True, slots=True)
class InState(_OfLibrary):
    """Where a search looks: `state:trashed`. It stands for the whole search, never within another part."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"state:{','.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Clause"

    def judge(self, post: Post, media: Media) -> Judgement:
        """Return the opposite of what is known."""
        judgement = self.part.judge(post, media)
        return None if judgement is None else not judgement

    def __str__(self) -> str:
        return f"-{_grouped(self.part)}"


@dataclass(frozen=True, slots=True)
class All:
    """Every part must hold."""

    parts: tuple["Clause", ...]

    def judge(self, post: Post, media: Media) -> Judgement:
        """Return no as soon as one part says no."""
        found = [part.judge(post, media) for part in self.parts]
        return False if False in found else None if None in found else True

    def __str__(self) -> str:
        return " ".join(
            f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must hold."""

    parts: tuple["Clause", ...]

    def judge(self, post: Post, media: Media) -> Judgement:
        """Return yes as soon as one part says yes."""
        found = [part.judge(post, media) for part in self.parts]
        return True if True in found else None if None in found else False

    def __str__(self) -> str:
        return " | ".join(map(str, self.parts))


Library = Words | Kept | Is | InState
Clause = OneOf | Contains | Measure | Ratio | Dated | Library | Not | All | AnyOf


def leaves(clause: Clause) -> Iterator[Clause]:
    """Yield the conditions that a clause is made of, in the order in which they are read."""
    match clause:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield clause


def author_key(author: str) -> str:
    """Return an author's name as people look for it."""
    return author.removeprefix("@").casefold()


def quote(value: str) -> str:
    """Return a word as it is, anything else between quotation marks."""
    if PLAIN.fullmatch(value) and value[0] not in "<>=:" and ".." not in value:
        return value
    return _between(value)


def _between(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _compare(seen: tuple[int, ...], whole: tuple[int, ...]) -> int:
    return (seen > whole) - (seen < whole)


def _grouped(part: Clause) -> str:
    return f"({part})" if isinstance(part, All | AnyOf) else str(part)


def _bytes(size: int) -> str:
    for factor, unit in UNITS:
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def _time(seconds: int) -> str:
    parts = (seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
