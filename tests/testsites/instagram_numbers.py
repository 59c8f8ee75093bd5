"""Instagram's queries by their number or hash alone, as instaloader 4.16 sends them.

The newer ones have a number and give the same shapes as all others; the older ones have a hash, and
shapes of their own.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from starlette.requests import Request

from tests.testsites.instagram_ids import item_pk, post_pk, shortcode
from tests.testsites.instagram_media import signed
from tests.testsites.instagram_pages import DTSG, EIMU, LSD
from tests.testsites.instagram_queries import PAGE, answer, connection
from tests.testsites.instagram_world import Instagram, Json
from tests.testsites.world import Entry, Item


class Query(StrEnum):
    """What is asked for."""

    POST = "27128499623469141"
    FURTHER = "28904005159232689"  # of the list that visitors get
    PROFILE = "27937681195819736"
    TIMELINE = "29104886249145907"
    REELS = "7845543455542541"
    TAGGED = "e31a871f7301132ceaab56507a66bbb7"
    SAVED = "f883d95537fbcd400f466f63d42bd8a1"
    STORIES = "303a4ae99711322310f25250d988f3b7"
    KEPT = "45246d3fe16ccc6577e0bd297a5db1ab"
    TRAYS = "7c16654f22c819fb63d1183034a5162f"
    SELF = "d6f4427fbe92d846298cf93df0b937d3"


OPEN = frozenset({Query.POST, Query.FURTHER})  # visitors get these too
WEB_API = OPEN | {Query.TIMELINE}  # what the web app asks at /api/graphql


def numbered(site: Instagram, number: str, variables: Json, *, known: bool) -> Json:
    """Return what a query with a number gives."""
    given: Json
    match number:
        case Query.POST:
            items = _shown(site, str(variables["shortcode"]), known=known)
            given = {"data": {"xdt_api__v1__media__shortcode__web_info": {"items": items}}}
        case Query.FURTHER:
            who = next(one for one in site.people() if page_id(site, one) == variables["id"])
            found = _stubs(site, who, variables.get("after"))
            given = {"data": {"node": {"polaris_ordered_timeline_connection": found}}}
        case Query.PROFILE:
            given = answer(site, "PolarisProfilePageContentQuery", variables)
        case Query.TIMELINE:
            given = answer(site, "PolarisProfilePostsTabContentQuery_connection", variables)
        case Query.REELS:
            data: Json = variables["data"]  # type: ignore[assignment]  # as it is sent
            asked = {"id": data["target_user_id"], "after": variables.get("after")}
            given = answer(site, "PolarisProfileReelsTabContentQuery_connection", asked)
            inner: Json = given["data"]["fetch__XDTUserDict"]  # type: ignore[index]  # ours
            name = "xdt_api__v1__clips__user__connection_v2"
            given = {"data": {name: inner[name]}}
        case _:
            given = {"errors": [{"message": "No such query.", "severity": "CRITICAL"}]}
    return given


def hashed(site: Instagram, name: str, variables: Json, *, owner: str) -> Json:
    """Return what a query with a hash gives to `owner`, who is logged in."""
    match name:
        case Query.SELF:
            found: Json = {"user": {"id": site.number(owner), "username": owner}}
        case Query.TAGGED:
            shown = site.world.people.get(site.tagged.get(_person(site, variables["id"]), ""), ())
            found = {"user": {"edge_user_to_photos_of_you": _edges(site, shown, variables)}}
        case Query.SAVED:
            shown = (
                site.world.people[site.saved] if str(variables["id"]) == site.number(owner) else ()
            )
            found = {"user": {"edge_saved_media": _edges(site, shown, variables)}}
        case Query.STORIES:
            wanted: list[object] = variables["reel_ids"]  # type: ignore[assignment]  # as it is sent
            people = [_person(site, number) for number in wanted]
            found = {"reels_media": [_reel(site, one) for one in people if site.story(one)]}
        case Query.TRAYS:
            trays = site.highlights(_person(site, variables["user_id"]))
            nodes = [{"node": _tray(tray)} for tray in trays]
            found = {"user": {"edge_highlight_reels": {"edges": nodes}}}
        case Query.KEPT:
            numbers: list[str] = variables["highlight_reel_ids"]  # type: ignore[assignment]
            found = {"reels_media": [_kept(site, number) for number in numbers]}
        case _:
            return {"status": "fail", "message": "execution failure"}
    return {"data": found, "status": "ok"}


def wrong(request: Request, form: Mapping[str, str], *, known: bool) -> str | None:
    """Return what a query with a number lacks, None if nothing."""
    web_api = request.url.path == "/api/graphql"
    checks = {
        "endpoint": not web_api or form["doc_id"] in WEB_API,
        "csrf": request.headers.get("X-CSRFToken") == request.cookies.get("csrftoken") != "",
        "app": request.headers.get("X-IG-App-ID") == "936619743392459",
        "lsd": not web_api or form.get("lsd") == LSD == request.headers.get("X-FB-LSD"),
        "fb_dtsg": not web_api or form.get("fb_dtsg") == (DTSG if known else None),
        "av": not web_api or form.get("av") == (EIMU if known else "0"),
    }
    lacking = [check for check, right in checks.items() if not right]
    return f"The query is not as it should be: {', '.join(lacking)}." if lacking else None


def embedded(site: Instagram, name: str) -> list[Json]:
    """Return what the page of a person holds for visitors: who it is, and the newest posts."""
    user = site.user(name)
    who: Json = {
        **user,
        "id": page_id(site, name),
        "biography": "",
        "follower_count": 3,
        "following_count": 0,
        "all_media_count": None,
    }
    details: Json = {"xig_user_by_username": who}
    if user["is_private"]:
        return [details]
    posts: Json = {"id": page_id(site, name)}
    posts["polaris_ordered_timeline_connection"] = _stubs(site, name, None)
    return [details, {"xig_user_by_username": posts}]


def page_id(site: Instagram, name: str) -> str:
    """Return the number that a person's page goes by, which is not the person's."""
    return str(17_841_400_000_000_000 + int(site.number(name)))


def full_profile(site: Instagram, name: str) -> Json:
    """Return a person in the older shape, as visitors are told."""
    user = site.user(name)
    media = {"count": len(site.world.people[name]), "edges": []}
    portrait = user["profile_pic_url"]
    return {**user, "edge_owner_to_timeline_media": media, "profile_pic_url_hd": portrait}


def as_api(value: object) -> object:
    """Return an answer as the app's own API writes it: numbers are numbers, large videos first."""
    match value:
        case dict():
            return {
                name: int(inner)
                if name == "pk" and isinstance(inner, str) and inner.isdecimal()
                else inner[::-1]
                if name == "video_versions" and isinstance(inner, list)
                else as_api(inner)
                for name, inner in value.items()
            }
        case list():
            return [as_api(inner) for inner in value]
        case _:
            return value


