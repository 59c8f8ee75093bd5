"""The built interface: read once, kept in memory, sent as it lies there.

Names of files are looked up in a table, so no request ever becomes a path.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from starlette.routing import Match, Route
from starlette.types import Scope

IMMUTABLE: Final = "public, max-age=31536000, immutable"  # their names change with their content
REVALIDATED: Final = "no-cache"
TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
OTHERS: Final = ("/api/", "/health/", "/hooks/", "/metrics")  # never a page of the interface
MISSING: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gatherum</title>
<h1>Gatherum is running without its interface</h1>
<p>It was built without: unset GATHERUM_SKIP_UI and set it up again. The API is at /api/v1.</p></html>"""
_ACCEPTS_BROTLI: Final = re.compile(r"(?:^|,)\s*br\s*(?:;\s*q=(?!0(?:\.0+)?\s*(?:,|$))|,|$)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the build. `brotli` is None where that is not smaller."""

    plain: bytes
    brotli: bytes | None
    type: str
    etag: str
    cache: str


class Interface(Route):
    """The route of all pages and of what they load; the pages' own addresses only they know."""

    def __init__(self, files: dict[str, File]) -> None:
        super().__init__("/{page:path}", self.show, methods=["GET"], include_in_schema=False)
        self._files = files

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what asks for a page: the addresses of programs keep their own answers."""
        match, child = super().matches(scope)
        if match is Match.FULL and not scope["path"].startswith(OTHERS):
            return match, child
        return Match.NONE, {}

    async def show(self, request: Request) -> Response:
        """Answer with the file that is asked for, else with the page."""
        request.state.quiet = True  # a page loads some thirty of them
        name = request.path_params["page"] or "index.html"
        file = self._files.get(name)
        if file is None and name.startswith("assets/"):
            raise HTTPException(404)
        file = file or self._files.get("index.html")
        if file is None:
            return HTMLResponse(MISSING, headers={"cache-control": REVALIDATED})
        return _answer(request, file)


def read_interface(base_path: str) -> Interface:
    """Read the build that the package holds. `base_path`: '' or '/gatherum', where pages stand."""
    root = resources.files("gatherum.web") / "static"
    found = dict(_walk(root, "")) if root.is_dir() else {}
    files = {}
    for name, plain in found.items():
        if name.endswith(".br"):
            continue
        # The page names its files relative to itself, but it is served at many addresses.
        served = plain.replace(b'"./', f'"{base_path}/'.encode()) if name == "index.html" else plain
        files[name] = File(
            plain=served,
            brotli=found.get(f"{name}.br"),
            type=TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
            etag=f'"{blake2b(served, digest_size=12).hexdigest()}"',
            cache=IMMUTABLE if name.startswith("assets/") else REVALIDATED,
        )
    return Interface(files)


def _walk(folder: Traversable, above: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = above + entry.name
        if entry.is_dir():
            found += _walk(entry, f"{name}/")
        elif not entry.name.startswith("."):
            found.append((name, entry.read_bytes()))
    return found


def _answer(request: Request, file: File) -> Response:
    headers = {"etag": file.etag, "cache-control": file.cache, "vary": "accept-encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = file.plain
    if file.brotli is not None and _ACCEPTS_BROTLI.search(
        request.headers.get("accept-encoding", "")
    ):
        body = file.brotli
        headers["content-encoding"] = "br"
    return Response(body, headers=headers, media_type=file.type)
