"""Live events: exact sequences over real HTTP, for whoever may see them, and nothing left behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.jobs.queue import Lane, NewJob
from tests.web.conftest import Server

WAIT_S = 10.0


@dataclass(frozen=True)
class Told:
    """An event as a client reads it."""

    id: str
    kind: str
    data: dict[str, object]


class Reader:
    """Reads a stream as a browser's EventSource does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.last_id = ""

    async def next(self) -> Told:
        """Return the next event; raises `EOFError` at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WAIT_S):
            while True:
                line = (await self.answer.content.readline()).decode()
                if not line:
                    raise EOFError
                if line == "\n":
                    self.last_id = fields.get("id", self.last_id)
                    if "data" in fields:
                        return Told(fields["id"], fields["event"], json.loads(fields["data"]))
                    fields = {}
                else:
                    name, _, value = line.rstrip("\n").partition(": ")
                    fields[name] = value

    async def take(self, count: int) -> list[Told]:
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def stream(
    client: aiohttp.ClientSession, query: str = "", *, after: str | None = None
) -> AsyncIterator[Reader]:
    """Open a stream and read its hello."""
    headers = {} if after is None else {"Last-Event-ID": after}
    async with client.get(f"/api/v1/events{query}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        reader = Reader(answer)
        assert (await reader.next()).kind == "hello"
        yield reader


def job(title: str) -> NewJob:
    return NewJob(kind="note", lane=Lane.SYNC, partition="plaza", title=title)


async def test_a_change_is_told_with_how_the_thing_stands(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    async with stream(client) as reader:
        job_id = await any_server.app.queue.enqueue(job("one"))

        told = await reader.next()

    assert (told.kind, told.data["id"], told.data["title"]) == ("job", job_id, "one")
    assert (told.data["state"], told.data["platform"]) == ("queued", "plaza")
    async with client.get(f"/api/v1/jobs/{job_id}") as answer:
        assert answer.status in (200, 404)
