"""Whatever address somebody gives us, by whatever route: nothing private is ever connected to."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.app import run_worker
from tests.attacks.filled import COOKIES
from tests.safety.test_policy import SPELLINGS
from tests.web.conftest import Server
from tests.web.routes import ROUTES

NAMED = "rebound.example"  # a name whose owner points it at us, once it has been judged
PUBLIC = "93.184.215.14"
# Routes that take an address, or a host, and may go there now or later.
TAKING = {
    "POST /api/v1/links",
    "POST /api/v1/links/preview",
    "POST /api/v1/links/explain",
    "POST /api/v1/logins/sign-in",
    "POST /api/v1/logins/{number}/test",
    "POST /api/v1/subscriptions",
    "POST /api/v1/subscriptions/batch",
    "PATCH /api/v1/settings/{section}",
}


@dataclass
class Listener:
    """Something on this machine that must not be reached."""

    port: int = 0
    turned: bool = True  # the name leads here; before, to a public address
    reached: list[bytes] = field(default_factory=list)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.append(b"connected")
        self.reached.append(await reader.read(1000))
        writer.close()


@pytest.fixture
async def listener(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    listener = Listener()
    serving = await asyncio.start_server(listener.hear, "127.0.0.1", 0)
    listener.port = serving.sockets[0].getsockname()[1]
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: int, **more: int) -> object:
        if host == NAMED:
            host = "127.0.0.1" if listener.turned else PUBLIC
        return real(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield listener
    serving.close()


async def ask(
    client: aiohttp.ClientSession, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, str]:
    async with client.request(
        method, f"/api/v1{path}", json=body, headers=headers, allow_redirects=False
    ) as answer:
        return answer.status, await answer.text()


def addresses(port: int) -> list[str]:
    return [f"http://{host}:{port}/a.jpg" for host in (*SPELLINGS, NAMED)] + [
        f"https://127.0.0.1:{port}/a.jpg",
        f"http://me:pass@127.0.0.1:{port}/a.jpg",
        f"http://127.0.0.1:{port}#@public.example/",
        f"http://public.example@127.0.0.1:{port}/",
        f"ftp://127.0.0.1:{port}/a.jpg",
        f"gopher://127.0.0.1:{port}/_x",
        f"file:///etc/passwd?{port}",
    ]


async def test_no_route_reaches_a_private_address(server: Server, listener: Listener) -> None:
    client = await server.client_as(Role.ADMIN)
    await server.app.preferences.set("network.pace", "0")
    told: list[str] = []
    rebound = f"http://{NAMED}:{listener.port}/a.jpg"
    listener.turned = False  # nothing is connected to when a link is taken
    status, text = await ask(client, "POST", "/links", {"urls": [rebound]})
    assert (status, json.loads(text)["items"][0]["accepted"]) == (202, True)
    listener.turned = True
    status, text = await ask(client, "POST", "/logins", {"name": "mine", "cookies": COOKIES})
    assert status == 201, text
    login = json.loads(text)["id"]

    for url in addresses(listener.port):
        for path, body in (
            ("/links/explain", {"urls": [url]}),
            ("/links/preview", {"url": url}),
            ("/logins/sign-in", {"url": url, "name": "me", "password": "x"}),
            (f"/logins/{login}/test", {"url": url}),
            ("/subscriptions", {"url": url}),
        ):
            status, text = await ask(client, "POST", path, body)
            assert status < 500 or "refused" in text, (path, url, text)
            told.append(text)
        status, text = await ask(client, "POST", "/links", {"urls": [url]})
        assert status == 202, text
        told.append(text)
    async with run_worker(server.app):
        (job,) = await _ended(client)
    _, text = await ask(client, "GET", f"/jobs/{job['id']}/media")
    outcomes = [(each["outcome"], each["reason"]) for each in json.loads(text)["items"]]

    assert listener.reached == []
    assert {"refused"} <= {reason for text in told for reason in _reasons(text)}
    assert (job["title"], outcomes) == (rebound, [("failed", "refused")])


@pytest.mark.filterwarnings("ignore:The HMAC key")  # Duo's secrets have that length
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", NAMED])
async def test_no_setting_leads_the_server_to_a_private_address(
    host: str, server: Server, listener: Listener
) -> None:
    client = await server.client_as(Role.ADMIN)
    place = f"{host}:{listener.port}"

    for section, change in (
        ("oidc", {"enabled": True, "issuer": f"https://{place}", "client_id": "a"}),
        ("duo", {"enabled": True, "api_host": place, "client_id": "D" * 20}),
    ):
        secret = {"client_secret": "s" * 40}
        async with client.get(f"/api/v1/settings/{section}") as answer:
            version = answer.headers.get("ETag", '"0"')
        status, text = await ask(
            client, "PATCH", f"/settings/{section}", {**change, **secret}, **{"If-Match": version}
        )
        assert status in (200, 422), text
    stranger = await server.client()
    status, text = await ask(stranger, "GET", "/session/oidc?after=/")
    assert status in (303, 409, 422, 502), text
    status, text = await ask(client, "POST", "/me/duo", {})
    assert status in (409, 422, 502), text

    assert listener.reached == []


def test_every_route_that_takes_an_address_is_tried_here() -> None:
    words = ("url", "urls", "host", "issuer", "endpoint", "address", "callback", "webhook")
    taking = set()
    for name, route in ROUTES.items():
        body = route.body_field
        model = getattr(getattr(body, "field_info", None), "annotation", None)
        if any(word in json.dumps(list(getattr(model, "model_fields", {}))) for word in words):
            taking.add(name)

    assert taking <= TAKING, taking - TAKING


async def _ended(client: aiohttp.ClientSession) -> list[dict[str, str]]:
    """Wait until no job is live; return all there are."""
    async with asyncio.timeout(60):
        while True:
            _, text = await ask(client, "GET", "/jobs?limit=200")
            jobs: list[dict[str, str]] = [
                job for job in json.loads(text)["items"] if job["kind"] != "trash.purge"
            ]
            if all(job["state"] in ("done", "failed", "cancelled") for job in jobs):
                return jobs
            await asyncio.sleep(0.2)


def _reasons(text: str) -> set[str]:
    told = json.loads(text)
    found = told.get("items", [told])
    return {str(each.get("reason") or told.get("type", "").rpartition(":")[2]) for each in found}
