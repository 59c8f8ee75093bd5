"""Instagram through ImgInn, a site of strangers that shows public profiles. No login, with a consent.

Its pages show the newest dozen, its interface the rest. It knows a post by its shortcode, which is the
post's number; the number of each file stands in the address that Instagram's CDN gave it. What it does
not show proves nothing, and a challenge of its own is nobody's to solve: the next way goes on.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Final
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel
from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import Unavailable, UnexpectedResponse, Withheld
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client, Document, Listing
from gatherum.providers import add_way
from gatherum.providers.instagram.ids import moment_of, pk_of
from gatherum.providers.instagram.posts import ROOT as INSTAGRAM
from gatherum.providers.instagram.posts import make_post, make_story
from gatherum.providers.instagram.viewers import SHOWS, number_in
from gatherum.safety import foreign

ROOT: Final = "https://imginn.com"
FIRST, MORE = "after:", "more:"  # a place on the first page, and one in the interface


class Owner(BaseModel):
    username: str


class Row(BaseModel):
    code: str
    alt: str | None = None
    date: int | None = None
    owner: Owner | None = None  # of a post in which somebody else is tagged, or that two have made
    thumb: str = ""  # the cover of the first file
    src: str = ""
    srcs: list[str] = []


class Part(BaseModel):
    items: list[Row]
    cursor: str | None = None
    hasNext: bool = False  # noqa: N815  # ImgInn's own name


class Place(BaseModel):
    """What ImgInn's button asks for the next part with."""

    id: str
    username: str
    verified: str = "0"
    cursor: str


def _listing(
    page: str, interface: str | None, *, own: bool = False, by_date: bool = False
) -> Listing:
    """Return a listing: of a page, and of the interface behind it, where there is one that we know.

    `own` tells that it has all posts that its page counts, `by_date` that it is in the order in which
    they were published.
    """

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        place: Place | None = None
        if cursor and cursor.startswith(MORE):
            place = Place.model_validate_json(cursor.removeprefix(MORE))
        else:
            document = await client.text(ROOT + page.format_map(target.values))
            tree = await foreign.apart(foreign.html, document.text)
            place, shown = _place(tree), _codes(tree)
            if tree.css_first(".userinfo") is None or (place is not None and not shown):
                raise UnexpectedResponse("ImgInn shows this profile in an unknown form.")
            if own and not shown and _counted(tree):
                raise Withheld("ImgInn counts posts here and shows none: they may be private.")
            codes = _behind(shown, (cursor or "").removeprefix(FIRST))
            # A page does not tell how many files its posts have: each is looked at by itself, and
            # whoever meets what is known asks no further. It tells of no pin, but numbers tell time.
            numbers = [int(pk_of(code)) for code in codes]
            for number, code in enumerate(codes, start=1):
                last = number == len(codes)
                behind = _cursor(place) if last else FIRST + code
                found = await _looked_at(code, client)
                pinned = numbers[number - 1] < max(numbers[number:], default=0)
                found = replace(found, pinned=pinned)
                yield Page(posts=(found,), cursor=behind, by_date=by_date)
            if not codes:
                empty = _is_bare(tree) or (own and _counted(tree) is False)
                yield Page(posts=(), cursor=_cursor(place), empty=empty)
        if place is not None and interface is None:
            raise Unavailable("ImgInn shows the newest of these, and we know of no way to more.")
        while place is not None and interface is not None:
            part = await client.get(ROOT + interface, Part, params={**place.model_dump(), "hl": ""})
            before, place = place, _next(place, part)
            if place == before:
                raise UnexpectedResponse("ImgInn shows the same part again and again.")
            posts = tuple(_row(row, before.username) for row in part.items)
            yield Page(posts=posts, cursor=_cursor(place), by_date=by_date, empty=not posts)

    return listing


