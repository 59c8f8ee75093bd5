"""Reads the text form of filters and searches. It is data: nothing of it is ever run."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from gatherum.errors import InvalidInput
from gatherum.model import MediaKind, Reason
from gatherum.query.clauses import (
    All,
    AnyOf,
    Clause,
    Contains,
    Dated,
    InState,
    Is,
    Kept,
    Measure,
    Not,
    OneOf,
    Ratio,
    Words,
    leaves,
)
from gatherum.settings import parse_size

LONGEST = 2000
DEEPEST = 20
NAMES: Final = (
    "author",
    "date",
    "duration",
    "height",
    "host",
    "kind",
    "platform",
    "ratio",
    "size",
    "text",
    "width",
)
LIBRARY_NAMES: Final = ("added", "file", "is", "reason", "source", "state", "tag", "type")
DATES = ("added", "date")
COMPARED = (*DATES, "duration", "height", "ratio", "size", "width")
CHOICES: Final = {
    "kind": tuple(kind.value for kind in MediaKind if kind is not MediaKind.UNKNOWN),
    "reason": tuple(reason.value for reason in Reason),
    "is": ("damaged", "edited", "favourite", "gone"),
    "state": ("stored", "trashed", "failed", "skipped", "open"),
}
# What people call conditions elsewhere.
ALIASES: Final = {
    "by": "author",
    "creator": "author",
    "ext": "type",
    "extension": "type",
    "filename": "file",
    "filetype": "type",
    "format": "type",
    "from": "author",
    "hashtag": "tag",
    "in": "source",
    "label": "tag",
    "length": "duration",
    "on": "date",
    "since": "date",
    "site": "platform",
    "subscription": "source",
    "uploader": "author",
    "user": "author",
    "username": "author",
    "year": "date",
}
HEAD = re.compile(r"([^\W\d]\w*)\s*(>=|<=|[:=<>])\s*")
FURTHER = re.compile(r"(>=|<=|[=<>])\s*")  # `size:>20MB`
WORD = re.compile(r'[^\s"|,()]+')
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
SPACE = re.compile(r"\s*")
LOOSE = re.compile(r"[\s,]*")  # in a search, a comma that parts no values is a blank
DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
TIME = re.compile(r"(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m(?:in)?)?(?:(\d{1,6})s)?")
PIXELS = re.compile(r"(\d{1,9})(?:px)?")
RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)(?:[:/](\d{1,5}))?")
TYPE = re.compile(r"([a-z]+)(?:/(?:\*|([a-z0-9][a-z0-9.+-]*)))?")
UNFIT = re.compile(r"[\0\ud800-\udfff]")  # no database keeps these
NUMBER = re.compile(r"[1-9]\d{0,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A word that looks like a condition and is none: what was perhaps meant, and the search with that."""

    said: str
    meant: str
    query: str


def parse(text: str) -> Clause | None:
    """Return what a filter says, None for an empty one; `InvalidInput` says what is wrong, and where."""
    return _read(text, _Parser(text, "filter"))


def parse_search(text: str) -> tuple[Clause | None, tuple[Hint, ...]]:
    """Return what a search says, and what was perhaps meant by what it reads as words.

    It may ask what only the library knows, and has words of texts.
    """
    parser = _SearchParser(text, "search")
    return _read(text, parser), tuple(parser.hints)


def _read(text: str, parser: "_Parser") -> Clause | None:
    if len(text) > LONGEST:
        raise InvalidInput(f"A {parser.thing} has at most {LONGEST} characters.")
    if UNFIT.search(text):
        raise InvalidInput(f"A {parser.thing} is text, without characters that nobody can type.")
    return parser.read() if parser.is_there() else None


