"""Reddit's public JSON listings, and its hosts for pictures and videos."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.mastodon import serve_item
from tests.testsites.world import Entry, Item, World

ROOT = "https://www.reddit.com"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
GIPHY = "https://external-preview.redd.it/AbCd-3o7btY.gif?width=200&height=200&s=0a1b"
CLOSED = {"hidden": (403, "private"), "forbidden": (404, "banned"), "fenced": (403, "quarantined")}
SUSPENDED, SHY = "suspended", "shy"
Json = dict[str, object]


def mount_reddit(world: World, *, page: int = 25) -> None:
    """Show the world's people as users; r/everybody has all their posts, r/mixed every odd case."""
    world.mount("www.reddit.com", _listings(world, page))
    world.mount("i.redd.it", _pictures(world))
    world.mount("v.redd.it", _videos(world))


def reddit_id(number: int) -> str:
    """Return Reddit's form of an id."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def _listings(world: World, size: int) -> Starlette:
    def everybody() -> list[Entry]:
        entries = [entry for entries in world.people.values() for entry in entries]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)

    async def user(request: Request) -> Response:
        name = request.path_params["name"]
        entries = world.people.get(name)
        return _listing(request, map(_submission, entries), size) if entries else _missing(name)

    async def about(request: Request) -> Response:
        return _account(world, request.path_params["name"])

    async def subreddit(request: Request) -> Response:
        match request.path_params["name"]:
            case "everybody":
                return _listing(request, map(_submission, everybody()), size)
            case "mixed":
                return _listing(request, _odd_cases(everybody()), size)
            case name if name in CLOSED:
                status, reason = CLOSED[name]
                return JSONResponse({"message": "No", "error": status, "reason": reason}, status)
            case name:
                return RedirectResponse(f"{ROOT}/subreddits/search.json?q={name}")

    async def search(_: Request) -> Response:
        found = {"kind": "t5", "data": {"display_name": "somethingelse"}}
        return JSONResponse({"kind": "Listing", "data": {"after": None, "children": [found]}})

    async def comments(request: Request) -> Response:
        name = request.path_params["id"]
        entry = next((one for one in everybody() if reddit_id(one.id) == name), None)
        remark: Json = {"kind": "t1", "data": {"id": "c1", "body": "Nice.", "replies": ""}}
        parts = entry and [_page([_thing(_submission(entry))]), _page([remark])]
        return JSONResponse(parts) if parts else _missing()

    return Starlette(
        routes=[
            Route("/user/{name}/about.json", about),
            Route("/user/{name}/.json", user),
            Route("/user/{name}/submitted/.json", user),
            Route("/r/{name}/.json", subreddit),
            Route("/r/{name}/{order}/.json", subreddit),
            Route("/subreddits/search.json", search),
            Route("/comments/{id}/.json", comments),
        ]
    )


def _account(world: World, name: str) -> Response:
    known: Json = {"id": name, "name": name}
    if name == SUSPENDED:
        known = {"name": name, "is_suspended": True}
    elif name not in world.people:
        return _missing()
    return JSONResponse({"kind": "t2", "data": known})


def _missing(name: str = "") -> Response:
    if name in {SUSPENDED, SHY}:
        return JSONResponse({"message": "Forbidden", "error": 403}, 403)
    return JSONResponse({"message": "Not Found", "error": 404}, 404)


def _listing(request: Request, submissions: Iterable[Json], size: int) -> Response:
    things = [_thing(submission) for submission in submissions]
    names = [f"t3_{submission['data']['id']}" for submission in things]  # type: ignore[index]  # ours
    start = 1 + names.index(request.query_params["after"]) if "after" in request.query_params else 0
    shown = things[start : start + size]
    end = start + len(shown)
    return JSONResponse(_page(shown, after=names[end - 1] if end < len(things) else None))


def _page(children: list[Json], *, after: str | None = None) -> Json:
    data = {"after": after, "before": None, "dist": len(children), "children": children}
    return {"kind": "Listing", "data": data}


def _thing(submission: Json) -> Json:
    return {"kind": "t3", "data": submission}


def _submission(entry: Entry) -> Json:
    number = reddit_id(entry.id)
    common: Json = {
        "id": number,
        "name": f"t3_{number}",
        "author": entry.author,
        "author_fullname": f"t2_{entry.author}",
        "subreddit": "everybody",
        "title": entry.text,
        "permalink": f"/r/everybody/comments/{number}/x/",
        "created_utc": entry.at.timestamp(),
        "selftext": "",
        "selftext_html": None,
        "is_self": False,
        "is_video": False,
        "stickied": False,
        "pinned": False,
        "removed_by_category": None,
        "num_comments": 1,
        "secure_media": None,
    }
    match entry.items:
        case []:
            return {**common, "url": f"{ROOT}{common['permalink']}", "is_self": True}
        case [Item(kind="image") as only]:
            return {**common, "url": f"https://i.redd.it/{only.name}", "post_hint": "image"}
        case [only]:
            return {**common, **_hosted_video(only)}
        case several:
            return {**common, **_gallery(number, several)}


def _hosted_video(item: Item) -> Json:
    home = f"https://v.redd.it/{item.id}"
    video = {
        "dash_url": f"{home}/DASHPlaylist.mpd?a=1",
        "fallback_url": f"{home}/{item.name}?source=fallback",
        "duration": 1,
        "width": 180,
        "height": 320,
        "is_gif": False,
    }
    return {"url": home, "is_video": True, "secure_media": {"reddit_video": video}}


def _gallery(number: str, items: tuple[Item, ...]) -> Json:
    return {
        "url": f"{ROOT}/gallery/{number}",
        "is_gallery": True,
        "gallery_data": {"items": [{"media_id": str(item.id), "id": item.id} for item in items]},
        # In another order than shown: only gallery_data has that.
        "media_metadata": {str(item.id): _metadata(item) for item in reversed(items)},
    }


def _metadata(item: Item) -> Json:
    preview = f"https://preview.redd.it/{item.name}?width=320&s=0a"
    source: Json = {"x": 320, "y": 400, ("u" if item.kind == "image" else "mp4"): preview}
    kind = "Image" if item.kind == "image" else "AnimatedImage"
    return {"status": "valid", "e": kind, "s": source, "id": str(item.id)}


def _odd_cases(entries: list[Entry]) -> list[Json]:
    rules = _submission(entries[-1]) | {"id": "rules", "stickied": True}
    rules |= {"url": f"{ROOT}/r/mixed/", "is_self": True, "is_video": False}
    picture = next(one for one in entries if [item.kind for item in one.items] == ["image"])
    again = _submission(picture) | {"id": "again", "crosspost_parent": "t3_first"}
    again["crosspost_parent_list"] = [_submission(picture) | {"id": "first", "author": "other"}]
    outside = _submission(picture) | {"id": "outside", "url": "https://elsewhere.example/a.jpg"}
    removed = _submission(entries[0]) | {"id": "removed", "removed_by_category": "moderator"}
    removed |= {"url": f"{ROOT}/gallery/removed", "gallery_data": None, "media_metadata": None}
    removed |= {"is_video": False}
    return [rules, again, outside, removed, _told_by_null(entries[-1]), _of_giphy(entries[-1])]


def _told_by_null(entry: Entry) -> Json:
    """Null is what Reddit says for what there is not, also where words or a list would stand."""
    nothing = ("url", "selftext", "is_video", "crosspost_parent_list", "secure_media", "pinned")
    return _submission(entry) | {"id": "nulls", "is_self": True, **dict.fromkeys(nothing)}


def _of_giphy(entry: Entry) -> Json:
    metadata: Json = {
        "status": "valid",
        "e": "AnimatedImage",
        "m": "image/gif",
        "s": {"x": 200, "y": 200, "gif": GIPHY, "mp4": f"{GIPHY}&format=mp4"},
        "p": [],
        "t": "giphy",
        "ext": "https://giphy.com/gifs/3o7btY",
        "id": "giphy|3o7btY",
    }
    words = _submission(entry) | {"id": "giphy", "is_self": True, "is_video": False}
    return words | {"url": f"{ROOT}/r/mixed/", "media_metadata": {"giphy|3o7btY": metadata}}


def _pictures(world: World) -> Starlette:
    async def show(request: Request) -> Response:
        return serve_item(world, request.path_params["name"])

    return Starlette(routes=[Route("/{name}", show)])


def _videos(world: World) -> Starlette:
    async def manifest(request: Request) -> Response:
        name = f"{request.path_params['id']}.mp4"
        return Response(MANIFEST.format(name=name), media_type="application/dash+xml")

    async def show(request: Request) -> Response:
        return serve_item(world, request.path_params["name"])

    return Starlette(
        routes=[Route("/{id}/DASHPlaylist.mpd", manifest), Route("/{id}/{name}", show)]
    )


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"
 minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
<Period duration="PT1S"><AdaptationSet contentType="video" mimeType="video/mp4">
<Representation id="video" bandwidth="100000" codecs="avc1.42c00d" width="180" height="320">
<BaseURL>{name}</BaseURL></Representation></AdaptationSet></Period></MPD>
"""
