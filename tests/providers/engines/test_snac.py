"""The whole way to a real server of other people's making: snac2, through the real gallery-dl."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatherum.errors import Gone
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Post, Target
from gatherum.ports import Listing, Probe
from gatherum.providers.engines.mastodon import status, user
from gatherum.providers.recognise import classify
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from tests.testsites.engines import EngineClient
from tests.testsites.media import jpeg, mp4
from tests.testsites.snac import Missing, Snac, running_snac

NOTES = 6
pytestmark = pytest.mark.snac


@pytest.fixture(scope="module")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    folder = tmp_path_factory.mktemp("snac")
    try:
        with running_snac(folder) as snac:
            for number in range(NOTES):
                picture, clip = folder / f"{number}.jpg", folder / f"{number}.mp4"
                picture.write_bytes(jpeg(f"snac {number}"))
                clip.write_bytes(mp4("snac"))
                snac.note(f"Note {number}", [picture, clip] if number % 2 else [picture])
            snac.note("Only words")
            yield snac
    except Missing as missing:
        pytest.skip(str(missing))


async def listed(snac: Snac, name: str, scratch: Path) -> list[Post]:
    url = f"http://{snac.host}/@{name}"
    target = Target(platform="mastodon", feed="user", key=f"@{name}", url=url, host=snac.host)
    return await listed_at(target, user, scratch)


async def listed_at(target: Target, listing: Listing, scratch: Path) -> list[Post]:
    policy = Policy.from_names(("127.0.0.1/32",))
    async with Egress(policy) as egress, EnginePool(scratch, egress=egress) as pool:
        client = EngineClient(pool)
        return [post async for page in listing(target, client, None) for post in page.posts]


async def test_every_note_and_every_file_of_a_real_server_is_listed(
    snac: Snac, tmp_path: Path
) -> None:
    posts = await listed(snac, snac.user, tmp_path)

    withmedia = [post for post in posts if post.media]
    assert [post.caption.split("\n")[0] for post in withmedia] == [
        f"Note {number}" for number in reversed(range(NOTES))
    ]
    assert [len(post.media) for post in withmedia] == [2, 1, 2, 1, 2, 1]
    ids = [media.id for post in withmedia for media in post.media]
    assert len(set(ids)) == len(ids) == 9
    assert {post.host for post in posts} == {snac.host}
    assert all(post.posted_at for post in posts)


async def test_the_files_behind_it_are_the_very_bytes(snac: Snac, tmp_path: Path) -> None:
    posts = await listed(snac, snac.user, tmp_path)
    newest = next(post for post in posts if post.media)

    for media, body in zip(newest.media, (jpeg(f"snac {NOTES - 1}"), mp4("snac")), strict=True):
        assert await asyncio.to_thread(_get, media.url) == body


async def test_the_link_of_a_post_leads_to_its_files_and_an_edit_makes_no_second_post(
    snac: Snac, tmp_path: Path
) -> None:
    before = next(post for post in await listed(snac, snac.user, tmp_path) if post.media)

    snac.rewrite(before.url, before.caption, "Said otherwise")
    after = next(post for post in await listed(snac, snac.user, tmp_path) if post.media)
    page = Probe(url=before.url, status=200, content_type="text/html", head=_get(before.url))
    alone = await listed_at(classify(before.url, page), status, tmp_path)

    assert (after.id, after.caption) == (before.id, "Said otherwise")
    assert alone == [after]


async def test_an_account_that_a_real_server_does_not_have_is_gone(
    snac: Snac, tmp_path: Path
) -> None:
    with pytest.raises(Gone):
        await listed(snac, "nobody", tmp_path)


def _get(url: str) -> bytes:
    import urllib.request  # noqa: PLC0415

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return bytes(answer.read())
