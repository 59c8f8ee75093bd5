"""Bluesky: its public interface, the directory of identities, and a server that keeps the files."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.testsites.mastodon import serve_item
from tests.testsites.world import Entry, Item, World

API = ("public.api.bsky.app", "api.bsky.app")
DIRECTORY = "plc.directory"
KEEPER = "oyster.us-east.host.bsky.network"
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
DOMAIN = "bsky.social"
POST = "app.bsky.feed.post"
Json = dict[str, object]


def mount_bluesky(world: World, *, page: int = 20) -> None:
    """Show the world's people as accounts NAME.bsky.social, `page` posts at a time at most."""
    for host in API:
        world.mount(host, _interface(world, page))
    world.mount(DIRECTORY, _directory(world))
    world.mount(KEEPER, _keeper(world))


def did_of(name: str) -> str:
    """Return the lasting name of a person."""
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()
    return f"did:plc:{digest[:24]}"


def rkey_of(entry: Entry) -> str:
    """Return the key of a post in its author's repository: microseconds and a clock's number."""
    number = (int(entry.at.timestamp() * 1_000_000) << 10) | (entry.id % 1024)
    return "".join(LETTERS[number >> shift & 31] for shift in range(60, -5, -5))


def cid_of(item: Item) -> str:
    """Return the name of a file, which comes from its content."""
    digest = hashlib.sha256(str(item.id).encode()).digest()
    return "bafkrei" + base64.b32encode(digest).decode().lower().rstrip("=")


def _interface(world: World, size: int) -> Starlette:  # noqa: C901  # a function a route
    def person(actor: str) -> str | None:
        names = (name for name in world.people if actor in (did_of(name), f"{name}.{DOMAIN}"))
        return next(names, None)

    async def resolve(request: Request) -> Response:
        name = person(request.query_params["handle"])
        return JSONResponse({"did": did_of(name)}) if name else _refused("Unable to resolve handle")

    async def author_feed(request: Request) -> Response:
        name = person(request.query_params["actor"])
        if name is None:
            return _refused("Profile not found")
        assert request.query_params["filter"] == "posts_with_media"
        shown: list[Json] = [{"post": _view(entry)} for entry in world.people[name]]
        # What others wrote and this person spread stands in the same feed.
        for other in (other for other in world.people if other != name):
            reason: Json = {"$type": "app.bsky.feed.defs#reasonRepost", "by": _author(name)}
            shown.insert(1, {"post": _view(world.people[other][0]), "reason": reason})
        return paged(request, shown)

    async def other_feed(request: Request) -> Response:
        everybody = [entry for entries in world.people.values() for entry in entries]
        newest = sorted(everybody, key=lambda entry: entry.at, reverse=True)
        return paged(request, [{"post": _view(entry)} for entry in newest])

    def paged(request: Request, shown: list[Json]) -> Response:
        limit = min(size, int(request.query_params["limit"]))
        start = int(request.query_params.get("cursor", 0))
        answer: Json = {"feed": shown[start : start + limit]}
        if start + limit < len(shown):
            answer["cursor"] = str(start + limit)
        return JSONResponse(answer)

    def found(uri: str) -> Entry | None:
        everybody = (entry for entries in world.people.values() for entry in entries)
        return next((entry for entry in everybody if _uri(entry) == uri), None)

    async def posts(request: Request) -> Response:
        entry = found(request.query_params["uris"])
        return JSONResponse({"posts": [_view(entry)] if entry else []})

    async def thread(request: Request) -> Response:
        entry = found(request.query_params["uri"])
        if entry is None:
            return JSONResponse({"error": "NotFound", "message": "Post not found"}, 400)
        kind = "app.bsky.feed.defs#threadViewPost"
        return JSONResponse({"thread": {"$type": kind, "post": _view(entry), "replies": []}})

    return Starlette(
        routes=[
            Route("/xrpc/com.atproto.identity.resolveHandle", resolve),
            Route("/xrpc/app.bsky.feed.getAuthorFeed", author_feed),
            Route("/xrpc/app.bsky.feed.getFeed", other_feed),
            Route("/xrpc/app.bsky.feed.getListFeed", other_feed),
            Route("/xrpc/app.bsky.feed.getPosts", posts),
            Route("/xrpc/app.bsky.feed.getPostThread", thread),
        ]
    )


