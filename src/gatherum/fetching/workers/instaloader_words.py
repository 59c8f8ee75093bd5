# SPDX-License-Identifier: MIT
"""What instaloader's child reads and says by itself: cookies, places on a list, posts as they stand."""

import http.cookiejar
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

KEPT = frozenset(
    {
        *("pk", "code", "taken_at", "user", "username", "caption", "text", "carousel_media"),
        *("image_versions2", "candidates", "video_versions", "url", "width", "height"),
        *("video_duration", "timeline_pinned_user_ids", "clips_tab_pinned_user_ids"),
    }
)


@dataclass(slots=True)
class Place:
    """Where a list can be gone on with: behind `last`, on the page that follows `after`."""

    after: str = ""
    last: str = ""

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """Return the place that `str` wrote."""
        last, _, after = cursor.partition(":")
        return cls(after, last)

    def __str__(self) -> str:
        """Write it down."""
        return f"{self.last}:{self.after}"


def code_of(node: Mapping[str, object]) -> str:
    """Return the shortcode of a post on a list, whose kinds name it differently."""
    media = node.get("media")
    inner = media if isinstance(media, dict) else node
    return str(inner["code"] if "code" in inner else inner["shortcode"])


def kept(value: object) -> object:
    """Return what somebody reads, of whatever Instagram says."""
    match value:
        case dict():
            return {name: kept(inner) for name, inner in value.items() if name in KEPT}
        case list():
            return [kept(inner) for inner in value]
        case _:
            return value


def cookies_of(path: object) -> dict[str, str]:
    """Return Instagram's cookies in a file; none if they are nobody's."""
    if not path:
        return {}
    jar = http.cookiejar.MozillaCookieJar(str(path))
    jar.load(ignore_discard=True)
    own = (one for one in jar if f".{one.domain.lstrip('.')}".endswith(".instagram.com"))
    found = {one.name: one.value or "" for one in own}
    if not found.get("sessionid"):
        return {}
    # The session's own number begins with its user's; the token only has to be said twice alike.
    found.setdefault("ds_user_id", unquote(found["sessionid"]).partition(":")[0])
    found.setdefault("csrftoken", secrets.token_hex(16))
    return found
