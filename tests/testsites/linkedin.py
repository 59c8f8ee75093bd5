"""LinkedIn: public pages for visitors, an app that asks Voyager for those who are logged in.

Voyager's shapes and paths are those that its web client has in 2026.
"""

import html
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from tests.testsites.linkedin_pages import SCRIPTS, article_page, card_of, public_page
from tests.testsites.linkedin_posts import (
    HOST,
    ROOT,
    Json,
    activity_of,
    address_of,
    body_of,
    content_of,
    film_of,
    share_of,
    shown_of,
    update_urn,
)
from tests.testsites.world import Entry, Item, World

LI_AT, SESSION = "AQEDAQ" + "a1" * 20, "ajax:5012345678901234567"
PERSON = "voyagerFeedDashProfileUpdates"
COMPANY = "voyagerFeedDashOrganizationalPageUpdates"
SINGLE = "voyagerFeedDashUpdates"
HASHES = {
    "comments": f"{PERSON}.8f05a4e5ad12d9cb2b56eaa22afbcab9",
    "shares": f"{PERSON}.4af00b28d60ed0f1488018948daad822",
    "company": f"{COMPANY}.827e11d165078dd7a5afaf1cba734121",
    "single": f"{SINGLE}.00f9ed72d35c2a949114759b829f9886",
}
MIMES = {"image": "image/jpeg", "video": "video/mp4", "document": "application/pdf"}
# What LinkedIn answers with its own status 999: a script that leads to the wall.
DENIED = (
    "<html><head><script>window.onload = function() { window.location.href = "
    '"https://www.linkedin.com/authwall?trk=bf&sessionRedirect=" + window.location; }'
    "</script></head></html>"
)
# uvicorn knows only the statuses of the standard.
STATUS_LINE[999] = b"HTTP/1.1 999 Request denied\r\n"


def cookies_of(*, session: str = SESSION, li_at: str = LI_AT) -> str:
    """Return a login at LinkedIn as a file of cookies; JSESSIONID stands in quotes, as it does there."""
    pairs = [("li_at", li_at)] + ([("JSESSIONID", f'"{session}"')] if session else [])
    lines = [f".{HOST}\tTRUE\t/\tTRUE\t2000000000\t{name}\t{value}" for name, value in pairs]
    return "\n".join(["# Netscape HTTP Cookie File", *lines, ""])


def mount_linkedin(
    world: World, *, companies: Sequence[str] = (), hidden: Sequence[str] = ()
) -> None:
    """Show the world's people on LinkedIn, some of them as companies; `hidden` only to their contacts."""
    world.mount(HOST, _LinkedIn(world, companies, hidden).app)
    world.mount("linkedin.com", Starlette(routes=[Route("/{path:path}", _to_www)]))
    world.mount("static.licdn.com", Starlette(routes=[Route("/aero-v1/sc/h/{name}", _script)]))
    files = Starlette(
        routes=[Route("/manifest/{id}", _manifest), Route("/{path:path}", _file(world))]
    )
    world.mount("media.licdn.com", files)
    world.mount("dms.licdn.com", files)


