"""Snapchat's public web pages: live stories, highlights and spotlights, and the hosts of its media.

A person's live story is what was published within a day of the newest entry; each entry with several
files is a highlight, each video alone a spotlight. As on the true site a page shows only so many, has
no second page, and snaps in highlights and spotlights have no id of their own.
"""

import base64
import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.world import Entry, Item, World

ROOT = "https://www.snapchat.com"
HOSTS = ("www.snapchat.com", "story.snapchat.com", "t.snapchat.com")
LOGIN = "accounts.snapchat.com"
CDN = {"image": "cf-st.sc-cdn.net", "video": "bolt-gcdn.sc-cdn.net"}
SHOWN = 20
Json = dict[str, object]


def mount_snapchat(
    world: World,
    *,
    quiet: Collection[str] = (),
    closed: Collection[str] = (),
    walled: Collection[str] = (),
    shown: int = SHOWN,
) -> None:
    """Show the world's people.

    The `quiet` have no live story, the `closed` no public profile, the `walled` ask for a login.
    """
    site = _pages(world, quiet, closed, walled, shown)
    for host in HOSTS:
        world.mount(host, site)
    world.mount(LOGIN, _login())
    for host in CDN.values():
        world.mount(host, _files(world))


def live(entries: Collection[Entry]) -> list[Entry]:
    """Return what is in somebody's live story, newest first."""
    newest = max(entry.at for entry in entries)
    return [entry for entry in entries if newest - entry.at < timedelta(hours=24)]


def highlights(entries: Collection[Entry], shown: int = SHOWN) -> list[Entry]:
    """Return the entries that are shown as highlights, newest first."""
    return [entry for entry in entries if len(entry.items) > 1][:shown]


def spotlights(entries: Collection[Entry], shown: int = SHOWN) -> list[Entry]:
    """Return the entries that are shown as spotlights, newest first."""
    return [entry for entry in entries if [item.kind for item in entry.items] == ["video"]][:shown]


def taken_at(entry: Entry, item: Item) -> datetime:
    """Return when a snap was taken: one second after the one before it."""
    return entry.at + timedelta(seconds=item.id - entry.id)


def snap_id(entry: Entry, item: Item) -> str:
    """Return the id of a snap in a live story, which holds its time as all such ids do."""
    return _timed_id(entry.author, item.id, taken_at(entry, item))


def spotlight_id(entry: Entry) -> str:
    """Return the id of a spotlight."""
    return _timed_id(f"spotlight {entry.author}", entry.id, entry.at)


def highlight_id(entry: Entry) -> str:
    """Return the id of a highlight."""
    return str(_uuid(f"highlight {entry.id}"))


def content_id(item: Item) -> str:
    """Return the name that a file has on the hosts of media, in whichever form it is served."""
    digest = hashlib.sha256(f"snap {item.id}".encode()).digest()
    return base64.b32encode(digest).decode()[:21]


def address(item: Item) -> str:
    """Return where a file is."""
    form, place = (1034, "d") if item.kind == "image" else (27, "u")
    return (
        f"https://{CDN[item.kind]}/{place}/{content_id(item)}.{form}.IRZXSOY?mo=GjcaFjIBBDo&uc=46"
    )


def profile_page(
    world: World, name: str, *, quiet: Collection[str] = (), shown: int = SHOWN
) -> str:
    """Return the page of somebody with a public profile."""
    entries = world.people[name]
    story = {} if name in quiet else {"story": _live_story(entries)}
    return _html(
        {
            **story,
            "userProfile": _profile(name, entries, shown, telling=bool(story)),
            "curatedHighlights": [_highlight(entry) for entry in highlights(entries, shown)],
            **_spotlights(spotlights(entries, shown)),
            "pageMetadata": {"pageType": 18, "pageTitle": f"{name} | Snapchat"},
        }
    )


