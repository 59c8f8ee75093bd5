import pytest

from gatherum.errors import UnexpectedResponse, Unreadable
from gatherum.model import MediaKind, Page, Post, Target, Transport
from gatherum.providers.feed import entries
from tests.providers.replay import Exchange, ReplayClient

URL = "https://feeds.example/main.rss"
TARGET = Target(platform="feed", feed="entries", key=URL, url=URL, host="feeds.example")
ITEM = "<item><guid>1</guid><title>{}</title><enclosure url='/1.mp3' type='audio/mpeg'/></item>"


def rss(items: str, channel: str = "", doctype: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="iso-8859-1"?>{doctype}<rss version="2.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Feed</title>{channel}{items}</channel></rss>"
    )


async def pages(**texts: str) -> list[Page]:
    exchanges = [
        Exchange(url=URL + name.replace("main", ""), body=text.split("\n"))
        for name, text in texts.items()
    ]
    return [page async for page in entries(TARGET, ReplayClient(exchanges), None)]


async def posts(text: str) -> tuple[Post, ...]:
    (page,) = await pages(main=text)
    return page.posts


async def test_atom_is_read() -> None:
    (post,) = await posts(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><title>T</title>'
        "<author><name>Ann</name></author><entry><id>tag:1</id><title>One</title>"
        '<link href="one"/><link rel="enclosure" href="one.jpg" type="image/jpeg" length="12"/>'
        "<updated>2025-10-09T10:00:00+02:00</updated></entry></feed>"
    )

    assert (post.id, post.url, post.author) == ("tag:1", "https://feeds.example/blog/one", "Ann")
    assert str(post.posted_at) == "2025-10-09 08:00:00+00:00"
    assert [(m.id, m.url, m.size) for m in post.media] == [
        ("tag:1", "https://feeds.example/blog/one.jpg", None)  # feeds lie about lengths
    ]


async def test_a_json_feed_is_read_page_by_page() -> None:
    first, second = await pages(
        main='{"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "Ann"}],'
        '"next_url": "/main.rss2", "items": [{"id": 7, "url": "/7", "content_html":'
        '"<p>Hi <img src=\\"7.jpg\\"></p>", "date_published": "2025-10-09T10:00:00+02:00"}]}',
        main2='{"version": "https://jsonfeed.org/version/1", "items": [{"id": "6", "attachments":'
        '[{"url": "/6.m4a", "mime_type": "audio/mp4", "duration_in_seconds": 9},'
        '{"url": "/6.zip", "mime_type": "application/zip"}]}, {"id": "5", "image": "/5.png"}]}',
    )

    assert (first.posts[0].id, first.posts[0].author) == ("7", "Ann")
    assert first.posts[0].caption == "Hi"
    assert [media.url for media in first.posts[0].media] == ["https://feeds.example/7.jpg"]
    assert [[media.id for media in post.media] for post in second.posts] == [["6"], ["5"]]
    assert second.posts[0].media[0].duration == 9


@pytest.mark.parametrize(
    ("guid", "known_as"),
    [
        ("<guid>7</guid>", "7"),
        ('<guid isPermaLink="true">walks/7</guid>', "walks/7"),
        ("<guid><![CDATA[ 7 ]]></guid>", "7"),
        ("<guid>https://a.example/7</guid>", "https://a.example/7"),
        ("<guid>urn:uuid:7</guid>", "urn:uuid:7"),
    ],
)
async def test_an_entry_is_known_by_its_guid_as_it_is_written(guid: str, known_as: str) -> None:
    (post,) = await posts(rss(f"<item>{guid}<enclosure url='/1.mp3'/></item>"))

    assert (post.id, post.media[0].id) == (known_as, known_as)


async def test_text_is_read_as_the_client_decoded_it() -> None:
    (post,) = await posts(rss(ITEM.format("Žluťoučký 🐎")))

    assert post.caption == "Žluťoučký 🐎"


