"""What Instagram's pages give out before any list is shown: tokens, scripts, and the queries' numbers."""

import json
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

STATIC = "static.cdninstagram.com"
LSD, DTSG = "AdTestLsdToken", "NAcTestDtsgToken:17843691127146670:1"
EIMU = "17841400000000001"  # the number by which Facebook knows who is logged in
FIELDS = {
    "PolarisProfilePostsTabContentQuery_connection": (
        "xdt_api__v1__feed__user_timeline_graphql_connection"
    ),
    "PolarisProfileReelsTabContentQuery_connection": "fetch__XDTUserDict",
    "PolarisProfileTaggedTabContentQuery_connection": (
        "xdt_api__v1__usertags__user_id__feed_connection"
    ),
    "PolarisStoriesV3ReelPageGalleryQuery": "xdt_api__v1__feed__reels_media__connection",
    "PolarisProfilePageContentQuery": "",
    "PolarisProfileStoryHighlightsTrayContentQuery": "",
}
DOCS = {name: str(9_000_000_000_000_001 + index) for index, name in enumerate(FIELDS)}
TABS = ("reelstab", "taggedtab")  # pages that have scripts of their own
PROVIDERS = ("PolarisIsLoggedIn", "PolarisStoriesIsOn")
Json = dict[str, object]


def web_page(
    user: Json | None = None, tab: str = "", *, known: bool = False, embedded: Iterable[Json] = ()
) -> str:
    """Return a page: its tokens, the scripts that know its queries, whose it is, and what it shows.

    What it shows are the answers to its own queries, which only visitors get with the page.
    """
    own = f"{tab}tab" if f"{tab}tab" in TABS else "profile"
    names = ("v5/yD/l/0,cross/base.css", "v4/ya/r/base.js", f"v4/yb/r/{own}.js")
    links = "".join(
        f'<link rel="preload" href="https://{STATIC}/rsrc.php/{name}" crossorigin="anonymous" />'
        for name in names
    )
    tokens = json.dumps({"u": "/ajax/", "e": "x", "s": "1", "l": LSD, "f": DTSG, "w": 1})
    route = user and {"params": {"username": user["username"]}, "profile_id": user["pk"]}
    told = json.dumps({"route": route, "user": user}, separators=(",", ":")) if user else "{}"
    defined = [["LSD", [], {"token": LSD}, 323]]
    defined += [["CurrentUserInitialData", [], {"IG_USER_EIMU": EIMU if known else "0"}, 270]]
    defined += [["DTSGInitialData", [], {"token": DTSG}, 258]] if known else []
    data = {"require": [["ScheduledServerJS", "handle", None, [_streamed(embedded)]]]}
    return (
        f'<!DOCTYPE html><html lang="en"><head>{links}<title>Instagram</title></head><body>'
        f'<script type="application/json" id="__eqmc" nonce="x">{tokens}</script>'
        f'<script type="application/json" data-sjs>{told}</script>'
        f'<script type="application/json" data-sjs>{json.dumps(data)}</script>'
        f"<script>handle({json.dumps({'define': defined}, separators=(',', ':'))})</script>"
        "</body></html>"
    )


def _streamed(answers: Iterable[Json]) -> Json:
    cached = [
        ["RelayPrefetchedStreamCache", "next", [], [f"adp_{number}", _box({"data": answer})]]
        for number, answer in enumerate(answers)
    ]
    return {"__bbox": {"require": cached}}


def _box(result: Json) -> Json:
    return {"__bbox": {"complete": True, "result": result}}


async def script(request: Request) -> Response:
    """Return a script: one of each page defines the queries of that page."""
    page = request.path_params["name"].rpartition("/")[2].removesuffix(".js")
    providers = ",".join(f'"{one}.relayprovider"' for one in PROVIDERS)
    modules = ['__d("SomethingElse",[],(function(t,n,r,o,a,i){a.exports=1}),66);']
    for name in FIELDS:
        if page == next((tab for tab in TABS if tab in name.lower()), "profile"):
            operation = f"{name}_instagramRelayOperation"
            number = f'(function(t,n,r,o,a,i){{a.exports="{DOCS[name]}"}}),null);'
            modules.append(f'__d("{operation}",[],{number}')
            modules.append(f'__d("{name}.graphql",["{operation}",{providers}],(function(){{}}),1);')
    return Response("\n".join(modules), media_type="text/javascript")


def complaint(request: Request, form: Mapping[str, str], name: str, variables: Json) -> str | None:
    """Return what a query lacks that the page and its scripts have given out, None if nothing."""
    wanted = [f"__relay_internal__pv__{one}relayprovider" for one in PROVIDERS]
    checks = {
        "doc_id": form.get("doc_id") == DOCS.get(name),
        "lsd": form.get("lsd") == LSD == request.headers.get("X-FB-LSD"),
        "fb_dtsg": form.get("fb_dtsg") == DTSG,
        "csrf": request.headers.get("X-CSRFToken") == request.cookies.get("csrftoken"),
        "app": request.headers.get("X-IG-App-ID") == "936619743392459",
        "providers": all(one in variables for one in wanted),
    }
    wrong = [check for check, right in checks.items() if not right]
    return f"The query is not as the page sends it: {', '.join(wrong)}." if wrong else None
