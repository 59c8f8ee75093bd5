"""What only phpBB does."""

from gatherum.ports import Document
from gatherum.providers.forums.phpbb import PHPBB
from gatherum.providers.forums.sheets import read_section

URL = "https://phpbb.example/board/viewforum.php?f=3"


def row(topic: int, newest: int, kind: str = "") -> str:
    return (
        f'<li class="row bg1 {kind}"><dl class="row-item topic_read"><dt><div class="list-inner">'
        f'<a href="./viewtopic.php?t={topic}&amp;sid=0a" class="topictitle">Fog</a></div></dt>'
        '<dd class="lastpost"><span>by <a href="./memberlist.php?mode=viewprofile&amp;u=2" class='
        f'"username">ada</a> <a href="./viewtopic.php?p={newest}&amp;sid=0a#p{newest}" title="Go to '
        'last post"></a><br><time datetime="2026-05-01T12:00:00+00:00">then</time></span></dd></dl></li>'
    )


def test_a_topic_that_was_bumped_stands_apart_from_those_below_with_newer_posts() -> None:
    rows = [row(1, 5, "sticky"), row(2, 90), row(3, 40), row(4, 80), row(5, 70), row(6, 60)]
    text = f'<h2 class="forum-title">Boats</h2><ul class="topiclist topics">{"".join(rows)}</ul>'

    sheet = read_section(PHPBB, Document(url=URL, text=text))

    assert [one.number for one in sheet.topics] == ["1", "2", "3", "4", "5", "6"]
    assert [one.number for one in sheet.topics if one.pinned] == ["1", "3"]
