"""YouTube's website: pages with their data in scripts, innertube behind them, the file hosts.

Shapes as yt-dlp 2026.10 reads them. The website itself is told no address of a film (it streams in
a way of its own, SABR); the client VISIONOS gets plain addresses that carry no signature to be
solved. Each entry of the world is one film, in the tab that `kind_of` tells. A channel's tabs show
30 at once, a playlist 100.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites import youtube_shapes as shapes
from tests.testsites.media import jpeg
from tests.testsites.world import Entry, World
from tests.testsites.youtube_shapes import (
    PICTURES,
    STREAMS,
    Json,
    Kind,
    Track,
    channel_id,
    kind_of,
    uploads_id,
    youtube_id,
)

HOST = "www.youtube.com"
TAB, LIST = 30, 100
CONTEXT: Json = {
    "visitorData": "CgtWaXNpdG9y",
    "webResponseContextExtensionData": {"ytConfigData": {"visitorData": "CgtWaXNpdG9y"}},
}
PLAYER: Json = {
    "mediaCommonConfig": {
        "mediaUstreamerRequestConfig": {"videoPlaybackUstreamerConfig": "Ct4CCqcBCAA"}
    }
}
TITLES: dict[Kind, str] = {"videos": "Videos", "shorts": "Shorts", "streams": "Live"}
ROBOT = "Sign in to confirm you\u2019re not a bot"
# What the player says in the stead of a film: status, reason, and what it adds.
REFUSALS = {
    "removed": ("ERROR", "Video unavailable", "This video has been removed by the uploader"),
    "ended": (
        "ERROR",
        "Video unavailable",
        (
            "This video is no longer available because the YouTube account associated with this video "
            "has been terminated."
        ),
    ),
    "unknown": ("ERROR", "Video unavailable", ""),
    "private": (
        "LOGIN_REQUIRED",
        "Private video",
        "Sign in if you've been granted access to this video",
    ),
    "members": (
        "UNPLAYABLE",
        (
            "Join this channel to get access to members-only content like this video, and other "
            "exclusive perks."
        ),
        "",
    ),
    "adults": (
        "LOGIN_REQUIRED",
        "Sign in to confirm your age",
        "This video may be inappropriate for some users.",
    ),
    "elsewhere": (
        "UNPLAYABLE",
        "Video unavailable",
        "The uploader has not made this video available in your country",
    ),
    "robot": ("LOGIN_REQUIRED", ROBOT, "This helps protect our community. Learn more"),
    "too often": ("UNPLAYABLE", "This content isn\u2019t available, try again later.", ""),
    "upcoming": ("LIVE_STREAM_OFFLINE", "This live event will begin in 3 hours.", ""),
}
INSTEAD = {"removed": "[Deleted video]", "ended": "[Deleted video]", "private": "[Private video]"}


@dataclass(kw_only=True)
class YouTube:
    """The site, and what is odd on it at the moment; a test may change that."""

    world: World
    refused: dict[str, str] = field(default_factory=dict)  # a video's id: a key of REFUSALS
    live: set[str] = field(default_factory=set)  # ids
    whole_only: set[str] = field(default_factory=set)  # ids of films that have no separate parts
    tracks: dict[str, tuple[Track, ...]] = field(default_factory=dict)  # by id
    playlists: dict[str, Sequence[Entry]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)  # channels that YouTube has ended
    new_lists: bool = False  # the form in which playlists have begun to appear
    blocked: bool = False  # everybody is taken for a robot

    def mount(self) -> None:
        """Show it under its hosts."""
        self.world.mount(HOST, self._site())
        self.world.mount("youtube.com", Starlette(routes=[Route("/{path:path}", _to_www)]))
        self.world.mount(STREAMS, Starlette(routes=[Route("/videoplayback", self._stream)]))
        self.world.mount(PICTURES, Starlette(routes=[Route("/{kind}/{id}/{name}", self._picture)]))

    def in_tab(self, name: str, tab: Kind) -> list[Entry]:
        """Return what stands in a tab of a channel, newest first."""
        return [entry for entry in self.world.people[name] if kind_of(entry) == tab]

    def _site(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/watch", self._watch),
                Route("/embed/{id}", _embedded),
                Route("/playlist", self._playlist),
                Route("/api/timedtext", self._subtitles),
                Route("/youtubei/v1/player", self._player, methods=["POST"]),
                Route("/youtubei/v1/browse", self._browse, methods=["POST"]),
                Route("/youtubei/v1/next", _nothing_next, methods=["POST"]),
                Route("/youtubei/v1/navigation/resolve_url", _unknown, methods=["POST"]),
                Route("/channel/{channel}", self._channel),
                Route("/channel/{channel}/{tab}", self._channel),
                Route("/c/{name}", self._channel),
                Route("/c/{name}/{tab}", self._channel),
                Route("/user/{name}", self._channel),
                Route("/user/{name}/{tab}", self._channel),
                Route("/@{name}", self._channel),
                Route("/@{name}/{tab}", self._channel),
            ]
        )

    # -- channels and playlists

    async def _channel(self, request: Request) -> Response:
        name = request.path_params.get("name", "").lower() or next(
            (n for n in self.world.people if channel_id(n) == request.path_params["channel"]), ""
        )
        if name in self.closed:
            return _page(
                _alert(
                    "This account has been terminated for a violation of YouTube's Terms of Service."
                )
            )
        if name not in self.world.people:
            if "channel" in request.path_params:
                return _page(_alert("This channel does not exist."))
            return HTMLResponse("<html><title>404 Not Found</title></html>", 404)
        wanted = request.path_params.get("tab", "featured")
        tabs = [tab for tab in TITLES if self.in_tab(name, tab)]
        selected = wanted if wanted in tabs else "featured"
        home: Json = {"title": "Home", "content": {"sectionListRenderer": {"contents": []}}}
        shown = [_tab(name, "featured", home, selected=selected == "featured")]
        for tab in tabs:
            content: Json = {"title": TITLES[tab]}
            if selected == tab:
                items = self._rows(f"tab {name} {tab}", 0)
                content["content"] = {"richGridRenderer": {"contents": items}}
            shown.append(_tab(name, tab, content, selected=selected == tab))
        return _page(
            {
                "contents": {"twoColumnBrowseResultsRenderer": {"tabs": shown}},
                "metadata": {"channelMetadataRenderer": _about(name)},
                "responseContext": CONTEXT,
            }
        )

    async def _playlist(self, request: Request) -> Response:
        return _page(self._list(request.query_params["list"]))

    async def _browse(self, request: Request) -> Response:
        asked = await request.json()
        if token := asked.get("continuation"):
            key, start = json.loads(urlsafe_b64decode(token))
            items = {"continuationItems": self._rows(key, start)}
            return JSONResponse(
                {"onResponseReceivedActions": [{"appendContinuationItemsAction": items}]}
            )
        return JSONResponse(self._list(asked["browseId"].removeprefix("VL")))

    def _list(self, name: str) -> Json:
        if not self._entries(name):
            return _alert("The playlist does not exist.")
        rows = self._rows(f"list {name}", 0)
        if not self.new_lists:
            rows = [{"playlistVideoListRenderer": {"contents": rows, "playlistId": name}}]
        section: Json = {"contents": [{"itemSectionRenderer": {"contents": rows}}]}
        tab: Json = {"selected": True, "content": {"sectionListRenderer": section}}
        return {
            "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": tab}]}},
            "metadata": {"playlistMetadataRenderer": {"title": f"List {name}"}},
            "responseContext": CONTEXT,
        }

    def _entries(self, name: str) -> Sequence[Entry]:
        owner = next((n for n in self.world.people if uploads_id(n) == name), None)
        return self.playlists.get(name, ()) if owner is None else self.world.people[owner]

    def _rows(self, key: str, start: int) -> list[Json]:
        """Return a page of a tab or a playlist, and the way behind it."""
        kind, name, *tab = key.split(" ")
        if kind == "tab":
            entries: Sequence[Entry] = self.in_tab(name, tab[0])  # type: ignore[arg-type]  # ours
            rows = [self._row(entry) for entry in entries[start : start + TAB]]
        else:
            entries = self._entries(name)
            shown = enumerate(entries[start : start + LIST], start)
            rows = [self._listed(entry, place) for place, entry in shown]
        end = start + len(rows)
        if end < len(entries):
            rows.append(shapes.onward(urlsafe_b64encode(json.dumps([key, end]).encode()).decode()))
        return rows

    def _listed(self, entry: Entry, place: int) -> Json:
        if self.new_lists:
            return shapes.lockup(entry, "0:01", by=entry.author)
        instead = INSTEAD.get(self.refused.get(youtube_id(entry), ""), "")
        return shapes.listed(entry, place, instead)

    def _row(self, entry: Entry) -> Json:
        video = youtube_id(entry)
        if kind_of(entry) == "shorts":
            return {"richItemRenderer": {"content": shapes.short(entry)}}
        refusal = self.refused.get(video)
        badge = "LIVE" if video in self.live else "Upcoming" if refusal == "upcoming" else "0:01"
        shown = shapes.lockup(entry, badge, members=refusal == "members")
        return {"richItemRenderer": {"content": shown}}

    # -- videos

    async def _watch(self, request: Request) -> Response:
        video = request.query_params["v"]
        entry = self._find(video)
        player = self._played(video, website=True)
        return _page(shapes.watch_page(entry) if entry else {"contents": {}}, player)

    async def _player(self, request: Request) -> Response:
        asked = await request.json()
        website = asked["context"]["client"]["clientName"].startswith("WEB")
        return JSONResponse(self._played(asked["videoId"], website=website))

    def _played(self, video: str, *, website: bool) -> Json:
        entry = self._find(video)
        reason = "robot" if self.blocked else self.refused.get(video, "" if entry else "unknown")
        told: Json = {"responseContext": {"visitorData": "CgtWaXNpdG9y"}}
        if reason:
            told["playabilityStatus"] = _refusal(*REFUSALS[reason])
        if entry is None or reason in {"removed", "ended", "unknown", "private", "robot"}:
            return told
        live, upcoming = video in self.live, reason == "upcoming"
        told["videoDetails"] = shapes.details(entry, live=live, upcoming=upcoming)
        if website:
            told["microformat"] = shapes.microformat(entry, live=live, upcoming=upcoming)
        if reason:
            return told
        told["playabilityStatus"] = {"status": "OK", "playableInEmbed": True}
        told["playerConfig"] = PLAYER
        if website:
            told["streamingData"] = {"serverAbrStreamingUrl": f"https://{STREAMS}/videoplayback"}
        else:
            apart = video not in self.whole_only
            told["streamingData"] = shapes.formats(entry, apart=apart)
        if tracks := self.tracks.get(video):
            told["captions"] = shapes.captions(entry, tracks)
        return told

    async def _subtitles(self, request: Request) -> Response:
        query = request.query_params
        entry = self._find(query["v"])
        if entry is None or not shapes.is_fresh(query["expire"]) or "signature" not in query:
            return Response(status_code=404)
        text, kind = shapes.subtitles(entry, query["lang"], query.get("fmt", "srv1"))
        return Response(text, media_type=kind)

    async def _stream(self, request: Request) -> Response:
        query = request.query_params
        entry = self._find(query["id"].removeprefix("o-"))
        if entry is None or not shapes.is_fresh(query["expire"]):
            return Response(status_code=403)
        whole, apart = {"18": shapes.film(entry)}, {}
        if query["itag"] not in whole:
            apart = dict(zip(("136", "140"), shapes.parts(entry), strict=True))
        return _ranged(request, (whole | apart)[query["itag"]], query["mime"])

    async def _picture(self, request: Request) -> Response:
        if self._find(request.path_params["id"]) is None:
            return Response(status_code=404)
        return Response(jpeg(request.path_params["id"]), media_type="image/jpeg")

    def _find(self, video: str) -> Entry | None:
        return next((e for e in _all(self.world.people.values()) if youtube_id(e) == video), None)


def _all(people: Iterable[Iterable[Entry]]) -> Iterable[Entry]:
    return (entry for entries in people for entry in entries)


def _about(name: str) -> Json:
    return {
        "title": name.title(),
        "description": f"Films by {name}",
        "externalId": channel_id(name),
        "channelUrl": f"{shapes.ROOT}/channel/{channel_id(name)}",
        "vanityChannelUrl": f"http://www.youtube.com/@{name}",
        "ownerUrls": [f"http://www.youtube.com/@{name}"],
    }


def _tab(name: str, tab: str, content: Json, *, selected: bool) -> Json:
    command: Json = {"webCommandMetadata": {"url": f"/@{name}/{tab}"}}
    rest = {"selected": True, **content} if selected else {"title": content["title"]}
    return {"tabRenderer": {"endpoint": {"commandMetadata": command}, **rest}}


def _alert(text: str) -> Json:
    alert: Json = {"type": "ERROR", "text": {"runs": [{"text": text}]}}
    return {"responseContext": {}, "alerts": [{"alertRenderer": alert}]}


def _refusal(status: str, reason: str, more: str) -> Json:
    shown: Json = {"reason": {"simpleText": reason}}
    if more:
        shown["subreason"] = {"runs": [{"text": more}]}
    return {
        "status": status,
        "reason": reason,
        "errorScreen": {"playerErrorMessageRenderer": shown},
    }


def _page(data: Json, player: Json | None = None) -> Response:
    client = {"hl": "en", "gl": "US", "clientName": "WEB", "clientVersion": "2.20261120.00.00"}
    settings: Json = {
        "EXPERIMENT_FLAGS": {},
        "INNERTUBE_API_KEY": "AIzaTest",
        "INNERTUBE_CLIENT_NAME": "WEB",
        "INNERTUBE_CLIENT_VERSION": "2.20261120.00.00",
        "INNERTUBE_CONTEXT": {
            "client": client,
            "clickTracking": {"clickTrackingParams": shapes.TRACK},
        },
        "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
        "VISITOR_DATA": "CgtWaXNpdG9y",
        "PLAYER_JS_URL": "/s/player/0a1b2c3d/player_es6.vflset/en_US/base.js",
        "STS": 20645,
        "WEB_PLAYER_CONTEXT_CONFIGS": {"x": {"innertubeApiKey": "AIzaTest"}},
    }
    text = json.dumps(settings, separators=(",", ":"))
    scripts = [f"ytcfg.set({text});"]
    if player is not None:
        scripts.append(f"var ytInitialPlayerResponse = {json.dumps(player)};")
    scripts.append(f"var ytInitialData = {json.dumps(data)};")
    body = "".join(f'<script nonce="x">{script}</script>' for script in scripts)
    return HTMLResponse(f"<!DOCTYPE html><html><head></head><body>{body}</body></html>")


def _ranged(request: Request, body: bytes, kind: str) -> Response:
    asked = request.headers.get("range", "").removeprefix("bytes=")
    if not asked:
        return Response(body, media_type=kind, headers={"Accept-Ranges": "bytes"})
    start, _, end = asked.partition("-")
    first, last = int(start), min(int(end or len(body) - 1), len(body) - 1)
    headers = {"Content-Range": f"bytes {first}-{last}/{len(body)}", "Accept-Ranges": "bytes"}
    return Response(body[first : last + 1], 206, headers=headers, media_type=kind)


async def _to_www(request: Request) -> Response:
    return RedirectResponse(str(request.url.replace(scheme="https", hostname=HOST)), 301)


async def _embedded(_: Request) -> Response:
    return _page({"contents": {}})  # its player is asked anew, with what this page is told


async def _nothing_next(_: Request) -> Response:
    return JSONResponse({"responseContext": CONTEXT, "contents": {}})


async def _unknown(_: Request) -> Response:
    error = {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    return JSONResponse({"error": error}, 404)
