"""What counts in a post, by the markup that the templates of each software have for it."""

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from gatherum.errors import Unreadable
from gatherum.model import Media, MediaKind
from gatherum.providers.forums.content import Content, Reader
from gatherum.providers.forums.links import DIALECTS
from gatherum.providers.forums.mybb import MYBB
from gatherum.providers.forums.phpbb import PHPBB
from gatherum.providers.forums.smf import SMF

ROOT = "https://h.example/"
BODIES = {"phpbb": "content", "smf": "inner", "mybb": "post_body"}


def content(html: str, name: str = "phpbb") -> Content:
    dialect = next(one for one in DIALECTS if one.name == name)
    page = f'<div id="row"><div class="post"><div class="{BODIES[name]}">{html}</div></div></div>'
    row = LexborHTMLParser(page).css_first("#row")
    assert row is not None
    found = Reader(dialect, root=ROOT, base=ROOT).read(row, "7")
    assert found is not None
    return found


def media(html: str, name: str = "phpbb") -> list[tuple[str, str]]:
    return [(one.id, one.url.removeprefix(ROOT)) for one in content(html, name).media]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="https://a.example/full.jpg"><img src="https://a.example/s.jpg"></a>', [("7_1", "https://a.example/full.jpg")]),
        ('<a href="https://a.example/page"><img src="https://a.example/s.jpg"></a>', [("7_1", "https://a.example/s.jpg")]),
        ('<img src="https://a.example/1.jpg"><img src="https://a.example/1.jpg#x">', [("7_1", "https://a.example/1.jpg")]),
        ('<img src="https://a.example/1.jpg"><img src="https://a.example/2.jpg"><img src="https://a.example/1.jpg">', [("7_1", "https://a.example/1.jpg"), ("7_2", "https://a.example/2.jpg")]),
        ('<img src="https://a.example/1.jpg"><img src="./download/file.php?id=5">', [("7_1", "https://a.example/1.jpg"), ("5", "download/file.php?id=5")]),
        ('<img src="./download/file.php?id=5&amp;t=1"><a href="./download/file.php?id=5&amp;mode=view">x.jpg</a>', [("5", "download/file.php?id=5")]),
        ('<img src="https://b.example/download/file.php?id=5">', [("7_1", "https://b.example/download/file.php?id=5")]),
        ('<img src="http://h.example/download/file.php?id=5&amp;sid=0a">', [("5", "download/file.php?id=5")]),
        ('<video><source src="https://a.example/a.webm"><source src="https://a.example/a.mp4"></video>', [("7_1", "https://a.example/a.webm")]),
        ('<audio src="https://a.example/a.mp3"></audio>', [("7_1", "https://a.example/a.mp3")]),
        ('<img src="data:image/gif;base64,AA"><img><a href="#x">x</a><video></video><iframe src></iframe>', []),
        ('<img class="emoji smilies" src="//twemoji.example/1.svg"><blockquote><img src="/q.jpg"></blockquote>', []),
    ],
)  # fmt: skip
def test_what_counts_as_media(html: str, expected: list[tuple[str, str]]) -> None:
    assert media(html) == expected


def test_links_that_lead_out_are_kept_and_players_too() -> None:
    html = (
        '<a href="https://a.example/album">a</a><a href="./viewtopic.php?t=1">b</a>'
        '<a href="mailto:x@a.example">c</a><iframe src="//www.youtube.com/embed/abc"></iframe>'
        '<a href="https://a.example/album">again</a>'
    )

    assert content(html).links == ("https://a.example/album", "https://www.youtube.com/embed/abc")


@pytest.mark.parametrize(
    ("html", "name", "expected"),
    [
        ('<a class="postlink" href="./download/file.php?id=5">my cat.mp4</a>', "phpbb", "my cat.mp4"),
        ('<img src="./download/file.php?id=5" alt="my cat.jpg">', "phpbb", "my cat.jpg"),
        ('<a href="./download/file.php?id=5"><img alt="A comment" title="my cat.jpg (9 KiB) Viewed 2 times" src="./download/file.php?id=5&amp;t=1"></a>', "phpbb", "my cat.jpg"),
        ('<a href="/index.php?action=dlattach;attach=5"><img src="/clip.png" alt="*">&nbsp;my cat.jpg</a>', "smf", "my cat.jpg"),
        ('<img src="attachment.php?aid=5" alt="" title="Filename: my cat.jpg&#13;Size: 9 KB&#13;Then">', "mybb", "my cat.jpg"),
    ],
)  # fmt: skip
def test_an_attachment_has_the_name_of_its_file(html: str, name: str, expected: str) -> None:
    [one] = content(html, name).media

    assert (one.id, one.filename) == ("5", expected)
    assert one.kind is (MediaKind.VIDEO if expected.endswith("mp4") else MediaKind.IMAGE)


def test_a_small_picture_with_a_number_of_its_own_is_no_media() -> None:
    html = (
        '<a href="/index.php?action=dlattach;attach=5;image"><img src="/index.php?'
        'PHPSESSID=0a&amp;action=dlattach;attach=6;image"></a>'
    )

    assert media(html, "smf") == [("5", "index.php?action=dlattach;attach=5")]


def test_the_caption_is_what_the_author_wrote() -> None:
    html = (
        'One<br>two <blockquote>quoted</blockquote><div class="inline-attachment"><img src='
        '"./download/file.php?id=5" alt="a.jpg"><dd>a.jpg (9 KiB) Viewed 2 times</dd></div>'
    )

    assert content(html).text == "One\ntwo"


def test_a_file_of_an_unknown_kind_is_one_all_the_same() -> None:
    [one] = content('<a href="./download/file.php?id=5">pictures.zip</a>').media

    assert isinstance(one, Media)
    assert (one.kind, one.filename) == (MediaKind.UNKNOWN, "pictures.zip")


@pytest.mark.parametrize("name", ["phpbb", "smf", "mybb"])
@pytest.mark.parametrize(
    "html",
    [
        '<img src="a%d.jpg">' * 3_000,
        "".join(f'<a href="https://a.example/{n}.jpg"><img src="{n}.jpg"></a>' for n in range(1_000)),
        '<a title="' + "a. " * 50_000 + '" href="./download/file.php?id=5">' + "a." * 50_000 + "</a>",
        "<blockquote>" * 500,
    ],
    ids=["same", "many", "name", "quotes"],
)  # fmt: skip
def test_a_hostile_post_takes_no_long_time(name: str, html: str) -> None:
    began = time.process_time()

    content(html, name)

    assert time.process_time() - began < 5


def test_the_dialects_differ_where_it_counts() -> None:
    signs = [b'<body id="phpbb">', b"var smf_scripturl =", b"var my_post_key ="]
    for dialect in (PHPBB, SMF, MYBB):
        assert sum(dialect.sign.search(sign) is not None for sign in signs) == 1


@pytest.mark.parametrize("name", ["phpbb", "smf", "mybb"])
def test_a_post_that_is_nested_without_end_is_not_read(name: str) -> None:
    with pytest.raises(Unreadable, match="too deeply nested"):
        content("<div>" * 5_000 + '<img src="a.jpg">' * 2_000, name)
