"""A hostile page costs its own link and nothing else: it is told as corrupt, and good links go on."""

import gzip
from collections.abc import Callable

import pytest

from tests.e2e.program import Gatherum
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg

HTML, XML, JSON = "text/html; charset=utf-8", "application/rss+xml", "application/feed+json"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>'
BOMBS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "20 MB of div": ("/", HTML, lambda: b"<div>" * 4_000_000),
    "12 MB of div": ("/", HTML, lambda: b"<!doctype html>" + b"<div>" * 2_400_000),
    "a million attributes": ("/", HTML, lambda: b"<div " + b"a " * 1_000_000 + b">"),
    "a hundred million characters": ("/", HTML, lambda: b'<div a="' + b"x" * 100_000_000 + b'">'),
    "five million items": ("/feed.xml", XML, lambda: RSS.encode() + b"<item/>" * 4_000_000),
    "deep JSON": (
        "/feed.json",
        JSON,
        lambda: (
            b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":' + b"[" * 200_000
        ),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_corrupt_and_the_next_link_is_had_at_once(
    name: str, program: Gatherum, site: FaultySite
) -> None:
    path, content_type, make = BOMBS[name]
    bomb = site.put(path, make(), content_type=content_type)
    good = site.put("/good.jpg", jpeg("good"))

    ran = program.get(bomb)
    after = program.get(good)

    (told,) = ran.links
    assert (ran.code, told.state, told.reason) == (1, "failed", "corrupt"), ran.out
    assert ran.seconds < 60  # it was three minutes, on a machine with nothing else to do
    assert after.counts == (1, 0, 0, 0)


def test_a_page_that_unpacks_to_gigabytes_is_corrupt(program: Gatherum, site: FaultySite) -> None:
    packed = gzip.compress(b"x" * 200_000_000)
    link = site.offer(
        "/", Offer(body=packed, content_type=HTML, headers={"Content-Encoding": "gzip"})
    )

    ran = program.get(link)

    assert [(told.state, told.reason) for told in ran.links] == [("failed", "corrupt")]
