"""X as its own web client sees it: the GraphQL interface, and the page and script it computes from.

Shapes, names of operations and paths as gallery-dl 1.32 and yt-dlp 2026.8 read them.
"""

import json
import time
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.world import Entry, World
from tests.testsites.x_page import PAGE, SCRIPT, SCRIPT_HASH, is_valid
from tests.testsites.x_shapes import Json, Shapes, entry_of, find_item, tweet_id, user_id

ROOT = "https://x.com"
TOKEN = "00ff" * 10  # of the one login that the site knows
GUEST = "1850000000000000001"
LIST = "1390000000000000001"
OPEN = {"UserByScreenName", "UserByRestId", "TweetResultByRestId"}  # what X gives to visitors
OF_USER = ("user", "result", "timeline", "timeline")
SEARCHED = ("search_by_raw_query", "search_timeline", "timeline")
DETAIL = "threaded_conversation_with_injections_v2"
# Sound and picture apart, as X streams its videos: whoever takes this must join them.
MASTER = """#EXTM3U
#EXT-X-MEDIA:NAME="Audio",TYPE=AUDIO,GROUP-ID="audio-128000",AUTOSELECT=YES,URI="{name}_audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2176000,RESOLUTION=320x400,CODECS="mp4a.40.2,avc1.64001f",AUDIO="audio-128000"
{name}_video.m3u8
"""


def mount_x(
    world: World, viewer: str, *, closed: str = "", suspended: str = "", page: int = 20
) -> None:
    """Show the world's people on X; who comes with `TOKEN` is `viewer`.

    `closed` shows nothing to others. Everybody else is in one list, and every other post of the
    viewer quotes somebody. The viewer has liked what all others published, the oldest last, and has
    bookmarked what is the viewer's own.
    """
    world.mount("x.com", _X(world, viewer, closed=closed, suspended=suspended, size=page).app)
    guest = Route("/1.1/guest/activate.json", _guest, methods=["POST"])
    world.mount("api.x.com", Starlette(routes=[guest]))
    script = Route(f"/responsive-web/client-web/ondemand.s.{SCRIPT_HASH}a.js", _script)
    world.mount("abs.twimg.com", Starlette(routes=[script]))
    world.mount("pbs.twimg.com", _files(world))
    world.mount("video.twimg.com", _files(world))


def cookies_of(token: str = TOKEN) -> str:
    """Return a login at X as a file of cookies."""
    pairs = (("auth_token", token), ("ct0", "5ad0" * 8))
    lines = [f".x.com\tTRUE\t/\tTRUE\t2000000000\t{name}\t{value}" for name, value in pairs]
    return "\n".join(["# Netscape HTTP Cookie File", *lines, ""])


