"""Reddit by our own way and by the real gallery-dl, before one test site: they must agree."""

import json
from collections.abc import AsyncIterator, Mapping

import pytest

from gatherum.errors import Gone, LoginRequired, SourceError, UnexpectedResponse, Withheld
from gatherum.model import MediaKind, Post, Transport
from gatherum.providers import Provider, find_chain
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from tests.providers.test_chain import Clock
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway
from tests.testsites.reddit import GIPHY, mount_reddit, reddit_id
from tests.testsites.world import Fault, World, items

HOST = "www.reddit.com"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("ann", 60)
    world.add_person("ben", 4)
    mount_reddit(world)
    async with Gateway(world) as gateway:
        yield gateway


async def listed(url: str, client: SiteClient, way: str) -> list[Post]:
    name = f"reddit.{way}"
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == name]
    return [post async for page in provider.listing(target, client, None) for post in page.posts]


ways = pytest.mark.parametrize("way", ["native", "gallerydl"])


@ways
async def test_a_user_is_listed_to_the_last_file(
    world: World, client: SiteClient, gateway: Gateway, way: str
) -> None:
    entries = world.people["ann"]

    posts = await listed("https://old.reddit.com/u/Ann", client, way)

    assert [post.id for post in posts] == [reddit_id(entry.id) for entry in entries]
    assert [post.posted_at for post in posts] == [entry.at for entry in entries]
    assert sum(len(post.media) for post in posts) == len(items(entries)) == 100
    ids = [media.id for post in posts for media in post.media]
    assert len(set(ids)) == 100
    gallery, video, image = posts[0], posts[1], posts[2]
    assert [media.id for media in gallery.media] == [str(item.id) for item in entries[0].items]
    assert [media.id for media in video.media] == [str(entries[1].items[0].id)]
    assert [media.id for media in image.media] == [f"{image.id}_1"]
    assert (video.media[0].kind, video.media[0].transport) == (MediaKind.VIDEO, Transport.YTDLP)
    assert gateway.refused == []


@pytest.mark.parametrize(
    "link",
    [
        "https://www.reddit.com/user/ann",
        "https://www.reddit.com/r/everybody",
        "https://www.reddit.com/r/mixed/new/",
        f"https://redd.it/{reddit_id(1_000_590)}",
    ],
)
async def test_both_ways_give_the_very_same_posts(
    world: World, client: SiteClient, link: str
) -> None:
    ours = await listed(link, client, "native")
    theirs = await listed(link, client, "gallerydl")

    assert ours == theirs
    assert ours
    assert world.log


@ways
async def test_odd_posts_are_told_apart(world: World, client: SiteClient, way: str) -> None:
    posts = await listed("https://www.reddit.com/r/mixed", client, way)

    rules, again, outside, removed, nulls, giphy = posts
    assert (rules.pinned, rules.media) == (True, ())
    assert [media.id for media in again.media] == ["first_1"]  # as the first submission has it
    assert (outside.media, outside.links) == ((), ("https://elsewhere.example/a.jpg",))
    assert (removed.removed, removed.media) == (True, ())
    assert (nulls.id, nulls.media, nulls.links) == ("nulls", (), ())
    assert [(media.id, media.url) for media in giphy.media] == [("giphy|3o7btY", GIPHY)]
    assert world.count(HOST) == 1


def gallery(data: Mapping[str, object]) -> Fault:
    """Return a listing of one gallery, whose `gallery_data` is `data`."""
    known = {"s": {"u": "https://preview.redd.it/b.jpg?width=320"}}
    told = {
        "id": "walks",
        "created_utc": 1_700_000_000,
        "url": "https://www.reddit.com/gallery/walks",
        "gallery_data": data,
        "media_metadata": {"b": known, "a": known},
    }
    answer = {"data": {"after": None, "children": [{"kind": "t3", "data": told}]}}
    return Fault(status=200, body=json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"items": [{"media_id": "a"}, {"media_id": "b"}]}, ["a", "b"]),
        ({"items": None}, ["b", "a"]),
    ],
    ids=["in order", "null"],
)
async def test_a_gallery_without_an_order_is_shown_as_its_media_are_told(
    world: World, client: SiteClient, data: Mapping[str, object], found: list[str]
) -> None:
    world.plant(HOST, gallery(data))

    [post] = await listed("https://www.reddit.com/user/ann", client, "native")

    assert [media.id for media in post.media] == found


async def test_a_gallery_in_an_unknown_form_is_no_post_without_media(
    world: World, client: SiteClient
) -> None:
    world.plant(HOST, gallery({"pieces": [{"media_id": "a"}]}))

    with pytest.raises(UnexpectedResponse):
        await listed("https://www.reddit.com/user/ann", client, "native")


@pytest.mark.parametrize(
    ("link", "error", "words"),
    [
        ("/r/hidden", LoginRequired, "private"),
        ("/r/fenced", LoginRequired, "quarantined"),
        ("/r/forbidden", Gone, "banned"),
        ("/r/nosuchplace", Gone, "no such subreddit"),
        ("/user/nobody", Gone, "nothing"),
        ("/user/suspended", Withheld, "suspended"),
        ("/user/shy", LoginRequired, "visitors"),
        ("/comments/zzzzzz", Gone, "nothing"),
    ],
)
async def test_reddit_says_why_it_shows_nothing(
    world: World, client: SiteClient, link: str, error: type[SourceError], words: str
) -> None:
    with pytest.raises(error, match=words):
        await listed(f"https://www.reddit.com{link}", client, "native")

    assert world.log[-1].status in {200, 403, 404}


async def test_when_our_way_breaks_the_other_brings_every_file_once(
    world: World, client: SiteClient
) -> None:
    world.plant(HOST, Fault(path="submitted"), Fault(status=200, body=b"{}", path="submitted"))
    ((first, target), *_) = find_chain("https://www.reddit.com/user/ann")
    assert isinstance(first, Provider)

    pages = [
        (name, post)
        async for name, page in Chain(Breakers(Clock())).pages(target, client)
        for post in page.posts
    ]

    assert {name for name, _ in pages} == {"reddit.native", "reddit.gallerydl"}
    ids = {(post.platform, post.host, media.id) for _, post in pages for media in post.media}
    assert len(ids) == len(items(world.people["ann"]))


@pytest.mark.parametrize("host", ["rxddit.com", "www.rxddit.com", "vxreddit.com"])
def test_a_submission_is_the_same_at_a_host_that_shows_it_to_others(host: str) -> None:
    path = "r/cats/comments/1abc/x/"

    assert find_chain(f"https://{host}/{path}") == find_chain(f"https://www.reddit.com/{path}")
