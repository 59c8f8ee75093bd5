import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatherum.errors import InvalidInput, Refused
from gatherum.model import MediaKind, Transport
from gatherum.providers import find_targets, normalise
from gatherum.providers.urls import host_of, kind_of, name_of, resolve, transport_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://exämple.org/ä", "https://xn--exmple-cua.org/%C3%A4"),
        ("https://example.org/%7euser/%2f", "https://example.org/~user/%2F"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/../../etc/", "https://example.org/etc/"),
        ("https://example.org/a#part", "https://example.org/a"),
        ("http://[0:0::1]:8080/a", "http://[::1]:8080/a"),
        ("  https://example.org/a \n", "https://example.org/a"),
        ("https://example.org/50%", "https://example.org/50%25"),
        ("feed:https://example.org/a", "https://example.org/a"),
        ("FEED://https://example.org/a", "https://example.org/a"),
        ("feed://example.org/a", "http://example.org/a"),
    ],
)
def test_two_forms_of_one_address_are_equal(one: str, other: str) -> None:
    assert normalise(one) == other


@pytest.mark.parametrize(
    "link", ["https://example.org:444/a", "https://example.org/a?x=2&y", "http://127.0.0.1:8000/A"]
)
def test_what_makes_an_address_another_is_kept(link: str) -> None:
    assert normalise(link) == link


@pytest.mark.parametrize(
    "nonsense",
    [
        "", " ", "cat pictures", "nonsense", "/etc/passwd", "localhost:8080/x", "http://", "https:///a",
        "http://a b/", "http://a..b/", "http://h:99999/", "http://[::1", "http://[zz]/", "http://-/",
        "https://example.org/\x00", "https://example.org/a\nb", "https://" + "a" * 9000, "http://\u202e/",
        f"http://{'a' * 64}.example/", f"http://{'.'.join(['a' * 60] * 5)}/", "http://.example/", "http://a.example../",
        f"https://{'ü' * 70}.example/", "https://xn--ü.example/", "http://a.example:-1/", "http://[::1%]/",
        "http://a.example/\udcff", "http://\udcff.example/", "feed://[::1",
        f"https://l.facebook.com/l.php?u=http%3A%2F%2F{'a' * 64}.example%2F",
    ],
)  # fmt: skip
def test_what_is_no_link_is_called_that(nonsense: str) -> None:
    with pytest.raises(InvalidInput, match="link"):
        find_targets(nonsense)


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd", "FILE:///etc/passwd", "ftp://example.org/a.jpg", "javascript:alert(1)",
        "data:image/png;base64,AAAA", "mailto:a@b.example", "feed:a", "feed:file:///etc/passwd", "gopher://example.org/",
        "https://me:secret@example.org/a.jpg", "https://me@example.org/a.jpg",
    ],
)  # fmt: skip
def test_other_schemes_and_passwords_are_refused(link: str) -> None:
    with pytest.raises(Refused) as caught:
        find_targets(link)

    assert "secret" not in str(caught.value)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_a_normal_link_stays_as_it_is(rest: str) -> None:
    try:
        link = normalise("https://example.org/" + rest)
    except InvalidInput:
        return

    assert normalise(link) == link
    assert link.isascii()
    assert host_of(link) == "example.org"


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://a.example/x.JPG?w=1", MediaKind.IMAGE),
        ("https://a.example/x.webm", MediaKind.VIDEO),
        ("https://a.example/x.tar.opus", MediaKind.AUDIO),
        ("https://a.example/x.pdf", MediaKind.DOCUMENT),
        ("https://a.example/wiki/File:Cat.jpg", None),
        ("https://a.example/page?image=x.jpg", None),
        ("https://a.example/x.jpg/", None),
        ("https://a.example/x.svg", None),
        ("https://jpg/", None),
    ],
)
def test_the_end_of_a_path_says_what_a_file_is(link: str, kind: MediaKind | None) -> None:
    assert kind_of(link) == kind


def test_lists_of_pieces_are_brought_together_by_the_engine() -> None:
    assert transport_of("https://a.example/live.m3u8?x") is Transport.YTDLP
    assert transport_of("https://a.example/a.mp4") is Transport.HTTP


def test_a_name_is_decoded() -> None:
    assert name_of("https://a.example/x/%C3%A4%20b.jpg") == "ä b.jpg"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("b.jpg", "https://a.example/x/b.jpg"),
        ("//c.example/b c.jpg", "https://c.example/b%20c.jpg"),
        ("\n/b.jpg ", "https://a.example/b.jpg"),
        ("javascript:void(0)", None),
        ("mailto:a@b", None),
        ("http://[", None),
        ("data:image/png;base64,AA", None),
    ],
)
def test_a_link_on_a_page_is_read_as_a_browser_does(link: str, found: str | None) -> None:
    assert resolve("https://a.example/x/page.html", link) == found
