"""Nitter, a viewer of X on a host of its own: pages of HTML, with its marks as of August 2026."""

import base64
import hashlib
import html
from collections.abc import Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.world import Entry, Item, World
from tests.testsites.x_shapes import file_address, flavour, media_name, tweet_id, user_id

PAGE = 20


def nitter(world: World, *, encoded: bool = False) -> Starlette:
    """Return an instance. `encoded`: its addresses hold X's in Base64, as its owner may choose."""
    written: Callable[[str], str] = _in_base64 if encoded else _escaped

    async def media(request: Request) -> Response:
        name = request.path_params["name"]
        entries = world.people.get(name)
        if entries is None:
            return HTMLResponse(f'<div class="error-panel">User "{name}" not found</div>', 404)
        start = int(request.query_params.get("cursor", "DAAH-0").rpartition("-")[2])
        shown = entries[start : start + PAGE]
        tweets = "".join(f'<div class="timeline-item ">{_tweet(e, written)}</div>' for e in shown)
        # There is a next page as long as there is anything on this one.
        more = f'<div class="show-more"><a href="?cursor=DAAH-{start + len(shown)}">Load more</a></div>'
        end = more if shown else '<h2 class="timeline-end">No more items</h2>'
        return HTMLResponse(_profile(name, user_id(world, name)) + tweets + end)

    async def status(request: Request) -> Response:
        number = request.path_params["id"]
        for entries in world.people.values():
            for entry in entries:
                if tweet_id(entry) == number:
                    tweet = f'<div class="timeline-item ">{_tweet(entry, written)}</div>'
                    main = f'<div class="main-thread"><div id="m" class="main-tweet">{tweet}'
                    return HTMLResponse(f"{main}\n                </div>\n{ENDS}")
        return HTMLResponse('<div class="error-panel">Tweet not found</div>', 404)

    return Starlette(routes=[Route("/{name}/media", media), Route("/i/status/{id}", status)])


ENDS = "              </div></div></div>"


def _tweet(entry: Entry, written: Callable[[str], str]) -> str:
    files = "".join(_file(entry, item, written) for item in entry.items)
    name, number = entry.author, tweet_id(entry)
    at = entry.at.strftime("%b %d, %Y · %I:%M %p UTC")
    text = html.escape(entry.text.rpartition("#")[0], quote=False)
    tag = entry.text.rpartition("#")[2]
    return (
        f'<a class="tweet-link" href="/{name}/status/{number}#m"></a><div class="tweet-body">'
        f'<div class="tweet-name-row"><a class="fullname" href="/{name}" title="{name.title()}">A</a>'
        f'<a class="username" href="/{name}" title="@{name}">@{name}</a>'
        f'<span class="tweet-date"><a href="/{name}/status/{number}#m" title="{at}">3h</a></span></div>'
        f'<div class="tweet-content media-body" dir="auto">{text}<a href="/search?q=%23{tag}">#{tag}</a>'
        f'</div><div class="attachments">{files}</div>'
        '<div class="tweet-stats"><span><div class="icon-comment"></div> 1</span></div></div>'
    )


def _file(entry: Entry, item: Item, written: Callable[[str], str]) -> str:
    if flavour(item) == "photo":
        name = media_name(entry, item)
        original = "/pic/orig" + written(f"media/{name}.jpg")
        small = "/pic" + written(f"media/{name}.jpg?name=small&format=webp")
        return f'<a class="still-image" href="{original}"><img src="{small}" alt=""></a>'
    address = file_address(entry, item)
    if flavour(item) == "animated_gif":
        inner = "/pic" + written(address.removeprefix("https://"))
        return f'<video class="gif" controls><source src="{inner}" type="video/mp4"></video>'
    stream = _signed(address.replace(".mp4", ".m3u8"), written)
    return (
        f'<video data-url="{stream}" data-autoload="false"></video>'
        f'<a class="video-download" href="{_signed(address, written)}" download=""></a>'
    )


def _signed(address: str, written: Callable[[str], str]) -> str:
    signature = hashlib.sha256(address.encode()).hexdigest()[:13].upper()
    inside = written(address)
    if inside.startswith("/enc/"):
        return f"/video/enc/{signature}/{inside.removeprefix('/enc/')}"
    return f"/video/{signature}{inside}"


def _escaped(address: str) -> str:
    return "/" + quote(address, safe="")


def _in_base64(address: str) -> str:
    return "/enc/" + base64.urlsafe_b64encode(address.encode()).decode()


def _profile(name: str, number: str) -> str:
    banner = quote(f"https://pbs.twimg.com/profile_banners/{number}/1/1500x500", safe="")
    return (
        f'<!DOCTYPE html><html><body><div class="profile-tabs"><div class="profile-banner">'
        f'<a href="/pic/{banner}"></a></div><a class="profile-card-avatar" href="/pic/x.jpg"></a>'
        f'<a class="profile-card-fullname" href="/{name}" title="{name.title()}">A</a>'
        f'<a class="profile-card-username" href="/{name}" title="@{name}">@{name}</a>'
        '<p dir="auto">A person.</p>'
        '<div class="profile-joindate"><span title="8:50 PM - 21 Mar 2009">Joined</span></div></div>'
    )
