"""TikTok's website: pages with their data in a script, the lists behind them, the file hosts.

Shapes as gallery-dl 1.32 and yt-dlp 2026.10 read them. A post is one video, or a slideshow of
pictures with a sound: of an entry of the world that mixes both, the pictures are shown.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.mastodon import serve_item
from tests.testsites.media import mp4
from tests.testsites.world import Entry, Item, World

ROOT = "https://www.tiktok.com"
VIDEOS = "v16-webapp-prime.tiktok.com"
PICTURES = ("p16-sign-va.tiktokcdn.com", "p19-sign-va.tiktokcdn.com")
SOUNDS = "v16-ies-music.tiktokcdn.com"
PUZZLE_COOKIE = "_wafchallengeid"
VISIT_COOKIE = "tt_chain_token"  # without it the host of the videos gives nothing
WEEK = 7 * 86_400_000  # in milliseconds
Json = dict[str, object]


def tiktok_id(entry: Entry) -> str:
    """Return TikTok's form of an id: the upper half is the second in which it was made."""
    return str(int(entry.at.timestamp()) << 32 | entry.id)


def pictures(entry: Entry) -> tuple[Item, ...]:
    """Return what a slideshow shows; () for a video."""
    return tuple(item for item in entry.items if item.kind == "image")


def files(entries: Iterable[Entry]) -> list[str]:
    """Return what is to be had of some entries: videos by their post, slides by number, sounds."""
    return [f"{tiktok_id(entry)}{part}" for entry in entries for part in _parts(entry)]


def _parts(entry: Entry) -> list[str]:
    shown = pictures(entry)
    return [*(f"_{number}" for number, _ in enumerate(shown, 1)), "_sound"] if shown else [""]


def secret_id(name: str) -> str:
    """Return the long id of a person, which the lists are asked with."""
    return "MS4wLjABAAAA" + hashlib.sha256(name.encode()).hexdigest()


