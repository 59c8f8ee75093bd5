"""What only MyBB has."""

from datetime import UTC, datetime

import pytest

from gatherum.errors import Unsupported
from gatherum.fetching.client import JobClient
from gatherum.ports import Document
from gatherum.providers.forums.mybb import MYBB
from gatherum.providers.forums.sheets import read_topic
from tests.providers.forums.conftest import FORUMS, Connect, posts_of
from tests.testsites.forums.board import post_id
from tests.testsites.forums.mybb import CATEGORY
from tests.testsites.world import World

[FORUM] = [one for one in FORUMS if one.name == "mybb"]


async def test_a_deleted_post_that_only_who_looks_after_the_forum_sees_is_no_post(
    world: World, connect: Connect
) -> None:
    posts = await posts_of(FORUM.topic(1), connect(FORUM.jar))

    assert [post.id for post in posts] == [str(post_id(one)) for one in world.people["alice"]]


async def test_a_link_to_sections_alone_says_so(client: JobClient) -> None:
    with pytest.raises(Unsupported, match="link of one of those"):
        await posts_of(FORUM.section(CATEGORY), client)


def test_a_board_at_utc_plus_5_that_writes_days_first_is_read_to_the_minute() -> None:
    """None of its dates has a day above 12: only the clock at the foot tells what comes first."""
    rows = "".join(
        f'<div class="post" id="post_{number}"><div class="author_information"><span class="largetext">'
        f'ada</span></div><span class="post_date">{date}</span><div class="post_body">'
        f'<img src="https://pictures.example/{number}.jpg"></div></div>'
        for number, date in ((7, "03-12-2026, 11:10 PM"), (8, "04-12-2026, 09:12 AM"))
    )
    page = Document(
        url="https://board.example/showthread.php?tid=1",
        text=f'<div id="posts">{rows}</div><span id="current_time"><strong>Current time:</strong> '
        "04-12-2026, 09:19 AM</span>",
        at=datetime(2026, 12, 4, 4, 19, 40, tzinfo=UTC),
    )

    sheet = read_topic(MYBB, page, "https://board.example/")

    assert [(post.id, post.posted_at) for post in sheet.posts] == [
        ("8", datetime(2026, 12, 4, 4, 12, tzinfo=UTC)),
        ("7", datetime(2026, 12, 3, 18, 10, tzinfo=UTC)),
    ]
    assert sheet.day_first is True
