"""Pinterest's web API and its hosts for pictures and videos, as gallery-dl 1.32 and yt-dlp ask them."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.testsites.media import jpeg
from tests.testsites.pinterest_pins import (
    Json,
    Pin,
    boards_of,
    detailed,
    grid,
    name_of_section,
    person,
    signature,
)
from tests.testsites.videos import pieces
from tests.testsites.world import Item, World

HOST = "www.pinterest.com"
LARGEST = 250  # pins in a page, whatever is asked for
Handler = Callable[[Mapping[str, str]], object]


def mount_pinterest(
    world: World,
    *,
    page: int = 25,
    saved: Mapping[str, Sequence[str]] | None = None,
    closed: Sequence[str] = (),
) -> None:
    """Show the world's people: what they made themselves, and saved of the others named in `saved`.

    Each has two boards: `everything`, and `sorted`, which has two sections beside loose pins. Those
    of people named in `closed` are shown to nobody.
    """
    site = _Site(world, page, saved or {}, closed).app()
    for host in (HOST, "de.pinterest.com"):  # visitors may be led to their country's
        world.mount(host, site)
    world.mount("i.pinimg.com", _pictures(world))
    world.mount("v1.pinimg.com", _videos(world))


class _Missing(Exception):
    """What Pinterest says of what it does not have."""


class _Closed(Exception):
    """What Pinterest says to somebody who is not logged in."""


class _Site:
    """One route, `/resource/NAME/get/`, whose `data` says what is asked."""

    def __init__(
        self, world: World, page: int, saved: Mapping[str, Sequence[str]], closed: Sequence[str]
    ) -> None:
        self._world, self._page, self._saved, self._closed = world, page, saved, closed
        self._one: dict[str, Handler] = {
            "Pin": self._pin,
            "Board": lambda ask: self._boards(ask["username"])[ask["slug"]],
            "BoardSection": self._section,
        }
        self._many: dict[str, Handler] = {
            "Boards": lambda ask: list(self._boards(ask["username"]).values()),
            "BoardFeed": lambda ask: self._of_board(
                ask["board_id"], ask.get("filter_section_pins")
            ),
            "BoardSections": lambda ask: self._sections(ask["board_id"]),
            "BoardSectionPins": lambda ask: self._of_section(ask["section_id"]),
            "UserPins": lambda ask: [grid(pin) for pin in self._all(ask["username"])],
            "UserActivityPins": lambda ask: [grid(pin) for pin in self._made(ask["username"])],
            "BaseSearch": self._search,
        }

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/resource/{name}Resource/get/", self._answer)])

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if "x-pinterest-pws-handler" not in request.headers:
            return PlainTextResponse("Invalid Resource Request", 403)
        options = json.loads(request.query_params["data"])["options"]
        try:
            if name in self._one:
                return JSONResponse(_success(name, options, self._one[name](options)))
            found = self._many[name](options)
        except (KeyError, StopIteration, _Missing):
            return _failure(404, 40 if "Board" in name else 50, f"{name} not found.")
        except _Closed:
            return _failure(401, 2, "Authentication failed.")
        assert isinstance(found, list)
        return self._paged(name, options, found)

    def _paged(self, name: str, options: dict[str, object], found: list[object]) -> Response:
        size = min(int(str(options.get("page_size") or self._page)), LARGEST)
        marks = options.get("bookmarks")
        start = _position(str(marks[0])) if isinstance(marks, list) and marks else 0
        shown = found[start : start + size]
        more = start + size < len(found)
        ending = _bookmark("None") if name.startswith("User") else "-end-"
        mark = _bookmark(str(start + size)) if more else ending
        data: object = {"results": shown, "nag": {}} if name == "BaseSearch" else shown
        answer = _success(name, {**options, "bookmarks": [mark]}, data)
        if more:
            answer["resource_response"]["bookmark"] = mark  # type: ignore[index]  # it is ours
        return JSONResponse(answer)

    def _made(self, name: str) -> list[Pin]:
        if name in self._closed:
            raise _Closed
        return [Pin(entry=entry, pinner=name) for entry in self._world.people[name]]

    def _all(self, name: str) -> list[Pin]:
        others = [
            Pin(entry=entry, pinner=name)
            for other in self._saved.get(name, ())
            for entry in self._world.people[other]
        ]
        return sorted([*self._made(name), *others], key=lambda pin: (pin.at, pin.id), reverse=True)

    def _boards(self, name: str) -> dict[str, Json]:
        if name not in self._world.people:
            raise _Missing
        if name in self._closed:
            raise _Closed
        return boards_of(name, list(self._world.people).index(name))

    def _board(self, number: str) -> tuple[str, str, list[Pin]]:
        for name in self._world.people:
            for slug, board in boards_of(name, list(self._world.people).index(name)).items():
                if board["id"] == number:
                    return name, slug, self._made(name)
        raise _Missing

    def _of_board(self, number: str, filtered: object) -> list[Json]:
        _, slug, pins = self._board(number)
        loose = [pin for pin in pins if slug == "everything" or not name_of_section(pin)]
        return [grid(pin) for pin in (pins if filtered is False else loose)]

    def _sections(self, number: str) -> list[Json]:
        _, slug, _pins = self._board(number)
        names = ("one", "two") if slug == "sorted" else ()
        return [_section(number, name) for name in names]

    def _section(self, ask: Mapping[str, str]) -> Json:
        if "section_id" in ask:
            number = ask["section_id"]
            board, name = number[:-1], {"1": "one", "2": "two"}[number[-1]]
        else:
            board = str(self._boards(ask["username"])[ask["board_slug"]]["id"])
            name = ask["section_slug"]
        if name not in {"one", "two"}:
            raise _Missing
        owner, slug, _ = self._board(board)
        return {**_section(board, name), "board": self._boards(owner)[slug], "preview_pins": []}

    def _of_section(self, number: str) -> list[Json]:
        _, _, pins = self._board(number[:-1])
        name = {"1": "one", "2": "two"}[number[-1]]
        return [grid(pin) for pin in pins if name_of_section(pin) == name]

    def _search(self, ask: Mapping[str, str]) -> list[Json]:
        people = [name for name in self._world.people if name not in self._closed]
        pins = [pin for name in people for pin in self._made(name)]
        found = [pin for pin in pins if ask["query"].lower() in pin.entry.text.lower()]
        shown = [grid(pin) for pin in found]
        paid = {"is_promoted": True, "promoter": person("shop"), "id": "999000111"}
        return [shown[0] | paid, *shown] if shown else []

    def _pin(self, ask: Mapping[str, str]) -> Json:
        people = (name for name in self._world.people if name not in self._closed)
        pins = (pin for name in people for pin in self._all(name))
        return detailed(next(pin for pin in pins if pin.id == ask["id"]))


def _section(board: str, name: str) -> Json:
    number = board + {"one": "1", "two": "2"}[name]
    return {"id": number, "title": name, "slug": name, "type": "board_section", "pin_count": 1}


def _success(name: str, options: Mapping[str, object], data: object) -> Json:
    return {
        "resource_response": {
            "status": "success",
            "code": 0,
            "message": "ok",
            "endpoint_name": f"v3_{name}",
            "data": data,
            "http_status": 200,
        },
        "client_context": {"is_authenticated": False, "country": "DE"},
        "resource": {"name": f"{name}Resource", "options": dict(options)},
        "request_identifier": "4711",
    }


def _failure(status: int, code: int, message: str) -> Response:
    error = {"status": "failure", "code": code, "message": message, "http_status": status}
    said = {"status": "failure", "code": code, "error": error, "http_status": status, "data": None}
    return JSONResponse({"resource_response": said, "client_context": {}}, status)


def _bookmark(value: str) -> str:
    return b64encode(f"cb{value};pins|4711*GQL*|".encode()).decode()


def _position(mark: str) -> int:
    return int(b64decode(mark).removeprefix(b"cb").partition(b";")[0])


def _item(world: World, name: str) -> Item | None:
    wanted = name.partition(".")[0].partition("_")[0]
    everything = (item for all_ in world.people.values() for entry in all_ for item in entry.items)
    return next((item for item in everything if signature(item) == wanted), None)


def _pictures(world: World) -> Starlette:
    async def show(request: Request) -> Response:
        item = _item(world, request.path_params["name"])
        extension = request.path_params["name"].rpartition(".")[2]
        original = request.path_params["size"] == "originals"
        # The original keeps the form it came in; all that was made of it is JPEG.
        if item is None or extension != (_form(item) if original else "jpg"):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)
        body = item.body if item.kind == "image" else jpeg(str(item.id))
        return Response(body, media_type=f"image/{extension}")

    return Starlette(routes=[Route("/{size}/{a}/{b}/{c}/{name}", show)])


def _form(item: Item) -> str:
    return "png" if item.id % 10 == 1 else "jpg"


def _videos(world: World) -> Starlette:
    async def clip(request: Request) -> Response:
        item = _item(world, request.path_params["name"])
        return Response(item.body, media_type="video/mp4") if item else Response("", 403)

    async def stream(request: Request) -> Response:
        name = request.path_params["name"]
        stem = name.partition(".")[0]
        if _item(world, name) is None:
            return Response("", 403)
        if name.endswith(".ts"):
            return Response(pieces()[int(stem.rpartition("_")[2])], media_type="video/mp2t")
        if stem.endswith("w"):
            lines = [f"#EXTINF:1.0,\n{stem}_{number}.ts" for number in range(len(pieces()))]
            lines = ["#EXT-X-TARGETDURATION:1", *lines, "#EXT-X-ENDLIST"]
        else:
            kind = 'RESOLUTION={}x{},CODECS="avc1.42c00d,mp4a.40.2"'
            lines = [f"#EXT-X-STREAM-INF:BANDWIDTH=99000,{kind.format(90, 160)}\n{stem}_90w.m3u8"]
            lines += [f"#EXT-X-STREAM-INF:BANDWIDTH=300000,{kind.format(180, 320)}"]
            lines += [f"{stem}_180w.m3u8"]
        text = "\n".join(["#EXTM3U", "#EXT-X-VERSION:3", *lines, ""])
        return Response(text, media_type="application/vnd.apple.mpegurl")

    async def sound(_: Request) -> Response:
        return Response(b"ID3\x03\x00" + b"\0" * 200, media_type="audio/mpeg")

    return Starlette(
        routes=[
            Route("/videos/mc/720p/{a}/{b}/{c}/{name}", clip),
            Route("/videos/mc/hls/{a}/{b}/{c}/{name}", stream),
            Route("/audios/mp3/{a}/{b}/{c}/{name}", sound),
        ]
    )