def person_id(name: str) -> str:
    """Return the number of a person."""
    return str(6_800_000_000_000_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


SCROLLING = """<!DOCTYPE html><html><body><div id="list"></div><script>
let cursor = 0, busy = false, done = false;
function sign(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 1000003;
  return sum;
}
async function more() {
  if (busy || done) return;
  busy = true;
  const query = `aid=1988&QUERY&count=30&cursor=${cursor}`;
  const answer = await fetch(`/api/KIND/item_list/?${query}&X-Bogus=${sign(query)}`);
  const told = JSON.parse(await answer.text());
  for (const item of told.itemList || []) {
    const row = document.createElement("div");
    row.style.height = "300px";
    row.textContent = item.desc;
    document.getElementById("list").append(row);
  }
  cursor = told.cursor;
  done = !told.hasMore;
  busy = false;
}
addEventListener("scroll", more);
START
</script></body></html>"""


def _is_signed(request: Request) -> bool:
    asked, _, signed = request.url.query.rpartition("&X-Bogus=")
    number = 7
    for letter in asked:
        number = (number * 31 + ord(letter)) % 1_000_003
    return signed == str(number)


def tag_id(name: str) -> str:
    """Return the number of a tag."""
    return str(1_600_000_000_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def sound_id(entry: Entry) -> str:
    """Return the number of a sound: everybody has one, and uses it for everything."""
    return f"7{int(hashlib.sha256(entry.author.encode()).hexdigest()[:12], 16):018}"


@dataclass(kw_only=True)
class TikTok:
    """The site, and what is odd on it at the moment; a test may change that."""

    world: World
    puzzle: bool = False  # each page wants a hash solved before it shows anything
    signed: bool = False  # whether the lists of tags and sounds want signed requests
    captcha: bool = False  # whether pages of tags and sounds show a puzzle for people
    told_pinned: bool = True
    weekly: bool = False  # whether a request for somebody's posts looks back a week at most
    pinned: dict[str, Sequence[Entry]] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    withheld: dict[str, int] = field(default_factory=dict)  # a post's id: TikTok's status
    for_adults: set[str] = field(default_factory=set)  # ids
    stories: dict[str, Sequence[Entry]] = field(default_factory=dict)
    reposts: dict[str, Sequence[Entry]] = field(default_factory=dict)
    likes: dict[str, Sequence[Entry]] = field(default_factory=dict)
    collections: dict[str, Sequence[Entry]] = field(default_factory=dict)  # by number

    def mount(self) -> None:
        """Show it under its hosts."""
        self.world.mount("www.tiktok.com", self._site())
        self.world.mount("vm.tiktok.com", Starlette(routes=[Route("/{code}/", self._short)]))
        self.world.mount(VIDEOS, Starlette(routes=[Route("/video/{path:path}", self._video)]))
        self.world.mount(SOUNDS, Starlette(routes=[Route("/{path:path}", _sound)]))
        for host in PICTURES:
            self.world.mount(host, Starlette(routes=[Route("/{path:path}", self._picture)]))

    def posts(self, name: str) -> list[Entry]:
        """Return what stands on somebody's page, newest first, pinned ones before all others."""
        told = set(self.stories.get(name, ()))
        first = list(self.pinned.get(name, ()))
        return first + [e for e in self.world.people[name] if e not in told and e not in first]

    def _site(self) -> Starlette:
        def by_person(of: dict[str, Sequence[Entry]]) -> Callable[[Request], Sequence[Entry]]:
            def find(request: Request) -> Sequence[Entry]:
                query = request.query_params
                person = self._person(query.get("secUid") or query.get("authorId") or "")
                return of.get(person or "", ())

            return find

        def collected(request: Request) -> Sequence[Entry]:
            return self.collections.get(request.query_params["collectionId"], ())

        lists = {
            "repost": self._counted(by_person(self.reposts)),
            "favorite": self._timed(by_person(self.likes)),
            "story": self._timed(by_person(self.stories)),
            "collection": self._counted(collected),
            "challenge": self._numbered("challengeID", self._tagged),
            "music": self._numbered("musicID", self._sounding),
        }
        return Starlette(
            routes=[
                Route("/@{name}/video/{id:int}", self._post),
                Route("/@/video/{id:int}", self._post),
                Route("/@{name}/photo/{id:int}", self._photo),
                Route("/embed/@{name}", self._embed),
                Route("/@{name}", self._profile),
                Route("/tag/{name}", self._tag_page),
                Route("/music/{name}", self._sound_page),
                Route("/login", _login),
                Route("/api/creator/item_list/", self._creator),
                Route("/api/challenge/detail/", self._challenge),
                *[Route(f"/api/{name}/item_list/", end) for name, end in lists.items()],
            ]
        )

    async def _profile(self, request: Request) -> Response:
        name = request.path_params["name"].lower()
        if (asked := self._ask(request)) is not None:
            return asked
        if name not in self.world.people:
            return _page({"webapp.user-detail": {"statusCode": 10221, "statusMsg": ""}})
        hidden = name in self.private
        info: Json = {
            "user": {**_author(name), "privateAccount": hidden},
            "stats": {"videoCount": 0 if hidden else len(self.posts(name))},
            "itemList": [],
        }
        detail = {"userInfo": info, "statusCode": 10222 if hidden else 0, "statusMsg": ""}
        return _page({"webapp.user-detail": detail})

    async def _post(self, request: Request) -> Response:
        if (asked := self._ask(request)) is not None:
            return asked
        name = str(request.path_params["id"])
        entry = self._find(name)
        status = self.withheld.get(name, 0 if entry else 10204)
        if entry is None or status:
            detail: Json = {"statusCode": status, "statusMsg": "item doesn't exist"}
        else:
            # The page writes the time as text, the lists as a number.
            item = self._item(entry) | {"createTime": str(int(entry.at.timestamp()))}
            if name in self.for_adults:
                item = {k: v for k, v in item.items() if k not in {"video", "imagePost", "music"}}
                item["isContentClassified"] = True
            detail = {"itemInfo": {"itemStruct": item}, "statusCode": 0, "statusMsg": ""}
        return _page({"webapp.video-detail": detail})

    async def _photo(self, request: Request) -> Response:
        if (asked := self._ask(request)) is not None:
            return asked
        return _page({"seo.abtest": {"canonical": f"{ROOT}{request.url.path}"}})

    async def _embed(self, request: Request) -> Response:
        name = request.path_params["name"].lower()
        known = name in self.world.people and name not in self.private
        shown = [{"id": tiktok_id(entry)} for entry in self.posts(name)[:10]] if known else []
        state = {"source": {"data": {f"/embed/@{name}": {"videoList": shown}}}}
        return HTMLResponse(
            f'<html><script id="__FRONTITY_CONNECT_STATE__" type="application/json">'
            f"{json.dumps(state)}</script></html>",
            200 if known else 404,
        )

    async def _creator(self, request: Request) -> Response:
        name = self._person(request.query_params["secUid"])
        if name is None or name in self.private:
            return JSONResponse({"statusCode": 0, "hasMorePrevious": False})
        before, count = int(request.query_params["cursor"]), int(request.query_params["count"])
        first = self.pinned.get(name, ())
        older = [e for e in self.posts(name) if e not in first and _ms(e) < before]
        top = not any(e for e in self.posts(name) if e not in first and _ms(e) >= before)
        within = [e for e in older if not self.weekly or _ms(e) >= before - WEEK]
        shown = within[:count]
        rest = older[len(shown) :]
        answer: Json = {
            "itemList": [self._item(e) for e in ([*first] if top else []) + shown],
            "hasMorePrevious": bool(rest),
            "cursor": str(_ms(shown[-1])) if shown else "0",
            "statusCode": 0,
        }
        return JSONResponse(answer)

    def _timed(self, find: Callable[[Request], Sequence[Entry]]) -> Callable[[Request], object]:
        """Return a list whose cursor is a time, and goes down; of stories it goes up."""

        async def answer(request: Request) -> Response:
            start, count = int(request.query_params["cursor"]), int(request.query_params["count"])
            upwards = "/story/" in request.url.path
            found = sorted(find(request), key=_ms, reverse=not upwards)
            step = -1 if upwards else 1
            left = [e for e in found if not start or step * _ms(e) < step * start]
            shown, rest = left[:count], left[count:]
            if not shown:
                return JSONResponse({"statusCode": 0, "hasMore": False, "HasMoreAfter": False})
            more, cursor = ("HasMoreAfter", "MaxCursor") if upwards else ("hasMore", "cursor")
            items = [self._item(entry) for entry in shown]
            return JSONResponse(
                {"itemList": items, more: bool(rest), cursor: str(_ms(shown[-1])), "statusCode": 0}
            )

        return answer

    def _counted(self, find: Callable[[Request], Sequence[Entry]]) -> Callable[[Request], object]:
        """Return a list whose cursor is a number of posts."""

        async def answer(request: Request) -> Response:
            start, count = int(request.query_params["cursor"]), int(request.query_params["count"])
            found = find(request)
            shown = [self._item(entry) for entry in found[start : start + count]]
            more = len(found) > start + count
            return JSONResponse({"itemList": shown, "hasMore": more, "statusCode": 0})

        return answer

    def _numbered(
        self, name: str, find: Callable[[str], list[Entry]]
    ) -> Callable[[Request], object]:
        """Return a list by a number; where TikTok wants its requests signed, it says nothing."""

        async def answer(request: Request) -> Response:
            if self.signed and not _is_signed(request):
                return Response(b"", media_type="application/json")
            query = request.query_params
            start, count = int(query["cursor"]), int(query["count"])
            found = find(query[name])
            shown = [self._item(entry) for entry in found[start : start + count]]
            end, more = start + len(shown), len(found) > start + count
            told: Json = {"cursor": str(end), "hasMore": more, "statusCode": 0}
            return JSONResponse(told | ({"itemList": shown} if shown else {}))

        return answer

    async def _tag_page(self, request: Request) -> Response:
        name = request.path_params["name"].lower()
        query = f"challengeID={tag_id(name)}" if self._tagged(tag_id(name)) else ""
        return self._scrolling("challenge", query)

    async def _sound_page(self, request: Request) -> Response:
        return self._scrolling("music", f"musicID={request.path_params['name'].split('-')[-1]}")

    def _scrolling(self, kind: str, query: str) -> Response:
        """Return a page that asks for its list by itself, and for more when it is scrolled."""
        if self.captcha:
            return HTMLResponse("<div id=captcha-verify-container-main-page>Drag the slider</div>")
        start = "more()" if query else ""
        return HTMLResponse(
            SCROLLING.replace("KIND", kind).replace("QUERY", query).replace("START", start)
        )

    async def _challenge(self, request: Request) -> Response:
        name = request.query_params["challengeName"].lower()
        if not self._tagged(tag_id(name)):
            return JSONResponse({"challengeInfo": {}, "statusCode": 10205})
        told: Json = {"challenge": {"id": tag_id(name), "title": name}, "stats": {}}
        return JSONResponse({"challengeInfo": told, "statusCode": 0})

    def _tagged(self, number: str) -> list[Entry]:
        return [e for e in self._shuffled() if tag_id(e.text.rpartition("#")[2]) == number]

    def _sounding(self, number: str) -> list[Entry]:
        return [e for e in self._shuffled() if sound_id(e) == number]

    def _shuffled(self) -> list[Entry]:
        """Return all entries in an order that has nothing to do with their time."""
        everything = [entry for entries in self.world.people.values() for entry in entries]
        return sorted(everything, key=lambda entry: hashlib.sha256(str(entry.id).encode()).digest())

    async def _short(self, request: Request) -> Response:
        entry = self._find(request.path_params["code"])
        where = f"/@{entry.author}/video/{tiktok_id(entry)}" if entry else "/"
        return RedirectResponse(f"{ROOT}{where}?_r=1&_t=abc", 301)

    async def _video(self, request: Request) -> Response:
        if VISIT_COOKIE not in request.cookies or not _is_fresh(request):
            return Response("Access Denied", 403)
        return serve_item(self.world, f"{request.path_params['path'].split('/')[1]}.mp4")

    async def _picture(self, request: Request) -> Response:
        if not _is_fresh(request):
            return Response("URL expired", 403)
        number = request.path_params["path"].rpartition("/")[2].partition("~")[0]
        return serve_item(self.world, f"{number}.jpg")

    def _ask(self, request: Request) -> Response | None:
        """Return the page with the puzzle, None if there is none or its answer was sent."""
        if not self.puzzle or _is_solved(request.cookies.get(PUZZLE_COOKIE, "")):
            return None
        return _puzzle(len(self.world.log))

    def _person(self, number: str) -> str | None:
        return next((n for n in self.world.people if number in (secret_id(n), person_id(n))), None)

    def _find(self, name: str) -> Entry | None:
        entries = (entry for entries in self.world.people.values() for entry in entries)
        return next((entry for entry in entries if tiktok_id(entry) == name), None)

    def _item(self, entry: Entry) -> Json:
        name, shown = tiktok_id(entry), pictures(entry)
        sound = f"https://{SOUNDS}/0a1b2c/{_expiry():x}/video/tos/useast2a/{name}/"
        item: Json = {
            "id": name,
            "desc": entry.text,
            "createTime": int(entry.at.timestamp()),
            "author": _author(entry.author),
            "music": {
                "id": sound_id(entry),
                "title": f"original sound - {entry.author}",
                "authorName": entry.author,
                "playUrl": f"{sound}?a=1233&mime_type=audio_mp4&ft=x",
                "duration": 11,
                "original": True,
            },
            "stats": {"diggCount": 5, "playCount": 100, "shareCount": 1, "commentCount": 2},
            "challenges": [{"title": entry.text.rpartition("#")[2]}],
            "video": _slides_video(name) if shown else _video(entry.items[0], name),
        }
        if shown:
            images = [_image(one) for one in shown]
            item["imagePost"] = {"images": images, "cover": images[0], "title": ""}
        if self.told_pinned and entry in self.pinned.get(entry.author, ()):
            item["isPinnedItem"] = True
        return item


def _author(name: str) -> Json:
    return {
        "id": person_id(name),
        "uniqueId": name,
        "nickname": name.title(),
        "secUid": secret_id(name),
        "avatarLarger": f"https://{PICTURES[0]}/avatar/{name}.jpeg?x-expires={_expiry()}",
    }


def _video(item: Item, post: str) -> Json:
    query = f"a=1988&mime_type=video_mp4&expire={_expiry()}&l=x&tk={VISIT_COOKIE}"

    def address(host: str, quality: str) -> str:
        return f"https://{host}/video/tos/{item.id}/{quality}/?{query}"

    urls = [address(VIDEOS, "one"), address(VIDEOS, "two")]
    return {
        "id": post,
        "width": 576,
        "height": 1024,
        "duration": 11,
        "ratio": "540p",
        "format": "mp4",
        "cover": f"https://{PICTURES[0]}/obj/{post}~tplv-dmt.image?x-expires={_expiry()}",
        "playAddr": address(VIDEOS, "play"),
        "downloadAddr": address(VIDEOS, "download"),
        "bitrateInfo": [
            {
                "GearName": "normal_540_0",
                "Bitrate": 1_234_567,
                "CodecType": "h264",
                "PlayAddr": {
                    "Uri": f"v15044gf{item.id}",
                    "UrlKey": f"v15044gf{item.id}_h264_540p_1234567",
                    "UrlList": [*urls, f"{ROOT}/aweme/v1/play/?video_id=v15044gf{item.id}"],
                    "DataSize": str(len(item.body)),
                    "Width": 576,
                    "Height": 1024,
                },
            }
        ],
    }


def _slides_video(post: str) -> Json:
    """Return the video of a slideshow: a picture of it, and no film."""
    cover = f"https://{PICTURES[0]}/obj/{post}~tplv-photomode-image-cover.jpeg"
    return {"id": post, "width": 0, "height": 0, "duration": 0, "cover": cover, "playAddr": ""}


def _image(item: Item) -> Json:
    path = f"tos-maliva-i-photomode-us/{item.id}~tplv-photomode-image.jpeg"
    query = f"x-expires={_expiry()}&x-signature=abc%3D"
    urls = [f"https://{host}/{path}?{query}" for host in PICTURES]
    return {"imageURL": {"urlList": urls}, "imageWidth": 320, "imageHeight": 400}


async def _sound(_: Request) -> Response:
    return Response(mp4("sound"), media_type="audio/mp4")


async def _login(_: Request) -> Response:
    return HTMLResponse("<html><title>Log in | TikTok</title></html>")


def _page(scope: Json) -> Response:
    data = json.dumps({"__DEFAULT_SCOPE__": {"webapp.app-context": {"language": "en"}, **scope}})
    answer = HTMLResponse(
        '<!DOCTYPE html><html id="app"><body><script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" '
        f'type="application/json">{data}</script></body></html>'
    )
    answer.set_cookie(VISIT_COOKIE, "abc", domain=".tiktok.com", secure=True, httponly=True)
    return answer


def _puzzle(seed: int) -> Response:
    start = f"start {seed}".encode()
    end = hashlib.sha256(start + str(seed % 97 + 1000).encode()).digest()
    told = {"v": {"a": _b64(start), "b": "0", "c": _b64(end)}, "s": "signed"}
    parts = {
        "cs": _b64(json.dumps(told).encode()).rstrip("="),
        "wci": PUZZLE_COOKIE,
        "rci": "waforiginalreid",
        "rs": "2026_abc",
    }
    tags = "".join(f'<p id="{name}" class="{value}"></p>' for name, value in parts.items())
    return HTMLResponse(f"<html><title>TikTok</title><body>{tags}Please wait...</body></html>")


def _is_solved(cookie: str) -> bool:
    try:
        told = json.loads(base64.b64decode(cookie.strip('"')))
        start, number = (base64.b64decode(part) for part in (told["v"]["a"], told["d"]))
        return hashlib.sha256(start + number).digest() == base64.b64decode(told["v"]["c"])
    except (ValueError, KeyError):
        return False


def _is_fresh(request: Request) -> bool:
    query = request.query_params
    return int(query.get("expire") or query.get("x-expires") or 0) > time.time()


def _expiry() -> int:
    return int(time.time()) + 2 * 86_400


def _ms(entry: Entry) -> int:
    return int(entry.at.timestamp()) * 1000


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
