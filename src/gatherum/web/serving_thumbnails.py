"""Thumbnails as answers: their headers, and what is asked of the program for them."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from starlette.types import Receive

from gatherum.app import App
from gatherum.library.originals import Original
from gatherum.processing.frames import SIZES
from gatherum.processing.shelf import VERSION
from gatherum.processing.studio import Subject
from gatherum.web.serving_rules import GUARDS, cache_control

R = TypeVar("R")
TYPE: Final = "image/webp"


def thumbnail_headers(sha256: str, size: int, revision: str | None) -> dict[str, str]:
    """Return the headers of a thumbnail, sent or not sent again."""
    return {
        "etag": f'"{sha256[:32]}-{size}-{VERSION}"',
        "cache-control": cache_control(sha256, revision),
        "content-disposition": "inline",
        **dict(GUARDS),
    }


async def make_thumbnail(app: App, original: Original, size: int, receive: Receive) -> bytes | None:
    """Return a thumbnail, made if there is none; None if the client went before it was there."""
    data = app.renditions.find(original.sha256, size)
    if data is None and original.pictured and size in SIZES:
        data = await app.renditions.find_kept(original.sha256, size)
    if data is not None:
        return data
    return await while_there(receive, app.renditions.thumbnail(subject_of(original), size))


def subject_of(original: Original) -> Subject:
    """Return a file as those know it who make something of it."""
    return Subject(
        sha256=original.sha256,
        paths=original.paths,
        kind=original.kind,
        learn=not original.pictured,
    )


async def while_there(receive: Receive, work: Coroutine[Any, Any, R]) -> R | None:
    """Do some work; None if the client goes before it is done, which cancels it."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        gone.cancel()
        if not working.done():
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def until_gone(receive: Receive) -> None:
    """Wait until the client closes its connection. Nothing that it sends is looked at."""
    while (await receive())["type"] != "http.disconnect":
        pass
