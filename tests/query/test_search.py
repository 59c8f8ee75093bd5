"""Searches speak the language of filters, and more of it; their text is the search itself."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatherum.errors import InvalidInput
from gatherum.query.clauses import (
    All,
    AnyOf,
    Clause,
    Contains,
    Dated,
    Is,
    Kept,
    Not,
    OneOf,
    Ratio,
    Words,
)
from gatherum.query.filter import Filter
from gatherum.query.grammar import CHOICES, LIBRARY_NAMES, NAMES
from gatherum.query.search import Query
from tests.query.strategies import nested

PAGE = Path(__file__).parents[2] / "docs" / "search.md"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("sunset", Words("sunset", begins=True)),
        ("sunset ", Words("sunset")),
        ("sun*", Words("sun", begins=True)),
        ('"golden hour"', Words("golden hour")),
        ('"golden ho"*', Words("golden ho", begins=True)),
        ("golden hour", All((Words("golden"), Words("hour", begins=True)))),
        ("golden, hour ", All((Words("golden"), Words("hour")))),
        ("-sunset ", Not(Words("sunset"))),
        ("10:30 ", Words("10:30")),
        ("tag:beach,Sea", Kept("tag", ("beach", "Sea"))),
        ("is:favourite", Is(("favourite",))),
        ("type:IMAGE/*", Kept("type", ("image",))),
        ("type:video/mp4|audio", Kept("type", ("video/mp4", "audio"))),
        ("source:12", Kept("source", ("12",))),
        ("reason:gone", Kept("reason", ("gone",))),
        ("file:IMG_1", Kept("file", ("IMG_1",))),
        ("ratio>=16:9", Ratio(">=", 16, 9)),
        ("ratio:1.5", Ratio("=", 3, 2)),
        ("ratio:32/18", Ratio("=", 16, 9)),
        ("added>=2024-03", Dated(">=", 2024, 3, None, "added")),
        ("kind:video cat ", All((OneOf("kind", ("video",)), Words("cat")))),
        ("cat | dog ", AnyOf((Words("cat"), Words("dog")))),
    ],
)
def test_it_means_what_it_says(text: str, clause: Clause) -> None:
    assert Query.parse(text) == Query(clause)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("", ("stored",)),
        (" , ", ("stored",)),
        ("state:trashed", ("trashed",)),
        ("state:failed,open", ("failed", "open")),
    ],
)
def test_it_looks_among_what_is_stored_unless_it_says_otherwise(
    text: str, states: tuple[str, ...]
) -> None:
    assert Query.parse(text) == Query(None, states)


def test_a_state_stands_for_the_whole_search() -> None:
    query = Query.parse("(kind:image | kind:video) state:trashed")

    assert query.states == ("trashed",)
    assert str(query) == "state:trashed (kind:image | kind:video)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-state:failed", "asks for a state within another part"),
        ("state:failed | kind:image", "asks for a state within another part"),
        ("state:failed state:stored", "twice in which state"),
        (
            "state:gone",
            "there is no state 'gone'. There are stored, trashed, failed, skipped, open",
        ),
        ("is:favorite", "there is no is 'favorite'. Did you mean favourite"),
        ("reason:gon", "Did you mean gone"),
        ("source:mine", "'mine' is no number of a subscription"),
        ("type:video/", "'video/' is no type"),
        ("ratio:0", "'0' is no ratio"),
        ("ratio:16:0", "'16:0' is no ratio"),
        ("added:soon", "is no date"),
        ("sunset & beach", "character 8: there is no letter or digit"),
        ("|", "a word or a condition such as kind:image is missing here"),
        ('sunset "', "quotation mark is not closed"),
        ("a\0b", "characters that nobody can type"),
        ("a\ud800b", "characters that nobody can type"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(words)):
        Query.parse(text)


@pytest.mark.parametrize(
    ("text", "clause", "meant"),
    [
        ("from:ada", Words("from:ada", begins=True), ["author:ada"]),
        ("From:ada sun ", All((Words("From:ada"), Words("sun"))), ["author:ada sun "]),
        (
            "tags:a -kynd:b ",
            All((Words("tags:a"), Not(Words("kynd:b")))),
            ["tag:a -kynd:b ", "tags:a -kind:b "],
        ),
        (
            "(site:x | kind:image)",
            AnyOf((Words("site:x"), OneOf("kind", ("image",)))),
            ["(platform:x | kind:image)"],
        ),
        ('from:"ada b" ', All((Words("from:"), Words("ada b"))), ['author:"ada b" ']),
        ("https://example.org/a", Words("https://example.org/a", begins=True), []),
        ("re:zero ", Words("re:zero"), []),
    ],
)
def test_what_looks_like_a_condition_and_is_none_is_text_with_what_was_perhaps_meant(
    text: str, clause: Clause, meant: list[str]
) -> None:
    query = Query.parse(text)

    assert query.clause == clause
    assert [hint.query for hint in query.hints] == meant
    assert Query.parse(str(query)) == query


def test_words_that_look_like_a_condition_stay_words() -> None:
    query = Query.parse('"kind:image"*')

    assert query.clause == Words("kind:image", begins=True)
    assert Query.parse(str(query)) == query


@pytest.mark.parametrize("name", LIBRARY_NAMES)
def test_a_filter_asks_nothing_that_only_the_library_knows(name: str) -> None:
    value = {"state": "failed", "is": "gone", "added": "2024"}.get(name, "x")

    with pytest.raises(
        InvalidInput, match=f"{name} is known of what is in the library, so searches can ask it"
    ):
        Filter.parse(f"kind:image {name}:{value}")


def test_every_condition_is_told_and_every_example_is_one() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [name for name in (*NAMES, *LIBRARY_NAMES) if f"`{name}" not in page] == []
    examples = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(examples) >= 20
    for example in examples:
        assert Query.parse(example.replace("\\|", "|"))


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(LETTERS, min_size=1, max_size=12)
SEARCHED = TEXTS.filter(lambda text: any(letter.isalnum() for letter in text))
SIGNS = st.sampled_from([">=", "<=", ">", "<", "="])
LEAVES: st.SearchStrategy[Clause] = st.one_of(
    st.builds(Words, SEARCHED, st.booleans()),
    st.builds(Contains, st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(
        Kept,
        st.sampled_from(["tag", "file"]),
        st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(
        Kept,
        st.just("type"),
        st.lists(st.sampled_from(["video", "image/png"]), min_size=1, unique=True).map(tuple),
    ),
    st.builds(Is, st.lists(st.sampled_from(CHOICES["is"]), min_size=1, unique=True).map(tuple)),
    st.builds(Ratio.of, SIGNS, st.integers(1, 99_999), st.integers(1, 9999)),
    st.builds(
        Dated,
        SIGNS,
        st.integers(1, 9999),
        st.none() | st.integers(1, 12),
        st.none(),
        st.sampled_from(["date", "added"]),
    ),
)


@given(
    st.none() | st.recursive(LEAVES, nested, max_leaves=6),
    st.lists(st.sampled_from(CHOICES["state"]), min_size=1, unique=True).map(tuple),
)
@settings(max_examples=300, deadline=None)
def test_the_text_of_a_search_is_that_search(
    clause: Clause | None, states: tuple[str, ...]
) -> None:
    query = Query(clause, states)

    assert Query.parse(str(query)) == query


@given(st.text(alphabet='kind:state=>*|,()-"\\ .019é', max_size=40))
@settings(max_examples=500, deadline=None)
def test_whatever_is_typed_is_a_search_or_a_mistake(text: str) -> None:
    try:
        query = Query.parse(text)
    except InvalidInput:
        return
    assert Query.parse(str(query)) == query


def test_what_something_is_done_by_has_no_mistake_in_it() -> None:
    assert Query.meant("kind:image re:zero ") == Query.parse("kind:image re:zero ")

    with pytest.raises(InvalidInput, match=r"“kynd” is no condition\. Did you mean “kind”\?"):
        Query.meant("-kynd:video")
