"""A NodeBB forum, by the JSON of its pages as NodeBB 4.15 gives it, in the folder `talk` of its host."""

from collections.abc import Container, Sequence
from html import escape
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from tests.testsites.forums.board import PAGE, ROWS, Board, Message, Topic, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "express.sid"
SECTION = 5


def file_name(item: Item) -> str:
    """Return what an upload is called: the time is in front of its own name."""
    return f"{1760000000000 + item.id}-{item.name}"


def nodebb(board: Board, deleted: Container[int] = (), foreign: Container[int] = ()) -> Starlette:
    """Return the forum; of its posts some may be deleted or from another server, by their numbers."""
    site = _Nodebb(board, deleted, foreign)
    routes = [
        Route("/api/topic/{number:int}", site.topic),
        Route("/api/topic/{number:int}/{slug}", site.topic_around),
        Route("/api/topic/{number:int}/{slug}/{place:int}", site.topic_around),
        Route("/api/post/{post:int}", site.place),
        Route("/post/{post:int}", site.shared),
        Route("/api/category/{number:int}", site.category),
        Route("/api/search", site.search),
        Route("/search", site.shell),
        Route("/login", site.shell),
        Route("/topic/{number:int}", site.topic_shell),
        Route("/topic/{path:path}", site.shell),
        Route("/category/{path:path}", site.shell),
        Route("/assets/uploads/files/{name}", site.upload),
        Route("/pics/{name}", site.picture),
    ]
    return Starlette(routes=[Mount("/talk", routes=routes)])