def _directory(world: World) -> Starlette:
    async def document(request: Request) -> Response:
        did = request.path_params["did"]
        name = next((name for name in world.people if did_of(name) == did), None)
        if name is None:
            return JSONResponse({"message": f"DID not registered: {did}"}, 404)
        keeper = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": f"https://{KEEPER}",
        }
        return JSONResponse(
            {"id": did, "alsoKnownAs": [f"at://{name}.{DOMAIN}"], "service": [keeper]}
        )

    return Starlette(routes=[Route("/{did}", document)])


def _keeper(world: World) -> Starlette:
    async def blob(request: Request) -> Response:
        for item in _items(world):
            if cid_of(item) == request.query_params["cid"]:
                return serve_item(world, item.name)
        return JSONResponse({"error": "BlobNotFound", "message": "Blob not found"}, 400)

    return Starlette(routes=[Route("/xrpc/com.atproto.sync.getBlob", blob)])


def _items(world: World) -> Iterator[Item]:
    for entries in world.people.values():
        for entry in entries:
            yield from entry.items


def _refused(message: str) -> Response:
    return JSONResponse({"error": "InvalidRequest", "message": message}, 400)


def _uri(entry: Entry) -> str:
    return f"at://{did_of(entry.author)}/{POST}/{rkey_of(entry)}"


def _author(name: str) -> Json:
    return {"did": did_of(name), "handle": f"{name}.{DOMAIN}", "displayName": name, "labels": []}


def _view(entry: Entry) -> Json:
    """Return a post as it is shown: the record as it was written, and the pictures from the CDN."""
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    record: Json = {"$type": POST, "createdAt": at, "text": entry.text, "langs": ["en"]}
    embed, view = _embeds(entry)
    return {
        "uri": _uri(entry),
        "cid": f"bafyrei{rkey_of(entry)}",
        "author": _author(entry.author),
        "record": record | {"embed": embed},
        "embed": view,
        "indexedAt": at,
        "likeCount": 0,
        "labels": [],
    }


def _embeds(entry: Entry) -> tuple[Json, Json]:
    """Return what a post holds, as written and as shown: pictures together, or one video."""
    first = entry.items[0]
    if len(entry.items) == 1 and first.kind == "video":
        size = {"width": 320, "height": 400}
        kind = "app.bsky.embed.video"
        return (
            {"$type": kind, "video": _blob(first), "aspectRatio": size},
            {"$type": f"{kind}#view", "cid": cid_of(first)},
        )
    images = [
        {"alt": "", "image": _blob(item), "aspectRatio": {"width": 320, "height": 400}}
        for item in entry.items
    ]
    shown = [{"alt": "", "fullsize": _shown(entry, item, "feed_fullsize")} for item in entry.items]
    pictures: Json = {"$type": "app.bsky.embed.images", "images": images}
    seen: Json = {"$type": "app.bsky.embed.images#view", "images": shown}
    if entry.id % 20 == 0:  # some speak of another post as well
        quoted = {"$type": "app.bsky.embed.record", "record": {"uri": "at://x/y/z", "cid": "c"}}
        pictures = {
            "$type": "app.bsky.embed.recordWithMedia",
            "media": pictures,
            "record": quoted,
        }
        seen = {"$type": "app.bsky.embed.recordWithMedia#view", "media": seen, "record": quoted}
    return pictures, seen


def _blob(item: Item) -> Json:
    return {
        "$type": "blob",
        "ref": {"$link": cid_of(item)},
        "mimeType": item.content_type,
        "size": len(item.body),
    }


def _shown(entry: Entry, item: Item, size: str) -> str:
    return f"https://cdn.bsky.app/img/{size}/plain/{did_of(entry.author)}/{cid_of(item)}@jpeg"
