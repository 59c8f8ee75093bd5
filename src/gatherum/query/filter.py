"""Filters: which media of what is followed one wants. Parsed and typed, never run as a program."""

from dataclasses import dataclass

from gatherum.model import Media, Post
from gatherum.query.clauses import All, Clause
from gatherum.query.grammar import parse


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter such as `kind:image,video date>=2024-01-01 size<50MB -text:ad`.

    Blanks mean and, `|` or commas mean or, `-` means not. What the platform has not told refuses
    nothing: it is looked at again when the file is here. `str()` gives the filter's own text, and
    `Filter.parse(str(filter)) == filter`.
    """

    clause: Clause | None = None

    @classmethod
    def parse(cls, text: str) -> "Filter":
        """Return the filter; `InvalidInput` says what is wrong, where, and what was perhaps meant."""
        return cls(parse(text))

    def __str__(self) -> str:
        return "" if self.clause is None else str(self.clause)

    def keeps(self, post: Post, media: Media) -> bool:
        """Return whether the media is wanted, as far as is known."""
        return self.refusal(post, media) is None

    def refusal(self, post: Post, media: Media) -> str | None:
        """Return the condition that refuses the media, None if it is kept."""
        if self.clause is None or self.clause.judge(post, media) is not False:
            return None
        clause = self.clause
        while isinstance(clause, All):  # the first part that says no is the reason
            clause = next(part for part in clause.parts if part.judge(post, media) is False)
        return str(clause)
