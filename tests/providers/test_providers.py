"""What every native provider promises, shown by its recorded fixture."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatherum import providers
from gatherum.errors import UnexpectedResponse, Unsupported
from gatherum.model import Post
from gatherum.ports import Json
from gatherum.providers import (
    Provider,
    all_providers,
    find_chain,
    find_targets,
    get_chain,
    normalise,
)
from gatherum.providers.engines import mastodon
from gatherum.providers.engines.readers import find_reader
from gatherum.providers.recognise import recognise
from tests.providers.replay import DATA, Exchange, Expected, Fixture, ReplayClient, read_fixture

NATIVE = [one for one in all_providers() if one.name.endswith(".native")]
NAMES = [f"{one.platform}.{one.feed}" for one in NATIVE]
each = pytest.mark.parametrize("provider", NATIVE, ids=NAMES)
# TikTok shows what has a tag or a sound in an order of its own, which is not that of time.
ORDERED = [
    one
    for one in NATIVE
    if (one.platform, one.feed) not in {("tiktok", "tag"), ("tiktok", "sound")}
]


async def listed(provider: Provider, url: str, client: ReplayClient) -> list[Post]:
    target = provider.find(normalise(url))
    if target is None:
        assert provider.needs.probe, f"{url} is not claimed by {provider.name}"
        target = await recognise(url, client)
    return [post async for page in provider.listing(target, client, None) for post in page.posts]


def expected(post: Post) -> Expected:
    return Expected(
        id=post.id,
        url=post.url,
        author=post.author,
        posted_at=post.posted_at and post.posted_at.isoformat(),
        media=[f"{media.id} {media.transport} {media.url}" for media in post.media],
        links=list(post.links),
        pinned=post.pinned,
        removed=post.removed,
    )


def changed(body: Json) -> Json:
    """Return a JSON body after a redesign: every name is another one."""
    if isinstance(body, dict):
        return {f"new_{name}": changed(value) for name, value in body.items()}
    if isinstance(body, Sequence) and not isinstance(body, str):
        return [changed(value) for value in body]
    return body


@each
def test_a_provider_has_a_fixture(provider: Provider) -> None:
    assert (DATA / f"{provider.platform}.{provider.feed}.json").exists()


def test_every_fixture_has_its_provider() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == set(NAMES)


@each
async def test_it_lists_the_recorded_posts(provider: Provider) -> None:
    fixture = read_fixture(provider.platform, provider.feed)

    posts = await listed(provider, fixture.url, ReplayClient(fixture.exchanges))

    assert [expected(post) for post in posts] == fixture.posts
    assert {post.platform for post in posts} == {provider.platform}


@pytest.mark.parametrize("provider", ORDERED, ids=lambda one: f"{one.platform}.{one.feed}")
async def test_it_lists_newest_first(provider: Provider) -> None:
    fixture = read_fixture(provider.platform, provider.feed)

    posts = await listed(provider, fixture.url, ReplayClient(fixture.exchanges))

    dates = [
        post.posted_at or datetime.min.replace(tzinfo=UTC) for post in posts if not post.pinned
    ]
    assert dates == sorted(dates, reverse=True)


@each
async def test_no_media_is_listed_under_two_ids(provider: Provider) -> None:
    fixture = read_fixture(provider.platform, provider.feed)

    posts = await listed(provider, fixture.url, ReplayClient(fixture.exchanges))

    ids = {media.url: media.id for post in posts for media in post.media}
    assert all(ids[media.url] == media.id for post in posts for media in post.media)


@each
def test_its_example_is_claimed_by_its_own_chain_first(provider: Provider) -> None:
    if provider.needs.probe:
        assert provider.find(provider.example) is None  # a link alone does not say what it is
        return
    claims = find_targets(provider.example)

    assert [one.name for one, _ in claims if one is provider] == [provider.name]
    assert (claims[0][1].platform, claims[0][1].feed) == (provider.platform, provider.feed)


@each
def test_its_canonical_link_leads_back_to_the_same_target(provider: Provider) -> None:
    target = provider.find(provider.example)
    if target is None:
        assert provider.needs.probe
        return

    assert provider.find(target.url) == target
    assert (provider, target) in get_chain(target)


@each
async def test_a_changed_page_is_an_error_and_no_empty_list(provider: Provider) -> None:
    fixture = read_fixture(provider.platform, provider.feed)
    redesigned = [
        exchange.model_copy(update={"body": changed(exchange.body)})
        if exchange.content_type == "application/json"
        else exchange.model_copy(update={"body": ["<html><p>All is new here."]})
        for exchange in fixture.exchanges
    ]
    target = provider.find(normalise(fixture.url)) or await recognise(
        fixture.url, ReplayClient(fixture.exchanges)
    )
    if not redesigned:
        assert provider.platform == "direct"  # it asks nothing
        return

    with pytest.raises((UnexpectedResponse, Unsupported)) as caught:
        [page async for page in provider.listing(target, ReplayClient(redesigned), None)]

    # A page that anybody wrote has no form to change: it holds media or it does not.
    assert (caught.type is Unsupported) == (provider.platform == "web")


MODULE = '''
"""A diary, through its JSON."""

from pydantic import BaseModel

from gatherum.model import Media, Page, Post
from gatherum.providers import provider


class Day(BaseModel):
    id: str
    picture: str


class Diary(BaseModel):
    days: list[Day]


@provider(
    platform="diary",
    feed="days",
    pattern=r"https://diary\\.example/(?P<name>\\w+)",
    example="https://diary.example/ann",
)
async def days(target, client, cursor):
    diary = await client.get(f"https://api.diary.example/{target['name']}", Diary)
    yield Page(posts=tuple(_post(day) for day in diary.days), cursor=None)


def _post(day):
    media = (Media(id=day.id, url=day.picture),)
    return Post(platform="diary", id=day.id, url="https://diary.example/", media=media)
'''
FIXTURE = """{"url": "https://diary.example/ann/", "exchanges": [{
"url": "https://api.diary.example/ann", "body": {"days": [{"id": "1", "picture": "https://d.example/1"}]}
}], "posts": [{"id": "1", "url": "https://diary.example/", "media": ["1 http https://d.example/1"]}]}"""


async def test_two_files_are_a_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diary.py").write_text(MODULE)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    monkeypatch.setattr(providers, "_providers", dict(providers._providers))
    providers._discover.cache_clear()

    [(found, target)] = get_chain(find_targets("https://diary.example/ann/")[0][1])
    fixture = Fixture.model_validate_json(FIXTURE)
    posts = await listed(found, fixture.url, ReplayClient(fixture.exchanges))

    assert (found.name, target.key) == ("diary.native", "ann")
    assert [expected(post) for post in posts] == fixture.posts


async def test_a_request_that_was_not_recorded_fails_the_test() -> None:
    client = ReplayClient([Exchange(url="https://a.example/", body=["x"])])

    with pytest.raises(AssertionError):
        await client.text("https://b.example/")


def test_a_platform_reads_its_own_posts_whichever_link_led_an_engine_to_them() -> None:
    all_providers()

    assert find_reader("gallerydl", {"category": "pawoo", "basecategory": "mastodon"}) is (
        mastodon.post_of
    )
    assert find_reader("gallerydl", {"category": "someoneelse"}) is None
    assert find_reader("ytdlp", {"category": "reddit"}) is None


def test_a_further_way_claims_no_link_and_stands_behind_the_first() -> None:
    chain = find_chain("https://www.reddit.com/r/pics/")

    assert [(one.name, one.find(target.url) is None) for one, target in chain] == [
        ("reddit.native", False),
        ("reddit.gallerydl", True),
    ]
