"""Links that carry another one: walls to log in, warnings before one leaves, counters of clicks.

What they carry stands in their query. The forms are those that the sites themselves gave in 2026.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_plus

_GOOGLE = r"(?:www\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})"
_LINKEDIN = r"(?:[\w-]+\.)?linkedin\.com"
_META = r"(?:instagram|facebook|threads|messenger)\.(?:com|net)"
_PINTEREST = r"(?:[\w-]+\.)*pinterest\.(?:com|info|[a-z]{2}|com?\.[a-z]{2})"
_X = r"(?:(?:www|mobile)\.)?(?:x|twitter)\.com"
# A parameter, and the hosts and paths whose links carry another one in it.
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "next": (
        r"(?:www\.)?instagram\.com/accounts/login",
        r"(?:[\w-]+\.)?facebook\.com/login(?:\.php)?",
        rf"{_PINTEREST}/login",
    ),
    "dest": (r"(?:\w+\.)?reddit\.com/(?:login|over18)",),
    "redirect_after_login": (rf"{_X}/(?:i/flow/)?login",),
    "redirect_url": (r"(?:www\.)?tiktok\.com/login",),
    "session_redirect": (rf"{_LINKEDIN}/(?:(?:uas/)?login|signup/cold-join)",),
    "sessionRedirect": (rf"{_LINKEDIN}/authwall",),
    "u": (
        rf"lm?\.{_META}(?:/l\.php)?",
        r"(?:www\.|m\.)?facebook\.com/l\.php",
        r"(?:www\.)?youtube\.com/attribution_link",
        r"go\.bsky\.app/redirect",
        r"steamcommunity\.com/linkfilter",
    ),
    "url": (
        r"out\.reddit\.com(?:/\w+)?",
        r"(?:\w+\.)?reddit\.com/media",
        rf"{_LINKEDIN}/(?:redir/(?:redirect|general-malware-page)|safety/go)",
        rf"{_GOOGLE}/url",
        rf"{_PINTEREST}/offsite",
        rf"{_X}/i/redirect",
        r"steamcommunity\.com/linkfilter",
        r"(?:exit|gate)\.sc",
    ),
    "q": (r"(?:(?:www|m)\.)?youtube\.com/redirect", rf"{_GOOGLE}/url"),
    "imgurl": (rf"{_GOOGLE}/imgres",),
    "to": (r"(?:\w+\.)?vk\.com/away(?:\.php)?",),
    "z": (r"t\.umblr\.com/redirect",),
    "target": (r"(?:www\.)?tiktok\.com/link/v2",),
    "uddg": (r"(?:www\.)?duckduckgo\.com/l",),
}
_LINK = r"(?i:https?(?::|%3A)(?:/|%2F){2}|(?:/|%2F)(?!/|%2F))[^&#]*"
_CARRIER = re.compile(
    "https?://(?:"
    + "|".join(
        rf"(?:{'|'.join(forms)})/?\?(?:[^#]*?&)?{name}=(?P<{name}>{_LINK})"
        for name, forms in _FORMS.items()
    )
    + ")"
)


def find_carried(url: str) -> str | None:
    """Return the link that another one carries, as it stands there; None if it carries none.

    That is an http link, or a path, which is one at the same host.
    """
    match = _CARRIER.match(url)
    if match is None or match.lastgroup is None:
        return None
    carried = unquote_plus(match[match.lastgroup]).replace(" ", "%20")
    return "/".join(url.split("/", 3)[:3]) + carried if carried.startswith("/") else carried
