"""Nitter, a viewer of X on a host of its own: pages of HTML, with its marks as of August 2026."""

import base64
import hashlib
import html
from collections.abc import Callable, Sequence
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.world import Entry, Item, World
from tests.testsites.x_shapes import (
    entry_of,
    file_address,
    flavour,
    media_name,
    retweet_id,
    tweet_id,
    user_id,
)

PAGE = 20
# What some instances show first: Anubis, with HTTP 200.
ANUBIS = (
    "<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title>"
    '<script id="anubis_challenge" type="application/json">{"rules":{"algorithm":"fast"}}</script>'
    "</head><body><h1>Making sure you&#39;re not a bot!</h1></body></html>"
)


def nitter(
    world: World, *, encoded: bool = False, quoting: str = "", closed: str = "", suspended: str = ""
) -> Starlette:
    """Return an instance. `encoded`: its addresses hold X's in Base64, as its owner may choose.

    Every other post of `quoting` quotes somebody, and the first page of a search also shows what
    somebody only shared.
    """
    return _Nitter(
        world,
        _in_base64 if encoded else _escaped,
        quoting=quoting,
        closed=closed,
        suspended=suspended,
    ).app


def error(words: str) -> str:
    """Return the page on which an instance says why it shows nothing."""
    return f'<html><body><div class="panel-container"><div class="error-panel"><span>{words}</span></div></div>'


class _Nitter:
    def __init__(
        self,
        world: World,
        written: Callable[[str], str],
        *,
        quoting: str,
        closed: str,
        suspended: str,
    ) -> None:
        self._world = world
        self._written = written
        self._quoting = quoting
        self._closed = closed
        self._suspended = suspended
        self.app = Starlette(
            routes=[
                Route("/search", self._search),
                Route("/i/lists/{id}", self._list),
                Route("/i/status/{id}", self._status),
                Route("/{name}/status/{id}", self._status),
                Route("/i/web/status/{id}", self._moved),
                Route("/{name}/media", self._media),
            ]
        )

    async def _media(self, request: Request) -> Response:
        name = next(
            (
                one
                for one in self._world.people
                if one.lower() == request.path_params["name"].lower()
            ),
            "",
        )
        if not name:
            return HTMLResponse(error(f'User "{request.path_params["name"]}" not found'), 404)
        if name == self._suspended:
            return HTMLResponse(error(f'User "{name}" has been suspended'))
        profile = _profile(name, user_id(self._world, name))
        if name == self._closed:
            protected = '<div class="timeline-header timeline-protected"><h2>This account\'s tweets'
            return HTMLResponse(f"{profile}{protected} are protected.</h2></div>")
        view = request.query_params.get("view")
        query = f"view={view}&" if view else ""
        return self._timeline(request, profile, self._world.people[name], query)

    async def _search(self, request: Request) -> Response:
        words = request.query_params["q"].split()
        found = self._everybody()
        for word in words:
            if word.startswith("from:"):
                who = word.removeprefix("from:").lower()
                found = [entry for entry in found if entry.author.lower() == who]
            else:
                found = [entry for entry in found if word in entry.text.split()]
        query = f"f=tweets&q={quote(request.query_params['q'], safe='')}&"
        shared = "" if "cursor" in request.query_params else self._item(found[0], shared=True)
        return self._timeline(request, "<!DOCTYPE html><html><body>" + shared, found, query)

    async def _list(self, request: Request) -> Response:
        return self._timeline(request, "<!DOCTYPE html><html><body>", self._everybody(), "")

    async def _status(self, request: Request) -> Response:
        entry = entry_of(self._world, request.path_params["id"])
        if entry is None:
            return HTMLResponse(error("Tweet not found"), 404)
        if entry.author == self._closed:
            return HTMLResponse(error("You are unable to view this Post."), 404)
        before = self._everybody()[-1]
        reply = self._everybody()[0]
        main = (
            f'<div class="conversation"><div class="main-thread"><div class="before-tweet thread-line">'
            f'{self._item(before)}</div><div id="m" class="main-tweet">{self._item(entry, request)}'
        )
        replies = (
            f'<div class="replies" id="r"><div class="reply thread">{self._item(reply)}</div></div>'
        )
        return HTMLResponse(f"{main}\n                </div>\n{ENDS}{replies}")

    async def _moved(self, request: Request) -> Response:
        return RedirectResponse(f"/i/status/{request.path_params['id']}", 302)

    def _timeline(
        self, request: Request, head: str, entries: Sequence[Entry], query: str
    ) -> Response:
        start = int(request.query_params.get("cursor", "DAAH-0").rpartition("-")[2])
        shown = entries[start : start + PAGE]
        tweets = "".join(self._item(entry, request) for entry in shown)
        newest = f'<div class="timeline-item show-more"><a href="?{query}">Load newest</a></div>'
        # There is a next page as long as there is anything on this one.
        href = f"?{query}cursor=DAAH-{start + len(shown)}"
        more = f'<div class="show-more"><a href="{html.escape(href)}">Load more</a></div>'
        if shown:
            return HTMLResponse(head + (newest if start else "") + tweets + more)
        if start:
            return HTMLResponse(f'{head}{newest}<h2 class="timeline-end">No more items</h2>')
        return HTMLResponse(f'{head}<h2 class="timeline-none">No items found</h2>')

    def _everybody(self) -> list[Entry]:
        people = self._world.people.items()
        entries = [one for name, entries in people for one in entries if name != self._closed]
        return sorted(entries, key=lambda one: int(tweet_id(one)), reverse=True)

    def _item(self, entry: Entry, request: Request | None = None, *, shared: bool = False) -> str:
        streams = request is not None and request.cookies.get("hlsPlayback") == "on"
        tweet = self._tweet(entry, streams=streams, shared=shared)
        return f'<div class="timeline-item " data-username="{entry.author}">{tweet}</div>'

    def _tweet(self, entry: Entry, *, streams: bool, shared: bool) -> str:
        files = "".join(_file(entry, item, self._written, streams=streams) for item in entry.items)
        name = entry.author
        number = retweet_id(entry) if shared else tweet_id(entry)
        text = html.escape(entry.text.rpartition("#")[0], quote=False)
        tag = entry.text.rpartition("#")[2]
        again = '<div class="retweet-header"><span>Somebody retweeted</span></div>'
        stats = '<span class="tweet-stat"><div class="icon-comment"></div> 1</span>'
        return (
            f'<a class="tweet-link" href="/{name}/status/{number}#m"></a><div class="tweet-body">'
            f"{again if shared else ''}{_header(entry, number)}"
            f'<div class="tweet-content media-body" dir="auto">{text}<a href="/search?q=%23{tag}">'
            f'#{tag}</a></div><div class="attachments">{files}</div>{self._quote(entry)}'
            f'<div class="tweet-stats">{stats}</div></div>'
        )

    def _quote(self, entry: Entry) -> str:
        if entry.author != self._quoting or entry.id // 10 % 2:
            return ""
        quoted = next(one for one in self._everybody() if one.author != entry.author)
        files = "".join(_file(quoted, item, self._written, streams=False) for item in quoted.items)
        return (
            f'<div class="quote quote-big"><a class="quote-link" href="/q/status/{tweet_id(quoted)}#m">'
            f"</a>{_header(quoted, tweet_id(quoted))}"
            f'<div class="quote-text" dir="auto">{html.escape(quoted.text)}</div>'
            f'<div class="quote-media-container"><div class="attachments">{files}</div></div></div>'
            '<p class="tweet-published">now</p>'
        )


