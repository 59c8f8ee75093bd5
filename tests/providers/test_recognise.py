import pytest

from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable, Unsupported, Withheld
from gatherum.ports import Probe
from gatherum.providers.recognise import classify
from tests.testsites.media import jpeg

LINK = "https://host.example/thing"
XENFORO = b'<!DOCTYPE html>\n<html id="XF" lang="en" data-xf="2.3" data-app="public"><body>'
MASTODON = b'<!DOCTYPE html><html><body><div id="mastodon"></div>'
SNAC = b'<!DOCTYPE html>\n<html><head><meta name="generator" content="snac/2.75"/></head>'
PLEROMA = b'<!doctype html><html><head><meta name="generator" content="Pleroma 2.6"></head>'
BLOG = (
    b'<!doctype html><html><head><meta name="generator" content="WordPress 6.8">'
    b'<link rel="alternate" type="application/activity+json" href="/?author=1"></head>'
)
SOME_FEDIVERSE = (
    b'<!doctype html><html><head><link rel="alternate" type="application/activity+json" href="x">'
)


def probe(
    head: bytes, content_type: str = "text/html", *, url: str = LINK, status: int = 200
) -> Probe:
    return Probe(url=url, status=status, content_type=content_type, head=head)


@pytest.mark.parametrize(
    ("url", "head", "expected"),
    [
        ("https://h.example/@alice", MASTODON, ("mastodon", "user", "@alice")),
        ("https://h.example/@alice@b.example/media", MASTODON, ("mastodon", "user", "@alice@b.example")),
        ("https://h.example/users/alice", PLEROMA, ("mastodon", "user", "@alice")),
        ("http://127.0.0.1:8001/alice", SNAC, ("mastodon", "user", "@alice")),
        ("https://h.example/@alice", SOME_FEDIVERSE, ("mastodon", "user", "@alice")),
        ("https://h.example/@alice/115300", MASTODON, ("mastodon", "status", "115300")),
        ("https://h.example/users/alice/statuses/7", MASTODON, ("mastodon", "status", "7")),
        ("https://h.example/@alice/statuses/01ABC", SOME_FEDIVERSE, ("mastodon", "status", "01ABC")),
        ("https://h.example/notice/Ab9", PLEROMA, ("mastodon", "status", "Ab9")),
        ("https://h.example/deck/@alice", MASTODON, ("mastodon", "user", "@alice")),
        ("https://h.example/deck/@alice/115300", MASTODON, ("mastodon", "status", "115300")),
        ("https://h.example/web/@alice/115300", MASTODON, ("mastodon", "status", "115300")),
        ("https://h.example/@alice/115300/embed", MASTODON, ("mastodon", "status", "115300")),
        ("https://h.example/web/statuses/115300", MASTODON, ("mastodon", "status", "115300")),
        ("https://h.example/threads/cats.17/page-3", XENFORO, ("xenforo", "thread", "17")),
        ("https://h.example/index.php?threads/cats.17/", XENFORO, ("xenforo", "thread", "17")),
        ("https://h.example/board/threads/17/", XENFORO, ("xenforo", "thread", "17")),
        ("https://h.example/threads/cats.17/post-99", XENFORO, ("xenforo", "post", "99")),
        ("https://h.example/posts/99/", XENFORO, ("xenforo", "post", "99")),
        ("https://h.example/goto/post?id=99", XENFORO, ("xenforo", "post", "99")),
        ("https://h.example/b/index.php?goto/post&id=99", XENFORO, ("xenforo", "post", "99")),
        ("https://h.example/forums/pets.4/", XENFORO, ("xenforo", "forum", "4")),
        ("https://h.example/media/albums/a.5/", XENFORO, ("xenforo", "album", "5")),
        ("https://h.example/media/cat-jpg.6/", XENFORO, ("xenforo", "media", "6")),
    ],
)  # fmt: skip
def test_a_host_is_known_by_its_software(
    url: str, head: bytes, expected: tuple[str, str, str]
) -> None:
    target = classify(url, probe(head, url=url))

    assert (target.platform, target.feed, target.key) == expected
    assert target.host == url.split("/")[2]


