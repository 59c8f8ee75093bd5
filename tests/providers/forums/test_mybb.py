"""What only MyBB has."""

import pytest

from gatherum.errors import Unsupported
from gatherum.fetching.client import JobClient
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
