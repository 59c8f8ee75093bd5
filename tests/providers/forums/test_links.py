import pytest

from gatherum.ports import Probe
from gatherum.providers.recognise import classify

PHPBB = b'<!DOCTYPE html><html dir="ltr" lang="en"><body id="phpbb" class="nojs section-viewtopic ltr ">'
SMF = b'<!DOCTYPE html><html><head><script>\n\t\tvar smf_scripturl = "https://h.example/index.php";'
MYBB = b'<!DOCTYPE html><html><head><script>\n\tvar my_post_key = "0a1b";'
VBULLETIN3 = b'<!DOCTYPE html><html><head><meta name="generator" content="vBulletin 3.8.7" />'
VBULLETIN4 = b'<!DOCTYPE html><html id="vbulletin_html"><head><title>x</title>'
SECURE = b'<!DOCTYPE html><html><head><script>var SECURITYTOKEN = "guest";'
HOME = "https://h.example/"


def found(url: str, head: bytes, status: int = 200) -> tuple[str, str, str, str]:
    probe = Probe(url=url, status=status, content_type="text/html", head=head)
    target = classify(url, probe)
    assert target.host in {"h.example", ""}
    return target.platform, target.feed, target.key, target.url.removeprefix(HOME)


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("viewtopic.php?t=12", PHPBB, ("phpbb", "topic", "12", "viewtopic.php?t=12")),
        ("viewtopic.php?f=2&t=12&start=40&sid=0a1b", PHPBB, ("phpbb", "topic", "12", "viewtopic.php?t=12")),
        ("b/viewtopic.php?t=12", PHPBB, ("phpbb", "topic", "12", "b/viewtopic.php?t=12")),
        ("viewtopic.php?p=99", PHPBB, ("phpbb", "post", "99", "viewtopic.php?p=99")),
        ("viewtopic.php?f=2&t=12&p=99", PHPBB, ("phpbb", "post", "99", "viewtopic.php?p=99")),
        ("viewforum.php?f=2&start=25", PHPBB, ("phpbb", "forum", "2", "viewforum.php?f=2")),
        ("index.php?topic=12.0", SMF, ("smf", "topic", "12", "index.php?topic=12.0")),
        ("?topic=12.20", SMF, ("smf", "topic", "12", "index.php?topic=12.0")),
        ("index.php?PHPSESSID=0a&topic=12.new", SMF, ("smf", "topic", "12", "index.php?topic=12.0")),
        ("index.php/topic,12.15.html", SMF, ("smf", "topic", "12", "index.php?topic=12.0")),
        ("index.php?topic=12.0;prev_next=prev", SMF, ("smf", "topic", "12", "index.php?topic=12.0")),
        ("index.php?topic=12.msg99", SMF, ("smf", "post", "99", "index.php?msg=99")),
        ("f/index.php/topic,12.msg99.html", SMF, ("smf", "post", "99", "f/index.php?msg=99")),
        ("index.php?msg=99", SMF, ("smf", "post", "99", "index.php?msg=99")),
        ("index.php?board=3.40", SMF, ("smf", "forum", "3", "index.php?board=3.0")),
        ("index.php/board,3.0.html", SMF, ("smf", "forum", "3", "index.php?board=3.0")),
        ("showthread.php?tid=12&page=3", MYBB, ("mybb", "topic", "12", "showthread.php?tid=12")),
        ("showthread.php?tid=12&action=lastpost", MYBB, ("mybb", "topic", "12", "showthread.php?tid=12")),
        ("thread-12-page-3.html", MYBB, ("mybb", "topic", "12", "showthread.php?tid=12")),
        ("thread-12-lastpost.html", MYBB, ("mybb", "topic", "12", "showthread.php?tid=12")),
        ("showthread.php?tid=12&pid=99", MYBB, ("mybb", "post", "99", "showthread.php?pid=99")),
        ("thread-12-post-99.html", MYBB, ("mybb", "post", "99", "showthread.php?pid=99")),
        ("post-99.html", MYBB, ("mybb", "post", "99", "showthread.php?pid=99")),
        ("forumdisplay.php?fid=2&page=4", MYBB, ("mybb", "forum", "2", "forumdisplay.php?fid=2")),
        ("forum-2-page-4.html", MYBB, ("mybb", "forum", "2", "forumdisplay.php?fid=2")),
        ("showthread.php?t=12&page=3", VBULLETIN3, ("vbulletin", "topic", "12", "showthread.php?t=12")),
        ("b/showthread.php?s=0a&t=12&goto=newpost", SECURE, ("vbulletin", "topic", "12", "b/showthread.php?t=12")),
        ("showthread.php?threadid=12", VBULLETIN3, ("vbulletin", "topic", "12", "showthread.php?t=12")),
        ("showthread.php?12-A-walk", VBULLETIN4, ("vbulletin", "topic", "12", "showthread.php?t=12")),
        ("showthread.php?12-A-walk/page3&s=0a", VBULLETIN4, ("vbulletin", "topic", "12", "showthread.php?t=12")),
        ("showthread.php/12-A-walk/page3", VBULLETIN4, ("vbulletin", "topic", "12", "showthread.php?t=12")),
        ("f/threads/12-A-walk/page3", VBULLETIN4, ("vbulletin", "topic", "12", "f/showthread.php?t=12")),
        ("threads/12-A-walk?p=99&viewfull=1", VBULLETIN4, ("vbulletin", "post", "99", "showthread.php?p=99")),
        ("showthread.php?12-A-walk&p=99&viewfull=1", VBULLETIN4, ("vbulletin", "post", "99", "showthread.php?p=99")),
        ("showthread.php?p=99", VBULLETIN3, ("vbulletin", "post", "99", "showthread.php?p=99")),
        ("showthread.php?goto=newpost&t=12&p=99", VBULLETIN3, ("vbulletin", "post", "99", "showthread.php?p=99")),
        ("showpost.php?p=99&postcount=4", VBULLETIN3, ("vbulletin", "post", "99", "showthread.php?p=99")),
        ("forumdisplay.php?f=2&order=desc&page=4", VBULLETIN3, ("vbulletin", "forum", "2", "forumdisplay.php?f=2")),
        ("forumdisplay.php?2-Pictures/page4", VBULLETIN4, ("vbulletin", "forum", "2", "forumdisplay.php?f=2")),
        ("f/forums/2-Pictures", VBULLETIN4, ("vbulletin", "forum", "2", "f/forumdisplay.php?f=2")),
    ],
)  # fmt: skip
def test_a_forum_is_known_by_its_software_and_every_page_of_it_by_one_link(
    path: str, head: bytes, expected: tuple[str, str, str, str]
) -> None:
    assert found(HOME + path, head) == expected
    assert found(HOME + expected[3], head) == expected


