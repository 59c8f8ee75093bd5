"""Files: the bytes of a media as they were fetched, and what is made of them to be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Path, Query, Request, Response

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.errors import InvalidInput, NotFound, StorageError
from gatherum.library.originals import Original
from gatherum.processing.facts import ScrubMap
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, CallerDep, Routes
from gatherum.web.serving_bytes import FileAnswer
from gatherum.web.serving_renditions import (
    answer_preview,
    answer_scrub,
    answer_scrub_map,
    no_such_part,
)
from gatherum.web.serving_rules import (
    GUARDS,
    OTHER,
    NoSuchPartError,
    cache_control,
    disposition,
    find_span,
    is_known,
    media_type,
)
from gatherum.web.serving_thumbnails import TYPE, make_thumbnail, thumbnail_headers

routes = Routes("Files")
Answers = dict[int | str, dict[str, Any]]
F = TypeVar("F", bound=Callable[..., object])
ERRORS: Final = (NotFound, InvalidInput, StorageError)
ANY: Final = "*/*"  # the type of the file
BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
NOTHING_NEW: Final[dict[str, Any]] = {"description": "The client has it already."}
ORIGINAL: Final[Answers] = {
    200: {"description": "All of it.", "content": {ANY: BINARY}},
    206: {"description": "The part that was asked for.", "content": {ANY: BINARY}},
    304: NOTHING_NEW,
    416: {"description": "The part begins behind the end."},
}
SCRUB: Final[Answers] = {
    200: {"description": "The scrub sheet.", "content": {"image/webp": BINARY}},
    304: NOTHING_NEW,
}
SCRUB_MAP: Final[Answers] = {
    200: {"description": "Where the frames lie.", "model": ScrubMap},
    304: NOTHING_NEW,
}
PREVIEW: Final[Answers] = {
    200: {"description": "All of it.", "content": {"video/mp4": BINARY}},
    206: {"description": "The part that was asked for.", "content": {"video/mp4": BINARY}},
    304: NOTHING_NEW,
    416: {"description": "The part begins behind the end."},
}
THUMBNAIL: Final[Answers] = {
    200: {"description": "The thumbnail.", "content": {"image/webp": BINARY}},
    304: NOTHING_NEW,
}


class Size(IntEnum):
    """The longest edge of a thumbnail, in pixels."""

    SMALL = 320
    MEDIUM = 640
    LARGE = 1280


Id = Annotated[int, Path(description="Our number of the media.", ge=1, le=2**63 - 1)]
Revision = Annotated[
    str | None,
    Query(
        description="The first 16 digits of the content's SHA-256: the answer may be kept for ever.",
        max_length=64,
    ),
]
Download = Annotated[bool, Query(description="Save it, rather than show it.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the addresses of a file are asked for with."""

    request: Request
    app: App
    original: Original
    revision: str | None


async def get_asked(
    id: Id,  # noqa: A002  # as it stands in the address
    request: Request,
    app: AppDep,
    caller: CallerDep,
    v: Revision = None,
) -> Asked:
    """Find the file of a media, if the caller may see it; raises `NotFound`."""
    original = await app.originals.get(id)
    if original.trashed and not caller.may(Scope.LIBRARY_WRITE):
        raise NotFound("There is no file of this media.")
    # What is in the bin is not for keeping.
    return Asked(request, app, original, None if original.trashed else v)


AskedDep = Annotated[Asked, Depends(get_asked)]


async def get_bytes(asked: AskedDep, *, download: Download = False) -> Response:
    """Answer with the bytes of a file."""
    original, request = asked.original, asked.request
    etag, kind = f'"{original.sha256}"', media_type(original.mime)
    headers = {
        "accept-ranges": "bytes",
        "etag": etag,
        "cache-control": cache_control(original.sha256, asked.revision),
        "content-disposition": disposition(original.name, inline=kind != OTHER and not download),
        **dict(GUARDS),
    }
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range") if request.method == "GET" else None
    try:
        span = find_span(wanted, request.headers.get("if-range"), etag, original.size)
    except NoSuchPartError:
        return no_such_part(original.size)
    return FileAnswer(
        asked.app.fs,
        original.paths,
        size=original.size,
        span=span,
        headers={"content-type": kind, **headers},
    )


async def get_picture(
    asked: AskedDep,
    size: Annotated[Size, Query(description="Pixels of the longest edge.")] = Size.SMALL,
) -> Response:
    """Answer with a thumbnail."""
    original, request = asked.original, asked.request
    headers = thumbnail_headers(original.sha256, size, asked.revision)
    if is_known(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    data = await make_thumbnail(asked.app, original, size, request.receive)
    if data is None:
        return Response(status_code=204)  # nobody is there to hear it
    return Response(data, headers={"content-type": TYPE, **headers})


Bytes = Annotated[Response, Depends(get_bytes)]
Picture = Annotated[Response, Depends(get_picture)]


def _add(
    method: str, what: str, described: Answers, *, rate: Rate = Rate.FILES
) -> Callable[[F], F]:
    return routes.add(
        method,
        f"/files/{{id}}/{what}",
        scope=Scope.LIBRARY_READ,
        rate=rate,
        errors=ERRORS,
        answer=Response,
        model=None,
        described=described,
    )


@_add("GET", "original", ORIGINAL)
async def get_original(answer: Bytes) -> Response:
    """Send the bytes of a media as they were fetched. One range of bytes may be asked for."""
    return answer


@_add("HEAD", "original", ORIGINAL)
async def head_original(answer: Bytes) -> Response:
    """Say what sending the bytes of a media would say."""
    return answer


@_add("GET", "thumbnail", THUMBNAIL)
async def get_thumbnail(answer: Picture) -> Response:
    """Send a thumbnail of a picture or a video, as WebP."""
    return answer


@_add("HEAD", "thumbnail", THUMBNAIL)
async def head_thumbnail(answer: Picture) -> Response:
    """Say what sending a thumbnail would say."""
    return answer


@_add("GET", "scrub", SCRUB, rate=Rate.HEAVY)
async def get_scrub(asked: AskedDep) -> Response:
    """Send the scrub sheet of a video: small frames of all of it in one WebP picture."""
    return await answer_scrub(asked.request, asked.app, asked.original, asked.revision)


@_add("GET", "scrub-map", SCRUB_MAP, rate=Rate.HEAVY)
async def get_scrub_map(asked: AskedDep) -> Response:
    """Say where the frames of a video lie in its scrub sheet."""
    return await answer_scrub_map(asked.request, asked.app, asked.original, asked.revision)


@_add("GET", "preview", PREVIEW, rate=Rate.HEAVY)
async def get_preview(asked: AskedDep) -> Response:
    """Send some seconds of a video, small and silent, as MP4. One range of bytes may be asked for."""
    return await answer_preview(asked.request, asked.app, asked.original, asked.revision)
