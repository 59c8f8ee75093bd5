import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatherum.safety.names import clean_extension, clean_name

HARD = st.text(
    st.sampled_from("./\\-~ _aeCONnul1:\0\n\u202e\u200d\u0301\u2028\ud800\ue000é漢🇩🇪👍🏽\ufffe")
    | st.characters()
)


@given(HARD, st.integers(1, 255))
def test_a_clean_name_is_one_safe_part_of_a_path(text: str, limit: int) -> None:
    name = clean_name(text, limit=limit)

    assert 1 <= len(name.encode()) <= limit
    assert not set(name) & set('/\\\0<>:"|?*')
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", name)
    assert name.partition(".")[0].rstrip(" ").casefold() not in {"con", "nul", "com1", "lpt9"}


@given(HARD, st.integers(1, 255))
def test_to_clean_a_clean_name_changes_nothing(text: str, limit: int) -> None:
    name = clean_name(text, limit=limit)

    assert clean_name(name, limit=limit) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("plain name.jpg", "plain name.jpg"),
        ("..", "_"),
        ("", "_"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("-rf", "rf"),
        ("~root", "root"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\r\nb\tc", "a b c"),
        ("nul", "_nul"),
        ("CON.txt", "_CON.txt"),
        ("COM¹ .x", "_COM¹ .x"),
        ("console", "console"),
        ("name. . .", "name"),
        ("e\u0301", "é"),
        ("what? 16:9 <b>", "what_ 16_9 _b_"),
        ("日本語のタイトル", "日本語のタイトル"),
        ("a     b", "a b"),
    ],
)
def test_names_keep_what_can_be_kept(text: str, name: str) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(
    ("text", "limit", "name"),
    [
        ("a" * 300, 200, "a" * 200),
        ("é" * 150, 199, "é" * 99),
        ("ab👍🏽", 9, "ab"),  # not a thumb without its tone
        ("🇩🇪🇫🇷", 12, "🇩🇪"),  # not half a flag
        ("axq\u0301\u0302", 5, "ax"),  # not a letter without its accents
        ("abc def", 4, "abc"),
        ("con", 3, "_co"),
        ("q" + "\u0301" * 300, 11, "q" + "\u0301" * 5),  # one endless character is cut all the same
    ],
)
def test_a_name_is_cut_between_characters(text: str, limit: int, name: str) -> None:
    assert clean_name(text, limit=limit) == name


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        *((".JPG", "jpg"), ("mp4", "mp4"), ("7z", "7z"), ("", ""), (".", ""), ("tar.gz", "")),
        *(("jp/g", ""), ("jpg?x=1", ""), ("e\u0301", ""), ("x" * 11, ""), ("..jpg", "")),
    ],
)
def test_an_extension_is_short_and_plain(text: str, extension: str) -> None:
    assert clean_extension(text) == extension