class _X:
    """x.com: a page, and the operations."""

    def __init__(
        self, world: World, viewer: str, *, closed: str, suspended: str, size: int
    ) -> None:
        self._world = world
        self._viewer = viewer
        self._closed = closed
        self._suspended = suspended
        self._size = size
        self._shapes = Shapes(world, closed=closed, quoting=viewer)
        self._operations = {
            "UserByScreenName": self._user,
            "UserMedia": self._media_of_user,
            "Likes": self._likes,
            "Bookmarks": self._bookmarks,
            "ListLatestTweetsTimeline": self._list,
            "SearchTimeline": self._search,
            "TweetDetail": self._detail,
            "TweetResultByRestId": self._single,
        }
        self.app = Starlette(
            routes=[
                Route("/home", self._home),
                Route("/login", self._page),
                Route("/i/jf/", self._page),
                Route("/i/api/graphql/{query}/{operation}", self._operation),
            ]
        )

    async def _home(self, request: Request) -> Response:
        if request.cookies.get("auth_token") != TOKEN:
            return RedirectResponse(f"{ROOT}/login?redirect_after_login=%2Fhome", 302)
        return HTMLResponse(PAGE)

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(PAGE)

    async def _operation(self, request: Request) -> Response:
        name = request.path_params["operation"]
        if (refusal := _refusal(request, name)) is not None:
            return refusal
        variables = json.loads(request.query_params["variables"])
        limits = {"x-rate-limit-limit": "500", "x-rate-limit-remaining": "499"}
        limits["x-rate-limit-reset"] = str(int(time.time()) + 900)
        return JSONResponse(self._operations[name](variables), headers=limits)

    def _user(self, variables: Mapping[str, str]) -> Json:
        wanted = variables["screen_name"].lower()
        name = next((name for name in self._world.people if name.lower() == wanted), None)
        if name is None:
            return {"data": {}}
        if name == self._suspended:
            message = {"message": "User is suspended", "reason": "Suspended"}
            return {"data": {"user": {"result": {"__typename": "UserUnavailable", **message}}}}
        return {"data": {"user": {"result": self._shapes.user(name)}}}

    def _media_of_user(self, variables: Mapping[str, str]) -> Json:
        name = self._named(variables)
        if name == self._closed:
            return {"data": {"user": {"result": {"__typename": "User", "timeline": {}}}}}
        shown, cursors = self._cut(self._world.people[name], variables)
        items = [
            {"entryId": f"profile-grid-0-tweet-{tweet_id(entry)}", "item": self._item(entry)}
            for entry in shown
        ]
        if variables.get("cursor"):
            more: Json = {"type": "TimelineAddToModule", "moduleEntryId": "profile-grid-0"}
            rest: Json = {"type": "TimelineAddEntries", "entries": cursors}
            return _found(OF_USER, [more | {"moduleItems": items}, rest])
        grid: Json = {
            "entryId": "profile-grid-0",
            "content": {"entryType": "TimelineTimelineModule", "items": items},
        }
        entries: Json = {"type": "TimelineAddEntries", "entries": [grid, *cursors]}
        return _found(OF_USER, [{"type": "TimelineClearCache"}, entries])

    def _likes(self, variables: Mapping[str, str]) -> Json:
        others = [entry for entry in self._everybody() if entry.author != self._viewer]
        # X hides from everybody what others have liked.
        liked = others if self._named(variables) == self._viewer else []
        return self._timeline(OF_USER, liked, variables)

    def _bookmarks(self, variables: Mapping[str, str]) -> Json:
        own = self._world.people[self._viewer]
        return self._timeline(("bookmark_timeline_v2", "timeline"), own, variables)

    def _list(self, variables: Mapping[str, str]) -> Json:
        if variables["listId"] != LIST:
            return {"data": {"list": {}}}
        path = ("list", "tweets_timeline", "timeline")
        return self._timeline(path, self._everybody(), variables, odd=True)

    def _search(self, variables: Mapping[str, str]) -> Json:
        found = self._everybody()
        for word in variables["rawQuery"].split():
            kind, _, value = word.partition(":")
            match kind:
                case "from":
                    found = [one for one in found if one.author.lower() == value.lower()]
                case "max_id":
                    found = [one for one in found if int(tweet_id(one)) <= int(value)]
                case "filter":
                    pass  # everything here holds a link to its media
                case _:
                    found = [one for one in found if word in one.text.split()]
        return self._timeline(SEARCHED, found, variables)

    def _detail(self, variables: Mapping[str, str]) -> Json:
        number = variables["focalTweetId"]
        shared = self._shapes.retweet(self._everybody()[0], self._viewer)
        if number == shared["rest_id"]:
            alone: Json = {"type": "TimelineAddEntries", "entries": [_wrapped(number, shared)]}
            return _found((DETAIL,), [alone])
        entry = entry_of(self._world, number)
        if entry is None:
            return {"errors": [MISSING], "data": {}}
        if entry.author == self._closed:
            stone = _wrapped(tweet_id(entry), TOMBSTONE)
            return _found((DETAIL,), [{"type": "TimelineAddEntries", "entries": [stone]}])
        reply = self._everybody()[-1]
        thread: Json = {
            "entryId": f"conversationthread-{tweet_id(reply)}",
            "content": {
                "entryType": "TimelineTimelineModule",
                "items": [{"entryId": "conversationthread-1-tweet-1", "item": self._item(reply)}],
            },
        }
        entries = [self._entry(entry), thread]
        return _found((DETAIL,), [{"type": "TimelineAddEntries", "entries": entries}])

    def _single(self, variables: Mapping[str, str]) -> Json:
        entry = entry_of(self._world, variables["tweetId"])
        if entry is None:
            return {"data": {"tweetResult": {}}}
        reasons = {self._closed: "Protected", self._suspended: "Suspended"}
        if reason := reasons.get(entry.author):
            shown: Json = {"__typename": "TweetUnavailable", "reason": reason}
        else:
            shown = self._shapes.result(entry)
        return {"data": {"tweetResult": {"result": shown}}}

    def _named(self, variables: Mapping[str, str]) -> str:
        people = self._world.people
        return next(name for name in people if user_id(self._world, name) == variables["userId"])

    def _everybody(self) -> list[Entry]:
        people = self._world.people.items()
        entries = [one for name, entries in people for one in entries if name != self._closed]
        return sorted(entries, key=lambda one: int(tweet_id(one)), reverse=True)

    def _timeline(
        self,
        path: tuple[str, ...],
        entries: Sequence[Entry],
        variables: Mapping[str, str],
        *,
        odd: bool = False,
    ) -> Json:
        shown, cursors = self._cut(entries, variables)
        found = [self._entry(entry) for entry in shown]
        if odd and shown:
            found = [*self._oddities(shown[0]), *found]
        return _found(path, [{"type": "TimelineAddEntries", "entries": [*found, *cursors]}])

    def _oddities(self, entry: Entry) -> list[Json]:
        """Return what stands in a timeline and is no post of its own: an ad, and something shared."""
        ad = {"tweet_results": {"result": self._shapes.tweet(entry)}, "promotedMetadata": {}}
        shared = self._shapes.retweet(entry, self._viewer)
        return [
            {"entryId": "promoted-tweet-1", "content": {"itemContent": ad}},
            _wrapped(str(shared["rest_id"]), shared),
        ]

    def _cut(
        self, entries: Sequence[Entry], variables: Mapping[str, str]
    ) -> tuple[Sequence[Entry], list[Json]]:
        """Return a page, and the cursors around it: X gives one even behind the last page."""
        start = int((variables.get("cursor") or "DAABCgABGtop-0").rpartition("-")[2])
        shown = entries[start : start + self._size]
        places = (("top", "Top", start), ("bottom", "Bottom", start + len(shown)))
        return shown, [
            {
                "entryId": f"cursor-{place}-{number}",
                "content": {
                    "entryType": "TimelineTimelineCursor",
                    "cursorType": kind,
                    "value": f"DAABCgABG{place}-{number}",
                },
            }
            for place, kind, number in places
        ]

    def _item(self, entry: Entry) -> Json:
        result = {"result": self._shapes.result(entry)}
        return {"itemContent": {"itemType": "TimelineTweet", "tweet_results": result}}

    def _entry(self, entry: Entry) -> Json:
        return _wrapped(tweet_id(entry), self._shapes.result(entry))