def test_a_blog_that_speaks_activitypub_is_no_mastodon() -> None:
    url = "https://h.example/@alice"

    assert classify(url, probe(BLOG, url=url)).platform == "web"


def test_a_person_is_one_whichever_link_was_pasted_and_keeps_the_one_that_works() -> None:
    links = [f"http://127.0.0.1:8001/{name}" for name in ("alice", "@alice", "users/alice")]
    short, *others = (classify(link, probe(SNAC, url=link)) for link in links)

    assert {one.key for one in (short, *others)} == {"@alice"}
    assert short.url == links[0]  # snac answers 404 at the other form
    assert short["asked"] == links[1]
    assert [one.url for one in others] == [links[1]] * 2


def test_a_post_of_snac_is_a_status_among_those_of_its_author() -> None:
    link = "http://127.0.0.1:8001/alice/p/1764821000.123456"
    target = classify(f"{link}?x=1", probe(SNAC, url=f"{link}/?x=1"))

    assert (target.platform, target.feed, target.url) == ("mastodon", "status", link)
    assert (target.key, target["listed"]) == (
        "alice/1764821000.123456",
        "http://127.0.0.1:8001/@alice",
    )


def test_a_status_has_one_link_wherever_its_host_shows_it() -> None:
    links = ["https://h.example/deck/@alice/115300", "https://h.example/@alice/115300/?x=1"]

    found = {classify(link, probe(MASTODON, url=link)).url for link in links}

    assert found == {"https://h.example/@alice/115300"}


def test_every_page_of_a_thread_is_the_thread() -> None:
    links = ["https://h.example/threads/cats.17/page-3", "https://h.example/threads/cats.17/"]

    assert len({classify(link, probe(XENFORO, url=link)).url for link in links}) == 1


@pytest.mark.parametrize("head", [b"<!doctype html><html>", b"<p>a page", BLOG, SNAC])
def test_other_pages_are_pages(head: bytes) -> None:
    url = "https://h.example/@alice/p/17.5"

    target = classify(url, probe(head, url=url))

    assert (target.platform, target.feed, target.key) == ("web", "page", url)


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b'<?xml version="1.0"?>\n<rss version="2.0">', "text/xml; charset=utf-8"),
        (b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">', "text/html"),
        (b'\xef\xbb\xbf<rss version="2.0">', "text/plain"),
        (b"<rdf:RDF xmlns=", "application/xml"),
        (b"anything", "application/rss+xml"),
        (b'{"version": "https://jsonfeed.org/version/1.1"', "application/json"),
    ],
)
def test_a_feed_is_a_feed_whatever_the_server_calls_it(head: bytes, content_type: str) -> None:
    target = classify(LINK, probe(head, content_type))

    assert (target.platform, target.feed, target.key) == ("feed", "entries", LINK)
    assert target.host == "host.example"


