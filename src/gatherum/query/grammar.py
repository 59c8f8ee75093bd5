"""Reads the text form of a filter. It is data: nothing of it is ever run."""

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import date

from gatherum.errors import InvalidInput
from gatherum.model import MediaKind
from gatherum.query.clauses import All, AnyOf, Clause, Contains, Dated, Measure, Not, OneOf
from gatherum.settings import parse_size

LONGEST = 2000
DEEPEST = 20
NAMES = (
    "author",
    "date",
    "duration",
    "height",
    "host",
    "kind",
    "platform",
    "size",
    "text",
    "width",
)
MEASURES = ("duration", "height", "size", "width")
KINDS = tuple(kind.value for kind in MediaKind if kind is not MediaKind.UNKNOWN)
HEAD = re.compile(r"([^\W\d]\w*)\s*(>=|<=|[:=<>])\s*")
FURTHER = re.compile(r"(>=|<=|[=<>])\s*")  # `size:>20MB`
WORD = re.compile(r'[^\s"|,()]+')
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
SPACE = re.compile(r"\s*")
DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
TIME = re.compile(r"(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m(?:in)?)?(?:(\d{1,6})s)?")
PIXELS = re.compile(r"(\d{1,9})(?:px)?")


def parse(text: str) -> Clause | None:
    """Return what a filter says, None for an empty one; `InvalidInput` says what is wrong, and where."""
    if len(text) > LONGEST:
        raise InvalidInput(f"A filter has at most {LONGEST} characters.")
    return _Parser(text).read() if text.strip() else None


class _Parser:
    """Recursive descent: any = all ("|" all)*, all = one+, one = "-" one | "(" any ")" | clause."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

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
            word = WORD.match(self._text, place)
            hint = f"Write text:{word[0]} to look for it in captions." if word else ""
            raise self._wrong(f"a condition such as kind:image is missing here. {hint}".strip())
        name, sign = head[1].lower(), head[2]
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(NAMES)}."
            raise self._wrong(f"there is no condition {name!r}. {hint}")
        self._at = head.end()
        if sign == ":" and (further := FURTHER.match(self._text, self._at)):
            sign, self._at = further[1], further.end()
        if name in MEASURES or name == "date":
            return self._comparison(name, "=" if sign == ":" else sign)
        if sign not in ":=":
            self._at = place
            raise self._wrong(
                f"{name} is a word and cannot be compared by {sign}. Write {name}: instead."
            )
        values = self._values(name)
        return Contains(values) if name == "text" else OneOf(name, values)

    def _comparison(self, name: str, sign: str) -> Clause:
        place = self._at
        word = self._word()
        make: Callable[[str, str], Clause] = self._dated if name == "date" else self._measure(name)
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

    def _dated(self, sign: str, word: str) -> Dated:
        match = DATE.fullmatch(word)
        year, month, day = (
            (int(part) if part else None for part in match.groups("")) if match else (0, 0, 0)
        )
        try:
            date(year or 0, month or 1, day or 1)
        except ValueError as error:
            wrong = f"{word!r} is no date, such as 2024-01-31, 2024-01 or 2024."
            raise self._wrong(wrong) from error
        return Dated(sign, year or 0, month, day)

    def _measure(self, name: str) -> Callable[[str, str], Measure]:
        def make(sign: str, word: str) -> Measure:
            return Measure(name, sign, self._number(name, word))

        return make

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
        if name == "kind" and value.lower() not in KINDS:
            self._at = place
            near = difflib.get_close_matches(value.lower(), KINDS, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(KINDS)}."
            raise self._wrong(f"there is no kind {value!r}. {hint}")
        if name == "author":
            value = value.removeprefix("@") or value
        return value.lower() if name in ("kind", "platform", "host") else value

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
        self._at = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # matches ''
        return self._at < len(self._text)

    def _take(self, letter: str) -> bool:
        if self._skip() and self._text[self._at] == letter:
            self._at += 1
            return True
        return False

    def _wrong(self, words: str) -> InvalidInput:
        return InvalidInput(f"The filter, at character {self._at + 1}: {words}")


def _joined(form: type[All] | type[AnyOf], parts: Sequence[Clause]) -> Clause:
    """Return the parts as one; those of the same form are laid out side by side."""
    flat: list[Clause] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, form) else (part,))
    return flat[0] if len(flat) == 1 else form(tuple(flat))
