"""FastDL, a viewer of Instagram: a page whose scripts sign what they ask of its interface.

The interface answers only what carries a signature of the key that the page's script holds, and answers
as Instagram's own API would. Files come through FastDL's own host, which names the original address.
"""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.testsites.instagram_ids import shortcode
from tests.testsites.instagram_media import cdn
from tests.testsites.instagram_world import Instagram, Json
from tests.testsites.world import Entry

HOST, API, MEDIA = "fastdl.app", "api-wh.fastdl.app", "media.fastdl.app"
KEY = "5fd0a12c7be9"  # it stands in the page's script; the real one changes every few weeks
BUILD = 1788421776280
PAGE = 12
LIVES_S = 60.0
UNKNOWN: Mapping[str, object] = {"success": False, "response_type": "link not found"}

FRONT = """<!DOCTYPE html><html><head><title>FastDL</title></head><body>
<form class="search-form" id="search-form"><input id="search-form-input" name="url" type="text">
<button class="search-form__button" type="submit">Download</button></form>
<div class="output-component"></div><div style="height: 3000px"></div>
<script src="/js/link.chunk.js?ch=1"></script>EXTRA</body></html>"""
SCRIPT = """
const api = 'https://api-wh.fastdl.app/api', key = new TextEncoder().encode('KEY');
async function sign(body) {
  const {msec} = await (await fetch('/msec')).json();
  const skew = Math.abs(Date.now() - msec * 1000) > 60000 ? Math.round(Date.now() - msec * 1000) : 0;
  const ts = Date.now() - skew, names = Object.keys(body).sort();
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, body[name]]))) + ts;
  const hmac = {name: 'HMAC', hash: 'SHA-256'};
  const made = await crypto.subtle.importKey('raw', key, hmac, false, ['sign']);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', made, new TextEncoder().encode(text)));
  const _s = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return {...body, ts, _ts: BUILD, _tsc: skew, _sv: 2, _s};
}
async function ask(path, body) {
  const headers = {'Content-Type': 'application/json', 'Accept': 'application/json, text/plain, */*'};
  const answer = await fetch(api + path, {method: 'POST', headers, body: JSON.stringify(await sign(body))});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
let next = null, busy = false;
const output = document.querySelector('.output-component');
async function posts(username, maxId) {
  busy = true;
  const {result} = await ask('/v1/instagram/posts', {username, maxId});
  for (const {node} of result.edges) {
    const item = document.createElement('li');
    item.className = 'profile-media-list__item';
    item.textContent = node.code;
    output.append(item);
  }
  const {has_next_page, end_cursor} = result.page_info;
  next = has_next_page ? () => posts(username, end_cursor) : null;
  busy = false;
}
window.addEventListener('scroll', () => { if (next && !busy) next(); });
document.querySelector('#search-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const link = new URL(document.querySelector('#search-form-input').value);
  const [first, second, third] = link.pathname.split('/').filter(Boolean);
  try {
    if (first === 'stories' && third) return await ask('/v1/instagram/story', {url: link.href});
    if (first === 'stories') return await ask('/v1/instagram/stories', {username: second});
    if (second) {
      const found = [await ask('/convert', {target_url: link.href})].flat();
      for (const one of found) {
        const button = document.createElement('a');
        button.className = 'button button--filled button__download';
        button.href = one.url[0].url;
        output.append(button);
      }
      return found;
    }
    const {result} = await ask('/v1/instagram/userInfo', {username: first});
    if (result.length && !result[0].user.is_private) await posts(first, '');
  } catch (error) {
    output.textContent = 'Something went wrong: ' + error.message;
  }
});
"""


