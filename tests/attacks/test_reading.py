"""Reading: it changes nothing, it tells only what it is, no path and no parameter leads elsewhere."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import pytest
import sqlalchemy as sa
from yarl import URL

from gatherum.accounts.model import Role
from tests.attacks.filled import BREAKS, SCRIPT, fill, picture
from tests.attacks.raw import exchange
from tests.web.conftest import Server
from tests.web.routes import ROUTES
from tests.web.stored import store

# What reading may leave behind: when somebody was seen, and that an export was taken.
TRACES = {
    ("session", "seen_at"),
    ("api_key", "used_at"),
}
LOGS = {"throttle", "audit"}
# A sign-in at another place begins with a GET, since it is the browser that goes there.
BEGINS = {"GET /api/v1/session/oidc", "GET /api/v1/session/oidc/callback"}
TYPES = {
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "text/event-stream",
    "text/plain",
    "text/csv",
    "image/jpeg",
    "image/webp",
    "application/octet-stream",
}
MAY_BE_DOWN = {"GET /health/ready", "GET /api/v1/files/{id}/thumbnail"}  # without a worker
GETS = sorted(name for name in ROUTES if name.startswith("GET "))


@dataclass(frozen=True, slots=True)
class Read:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]


async def read(client: aiohttp.ClientSession, path: str, method: str = "GET") -> Read:
    """Read an address just as it is written; of a stream that does not end, its beginning."""
    base = str(client._base_url).rstrip("/")
    body = b""
    async with client.request(
        method, URL(base + path, encoded=True), allow_redirects=False
    ) as answer:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5 if answer.content_type == "text/event-stream" else 30):
                async for piece in answer.content.iter_any():
                    body += piece
        return Read(answer.status, dict(answer.headers), body)


async def snapshot(server: Server) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, without the traces that reading may leave."""

    def dump(tx: sa.Connection) -> dict[str, list[tuple[object, ...]]]:
        found = sa.MetaData()
        found.reflect(tx, resolve_fks=False)
        return {
            name: sorted(
                (
                    tuple(tx.execute(sa.select(*columns)).all())
                    if (
                        columns := [
                            column for column in table.c if (name, column.name) not in TRACES
                        ]
                    )
                    else ()
                ),
                key=repr,
            )
            for name, table in found.tables.items()
            if name not in LOGS
        }

    return await server.app.database.read(dump)


async def test_reading_changes_nothing_and_tells_what_it_is(server: Server) -> None:
    filled = await fill(server)
    client = await server.client_as(Role.ADMIN)
    # The first thumbnail writes down what the bytes say of themselves: their sizes, and a thumbhash.
    await read(client, filled.path("/api/v1/files/{id}/thumbnail"))
    before = await snapshot(server)

    for name in GETS:
        if name in BEGINS:
            continue
        for _ in range(2):
            answer = await read(client, filled.path(name.removeprefix("GET ")))

            assert answer.status < 500 or name in MAY_BE_DOWN, (name, answer)
            assert answer.headers["X-Content-Type-Options"] == "nosniff", name
            assert answer.kind in TYPES, (name, answer.kind)
            if answer.kind in ("text/plain", "text/csv"):
                assert name in ("GET /metrics", "GET /api/v1/export"), name

    after = await snapshot(server)
    assert len(before) > 20
    changed = [table for table in before if before[table] != after[table]]
    assert changed == []


async def test_a_script_comes_back_as_text_only(server: Server) -> None:
    filled = await fill(server)
    client = await server.client_as(Role.ADMIN)
    seen = 0

    for name in GETS:
        answer = await read(client, filled.path(name.removeprefix("GET ")))
        if b"<script>alert" in answer.body:
            assert answer.kind in ("application/json", "application/x-ndjson", "text/csv"), name
            seen += 1
    for path in (f"/api/v1/nothing/{SCRIPT}", f"/api/v1/media?cursor={SCRIPT}"):
        answer = await read(client, re.sub(r"[\s\"<>`{}]", lambda m: f"%{ord(m[0]):02X}", path))
        assert answer.status in (404, 422)
        assert b"<script>" not in answer.body

    assert seen >= 5


