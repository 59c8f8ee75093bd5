"""The links of Instagram, and the first way to what they lead to: gallery-dl."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import replace

from gatherum.errors import Unavailable, UnexpectedResponse
from gatherum.model import Page, Target
from gatherum.ports import Client, Listing
from gatherum.providers import Finder, Needs, Provider, pattern_finder, register
from gatherum.providers.instagram.answers import ask_profile, trust
from gatherum.providers.instagram.gallerydl import listing
from gatherum.providers.instagram.ids import bare
from gatherum.providers.instagram.posts import ROOT

# First parts of a path that are nobody's name.
WORDS = (
    "p|tv|reels?|explore|stories|s|share|accounts|direct|about|legal|developer|api|graphql|web|press"
    "|emails|challenge|privacy|session|oauth|directory|static|nametag|archive|your_activity|create"
    "|ar|lite|popular|locations|tags|data|topics|terms|help|instagram\\.com"
)
SITE = r"https?://(?:(?:www|m)\.)?(?:instagram\.com|instagr\.am)"
# They show a post of Instagram to other programs under its own path.
EMBEDDERS = r"https?://(?:\w+\.)?(?:dd|kk|vx)instagram\.com"
USER = rf"(?!(?:{WORDS})(?:[/?]|$))(?P<user>[A-Za-z0-9_.]{{1,30}})"
OF_USER = rf"{SITE}/(?:_u/|@)?{USER}"
STORY_USER = r"(?!(?:highlights|me)(?:[/?]|$))(?P<user>[A-Za-z0-9_.]{1,30})"
POST = rf"(?:{SITE}|{EMBEDDERS})/(?:(?!share/)[^/?]+/)?(?:p|tv|reels?)/(?!audio(?:/|$))(?P<code>[\w-]{{5,}})(?:/.*)?"
HIGHLIGHT = r"/stories/highlights/(?P<highlight>\d+)"
BLOB = re.compile(rf"{SITE}/s/(?P<blob>aGlnaGxpZ2h0[\w=-]+)/?(?:\?.*)?")


_post = pattern_finder(POST, platform="instagram", feed="post", canonical=f"{ROOT}/p/{{code}}/")
_highlight = pattern_finder(
    SITE + HIGHLIGHT,
    platform="instagram",
    feed="highlight",
    canonical=f"{ROOT}/stories/highlights/{{highlight}}/",
)


def find_post(url: str) -> Target | None:
    """Return the post of a link, by its shortcode however much is written behind it."""
    found = _post(url)
    return found and replace(found, key=bare(found["code"]))


def find_highlight(url: str) -> Target | None:
    """Return the highlight of a link, also of the short form that the app shares."""
    if short := BLOB.fullmatch(url):
        blob = short["blob"].rstrip("=")
        try:
            words = base64.urlsafe_b64decode(blob + "=" * (-len(blob) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        url = f"{ROOT}/stories/highlights/{words.removeprefix('highlight:')}/"
    return _highlight(url)


def one_story(stories: Listing) -> Listing:
    """Return a listing of one item of a story. That it is not among those shown proves nothing."""

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        understood = False
        async for page in stories(target, client, cursor):
            understood = understood or page.empty or bool(page.posts)
            if own := tuple(post for post in page.posts if post.id == target["pk"]):
                yield Page(posts=own, cursor=None)
                return
        if not understood:
            raise UnexpectedResponse("Instagram shows its stories in an unknown form.")
        raise Unavailable("Instagram does not show this story just now: a story lasts for a day.")

    return listing


def _user_finder(feed: str, pattern: str, path: str) -> Finder:
    return pattern_finder(
        pattern, platform="instagram", feed=feed, canonical=ROOT + path, ignore_case=True
    )


def _add(feed: str, find: Finder, read: Listing, path: str, *, order: int = 100) -> None:
    register(
        Provider(
            name="instagram.gallerydl",
            platform="instagram",
            feed=feed,
            example=ROOT + path,
            needs=Needs(login=True),
            listing=read,
            find=find,
            order=order,
        )
    )


stories = listing("https://www.instagram.com/stories/{user}/", resumable=False, ask=ask_profile)

BY_DATE = ("user", "reels")
# feed, link, canonical path, gallery-dl's path, whether its cursor can be used
_LISTS = (
    ("user", rf"{OF_USER}(?:/(?:posts|feed|profilecard))?", "/{user}/", "/{user}/posts/", True),
    ("reels", rf"{OF_USER}/reels", "/{user}/reels/", "/{user}/reels/", True),
    ("tagged", rf"{OF_USER}/tagged", "/{user}/tagged/", "/{user}/tagged/", True),
    ("highlights", rf"{OF_USER}/highlights", "/{user}/highlights/", "/{user}/highlights/", False),
    ("avatar", rf"{OF_USER}/avatar", "/{user}/avatar/", "/{user}/avatar/", False),
    ("saved", rf"{OF_USER}/saved(?:/all-posts)?", "/{user}/saved/", "/{user}/saved/", True),
)
for _feed, _pattern, _path, _theirs, _resumable in _LISTS:
    _add(
        _feed,
        _user_finder(_feed, _pattern, _path),
        listing(ROOT + _theirs, resumable=_resumable, by_date=_feed in BY_DATE, ask=ask_profile),
        _path.format(user="gatherum_demo"),
    )
_add(
    "stories",
    _user_finder("stories", rf"{SITE}/stories/{STORY_USER}", "/stories/{user}/"),
    stories,
    "/stories/gatherum_demo/",
)
_add(
    "story",
    _user_finder("story", rf"{SITE}/stories/{STORY_USER}/(?P<pk>\d+)", "/stories/{user}/{pk}/"),
    one_story(stories),
    "/stories/gatherum_demo/3741400000000000000/",
)
_add(
    "highlight",
    find_highlight,
    listing(ROOT + "/stories/highlights/{highlight}/", resumable=False),
    "/stories/highlights/17900000000000001/",
)
_add(
    "collection",
    pattern_finder(
        rf"{OF_USER}/saved/(?P<name>[^/?]+)/(?P<collection>\d+)",
        platform="instagram",
        feed="collection",
        key="{collection}",
        canonical=f"{ROOT}/{{user}}/saved/{{name}}/{{collection}}/",
    ),
    listing("{url}", ask=ask_profile),
    "/gatherum_demo/saved/flowers/17900000000000002/",
)
_add("post", find_post, listing(f"{ROOT}/p/{{code}}/", ask=trust), "/p/DPlabcdEFGH/")
_add(
    "share",
    pattern_finder(
        rf"{SITE}/share/(?P<kind>(?:p|tv|reels?)/)?(?P<share>[\w-]+)",
        platform="instagram",
        feed="share",
        key="{share}",
        canonical=f"{ROOT}/share/{{kind}}{{share}}/",
    ),
    listing("{url}", ask=trust),
    "/share/p/BAabcdefgh/",
)