def _uuid(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def _timed_id(author: str, number: int, at: datetime) -> str:
    moment = int(at.timestamp() * 1000).to_bytes(6, "big")
    letters = f"{number:09d}".encode()[-9:]
    parts = (_uuid(author).bytes + b"\0\0", letters, moment, moment)
    start, word, later, first = (base64.urlsafe_b64encode(part).decode() for part in parts)
    return f"{start}Y{word}{later}{first}AAAAAQ"


def _snap(entry: Entry, item: Item, name: str) -> Json:
    moment = int(taken_at(entry, item).timestamp())
    return {
        "snapIndex": item.id - entry.id,
        "snapId": {"value": name},
        "snapMediaType": 0 if item.kind == "image" else 1,
        "snapTitle": None,
        "snapUrls": {
            "mediaUrl": address(item),
            "mediaPreviewUrl": {"value": address(item).replace(".27.", ".256.")},
            "overlayUrl": None,
        },
        "timestampInSec": {"value": str(moment)},
        "lensMetadata": None,
    }


def _live_story(entries: Collection[Entry]) -> Json:
    shown = [(entry, item) for entry in reversed(live(entries)) for item in entry.items]
    snaps = [_snap(entry, item, snap_id(entry, item)) for entry, item in shown]
    # Only here and there a snap says something itself.
    titles = [{"value": entry.text} if item.id == entry.id else None for entry, item in shown]
    return {
        "storyType": 2,
        "storyId": {"value": _uuid(f"story {shown[0][0].author}").hex},
        "storyTitle": None,
        "snapList": [
            {**snap, "snapIndex": index, "snapTitle": titles[index]}
            for index, snap in enumerate(snaps)
        ],
    }


def _highlight(entry: Entry) -> Json:
    return {
        "storyType": 4,
        "highlightId": {"value": highlight_id(entry)},
        "storyTitle": {"value": entry.text},
        "thumbnailUrl": {"value": address(entry.items[0])},
        "snapList": [_snap(entry, item, "") for item in entry.items],
        "emoji": None,
    }


def _spotlight(entry: Entry) -> Json:
    return {
        "storyType": 5,
        "storyId": {"value": spotlight_id(entry)},
        "storyTitle": None,
        "thumbnailUrl": {"value": address(entry.items[0])},
        "snapList": [_snap(entry, item, "") for item in entry.items],
    }


def _spotlights(entries: Collection[Entry]) -> Json:
    """Return both lists of a profile; where one is not shown, both have an empty place."""
    nothing: Json = {
        "highlightId": None,
        "storyId": None,
        "storyTitle": None,
        "thumbnailUrl": None,
        "snapList": [],
    }
    untold: Json = {
        "description": "",
        "hashtags": [],
        "engagementStats": None,
        "videoMetadata": {
            "name": "",
            "description": "",
            "uploadDateMs": "0",
            "durationMs": "0",
            "width": 0,
            "height": 0,
            "contentUrl": "",
            "creator": None,
        },
    }
    return {
        "spotlightHighlights": [nothing, *(_spotlight(entry) for entry in entries)],
        "spotlightStoryMetadata": [untold, *(_watched(entry)["metadata"] for entry in entries)],
    }


def _watched(entry: Entry) -> Json:
    """Return a spotlight as its own page describes it."""
    creator = {"username": entry.author, "url": f"{ROOT}/add/{entry.author}", "name": entry.author}
    video: Json = {
        "name": "Spotlight Snap",
        "description": "Another Spotlight Snap brought to you by Snapchat",
        "uploadDateMs": str(int(entry.at.timestamp() * 1000) + 369),
        "durationMs": "1000",
        "width": 180,
        "height": 320,
        "contentUrl": address(entry.items[0]),
        "thumbnailUrl": address(entry.items[0]).replace(".27.", ".256."),
        "viewCount": "-1",
        "shareCount": "3",
        "creator": {"$case": "personCreator", "personCreator": creator},
    }
    return {
        "story": _spotlight(entry),
        "metadata": {
            "videoMetadata": video,
            "description": entry.text,
            "hashtags": [entry.text.rpartition(" ")[2]],
            "engagementStats": {"viewCount": "7", "shareCount": "3"},
        },
    }


def _profile(name: str, entries: Collection[Entry], shown: int, *, telling: bool) -> Json:
    return {
        "$case": "publicProfileInfo",
        "publicProfileInfo": {
            "username": name,
            "title": name.title(),
            "snapcodeImageUrl": f"https://app.snapchat.com/web/deeplink/snapcode?username={name}",
            "badge": 1,
            "subscriberCount": "4100",
            "bio": "",
            "profilePictureUrl": f"https://{CDN['image']}/aps/bolt/aHR0cHM6._RS0,640_FMjpeg",
            "hasStory": telling,
            "hasCuratedHighlights": bool(highlights(entries, shown)),
            "hasSpotlightHighlights": bool(spotlights(entries, shown)),
            "creationTimestampMs": {"value": "1558548110393"},
            "lastUpdateTimestampMs": {"value": "1768248930000"},
            "relatedAccountsInfo": [],
        },
    }


def _html(props: Json, *, status: str = "") -> str:
    data = {
        "props": {"pageProps": props, "__N_SSP": True},
        "page": status or "/profile",
        "query": {},
    }
    text = json.dumps(data, ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return (
        '<!DOCTYPE html><html lang="en"><head><title>Snapchat</title></head><body>'
        '<div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{text}</script></body></html>'
    )


def _missing() -> Response:
    return HTMLResponse(_html({"statusCode": 404}, status="/404"), 404)


def _pages(  # noqa: C901  # a function a route
    world: World,
    quiet: Collection[str],
    closed: Collection[str],
    walled: Collection[str],
    shown: int,
) -> Starlette:
    def find(request: Request) -> tuple[Entry, ...]:
        return world.people.get(request.path_params["user"].lower(), ())

    async def profile(request: Request) -> Response:
        name = request.path_params["user"].lower()
        if name in walled:
            return RedirectResponse(f"https://{LOGIN}/accounts/login?continue=x", 303)
        if name in closed:
            info = {"username": name, "displayName": name, "snapcodeImageUrl": ""}
            return HTMLResponse(_html({"userProfile": {"$case": "userInfo", "userInfo": info}}))
        if not find(request):
            return _missing()
        return HTMLResponse(profile_page(world, name, quiet=quiet, shown=shown))

    async def added(request: Request) -> Response:
        return RedirectResponse(f"{ROOT}/@{request.path_params['rest']}", 308)

    async def highlight(request: Request) -> Response:
        for entry in highlights(find(request), shown):
            if highlight_id(entry) == request.path_params["id"]:
                person = {"username": entry.author, "title": entry.author.title()}
                return HTMLResponse(
                    _html({"highlight": _highlight(entry), "publicUserProfile": person})
                )
        return _missing()

    async def snap(request: Request) -> Response:
        return await profile(request)  # the whole story, which the player opens at the snap

    async def spotlight(request: Request) -> Response:
        everything = [entry for entries in world.people.values() for entry in entries]
        videos = spotlights(everything, len(everything))
        wanted = [one for one in videos if spotlight_id(one) == request.path_params["id"]]
        if not wanted:
            return _missing()
        others = [one for one in videos if one not in wanted][:4]  # to go on watching
        stories = [_watched(entry) for entry in (*wanted, *others)]
        return HTMLResponse(_html({"spotlightFeed": {"spotlightStories": stories}}))

    async def short(request: Request) -> Response:
        return RedirectResponse(f"{ROOT}/spotlight/{request.path_params['id']}?share_id=4Zs", 302)

    return Starlette(
        routes=[
            Route("/t/{id}", short),
            Route("/add/{rest:path}", added),
            Route("/s/{rest:path}", added),
            Route("/spotlight/{id}", spotlight),
            Route("/@{user}/spotlight/{id}", spotlight),
            Route("/@{user}/highlight/{id}", highlight),
            Route("/@{user}/{id}", snap),
            Route("/@{user}", profile),
        ]
    )


def _login() -> Starlette:
    async def login(_: Request) -> Response:
        return HTMLResponse("<!DOCTYPE html><title>Log In</title><form method=post></form>")

    return Starlette(routes=[Route("/accounts/login", login)])


def _files(world: World) -> Starlette:
    async def show(request: Request) -> Response:
        name = request.path_params["name"].partition(".")[0]
        for entries in world.people.values():
            for item in (item for entry in entries for item in entry.items):
                if content_id(item) == name:
                    return Response(item.body, media_type=item.content_type)
        return Response("no such file", 404)

    return Starlette(routes=[Route("/{place}/{name}", show)])
