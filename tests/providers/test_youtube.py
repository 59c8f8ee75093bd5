"""The links of YouTube: yt-dlp's own examples are claimed, and lead it to the same video or list."""

import pytest
from yt_dlp.extractor import youtube

from gatherum.providers import find_chain

CASES = [
    case["url"]
    for name in ("YoutubeIE", "YoutubeTabIE", "YoutubePlaylistIE", "YoutubeYtBeIE")
    for case in getattr(youtube, name)._TESTS
    if case["url"].startswith("http")
]
# What yt-dlp takes as well, and what is left to it: mirrors by others, pages of one's own account, tabs
# that list no videos, albums, tags.
LEFT = (
    "invidio",
    "vid.plus",
    "zwearz",
    "/feed/",
    "/browse/",
    "/hashtag/",
    "/live",
    "/playlists",
    "/about",
    "/podcasts",
    "/releases",
    "/search",
    "/channels",
    "/posts",
    "/letsplay",
    "/course",
    "/news",
    "/NASAgovVideo",  # a name alone could be anything
    "/zsecurity",
)
OURS = [url for url in CASES if not any(part in url.partition("//")[2] for part in LEFT)]


def is_same(before: str, after: str) -> bool:
    """Whether two links lead yt-dlp to the same thing."""
    for name in ("YoutubeIE", "YoutubePlaylistIE", "YoutubeTabIE"):
        ie = getattr(youtube, name)
        if ie.suitable(after):
            wanted = ie._match_id(after).lower()
            return wanted.split("/")[-1] in before.lower()
    return False


@pytest.mark.parametrize("url", OURS)
def test_what_yt_dlp_knows_is_claimed_and_stays_what_it_is(url: str) -> None:
    provider, target = find_chain(url)[0]

    assert provider.name == "youtube.ytdlp"
    assert is_same(url, target.url), target.url


def test_most_examples_are_ours() -> None:
    assert len(OURS) > 90
    assert len(OURS) > len(CASES) * 0.6


@pytest.mark.parametrize(
    ("url", "feed", "key", "canonical"),
    [
        ("https://youtu.be/abcdefghijk?t=5", "video", "abcdefghijk", "/watch?v=abcdefghijk"),
        (
            "https://m.youtube.com/shorts/abc-efgh_jk",
            "video",
            "abc-efgh_jk",
            "/watch?v=abc-efgh_jk",
        ),
        (
            "https://www.youtube.com/watch?v=abcdefghijk&list=PLabcdefghi",
            "video",
            "abcdefghijk",
            "/watch?v=abcdefghijk",
        ),
        (
            "https://youtube.com/playlist?list=PLabcdefghi&si=x",
            "playlist",
            "PLabcdefghi",
            "/playlist?list=PLabcdefghi",
        ),
        ("https://www.youtube.com/@Some.One", "channel", "@some.one", "/@some.one"),
        ("https://www.youtube.com/@someone/featured", "channel", "@someone", "/@someone"),
        ("https://www.youtube.com/@someone/shorts", "shorts", "@someone", "/@someone/shorts"),
        (
            "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv/videos?view=0",
            "videos",
            "UCabcdefghijklmnopqrstuv",
            "/channel/UCabcdefghijklmnopqrstuv/videos",
        ),
        ("https://youtube.com/c/SomeOne", "channel", "c/someone", "/c/someone"),
    ],
)
def test_links_in_all_their_spellings(url: str, feed: str, key: str, canonical: str) -> None:
    _, target = find_chain(url)[0]

    assert (target.platform, target.feed, target.key) == ("youtube", feed, key)
    assert target.url == f"https://www.youtube.com{canonical}"