async def test_markup_of_a_stranger_becomes_plain_words() -> None:
    text = "<![CDATA[<b>Cats</b> &amp; <script>alert(1)</script>dogs<img src=x onerror=alert(1)>]]>"

    (post,) = await posts(rss(f"<item><guid>1</guid><description>{text}</description></item>"))

    assert post.caption == "Cats & dogs"


@pytest.mark.parametrize(
    "entity", ["file:///etc/passwd", "http://127.0.0.1:1/secret", "php://filter/resource=x"]
)
async def test_a_feed_cannot_read_files_or_addresses(entity: str) -> None:
    doctype = f'<!DOCTYPE rss [<!ENTITY leak SYSTEM "{entity}">]>'

    with pytest.raises(Unreadable, match="stand for others"):
        await posts(rss(ITEM.format("before &leak; after"), doctype=doctype))


async def test_a_feed_cannot_swell_in_memory() -> None:
    lines = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    doctype = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{"".join(lines)}]>'

    with pytest.raises(Unreadable, match="stand for others"):
        await posts(rss(ITEM.format("&a11;"), doctype=doctype))


async def test_a_word_that_a_feed_declares_for_a_sign_is_read() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>'

    (post,) = await posts(rss(ITEM.format("before&nbsp;after"), doctype=doctype))

    assert post.caption.split() == ["before", "after"]


async def test_text_that_looks_like_an_address_is_never_followed() -> None:
    for text in ("http://127.0.0.1:1/feed.xml", "/etc/passwd", "file:///etc/passwd"):
        with pytest.raises(UnexpectedResponse):
            await posts(text)


async def test_a_title_that_is_the_text_as_well_is_told_once() -> None:
    item = "<item><guid>1</guid><title>{}</title><description>Calm seas</description></item>"

    same, other = await posts(rss(item.format("Calm seas") + item.format("Calm")))

    assert (same.caption, other.caption) == ("Calm seas", "Calm\n\nCalm seas")


async def test_an_empty_feed_is_an_empty_page() -> None:
    assert await posts(rss("")) == ()


async def test_pages_that_lead_in_a_circle_end() -> None:
    link = '<atom:link rel="next" href="main.rss{}"/>'

    found = await pages(
        main=rss(ITEM.format("1"), link.format("2")), main2=rss("", link.format(""))
    )

    assert [page.cursor for page in found] == [f"{URL}2", None]


async def test_a_listing_goes_on_at_its_cursor() -> None:
    client = ReplayClient([Exchange(url=f"{URL}2", body=[rss(ITEM.format("old"))])])

    (page,) = [page async for page in entries(TARGET, client, f"{URL}2")]

    assert (page.posts[0].caption, client.asked) == ("old", [f"{URL}2"])


async def test_a_thumbnail_is_only_taken_if_there_is_nothing_else() -> None:
    small = '<media:thumbnail url="/small.jpg"/>'
    large = '<media:content url="/large.jpg" medium="image" width="9" height="8"/>'

    both, alone = await posts(
        rss(f"<item><guid>1</guid>{small}{large}</item><item><guid>2</guid>{small}</item>")
    )

    assert [(m.url[-9:], m.kind, m.width, m.height) for m in both.media] == [
        ("large.jpg", MediaKind.IMAGE, 9, 8)
    ]
    assert [media.id for media in alone.media] == ["2"]


async def test_an_entry_without_an_id_is_known_by_its_link() -> None:
    (post,) = await posts(
        rss(
            "<item><link>https://a.example/1</link><enclosure url='/l.m3u8' type='video/x'/></item>"
        )
    )

    assert (post.id, post.media[0].id) == ("https://a.example/1", "https://a.example/1")
    assert post.media[0].transport is Transport.YTDLP


async def test_a_broken_end_does_not_hide_the_entries_before_it() -> None:
    found = await posts(rss(ITEM.format("whole"))[: -len("</channel></rss>")] + "<item><gui")

    assert found[0].caption == "whole"