class _Parser:
    """Recursive descent: any = all ("|" all)*, all = one+, one = "-" one | "(" any ")" | clause."""

    names: tuple[str, ...] = NAMES
    space = SPACE

    def __init__(self, text: str, thing: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.thing = thing

    def is_there(self) -> bool:
        return self._skip()

    def read(self) -> Clause:
        clause = self._any()
        if self._at < len(self._text):
            raise self._wrong("this parenthesis closes nothing.")
        return clause

    def _any(self) -> Clause:
        parts = [self._all()]
        while self._take("|"):
            parts.append(self._all())
        return _joined(AnyOf, parts)

    def _all(self) -> Clause:
        parts = [self._one()]
        while self._skip() and self._text[self._at] not in "|)":
            parts.append(self._one())
        return _joined(All, parts)

    def _one(self) -> Clause:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong("this is nested too deeply.")
        start = self._at
        if self._take("-"):
            found: Clause = Not(self._one())
        elif self._take("("):
            found = self._any()
            if not self._take(")"):
                self._at = start
                raise self._wrong("this parenthesis is not closed.")
        else:
            found = self._clause()
        self._depth -= 1
        return found

    def _clause(self) -> Clause:
        self._skip()
        place = self._at
        head = HEAD.match(self._text, place)
        if head is None:
            return self._loose()
        name, sign = head[1].lower(), head[2]
        if name not in self.names:
            return self._stranger(name)
        self._at = head.end()
        if sign == ":" and (further := FURTHER.match(self._text, self._at)):
            sign, self._at = further[1], further.end()
        if name in COMPARED:
            return self._comparison(name, "=" if sign == ":" else sign)
        if sign not in ":=":
            self._at = place
            raise self._wrong(
                f"{name} is a word and cannot be compared by {sign}. Write {name}: instead."
            )
        return _worded(name, self._values(name))

    def _loose(self) -> Clause:
        """Read what stands where a condition should: a filter has nothing of that kind."""
        word = WORD.match(self._text, self._at)
        hint = f"Write text:{word[0]} to look for it in captions." if word else ""
        raise self._wrong(f"a condition such as kind:image is missing here. {hint}".strip())

    def _stranger(self, name: str) -> Clause:
        """Read what looks like a condition of an unknown name: a filter has none."""
        if name in LIBRARY_NAMES:
            raise self._wrong(
                f"{name} is known of what is in the library, so searches can ask it;"
                " a filter can only ask what the platform tells."
            )
        meant = self._meant_name(name)
        hint = f"Did you mean {meant}?" if meant else f"There are {', '.join(self.names)}."
        raise self._wrong(f"there is no condition {name!r}. {hint}")

    def _meant_name(self, name: str) -> str | None:
        alias = ALIASES.get(name)
        if alias in self.names:
            return alias
        return next(iter(difflib.get_close_matches(name, self.names, 1)), None)

    def _comparison(self, name: str, sign: str) -> Clause:
        place = self._at
        word = self._word()
        make = self._maker(name)
        self._at, end = place, self._at
        first, dots, last = word.partition("..")
        if dots:
            bounds = [(">=", first), ("<=", last)]
            parts = [make(bound, value) for bound, value in bounds if value]
            if sign != "=" or not parts:
                raise self._wrong(f"a range is written {name}:FROM..TO.")
        else:
            parts = [make(sign, word)]
        self._at = end
        return _joined(All, parts)

    def _maker(self, name: str) -> Callable[[str, str], Clause]:
        if name in DATES:
            return lambda sign, word: self._dated(name, sign, word)
        if name == "ratio":
            return self._ratio
        return lambda sign, word: Measure(name, sign, self._number(name, word))

    def _dated(self, name: str, sign: str, word: str) -> Dated:
        match = DATE.fullmatch(word)
        year, month, day = (
            (int(part) if part else None for part in match.groups("")) if match else (0, 0, 0)
        )
        try:
            date(year or 0, month or 1, day or 1)
        except ValueError as error:
            wrong = f"{word!r} is no date, such as 2024-01-31, 2024-01 or 2024."
            raise self._wrong(wrong) from error
        return Dated(sign, year or 0, month, day, name)

    def _ratio(self, sign: str, word: str) -> Ratio:
        match = RATIO.fullmatch(word)
        high = int(match[2] or 1) if match else 0
        found = Fraction(match[1]) / high if match and high else Fraction(0)
        if not found:
            raise self._wrong(f"{word!r} is no ratio, such as 16:9 or 1.5.")
        return Ratio(sign, found.numerator, found.denominator)

    def _number(self, name: str, word: str) -> int:
        match name:
            case "size":
                try:
                    return parse_size(word)
                except InvalidInput as error:
                    wrong = f"{word!r} is no size, such as 50MB or 1.5GiB."
                    raise self._wrong(wrong) from error
            case "duration":
                if time := TIME.fullmatch(f"{word}s" if word.isdecimal() else word):
                    hours, minutes, seconds = (int(part or 0) for part in time.groups())
                    return hours * 3600 + minutes * 60 + seconds
                raise self._wrong(f"{word!r} is no duration, such as 90s, 10m or 1h30m.")
            case _:
                if pixels := PIXELS.fullmatch(word):
                    return int(pixels[1])
                raise self._wrong(f"{word!r} is no number of pixels, such as 1000.")

    def _values(self, name: str) -> tuple[str, ...]:
        values = [self._value(name)]
        while self._text[self._at : self._at + 1] in (",", "|") and self._at < len(self._text):
            # A bar parts values (`kind:image|video`) unless a condition of its own follows.
            after = SPACE.match(self._text, self._at + 1).end()  # type: ignore[union-attr]  # matches ''
            if self._text[self._at] == "|" and (
                HEAD.match(self._text, after) or self._text[after : after + 1] in ("-", "(", "")
            ):
                break
            self._at = after
            values.append(self._value(name))
        return tuple(dict.fromkeys(values))

    def _value(self, name: str) -> str:
        place = self._at
        value = self._word()
        if not value:
            self._at = place
            raise self._wrong("this value is empty.")
        try:
            return self._meant(name, value)
        except InvalidInput as error:
            self._at = place
            raise self._wrong(str(error)) from error

    def _meant(self, name: str, value: str) -> str:
        """Return the value in the form that all ways of writing it have in common."""
        match name:
            case "author":
                return value.removeprefix("@") or value
            case "platform" | "host":
                return value.lower()
            case "type" if form := TYPE.fullmatch(value.lower()):
                return f"{form[1]}/{form[2]}" if form[2] else form[1]
            case "type":
                raise InvalidInput(f"{value!r} is no type, such as video, video/mp4 or image/*.")
            case "source" if not NUMBER.fullmatch(value):
                raise InvalidInput(f"{value!r} is no number of a subscription.")
            case "text" | "file" | "tag" | "source":
                return value
            case _:
                return self._choice(name, value.lower())

    def _choice(self, name: str, value: str) -> str:
        if value in CHOICES[name]:
            return value
        near = difflib.get_close_matches(value, CHOICES[name], 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(CHOICES[name])}."
        raise InvalidInput(f"there is no {name} {value!r}. {hint}")

    def _word(self) -> str:
        if quoted := QUOTED.match(self._text, self._at):
            self._at = quoted.end()
            return re.sub(r"\\(.)", r"\1", quoted[1])
        word = WORD.match(self._text, self._at)
        if word is None:
            at_quote = self._text[self._at : self._at + 1] == '"'
            raise self._wrong(
                "this quotation mark is not closed." if at_quote else "a value is missing here."
            )
        self._at = word.end()
        return word[0]

    def _skip(self) -> bool:
        self._at = self.space.match(self._text, self._at).end()  # type: ignore[union-attr]  # matches ''
        return self._at < len(self._text)

    def _take(self, letter: str) -> bool:
        if self._skip() and self._text[self._at] == letter:
            self._at += 1
            return True
        return False

    def _wrong(self, words: str) -> InvalidInput:
        return InvalidInput(f"The {self.thing}, at character {self._at + 1}: {words}")


class _SearchParser(_Parser):
    """A search has words of its own, and may ask what only the library knows."""

    names = tuple(sorted((*NAMES, *LIBRARY_NAMES)))
    space = LOOSE

    def __init__(self, text: str, thing: str) -> None:
        super().__init__(text, thing)
        self.hints: list[Hint] = []

    def read(self) -> Clause:
        clause = super().read()
        tops = clause.parts if isinstance(clause, All) else (clause,)
        above = sum(isinstance(part, InState) for part in tops)
        if above > 1:
            raise InvalidInput("The search says twice in which state: write state:stored,trashed.")
        if above != sum(isinstance(part, InState) for part in leaves(clause)):
            raise InvalidInput(
                "The search asks for a state within another part. It stands by itself,"
                " as in (kind:image | kind:video) state:trashed."
            )
        return clause

    def _stranger(self, name: str) -> Clause:
        """Read it as the words that it is made of."""
        if meant := self._meant_name(name):
            before, behind = self._text[: self._at], self._text[self._at + len(name) :]
            self.hints.append(Hint(said=name, meant=meant, query=f"{before}{meant}{behind}"))
        return self._loose()

    def _loose(self) -> Clause:
        place = self._at
        quoted = self._text[place : place + 1] == '"'
        if not quoted and WORD.match(self._text, place) is None:
            raise self._wrong("a word or a condition such as kind:image is missing here.")
        text = self._word()
        begins = not quoted and text.endswith("*")
        if quoted and self._text[self._at : self._at + 1] == "*":
            begins, self._at = True, self._at + 1
        elif not quoted:
            text = text.rstrip("*")
            begins = begins or self._at == len(self._text)  # it may still be being typed
        if not any(letter.isalnum() for letter in text):
            self._at = place
            raise self._wrong("there is no letter or digit in this to look for.")
        return Words(text, begins)


def _worded(name: str, values: tuple[str, ...]) -> Clause:
    match name:
        case "text":
            return Contains(values)
        case "is":
            return Is(values)
        case "state":
            return InState(values)
        case _:
            return OneOf(name, values) if name in NAMES else Kept(name, values)


def _joined(form: type[All] | type[AnyOf], parts: Sequence[Clause]) -> Clause:
    """Return the parts as one; those of the same form are laid out side by side."""
    flat: list[Clause] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, form) else (part,))
    return flat[0] if len(flat) == 1 else form(tuple(flat))
