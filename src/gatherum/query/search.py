"""Searches: which media of the library one wants to see."""

from dataclasses import dataclass, field

from gatherum.errors import InvalidInput
from gatherum.query.clauses import All, Clause, InState, Words, leaves
from gatherum.query.grammar import Hint, parse_search

STORED = ("stored",)


@dataclass(frozen=True, slots=True)
class Query:
    """A search such as `sunset kind:video tag:beach date:2024 -is:gone`.

    It looks among what is stored, unless it says `state:` itself. `str()` gives the search's own
    text, and `Query.parse(str(query)) == query`. `hints`: what was perhaps meant by some of its words.
    """

    clause: Clause | None = None
    states: tuple[str, ...] = STORED
    hints: tuple[Hint, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Return the search; `InvalidInput` says what is wrong, where, and what was perhaps meant."""
        clause, hints = parse_search(text)
        match clause:
            case InState(values):
                return cls(None, values, hints)
            case All(parts):
                found = [part.values for part in parts if isinstance(part, InState)]
                rest = tuple(part for part in parts if not isinstance(part, InState))
                states = found[0] if found else STORED
                return cls(rest[0] if len(rest) == 1 else All(rest), states, hints)
            case _:
                return cls(clause, STORED, hints)

    @classmethod
    def meant(cls, text: str) -> "Query":
        """Return the search that something is done by: `InvalidInput` where it has hints.

        A search with a mistake in it only shows the wrong media; what acts on them must not guess.
        """
        query = cls.parse(text)
        if query.hints:
            hint = query.hints[0]
            raise InvalidInput(f"“{hint.said}” is no condition. Did you mean “{hint.meant}”?")
        return query

    def __str__(self) -> str:
        parts: list[Clause] = [] if self.states == STORED else [InState(self.states)]
        if self.clause is not None:
            parts += self.clause.parts if isinstance(self.clause, All) else (self.clause,)
        return str(parts[0] if len(parts) == 1 else All(tuple(parts)))

    @property
    def is_plain(self) -> bool:
        """Whether it asks for everything that is stored."""
        return self.clause is None and self.states == STORED

    def reads_texts(self) -> bool:
        """Return whether it looks for words."""
        return self.clause is not None and any(isinstance(p, Words) for p in leaves(self.clause))