class _LinkedIn:
    def __init__(self, world: World, companies: Sequence[str], hidden: Sequence[str]) -> None:
        self._world = world
        self._companies = companies
        self._hidden = hidden
        self.app = Starlette(
            routes=[
                Route("/in/{name}/recent-activity/all/", self._person),
                Route("/company/{name}/posts/", self._company),
                Route("/company/{name}/", self._company),
                Route("/posts/{slug}", self._post),
                Route("/feed/update/{urn}/", self._update),
                Route("/feed/update/{urn}", self._update),
                Route("/pulse/{slug}/", self._article),
                Route("/voyager/api/graphql", self._graphql),
                Route("/authwall", _wall),
                Route("/uas/login", _wall),
                Route("/404/", _missing),
                Route("/checkpoint/challenge/{id}", _wall),
            ]
        )

    async def _person(self, request: Request) -> Response:
        if not _is_member(request):
            return _to_wall(request)
        name = self._named(request.path_params["name"])
        if name is None:
            return RedirectResponse("/404/", 302)
        return _app([self._viewer(), self._profile(name)])

    async def _company(self, request: Request) -> Response:
        name = self._named(request.path_params["name"])
        if name not in self._companies or name is None:
            return RedirectResponse("/404/", 302)
        if _is_member(request):
            company: Json = {
                "$type": "com.linkedin.voyager.dash.organization.Company",
                "entityUrn": f"urn:li:fsd_company:{self._place(name)}",
                "universalName": name,
            }
            return _app([self._viewer(), company])
        shown = "".join(card_of(entry) for entry in self._world.people[name][:10])
        head = '<meta name="pageKey" content="p_org_guest_company_overview">'
        return HTMLResponse(f"<html><head>{head}</head><body><ul>{shown}</ul></body></html>")

    async def _post(self, request: Request) -> Response:
        found = re.search(r"-(activity|ugcPost|share)-(\d+)-\w{4}$", request.path_params["slug"])
        return self._page_of(f"urn:li:{found[1]}:{found[2]}" if found else "", request)

    async def _article(self, request: Request) -> Response:
        """An article is a post here whose number its address ends with."""
        number = request.path_params["slug"].rpartition("-")[2]
        entries = [one for entries in self._world.people.values() for one in entries]
        entry = next((one for one in entries if str(one.id) == number), None)
        if entry is None:
            return RedirectResponse("/404/", 302)
        if entry.author in self._hidden:
            return _to_wall(request)
        return _app([self._viewer()]) if _is_member(request) else HTMLResponse(article_page(entry))

    async def _update(self, request: Request) -> Response:
        return self._page_of(unquote(request.path_params["urn"]), request)

    def _page_of(self, urn: str, request: Request) -> Response:
        entry = self._entry(urn)
        if _is_member(request):
            if entry is None or entry.id // 10 % 2:
                return _app([self._viewer()])  # its scripts ask for the post
            return _app([self._viewer(), *self._included(entry)])
        if entry is None:
            return HTMLResponse("<html><body>Page not found</body></html>", 404)
        if entry.author in self._hidden:
            return _to_wall(request)
        return HTMLResponse(public_page(entry, self._neighbour(entry)))

    async def _graphql(self, request: Request) -> Response:
        if request.cookies.get("li_at") != LI_AT:
            return Response(status_code=401)
        if request.headers.get("csrf-token") != SESSION:
            return Response("CSRF check failed.", 403)
        found = re.search(r"variables=\((.*?)\)&queryId=([\w.]+)$", request.url.query)
        if found is None or request.headers.get("x-restli-protocol-version") != "2.0.0":
            return JSONResponse({"status": 400}, 400)
        parts = (part.split(":", 1) for part in found[1].split(","))
        return self._answer(found[2], {name: unquote(value) for name, value in parts})

    def _answer(self, query: str, variables: dict[str, str]) -> Response:
        match {name: key for key, name in HASHES.items()}.get(query):
            case "shares":
                urn = variables["profileUrn"].rpartition("-")[2]
                return self._feed("feedDashProfileUpdatesByMemberShareFeed", urn, variables)
            case "company":
                assert variables["moduleKey"] == "ORGANIZATION_MEMBER_FEED_DESKTOP"
                urn = variables["organizationalPageUrn"].rpartition(":")[2]
                name = "feedDashOrganizationalPageUpdatesByOrganizationalPageRelevanceFeed"
                return self._feed(name, urn, variables)
            case "comments":
                everybody = [one for people in self._world.people.values() for one in people[:1]]
                return self._listed("feedDashProfileUpdatesByMemberComments", everybody, "")
            case "single":
                return self._single(variables["urnOrNss"])
            case _:
                return JSONResponse({"status": 400, "code": "PERSISTED_QUERY_NOT_FOUND"}, 400)

    def _feed(self, feed: str, place: str, variables: dict[str, str]) -> Response:
        name = list(self._world.people)[int(place) - 1000]
        start, count = int(variables["start"]), int(variables["count"])
        if (variables.get("paginationToken") or "0") != (_token(name, start) if start else "0"):
            return JSONResponse({"status": 400}, 400)
        shown = self._world.people[name][start : start + count]
        # There is a token as long as there is anything.
        token = _token(name, start + count) if shown else ""
        passed_on = [self._others(name)] if start == 0 else []
        return self._listed(feed, [*shown, *passed_on], token, passed_on=passed_on)

    def _listed(
        self, feed: str, entries: Sequence[Entry], token: str, *, passed_on: Sequence[Entry] = ()
    ) -> Response:
        included = [one for entry in reversed(entries) for one in self._included(entry)]
        for one in included:
            if any(one.get("entityUrn") == update_urn(entry) for entry in passed_on):
                one["header"] = {"text": {"text": "Somebody reposted this"}}
        value = {
            "*elements": [update_urn(entry) for entry in entries],
            "metadata": {"paginationToken": token},
            "paging": {"start": 0, "count": len(entries), "total": 0, "links": []},
        }
        return JSONResponse({"data": {"data": {feed: value}}, "included": included})

    def _single(self, urn: str) -> Response:
        entry = self._entry(urn)
        if entry is None:
            fault: Json = {"message": "Not found", "extensions": {"status": 404}}
            return JSONResponse({"data": {"data": {}, "errors": [fault]}, "included": []})
        return self._listed("feedDashUpdatesByUrnOrNss", [entry], "")

    def _included(self, entry: Entry) -> list[Json]:
        """Return a post as Voyager has it, with all that it refers to, in no order."""
        name, (kind, files) = entry.author, shown_of(entry)
        shared = self._others(name)
        update: Json = {
            "$type": "com.linkedin.voyager.dash.feed.Update",
            "entityUrn": update_urn(entry),
            "metadata": {"backendUrn": activity_of(entry), "shareUrn": share_of(entry)},
            "actor": {
                "name": {"text": name.title()},
                "navigationContext": {
                    "actionTarget": f"{ROOT}/{self._kind(name)}/{name}?miniProfileUrn=urn%3Ali"
                },
            },
            "commentary": {"text": {"text": entry.text}},
            "content": content_of(kind, files, entry),
            "header": None,
        }
        included = [film_of(files[0])] if kind == "video" else []
        if kind == "text":
            update["*resharedUpdate"] = update_urn(shared)
            included += self._included(shared)
        return [*included, update]

    def _others(self, name: str) -> Entry:
        return next(
            entry
            for entries in self._world.people.values()
            for entry in entries
            if entry.author != name and shown_of(entry)[0] == "image"
        )

    def _profile(self, name: str) -> Json:
        return {
            "$type": "com.linkedin.voyager.dash.identity.profile.Profile",
            "entityUrn": f"urn:li:fsd_profile:ACoAAB-{self._place(name)}",
            "publicIdentifier": name,
        }

    def _viewer(self) -> Json:
        return {
            "$type": "com.linkedin.voyager.dash.identity.profile.Profile",
            "entityUrn": "urn:li:fsd_profile:ACoAAAviewer",
            "publicIdentifier": "who-looks",
            "again": ["urn:li:fsd_profile:ACoAAAviewer"] * 9,
        }

    def _place(self, name: str) -> int:
        return 1000 + list(self._world.people).index(name)

    def _kind(self, name: str) -> str:
        return "company" if name in self._companies else "in"

    def _named(self, name: str) -> str | None:
        people = self._world.people
        return next((one for one in people if one.casefold() == name.casefold()), None)

    def _entry(self, urn: str) -> Entry | None:
        entries = (entry for people in self._world.people.values() for entry in people)
        return next((one for one in entries if urn in (activity_of(one), share_of(one))), None)

    def _neighbour(self, entry: Entry) -> Entry:
        """Return a post that is shown beside: one with a film."""
        entries = self._world.people[entry.author]
        others = (one for one in entries if one is not entry and shown_of(one)[0] == "video")
        return next(others, entry)


