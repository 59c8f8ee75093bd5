"""A few pages whose contents are known, and whether an extractor still finds all of it there."""

import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gatherum.errors import SourceError
from gatherum.fetching.releases import Package
from gatherum.fetching.workers.engine import EnginePool
from gatherum.ports import EngineFile, EnginePost, EngineRequest
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Doors, Policy
from gatherum.safety.sandbox import run_tool
from gatherum.safety.serving import bound, listening

LOOPBACK: Final = "127.0.0.1"
IMPORT_S: Final = 60.0
IMPORT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); import importlib as i;"
    "m = i.import_module(sys.argv[2]); v = i.import_module(sys.argv[2] + '.version');"
    "print(m.__file__); print(v.__version__)"
)
Send = Callable[[Mapping[str, object]], Awaitable[None]]

FILM: Final = """<!doctype html><html><head><title>A film</title></head><body><h1>A film</h1>
<video controls width="320"><source src="/film.mp4" type="video/mp4"></video></body></html>"""
FEED: Final = """<?xml version="1.0"?><rss version="2.0"><channel><title>A feed</title>{items}</channel></rss>"""
ITEM: Final = """<item><title>Part {n}</title><guid>part-{n}</guid><link>{at}/part-{n}</link>
<enclosure url="{at}/part-{n}.mp3" type="audio/mpeg" length="1000"/></item>"""
PARTS: Final = 3
JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What an engine must find behind a recorded page."""

    path: str
    posts: int
    files: int
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is asked of an engine: a link that it must claim by this name, and pages."""

    link: str
    key: str
    pages: tuple[Page, ...]


EXPECTED: Final[Mapping[str, Expected]] = MappingProxyType(
    {
        "ytdlp": Expected(
            link="https://vimeo.com/76979871",
            key="Vimeo",
            pages=(Page(path="/film", posts=1, files=1), Page(path="/feed.xml", posts=3, files=0)),
        ),
        "gallerydl": Expected(
            link="https://www.flickr.com/photos/gatherum",
            key="flickr",
            pages=(Page(path="/@recorded", posts=3, files=4, prefix="mastodon:"),),
        ),
    }
)


async def find_fault(package: Package, wanted: str, beside: Path, scratch: Path) -> str | None:
    """Return what a version that lies beside does wrong with what is recorded here; None: nothing.

    It runs in the sandbox, and reaches nothing but the recorded pages.
    """
    if (fault := await _import(package, wanted, beside, scratch)) is not None:
        return fault
    expected = EXPECTED[package.engine]
    async with _pool(beside, scratch) as (engines, address):
        try:
            key = await engines.supports(package.engine, expected.link)
            if key != expected.key:
                return f"It takes {expected.link} for {key or 'nothing'}."
            for page in expected.pages:
                counted = await _count(
                    engines, package.engine, f"{page.prefix}{address}{page.path}"
                )
                if counted != (page.posts, page.files):
                    posts, files = counted
                    return (
                        f"It finds {posts} posts and {files} files on a recorded page that has "
                        f"{page.posts} and {page.files}."
                    )
        except SourceError as error:
            return f"It fails on a recorded page: {error}"
    return None


async def _import(package: Package, wanted: str, beside: Path, scratch: Path) -> str | None:
    """Import it, and see that it is the one that was asked for."""
    try:
        done = await run_tool(
            (sys.executable, "-I", "-c", IMPORT, str(beside), package.module),
            timeout_s=IMPORT_S,
            readable=(beside,),
            writable=(scratch,),
        )
    except TimeoutError:
        return "It cannot be imported in time."
    place, _, version = done.out.decode(errors="replace").strip().partition("\n")
    if done.code != 0:
        return "It cannot be imported."
    if not Path(place).is_relative_to(beside) or _plain(version) != _plain(wanted):
        return f"It is not the version {wanted} that was asked for."
    return None


def _plain(version: str) -> list[int | str]:
    """Return a version without the zeros that an index leaves out: 2026.08.19 is 2026.8.19."""
    return [int(part) if part.isdecimal() else part for part in version.strip().split(".")]


@asynccontextmanager
async def _pool(beside: Path, scratch: Path) -> AsyncGenerator[tuple[EnginePool, str]]:
    async with AsyncExitStack() as stack:
        place = stack.enter_context(bound(LOOPBACK, 0))
        port = await stack.enter_async_context(listening(_show, on=place, grace_s=1))
        doors = Doors()
        doors.open(LOOPBACK, port)
        egress = await stack.enter_async_context(Egress(Policy(doors=doors)))
        engines = await stack.enter_async_context(
            EnginePool(scratch, egress=egress, size=1, patience=IMPORT_S, beside=lambda _: beside)
        )
        yield engines, f"http://{LOOPBACK}:{port}"


async def _count(engines: EnginePool, engine: str, url: str) -> tuple[int, int]:
    posts = files = 0
    lines = engines.extract(EngineRequest(engine=engine, url=url))
    async with aclosing(lines):
        async for line in lines:
            posts += isinstance(line, EnginePost)
            files += isinstance(line, EngineFile)
    return posts, files


def _account(address: str) -> Mapping[str, object]:
    names = dict.fromkeys(("username", "acct", "display_name"), "recorded")
    return {"id": "1", "url": f"{address}/@recorded", **names}


def _status(address: str, number: int, files: int) -> Mapping[str, object]:
    """Return what a Mastodon server says of a post; a client may rely on each of these fields."""
    return {
        "id": str(number),
        "created_at": f"2025-01-0{number}T12:00:00.000Z",
        "in_reply_to_id": None,
        "sensitive": False,
        "visibility": "public",
        "language": "en",
        "uri": f"{address}/users/recorded/statuses/{number}",
        "url": f"{address}/@recorded/{number}",
        "content": "<p>Recorded</p>",
        "reblog": None,
        "account": _account(address),
        "media_attachments": [
            {
                "id": f"{number}{file}",
                "type": "image",
                "url": f"{address}/media/{number}{file}.jpg",
                "preview_url": f"{address}/media/{number}{file}.jpg",
                "remote_url": None,
                "description": None,
                "meta": {"original": {"width": 320, "height": 400}},
            }
            for file in range(files)
        ],
        "mentions": [],
        "tags": [],
        "card": None,
    }


async def _show(scope: Mapping[str, Any], _receive: object, send: Send) -> None:
    """Answer as a server of the recorded pages."""
    if scope["type"] != "http":
        return
    address = f"http://{LOOPBACK}:{scope['server'][1]}"
    kind, body = _answer(scope["path"], address)
    head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    status = 200 if kind else 404
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _answer(path: str, address: str) -> tuple[str, bytes]:
    match path:
        case "/film":
            return "text/html; charset=utf-8", FILM.encode()
        case "/api/v1/accounts/lookup":
            return JSON, json.dumps(_account(address)).encode()
        case "/api/v1/accounts/1/statuses":
            statuses = [
                _status(address, number, files) for number, files in ((3, 1), (2, 2), (1, 1))
            ]
            return JSON, json.dumps(statuses).encode()
        case "/feed.xml":
            items = "".join(ITEM.format(n=n, at=address) for n in range(PARTS))
            return "application/rss+xml; charset=utf-8", FEED.format(items=items).encode()
        case "/film.mp4":
            return "video/mp4", bytes(1024)
        case _:
            return "", b""
