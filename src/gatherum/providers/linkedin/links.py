"""The links of LinkedIn: people, organisations, posts."""

import re
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from gatherum.model import Target
from gatherum.providers import pattern_finder
from gatherum.providers.linkedin.posts import ROOT

SITE: Final = r"https?://(?:[\w-]+\.)?linkedin\.com(?:/mwlite)?"
PERSON: Final = r"(?P<user>[^/?#]{3,100})"
# A person's page in a language has that behind its name.
ACTIVITY: Final = (
    r"(?:/[a-z]{2}|/(?:detail/)?recent-activity(?:/[\w-]+)?|/(?:overlay|details)/[\w-]+)?"
)
KINDS: Final = {"activity": "activity", "ugcpost": "ugcPost", "share": "share"}
# /posts/NAME_some-words-activity-7151241570371948544-4Gu7
SHARED = re.compile(
    SITE
    + r"/posts/(?P<name>[^/?#]*?)-?(?P<kind>activity|ugcPost|share)-(?P<number>\d{10,})(?:-[\w-]*)?/?(?:\?.*)?",
    re.IGNORECASE,
)
UPDATE = re.compile(
    SITE + r"/(?:embed/)?(?:feed/update|video/live|events/live|posts)/(?:urn:li:)?"
    r"(?P<kind>activity|ugcPost|share):(?P<number>\d{10,})/?(?:\?.*)?",
    re.IGNORECASE,
)
# A notification leads to a feed with the post on top.
TOPMOST = re.compile(
    SITE + r"/feed/?\?(?:.*&)?highlightedUpdateUrn=urn:li:"
    r"(?P<kind>activity|ugcPost|share):(?P<number>\d{10,})(?:&.*)?",
    re.IGNORECASE,
)

find_user = pattern_finder(
    rf"{SITE}/in/{PERSON}{ACTIVITY}",
    platform="linkedin",
    feed="user",
    canonical=ROOT + "/in/{user}/",
    ignore_case=True,
)
find_company = pattern_finder(
    rf"{SITE}/(?P<kind>company|school|showcase)/(?P<company>[^/?#]+)(?:/(?:posts|about|life|people|videos|mycompany))?",
    platform="linkedin",
    feed="company",
    canonical=ROOT + "/{kind}/{company}/",
    ignore_case=True,
)


def find_post(url: str) -> Target | None:
    """Return the post of a link. One that was copied from the site keeps its words: they open it."""
    plain = unquote(url) if "%3A" in url.upper() else url
    found = SHARED.fullmatch(url) or UPDATE.fullmatch(plain) or TOPMOST.fullmatch(plain)
    if found is None:
        return None
    kind, number = KINDS[found["kind"].lower()], found["number"]
    urn = f"urn:li:{kind}:{number}"
    path = url.partition("?")[0].rstrip("/").partition("/posts/")[2] if found.re is SHARED else ""
    return Target(
        platform="linkedin",
        feed="post",
        key=f"{kind}:{number}",
        url=f"{ROOT}/posts/{path}" if path else f"{ROOT}/feed/update/{urn}/",
        values=MappingProxyType({"urn": urn, "kind": kind, "number": number}),
    )