class _Nodebb:
    def __init__(self, board: Board, deleted: Container[int], foreign: Container[int]) -> None:
        self._board = board
        self._deleted = deleted
        self._foreign = foreign

    async def shell(self, request: Request) -> Response:  # noqa: ARG002
        """The page that a browser starts with."""
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n\t<title>Demo</title>\n\t<script>\n\t\tvar '
            'config = JSON.parse(\'{"url":"https://nodebb.example/talk","relative_path":"/talk",'
            '"upload_url":"/talk/assets/uploads","siteTitle":"Demo"}\');\n\t</script>\n</head>\n'
            '<body class="page-topic"><main id="panel"></main></body></html>'
        )

    async def topic_shell(self, request: Request) -> Response:
        """That of a topic: who may not see it is led to the page to log in."""
        topic = self._board.topic(request.path_params["number"])
        if topic is not None and self._is_closed(topic, request):
            return RedirectResponse("/talk/login")
        return await self.shell(request)

    async def topic(self, request: Request) -> Response:
        topic = self._board.topic(request.path_params["number"])
        if topic is None:
            return JSONResponse({"path": "/topic", "title": "[[global:404.title]]"}, 404)
        if self._is_closed(topic, request):
            return JSONResponse({"status": {"code": "not-authorised", "message": "no"}}, 401)
        page = int(request.query_params.get("page", 1))
        return self._topic(topic, window(topic, page), page)

    async def topic_around(self, request: Request) -> Response:
        """The part of a topic that begins half a page before a post, as where nobody turns pages."""
        topic = self._board.topic(request.path_params["number"])
        if topic is None or self._is_closed(topic, request):
            return await self.topic(request)
        place = request.path_params.get("place", 1)
        start = max(0, place - (PAGE + 1) // 2)
        return self._topic(topic, topic.messages[start : start + PAGE], 1 + (place - 1) // PAGE)

    async def place(self, request: Request) -> Response:
        """Where a post stands. Who asks as a program gets no redirect but its path."""
        topic = self._board.find(request.path_params["post"])
        if topic is None:
            return JSONResponse({"path": "/post", "title": "[[global:404.title]]"}, 404)
        if self._is_closed(topic, request):
            return JSONResponse("not-authorized", 401)
        path = _path(topic, request.path_params["post"])
        return JSONResponse(path, headers={"X-Redirect": quote(path, safe="")})

    async def shared(self, request: Request) -> Response:
        """Where the link of one post leads to: its topic, at its place in that."""
        topic = self._board.find(request.path_params["post"])
        if topic is None:
            page = await self.shell(request)
            page.status_code = 404
            return page
        if self._is_closed(topic, request):
            return RedirectResponse("/talk/login")
        return RedirectResponse("/talk" + quote(_path(topic, request.path_params["post"])), 308)

    def _is_closed(self, topic: Topic, request: Request) -> bool:
        return topic.author in self._board.closed and MEMBER not in request.cookies

    def _topic(self, topic: Topic, shown: Sequence[Message], page: int) -> Response:
        return JSONResponse(
            {
                "tid": topic.id,
                "title": escape(topic.title),
                "titleRaw": topic.title,
                "postcount": len(topic.messages),
                "posts": [self._post(one) for one in shown],
                "pagination": _pagination(page, topic.pages),
            }
        )

    def _post(self, message: Message) -> dict[str, object]:
        deleted = message.id in self._deleted
        return {
            "pid": self._address(message.id) if message.id in self._foreign else message.id,
            "tid": 1,
            "timestamp": round(message.at.timestamp() * 1000),
            "timestampISO": message.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "content": "[[topic:post-is-deleted]]" if deleted else self._content(message),
            "deleted": int(deleted),
            "index": message.number - 1,
            "user": {"uid": 2, "username": message.author, "picture": "/talk/assets/a.png"},
        }

    def _address(self, number: int) -> str:
        return f"https://elsewhere.example/post/{number}"

    def _content(self, message: Message) -> str:
        files = "".join(self._file(item, message) for item in message.items)
        return (
            f'{self._quote(message)}<p dir="auto">{escape(message.text)} <img src="/talk/assets/'
            'plugins/nodebb-plugin-emoji/emoji/android/1f642.png" class="not-responsive emoji '
            f'emoji-android" alt=":)"></p>\n{files}<p dir="auto"><a href="https://elsewhere.example/'
            'album" rel="nofollow ugc">more</a></p>'
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            f'<p dir="auto"><a class="plugin-mentions-user" href="/talk/user/{quoted.author}">@'
            f"{quoted.author}</a></p><blockquote><p>{escape(quoted.text)}</p>"
            f'{self._file(quoted.items[0], quoted)}<a href="https://quoted.example/">q</a></blockquote>'
        )

    def _file(self, item: Item, message: Message) -> str:
        """A picture from elsewhere, one made smaller, one as it is, or a file by its name."""
        link = f"/talk/assets/uploads/files/{file_name(item)}"
        if message.shown(item) == "far":
            link = f"https://{self._board.host}/talk/pics/{item.name}"
        elif item.kind == "video":
            return f'<p dir="auto"><a href="{link}">{item.name}</a></p>'
        elif message.shown(item) == "below":
            link = link.replace(".jpg", "-resized.jpg")
        return f'<p dir="auto"><img src="{link}" alt="{item.name}" class="img-fluid"></p>'

    async def search(self, request: Request) -> Response:
        query = request.query_params
        found = self._board.search(query["term"])
        if (query.get("sortBy"), query.get("sortDirection")) != ("timestamp", "desc"):
            found.reverse()
        page, pages = int(query.get("page", 1)), (len(found) + PAGE - 1) // PAGE
        posts = [
            self._post(one)
            | {"topic": {"tid": topic.id, "title": escape(topic.title), "slug": "x"}}
            for topic, one in found[(page - 1) * PAGE : page * PAGE]
        ]
        told: dict[str, object] = {"posts": posts, "matchCount": len(found), "pageCount": pages}
        return JSONResponse(told | ({"pagination": _pagination(page, pages)} if found else {}))

    async def category(self, request: Request) -> Response:
        if request.path_params["number"] != SECTION:
            return JSONResponse({"path": "/category", "title": "[[global:404.title]]"}, 404)
        topics = self._board.listed()
        pages = (len(topics) + ROWS - 1) // ROWS
        page = int(request.query_params.get("page", 1))
        rows = [
            {
                "tid": one.id,
                "title": escape(one.title),
                "titleRaw": one.title,
                "postcount": len(one.messages),
                "pinned": int(one.author in self._board.pinned),
                "deleted": 0,
            }
            for one in topics[(page - 1) * ROWS : page * ROWS]
        ]
        return JSONResponse(
            {"cid": SECTION, "topics": rows, "pagination": _pagination(page, pages)}
        )

    async def upload(self, request: Request) -> Response:
        name = request.path_params["name"].partition("-")[2]
        return serve_item(self._board.world, name)

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _path(topic: Topic, post: int) -> str:
    """Return the path of a post. A slug may be of any letters."""
    place = next(one.number for one in topic.messages if one.id == post)
    return f"/topic/{topic.id}/ünder-{topic.author}" + (f"/{place}" if place > 1 else "")


def _pagination(page: int, pages: int) -> dict[str, object]:
    return {
        "prev": {"page": max(1, page - 1), "active": page > 1},
        "next": {"page": min(pages, page + 1), "active": page < pages},
        "currentPage": page,
        "pageCount": pages,
        "perPage": PAGE,
    }
