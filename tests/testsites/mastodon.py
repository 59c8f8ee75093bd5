"""A Mastodon server, as far as its public API is asked for statuses with media."""

from datetime import UTC

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.testsites.world import Entry, Item, World

PAGE = 20
PAGE_OF_ALL = (
    '<!DOCTYPE html><html lang="en"><head><title>A person</title></head><body>'
    '<div class="app-holder" data-props="{}" id="mastodon"><noscript>Use an app.</noscript></div>'
    "</body></html>"
)  # scripts do the rest


def mastodon(world: World, host: str) -> Starlette:  # noqa: C901  # a function a route
    """Return the site that shows the world's people as accounts of `host`."""
    root = f"https://{host}"

    def status(entry: Entry) -> dict[str, object]:
        return {
            "id": str(entry.id),
            "created_at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "in_reply_to_id": None,
            "sensitive": False,
            "visibility": "public",
            "language": "en",
            "uri": f"{root}/users/{entry.author}/statuses/{entry.id}",
            "url": f"{root}/@{entry.author}/{entry.id}",
            "content": f"<p>{entry.text}</p>",
            "reblog": None,
            "account": account(entry.author),
            "media_attachments": [attachment(item) for item in entry.items],
            "mentions": [],
            "tags": [{"name": entry.text.rpartition("#")[2], "url": f"{root}/tags/x"}],
            "card": None,
        }

    def account(name: str) -> dict[str, object]:
        number = str(list(world.people).index(name) + 1)
        url = f"{root}/@{name}"
        return {"id": number, "username": name, "acct": name, "display_name": name, "url": url}

    def attachment(item: Item) -> dict[str, object]:
        return {
            "id": str(item.id),
            "type": item.kind,
            "url": f"{root}/system/media/original/{item.name}",
            "preview_url": f"{root}/system/media/small/{item.name}",
            "remote_url": None,
            "description": None,
            "meta": {"original": {"width": 320, "height": 400}},
        }

    async def lookup(request: Request) -> Response:
        name = request.query_params["acct"]
        if name not in world.people:
            return JSONResponse({"error": "Record not found"}, 404)
        return JSONResponse(account(name))

    async def search(_: Request) -> Response:
        return JSONResponse([])

    async def statuses(request: Request) -> Response:
        name = list(world.people)[int(request.path_params["id"]) - 1]
        before = int(request.query_params.get("max_id", 10**18))
        entries = [entry for entry in world.people[name] if entry.id < before]
        page, rest = entries[:PAGE], entries[PAGE:]
        headers = {}
        if rest:
            path = f"/api/v1/accounts/{request.path_params['id']}/statuses"
            more = f"{root}{path}?only_media=true&max_id={page[-1].id}"
            headers["Link"] = f'<{more}>; rel="next"'
        return JSONResponse([status(entry) for entry in page], headers=headers)

    async def single(request: Request) -> Response:
        for entry in (entry for entries in world.people.values() for entry in entries):
            if str(entry.id) == request.path_params["id"]:
                return JSONResponse(status(entry))
        return JSONResponse({"error": "Record not found"}, 404)

    async def page(request: Request) -> Response:
        if request.path_params["name"] not in world.people:
            return HTMLResponse(PAGE_OF_ALL, 404)
        return HTMLResponse(PAGE_OF_ALL)

    async def media(request: Request) -> Response:
        return serve_item(world, request.path_params["name"])

    return Starlette(
        routes=[
            Route("/api/v1/accounts/lookup", lookup),
            Route("/api/v1/accounts/search", search),
            Route("/api/v1/accounts/{id}/statuses", statuses),
            Route("/api/v1/statuses/{id}", single),
            Route("/system/media/original/{name}", media),
            Route("/@{name}", page),
            Route("/@{name}/{id}", page),
        ]
    )


def serve_item(world: World, name: str) -> Response:
    """Return the bytes of one file of the world."""
    for entries in world.people.values():
        for entry in entries:
            for item in entry.items:
                if item.name == name:
                    return Response(item.body, media_type=item.content_type)
    return Response("no such file", 404)