TRAVERSALS = [
    "..",
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252fetc%252fpasswd",
    "..%5c..%5cetc%5cpasswd",
    "..%c0%af..%c0%afetc%c0%afpasswd",
    "%c0%ae%c0%ae%c0%afetc/passwd",
    "....//....//etc/passwd",
    "..;/..;/etc/passwd",
    "%2fetc%2fpasswd",
    "file:%2f%2f%2fetc%2fpasswd",
    "1%00.jpg",
    "%ff%fe",
    "1/../../secret.key",
    "-1",
    "99999999999999999999999999",
    "1;ls",
    "%24%7b7*7%7d",
    "' or '1'='1",
    "1%27%20or%20%271%27=%271",
    "NaN",
    "%F0%9F%92%A9",
    "a" * 3000,
]


async def test_no_spelling_of_a_path_leads_elsewhere(server: Server) -> None:
    filled = await fill(server)
    client = await server.client_as(Role.ADMIN)
    tried = 0

    for name in sorted(ROUTES):
        method, _, path = name.partition(" ")
        if "{" not in path or method == "HEAD":
            continue
        # All of them where a word, or bytes, are asked for; of numbers each route has its part.
        step = 1 if "/files/" in path or "{section}" in path else 3 if method == "GET" else 6
        for spelling in TRAVERSALS[len(path) % step :: step]:
            answer = await read(client, filled.path(path, spelling.replace(" ", "%20")), method)
            # Of words that name nothing some routes make a page, or nothing at all.
            assert answer.status < 500, (name, spelling, answer)
            assert b"root:" not in answer.body, (name, spelling)
            assert server.app.settings.data_dir.name.encode() + b"/" not in answer.body
            tried += 1

    assert tried >= 250


async def test_no_value_breaks_out_of_a_header(server: Server) -> None:
    filled = await fill(server)
    client = await server.client_as(Role.ADMIN)
    cookie = client.headers["Cookie"]
    odd = await store(server.app, picture() + b"\1", media={"remote_id": f"{BREAKS}2"})
    injected = "%0d%0aX-Injected:%201%0d%0a%0d%0a"

    for name in GETS:
        path = filled.path(name.removeprefix("GET "))
        fields = [field.alias for field in ROUTES[name].dependant.query_params]
        query = "&".join(f"{field}=/{injected}" for field in fields) or f"after=/{injected}"
        for tried in (f"{path}?{query}", path.replace(f"/{filled.ids['id']}/", f"/{odd.id}/")):
            sent = f"GET {tried} HTTP/1.1\r\nHost: localhost:{server.port}\r\nCookie: {cookie}\r\n"
            told = await exchange(
                server.port,
                f"{sent}If-None-Match: {injected}\r\nConnection: close\r\n\r\n".encode(),
                seconds=0.5 if name.endswith("/events") else 10,
            )
            assert "x-injected" not in told.headers, (name, told.raw[:500])
            assert len(told.statuses) >= 1


@pytest.mark.parametrize(
    "query", ["token", "api_key", "apikey", "access_token", "key", "sid", "x-api-key", "session"]
)
async def test_a_credential_in_an_address_counts_for_nothing(query: str, server: Server) -> None:
    admin = await server.client_as(Role.ADMIN)
    token = admin.headers["Cookie"].partition("=")[2]
    async with admin.post(
        "/api/v1/api-keys", json={"name": "k", "scopes": ["self", "library:read"]}
    ) as answer:
        key = (await answer.json())["key"]
    stranger = await server.client()

    for value in (token, key):
        assert (await read(stranger, f"/api/v1/me?{query}={value}")).status == 401
        assert (await read(stranger, f"/api/v1/files/1/original?{query}={value}")).status == 401
    async with stranger.get("/api/v1/me", headers={"X-Api-Key": key}) as answer:
        assert answer.status == 200


async def test_nobody_hides_failed_tries_behind_a_made_up_address(server: Server) -> None:
    client = await server.client()
    statuses = []

    for number in range(8):
        async with client.post(
            "/api/v1/session",
            json={"name": "ada", "password": f"wrong {number}"},
            headers={"X-Forwarded-For": f"203.0.113.{number}", "X-Real-Ip": f"198.51.100.{number}"},
        ) as answer:
            statuses.append(answer.status)

    assert statuses == [401] * 5 + [429] * 3
