"""Scrub sheets and previews of videos as answers."""

from fastapi import Request, Response

from gatherum.app import App
from gatherum.library.originals import Original
from gatherum.processing.scrubbing import Scrub
from gatherum.processing.shelf import VERSION
from gatherum.web.errors import problem
from gatherum.web.serving_rules import (
    GUARDS,
    NoSuchPartError,
    cache_control,
    find_span,
    is_known,
)
from gatherum.web.serving_thumbnails import subject_of, while_there


async def answer_scrub(
    request: Request, app: App, original: Original, revision: str | None
) -> Response:
    """Answer with the scrub sheet of a video."""
    headers = _headers(original, "scrub", revision, "image/webp")
    if is_known(request.headers.get("if-none-match"), headers["etag"]):
        return _known(headers)
    scrub = await _scrub(request, app, original)
    return _gone() if scrub is None else Response(scrub.sheet, headers=headers)


async def answer_scrub_map(
    request: Request, app: App, original: Original, revision: str | None
) -> Response:
    """Answer with where the frames lie in the scrub sheet."""
    headers = _headers(original, "scrub-map", revision, "application/json")
    if is_known(request.headers.get("if-none-match"), headers["etag"]):
        return _known(headers)
    scrub = await _scrub(request, app, original)
    return _gone() if scrub is None else Response(scrub.map.model_dump_json(), headers=headers)


async def answer_preview(
    request: Request, app: App, original: Original, revision: str | None
) -> Response:
    """Answer with the preview of a video, or with a part of it."""
    headers = _headers(original, "preview", revision, "video/mp4") | {"accept-ranges": "bytes"}
    if is_known(request.headers.get("if-none-match"), headers["etag"]):
        return _known(headers)
    data = await while_there(request.receive, app.renditions.preview(subject_of(original)))
    if data is None:
        return _gone()
    wanted = request.headers.get("range") if request.method == "GET" else None
    try:
        span = find_span(wanted, request.headers.get("if-range"), headers["etag"], len(data))
    except NoSuchPartError:
        return no_such_part(len(data))
    if span is None:
        return Response(data, headers=headers)
    told = {"content-range": f"bytes {span.start}-{span.end - 1}/{len(data)}"}
    return Response(data[span.start : span.end], status_code=206, headers=headers | told)


def no_such_part(size: int) -> Response:
    """Answer a request for a part that begins behind the end."""
    return problem(
        416,
        "There is no such part",
        "The part that was asked for begins behind the end of the file.",
        headers={"content-range": f"bytes */{size}"},
    )


def _headers(original: Original, name: str, revision: str | None, kind: str) -> dict[str, str]:
    return {
        "content-type": kind,
        "etag": f'"{original.sha256[:32]}-{name}-{VERSION}"',
        "cache-control": cache_control(original.sha256, revision),
        "content-disposition": "inline",
        **dict(GUARDS),
    }


async def _scrub(request: Request, app: App, original: Original) -> Scrub | None:
    return await while_there(request.receive, app.renditions.scrub(subject_of(original)))


def _known(headers: dict[str, str]) -> Response:
    kept = {name: value for name, value in headers.items() if name != "content-type"}
    return Response(status_code=304, headers=kept)


def _gone() -> Response:
    return Response(status_code=204)  # nobody is there to hear it
