"""Clauses in each other, for hypothesis."""

from hypothesis import strategies as st

from gatherum.query.clauses import All, AnyOf, Clause, Not


def nested(parts: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    """Return clauses made of `parts`, as the parser would make them: none in one of its own form."""
    return st.one_of(st.builds(Not, parts), _joined(All, parts), _joined(AnyOf, parts))


def _joined(
    form: type[All] | type[AnyOf], parts: st.SearchStrategy[Clause]
) -> st.SearchStrategy[Clause]:
    others = parts.filter(lambda part: not isinstance(part, form))
    return st.lists(others, min_size=2, max_size=3).map(lambda found: form(tuple(found)))
