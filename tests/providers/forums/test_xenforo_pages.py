"""What counts on a page of XenForo, by the markup of its templates."""

import pytest

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind
from gatherum.ports import Document
from gatherum.providers.forums.dialect import Dialect
from gatherum.providers.forums.invision import INVISION
from gatherum.providers.forums.links import find_forum
from gatherum.providers.forums.sheets import SectionSheet, read_results, read_section, read_topic
from gatherum.providers.forums.xenforo import XENFORO

ROOT = "https://h.example/community/"


def media_in(body: str, below: str = "") -> list[Media]:
    """Return the media of one post of version 2."""
    page = (
        '<html id="XF"><article class="message" id="js-post-70"><h4 class="message-name"><a class='
        f'"username">ann</a></h4><div class="message-body"><div class="bbWrapper">{body}</div></div>'
        f'<ul class="message-attachments">{below}</ul></article></html>'
    )
    sheet = read_topic(XENFORO, Document(url=f"{ROOT}threads/fog.9/", text=page), ROOT)
    return [media for post in sheet.posts for media in post.media]


def test_small_pictures_of_one_folder_are_different_media() -> None:
    small = '<img src="/community/data/attachments/12/{}-0a.jpg" class="bbImage">'

    found = media_in(small.format(12345) + small.format(12346))

    assert len({one.id for one in found}) == 2
    assert "12" not in {one.id for one in found}
    assert [one.url.rpartition("/")[2] for one in found] == ["12345-0a.jpg", "12346-0a.jpg"]


@pytest.mark.parametrize("small", ["/community/data", "https://cdn.example"])
def test_a_small_picture_within_a_link_is_the_attachment_that_the_link_leads_to(small: str) -> None:
    html = f'<li><a href="/community/attachments/55/"><img src="{small}/attachments/12/88-0a.jpg"></a></li>'

    for found in (media_in(html), media_in("", html)):
        assert [(one.id, one.url, one.kind) for one in found] == [
            ("55", f"{ROOT}attachments/55/", MediaKind.IMAGE)
        ]


def section(html: str, template: str = "forum_view") -> SectionSheet:
    page = f'<html id="XF" data-template="{template}"><div class="p-body-pageContent">{html}</div></html>'
    return read_section(XENFORO, Document(url=f"{ROOT}forums/news.4/", text=page))


ARTICLE = (
    '<div class="message message--articlePreview js-threadListItem-9"><div class='
    '"articlePreview-main"><div class="articlePreview-headline"><h2 class="articlePreview-title">'
    '<a href="/community/forums/news.4/?prefix_id=1" class="labelLink"><span class="label">P</span>'
    '</a>{}</h2></div><div class="articlePreview-content"><a href="#">more</a></div></div></div>'
)


def test_a_forum_of_articles_has_topics() -> None:
    sheet = section(ARTICLE.format('<a href="/community/threads/fog.9/">Fog</a>'))

    assert sheet.topics == (("fog.9", False, "Fog"),)


@pytest.mark.parametrize(
    "rows",
    [
        ARTICLE.format("Fog"),
        '<div class="structItem structItem--thread"><a href="/community/threads/fog.9/">Fog</a></div>',
    ],
)
def test_rows_that_show_no_topic_are_no_empty_section(rows: str) -> None:
    with pytest.raises(UnexpectedResponse):
        section(f'<div class="structItemContainer">{rows}</div>')


def test_a_section_of_which_all_topics_have_moved_is_empty() -> None:
    moved = (
        '<div class="structItem structItem--thread"><i class="structItem-status--redirect"></i>'
        '<h3 class="name"><a href="/community/threads/fog.9/">Fog</a></h3></div>'
    )

    assert section(f'<div class="structItemContainer">{moved}</div>').topics == ()


@pytest.mark.parametrize(
    "html",
    [
        '<div class="structItemContainer"><div class="structItem js-emptyThreadList"></div></div>',
        '<div class="blockMessage">There are no threads in this forum.</div>',
    ],
)
def test_a_section_without_topics_says_so(html: str) -> None:
    assert section(html, "forum_view_type_article").topics == ()


def test_the_name_of_a_template_alone_is_no_empty_section() -> None:
    with pytest.raises(UnexpectedResponse):
        section('<div class="threads"><a href="/community/threads/fog.9/">Fog</a></div>')


RESULTS = '<div class="result"><a href="/threads/fog.9/">Fog</a></div>'


@pytest.mark.parametrize(
    ("dialect", "page"),
    [
        (XENFORO, f'<html id="XF" data-template="search_results">{RESULTS}</html>'),
        (INVISION, f'<div data-controller="core.front.search.results">{RESULTS}</div>'),
    ],
    ids=["xenforo", "invision"],
)
def test_results_in_another_form_are_not_nothing(dialect: Dialect, page: str) -> None:
    assert dialect.search is not None
    with pytest.raises(UnexpectedResponse):
        read_results(dialect, dialect.search, Document(url=f"{ROOT}search/1/?q=x", text=page))


HEAD = b'<!DOCTYPE html><html id="XF" lang="en-US" data-xf="2.3">'
BOARD = "https://h.example/forums/"


@pytest.mark.parametrize(
    "page", ["whats-new/", "help", "login/", "register/", "lost-password/", "members/", "search/"]
)
def test_a_page_of_the_board_itself_is_no_section(page: str) -> None:
    assert find_forum(BOARD + page, HEAD) is None


@pytest.mark.parametrize("name", ["pictures", "helpful-links", "media-room"])
def test_a_section_may_have_a_name_of_its_own(name: str) -> None:
    target = find_forum(f"{BOARD}{name}/", HEAD)

    assert target is not None
    assert (target.feed, target.key) == ("forum", name)


@pytest.mark.parametrize("led", ["register/", "welcome/"])
def test_a_post_that_leads_elsewhere_keeps_its_root(led: str) -> None:
    target = find_forum(BOARD + led, HEAD, asked=f"{BOARD}posts/345/")

    assert target is not None
    assert (target.feed, target.url) == ("post", f"{BOARD}posts/345/")
