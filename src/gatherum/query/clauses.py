"""The parts that a parsed filter is made of. Each judges a media: yes, no, or not known yet."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from gatherum.model import Media, MediaKind, Post

Judgement = bool | None  # None: the platform has not told what is asked

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
PLAIN = re.compile(r"[^\s\"|,()]+")
UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True, slots=True)
class OneOf:
    """A word of the media is one of several: `kind:image,video`."""

    field: str  # kind, author, platform or host
    values: tuple[str, ...]

    def judge(self, post: Post, media: Media) -> Judgement:
        """Return whether it is one of them; upper and lower case are the same."""
        told = {"kind": media.kind, "author": post.author, "platform": post.platform}
        value = told.get(self.field, post.host)
        if value in ("", MediaKind.UNKNOWN):
            return None
        return value.removeprefix("@").casefold() in {known.casefold() for known in self.values}

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
class Dated:
    """The post's date compares with a day, a month or a year: `date>=2024-01-01`, `date=2024-03`."""

    operator: str
    year: int
    month: int | None = None
    day: int | None = None

    def judge(self, post: Post, _media: Media) -> Judgement:
        """Return whether it holds, in UTC; a month or a year counts as all its days."""
        if post.posted_at is None:
            return None
        moment = post.posted_at.astimezone(UTC)
        seen: tuple[int, ...] = (moment.year, moment.month, moment.day)
        whole = tuple(part for part in (self.year, self.month, self.day) if part is not None)
        order = _compare(seen[: len(whole)], whole)
        return OPERATORS[self.operator](order, 0)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return f"date{self.operator}{'-'.join(parts)}"


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


Clause = OneOf | Contains | Measure | Dated | Not | All | AnyOf


def quote(value: str) -> str:
    """Return a word as it is, anything else between quotation marks."""
    if PLAIN.fullmatch(value) and value[0] not in "<>=:" and ".." not in value:
        return value
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
