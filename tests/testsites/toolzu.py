"""Toolzu, a downloader for Instagram: a form with a check for persons, and cards with a file each.

The check (Turnstile) fills a hidden field when it is passed; the form without it marks its field invalid.
Its cards tell neither dates nor words. A profile needs an account, so there is none here.
"""

import html
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.instagram_ids import post_pk, shortcode
from tests.testsites.instagram_world import Instagram, Json
from tests.testsites.world import Entry

HOST = "toolzu.com"
TURNSTILE = "challenges.cloudflare.com"
TOKEN = "0.passed"

FRONT = """<!DOCTYPE html><html><head><title>Toolzu</title></head><body>
<div class="cookies"><button type="button">Got it</button></div>
<form id="downloader-form" method="post">
<input id="instagramdownloaderform-search" name="InstagramDownloaderForm[search]" type="text">
<input type="hidden" name="cf-turnstile-response"><button type="submit">Download</button></form>
<div id="ajax-results"></div>
<script src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script>
<script>
const field = document.querySelector('#instagramdownloaderform-search');
document.querySelector('#downloader-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  const answer = await fetch(location.pathname, {method: 'POST', body});
  const text = await answer.text();
  field.classList.toggle('is-invalid', answer.status === 422);
  if (answer.ok) document.querySelector('#ajax-results').innerHTML = text;
});
</script></body></html>"""
# A plain browser passes after a moment; where `passes` is false, nobody here does.
CHECK = """setTimeout(() => {
  if (PASSES) document.querySelector('input[name=cf-turnstile-response]').value = 'TOKEN';
}, 300);"""


@dataclass
class Toolzu:
    """Toolzu before a world."""

    site: Instagram
    passes: bool = True  # the check is passed by a plain browser
    proxied: bool = False  # files come through its own host
    asked: list[str] = field(default_factory=list)

    def mount(self) -> None:
        """Show it under its host, and the check under its own."""
        self.site.world.mount(HOST, self._pages())
        self.site.world.mount(TURNSTILE, self._check())

    def _check(self) -> Starlette:
        async def script(_: Request) -> Response:
            passes = "true" if self.passes else "false"
            text = CHECK.replace("PASSES", passes).replace("TOKEN", TOKEN)
            return Response(text, media_type="text/javascript")

        return Starlette(routes=[Route("/turnstile/v0/api.js", script)])

    def _pages(self) -> Starlette:
        async def front(_: Request) -> Response:
            return HTMLResponse(FRONT)

        async def results(request: Request) -> Response:
            form = dict(parse_qsl((await request.body()).decode()))
            link = form["InstagramDownloaderForm[search]"]
            self.asked.append(link)
            if form.get("cf-turnstile-response") != TOKEN:
                return Response("The verification was not passed.", 422)
            entry = self._find(urlsplit(link).path.strip("/").split("/")[-1])
            if entry is None or entry.author in self.site.private:
                return HTMLResponse('<div class="alert">Nothing was found.</div>')
            return HTMLResponse("".join(map(self._card, self._files(entry))))

        path = "/downloader/instagram/photo/"
        return Starlette(
            routes=[Route(path, front), Route(path, results, methods=["POST"])],
        )

    def _find(self, code: str) -> Entry | None:
        everybody = (one for name in self.site.people() for one in self.site.timeline(name))
        return next((one for one in everybody if shortcode(post_pk(one)) == code), None)

    def _files(self, entry: Entry) -> list[Json]:
        post = self.site.post(entry)
        files = post["carousel_media"] or [post]
        assert isinstance(files, list)
        return files

    def _card(self, media: Json) -> str:
        versions, covers = media["video_versions"], media["image_versions2"]
        assert isinstance(covers, dict)
        cover = covers["candidates"][0]["url"]
        address = versions[0]["url"] if isinstance(versions, list) else cover
        icon = "fa-play-circle" if versions else "fa-image"
        if self.proxied:
            name = urlsplit(address).path.rpartition("/")[2]
            address = (
                f"https://cdn-s2.toolzu.com/media/{name}?url={quote(address, safe='')}&time=1&key=a"
            )
        return (
            f'<div class="download-card"><i class="fa {icon}"></i>'
            f'<img src="{html.escape(cover)}" loading="lazy">'
            f'<a class="btn" download href="{html.escape(address)}">Download</a></div>'
        )
