"""The server as a script meets it: set up, signed in, a link pasted, its media followed and read."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gatherum.demo import running
from gatherum.demo.content import posts_of
from tests.e2e.program import Gatherum, Running, fresh

PASSWORD = "correct horse battery staple"
ADMIN = {"name": "Ada", "password": PASSWORD}
Told = dict[str, Any]


@pytest.fixture
async def plaza() -> AsyncIterator[str]:
    async with running() as address:
        yield address


@pytest.fixture
def serving(template: Path, tmp_path: Path) -> Gatherum:
    """The program as it serves on a free port; it may reach this machine alone."""
    allowed = {"GATHERUM_NETWORK_ALLOW": "127.0.0.1", "GATHERUM_PORT": "0"}
    return fresh(template, tmp_path, allowed)


async def line(server: Running, begins: str) -> str:
    """Return the rest of the next line of the console."""
    text = await asyncio.to_thread(server.line)
    assert text.startswith(begins), text
    return text.removeprefix(begins)


@asynccontextmanager
async def client(address: str, **headers: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client as a program is one: no Origin, no page, a jar for the cookie."""
    jar = aiohttp.CookieJar(unsafe=True)  # it holds cookies of an address without a name
    async with aiohttp.ClientSession(
        f"{address}/api/v1/", headers=headers, cookie_jar=jar
    ) as session:
        yield session


async def post(session: aiohttp.ClientSession, path: str, body: object) -> tuple[int, Told]:
    async with session.post(path, json=body) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else {}


async def stored(session: aiohttp.ClientSession, after: str, count: int) -> list[Told]:
    """Follow the events from a position on, until so many media are stored; return those."""
    found: dict[str, Told] = {}
    headers = {"Last-Event-ID": after}
    async with asyncio.timeout(60), session.get("events?kinds=media", headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        while len(found) < count:
            text = (await answer.content.readline()).decode()
            if text.startswith("data: ") and '"state":"stored"' in text:
                told = json.loads(text.removeprefix("data: "))
                found[told["id"]] = told
    return list(found.values())


async def end_of(session: aiohttp.ClientSession, job: str) -> Told:
    """Wait until a job has ended; return it as it stands then."""
    while True:
        async with session.get(f"jobs/{job}") as answer:
            told: Told = await answer.json()
        if told["job"]["finished_at"] is not None:
            return told
        await asyncio.sleep(0.1)


async def position(session: aiohttp.ClientSession) -> str:
    """Return where the events are now."""
    async with session.get("events") as answer:
        while True:
            text = (await answer.content.readline()).decode()
            if text.startswith("data: "):
                told: Told = json.loads(text.removeprefix("data: "))
                return str(told["position"])


async def read(session: aiohttp.ClientSession, media: Told) -> bytes:
    """Read a file in three parts, and whole, and return its bytes."""
    path = f"files/{media['id']}/original"
    async with session.get(path) as answer:
        whole = await answer.read()
        assert (answer.status, answer.headers["Accept-Ranges"]) == (200, "bytes")
    third = len(whole) // 3
    parts = []
    for span in (f"0-{third - 1}", f"{third}-{2 * third}", f"-{len(whole) - 2 * third - 1}"):
        async with session.get(path, headers={"Range": f"bytes={span}"}) as answer:
            assert answer.status == 206
            assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")
            parts.append(await answer.read())
    assert b"".join(parts) == whole
    return whole


def bodies(name: str) -> dict[str, bytes]:
    """Return the true bytes of somebody's media on the demonstration platform, by media id."""
    return {item.id: item.body() for post in posts_of(name) for item in post.items}


async def test_a_script_sets_it_up_pastes_a_link_and_reads_the_bytes_back(
    serving: Gatherum, plaza: str
) -> None:
    expected = bodies("bruno")
    with serving.start("serve") as server:
        address = await line(server, "Gatherum is at ")
        token = await line(server, "Set-up token: ")

        async with client(address) as setting_up:
            made, account = await post(setting_up, "setup", {"token": token, **ADMIN})
        async with client(address) as session:
            again, _ = await post(session, "setup", {"token": token, **ADMIN})
            unknown, _ = await post(session, "links", {"urls": [f"{plaza}/@bruno"]})
            wrong, _ = await post(session, "session", {**ADMIN, "password": "wrong"})
            signed_in, _ = await post(session, "session", ADMIN)
            foreign, _ = await post(session, "links", {"urls": [f"{plaza}/@bruno"]})
            session.headers["Origin"] = address
            begun = await position(session)
            taken, told = await post(session, "links", {"urls": [f"{plaza}/@bruno"]})
            media = await stored(session, begun, len(expected))
            read_back = {one["media"]: await read(session, one) for one in media}
            ended = await end_of(session, told["items"][0]["job"])

            key = await make_key(session)
            await check_key(address, key, plaza)

        ran = await asyncio.to_thread(server.stop)

    assert (made, account["role"]) == (201, "admin")
    assert (again, unknown, wrong) == (401, 401, 401)
    assert (signed_in, foreign, taken) == (204, 403, 202)  # a cookie alone sends nothing
    assert read_back == expected
    assert [one["sha256"] for one in media] == [
        hashlib.sha256(expected[one["media"]]).hexdigest() for one in media
    ]
    assert (ended["job"]["state"], ended["tally"]["stored"]) == ("done", len(expected))
    assert (ran.code, token not in ran.err, PASSWORD not in ran.err) == (0, True, True)
    assert key not in ran.err
    assert all(f"what={told}" in ran.err for told in ("sign_in.failed", "sign_in.ok"))


async def make_key(session: aiohttp.ClientSession) -> str:
    """Return a key that may add links and see what comes of them."""
    proven, _ = await post(session, "session/sudo", {"password": PASSWORD})
    scopes = ["queue:write", "queue:read", "library:read"]
    status, told = await post(session, "api-keys", {"name": "script", "scopes": scopes})
    assert (proven, status) == (204, 201)
    return str(told["key"])


async def check_key(address: str, key: str, plaza: str) -> None:
    """Do the same with a key, in both headers; it may do no more than its scopes say."""
    expected = bodies("chiyo")
    async with client(address, Authorization=f"Bearer {key}") as program:
        begun = await position(program)
        taken, _ = await post(program, "links", {"urls": [f"{plaza}/@chiyo"]})
        media = await stored(program, begun, len(expected))
        forbidden, _ = await post(program, "subscriptions", {"url": f"{plaza}/@chiyo"})
    async with client(address, **{"X-Api-Key": key}) as program:
        read_back = {one["media"]: await read(program, one) for one in media}
    async with client(address) as nobody, nobody.get(f"jobs?key={key}&token={key}") as answer:
        refused = answer.status

    assert (taken, forbidden, refused) == (202, 403, 401)
    assert read_back == expected
