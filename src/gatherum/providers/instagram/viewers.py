"""What the viewers of Instagram have in common: sites of strangers, asked only with a consent."""

import base64
import binascii
from typing import Final
from urllib.parse import parse_qs, urlsplit

from gatherum.providers import Needs

CONSENT: Final = "instagram.viewer_sites"
SHOWS: Final = Needs(consent=CONSENT)
IN_A_BROWSER: Final = Needs(consent=CONSENT, browser=True)
CDN: Final = ("cdninstagram.com", "fbcdn.net")


def number_in(url: str) -> str | None:
    """Return the number of a media that the address of Instagram's CDN holds."""
    key = parse_qs(urlsplit(url).query).get("ig_cache_key", [""])[0].partition(".")[0].rstrip("=")
    try:
        number = base64.b64decode(key + "=" * (-len(key) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return number if number.isdecimal() else None


def is_of_cdn(url: str) -> bool:
    """Return whether this is an address of Instagram's own files."""
    host = urlsplit(url).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in CDN)


def original_of(url: str, name: str) -> str:
    """Return the address of Instagram's CDN that a viewer's own address names, else the given one."""
    told = parse_qs(urlsplit(url).query).get(name, [""])[0]
    return told if is_of_cdn(told) else url
