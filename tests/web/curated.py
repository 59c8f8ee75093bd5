"""What the tests of edits, of the bin and of decisions share: a stocked library, and short calls."""

from typing import Any

import aiohttp
import sqlalchemy as sa

from gatherum.library.tables import MediaRow
from tests.curating.world import body_of, path_of, put, stock_rows
from tests.web.conftest import Server

API = "/api/v1"


async def stocked(server: Server, count: int, *, files: bool = False) -> None:
    await server.app.database.write(lambda tx: stock_rows(tx, count))
    if files:
        for number in range(1, count + 1):
            put(server.app.fs, path_of(number), body_of(number))


async def call(
    client: aiohttp.ClientSession, method: str, path: str, json: object = None, **headers: str
) -> tuple[int, Any]:
    """Send a request; return its status, and what it says."""
    async with client.request(method, API + path, json=json, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def media_states(server: Server) -> list[str]:
    query = sa.select(MediaRow.state).order_by(MediaRow.id)
    return list(await server.app.database.read(lambda tx: tx.scalars(query).all()))
