"""The app of Plaza: its pages, its JSON interface, its files."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gatherum.demo import pages
from gatherum.demo.api import PAGE, Api, Budget, after, open_person
from gatherum.demo.broken import BrokenCorner
from gatherum.demo.content import find_item, find_post, posts_of, stories_of, tagged
from gatherum.demo.serving import serve

GALLERY = 20  # files in the open folder


def build_platform(budget: Budget, now: Callable[[], float] = time.time) -> Starlette:
    """Return a fresh Plaza: nothing broken yet, nothing spent of its budget."""
    plaza = _Plaza(now)
    routes = [
        *Api(budget, now).routes,
        Route("/", plaza.home),
        Route("/@{name}", plaza.profile),
        Route("/@{name}/stories", plaza.stories),
        Route("/@{name}/feed.xml", plaza.feed),
        Route("/p/{id}", plaza.post),
        Route("/tag/{tag}", plaza.tag),
        Route("/gallery/", plaza.gallery),
        Route("/gallery/{file}", plaza.gallery_file),
        Route("/media/{id}.{suffix}", plaza.media),
        Route("/broken/", plaza.broken),
        Route("/broken/{name}.jpg", BrokenCorner().serve),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _refuse})


class _Plaza:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    async def home(self, _: Request) -> Response:
        return HTMLResponse(pages.home())

    async def profile(self, request: Request) -> Response:
        person = open_person(request)
        posts, cursor = after(posts_of(person.name), request.query_params.get("before"), PAGE)
        stories = bool(stories_of(person.name, self._time()))
        return HTMLResponse(pages.profile(person, posts, cursor, stories=stories))

    async def stories(self, request: Request) -> Response:
        person = open_person(request)
        return HTMLResponse(pages.stories(person, stories_of(person.name, self._time())))

    async def feed(self, request: Request) -> Response:
        person = open_person(request)
        base = f"{request.url.scheme}://{request.url.netloc}"
        text = pages.feed(person, posts_of(person.name)[:20], base)
        return Response(text, media_type="application/rss+xml")

    async def post(self, request: Request) -> Response:
        entry = find_post(request.path_params["id"])
        if entry is None:
            raise HTTPException(404, "There is no such post.")
        return HTMLResponse(pages.post(entry))

    async def tag(self, request: Request) -> Response:
        name = request.path_params["tag"]
        posts, cursor = after(tagged(name), request.query_params.get("before"), PAGE)
        return HTMLResponse(pages.tag(name, posts, cursor))

    async def gallery(self, _: Request) -> Response:
        return HTMLResponse(pages.folder("/gallery/", tuple(_gallery())))

    async def gallery_file(self, request: Request) -> Response:
        name = request.path_params["file"]
        if name not in _gallery():
            raise HTTPException(404)
        return self._file(request, _gallery()[name])

    async def media(self, request: Request) -> Response:
        return self._file(request, request.path_params["id"])

    async def broken(self, _: Request) -> Response:
        return HTMLResponse(pages.broken())

    def _file(self, request: Request, item_id: str) -> Response:
        item = find_item(item_id, self._time())
        if item is None or request.path_params.get("suffix", item.suffix) != item.suffix:
            raise HTTPException(404)
        return serve(request, item.body(), item.suffix)

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _gallery() -> dict[str, str]:
    """Return the files of the open folder by name, with their ids."""
    items = [item for post in posts_of("dune") for item in post.items][:GALLERY]
    return {f"dune {n:03}.{item.suffix}": item.id for n, item in enumerate(items, 1)}


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # it is registered for no other
        raise error
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
    page = pages.refusal(error.detail)
    return HTMLResponse(page, error.status_code, headers=error.headers)