def _shown(site: Instagram, code: str, *, known: bool) -> list[Json]:
    entries = (entry for name in site.people() for entry in site.world.people[name])
    entry = next((one for one in entries if shortcode(post_pk(one)) == code), None)
    if entry is None or (entry.author in site.private and not known):
        return []
    post = site.post(entry)
    if not known:  # visitors are not told what is pinned where
        post = {name: value for name, value in post.items() if "_pinned_" not in name}
    return [post]


def _stubs(site: Instagram, name: str, after: object) -> Json:
    """Return a page of the list that visitors get: little more than where each post stands."""
    posts = (site.post(entry) for entry in site.timeline(name))
    names = ("pk", "id", "code", "media_type", "user", "caption")
    stubs = ({key: post[key] for key in names} for post in posts)
    return connection(stubs, after if isinstance(after, str) else None)


def _person(site: Instagram, number: object) -> str:
    return next(one for one in site.people() if site.number(one) == str(number))


def _edges(site: Instagram, entries: Iterable[Entry], variables: Json) -> Json:
    after = variables.get("after")
    size = min(int(str(variables["first"])), PAGE)
    nodes = [_node(site, entry) for entry in entries]
    return {**connection(nodes, after if isinstance(after, str) else None, size), "count": 99}


def _node(site: Instagram, entry: Entry) -> Json:
    """Return a post as the older lists hold it: of several files it shows the first one alone."""
    several, first = len(entry.items) > 1, entry.items[0]
    video = first.kind == "video" and not several
    kind = "Sidecar" if several else "Video" if video else "Image"
    return {
        "__typename": f"Graph{kind}",
        "id": post_pk(entry),
        "shortcode": shortcode(post_pk(entry)),
        "display_url": _cover(first),
        "is_video": video,
        "owner": {"id": site.number(entry.author), "username": entry.author},
        "taken_at_timestamp": int(entry.at.timestamp()),
        "edge_media_to_caption": {"edges": [{"node": {"text": entry.text}}]},
        "edge_media_to_comment": {"count": 0},
        "edge_media_preview_like": {"count": 3},
    }


def _reel(site: Instagram, name: str) -> Json:
    items = _older(site, name)
    return {
        "__typename": "GraphReel",
        "id": site.number(name),
        "latest_reel_media": items[-1]["taken_at_timestamp"],
        "seen": 0,
        "user": {"id": site.number(name), "username": name},
        "owner": {"__typename": "GraphUser", "id": site.number(name), "username": name},
        "items": items,
    }


def _kept(site: Instagram, number: str) -> Json:
    for name in site.people():
        for tray in site.highlights(name):
            if tray["id"] == f"highlight:{number}":
                inside = {item["pk"] for item in tray["items"]}  # type: ignore[attr-defined]
                items = [one for one in _older(site, name) if one["id"] in inside]
                return {"__typename": "GraphHighlightReel", "id": number, "items": items}
    raise LookupError(number)


def _tray(tray: Json) -> Json:
    user: Json = tray["user"]  # type: ignore[assignment]  # ours
    cover = signed("/v/cover.jpg")
    return {
        "__typename": "GraphHighlightReel",
        "id": str(tray["id"]).removeprefix("highlight:"),
        "title": tray["title"],
        "owner": {"id": user["pk"], "username": user["username"]},
        "cover_media": {"thumbnail_src": cover},
        "cover_media_cropped_thumbnail": {"url": cover},
    }


def _older(site: Instagram, name: str) -> list[Json]:
    entries = site.world.people.get(f"{name}.story", ())
    return [
        _story_node(site, name, entry, item) for entry in reversed(entries) for item in entry.items
    ]


def _story_node(site: Instagram, name: str, entry: Entry, item: Item) -> Json:
    video = item.kind == "video"
    taken = int(entry.at.timestamp())
    node: Json = {
        "__typename": "GraphStoryVideo" if video else "GraphStoryImage",
        "id": item_pk(entry, item),
        "dimensions": {"width": 320, "height": 400},
        "display_url": _cover(item),
        "display_resources": [{"src": _cover(item), "config_width": 320, "config_height": 400}],
        "is_video": video,
        "taken_at_timestamp": taken,
        "expiring_at_timestamp": taken + 86_400,
        "owner": {"id": site.number(name), "username": name},
    }
    if video:
        source = signed(f"/o1/v/t16/f2/m86/{item.id}.mp4")
        node["video_resources"] = [{"src": source, "config_width": 180, "config_height": 320}]
    return node


def _cover(item: Item) -> str:
    return signed(f"/v/t51.82787-15/{item.id}_n.jpg")