MISSING: Json = {
    "message": "_Missing: No status found with that ID.",
    "path": [DETAIL],
    "extensions": {"name": "GenericError", "source": "Server", "code": 144, "kind": "NonFatal"},
    "code": 144,
    "kind": "NonFatal",
    "name": "GenericError",
    "source": "Server",
}


TOMBSTONE: Json = {
    "__typename": "TweetTombstone",
    "tombstone": {
        "__typename": "TextTombstone",
        "text": {"text": "You're unable to view this Post. Learn more"},
    },
}


def _wrapped(number: str, result: Json) -> Json:
    content = {"itemType": "TimelineTweet", "tweet_results": {"result": result}}
    return {
        "entryId": f"tweet-{number}",
        "sortIndex": number,
        "content": {"entryType": "TimelineTimelineItem", "itemContent": content},
    }


def _found(path: tuple[str, ...], instructions: list[Json]) -> Json:
    inner: Json = {"instructions": instructions}
    for name in reversed(path):
        inner = {name: inner}
    return {"data": inner}


def _refusal(  # noqa: PLR0911  # one line a reason
    request: Request, operation: str
) -> Response | None:
    """Return what X answers to a request that is not as its own client sends it."""
    headers = request.headers
    token = request.cookies.get("auth_token")
    if not headers.get("authorization", "").startswith("Bearer AAAA"):
        return _error(403, 215, "Bad authentication data.")
    if token is None:
        if headers.get("x-guest-token") != GUEST:
            return _error(403, 239, "Bad guest token.")
        return None if operation in OPEN else Response("", 404)
    if token != TOKEN:
        return _error(401, 32, "Could not authenticate you.")
    if headers.get("x-csrf-token") != request.cookies.get("ct0"):
        return _error(403, 353, "This request requires a matching csrf cookie and header.")
    computed = headers.get("x-client-transaction-id", "")
    if operation == "TweetResultByRestId" or is_valid(computed, request.method, request.url.path):
        return None
    return Response("", 404)


def _error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status)


async def _guest(_: Request) -> Response:
    return JSONResponse({"guest_token": GUEST})


async def _script(_: Request) -> Response:
    return Response(SCRIPT, media_type="application/javascript")


def _files(world: World) -> Starlette:
    """Return a host of files, which are known by the number or the name in their address."""

    async def show(request: Request) -> Response:
        parts = request.path_params["path"].replace(".", "/").split("/")
        item = next((one for one in (find_item(world, part) for part in parts) if one), None)
        if item is None:
            return Response("", 404)
        if parts[-1] == "m3u8":
            return Response(MASTER.format(name=parts[-2]), media_type="application/x-mpegURL")
        return Response(item.body, media_type=item.content_type)

    return Starlette(routes=[Route("/{path:path}", show)])
