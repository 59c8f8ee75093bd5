"""YouTube through yt-dlp: one video, a playlist, a channel as a whole or one kind of its videos.

A post is a video, whichever link led to it. A link to a video that was opened from a playlist is the
video; the playlist has a link of its own. Lists say little of their videos: what is new among them
is looked at one by one, on its own page.
"""

from gatherum.model import Target
from gatherum.ports import Listing
from gatherum.providers import Finder, Needs, Provider, pattern_finder, register
from gatherum.providers.engines.readers import listing_by
from gatherum.providers.youtube.listings import everything, explained, in_few_words
from gatherum.providers.youtube.posts import post_of
from gatherum.providers.youtube.watch import ROOT

SITE = r"https?://(?:www\.|m\.|music\.)?(?:youtube\.com|youtubekids\.com)"
EMBED = r"https?://(?:www\.)?youtube(?:-nocookie)?\.com"
ID = r"(?P<id>[\w-]{11})"
LIST = r"(?P<list>[A-Za-z0-9][\w-]{1,63})"
WATCH = rf"{SITE}/watch(?:_popup)?/?\?(?:.*[&;])?v={ID}(?:&.*)?"
PATHS = rf"{SITE}/(?:shorts|live|v|watch)/{ID}(?:/.*)?"
EMBEDDED = rf"{EMBED}/embed/(?!videoseries|live_stream){ID}"
SHORT = rf"https?://youtu\.be/{ID}"
NUMBERED = r"/channel/(?P<channel>UC[\w-]{22})"  # the only lasting name, in exact letters
NAMED = r"/(?P<channel>@[^/?#]+|(?:c|user)/[^/?#]+)"
TABS = {"videos": "/videos", "shorts": "/shorts", "streams": "/streams"}


def _any_of(*finders: Finder) -> Finder:
    def find(url: str) -> Target | None:
        return next((found for finder in finders if (found := finder(url))), None)

    return find


def _channel(feed: str, tab: str, path: str) -> Finder:
    return _any_of(
        pattern_finder(
            SITE + NUMBERED + tab,
            platform="youtube",
            feed=feed,
            canonical=f"{ROOT}/channel/{{channel}}{path}",
        ),
        pattern_finder(
            SITE + NAMED + tab,
            platform="youtube",
            feed=feed,
            canonical=f"{ROOT}/{{channel}}{path}",
            ignore_case=True,
        ),
    )


def _add(feed: str, find: Finder, example: str, listing: Listing) -> None:
    register(
        Provider(
            name="youtube.ytdlp",
            platform="youtube",
            feed=feed,
            example=ROOT + example,
            needs=Needs(),
            listing=listing,
            find=find,
        )
    )


_add(
    "video",
    _any_of(
        *(
            pattern_finder(
                pattern, platform="youtube", feed="video", canonical=f"{ROOT}/watch?v={{id}}"
            )
            for pattern in (WATCH, PATHS, EMBEDDED, SHORT)
        )
    ),
    "/watch?v=abcdefghijk",
    explained(listing_by("ytdlp", post_of, subtitles=True)),
)
_add(
    "playlist",
    pattern_finder(
        rf"(?:{SITE}/playlist/?|{EMBED}/embed/videoseries)\?(?:.*&)?list={LIST}(?:&.*)?",
        platform="youtube",
        feed="playlist",
        canonical=f"{ROOT}/playlist?list={{list}}",
    ),
    "/playlist?list=PLabcdefghijklmnop",
    explained(in_few_words(ordered=False)),
)
_add("channel", _channel("channel", "(?:/(?:featured|home))?", ""), "/@gatherum", everything)
for _feed, _path in TABS.items():
    _add(
        _feed,
        _channel(_feed, _path, _path),
        f"/@gatherum{_path}",
        explained(in_few_words(ordered=True)),
    )
