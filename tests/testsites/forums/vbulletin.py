"""A vBulletin forum of version 3 or 4: what both answer, each in the markup of its own style."""

from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import NOW, PAGE, ROWS, Board, page_of, window
from tests.testsites.forums.vbulletin_styles import Style
from tests.testsites.mastodon import serve_item

MEMBER = "bb_userid"
SECTION = 4


def vbulletin(board: Board, style: Style) -> Starlette:
    """Return the forum."""
    site = _Vbulletin(board, style)
    return Starlette(
        routes=[
            Route("/showthread.php", site.thread),
            Route("/forumdisplay.php", site.section),
            Route("/search.php", site.search),
            Route("/attachment.php", site.file),
            Route("/pics/{name}", site.picture),
        ]
    )


class _Vbulletin:
    def __init__(self, board: Board, style: Style) -> None:
        self._board = board
        self._style = style
        self._searches: list[str] = []

    async def thread(self, request: Request) -> Response:
        query = request.query_params
        post = int(query.get("p", 0))
        topic = self._board.find(post) if post else self._board.topic(int(query.get("t", 0)))
        if topic is None:
            return self._error(request, f"Invalid {'Post' if post else 'Thread'} specified.", 404)
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return self._page(request, "Demo", self._style.refused(), 403)
        page = page_of(topic, post) if post else min(int(query.get("page", 1)), topic.pages)
        body = self._style.thread(topic, window(topic, page), page)
        return self._page(request, topic.title, body)

    async def section(self, request: Request) -> Response:
        if request.query_params.get("f") != str(SECTION):
            return self._error(request, "Invalid Forum specified.", 404)
        topics = self._board.listed()
        above = [one for one in topics if one.author in self._board.pinned]
        others = topics[len(above) :]
        pages = (len(others) + ROWS - 1) // ROWS
        page = min(int(request.query_params.get("page", 1)), pages)
        body = self._style.section(
            SECTION,
            above if page == 1 else [],  # sticky threads stand on the first page alone
            others[(page - 1) * ROWS : page * ROWS],
            page=page,
            pages=pages,
        )
        return self._page(request, "Pictures", body)

    async def search(self, request: Request) -> Response:
        query = request.query_params
        if query.get("do") == "process":
            if not self._board.search(query.get("query", "")):
                text = "Sorry - no matches. Please try some different terms."
                return self._page(request, "Demo", self._style.error(text))
            self._searches.append(query["query"])
            return RedirectResponse(f"/search.php?searchid={len(self._searches)}", 302)
        number, page = int(query["searchid"]), int(query.get("page", 1))
        found = self._board.search(self._searches[number - 1])
        body = self._style.results(
            found[(page - 1) * PAGE : page * PAGE],
            f"search.php?searchid={number}&amp;pp=",
            page=page,
            pages=(len(found) + PAGE - 1) // PAGE,
        )
        return self._page(request, "Search Results", body)

    def _error(self, request: Request, text: str, status: int) -> Response:
        text += (
            ' If you followed a valid link, please notify the <a href="sendmessage.php">'
            "administrator</a>"
        )
        return self._page(request, "Demo", self._style.error(text), status)

    def _page(self, request: Request, title: str, body: str, status: int = 200) -> Response:
        member = MEMBER in request.cookies
        return HTMLResponse(
            self._style.page(title, body, member=member),
            status,
            headers={"Date": format_datetime(NOW, usegmt=True)},
        )

    async def file(self, request: Request) -> Response:
        number = request.query_params.get("attachmentid", "")
        if "thumb" in request.query_params:
            return Response(b"a small picture", media_type="image/jpeg")
        answer = serve_item(self._board.world, f"{number}.jpg")
        if answer.status_code == 200:
            return answer
        return serve_item(self._board.world, f"{number}.mp4")

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])