@pytest.mark.parametrize(
    ("head", "content_type", "kind"),
    [
        (jpeg("a"), "application/octet-stream", "image"),
        (jpeg("a"), "text/html", "image"),
        (b"\0\0\0\x20ftypisom", "", "video"),
        (b"\0\0\0\x20ftypavif", "", "image"),
        (b"\0\0\0\x20ftypM4A ", "", "audio"),
        (b"ID3\x04", "text/plain", "audio"),
        (b"%PDF-1.7", "binary/octet-stream", "document"),
        (b"??", "video/x-unknown", "video"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head: bytes, content_type: str, kind: str) -> None:
    target = classify(LINK, probe(head, content_type))

    assert (target.platform, target.feed, target.key) == ("direct", "file", LINK)
    assert (target["kind"], target["transport"]) == (kind, "http")


@pytest.mark.parametrize(
    ("head", "content_type"), [(b"#EXTM3U\n", "text/plain"), (b"x", "application/dash+xml")]
)
def test_a_list_of_pieces_goes_to_the_engine(head: bytes, content_type: str) -> None:
    assert classify(LINK, probe(head, content_type))["transport"] == "ytdlp"


def test_a_page_in_the_place_of_a_picture_is_a_page() -> None:
    target = classify(LINK, probe(b"<!DOCTYPE html><html>log in", "image/jpeg"))

    assert target.platform == "web"


@pytest.mark.parametrize("content_type", ["application/json", "image/svg+xml", "text/plain", ""])
def test_what_nobody_can_list_is_unsupported(content_type: str) -> None:
    with pytest.raises(Unsupported, match="no page, feed or media"):
        classify(LINK, probe(b"{}", content_type))


def test_a_short_link_to_a_wall_is_what_stands_behind_it() -> None:
    wall = "https://www.tiktok.com/login?redirect_url=https%3A%2F%2Fwww.tiktok.com%2F%40ann%2Fvideo%2F7"

    target = classify("https://s.example/xyz", probe(b"<html>", url=wall))

    assert (target.platform, target.feed, target.key) == ("tiktok", "post", "7")


@pytest.mark.parametrize(
    "wall",
    [
        "https://www.instagram.com/accounts/login/?next=https%3A%2F%2F%5B",
        "https://www.facebook.com/login/?next=https%3A%2F%2Fme%40a.example%2F",
        "https://www.google.com/url?q=http://a%0Ab",
    ],
)
def test_what_a_host_has_its_wall_carry_need_be_no_link(wall: str) -> None:
    link = "https://s.example/xyz"

    target = classify(link, probe(b"<html>", url=wall))

    assert (target.platform, target.url) == ("web", link)


@pytest.mark.parametrize(
    ("led", "stands"),
    [
        ("https://s.example/other", True),
        ("https://h.example/a/film", True),
        ("https://www.s.example/xyz/", False),
        ("http://s.example/xyz", False),
        ("https://h.example/", False),
        ("https://h.example/login/", False),
        ("https://h.example/de/sign-in?x=1", False),
        ("https://h.example/404", False),
        ("https://h.example/404.html", False),
        ("https://h.example/unsupportedbrowser", False),
        ("https://h.example/a/login-screens-of-the-past", True),
    ],
)
def test_a_page_stands_for_a_link_only_where_that_leads_to_something(
    *, led: str, stands: bool
) -> None:
    target = classify("https://s.example/xyz", probe(b"<html>", url=led))

    assert target.values.get("led") == (led if stands else None)


def test_a_short_link_is_what_it_leads_to() -> None:
    home = "https://www.reddit.com/r/cats/comments/1abc/x/"

    target = classify("https://s.example/xyz", probe(b"", url=home, status=403))

    assert (target.platform, target.feed, target.key) == ("reddit", "submission", "1abc")


@pytest.mark.parametrize(
    ("short", "front"),
    [
        ("https://vm.tiktok.com/ZTR45GpSF/", "https://www.tiktok.com/?_r=1&_t=abc"),
        ("https://vt.tiktok.com/ZTR45GpSF/", "https://www.tiktok.com/"),
        ("https://pin.it/1abcDEF", "https://de.pinterest.com/?show_error=true"),
    ],
)
def test_a_short_link_that_stands_for_nothing_says_so(short: str, front: str) -> None:
    with pytest.raises(Withheld, match="short link"):
        classify(short, probe(b"<html>Welcome", url=front))


def test_somebody_elses_short_link_may_lead_to_a_front_page() -> None:
    assert (
        classify("https://s.example/xyz", probe(b"<html>Hi", url="https://h.example/")).platform
        == "web"
    )


def test_a_forum_is_a_forum_behind_its_login_wall() -> None:
    url = "https://h.example/threads/cats.17/"

    assert classify(url, probe(XENFORO, url=url, status=403)).platform == "xenforo"


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Gone), (410, Gone), (401, LoginRequired), (403, LoginRequired), (400, Unavailable)],
)
def test_a_refusal_is_said_as_it_is(status: int, error: type[SourceError]) -> None:
    with pytest.raises(error):
        classify(LINK, probe(b"<html>no", status=status))
