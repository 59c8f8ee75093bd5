"""Templates name places in the library, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatherum.errors import InvalidInput
from gatherum.library.naming import DEFAULT, LONGEST_PATH, Template, Values, values_of
from gatherum.model import Media, MediaKind, Part, Post, Wanted
from gatherum.safety.names import clean_name

HASH = "ab" * 32
VALUES = Values(
    platform="instagram",
    author="alice",
    post="P1",
    media="M1",
    index=3,
    date=datetime(2024, 2, 9, 23, 30, tzinfo=UTC),
    kind=MediaKind.IMAGE,
    title="Hello / world",
    sha256=HASH,
    ext="jpg",
)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (DEFAULT, "library/instagram/alice/2024/2024-02-09_P1_3.jpg"),
        ("{author}/{index:03}.{ext}", "library/alice/003.jpg"),
        ("{post}", "library/P1.jpg"),
        ("{title:5}_{sha256:8}.{ext}", "library/Hello_abababab.jpg"),
        ("{title}.{ext}", "library/Hello _ world.jpg"),
        ("{host}/{kind}s/{media}", "library/images/M1.jpg"),
        ("{host|no host}/{filename|nameless}.{ext}", "library/no host/nameless.jpg"),
        ("{date:%Y-%m-%dT%H.%M}.{ext}", "library/2024-02-09T23.30.jpg"),
        ("{filename}.{ext}", "library/M1.jpg"),
    ],
)
def test_a_template_gives_the_path_it_shows(template: str, path: str) -> None:
    assert Template.parse(template).render(VALUES) == path


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{author.__class__}.{ext}", "character 1.*is no field"),
        ("{0}", "is no field"),
        ("{}", "is no field"),
        ("{author!r}", "is no field"),
        ("{author:>99999999}", "does not suit author"),
        ("a/{date:%c}", "character 3.*does not suit date"),
        ("{date:%Y/%m}", "slash stands outside"),
        ("{index:99}", "does not suit index"),
        ("{sha256:65}", "does not suit sha256"),
        ("{author", "is no field|cannot stand"),
        ("author}", "cannot stand"),
        ("/etc/{post}", "character 1.*no name"),
        ("a//{post}", "no name"),
        ("../{post}", "no name"),
        ("{post}/..", "no name"),
        ("{post}/", "no name"),
        ("", "no name"),
        ("a\\b", "cannot stand"),
        ("C:{post}", "cannot stand"),
        ("a\0b", "cannot stand"),
        ("{ext}/{post}", "at the very end"),
        ("{author|a\\b}", "cannot stand"),
        ("/".join("abcdefghij"), "at most 8"),
        ("a" * 501, "at most 500"),
    ],
)
def test_anything_else_is_refused_with_its_place(template: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Template.parse(template)


TEMPLATES = [
    DEFAULT,
    "{author}/{title}/{filename}/{host}/{post}/{media}/{platform}/{title}.{ext}",
    "{title}",
    "x{author|..}/{filename|..}.{ext}",
    "{author|..}/{title|-}",
]
TEXT = st.text(max_size=400) | st.sampled_from(
    ["..", "../../etc/passwd", "/", "con", "-rf", "\u202e"]
)


@given(
    st.sampled_from(TEMPLATES),
    st.builds(
        Values,
        platform=TEXT,
        host=TEXT,
        author=TEXT,
        post=TEXT,
        media=TEXT,
        filename=TEXT,
        title=TEXT,
        index=st.integers(0, 10**6),
        date=st.none() | st.datetimes(timezones=st.just(UTC)),
        sha256=st.just(HASH),
        ext=st.sampled_from(["jpg", "", "mp4", "../x", "JPG"]),
    ),
)
@settings(max_examples=400, deadline=None)
def test_every_path_is_a_plain_one_beneath_the_library(template: str, values: Values) -> None:
    path = Template.parse(template).render(values)

    first, *names = path.split("/")
    assert first == "library"
    assert names
    assert len(path.encode()) <= LONGEST_PATH
    for name in names:
        assert len(name.encode()) <= 180
        assert name == clean_name(name)
        assert name not in {"", ".", ".."}


@given(st.text(alphabet="{}|:%/.abYindexauthor \\_-", max_size=40))
@settings(max_examples=300, deadline=None)
def test_whatever_parses_also_renders(text: str) -> None:
    try:
        template = Template.parse(text)
    except InvalidInput:
        return
    assert template.render(VALUES).startswith("library/")
    assert Template.parse(template.text) == template


def test_long_names_leave_room_for_the_extension() -> None:
    values = Values(platform="p", post="ü" * 500, media="m", sha256=HASH, ext="jpg")

    name = Template.parse("{post}.{ext}").render(values)

    assert name.endswith("ü.jpg")


def test_a_deep_path_of_long_names_stays_short_enough_for_every_system() -> None:
    values = Values(
        platform="p" * 300, author="ü" * 300, post="x" * 300, media="m", sha256=HASH, ext="jpg"
    )

    path = Template.parse("{author}/{platform}/{post}/{author}/{platform}/{post}.{ext}").render(
        values
    )

    assert len(path.encode()) <= LONGEST_PATH
    assert path.count("/") == 6


def test_the_extension_is_that_of_the_bytes_and_not_of_the_link() -> None:
    post = Post(
        platform="direct",
        id="https://example.org/photos/cat.exe",
        url="https://example.org/photos/cat.exe",
        media=(),
        caption="\n  First line\nSecond",
        posted_at=datetime(2024, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
    )
    media = Media(id=post.id, url=post.url, filename="cat.exe")
    wanted = Wanted(id=1, post=post, media=media, position=1, attempt=0)
    part = Part(
        path=wanted.part,
        size=1,
        sha256=HASH,
        mime="image/png",
        extension="png",
        kind=MediaKind.IMAGE,
    )

    path = Template.parse("{date:%Y}/{title}/{filename}_{post}.{ext}").path(wanted, part)

    mark = values_of(wanted, part).post
    assert path == f"library/2023/First line/cat_{mark}.png"
    assert mark.startswith("cat-")
    assert len(mark) == 12


def test_the_preview_shows_examples() -> None:
    assert Template.parse(DEFAULT).preview() == [
        "library/instagram/alice/2025/2025-10-10_C8xYz_2.jpg",
        "library/xenforo/forum.example.org/unknown/undated/undated_4711_1.mp4",
    ]
