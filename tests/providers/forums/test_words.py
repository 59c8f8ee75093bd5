"""A section may be followed by words: only topics whose titles fit are opened."""

import pytest

from gatherum.fetching.client import JobClient
from gatherum.model import Target
from gatherum.ports import Probe
from gatherum.providers.forums.listing import list_section
from gatherum.providers.forums.sheets import SectionSheet, TopicRow, TopicSheet
from gatherum.providers.forums.walk import PATIENCE
from gatherum.providers.forums.words import Words
from gatherum.providers.recognise import classify
from tests.providers.forums.conftest import SECTIONS, Forum, posts_of
from tests.providers.forums.test_links import HOME, MYBB, PHPBB, SMF, VBULLETIN4
from tests.testsites.forums.board import post_id
from tests.testsites.world import World

WHOLE = {"phpbb": 4, "smf": 3, "mybb": 3, "vbulletin": 2}  # the pages of the section, with all


@pytest.mark.parametrize(
    ("words", "title", "fits"),
    [
        ("", "All of alice", True),
        ("alice", "All of ALICE", True),
        ("all bob", "All of alice", False),
        ("all alice", "All of alice", True),
        ("bob,alice", "All of alice", True),
        ("bob,carol", "All of alice", False),
        ("all -alice", "All of alice", False),
        ("-bob", "All of alice", True),
        (",", "All of alice", True),
        ("fußball", "FUSSBALL heute", True),
    ],
)
def test_which_titles_fit(words: str, title: str, fits: bool) -> None:  # noqa: FBT001
    assert Words(words.casefold()).fit(title) is fits


def found(path: str, head: bytes) -> Target:
    url = HOME + path
    return classify(url, Probe(url=url, status=200, content_type="text/html", head=head))


@pytest.mark.parametrize(
    ("path", "head", "key", "url"),
    [
        ("viewforum.php?f=2&words=Fog", PHPBB, "2 fog", "viewforum.php?f=2&words=fog"),
        ("viewforum.php?words=fog+lake&f=2", PHPBB, "2 fog lake", "viewforum.php?f=2&words=fog%20lake"),
        ("viewforum.php?f=2&words=Lake%20fog&sid=0a", PHPBB, "2 fog lake", "viewforum.php?f=2&words=fog%20lake"),
        ("viewforum.php?f=2&words=", PHPBB, "2", "viewforum.php?f=2"),
        ("index.php?board=3.0;words=fog,mist", SMF, "3 fog,mist", "index.php?board=3.0&words=fog,mist"),
        ("forum-2.html?words=fog", MYBB, "2 fog", "forumdisplay.php?fid=2&words=fog"),
        ("forums/2-Pictures?words=fog", VBULLETIN4, "2 fog", "forumdisplay.php?f=2&words=fog"),
        ("viewtopic.php?t=12&words=fog", PHPBB, "12", "viewtopic.php?t=12"),
    ],
)  # fmt: skip
def test_the_words_stand_in_the_link(path: str, head: bytes, key: str, url: str) -> None:
    target = found(path, head)

    assert (target.key, target.url) == (key, HOME + url)
    assert found(url, head) == target


async def test_only_topics_that_fit_are_opened(
    forum: Forum, world: World, client: JobClient
) -> None:
    link = forum.section(SECTIONS[forum.platform])

    posts = await posts_of(f"{link}&words=bob,carol", client)

    wanted = [entry for name in ("bob", "carol") for entry in world.people[name]]
    assert sorted(post.id for post in posts) == sorted(str(post_id(entry)) for entry in wanted)
    # The pages of bob (33 posts) and carol (16), those of the section, and what the link is.
    assert world.count(forum.host) == 4 + 2 + WHOLE[forum.platform] + 1


class Endless:
    """A section without an end, whose topics have no title that anybody looks for."""

    first = 1

    def __init__(self) -> None:
        self.turned: list[int] = []

    async def last(self, topic: str) -> TopicSheet:
        raise AssertionError(topic)

    async def page(self, topic: str, place: int) -> TopicSheet:
        raise AssertionError(topic, place)

    async def section(self, section: str, place: int) -> SectionSheet:  # noqa: ARG002
        self.turned.append(place)
        rows = (TopicRow(str(place), pinned=False, title="Anything"),)
        return SectionSheet(topics=rows, later=place + 1)


async def test_nobody_looks_for_ever_for_what_is_not_there() -> None:
    board = Endless()

    [page] = [one async for one in list_section(board, "5", None, Words("fog"))]
    assert page.posts == ()
    assert page.cursor is not None
    assert board.turned == list(range(1, PATIENCE + 1))

    [page] = [one async for one in list_section(board, "5", page.cursor, Words("fog"))]
    # The first page again, where something may have moved to, then on.
    assert board.turned[PATIENCE:] == [1, *range(PATIENCE + 1, 2 * PATIENCE + 1)]