@pytest.mark.parametrize("head", [PHPBB, SMF, MYBB, VBULLETIN3, VBULLETIN4])
@pytest.mark.parametrize("path", ["", "index.php", "memberlist.php?mode=viewprofile&u=2", "faq"])
def test_its_other_pages_are_pages(path: str, head: bytes) -> None:
    assert found(HOME + path, head)[:2] == ("web", "page")


def test_a_link_alone_says_nothing() -> None:
    assert found(f"{HOME}viewtopic.php?t=12", b"<!DOCTYPE html><html><body>")[:2] == ("web", "page")
    assert found(f"{HOME}viewtopic.php?t=12", SMF)[:2] == ("web", "page")


def test_a_forum_is_a_forum_behind_its_login_wall() -> None:
    assert found(f"{HOME}viewtopic.php?t=12", PHPBB, 403)[:2] == ("phpbb", "topic")


@pytest.mark.parametrize(
    ("path", "head", "url"),
    [
        ("search.php?keywords=fog", PHPBB, "search.php?keywords=fog"),
        ("b/search.php?keywords=fog+lake&terms=all&sr=topics&start=20&sid=0a", PHPBB, "b/search.php?keywords=fog+lake&terms=all"),
        ("search.php?sid=0a&keywords=fog&sk=a", PHPBB, "search.php?keywords=fog"),
        ("search.php?author=ada&sr=posts", PHPBB, "search.php?author=ada"),
        ("index.php?action=search2;params=eJxAb;start=30", SMF, "index.php?action=search2;params=eJxAb"),
        ("index.php?PHPSESSID=0a&action=search2;search=fog", SMF, "index.php?action=search2;search=fog"),
        ("search.php?action=results&sid=0a1b&sortby=subject&order=asc&page=2", MYBB, "search.php?action=results&sid=0a1b"),
    ],
)  # fmt: skip
def test_a_search_is_known_by_what_it_asks(path: str, head: bytes, url: str) -> None:
    target = found(HOME + path, head)

    assert (target[1], target[3]) == ("search", url)
    assert found(HOME + url, head) == target


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("search.php", PHPBB),
        ("index.php?action=search", SMF),
        ("search.php?action=do_search", MYBB),
    ],
)
def test_the_form_of_a_search_is_a_page(path: str, head: bytes) -> None:
    assert found(HOME + path, head)[0] == "web"