def _app(included: Sequence[Json]) -> Response:
    """Return the page that those who are logged in get: scripts, and what they need at first."""
    told = json.dumps({"data": {}, "included": included})
    scripts = "".join(
        f'<script src="{SCRIPTS}{name}" async></script>' for name in ("a1", "b2", "c3")
    )
    code = f'<code style="display: none" id="bpr-guid-1">{html.escape(told)}</code>'
    empty = (
        '<code style="display: none" id="datalet-bpr-guid-1">{"request":"/voyager/api/me"}</code>'
    )
    return HTMLResponse(f"<html><head>{scripts}</head><body>{code}{empty}</body></html>")


async def _script(request: Request) -> Response:
    code = {
        "a1": "define('a',[],function(){});",
        "b2": "".join(f'x.q("{name}");' for name in HASHES.values()),
    }.get(request.path_params["name"], "0;")
    return Response(code, media_type="application/javascript")


async def _manifest(request: Request) -> Response:
    number = int(request.path_params["id"])
    item = Item(id=number)
    return JSONResponse(
        {
            "perResolutions": [],
            "scanRequiredForDownload": False,
            "transcribedDocumentUrl": address_of("document", item, ""),
        }
    )


def _file(world: World) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        if int(request.query_params.get("e", "0")) < time.time():
            return Response("expired", 403)
        found = re.search(r"/D4E(\d+)/", request.url.path)
        kind = "document" if "/document/" in request.url.path else ""
        for entries in world.people.values():
            for entry in entries:
                for item in entry.items:
                    if found and item.id == int(found[1]):
                        body = body_of(kind, item)
                        return Response(body, media_type=MIMES[kind or item.kind])
        return Response(status_code=404)

    return serve


async def _to_www(request: Request) -> Response:
    return RedirectResponse(f"{ROOT}/{request.path_params['path']}", 301)


async def _wall(_: Request) -> Response:
    return HTMLResponse("<html><title>Sign Up | LinkedIn</title><form>Sign in</form></html>")


async def _missing(_: Request) -> Response:
    return HTMLResponse("<html><body>Page not found</body></html>", 404)


def _is_member(request: Request) -> bool:
    return request.cookies.get("li_at") == LI_AT


def _to_wall(request: Request) -> Response:
    back = quote(str(request.url), safe="")
    return RedirectResponse(f"{ROOT}/authwall?trk=gf&sessionRedirect={back}", 302)


def _token(name: str, start: int) -> str:
    return f"dXJuOmxp{name}-{start}=="