@dataclass
class FastDL:
    """FastDL before a world; what it is to do wrong is set from outside."""

    site: Instagram
    captcha: bool = False  # the interface wants a Turnstile token
    extra: str = ""  # what else stands on the page
    asked: list[str] = field(default_factory=list)  # paths of the interface

    def mount(self) -> None:
        """Show it under its hosts."""
        world = self.site.world
        world.mount(HOST, self._page())
        world.mount(API, self._api())
        world.mount(MEDIA, self._media())

    def _page(self) -> Starlette:
        async def front(_: Request) -> Response:
            return HTMLResponse(FRONT.replace("EXTRA", self.extra))

        async def script(_: Request) -> Response:
            made = SCRIPT.replace("KEY", KEY).replace("BUILD", str(BUILD))
            return Response(made, media_type="text/javascript")

        async def msec(_: Request) -> Response:
            return JSONResponse({"msec": time.time()})

        return Starlette(
            routes=[
                Route("/", front),
                Route("/en", front),
                Route("/story-saver", front),
                Route("/js/link.chunk.js", script),
                Route("/msec", msec),
            ]
        )

    def _api(self) -> Starlette:
        async def answer(request: Request) -> Response:
            path = request.url.path.removeprefix("/api")
            self.asked.append(path)
            body: Json = json.loads(await request.body())
            if (wrong := _complaint(body)) is not None:
                return JSONResponse({"success": False, "code": wrong}, 401)
            if self.captcha:
                challenge = {"provider": "turnstile", "siteKey": "0x4AAA"}
                return JSONResponse({"code": "CAPTCHA_REQUIRED", "challenge": challenge}, 422)
            return JSONResponse(self._answer(path, body))

        allowed = Middleware(
            CORSMiddleware,
            allow_origins=[f"https://{HOST}"],
            allow_methods=["POST"],
            allow_headers=["content-type", "wh-cf-token"],
        )
        routes = [Route("/api/{path:path}", answer, methods=["POST"])]
        return Starlette(routes=routes, middleware=[allowed])

    def _answer(self, path: str, body: Json) -> object:
        site, name = self.site, str(body.get("username", "")).lower()
        known = name in site.people() and name not in site.private
        match path:
            case "/convert":
                return self._convert(str(body["target_url"]))
            case "/v1/instagram/userInfo":
                return {"result": [{"user": site.user(name)}] if name in site.people() else []}
            case "/v1/instagram/posts" if known:
                return {"result": self._posts(name, str(body.get("maxId") or ""))}
            case "/v1/instagram/stories" if known:
                return {"result": site.story(name)}
            case "/v1/instagram/story":
                *_, user, number = urlsplit(str(body["url"])).path.rstrip("/").split("/")
                items = [one for one in site.story(user) if str(one["id"]).startswith(number)]
                return {"result": items}
        return UNKNOWN

    def _posts(self, name: str, behind: str) -> Json:
        entries = self.site.timeline(name)
        start = int(behind.removeprefix("QVF")) if behind else 0
        rest = start + PAGE < len(entries)
        return {
            "edges": [{"node": self.site.post(one)} for one in entries[start : start + PAGE]],
            "page_info": {
                "has_next_page": rest,
                "end_cursor": f"QVF{start + PAGE}" if rest else "",
            },
        }

    def _convert(self, link: str) -> object:
        code = urlsplit(link).path.strip("/").split("/")[-1]
        entries = (one for name in self.site.people() for one in self.site.timeline(name))
        entry = next((one for one in entries if self._code(one) == code), None)
        if entry is None or entry.author in self.site.private:
            return UNKNOWN
        post = self.site.post(entry)
        files = post["carousel_media"] or [post]
        assert isinstance(files, list)
        made = [_converted(one, entry, code) for one in files]
        return made if len(made) > 1 else made[0]

    def _code(self, entry: Entry) -> str:
        return shortcode(str(self.site.post(entry)["pk"]))

    def _media(self) -> Starlette:
        files = cdn(self.site.world)

        async def get(request: Request) -> Response:
            given = request.query_params
            if given.get("__sig") != _signed(given["uri"], given["__expires"]):
                return Response("Bad signature", 403)
            parts = urlsplit(given["uri"])
            scope = {**request.scope, "path": parts.path, "query_string": parts.query.encode()}
            show = files.routes[0].endpoint  # type: ignore[attr-defined]  # a route it is
            answer: Response = await show(Request(scope))
            return answer

        return Starlette(routes=[Route("/get", get)])


def _converted(media: Json, entry: Entry, code: str) -> Json:
    versions = media["video_versions"]
    covers = media["image_versions2"]
    assert isinstance(covers, dict)
    cover = covers["candidates"][0]["url"]
    kind = "mp4" if versions else "jpg"
    address = versions[0]["url"] if isinstance(versions, list) else cover
    file = {"url": proxied(address, f"{code}.{kind}"), "name": kind.upper(), "type": kind}
    return {
        "url": [{**file, "ext": kind, "quality": None}],
        "thumb": proxied(cover, f"{code}_thumb.jpg"),
        "hosting": "instagram.com",
        "sd": None,
        "hd": None,
        "meta": {
            "title": entry.text,
            "source": f"https://www.instagram.com/p/{code}/",
            "shortcode": code,
            "username": entry.author,
            "taken_at": int(entry.at.timestamp()),
            "like_count": 3,
            "comment_count": 0,
        },
    }


def proxied(address: str, name: str) -> str:
    """Return how FastDL writes the address of a file."""
    end = str(int(time.time() + 3600))
    return (
        f"https://{MEDIA}/get?uri={quote(address, safe='')}&filename={name}"
        f"&__sig={_signed(address, end)}&__expires={end}&referer=https%3A%2F%2Fwww.instagram.com%2F"
    )


def _signed(address: str, end: str) -> str:
    return hmac.new(b"media", f"{address} {end}".encode(), "sha256").hexdigest()[:22]


def _complaint(body: Json) -> str | None:
    signed = {name: body[name] for name in sorted(body) if name not in {"ts", *_SIGNING}}
    text = json.dumps(signed, separators=(",", ":"), ensure_ascii=False) + str(body.get("ts", ""))
    if body.get("_s") != hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest():
        return "REQUEST_SIGNATURE_INVALID"
    if abs(int(str(body["ts"])) / 1000 - time.time()) > LIVES_S:
        return "REQUEST_SIGNATURE_EXPIRED"
    return None if (body["_ts"], body["_sv"]) == (BUILD, 2) else "REQUEST_SIGNATURE_VERSION"


_SIGNING = ("_ts", "_tsc", "_sv", "_s")
