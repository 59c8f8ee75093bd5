"""A Discourse forum, by the JSON of its pages as it was in 2026, with posts as it cooks them."""

import hashlib
import string
from collections.abc import Sequence
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import PAGE, ROWS, Board, Message, Topic, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item, World

MEMBER = "_t"
SECTION = 5
CDN = "cdn.example"
_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase


def digest(item: Item) -> str:
    """Return what an upload is called."""
    return hashlib.sha1(str(item.id).encode(), usedforsecurity=False).hexdigest()


def short(item: Item) -> str:
    """Return the same to the base of 62."""
    number, digits = int(digest(item), 16), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


def discourse(board: Board, bumped: Sequence[str] = ()) -> Starlette:
    """Return the forum; of its topics some were bumped of late, so that they stand above others."""
    site = _Discourse(board, bumped)
    return Starlette(
        routes=[
            Route("/t/{number:int}.json", site.topic),
            Route("/t/{number:int}/posts.json", site.picked),
            Route("/posts/{post:int}.json", site.post),
            Route("/p/{post:int}", site.shared),
            Route("/p/{post:int}/{user:int}", site.shared),
            Route("/search.json", site.search),
            Route("/search", site.shell),
            Route("/t/{slug}/{number:int}", site.shell),
            Route("/t/{slug}/{number:int}/{post:int}", site.shell),
            Route("/t/{number:int}", site.shell),
            Route("/c/{path:path}/l/latest.json", site.latest),
            Route("/c/{path:path}", site.shell),
            Route("/uploads/short-url/{name}", site.short),
            Route("/pics/{name}", site.picture),
        ]
    )


def cdn(world: World) -> Starlette:
    """Return the place of the uploads."""

    async def upload(request: Request) -> Response:
        stem = request.path_params["path"].rpartition("/")[2].partition(".")[0]
        items = (i for entries in world.people.values() for entry in entries for i in entry.items)
        found = next((item for item in items if digest(item) == stem), None)
        return serve_item(world, found.name if found else "")

    return Starlette(routes=[Route("/uploads/{path:path}", upload)])


