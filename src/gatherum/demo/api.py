"""Plaza's JSON interface: what its own app would use, with cursors and a budget."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gatherum.demo.content import (
    DELETED,
    PEOPLE,
    Entry,
    Item,
    Person,
    find_person,
    find_post,
    posts_of,
    stories_of,
    tagged,
)

PAGE = 12
SLOW_PEOPLE = {"rush": (1, 2.0)}  # how many requests at once, and seconds until the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many requests a second the interface takes before it says 429."""

    burst: int = 100
    per_second: float = 25.0


class Api:
    """The routes; keeps count of the requests per account looked at, and in all."""

    def __init__(self, budget: Budget, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._general = _Bucket(budget.burst, 1 / budget.per_second)
        self._slow = defaultdict[str, _Bucket](lambda: _Bucket(1, 0))
        for name, (burst, seconds) in SLOW_PEOPLE.items():
            self._slow[name] = _Bucket(burst, seconds)
        self.routes = [
            Route("/api/v1/people", self.people),
            Route("/api/v1/people/{name}", self.person),
            Route("/api/v1/people/{name}/posts", self.posts),
            Route("/api/v1/people/{name}/stories", self.stories),
            Route("/api/v1/posts/{id}", self.post),
            Route("/api/v1/tags/{tag}/posts", self.tag),
        ]

    async def people(self, request: Request) -> JSONResponse:
        """List the accounts."""
        self._spend()
        return JSONResponse({"people": [_person(request, person) for person in PEOPLE]})

    async def person(self, request: Request) -> JSONResponse:
        """Describe an account."""
        self._spend()
        return JSONResponse(_person(request, open_person(request, private_too=True)))

    async def posts(self, request: Request) -> JSONResponse:
        """List an account's posts behind a cursor."""
        self._spend(request.path_params["name"])
        return _page(request, posts_of(open_person(request).name))

    async def stories(self, request: Request) -> JSONResponse:
        """List an account's living stories."""
        self._spend(request.path_params["name"])
        now = datetime.fromtimestamp(self._now(), UTC)
        return _page(request, stories_of(open_person(request).name, now))

    async def post(self, request: Request) -> JSONResponse:
        """Show one post."""
        self._spend()
        post = find_post(request.path_params["id"])
        if post is None:
            raise HTTPException(404, "There is no such post.")
        return JSONResponse(_post(request, post))

    async def tag(self, request: Request) -> JSONResponse:
        """List the posts with a tag behind a cursor."""
        self._spend()
        return _page(request, tagged(request.path_params["tag"]))

    def _spend(self, name: str = "") -> None:
        for bucket in (self._general, *([self._slow[name]] if name in SLOW_PEOPLE else [])):
            if wait := bucket.take():
                seconds = str(math.ceil(wait))
                raise HTTPException(429, "Slow down.", headers={"Retry-After": seconds})


def open_person(request: Request, *, private_too: bool = False) -> Person:
    """Return the account that the path names, if the visitor may see it."""
    name = request.path_params["name"]
    if name in DELETED:
        raise HTTPException(410, "This account was deleted.")
    person = find_person(name)
    if person is None:
        raise HTTPException(404, "There is no such account.")
    if person.private and not private_too:
        raise HTTPException(401, "This account is for friends only: log in.")
    return person


def after(posts: Sequence[Entry], cursor: str | None, limit: int) -> tuple[Sequence[Entry], str]:
    """Return the posts behind the one that the cursor names, and the next cursor ('' at the end)."""
    start = 0
    if cursor:
        start = next((n for n, post in enumerate(posts, 1) if post.id == cursor), -1)
        if start < 0:
            raise HTTPException(400, "The cursor names no post of this list.")
    page = posts[start : start + limit]
    more = start + limit < len(posts)
    return page, page[-1].id if more else ""


class _Bucket:
    """A token bucket."""

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst, self._seconds = burst, seconds
        self._tokens, self._at = float(burst), time.monotonic()

    def take(self) -> float:
        """Take a token; return the seconds until there is one if there is none."""
        now = time.monotonic()
        grown = (now - self._at) / self._seconds if self._seconds else self._burst
        self._tokens, self._at = min(self._tokens + grown, self._burst), now
        if self._tokens < 1:
            return (1 - self._tokens) * self._seconds
        self._tokens -= 1
        return 0.0


def _page(request: Request, posts: Sequence[Entry]) -> JSONResponse:
    asked = request.query_params.get("limit", "")
    limit = min(max(int(asked), 1), 50) if asked.isdecimal() else PAGE
    page, cursor = after(posts, request.query_params.get("cursor"), limit)
    return JSONResponse({"posts": [_post(request, post) for post in page], "next": cursor or None})


def _person(request: Request, person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "title": person.title,
        "about": person.about,
        "posts": len(posts_of(person.name)),
        "private": person.private,
        "url": _full(request, f"/@{person.name}"),
    }


def _post(request: Request, post: Entry) -> dict[str, object]:
    return {
        "id": post.id,
        "author": post.author,
        "url": _full(request, f"/p/{post.id}" if not post.until else f"/@{post.author}/stories"),
        "created_at": post.at.isoformat(),
        "expires_at": post.until.isoformat() if post.until else None,
        "caption": post.caption,
        "tags": list(post.tags),
        "likes": post.likes,
        "pinned": post.pinned,
        "media": [_media(request, item) for item in post.items],
    }


def _media(request: Request, item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": item.kind,
        "url": _full(request, item.path),
        "width": item.width,
        "height": item.height,
        "size": len(item.body()),
        "duration": 4.0 if item.kind == "video" else None,
    }


def _full(request: Request, path: str) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{path}"
