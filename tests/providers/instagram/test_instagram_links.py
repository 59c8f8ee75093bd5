"""The links of Instagram in all their spellings, and its numbers."""

import pytest
from yt_dlp.extractor.instagram import InstagramIE, InstagramStoryIE, InstagramUserIE

from gatherum.providers import all_providers, find_chain, find_targets
from gatherum.providers.instagram.ids import pk_of, shortcode_of
from tests.testsites.instagram_ids import shortcode

ROOT = "https://www.instagram.com"
CODE = "DPl0KhTj0Jy"


@pytest.mark.parametrize(
    ("link", "feed", "key"),
    [
        ("https://instagram.com/Ann", "user", "ann"),
        ("http://www.instagram.com/ann/?hl=de", "user", "ann"),
        ("https://m.instagram.com/ann/", "user", "ann"),
        ("https://www.instagram.com/_u/ann", "user", "ann"),
        ("https://www.instagram.com/ann/posts/", "user", "ann"),
        ("https://www.instagram.com/ann/profilecard/?igsh=x", "user", "ann"),
        ("https://www.instagram.com/p.ann/", "user", "p.ann"),
        ("https://www.instagram.com/reelsofann/", "user", "reelsofann"),
        ("https://www.instagram.com/ann/reels/", "reels", "ann"),
        ("https://www.instagram.com/ann/tagged", "tagged", "ann"),
        ("https://www.instagram.com/ann/highlights/", "highlights", "ann"),
        ("https://www.instagram.com/ann/avatar/", "avatar", "ann"),
        ("https://www.instagram.com/ann/saved/all-posts/", "saved", "ann"),
        ("https://www.instagram.com/ann/saved/flowers-x/1790123/", "collection", "1790123"),
        ("https://www.instagram.com/stories/ann?utm=1", "stories", "ann"),
        ("https://www.instagram.com/stories/Ann/374/", "story", "ann/374"),
        ("https://www.instagram.com/stories/highlights/1790123/", "highlight", "1790123"),
        (
            "https://www.instagram.com/s/aGlnaGxpZ2h0OjE3OTAxMjM?story_media_id=1_2",
            "highlight",
            "1790123",
        ),
        (f"https://instagr.am/p/{CODE}", "post", CODE),
        (f"https://www.instagram.com/reel/{CODE}/?igsh=x", "post", CODE),
        (f"https://www.instagram.com/reels/{CODE}/", "post", CODE),
        (f"https://www.instagram.com/tv/{CODE}/", "post", CODE),
        (f"https://www.instagram.com/Ann/p/{CODE}/?img_index=2", "post", CODE),
        (f"https://www.instagram.com/p/{CODE}/embed/captioned/", "post", CODE),
        (f"https://www.instagram.com/p/{CODE}{'x' * 28}/", "post", CODE),
        (f"https://www.ddinstagram.com/reel/{CODE}/", "post", CODE),
        (f"https://d.ddinstagram.com/p/{CODE}/", "post", CODE),
        (f"https://kkinstagram.com/reel/{CODE}/?igsh=x", "post", CODE),
        (f"https://vxinstagram.com/p/{CODE}/", "post", CODE),
        ("https://www.instagram.com/share/reel/BAx_y/", "share", "BAx_y"),
        ("https://instagram.com/share/BAx_y", "share", "BAx_y"),
    ],
)
def test_a_link_is_claimed_as_what_it_leads_to(link: str, feed: str, key: str) -> None:
    [(provider, target)] = find_targets(link)

    assert (provider.name, target.platform) == ("instagram.gallerydl", "instagram")
    assert (target.feed, target.key) == (feed, key)
    assert target.url.startswith(ROOT)
    [(_, again)] = find_targets(target.url)
    assert (again.feed, again.key, again.url) == (feed, key, target.url)


@pytest.mark.parametrize(
    "link",
    [
        "/",
        "/explore/",
        "/explore/tags/cats/",
        "/accounts/login/",
        "/reels/",
        "/reels/audio/123456/",
        "/direct/inbox/",
        "/stories/me/",
        "/about/jobs/",
        "/s/aGlnaGxpZ2h0/",
    ],
)
def test_pages_that_are_nobodys_are_not_claimed(link: str) -> None:
    assert [step for step in find_targets(ROOT + link) if step[1].platform == "instagram"] == []


def test_look_alikes_are_not_claimed() -> None:
    links = ["https://notinstagram.com/ann/", "https://instagram.com.example/ann/"]

    assert [one for link in links for one, _ in find_targets(link)] == []


@pytest.mark.parametrize(
    ("cases", "feeds"),
    [
        (InstagramIE._TESTS, {"post"}),
        (InstagramUserIE._TESTS, {"user"}),
        (InstagramStoryIE._TESTS, {"highlight", "stories", "story"}),
    ],
)
def test_the_links_that_yt_dlp_is_tried_with_are_claimed(
    cases: list[dict[str, object]], feeds: set[str]
) -> None:
    links = [str(case["url"]) for case in cases]

    found = [find_targets(link) for link in links]

    assert [len(claims) for claims in found] == [1] * len(links)
    assert {claims[0][1].feed for claims in found} == feeds


def test_each_example_leads_to_its_own_feed() -> None:
    names = {"instagram.gallerydl", "instagram.ytdlp"}
    own = [one for one in all_providers() if one.name in names]

    assert len(own) == 15
    for provider in own:
        chain = find_chain(provider.example)
        assert (provider.name, provider.feed) in {(one.name, one.feed) for one, _ in chain}
        assert {target.feed for _, target in chain} == {provider.feed}


@pytest.mark.parametrize(
    ("code", "pk"),
    [
        ("B", "1"),
        ("BA", "64"),
        ("aye83DjauH", "482584233761418119"),  # as yt-dlp is tried with it
        (f"aye83DjauH{'z' * 28}", "482584233761418119"),
    ],
)
def test_a_shortcode_is_a_number(code: str, pk: str) -> None:
    assert pk_of(code) == pk


@pytest.mark.parametrize("pk", ["1", "63", "64", "482584233761418119", "3740349262707245931"])
def test_a_number_is_a_shortcode_and_back(pk: str) -> None:
    assert shortcode_of(pk) == shortcode(pk)
    assert pk_of(shortcode_of(pk)) == pk


@pytest.mark.parametrize("code", ["", "a b", "é", "a/b", "a" * 65])
def test_what_is_no_shortcode_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="shortcode"):
        pk_of(code)


@pytest.mark.parametrize("pk", ["", "-1", "1.5", "x", "٣"])
def test_what_is_no_number_is_refused(pk: str) -> None:
    with pytest.raises(ValueError, match="number"):
        shortcode_of(pk)
