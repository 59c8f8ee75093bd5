"""The ways in, as a browser takes them."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from multidict import CIMultiDictProxy

from gatherum.accounts.model import Account, Role
from tests.web.conftest import HERE, Server

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server has said."""

    status: int
    headers: CIMultiDictProxy[str] = field(repr=False)
    text: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.text)

    @property
    def detail(self) -> str:
        return str(self.json["detail"])


@dataclass
class Browser:
    """A browser with one cookie, that of the session; it keeps what it is given."""

    client: aiohttp.ClientSession
    cookie: str = ""

    async def __call__(self, method: str, path: str, json: object = None, **headers: str) -> Answer:
        """Send a request, and keep the cookie of the answer."""
        if self.cookie:
            headers["Cookie"] = self.cookie
        async with self.client.request(
            method, f"/api/v1{path}", json=json, headers=headers
        ) as answer:
            for line in answer.headers.getall("Set-Cookie", []):
                self.cookie = line.partition(";")[0]
            return Answer(answer.status, answer.headers, await answer.text())

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        return await self("POST", "/session", {"name": name, "password": password})


async def browser(server: Server) -> Browser:
    """Open a browser that has never been here."""
    return Browser(await server.client())


async def known(server: Server, name: str = "ada", role: Role = Role.ADMIN) -> Account:
    """Make an account with the password of the tests."""
    account, _ = await server.app.people.admission.add(name, role, PASSWORD, HERE, by="a test")
    return account


async def signed_in(server: Server, name: str = "ada", role: Role = Role.ADMIN) -> Browser:
    """Open a browser in which somebody has signed in; their account is made if need be."""
    if await server.app.people.accounts.find(name) is None:
        await known(server, name, role)
    found = await browser(server)
    assert (await found.sign_in(name)).status == 204
    return found
