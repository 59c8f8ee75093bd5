"""ImgInn, a viewer of Instagram: pages with the newest dozen, and an interface for the rest.

It knows a post by its shortcode, tells dates exactly only in its interface, and shows the addresses of
Instagram's own CDN, which hold the number of each file.
"""

import base64
import html
from collections.abc import Sequence
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.testsites.instagram_ids import item_pk, post_pk, shortcode
from tests.testsites.instagram_media import signed
from tests.testsites.instagram_world import STORY
from tests.testsites.world import Entry, Item, World

HOST = "imginn.com"
PAGE = 12
WALL = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)


def mount_imginn(world: World, *, keyed: bool = True) -> None:
    """Show the world's people. Not `keyed`: the addresses of files do not hold their numbers."""
    world.mount(HOST, _site(world, keyed=keyed))


def _site(world: World, *, keyed: bool) -> Starlette:  # noqa: C901  # a function a route
    def file(entry: Entry, item: Item) -> str:
        address = signed(f"/v/t51.2885-15/{item.name}")
        key = base64.b64encode(item_pk(entry, item).encode()).decode().rstrip("=")
        return f"{address}&ig_cache_key={key}%3D%3D.3-ccb7-5" if keyed else address

    def card(entry: Entry) -> str:
        first = html.escape(file(entry, entry.items[0]))
        return (
            f'<div class="item"><div class="img"><a href="/p/{shortcode(post_pk(entry))}/">'
            f'<img class="lazy" src="/images/blank.gif" data-src="{first}" '
            f'alt="{html.escape(entry.text)}"></a></div>'
            '<div class="action"><div class="left"><div class="time">2 days ago</div></div>'
            f'<a class="download" href="{first}&amp;dl=1" target="_blank">Download</a></div></div>'
        )

    def page(name: str, entries: Sequence[Entry]) -> Response:
        more = ""
        if len(entries) > PAGE:
            more = (
                f'<a class="load-more" data-cursor="{PAGE}" data-id="77" '
                f'data-username="{name}" data-verified="0" href="#">Load more</a>'
            )
        cards = "".join(map(card, entries[:PAGE]))
        return HTMLResponse(
            "<!DOCTYPE html><html><head><title>ImgInn</title></head><body>"
            f'<div class="userinfo" data-name="{name}" data-verified="0"><div class="img">'
            f'<img src="/avatar.jpg"></div><div class="bio">Hello.</div></div>'
            f'<div class="page-user"><div class="items">{cards}</div>{more}</div></body></html>'
        )

    def part(request: Request, entries: Sequence[Entry]) -> Response:
        start = int(request.query_params["cursor"])
        shown = entries[start : start + PAGE]
        rest = start + PAGE < len(entries)
        return JSONResponse(
            {
                "items": [row(entry) for entry in shown],
                "cursor": str(start + PAGE) if rest else "",
                "hasNext": rest,
            }
        )

    def row(entry: Entry) -> dict[str, object]:
        files = [file(entry, item) for item in entry.items]
        return {
            "id": f"{post_pk(entry)}_77",
            "owner": {"username": entry.author},
            "code": shortcode(post_pk(entry)),
            "alt": entry.text,
            "date": int(entry.at.timestamp()),
            "likeCount": 3,
            "commentCount": 0,
            "isVideo": entry.items[0].kind == "video" and len(files) == 1,
            "isSidecar": len(files) > 1,
            "thumb": files[0],
            "src": files[0],
            "srcs": files if len(files) > 1 else [],
        }

    def of(name: str) -> tuple[Entry, ...]:
        return world.people.get(name, ())

    def with_(name: str) -> tuple[Entry, ...]:
        """The posts of all others: somebody is tagged in each."""
        others = (one for one in world.people if one != name and not one.endswith(STORY))
        return tuple(entry for one in others for entry in of(one))

    async def tagged(request: Request) -> Response:
        name = request.path_params["name"]
        return page(name, with_(name))

    async def more_tagged(request: Request) -> Response:
        return part(request, with_(request.query_params["username"]))

    async def profile(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in world.people:
            return HTMLResponse("<!DOCTYPE html><html><body>User not found</body></html>", 404)
        return page(name, of(name))

    async def reels(request: Request) -> Response:
        name = request.path_params["name"]
        return page(name, [entry for entry in of(name) if entry.items[0].kind == "video"])

    async def stories(request: Request) -> Response:
        name = request.path_params["name"]
        shown = [(entry, item) for entry in of(name + STORY) for item in reversed(entry.items)]
        cards = "".join(
            f'<div class="item"><div class="img"><img class="lazy" src="/images/blank.gif" '
            f'data-src="{html.escape(file(entry, replace(item, kind="image")))}"></div>'
            f'<div class="action"><div class="time">3 hours ago</div><a class="download" '
            f'href="{html.escape(file(entry, item))}&amp;dl=1">Download</a></div></div>'
            for entry, item in shown
        )
        return HTMLResponse(
            "<!DOCTYPE html><html><head><title>ImgInn</title></head><body>"
            f'<div class="userinfo" data-name="{name}" data-verified="0"></div>'
            f'<div class="page-story"><div class="items">{cards}</div></div></body></html>'
        )

    async def posts(request: Request) -> Response:
        return part(request, of(request.query_params["username"]))

    async def post(request: Request) -> Response:
        code = request.path_params["code"]
        everybody = (entry for entries in world.people.values() for entry in entries)
        entry = next((one for one in everybody if shortcode(post_pk(one)) == code), None)
        if entry is None:
            return HTMLResponse("<!DOCTYPE html><html><body>Page not found</body></html>", 404)
        links = "".join(
            f'<a href="{html.escape(file(entry, item))}&amp;dl=1" target="_blank">Download</a>'
            for item in entry.items
        )
        return HTMLResponse(
            "<!DOCTYPE html><html><head><title>ImgInn</title></head><body>"
            f'<div class="user"><a class="name" href="/{entry.author}/">{entry.author}</a></div>'
            f'<div class="date">2 days ago</div><div class="desc">{html.escape(entry.text)}</div>'
            f'<div class="downloads">{links}</div></body></html>'
        )

    return Starlette(
        routes=[
            Route("/api/posts/", posts),
            Route("/api/tagged/", more_tagged),
            Route("/p/{code}/", post),
            Route("/reels/{name}/", reels),
            Route("/stories/{name}/", stories),
            Route("/tagged/{name}/", tagged),
            Route("/{name}/", profile),
        ]
    )
