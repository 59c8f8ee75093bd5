"""TikTok: its own lists of what somebody posts, then yt-dlp's and gallery-dl's. No login.

TikTok's lists hold whole posts. yt-dlp makes too little of them: it does not tell a slideshow from a
video, so each post that it lists is looked at before it is handed on, a few at a time. Short links (vm.tiktok.com, /t/) are
claimed by nobody here: the recogniser follows them.
"""

from gatherum.model import Target
from gatherum.providers import Needs, Provider, add_way, pattern_finder, provider, register
from gatherum.providers.engines.readers import listing_by
from gatherum.providers.tiktok.browsed import scrolled
from gatherum.providers.tiktok.listings import as_it_is, batched, explained, newest_first, whole
from gatherum.providers.tiktok.lists import counted, is_no_list, user
from gatherum.providers.tiktok.posts import ROOT, post_of, video_of

_SITE = r"https?://(?:(?:www|m)\.)?tiktok\.com(?:/[a-z]{2}(?:-[A-Za-z]{2,4})?)?"
_PERSON = _SITE + r"/(?:@|%40)(?P<user>[\w.-]+)"
_LONG_ID = r"MS4wLjABAAAA[\w-]+"  # of a person; it tells capitals from small letters
# They show a post of TikTok to other programs under its own path.
_EMBEDDERS = r"https?://(?:\w+\.)?(?:vxtiktok|tnktok)\.com"
_POST = (
    rf"(?:{_SITE}|{_EMBEDDERS}|https?://www\.tiktokv\.com)"
    r"/(?:(?:(?:@|%40)(?P<user>[\w.-]+)?|share)/(?:video|photo)|embed(?:/v\d)?|player/v1|v)"
    r"/(?P<id>\d+)(?:\.html)?(?:/[^?]*)?"
)
_PROFILE = ROOT + "/@{user}"


def _find_person(url: str) -> Target | None:
    return _named(url) or _numbered(url)


_named = pattern_finder(
    _SITE + rf"/(?:@|%40)(?P<user>(?!{_LONG_ID})[\w.-]+)(?:/posts)?",
    platform="tiktok",
    feed="user",
    canonical=_PROFILE,
    ignore_case=True,
)
_numbered = pattern_finder(
    _SITE + rf"/(?:@|%40)(?P<user>{_LONG_ID})(?:/posts)?",
    platform="tiktok",
    feed="user",
    canonical=_PROFILE,
)

register(
    Provider(
        name="tiktok.native",
        platform="tiktok",
        feed="user",
        example=ROOT + "/@gatherum_demo",
        needs=Needs(),
        listing=user,
        find=_find_person,
    )
)
add_way(
    explained(batched(listing_by("ytdlp", video_of, flat=True), whole, by_date=True)),
    platform="tiktok",
    feed="user",
    via="ytdlp",
    example=ROOT + "/@gatherum_demo",
    order=150,
)
# gallery-dl reads the whole list before the first post: that is why it comes last.
add_way(
    explained(batched(listing_by("gallerydl", post_of, "{url}/posts"), as_it_is, by_date=True)),
    platform="tiktok",
    feed="user",
    via="gallerydl",
    example=ROOT + "/@gatherum_demo",
    order=200,
)

provider(
    platform="tiktok",
    feed="post",
    pattern=_POST,
    example=ROOT + "/@gatherum_demo/video/7559436216725046590",
    key="{id}",
    canonical=_PROFILE + "/video/{id}",
    ignore_case=True,
    via="gallerydl",
)(explained(listing_by("gallerydl", post_of)))
add_way(
    explained(listing_by("ytdlp", video_of)),
    platform="tiktok",
    feed="post",
    via="ytdlp",
    example=ROOT + "/@gatherum_demo/video/7559436216725046590",
    order=200,
)

provider(
    platform="tiktok",
    feed="collection",
    pattern=_PERSON + r"/collection/(?P<title>[^/?]+)-(?P<id>\d+)",
    example=ROOT + "/@gatherum_demo/collection/walks-7371330159376370462",
    key="{id}",
    canonical=_PROFILE + "/collection/{title}-{id}",
    via="ytdlp",
)(batched(listing_by("ytdlp", video_of, flat=True), whole))

for _feed, _pattern in {
    "stories": "/stor(?:y|ies)",
    "reposts": "/reposts?",
    "likes": "/like[sd]",
    "saved": "/saved",
}.items():
    _listing = listing_by("gallerydl", post_of, nothing=is_no_list)
    provider(
        platform="tiktok",
        feed=_feed,
        pattern=_PERSON + _pattern,
        example=f"{ROOT}/@gatherum_demo/{_feed}",
        key="{user}",
        canonical=f"{_PROFILE}/{_feed}",
        ignore_case=True,
        needs=Needs(login=_feed == "saved"),
        via="gallerydl",
    )(
        explained(
            newest_first(_listing) if _feed == "stories" else batched(_listing, as_it_is),
            ROOT + "/@{key}",
            may_be_empty=True,
        )
    )

_TAG, _SOUND = ROOT + "/tag/gatherum", ROOT + "/music/original-sound-7371330159376370462"
provider(
    platform="tiktok",
    feed="tag",
    pattern=_SITE + r"/tag/(?P<tag>[^/?#]+)",
    example=_TAG,
    key="{tag}",
    canonical=ROOT + "/tag/{tag}",
    ignore_case=True,
)(counted("challenge", "challengeID"))
provider(
    platform="tiktok",
    feed="sound",
    pattern=_SITE + r"/music/(?P<title>[^/?#]*)-(?P<id>\d+)",
    example=_SOUND,
    key="{id}",
    canonical=ROOT + "/music/{title}-{id}",
)(counted("music", "musicID"))
# TikTok wants these lists signed as a rule, which its own page does.
for _feed, _kind, _example in (("tag", "challenge", _TAG), ("sound", "music", _SOUND)):
    add_way(
        scrolled(_kind),
        platform="tiktok",
        feed=_feed,
        via="browser",
        example=_example,
        order=200,
        needs=Needs(browser=True),
    )
