"""A large edit by the real program: killed in the middle, it goes on and does nothing twice."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.db import Database
from tests.curating.world import body_of, stock_rows
from tests.e2e.program import Gatherum, fresh
from tests.e2e.test_server import ADMIN, Told, client, line, post

COUNT = 2000


@pytest.fixture
def serving(template: Path, tmp_path: Path) -> Gatherum:
    """The program as it serves on a free port, with a library of some thousand media."""
    program = fresh(template, tmp_path, {"GATHERUM_PORT": "0"})
    database = Database(f"sqlite:///{program.data / 'gatherum.db'}")
    database.write_now(lambda tx: stock_rows(tx, COUNT))
    database.close()
    (program.root / "library").mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        (program.root / f"library/{number}.jpg").write_bytes(body_of(number))
    return program


async def test_a_kill_in_the_middle_of_an_edit_loses_nothing_and_does_nothing_twice(
    serving: Gatherum,
) -> None:
    action = {"query": "kind:image", "action": {"kind": "edit", "tags_add": ["fog"]}}
    with serving.start("serve") as server:
        address = await line(server, "Gatherum is at ")
        token = await line(server, "Set-up token: ")
        async with client(address, Origin=address) as session:
            await post(session, "setup", {"token": token, **ADMIN})
            taken, made = await post(session, "media/batch", action)
            number = made["id"]
            await reached(session, number, least=500)
            await asyncio.to_thread(server.stop, signal.SIGKILL)

    with serving.start("serve") as server:
        address = await line(server, "Gatherum is at ")
        async with client(address, Origin=address) as session:
            await post(session, "session", ADMIN)
            done = await reached(session, number, least=COUNT)
            versions = read(serving, "select distinct version from media")
            tagged = read(serving, "select count(*) from media_tag")
            _, undo = await post(session, f"decisions/{number}/undo", {})
            undone = await reached(session, undo["id"], least=COUNT)
            left = read(serving, "select count(*) from media_tag")

            _, trashed = await post(session, "media/1/trash", {"why": "blurred"})
            held = sorted(serving.held())
            _, back = await post(session, f"decisions/{trashed['id']}/undo", {})
        ended = await asyncio.to_thread(server.stop)

    assert (taken, made["state"], made["total"]) == (202, "working", COUNT)
    assert (done["state"], done["done"], done["same"], done["left"]) == ("done", COUNT, 0, 0)
    assert (versions, tagged) == ([2], [COUNT])
    assert (undone["done"], undone["left"], left) == (COUNT, 0, [0])
    assert (held, sorted(serving.held())) == (
        ["library/2.jpg"],
        ["library/1.jpg", "library/2.jpg"],
    )
    assert (back["kind"], back["done"], back["by"]) == ("media.restore", 1, "Ada")
    assert ended.code == 0


async def reached(session: aiohttp.ClientSession, number: int, *, least: int) -> Told:
    """Wait until a decision has changed so many things and, if those are all, has ended."""
    async with asyncio.timeout(60):
        while True:
            async with session.get(f"decisions/{number}") as answer:
                told: Told = await answer.json()
            if told["done"] >= least and (told["state"] == "done" or least < told["total"]):
                return told
            await asyncio.sleep(0.02)


def read(program: Gatherum, query: str) -> list[int]:
    database = Database(f"sqlite:///{program.data / 'gatherum.db'}")
    found = database.read_now(lambda tx: list(tx.scalars(sa.text(query))))
    database.close()
    return found
