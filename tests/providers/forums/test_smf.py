"""What only SMF has."""

import re
from types import MappingProxyType
from typing import cast

import pytest

from gatherum.errors import Gone, LoginRequired, Withheld
from gatherum.fetching.client import JobClient
from gatherum.model import Target
from gatherum.ports import Client, Document, Probe
from gatherum.providers.forums.board import Pages
from gatherum.providers.forums.sheets import read_topic
from gatherum.providers.forums.smf import SMF
from gatherum.providers.forums.walk import Position, Walk
from gatherum.providers.forums.words import Words
from tests.providers.forums.conftest import FORUMS, Connect, posts_of

OFF_LIMITS = (
    b'<html><script>var smf_scripturl = "";</script><div id="topic_gone">missing or off limits'
)
[FORUM] = [one for one in FORUMS if one.name == "smf"]


async def test_what_a_member_no_longer_finds_may_be_off_limits_and_asks_for_no_other_login(
    client: JobClient, connect: Connect
) -> None:
    with pytest.raises(LoginRequired):
        await posts_of(FORUM.topic(99), client)
    with pytest.raises(Withheld, match="off limits"):
        await posts_of(FORUM.topic(99), connect(FORUM.jar))


async def test_a_post_that_is_not_there_is_gone(connect: Connect) -> None:
    with pytest.raises(Gone):
        await posts_of(FORUM.post(99_999), connect(FORUM.jar))


class Refused:
    """A client that a member's login uses in vain: each page is at `url`, and off limits."""

    def __init__(self, url: str) -> None:
        self._probe = Probe(url=url, status=403, content_type="text/html", head=OFF_LIMITS)

    async def text(self, url: str) -> Document:
        raise LoginRequired(url)

    async def probe(self, url: str) -> Probe:  # noqa: ARG002
        return self._probe


def refused(link: str) -> Pages:
    values = MappingProxyType({"root": FORUM.root, "id": "2"})
    target = Target(platform="smf", feed="topic", key="2", url=FORUM.topic(2), values=values)
    return Pages(SMF, cast(Client, Refused(FORUM.root + link)), target)


async def test_only_of_a_post_that_leads_nowhere_it_is_sure_that_it_is_gone() -> None:
    with pytest.raises(Gone):
        await refused("index.php?msg=345").around("345")
    with pytest.raises(Withheld):
        await refused("index.php?topic=2.msg345").around("345")
    with pytest.raises(Withheld):
        await refused("index.php?board=3.0").section("3", 0)


async def test_a_topic_that_is_off_limits_since_its_section_showed_it_is_passed_over() -> None:
    begun = Position(waiting=[("2", False)])

    assert await Walk(refused("index.php?topic=2.new"), "3", begun, Words()).next_sheet() is None


async def test_attachments_among_the_words_that_a_visitor_is_not_shown_ask_for_a_login(
    client: JobClient,
) -> None:
    shown = await client.text(FORUM.topic(1))
    hidden = re.sub(
        r'(<div class="inner"[^>]*>)',
        r'\1<span style="display:inline-block" class="errorbox">You cannot view this attachment.</span>',
        shown.text,
        count=1,
    )
    assert hidden != shown.text

    with pytest.raises(LoginRequired, match="members only"):
        read_topic(SMF, Document(url=shown.url, text=hidden, content_type=""), FORUM.root)