async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post."""
    yield Page(posts=(await _looked_at(target["code"], client),), cursor=None)


async def stories(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield what somebody shows as stories just now, the newest first."""
    document = await client.text(f"{ROOT}/stories/{target['user']}/")
    tree = await foreign.apart(foreign.html, document.text)
    if tree.css_first(".userinfo") is None:
        raise UnexpectedResponse("ImgInn shows these stories in an unknown form.")
    shown = [_story(node, document, target["user"]) for node in tree.css(".items .item")]
    newest = sorted(shown, key=lambda post: int(post.id), reverse=True)  # numbers tell time
    yield Page(posts=tuple(newest), cursor=None, empty=_is_bare(tree))


def _story(node: LexborNode, document: Document, author: str) -> Post:
    """Return one item of a story; its number stands in its address, or in that of its cover."""
    link = node.css_first("a.download[href]")
    cover = node.css_first("img[data-src], img[src]")
    address = (link and link.attributes.get("href")) or ""
    picture = (cover and (cover.attributes.get("data-src") or cover.attributes.get("src"))) or ""
    url = _bare(urljoin(document.url, address))
    number = number_in(url) or number_in(picture)
    if not address or number is None:
        raise UnexpectedResponse("ImgInn shows these stories in an unknown form.")
    return make_story(_file(number, url), author=author, posted_at=moment_of(number))


async def _looked_at(code: str, client: Client) -> Post:
    document = await client.text(f"{ROOT}/p/{code}/")
    tree = await foreign.apart(foreign.html, document.text)
    pk = pk_of(code)
    files = list(dict.fromkeys(_files(tree, document)))
    if not files:
        raise UnexpectedResponse("ImgInn shows this post in an unknown form.")
    covers = list(_covers(tree))
    made = tree.css_first("[data-created]")
    told = (made and made.attributes.get("data-created")) or ""
    return make_post(
        pk,
        _media(pk, files, covers if len(covers) == len(files) else ()),
        author=_author(tree),
        caption=_caption(tree),
        posted_at=_moment(int(told) if told.isdecimal() else None, pk),
    )


def _author(tree: LexborHTMLParser) -> str:
    """Return who made a post: whose page the name leads to, since it may say a full name."""
    if (link := tree.css_first("a.name[href^='/']")) is not None:
        return (link.attributes.get("href") or "").strip("/")
    name = next((node.text(strip=True) for node in tree.css("a.name, .nickname, .name")), "")
    return name.removeprefix("@")


def _caption(tree: LexborHTMLParser) -> str:
    """Return the words of a post, among which tags and names are links."""
    words = tree.css_first(".desc")
    if words is None:
        return ""
    for end in words.css("br"):
        end.replace_with("\n")
    return words.text().strip()


def _moment(told: int | None, pk: str) -> datetime:
    """Return when a post was published: as it is told, else when its number was given, just before."""
    return datetime.fromtimestamp(told, UTC) if told else moment_of(pk)


def _row(row: Row, author: str) -> Post:
    pk = pk_of(row.code)
    return make_post(
        pk,
        _media(pk, row.srcs or [row.src], [row.thumb]),
        author=row.owner.username if row.owner else author,
        caption=row.alt or "",
        posted_at=_moment(row.date, pk),
    )


def _media(pk: str, files: Sequence[str], covers: Sequence[str]) -> list[Media]:
    """Return the files of a post; the number of a video stands in the address of its cover."""
    if len(files) == 1:
        return [_file(pk, files[0])]  # the number of an only file is its post's
    return [
        _file(number_in(url) or number_in(cover) or f"{pk}_{place}", url)
        for place, (url, cover) in enumerate(zip_longest(files, covers, fillvalue=""), start=1)
    ]


def _file(number: str, url: str) -> Media:
    path = urlsplit(url).path
    return Media(
        id=number,
        url=url,
        kind=MediaKind.VIDEO if path.endswith(".mp4") else MediaKind.IMAGE,
        headers={"Referer": f"{ROOT}/"},
        filename=path.rpartition("/")[2] or None,
    )


