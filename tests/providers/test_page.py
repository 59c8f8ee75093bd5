import time

import pytest

from gatherum.errors import Unreadable, Unsupported
from gatherum.model import MediaKind, Target, Transport
from gatherum.providers.page import content_of, media_of, page
from tests.providers.replay import Exchange, ReplayClient

BASE = "http://host.example/gallery/"


def urls(html: str, base: str = BASE) -> list[str]:
    return [file.url.removeprefix(BASE) for file in content_of(html, base).files]


def test_a_folder_listing_gives_every_file_once() -> None:
    apache = (
        '<html><head><title>Index of /gallery</title></head><body><h1>Index of /gallery</h1><table>'
        '<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>'
        '<tr><td><img src="/icons/back.gif" alt="[PARENTDIR]" width="20"></td>'
        '<td><a href="/">Parent Directory</a></td></tr>'
        '<tr><td><a href="a%20b.jpg"><img src="/icons/image2.gif" width="20" height="22"></a></td>'
        '<td><a href="a%20b.jpg">a b.jpg</a></td></tr>'
        '<tr><td><a href="clip.mp4">clip.mp4</a></td></tr><tr><td><a href="more/">more/</a></td></tr>'
        '<tr><td><a href="notes.txt">notes.txt</a></td></tr></table></body></html>'
    )  # fmt: skip
    python = (
        '<!DOCTYPE HTML><html lang="en"><body><h1>Directory listing for /gallery/</h1><hr><ul>'
        '<li><a href="a%20b.jpg">a b.jpg</a></li><li><a href="clip.mp4">clip.mp4</a></li>'
        '<li><a href="more/">more/</a></li></ul></body></html>'
    )  # fmt: skip

    assert urls(apache) == urls(python) == ["a%20b.jpg", "clip.mp4"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="a.jpg"><img src="./a.jpg#x">', ["a.jpg"]),
        ('<a href="full.jpg"><span><img src="small.jpg"></span></a>', ["full.jpg"]),
        ('<a href="detail.html"><img src="small.jpg"></a>', ["small.jpg"]),
        ('<a href="/wiki/File:Cat.jpg"><img src="cat.jpg"></a>', ["cat.jpg"]),
        ('<img src="x.gif" data-src="real.jpg"><noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        ('<img data-srcset="a.jpg 1x, b.jpg 2x" src="x.gif">', ["b.jpg"]),
        ('<img srcset="a,1.jpg 100w,b,2.jpg 300w, c.jpg 200w">', ["b,2.jpg"]),
        ('<img srcset="data:image/gif;base64,AA 1x" src="a.jpg">', ["a.jpg"]),
        ('<img srcset="  ,  " src="a.jpg">', ["a.jpg"]),
        ('<img src="i.jpg" width="99" height="500">', []),
        ('<img src="i.jpg" width="100" height="100">', ["i.jpg"]),
        ('<img src="i.jpg" width="100%">', ["i.jpg"]),
        ("<img><img src><img src=''><a href>x</a><video></video><iframe src></iframe>", []),
        ('<img src="/image?id=7">', ["http://host.example/image?id=7"]),
        ('<video src="a.mp4"><source src="b.webm"></video>', ["a.mp4"]),
        ('<video><source src="a.webm"><source src="a.mp4"></video>', ["a.webm"]),
        ('<script>"<img src=a.jpg>"</script><!-- <img src="b.jpg"> -->', []),
        ('<img src="https://www.facebook.com/tr?id=1"><img src="/1x1.gif">', []),
    ],
)  # fmt: skip
def test_what_counts_as_content(html: str, expected: list[str]) -> None:
    assert urls(html) == expected


def test_what_a_page_announces_counts_only_if_it_shows_nothing() -> None:
    head = (
        '<meta property="og:image" content="/a.jpg"><meta property="og:image" content="/b.jpg">'
        '<meta property="og:video" content="/player/7">'
    )
    video = head + '<meta property="og:video" content="/v.mp4">'

    assert urls(head) == ["http://host.example/a.jpg", "http://host.example/b.jpg"]
    assert urls(video) == ["http://host.example/v.mp4"]
    assert urls(head + '<img src="c.jpg">') == ["c.jpg"]


def test_one_picture_on_two_pages_is_one_media() -> None:
    one = media_of(content_of('<img src="/a.jpg">', "https://a.example/1").files)
    two = media_of(content_of('<img src="../a.jpg">', "https://a.example/x/2").files)

    assert one == two
    assert (one[0].kind, one[0].filename) == (MediaKind.IMAGE, "a.jpg")


def test_a_stream_is_left_to_the_engine() -> None:
    (media,) = media_of(content_of('<video src="live.m3u8">', BASE).files)

    assert (media.kind, media.transport) == (MediaKind.VIDEO, Transport.YTDLP)


async def test_a_page_without_media_says_so() -> None:
    url = "https://host.example/"
    client = ReplayClient([Exchange(url=url, body=["<p>Only words"])])
    target = Target(platform="web", feed="page", key=url, url=url)

    with pytest.raises(Unsupported, match="No picture"):
        [one async for one in page(target, client, None)]


@pytest.mark.parametrize(
    "html",
    [
        f'<img srcset="{"a" * 500_000}, {"b " * 100_000}" src="a.jpg">',
        f'<img src="a.jpg" data-srcset="{" 1" * 200_000}w,">',
        '<a href="a.jpg">x</a>' * 20_000,
    ],
)
def test_a_hostile_page_takes_no_long_time(html: str) -> None:
    began = time.process_time()

    content_of(html, BASE)

    assert time.process_time() - began < 5


def test_a_page_that_is_nested_without_end_is_not_read() -> None:
    with pytest.raises(Unreadable, match="too deeply nested"):
        content_of("<div>" * 20_000 + '<img src="a.jpg">' * 20_000, BASE)