class _Discourse:
    def __init__(self, board: Board, bumped: Sequence[str]) -> None:
        self._board = board
        self._bumped = bumped

    async def shell(self, request: Request) -> Response:  # noqa: ARG002
        """The page that a browser starts with."""
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta charset="utf-8">\n'
            '    <title>Demo</title>\n    <meta name="generator" content="Discourse 2026.7.0-latest - '
            'https://github.com/discourse/discourse version 0a1b2c">\n  </head>\n<body class="crawler">'
            '<div id="main"></div></body></html>'
        )

    async def topic(self, request: Request) -> Response:
        topic = self._board.topic(request.path_params["number"])
        if topic is None:
            return _refusal(404, "not_found", "The requested URL could not be found.")
        if self._is_closed(topic, request):
            return _refusal(403, "invalid_access", "You are not permitted to view it.")
        page = int(request.query_params.get("page", 1))
        if page > topic.pages:
            return RedirectResponse(f"/t/{topic.id}.json?page={topic.pages}", 301)
        return JSONResponse(
            {
                "post_stream": {
                    "posts": [self._post(one, topic) for one in window(topic, page)],
                    "stream": [one.id for one in topic.messages],
                },
                "id": topic.id,
                "title": topic.title,
                "slug": "all",
                "posts_count": len(topic.messages),
                "chunk_size": PAGE,
            }
        )

    async def shared(self, request: Request) -> Response:
        """Where the link of one post leads to: its topic, at its number in that."""
        number = request.path_params["post"]
        topic = self._board.find(number)
        if topic is None or self._is_closed(topic, request):
            page = await self.shell(request)
            page.status_code = 404 if topic is None else 403
            return page
        message = next(one for one in topic.messages if one.id == number)
        end = f"/{message.number}" if message.number > 1 else ""
        return RedirectResponse(f"/t/all-of-{topic.author}/{topic.id}{end}", 302)

    async def post(self, request: Request) -> Response:
        number = request.path_params["post"]
        topic = self._board.find(number)
        if topic is None:
            return _refusal(404, "not_found", "The requested URL could not be found.")
        if self._is_closed(topic, request):
            return _refusal(403, "invalid_access", "You are not permitted to view it.")
        message = next(one for one in topic.messages if one.id == number)
        return JSONResponse(self._post(message, topic))

    def _is_closed(self, topic: Topic, request: Request) -> bool:
        return topic.author in self._board.closed and MEMBER not in request.cookies

    async def picked(self, request: Request) -> Response:
        topic = self._board.topic(request.path_params["number"])
        asked = set(request.query_params.getlist("post_ids[]"))
        if topic is None:
            return _refusal(404, "not_found", "The requested URL could not be found.")
        posts = [self._post(one, topic) for one in topic.messages if str(one.id) in asked]
        return JSONResponse({"post_stream": {"posts": posts}, "id": topic.id})

    async def search(self, request: Request) -> Response:
        query = request.query_params
        words, _, order = query["q"].partition(" order:")
        found = self._board.search(words)
        if order != "latest":
            found.reverse()
        page = int(query.get("page", 1))
        shown = found[(page - 1) * PAGE : page * PAGE]
        return JSONResponse(
            {
                "posts": [
                    {
                        "id": one.id,
                        "username": one.author,
                        "created_at": one.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                        "blurb": one.text,
                        "post_number": one.number,
                        "topic_id": topic.id,
                    }
                    for topic, one in shown
                ],
                "topics": [
                    {"id": one.id, "title": one.title}
                    for one in {t.id: t for t, _ in shown}.values()
                ],
                "users": [],
                "grouped_search_result": {
                    "term": query["q"],
                    "more_full_page_results": True if page * PAGE < len(found) else None,
                },
            }
        )

    def _post(self, message: Message, topic: Topic) -> dict[str, object]:
        return {
            "id": message.id,
            "name": "",
            "username": message.author,
            "avatar_template": "/user_avatar/talk.example/2/{size}/1_2.png",
            "created_at": message.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "cooked": self._cooked(message),
            "post_number": message.number,
            "post_type": 1,
            "topic_id": topic.id,
            "topic_slug": "all",
        }

    def _cooked(self, message: Message) -> str:
        files = "".join(self._file(item, message) for item in message.items)
        return (
            f'{self._quote(message)}<p>{escape(message.text)} <img src="https://emoji.discourse-cdn'
            '.com/twitter/smile.png?v=14" title=":smile:" class="emoji" alt=":smile:" width="20" '
            f'height="20"></p>\n{files}\n<aside class="onebox allowlistedgeneric" data-onebox-src='
            '"https://elsewhere.example/album"><header class="source"><img src="https://cdn.example/'
            'uploads/default/original/1X/0123456789012345678901234567890123456789.png" class='
            '"site-icon" width="32" height="32"><a href="https://elsewhere.example/album" target='
            '"_blank" rel="noopener">elsewhere</a></header><article class="onebox-body"><img src='
            '"https://elsewhere.example/preview.jpg" class="thumbnail"></article></aside>'
            '<div class="youtube-onebox lazy-video-container" data-video-id="7" data-provider-name='
            '"youtube"><a href="https://videos.example/watch?v=7" target="_blank" rel="noopener">'
            '<img class="youtube-thumbnail" src="https://cdn.example/uploads/default/original/1X/'
            '9876543210987654321098765432109876543210.jpeg" width="480" height="360"></a></div>'
        )  # fmt: skip

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            f'<aside class="quote no-group" data-username="{quoted.author}" data-post="'
            f'{quoted.number}" data-topic="1"><div class="title"><div class="quote-controls"></div>'
            '<img alt="" width="24" height="24" src="/user_avatar/talk.example/2/48/1_2.png" class='
            f'"avatar"> {quoted.author}:</div><blockquote><p>{escape(quoted.text)}</p>'
            f"{self._file(quoted.items[0], quoted)}</blockquote></aside>"
        )

    def _file(self, item: Item, message: Message) -> str:
        """A picture from elsewhere, a small one of a large one, one alone, a player or a file."""
        stem = digest(item)
        root = f"https://{CDN}/uploads/default"
        if message.shown(item) == "far":
            return f'<p><img src="https://{self._board.host}/pics/{item.name}" alt=""></p>'
        if item.kind == "video" and message.shown(item) == "below":
            return (
                f'<p><a class="attachment" href="/uploads/short-url/{short(item)}.mp4">{item.name}'
                "</a> (1.2 MB)</p>"
            )
        if item.kind == "video":
            return (
                f'<p></p><div class="video-placeholder-container" data-video-src="{root}/original/3X/'
                f'{stem[0]}/{stem[1]}/{stem}.mp4" data-thumbnail-src="{root}/original/3X/0/0/'
                '0000000000000000000000000000000000000000.png">\n  </div><p></p>'
            )
        large = f"{root}/original/3X/{stem[0]}/{stem[1]}/{stem}.jpeg"
        if message.shown(item) == "within":
            return (
                f'<p><img src="{large}" alt="{item.name}" data-base62-sha1="{short(item)}" '
                'width="320" height="400"></p>'
            )
        small = f"{root}/optimized/2X/{stem[0]}/{stem}_2_552x690.jpeg"
        return (
            f'<p><div class="lightbox-wrapper"><a class="lightbox" href="{large}" data-download-href='
            f'"/uploads/short-url/{short(item)}.jpeg?dl=1" title="{item.name}"><img src="{small}" alt='
            f'"{item.name}" data-base62-sha1="{short(item)}" width="552" height="690" srcset="{small},'
            f' {large} 1.5x"><div class="meta"><span class="filename">{item.name}</span><span class='
            '"informations">1080&times;1350 250 KB</span></div></a></div></p>'
        )

    async def latest(self, request: Request) -> Response:
        path = request.path_params["path"]
        if not path.endswith(str(SECTION)):
            return _refusal(404, "not_found", "The requested URL could not be found.")
        topics = sorted(self._board.listed(), key=lambda one: one.author not in self._bumped)
        page = int(request.query_params.get("page", 0))
        rows = [
            {
                "id": one.id,
                "title": one.title,
                "slug": "all",
                "posts_count": len(one.messages),
                "last_posted_at": one.messages[-1].at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "bumped_at": "2026-01-01T00:00:00.000Z"
                if one.author in self._bumped
                else one.messages[-1].at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "pinned": one.author in self._board.pinned,
            }
            for one in topics[page * ROWS : (page + 1) * ROWS]
        ]
        more = {"more_topics_url": f"/c/{path}/l/latest?page={page + 1}"}
        rest = (page + 1) * ROWS < len(topics)
        return JSONResponse(
            {"users": [], "topic_list": {"per_page": ROWS, "topics": rows} | (more if rest else {})}
        )

    async def short(self, request: Request) -> Response:
        stem, _, kind = request.path_params["name"].partition(".")
        return RedirectResponse(
            f"https://{CDN}/uploads/default/original/1X/{_hex(stem)}.{kind}", 302
        )

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _hex(text: str) -> str:
    number = 0
    for digit in text:
        number = number * 62 + _DIGITS.index(digit)
    return f"{number:040x}"


def _refusal(status: int, kind: str, text: str) -> Response:
    return JSONResponse({"errors": [text], "error_type": kind}, status)
