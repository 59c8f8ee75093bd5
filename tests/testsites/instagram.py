"""Instagram as its web pages, their Relay queries and its older API show it, and its CDN.

The shapes are those that gallery-dl 1.32, yt-dlp 2026 and instaloader 4.16 read. A query is answered
only if it carries what the page and its scripts gave out for it: tokens, the number of the query, the
Relay providers.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.instagram_ids import pk_of, user_pk
from tests.testsites.instagram_media import CDN, cdn
from tests.testsites.instagram_numbers import (
    OPEN,
    as_api,
    embedded,
    full_profile,
    hashed,
    numbered,
    wrong,
)
from tests.testsites.instagram_pages import STATIC, complaint, script, web_page
from tests.testsites.instagram_queries import answer, connection, reel_of
from tests.testsites.instagram_world import Instagram, Json

WWW = "www.instagram.com"
ROOT = f"https://{WWW}"
API = "i.instagram.com"  # the one that the app asks
SESSION = f"{user_pk(0)}%3Asession%3A1"  # of whoever came first into the world
SAVED = 20  # more are not given at once, whatever is asked for
LOGGED_OUT = "PolarisLoggedOutDesktopWWWPostRootContentQuery"
NOT_FOUND: Mapping[str, object] = {"message": "Media not found or unavailable", "status": "fail"}
PATIENCE = "Please wait a few minutes before you try again."
WAIT = {"message": PATIENCE, "require_login": True, "status": "fail"}


def mount_instagram(site: Instagram) -> None:
    """Show the world on Instagram's hosts."""
    site.world.mount(WWW, Starlette(routes=list(_routes(site))))
    site.world.mount(API, Starlette(routes=list(_api(site))))
    site.world.mount(CDN, cdn(site.world))
    site.world.mount(STATIC, Starlette(routes=[Route("/rsrc.php/{name:path}", script)]))


def _routes(site: Instagram) -> Iterator[Route]:  # noqa: C901, PLR0915  # a function a route
    def page(user: Json | None = None, tab: str = "") -> Response:
        return HTMLResponse(web_page(user, tab, known=True))

    async def home(request: Request) -> Response:
        shown = HTMLResponse(web_page(known=_is_known(request)))
        if not request.cookies.get("csrftoken"):
            shown.set_cookie("csrftoken", "fromthepage", domain=".instagram.com")
        return shown

    async def profile(request: Request) -> Response:
        name = request.path_params["name"].lower()
        if name == "instagram":
            return page()
        if name not in site.people():
            return HTMLResponse("<title>Page not found</title>", 404)
        tab, known = request.path_params.get("tab", ""), _is_known(request)
        # The answers come with the page where somebody opens it, and no script asks for it.
        opened = request.headers.get("Sec-Fetch-Dest") == "document"
        answers = embedded(site, name) if opened and not known else ()
        return HTMLResponse(web_page(site.user(name), tab, known=known, embedded=answers))

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

    async def by_number(request: Request, form: Mapping[str, str]) -> Response:
        known = _is_known(request)
        if (lacking := wrong(request, form, known=known)) is not None:
            return JSONResponse({"errors": [{"message": lacking, "severity": "CRITICAL"}]})
        if not known and form["doc_id"] not in OPEN:
            return JSONResponse(WAIT, 401)
        found = numbered(site, form["doc_id"], json.loads(form["variables"]), known=known)
        return JSONResponse(found | ({} if "/api/" in request.url.path else {"status": "ok"}))

    async def by_hash(request: Request) -> Response:
        if not _is_known(request):
            return JSONResponse(WAIT, 401)
        sent, owner = request.query_params, site.people()[0]
        return JSONResponse(
            hashed(site, sent["query_hash"], json.loads(sent["variables"]), owner=owner)
        )

    async def profile_info(request: Request) -> Response:
        name = request.query_params["username"]
        if name not in site.people():
            return JSONResponse({"status": "fail"}, 404)
        return JSONResponse({"data": {"user": full_profile(site, name)}, "status": "ok"})

    async def search(request: Request) -> Response:
        wanted = request.query_params["query"]
        users = [{"user": site.user(one)} for one in site.people() if wanted in one]
        return JSONResponse({"users": users, "places": [], "hashtags": [], "status": "ok"})

    async def graphql(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if "fb_api_req_friendly_name" not in form:
            return await by_number(request, form)
        name, sent = form["fb_api_req_friendly_name"], form["variables"]
        variables: Json = json.loads(sent)
        if name == LOGGED_OUT:
            entry = site.find(str(variables["media_id"]))
            post = site.post(entry) if entry and entry.author not in site.private else None
            return JSONResponse({"data": {"xig_polaris_media": {"if_not_gated_logged_out": post}}})
        if (wrong := complaint(request, form, name, variables)) is not None:
            return JSONResponse({"errors": [{"message": wrong, "severity": "CRITICAL"}]}, 200)
        if not _is_known(request) and name != "PolarisProfilePageContentQuery":
            return JSONResponse(WAIT, 401)
        return JSONResponse(answer(site, name, variables))

    async def plain(_: Request) -> Response:
        return page()

    async def post(request: Request) -> Response:
        if site.find(pk_of(request.path_params["code"])) is None:
            return HTMLResponse("<title>Page not found</title>", 404)
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
    yield Route("/graphql/query", by_hash)
    yield Route("/api/v1/users/web_profile_info/", profile_info)
    yield Route("/web/search/topsearch/", search)
    yield Route("/stories/{name}/", stories)
    yield Route("/stories/{name}/{id}/", stories)
    yield Route("/p/{code}", post)
    yield Route("/p/{code}/", post)
    yield Route("/reel/{code}/", post)
    yield Route("/{name}/", profile)
    yield Route("/{name}/{tab}/", profile)


def _api(site: Instagram) -> Iterator[Route]:
    """Yield what the app's own API shows; whoever is not logged in is told to be."""
    refusal = JSONResponse({"message": "login_required", "status": "fail"}, 403)

    async def reels_media(request: Request) -> Response:
        number = request.query_params["reel_ids"]
        found = reel_of(site, number)
        body = {"reels": {number: as_api(found)} if found else {}, "status": "ok"}
        return JSONResponse(body) if _is_known(request) else refusal

    async def info(request: Request) -> Response:
        entry = site.find(request.path_params["pk"])
        if not _is_known(request) or entry is None:
            return refusal if entry else JSONResponse(NOT_FOUND, 400)
        return JSONResponse({"items": [as_api(site.post(entry))], "status": "ok"})

    async def person(request: Request) -> Response:
        names = (one for one in site.people() if site.number(one) == request.path_params["pk"])
        user = site.user(next(names))
        portrait = {"url": user["profile_pic_url"], "width": 320, "height": 400}
        body = {"user": as_api({**user, "hd_profile_pic_url_info": portrait}), "status": "ok"}
        return JSONResponse(body) if _is_known(request) else refusal

    yield Route("/api/v1/feed/reels_media/", reels_media)
    yield Route("/api/v1/media/{pk}/info/", info)
    yield Route("/api/v1/users/{pk}/info/", person)


def _is_known(request: Request) -> bool:
    """Return whether a request carries the session: as a cookie, or as the app's token."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer IGT:2:")
    try:
        told = json.loads(base64.b64decode(token)) if token else {}
    except (binascii.Error, ValueError):
        return False
    return SESSION in (request.cookies.get("sessionid"), told.get("sessionid"))


def _to_login(request: Request) -> Response:
    return RedirectResponse(f"{ROOT}/accounts/login/?next={quote(request.url.path)}", 302)
