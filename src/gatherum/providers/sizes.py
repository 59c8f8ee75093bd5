"""Of several sizes of one picture the largest, told by how the common engines write their addresses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gatherum.model import MediaKind
from gatherum.providers.urls import kind_of

# What a query asks for that makes another size of the same picture.
_SIZING = frozenset(
    {"w", "h", "width", "height", "fit", "resize", "crop", "quality", "q", "dpr", "auto", "fm"}
    | {"format", "size", "s", "zoom", "strip", "itok"}
)
_LETTERS = {letter: place for place, letter in enumerate("sqtmnwzcbhk")}  # of Flickr, by size
_NAMED = "pico|icon|thumb|small|compact|medium|large|grande|original|master"  # of Shopify

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

# Addresses whose original lies where the engine keeps it: what was asked for is written around it.
_ORIGINALS: tuple[Rule, ...] = (
    # MediaWiki: /thumb/a/ab/Cat.jpg/220px-Cat.jpg
    (re.compile(r"/thumb(/[0-9a-f]/[0-9a-f]{2}/([^/?]+))/[^/?]*\d+px-[^/?]*"), r"\1"),
    # WordPress: cat-300x200.jpg, cat-scaled.jpg
    (re.compile(r"(/wp-content/uploads/[^?]*?)(?:-\d+x\d+|-scaled)(\.\w+)(?=\?|$)"), r"\1\2"),
    # Ghost: /content/images/size/w600/format/webp/2024/01/cat.jpg
    (re.compile(r"(/content/images)/size/w\d+(?:h\d+)?(?:/format/\w+)?(?=/)"), r"\1"),
    # Drupal: /sites/default/files/styles/large/public/2024-01/cat.jpg.webp?itok=0a1b
    (re.compile(r"(/sites/[^/]+/files)/styles/[^/]+/public(/[^?]*?\.\w+?)(?:\.webp|\.avif)?(?=\?|$)"), r"\1\2"),
    # Wix: /media/0a1b~mv2.jpg/v1/fill/w_300,h_200/cat.jpg
    (re.compile(r"(//static\.wixstatic\.com/media/[^/?]+)/v1/[^?]*"), r"\1"),
    # Blogger: /img/b/0a1b/s320/cat.jpg, /img/a/0a1b=w400-h300
    (re.compile(r"(//(?:blogger\.googleusercontent|\d\.bp\.blogspot)\.com/.*/)(?:[swh]\d+[\w-]*)(/[^/?]+)$"), r"\1s0\2"),
    (re.compile(r"(//(?:blogger|lh\d)\.googleusercontent\.com/[^?=]*)=[swh]\d+[\w-]*$"), r"\1=s0"),
    # Shopify: /cdn/shop/files/cat_300x300_crop_center@2x.jpg
    (re.compile(rf"((?://cdn\.shopify\.com/s/files|/cdn/shop)/[^?]*?)_(?:{_NAMED}|\d+x\d*|x\d+)(?:_crop_\w+)?(?:@\dx)?(\.(?:progressive\.)?\w+)(?=\?|$)"), r"\1\2"),
    # Tumblr of old: tumblr_0a1b_500.jpg
    (re.compile(r"(//(?:\d+\.)?media\.tumblr\.com/(?:[^?]*/)?tumblr_\w+?)_\d{2,4}(\.\w+)$"), r"\1_1280\2"),
)  # fmt: skip
# Sizes of one picture of which each has an address that the others do not tell: what they share.
_KINDRED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(//(?:\d+\.)?media\.tumblr\.com/\w+/[\w-]+)/s\d+x\d+[\w]*/[^/?]+"), r"\1"),
    (re.compile(r"(//live\.staticflickr\.com/\d+/\d+)_\w+?(?:_[a-z0-9]{1,2})?\.\w+"), r"\1"),
    # As Hugo writes them, with a digest of the original: cat_hu0a1b2c_12345_600x0_resize_q75_box.jpg
    (re.compile(r"_hu_?[0-9a-f]{6,}(?:_[\w.]*)?(\.\w+)$"), r"\1"),
    (re.compile(r"-\d{2,4}x\d{2,4}(\.\w+)$"), r"\1"),
)
_SIZE = re.compile(
    r"[/_=,-](?:[swhx]_?)?(\d{2,4})(?:px-|[wx]\d*|(?=[./_,@-])|$)"  # in a path
)
_FLICKR = re.compile(r"_([a-z])\.\w+$")


@dataclass(frozen=True, slots=True)
class Sized:
    """What an address says of the picture behind it.

    `picture` is the same for all its sizes, `url` where its largest is, `rank` how large that is among
    those that say so.
    """

    picture: str
    url: str
    rank: float


def sized(url: str) -> Sized:
    """Return what a normal address says; one that tells no size is the largest itself."""
    original = _original(url)
    kindred = original
    for pattern, shared in _KINDRED:
        kindred = pattern.sub(shared, kindred)
    told = url != original or kindred != original
    return Sized(kindred, original, _rank(url) if told else inf)


def _original(url: str) -> str:
    for pattern, place in _ORIGINALS:
        found = pattern.sub(place, url, count=1)
        if found != url:
            # Of a drawing or a document the small copy is the only picture.
            return _unasked(found) if kind_of(found) is MediaKind.IMAGE or "=s0" in found else url
    return _unasked(url)


def _unasked(url: str) -> str:
    """Return the address of a picture file without what asks for a size of it."""
    parts = urlsplit(url)
    if kind_of(url) is not MediaKind.IMAGE:
        return url
    if parts.netloc == "images.squarespace-cdn.com":
        return parts._replace(query="format=original").geturl()
    asked = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name.lower() not in _SIZING]
    if len(kept) == len(asked):
        return url
    return parts._replace(query=urlencode(kept, quote_via=quote)).geturl()


def _rank(url: str) -> float:
    if "staticflickr" in url:
        letter = _FLICKR.search(url)
        return _LETTERS.get(letter[1], inf) if letter else 0.0
    numbers = [float(number) for number in _SIZE.findall(urlsplit(url).path)]
    asked = [float(value) for _, value in parse_qsl(urlsplit(url).query) if value.isdecimal()]
    return max([*numbers[-2:], *asked], default=0.0)