ENDS = "              </div></div></div>"


def _header(entry: Entry, number: str) -> str:
    name = entry.author
    at = entry.at.strftime("%b %d, %Y · %I:%M %p UTC")
    return (
        f'<div class="tweet-name-row"><a class="fullname" href="/{name}" title="{name.title()}">A</a>'
        f'<a class="username" href="/{name}" title="@{name}">@{name}</a>'
        f'<span class="tweet-date"><a href="/{name}/status/{number}#m" title="{at}">3h</a></span></div>'
    )


def _file(entry: Entry, item: Item, written: Callable[[str], str], *, streams: bool) -> str:
    """Return an attachment; who has not asked for streams sees a film's picture and its download."""
    if flavour(item) == "photo":
        name = media_name(entry, item)
        original = "/pic/orig" + written(f"media/{name}.jpg")
        small = "/pic" + written(f"media/{name}.jpg?name=small&format=webp")
        inside = f'<a class="still-image" href="{original}"><img src="{small}" alt=""></a>'
        return f'<div class="attachment">{inside}</div>'
    address = file_address(entry, item)
    if flavour(item) == "animated_gif":
        inner = "/pic" + written(address.removeprefix("https://"))
        film = f'<video class="gif" controls><source src="{inner}" type="video/mp4"></video>'
        return f'<div class="attachment">{film}</div>'
    stream = _signed(address.replace(".mp4", ".m3u8"), written)
    thumb = "/pic" + written("ext_tw_video_thumb/1/pu/img/a.jpg?name=small")
    off = (
        f'<img src="{thumb}" loading="lazy"><div class="video-overlay"><form action="/enablehls">'
        "<button>Enable hls playback</button></form></div>"
    )
    player = f'<video data-url="{stream}" data-autoload="false"></video>' if streams else off
    download = _signed(address, written)
    return (
        f'<div class="attachment">{player}'
        f'<a class="video-download" href="{download}" download=""></a></div>'
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
