"""The broken corner: downloads that go wrong, each in its own way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.types import Receive, Scope, Send

from gatherum.demo.content import BROKEN, posts_of
from gatherum.demo.serving import serve

PRIVATE = "http://10.255.255.1/secret.jpg"
LOGIN = (
    "<!doctype html><title>Log in</title><h1>Please log in</h1><form method=post action=/login>"
    "<input name=user><input name=password type=password><button>Log in</button></form>"
)


class BrokenCorner:
    """Serves `/broken/NAME.jpg`, and remembers what it has already broken once."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    async def serve(self, request: Request) -> Response:
        """Answer as badly as the name in the path promises."""
        name = request.path_params["name"]
        body = _true_body(name)
        first = self._seen[name] == 0
        self._seen[name] += request.method == "GET"
        if name.endswith("-once"):
            return _ONCE[name](body) if first else serve(request, body, "jpg")
        return _ALWAYS[name](request, body)


class Cut(Response):
    """An answer that promises all of the body, and ends in its middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the half; the server closes the connection because the rest never comes."""
        headers = [(b"content-type", b"image/jpeg")]
        headers += [(b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _slow(_: Request, body: bytes) -> Response:
    headers = {"Content-Length": str(len(body))}
    return StreamingResponse(_drip(body), media_type="image/jpeg", headers=headers)


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    piece = len(body) // 20 + 1
    for at in range(0, len(body), piece):
        yield body[at : at + piece]
        await asyncio.sleep(0.1)


def _true_body(name: str) -> bytes:
    if name not in BROKEN:
        raise HTTPException(404)
    items = (item for post in posts_of("mishap") for item in post.items)
    return next(item.body() for item in items if item.broken == name)


_ONCE: dict[str, Callable[[bytes], Response]] = {
    "cut-once": Cut,
    "busy-once": lambda _: PlainTextResponse("Slow down.", 429, headers={"Retry-After": "2"}),
    "down-once": lambda _: PlainTextResponse("Back soon.", 503),
    "empty-once": lambda _: Response(b"", media_type="image/jpeg"),
}
_ALWAYS: dict[str, Callable[[Request, bytes], Response]] = {
    "slow": _slow,
    "login": lambda _, __: HTMLResponse(LOGIN),
    "half": lambda _, body: Response(body[: len(body) // 2], media_type="image/jpeg"),
    "gone": lambda _, __: PlainTextResponse("This picture was deleted.", 410),
    "forbidden": lambda _, __: PlainTextResponse("This picture is for friends only.", 403),
    "private": lambda _, __: RedirectResponse(PRIVATE),
    "loop": lambda request, _: RedirectResponse(request.url),
}
