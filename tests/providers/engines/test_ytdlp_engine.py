"""Pages with players through the real yt-dlp, and what it says of the sites it knows."""

from datetime import UTC, datetime

import pytest

from gatherum.errors import LoginRequired, Unsupported
from gatherum.model import Media, MediaKind, Page, Target, Transport
from gatherum.ports import EngineFile, Json
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.sites import site_target
from gatherum.providers.engines.ytdlp import any_page, post_of
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway
from tests.testsites.world import World

HOST = "video.example"


async def listed(client: EngineClient, path: str) -> tuple[Page, ...]:
    url = f"https://{HOST}/{path}"
    target = Target(platform="web", feed="page", key=url, url=url)
    return tuple([page async for page in any_page(target, client, None)])


async def test_a_plain_file_on_a_page_is_known_by_its_own_address(
    world: World, client: EngineClient, gateway: Gateway
) -> None:
    (page,) = await listed(client, "watch/cat")

    (post,) = page.posts
    (media,) = post.media
    assert (post.platform, post.id) == ("web", f"https://{HOST}/watch/cat")
    assert media.id == media.url == f"https://{HOST}/files/cat.mp4"
    assert (media.transport, media.kind) == (Transport.HTTP, MediaKind.VIDEO)
    assert media.headers["Referer"] == f"https://{HOST}/watch/cat"
    assert client.permits == {HOST: world.count(HOST)} == {HOST: 1}
    assert gateway.refused == []


async def test_a_stream_is_left_to_the_engine_to_bring_together(client: EngineClient) -> None:
    (page,) = await listed(client, "live/dog")

    (media,) = page.posts[0].media
    assert (media.id, media.url) == (f"https://{HOST}/live/dog_1", f"https://{HOST}/live/dog")
    assert media.transport is Transport.YTDLP


async def test_several_players_are_one_post_with_several_media(client: EngineClient) -> None:
    (page,) = await listed(client, "several")

    (post,) = page.posts
    assert [media.id for media in post.media] == [
        f"https://{HOST}/files/{name}.mp4" for name in ("one", "two", "three")
    ]


async def test_a_page_of_words_is_unsupported(world: World, client: EngineClient) -> None:
    with pytest.raises(Unsupported):
        await listed(client, "words")

    assert world.count(HOST) == 1


async def test_a_page_for_members_asks_for_a_login(world: World, client: EngineClient) -> None:
    with pytest.raises(LoginRequired):
        await listed(client, "members")

    assert world.count(HOST) == 1


def test_a_video_of_a_known_site_is_known_as_in_the_engines_own_archive() -> None:
    draft = Draft(
        meta={
            "id": "dQw4w9WgXcQ",
            "extractor_key": "Youtube",
            "title": "A song",
            "description": "From an album.",
            "upload_date": "20091025",
            "webpage_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "uploader_id": "@singer",
            "duration": 212,
        },
        files=[
            EngineFile(url="https://www.youtube.com/watch?v=dQw4w9WgXcQ", meta={"merged": True})
        ],
    )

    post = post_of(draft)

    assert post is not None
    assert (post.platform, post.id, post.author) == ("youtube", "dQw4w9WgXcQ", "@singer")
    assert post.posted_at == datetime(2009, 10, 25, tzinfo=UTC)
    assert post.caption == "A song\n\nFrom an album."
    assert post.media == (
        Media(
            id="youtube dQw4w9WgXcQ",
            url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            kind=MediaKind.VIDEO,
            transport=Transport.YTDLP,
            duration=212,
        ),
    )


def test_a_listed_entry_and_its_visit_are_the_same_media() -> None:
    listed: dict[str, Json] = {
        "id": "1",
        "ie_key": "Vimeo",
        "url": "https://vimeo.com/1",
        "listed": True,
    }
    visited: dict[str, Json] = {
        "id": "1",
        "extractor_key": "Vimeo",
        "webpage_url": "https://vimeo.com/1",
    }

    first, second = post_of(Draft(meta=listed)), post_of(Draft(meta=visited))

    assert first is not None
    assert second is not None
    assert (first.platform, first.id, first.media[0].id) == (
        second.platform,
        second.id,
        second.media[0].id,
    )


def test_a_broadcast_that_is_not_over_offers_nothing_yet() -> None:
    meta: dict[str, Json] = {"id": "1", "extractor_key": "Youtube", "url": "https://y.example/1"}

    assert post_of(Draft(meta={**meta, "live_status": "is_live"})) is None
    assert post_of(Draft(meta={**meta, "live_status": "was_live"})) is not None


def test_each_site_of_an_engine_is_a_platform_of_its_own() -> None:
    target = site_target("ytdlp", "Youtube", "https://www.youtube.com/@singer")

    assert (target.platform, target.feed) == ("youtube", "ytdlp")
    assert site_target("gallerydl", "twitter", "https://x.com/a").platform == "x"
