"""Goal 11: a list of 100 media over HTTP, against bare routes that answer the same bytes.

`bare` holds its answer's rows in memory and encodes them by orjson for each request: no session, no
database. `bare with SQL` reads the same rows by plain sqlite3 first, in a thread.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
from fastapi import FastAPI, Response

from benchmarks.gallery import fill_gallery
from benchmarks.race import goal, workplace
from gatherum.accounts.model import Role, Visitor
from gatherum.app import open_app
from gatherum.safety.serving import bound, listening
from gatherum.settings import BootSettings
from gatherum.web.app import make_web
from gatherum.web.shield import shielded
from gatherum.web.site import make_site

MEDIA = 20_000
REQUESTS, TOGETHER, ROUNDS = 240, 4, 3  # below the limit of requests a minute
PATH = "/api/v1/media?limit=100"
ROWS = """select media.*, post.caption, post.author, file.path, file.sha256 from media
join post on post.id = media.post_id left join file on file.id = media.file_id
where media.state = 'stored' order by media.shown_at desc, media.id desc limit 101"""


def main() -> None:
    """Ask in turns, several rounds; the best of each counts."""
    print(f"\n## GET {PATH}, {TOGETHER} requests at once")
    with workplace() as place:
        asyncio.run(_race(place))


async def _race(place: Path) -> None:
    settings = BootSettings(data_dir=place, port=0, _env_file=None)
    async with AsyncExitStack() as stack:
        url, headers = await stack.enter_async_context(_ours(settings))
        answer = await _fetch(url + PATH, headers)
        items = json.loads(answer)["items"]
        print(f"   {len(items)} media, {len(answer) / 1000:.0f} kB")
        bare = await stack.enter_async_context(_bare(items, place / "gatherum.db"))
        asked = {
            "ours": (url + PATH, headers),
            "bare": (f"{bare}/memory", {}),
            "bare with SQL": (f"{bare}/sql", {}),
        }
        best: dict[str, float] = dict.fromkeys(asked, 0.0)
        for _ in range(ROUNDS):
            for name, (address, sent) in asked.items():
                best[name] = max(best[name], await _rate(address, sent))
    for name, rate in best.items():
        print(f"   {name:16}{rate:8.0f} requests/s")
    goal("ours against bare", best["ours"] / best["bare"], ">= 0.5")
    goal("ours against bare with SQL", best["ours"] / best["bare with SQL"], ">= 0.5")


@asynccontextmanager
async def _ours(settings: BootSettings) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Serve a whole installation, its shield, gate and limits included."""
    async with AsyncExitStack() as stack:
        place = stack.enter_context(bound("127.0.0.1", 0))
        site = make_site(settings, place.getsockname()[1])
        app = await stack.enter_async_context(open_app(settings))
        await asyncio.to_thread(fill_gallery, app.database, MEDIA)
        account = await app.people.accounts.create("bench", Role.ADMIN, password=None)
        visitor = Visitor(address="127.0.0.1", agent="bench")
        token = await app.people.sessions.begin(account.id, visitor, methods="password", full=True)
        web = shielded(make_web(app, site), site)
        await stack.enter_async_context(listening(web, on=place, grace_s=1))
        yield site.url, {"Cookie": f"{site.cookie}={token}"}


@asynccontextmanager
async def _bare(items: list[dict[str, object]], path: Path) -> AsyncIterator[str]:
    web = FastAPI()
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.row_factory = sqlite3.Row

    @web.get("/memory")
    async def memory() -> Response:
        return Response(orjson.dumps({"items": items}), media_type="application/json")

    @web.get("/sql")
    async def sql() -> Response:
        rows = await asyncio.to_thread(_read, connection)
        return Response(orjson.dumps({"items": rows}), media_type="application/json")

    with bound("127.0.0.1", 0) as place:
        async with listening(web, on=place, grace_s=1) as port:
            yield f"http://127.0.0.1:{port}"
    connection.close()


def _read(connection: sqlite3.Connection) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(ROWS).fetchall()]


async def _fetch(url: str, headers: dict[str, str]) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.read()


async def _rate(url: str, headers: dict[str, str]) -> float:
    async with aiohttp.ClientSession() as session:

        async def some() -> None:
            for _ in range(REQUESTS // TOGETHER):
                async with session.get(url, headers=headers) as answer:
                    answer.raise_for_status()
                    await answer.read()

        await some()
        begun = time.perf_counter()
        await asyncio.gather(*(some() for _ in range(TOGETHER)))
        return REQUESTS / (time.perf_counter() - begun)
