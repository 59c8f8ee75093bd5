"""Filters are parsed, typed, and say why they refuse."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatherum.errors import InvalidInput
from gatherum.model import KEEP, Media, MediaKind, Part, Post, Reason
from gatherum.query.clauses import Clause, Contains, Dated, Measure, OneOf
from gatherum.query.filter import Filter
from gatherum.subscriptions.selection import LimitedSelection, check_fetched, select
from tests.query.strategies import nested

MEDIA = Media(
    id="m1",
    url="https://example.org/m1",
    kind=MediaKind.VIDEO,
    size=70_000_000,
    width=1920,
    height=1080,
    duration=61.5,
)
POST = Post(
    platform="instagram",
    id="p1",
    url="https://example.org/p1",
    media=(MEDIA,),
    author="Alice",
    caption="Sunset beach, no AD",
    posted_at=datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
)
UNTOLD = Media(id="m2", url="https://example.org/m2")
BARE = Post(platform="feed", id="p2", url="https://example.org/p2", media=(UNTOLD,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "kind:video",
        "kind:image,video",
        "kind:image|video",
        "KIND:Video",
        "kind=video",
        "author:@alice",
        "platform:instagram",
        "date>=2024-01-01",
        "date>=2024-02-29 date<=2024-02-29",
        "date:2024-02",
        "date:2024",
        "date:2023..2024-02",
        "date<2024-03",
        "size>50MB",
        "size:>50MB size<=70MB",
        "duration>1m duration<1m2s",
        "width>=1000 height:1080px",
        'text:"sunset BEACH"',
        "text:nothing,sunset",
        "-text:winter",
        "-(text:winter | kind:image)",
        "kind:image | author:alice",
        "(kind:image | kind:video) size>1MB",
        "- kind:image",
    ],
)
def test_it_keeps_what_fits(text: str) -> None:
    assert Filter.parse(text).keeps(POST, MEDIA)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("kind:image", "kind:image"),
        ("kind:video size<50MB", "size<50MB"),
        ("kind:video (size<50MB text:sunset)", "size<50MB"),
        ("date>2024", "date>2024"),
        ("date>=2024-03", "date>=2024-03"),
        ("date<2024-02-29", "date<2024-02-29"),
        ("duration<=1m", "duration<=1m"),
        ("-text:ad", "-text:ad"),
        ("-author:alice,bob", "-author:alice,bob"),
        ("kind:image | size<1kB", "kind:image | size<1kB"),
        ("-(kind:video size>1MB)", "-(kind:video size>1MB)"),
        ("--kind:image", "--kind:image"),
        ("width<1920", "width<1920"),
        ("host:example.org", None),
    ],
)
def test_it_says_which_condition_refuses(text: str, refusal: str | None) -> None:
    assert Filter.parse(text).refusal(POST, MEDIA) == refusal


@pytest.mark.parametrize(
    "text",
    [
        "kind:image",
        "-kind:image",
        "size<1kB",
        "-size<1kB",
        "--size<1kB",
        "date>2100",
        "author:bob duration>1h",
        "-(width>1 | height>1)",
    ],
)
def test_what_is_not_told_refuses_nothing(text: str) -> None:
    assert Filter.parse(text).keeps(BARE, UNTOLD)


def test_what_is_told_refuses_whatever_is_not() -> None:
    wanted = Filter.parse("size<1kB text:sunset")

    assert wanted.refusal(BARE, UNTOLD) == "text:sunset"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kynd:image", "character 1: there is no condition 'kynd'. Did you mean kind"),
        ("kind:image colour:red", "character 12: there is no condition 'colour'. There are author"),
        ("kind:imag", "character 6: there is no kind 'imag'. Did you mean image"),
        ("sunset", "Write text:sunset"),
        ("size>big", "character 6: 'big' is no size"),
        ("size>" + "9" * 400, "is no size"),
        ("size>10000000TiB", "is no size"),
        ("size>", "character 6: a value is missing"),
        ("date>=2024-02-30", "character 7: '2024-02-30' is no date"),
        ("date:yesterday", "is no date"),
        ("date:..", "a range is written date:FROM..TO"),
        ("duration<1h30", "'1h30' is no duration"),
        ("width>wide", "no number of pixels"),
        ("author>3", "cannot be compared"),
        ("(kind:image", "character 1: this parenthesis is not closed"),
        ("kind:image)", "character 11: this parenthesis closes nothing"),
        ('text:"abc', "character 6: this quotation mark is not closed"),
        ('text:""', "is empty"),
        ("kind:image |", "is missing here"),
        ("| kind:image", "is missing here"),
        ("-", "is missing here"),
        ("__import__('os'):x", "missing here|no condition"),
        ("-" * 100 + "kind:image", "nested too deeply"),
        ("(" * 500, "nested too deeply"),
        ("kind:image " * 500, "at most 2000"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_was_perhaps_meant(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Filter.parse(text)


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(LETTERS, min_size=1, max_size=12).filter(
    lambda word: word.removeprefix("@") == word
)
SIGNS = st.sampled_from([">=", "<=", ">", "<", "="])
LEAVES: st.SearchStrategy[Clause] = st.one_of(
    st.builds(
        OneOf,
        st.just("author"),
        st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(
        OneOf,
        st.just("kind"),
        st.lists(st.sampled_from(["image", "video"]), min_size=1, unique=True).map(tuple),
    ),
    st.builds(Contains, st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(
        Measure,
        st.sampled_from(["size", "duration", "width", "height"]),
        SIGNS,
        st.integers(0, 999_999_999),
    ),
    st.builds(Dated, SIGNS, st.integers(1, 9999), st.none() | st.integers(1, 12)),
)


@given(st.recursive(LEAVES, nested, max_leaves=6))
@settings(max_examples=300, deadline=None)
def test_the_text_of_a_filter_is_that_filter(clause: Clause) -> None:
    wanted = Filter(clause)

    assert Filter.parse(str(wanted)) == wanted
    assert isinstance(wanted.keeps(POST, MEDIA), bool)


@given(st.text(alphabet='kind:imagevosz>=<|,()-"\\ .0123456789MBtxd', max_size=60))
@settings(max_examples=500, deadline=None)
def test_whatever_is_typed_is_a_filter_or_a_mistake(text: str) -> None:
    try:
        wanted = Filter.parse(text)
    except InvalidInput:
        return
    assert Filter.parse(str(wanted)) == wanted


def test_a_selection_keeps_or_gives_the_reason_for_each_media() -> None:
    image = Media(id="m3", url="https://example.org/m3", kind=MediaKind.IMAGE)
    post = Post(platform="x", id="p3", url="https://example.org/p3", media=(MEDIA, image))

    first, second = select([post], Filter.parse("kind:image"))

    assert first.reason is Reason.FILTERED
    assert first.detail == "Left out by the filter: kind:image"
    assert second == KEEP


def test_a_limit_counts_posts_and_lets_pinned_ones_be() -> None:
    posts = [_post("1", pinned=True), _post("2"), _post("3"), _post("4", pinned=True)]

    choices = LimitedSelection(Filter(), 1)(posts)

    assert [choice.reason is None for choice in choices] == [True, True, False, True]
    assert choices[2].reason is Reason.FILTERED


def test_a_limit_counts_over_all_pages_and_no_post_twice() -> None:
    chosen = LimitedSelection(Filter(), 3)

    pages = [
        chosen([_post("1"), _post("2")]),
        chosen([_post("2")]),
        chosen([_post("3"), _post("4")]),
    ]

    assert [[choice == KEEP for choice in page] for page in pages] == [
        [True, True],
        [True],
        [True, False],
    ]


def test_a_file_is_looked_at_again_when_its_size_is_known() -> None:
    wanted = Filter.parse("size<50MB kind:image")
    part = Part(
        path=".staging/1.part",
        size=60_000_000,
        sha256="0" * 64,
        mime="image/png",
        extension="png",
        kind=MediaKind.IMAGE,
    )

    assert select([BARE], wanted) == [KEEP]
    found = check_fetched(BARE, UNTOLD, part, wanted)

    assert (found.reason, found.detail) == (
        Reason.FILTERED,
        "Left out by the filter: size<50MB",
    )


def _post(name: str, *, pinned: bool = False) -> Post:
    return Post(
        platform="x", id=name, url=f"https://example.org/{name}", media=(MEDIA,), pinned=pinned
    )
