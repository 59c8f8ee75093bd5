"""Instagram as its web pages, their Relay queries and its older API show it, and its CDN.

The shapes are those that gallery-dl 1.32 and yt-dlp 2026 read. A query is answered only if it carries
what the page and its scripts gave out for it: tokens, the number of the query, the Relay providers.
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.instagram_media import CDN, cdn
from tests.testsites.instagram_pages import STATIC, complaint, script, web_page
from tests.testsites.instagram_queries import answer, connection, reel_of
from tests.testsites.instagram_world import Instagram, Json

WWW = "www.instagram.com"
ROOT = f"https://{WWW}"
SESSION = "1%3Asession%3A1"
SAVED = 20  # more are not given at once, whatever is asked for
LOGGED_OUT = "PolarisLoggedOutDesktopWWWPostRootContentQuery"
NOT_FOUND: Mapping[str, object] = {"message": "Media not found or unavailable", "status": "fail"}
PATIENCE = "Please wait a few minutes before you try again."
WAIT = {"message": PATIENCE, "require_login": True, "status": "fail"}


def mount_instagram(site: Instagram) -> None:
    """Show the world on Instagram's hosts."""
    site.world.mount(WWW, Starlette(routes=list(_routes(site))))
    site.world.mount(CDN, cdn(site.world))
    site.world.mount(STATIC, Starlette(routes=[Route("/rsrc.php/{name:path}", script)]))


def _routes(site: Instagram) -> Iterator[Route]:  # noqa: C901, PLR0915  # a function a route
    def guarded(name: str) -> bool:
        return name in site.private

    def page(user: Json | None = None, tab: str = "") -> Response:
        return HTMLResponse(web_page(user, tab))

    async def home(_: Request) -> Response:
        return page()

    async def profile(request: Request) -> Response:
        name = request.path_params["name"].lower()
        if name == "instagram":
            return page()
        if name not in site.people():
            return HTMLResponse("<title>Page not found</title>", 404)
        if guarded(name) and not _is_known(request):
            return _to_login(request)
        return page(site.user(name), request.path_params.get("tab", ""))

    async def stories(request: Request) -> Response:
        if not _is_known(request):
            return _to_login(request)
        name, tray = request.path_params["name"], request.path_params.get("id", "")
        if name == "highlights":
            found = reel_of(site, f"highlight:{tray}")
            return page(found["user"] if found else None)  # type: ignore[arg-type]  # a dict
        return page(site.user(name)) if name in site.people() else page()

    async def share(request: Request) -> Response:
        path = site.shares.get(request.path_params["code"], "/")
        return RedirectResponse(f"{ROOT}{path}?igsh=abc", 302)

    async def info(request: Request) -> Response:
        if not _is_known(request):
            return _to_login(request)
        entry = site.find(request.path_params["pk"])
        if entry is None:
            return JSONResponse(NOT_FOUND, 400)
        body = {"items": [site.post(entry)], "num_results": 1, "more_available": False}
        return JSONResponse({**body, "status": "ok"})

    async def saved(request: Request) -> Response:
        if not _is_known(request):
            return _to_login(request)
        posts = [site.post(entry) for entry in site.world.people[site.saved]]
        size = min(int(request.query_params["count"]), SAVED)
        found = connection(posts, request.query_params.get("max_id"), size)
        end: Mapping[str, object] = found["page_info"]  # type: ignore[assignment]  # ours
        edges: list[Json] = found["edges"]  # type: ignore[assignment]  # ours
        body: Json = {"items": [{"media": edge["node"]} for edge in edges], "status": "ok"}
        body["more_available"] = end["has_next_page"]
        if end["has_next_page"]:
            body["next_max_id"] = end["end_cursor"]
        return JSONResponse(body)

    async def reels_media(request: Request) -> Response:
        if not _is_known(request):
            return _to_login(request)
        number = request.query_params["reel_ids"]
        found = reel_of(site, number)
        return JSONResponse({"reels": {number: found} if found else {}, "status": "ok"})

    async def ruling(_: Request) -> Response:
        allowed = JSONResponse({"status": "ok"})
        allowed.set_cookie("csrftoken", "fromthesite", domain=".instagram.com")
        return allowed

    async def graphql(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        name, sent = form["fb_api_req_friendly_name"], form["variables"]
        variables: Json = json.loads(sent)
        if name == LOGGED_OUT:
            entry = site.find(str(variables["media_id"]))
            post = site.post(entry) if entry and not guarded(entry.author) else None
            return JSONResponse({"data": {"xig_polaris_media": {"if_not_gated_logged_out": post}}})
        if (wrong := complaint(request, form, name, variables)) is not None:
            return JSONResponse({"errors": [{"message": wrong, "severity": "CRITICAL"}]}, 200)
        if not _is_known(request) and name != "PolarisProfilePageContentQuery":
            return JSONResponse(WAIT, 401)
        return JSONResponse(answer(site, name, variables))

    async def plain(_: Request) -> Response:
        return page()

    yield Route("/", home)
    yield Route("/accounts/login/", plain)
    yield Route("/challenge/", plain)
    yield Route("/share/{kind}/{code}/", share, methods=["GET", "HEAD"])
    yield Route("/share/{code}/", share, methods=["GET", "HEAD"])
    yield Route("/api/v1/media/{pk}/info/", info)
    yield Route("/api/v1/feed/saved/posts/", saved)
    yield Route("/api/v1/feed/collection/{id}/posts/", saved)
    yield Route("/api/v1/feed/reels_media/", reels_media)
    yield Route("/api/v1/web/get_ruling_for_content/", ruling)
    yield Route("/api/graphql", graphql, methods=["POST"])
    yield Route("/graphql/query", graphql, methods=["POST"])
    yield Route("/stories/{name}/", stories)
    yield Route("/stories/{name}/{id}/", stories)
    yield Route("/p/{code}", plain)
    yield Route("/{name}/", profile)
    yield Route("/{name}/{tab}/", profile)


def _is_known(request: Request) -> bool:
    return request.cookies.get("sessionid") == SESSION


def _to_login(request: Request) -> Response:
    return RedirectResponse(f"{ROOT}/accounts/login/?next={quote(request.url.path)}", 302)