def _codes(tree: LexborHTMLParser) -> list[str]:
    links = (node.attributes.get("href") or "" for node in tree.css(".items .item a[href^='/p/']"))
    return list(dict.fromkeys(link.split("/")[2] for link in links))


def _counted(tree: LexborHTMLParser) -> bool | None:
    """Return whether a profile says that there are posts, None if it says nothing of that."""
    for item in tree.css(".counter-item"):
        number = item.css_first(".num")
        if number is not None and "post" in item.text().lower():
            return number.text(strip=True) != "0" if number.text(strip=True) else None
    return None


def _is_bare(tree: LexborHTMLParser) -> bool:
    """Return whether the frame of the posts is there, and nothing in it leads anywhere."""
    frame = tree.css_first(".items")
    return frame is not None and frame.css_first("a[href], img") is None


def _behind(codes: list[str], code: str) -> list[str]:
    return codes[codes.index(code) + 1 :] if code in codes else codes


def _files(tree: LexborHTMLParser, document: Document) -> Iterator[str]:
    """Yield the files of a post: those to be saved, else those that are shown."""
    shown: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _attributes(tree, "a[href*='dl=1']", "href"),
        lambda: _attributes(tree, ".swiper-slide[data-src]", "data-src"),
        lambda: _attributes(tree, ".downloads a[href]", "href"),
        lambda: _framed(tree),
        lambda: _attributes(tree, "video[src], video source[src]", "src"),
    )
    for find in shown:
        found = [urljoin(document.url, link) for link in find()]
        if found:
            yield from map(_bare, found)
            return


def _framed(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield what each frame shows, or will show: until then a picture has another one's address."""
    for frame in tree.css(".media-wrap"):
        node = frame.css_first("video source[src]") or frame.css_first("video, img")
        if node and (link := node.attributes.get("data-src") or node.attributes.get("src")):
            yield link


def _covers(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the picture of each frame, which a video has for its cover."""
    for frame in tree.css(".media-wrap, .swiper-slide"):
        picture, video = frame.css_first("img"), frame.css_first("video[poster]")
        told = {**(video.attributes if video else {}), **(picture.attributes if picture else {})}
        yield told.get("data-src") or told.get("poster") or told.get("src") or ""


def _bare(link: str) -> str:
    return link.removesuffix("&dl=1").removesuffix("?dl=1")


def _attributes(tree: LexborHTMLParser, selector: str, name: str) -> Iterator[str]:
    for node in tree.css(selector):
        if link := node.attributes.get(name):
            yield link


def _place(tree: LexborHTMLParser) -> Place | None:
    button = tree.css_first("a.load-more[data-cursor]")
    if button is None:
        return None
    told = {name: button.attributes.get(f"data-{name}") or "" for name in Place.model_fields}
    return Place.model_validate(told) if told["cursor"] else None


def _next(place: Place, part: Part) -> Place | None:
    return (
        place.model_copy(update={"cursor": part.cursor}) if part.hasNext and part.cursor else None
    )


def _cursor(place: Place | None) -> str | None:
    return MORE + json.dumps(place.model_dump()) if place else None


_WAYS: tuple[tuple[str, Listing, str], ...] = (
    ("user", _listing("/{user}/", "/api/posts/", own=True, by_date=True), "/gatherum_demo/"),
    ("tagged", _listing("/tagged/{user}/", "/api/tagged/"), "/gatherum_demo/tagged/"),
    ("reels", _listing("/reels/{user}/", None, by_date=True), "/gatherum_demo/reels/"),
    ("stories", stories, "/stories/gatherum_demo/"),
    ("post", post, "/p/DPlabcdEFGH/"),
)
for _feed, _way, _path in _WAYS:
    add_way(
        _way,
        platform="instagram",
        feed=_feed,
        via="imginn",
        example=INSTAGRAM + _path,
        order=300,
        needs=SHOWS,
        direct=False,
        site="imginn.com",
    )
