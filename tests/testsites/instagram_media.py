"""Pictures and videos of the world as Instagram describes them, and its CDN with addresses that expire."""

import base64
import hmac
import time
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.testsites.instagram_ids import item_pk, shortcode
from tests.testsites.media import jpeg
from tests.testsites.world import Entry, Item, World

CDN = "scontent.cdninstagram.com"
Json = dict[str, object]


def signed(path: str, *, lives: float = 259_200.0) -> str:
    """Return a CDN address that is good for a while: `oe` is its end in hex, `oh` signs it."""
    end = f"{int(time.time() + lives):08X}"
    query = f"stp=dst-jpg_e35&_nc_cat=1&ccb=7-5&oh={_signature(path, end)}&oe={end}&_nc_sid=8b3546"
    return f"https://{CDN}{path}?{query}"


def _signature(path: str, end: str) -> str:
    return "00_Af" + hmac.new(b"cdn", f"{path} {end}".encode(), "sha256").hexdigest()[:32]


def _path(item: Item) -> str:
    kind = "/v/t51.82787-15/{}_n.jpg" if item.kind == "image" else "/o1/v/t16/f2/m86/{}.mp4"
    return kind.format(item.id)


def media_of(entry: Entry, item: Item, *, dash: bool = False) -> Json:
    """Return one file of a post; with `dash` its video also comes in pieces."""
    pk = item_pk(entry, item)
    name = base64.b64encode(pk.encode()).decode()  # the address of a picture holds its number
    cover = signed(f"/v/t51.82787-15/{item.id}_n.jpg") + f"&ig_cache_key={quote(name)}.3-ccb7-5"
    small = {"url": f"{cover}&small=1", "width": 160, "height": 200}
    media: Json = {
        "pk": pk,
        "id": f"{pk}_1",
        "code": shortcode(pk),
        "media_type": 1 if item.kind == "image" else 2,
        "original_width": 320,
        "original_height": 400,
        "image_versions2": {"candidates": [{"url": cover, "width": 320, "height": 400}, small]},
        "video_versions": None,
        "video_dash_manifest": None,
        "usertags": None,
    }
    if item.kind == "video":
        url = signed(_path(item))
        media["video_versions"] = [
            {"type": 102, "url": f"{url}&small=1", "width": 90, "height": 160},
            {"type": 101, "url": url, "width": 180, "height": 320},
        ]
        media |= {"original_width": 180, "original_height": 320, "video_duration": 1.0}
        media["has_audio"] = True
        if dash:
            media |= {"original_width": 360, "original_height": 640}
            media["video_dash_manifest"] = _manifest(item)
    return media


def _manifest(item: Item) -> str:
    address = signed(_path(item)).replace("&", "&amp;")
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period duration="PT1S"><AdaptationSet contentType="video" mimeType="video/mp4">'
        '<Representation id="v" bandwidth="900000" codecs="avc1.42c00d" width="360" height="640">'
        f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet>"
        '<AdaptationSet contentType="audio" mimeType="audio/mp4">'
        '<Representation id="a" bandwidth="64000" codecs="mp4a.40.2" audioSamplingRate="44100">'
        f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )


def story_item(entry: Entry, item: Item, owner: Json) -> Json:
    """Return one item of a story; an item was posted alone, whatever its entry holds."""
    taken = int(entry.at.timestamp())
    number = item_pk(entry, item)
    return {
        **media_of(entry, item),
        "id": f"{number}_{owner['pk']}",
        "taken_at": taken,
        "expiring_at": taken + 86_400,
        "user": owner,
        "caption": None,
        "product_type": "story",
        "audience": None,
    }


def music_of(entry: Entry) -> Json:
    """Return the sound of a reel, which gallery-dl counts as a file of it."""
    sound = {
        "audio_asset_id": str(entry.id),
        "original_audio_title": "Original audio",
        "progressive_download_url": signed(f"/v/t66.sound/{entry.id}.m4a"),
        "duration_in_ms": 1000,
        "ig_artist": {"username": entry.author},
    }
    return {"music_info": None, "original_sound_info": sound}


def cdn(world: World) -> Starlette:
    """Return the host of the files: it refuses addresses that are over, or were changed."""
    files = {
        _path(item): item
        for entries in world.people.values()
        for entry in entries
        for item in entry.items
    }

    async def show(request: Request) -> Response:
        path, end = request.url.path, request.query_params.get("oe", "0")
        if request.query_params.get("oh") != _signature(path, end):
            return Response("URL signature mismatch", 403)
        if int(end, 16) < time.time():
            return Response("URL signature expired", 403)
        if item := files.get(path):
            return Response(item.body, media_type=item.content_type)
        return Response(jpeg(path), media_type="image/jpeg")  # covers and portraits

    return Starlette(routes=[Route("/{path:path}", show)])
