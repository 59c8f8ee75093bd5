"""Archives: a selection of media as one ZIP. First what it holds is told, then it is sent."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Path, Request, Response
from pydantic import JsonValue

from gatherum.accounts.model import Caller, Scope
from gatherum.app import App
from gatherum.curating.archives import MOST
from gatherum.errors import InvalidInput, NotFound
from gatherum.moments import Moment, moment
from gatherum.web.deciding import Which
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, CallerDep, Routes
from gatherum.web.serving_rules import GUARDS, disposition
from gatherum.web.serving_stream import StreamAnswer

routes = Routes("Files")
KEPT_S: Final = 3600.0
ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The archive.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    },
}
ArchiveId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="`id` of an archive.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A ZIP that can be fetched at `address`, by who asked for it, until it expires.

    `left_out` media are not stored, damaged or in the bin. `bytes` are those of the `files`; what has
    the same bytes is one file.
    """

    id: str
    address: str
    media: int
    files: int
    bytes: int
    left_out: int
    expires_at: Moment


@routes.add(
    "POST",
    "/archives",
    scope=Scope.LIBRARY_READ,
    rate=Rate.BATCH,
    errors=(InvalidInput, NotFound),
    status=201,
)
async def make_archive(body: Which, request: Request, app: AppDep, caller: CallerDep) -> Archive:
    """Say what a ZIP of at most 20,000 media would hold, and where to fetch it within the hour."""
    chosen = body.query if body.ids is None else ",".join(map(str, sorted(set(body.ids))))
    asked: JsonValue = {"by": "query" if body.ids is None else "ids", "chosen": chosen}
    contents = await app.archives.weigh(await _find(app, asked))
    if contents.files == 0:
        raise NotFound("None of these media has a file that can be sent.")
    number = secrets.token_hex(16)

    async def told() -> JsonValue:
        return asked

    await app.cache.get_or_make(_key(caller, number), KEPT_S, told)
    base: str = request.app.state.site.base_path
    return Archive(
        id=number,
        address=f"{base}/api/v1/archives/{number}",
        media=contents.media,
        files=contents.files,
        bytes=contents.bytes,
        left_out=contents.left_out,
        expires_at=moment(app.clock.now() + KEPT_S),
    )


@routes.add(
    "GET",
    "/archives/{archive_id}",
    scope=Scope.LIBRARY_READ,
    rate=Rate.HEAVY,
    errors=(InvalidInput, NotFound),
    answer=Response,
    model=None,
    described=ZIP,
)
async def get_archive(archive_id: ArchiveId, app: AppDep, caller: CallerDep) -> Response:
    """Send a ZIP, made while it is sent. Its `manifest.jsonl` tells of each media, and of what is missing."""

    async def gone() -> JsonValue:
        raise NotFound("This archive has expired: make it again.")

    asked = await app.cache.get_or_make(_key(caller, archive_id), KEPT_S, gone)
    name = f"gatherum-{moment(app.clock.now())[:10]}.zip"
    headers = {
        "content-type": "application/zip",
        "content-disposition": disposition(name, inline=False),
        "cache-control": "private, no-store",
        **dict(GUARDS),
    }
    return StreamAnswer(app.archives.write(await _find(app, asked)), headers)


def _key(caller: Caller, number: str) -> str:
    """Return where an archive is kept: each account has only its own."""
    return f"archive:{caller.account.id}:{number}"


async def _find(app: App, asked: JsonValue) -> list[int]:
    match asked:
        case {"by": "query", "chosen": str(query)}:
            found = await app.batches.find(query)
        case {"by": "ids", "chosen": str(ids)}:
            found = [int(one) for one in ids.split(",")]
        case _:
            raise NotFound("This archive has expired: make it again.")
    if len(found) > MOST:
        raise InvalidInput(
            f"A ZIP holds at most {MOST:,} media, and these are {len(found):,}: select fewer."
        )
    return found
